"""One connection in its link stage: bytes sent as they are, answers read by hand."""

from __future__ import annotations

from typing import Final

from conformance.network import Stream
from conformance.outcome import Failure
from conformance.peer import Peer

__all__ = ["Wire"]

_SHOWN: Final = 16
"""Bytes of what came instead that are shown."""


class Wire:
    """A connection, as raw as a case likes it."""

    def __init__(self, peer: Peer, stream: Stream) -> None:
        self.peer = peer
        self.stream = stream

    @property
    def number(self) -> int:
        """Which connection of the case this is."""
        return self.stream.number

    def step(self, text: str) -> None:
        """Write down what comes next."""
        self.peer.step(text, self.number)

    # -- out

    def send(self, data: bytes, text: str = "") -> None:
        """Bytes as they are."""
        if text:
            self.step(f"send {text}")
        self.stream.send(data)

    def send_apart(self, data: bytes, text: str) -> None:
        """Bytes as they are, each in a write of its own."""
        self.step(f"send {text}, a byte at a time")
        for at in range(len(data)):
            self.stream.send(data[at : at + 1])

    def spoil(self, why: str) -> None:
        """What the suite does here confuses the rules: from now on only the case itself judges this connection."""
        self.peer.note(f"the rules do not judge this connection: {why}")
        self.stream.line.spoiled = True

    def close(self) -> None:
        """End the connection."""
        self.stream.close()

    # -- in

    def take(self, size: int, within: float | None = None) -> bytes | None:
        """The next ``size`` bytes of the target; None if they do not come."""
        received = self.stream.received
        self.peer.run(lambda: len(received) >= size or bool(self.stream.ended), within)
        if len(received) < size:
            return None
        data = bytes(received[:size])
        del received[:size]
        return data

    def need(self, size: int, what: str) -> bytes:
        """The next ``size`` bytes. Raises Failure."""
        data = self.take(size)
        if data is None:
            raise Failure(what, self.state())
        return data

    def state(self) -> str:
        """How the connection stands, for people."""
        rest = f", {len(self.stream.received)} bytes unread" if self.stream.received else ""
        if self.stream.ended:
            return f"the connection was {self.stream.ended}{rest}"
        return f"nothing for {self.peer.network.patience:.3g} s{rest}"

    def _unread(self) -> str:
        received = self.stream.received
        return f"{len(received)} bytes: {bytes(received[:_SHOWN]).hex()}"

    def expect_closed(self, within: float | None = None, *, rest: bool = False, why: str = "") -> None:
        """The target closes, and says nothing before that (unless ``rest``). Raises Failure."""
        self.step("expect the connection to be closed")
        reason = f" ({why})" if why else ""
        if not self.peer.run(lambda: bool(self.stream.ended), within):
            raise Failure(f"the connection is closed{reason}", self.state())
        if self.stream.received and not rest:
            raise Failure(f"the connection is closed without another byte{reason}", self._unread())

    def expect_silence(self, why: str, seconds: float | None = None, *, open: bool = False) -> None:
        """No byte comes, and with ``open`` the connection stays. Raises Failure."""
        self.step(f"expect nothing: {why}")
        self.silent(seconds)
        if self.stream.received:
            raise Failure(f"no byte ({why})", self._unread())
        if open and self.stream.ended:
            raise Failure(f"the connection stays open ({why})", self.state())

    def silent(self, seconds: float | None = None) -> bool:
        """Whether nothing came and the connection stayed."""
        quiet = self.peer.network.quiet if seconds is None else seconds
        self.peer.run(lambda: bool(self.stream.received) or bool(self.stream.ended), quiet)
        return not self.stream.received and not self.stream.ended
