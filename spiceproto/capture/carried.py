"""What the byte channels of a capture carry: usbredir packets, the HTTP of a webdav channel, and about smart cards.

Their DATA and COMPRESSED_DATA are handed on like any message; then the bytes go to whoever cuts them into what they are. A
stream that is not what its channel is for is left alone, which is said once.
"""

from __future__ import annotations

from spiceproto import byte_channel, dispatch
from spiceproto.capture.consumer import Consumer, Emit, Reporter
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At
from spiceproto.errors import MissingExtraError, RemoteError
from spiceproto.usbredir import Usbredir
from spiceproto.vsc import Inside
from spiceproto.webdav import NAME, Webdav

__all__ = ["Carried"]

_CARDS = "smartcard"
_CARD_DATA = 101


class Carried:
    """What one connection carries. ``midway``: it may have begun before the capture."""

    def __init__(self, conversation: Conversation, consumer: Consumer, reporter: Reporter, *, midway: bool) -> None:
        self._conversation = conversation
        self._consumer = consumer
        self._reporter = reporter
        self._stream: Usbredir | Webdav | None = self._begin(midway=midway)
        self._over: set[str] = set()
        self._said: set[str] = set()

    def _begin(self, *, midway: bool) -> Usbredir | Webdav | None:
        table = self._conversation.table
        return None if table in ("port", _CARDS) else (Usbredir if table == "usbredir" else Webdav)(midway=midway)

    def go_on(self, source: Carried | None) -> None:
        """What ``source`` carried at another server goes on here; None where that was not seen."""
        if source is not None:
            self._stream, source._stream = source._stream, None
            self._over |= source._over
        elif isinstance(self._stream, Webdav):
            self._stream = Webdav(midway=True)
        else:
            self._stream = self._begin(midway=True)

    def follow(self, sender: str, emit: Emit) -> Emit:
        """``emit``, and behind it what a message of this sender carries."""
        names = {row.number: row.name for row in dispatch.rows(self._conversation.table, sender).values()}

        def carrying(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            emit(number, body, serial, time_ns, frames)
            name = names.get(number)
            if name is not None and sender not in self._over:
                self._take(name, body, At(sender, time_ns, frames[-1]))

        return carrying

    def lose(self, sender: str) -> None:
        """Bytes are missing."""
        if self._stream is not None:
            self._stream.lose(sender)

    def finish(self, at: At, *, ended: bool) -> None:
        """Nothing more will come of this sender, whose end was seen or not."""
        pending = 0 if self._stream is None or at.sender in self._over else self._stream.pending(at.sender)
        if pending and ended:
            self._reporter.report("carried-incomplete", at, actual=f"{pending} bytes")
        elif pending:
            self._reporter.report("carried-not-seen", at, actual=f"{pending} bytes")

    def _take(self, name: str, body: bytes, at: At) -> None:
        if self._conversation.table == _CARDS:
            self._carded(body, at)
        elif name == "INIT":
            self._named(body)
        elif name == "EVENT" and isinstance(self._stream, Webdav):
            self._stream.reset()
        elif self._stream is not None and name in ("DATA", "COMPRESSED_DATA"):
            try:
                self._receive(
                    self._stream,
                    body if name == "DATA" else byte_channel.unpack(dispatch.parse("usbredir", "server", 102, body)),
                    at,
                )
            except (RemoteError, MissingExtraError) as error:
                self._over.add(at.sender)
                self._reporter.report("carried-unknown", at, expected=error.expected, actual=error.actual)

    def _receive(self, stream: Usbredir | Webdav, data: bytes, at: At) -> None:
        for item in stream.receive(at.sender, data):
            self._consumer.carried(self._conversation, at, item)
        if stream.is_midway(at.sender) and at.sender not in self._said:
            self._said.add(at.sender)
            self._reporter.report("carried-midway", at)

    def _named(self, body: bytes) -> None:
        """A port says its name."""
        try:
            name = dispatch.parse("port", "server", 201, body).name
        except RemoteError:
            return
        if self._conversation.table == "port" and name.rstrip(b"\0") == NAME:
            self._stream = Webdav(midway=False)

    def _carded(self, body: bytes, at: At) -> None:
        """A message about smart cards; what cannot be read of its own fields was said before."""
        try:
            data = dispatch.parse(_CARDS, "client", _CARD_DATA, body)
            item = Inside.of(data, command=at.sender == "server")
        except RemoteError:
            return
        if item is not None:
            self._consumer.carried(self._conversation, at, item)
