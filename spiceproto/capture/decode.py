"""A capture file from beginning to end: transport, conversations, sessions, and a consumer that takes what they hold."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from spiceproto.capture.consumer import CHANNELS, Consumer, Problem
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.layers import Connection
from spiceproto.capture.sessions import Sessions
from spiceproto.capture.source import Readable
from spiceproto.capture.streams import Capture
from spiceproto.errors import LocalError
from spiceproto.generated.catalogue import TABLES

__all__ = ["CHANNELS", "Decoder"]


class Decoder:
    """Reads one capture.

    ``keylog``     file with TLS secrets (NSS format), besides those in the capture
    ``decode_as``  (server address or None, port) -> channel name, perhaps with ``:id``, or "" for a connection that
                   begins with the link stage: connections to be taken for SPICE whatever they begin with

    After :meth:`run`: ``number`` of messages, ``connections``, ``capture.totals``, and bytes: ``undecoded`` are those that
    nobody could read (malformed or unknown messages, encrypted parts, what was skipped after a gap), ``incomplete`` belong
    to messages that the end of a stream cut off, ``trailing`` follow the end of messages and mean nothing.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | Readable,
        consumer: Consumer,
        *,
        keylog: str | os.PathLike[str] | None = None,
        decode_as: Mapping[tuple[str | None, int], str] | None = None,
        progress: Callable[[int, int | None], object] | None = None,
    ) -> None:
        self.consumer = consumer
        self.sessions = Sessions()
        self.undecoded = 0
        self.incomplete = 0
        self.trailing = 0
        self.connections = 0
        self.number = 0
        self._decode_as = dict(decode_as or {})
        for name in self._decode_as.values():
            channel, _, number = name.partition(":")
            if name and (channel not in TABLES or (number and not number.isdigit())):
                raise LocalError("no such channel", expected=", ".join(CHANNELS), actual=name)
        self.capture = Capture(path, keylog=keylog, decode_as=tuple(self._decode_as), progress=progress)

    def run(self) -> None:
        """Read everything. Raises LocalError or RemoteError for a file that cannot be read; what was read was handed on."""
        try:
            self.capture.run(self._open)
        finally:
            for warning in self.capture.warnings:
                self.consumer.problem(Problem("warning", warning.code, warning.text, frame=warning.frame))

    def _open(self, connection: Connection) -> Conversation:
        self.connections += 1
        channel = self._decode_as.get(connection.server, self._decode_as.get((None, connection.server[1])))
        return Conversation(self, connection, channel=channel if connection.forced and channel else None)
