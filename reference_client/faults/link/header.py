"""Faults in the link header (spec/01-link.md, 1.2)."""

from __future__ import annotations

from reference_client.faults.fault import fault
from reference_client.faults.link.asked import OtherLinkMessage
from spiceproto.errors import RemoteError
from spiceproto.link.client import ClientLink
from spiceproto.link.structures import parse_header
from spiceproto.sizes import LINK_HEADER_SIZE


@fault("wrong-magic", "SPICE-LINK-005")
class WrongMagic(OtherLinkMessage):
    """Begins its link header with other letters."""

    def change(self, data: bytearray) -> bytes:
        data[:4] = b"REDX"
        return bytes(data)


@fault("other-minor-version", "SPICE-LINK-010")
class OtherMinorVersion(OtherLinkMessage):
    """Says minor version 3."""

    def change(self, data: bytearray) -> bytes:
        data[8] = 3
        return bytes(data)


@fault("wrong-major-version", "SPICE-LINK-005")
class WrongMajorVersion(OtherLinkMessage):
    """Says major version 1."""

    def change(self, data: bytearray) -> bytes:
        data[4] = 1
        return bytes(data)


@fault("looks-at-minor-version", "SPICE-LINK-009")
class LooksAtMinorVersion(ClientLink):
    """Refuses a server whose minor version is not 2."""

    def on_header(self, data: bytes) -> None:
        if parse_header(data).minor_version != 2:
            raise RemoteError("another minor version")
        super().on_header(data)


def _resized(data: bytearray, size: int) -> bytes:
    """The link message with so many bytes, and a header that says so."""
    body = bytes(data[LINK_HEADER_SIZE:]).ljust(size, b"\0")[:size]
    return bytes(data[:12]) + size.to_bytes(4, "little") + body


@fault("link-message-too-long", "SPICE-LINK-011")
class LinkMessageTooLong(OtherLinkMessage):
    """Pads its link message to 5000 bytes."""

    def change(self, data: bytearray) -> bytes:
        return _resized(data, 5000)


@fault("link-message-too-short", "SPICE-LINK-011")
class LinkMessageTooShort(OtherLinkMessage):
    """Sends a link message of 17 bytes."""

    def change(self, data: bytearray) -> bytes:
        return _resized(data, 17)


@fault("refuses-long-reply", "SPICE-LINK-013")
class RefusesLongReply(ClientLink):
    """Refuses a link reply of more than 512 bytes."""

    def on_header(self, data: bytes) -> None:
        if parse_header(data).size > 512:
            raise RemoteError("a long link reply")
        super().on_header(data)


@fault("waits-for-any-reply-size", "SPICE-LINK-013")
class WaitsForAnyReplySize(ClientLink):
    """Waits for a link reply however long it is said to be."""

    def on_header(self, data: bytes) -> None:
        self.expect("reply", parse_header(data).size, self.on_reply)
