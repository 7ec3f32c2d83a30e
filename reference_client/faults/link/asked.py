"""A line that sends another link message than the right one."""

from __future__ import annotations

from reference_client.line import Line
from spiceproto.link.client import ClientLink

__all__ = ["OtherLinkMessage"]


class OtherLinkMessage(Line):
    """Sends what :meth:`change` makes of the right link message and its header."""

    def change(self, data: bytearray) -> bytes:
        return bytes(data)

    def make_link(self) -> ClientLink:
        link = super().make_link()
        link.unsent[:] = [self.change(bytearray(link.unsent[0]))]
        return link
