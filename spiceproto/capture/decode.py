"""A capture file from beginning to end: transport, SPICE, sessions, and a consumer that takes what they hold."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from spiceproto.capture.consumer import Consumer
from spiceproto.capture.decoding import Decoding
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.capture.glance import is_disordered
from spiceproto.capture.layers import Connection
from spiceproto.capture.places import Named, Places
from spiceproto.capture.source import Readable
from spiceproto.capture.spice import Spice
from spiceproto.capture.streams import Capture
from spiceproto.channels import NAMES
from spiceproto.errors import LocalError
from spiceproto.generated.catalogue import TABLES

__all__ = ["Decoder"]


class Decoder(Decoding):
    """Reads one capture.

    * ``keylog``: file with TLS secrets (NSS format), besides those in the capture
    * ``in_order``: answers are told behind their questions, for those who judge them; None: if the file needs it
    * ``decode_as``: (server address or None, port), or the same of a client and a server in a row -> channel name, perhaps
      with ``:id``, or "" for a connection that begins with the link stage: connections to be taken for SPICE whatever they
      begin with
    * ``live``: the capture and the key log are still being written
    """

    capture: Capture

    def __init__(
        self,
        path: str | os.PathLike[str] | Readable,
        consumer: Consumer,
        *,
        keylog: str | os.PathLike[str] | None = None,
        decode_as: Named | None = None,
        in_order: bool | None = None,
        progress: Callable[[int, int | None], object] | None = None,
        live: bool = False,
    ) -> None:
        self._named = Places(decode_as or {})
        for name in (decode_as or {}).values():
            channel, _, number = name.partition(":")
            if name and (channel not in TABLES or (number and not number.isdigit())):
                raise LocalError("no such channel", expected=", ".join(NAMES), actual=name)
        if in_order is None:
            in_order = not live and is_disordered(path)
        capture = Capture(
            path, keylog=keylog, decode_as=tuple(decode_as or {}), in_order=in_order, progress=progress, live=live
        )
        super().__init__(capture, consumer)

    def run(self) -> None:
        """Read everything. Raises LocalError or RemoteError for a file that cannot be read; what was read was handed on."""
        for _ in self.steps():
            pass

    def steps(self) -> Iterator[None]:
        """:meth:`run` in pieces of some 100 KB."""
        try:
            yield from self.capture.steps(self._open)
        finally:
            for warning in self.capture.warnings:
                at = At("", 0, warning.frame)
                self.consumer.problem(Diagnostic(severity=warning.severity, code=warning.code, text=warning.text, at=at))
            more = self.capture.warning_count - len(self.capture.warnings)
            if more:
                text = f"warnings about the file that are not shown: {more}"
                self.consumer.problem(Diagnostic(severity="warning", code="more-warnings", text=text, at=At("", 0, 0)))
            self.conclude()

    def _open(self, connection: Connection) -> Spice:
        self.connections += 1
        channel = self._named.find(connection.client, connection.server)
        found = connection.recognised
        if found is not None:
            return Spice(self, connection, channel=found.channel, mini=found.mini)
        return Spice(self, connection, channel=channel if connection.forced and channel else None)
