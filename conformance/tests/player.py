"""An end that answers as it was told, and a connection to it."""

from __future__ import annotations

from collections.abc import Callable

from conformance.memory import MemoryServerNetwork
from conformance.peer import Peer
from conformance.tests.test_memory import Echo
from conformance.wire import Wire
from spiceproto.transport import Close, Connection, Send

__all__ = ["Player", "wired"]


class Player(Echo):
    """An end that answers as it was told; no answer is to close."""

    def __init__(self, answer: Callable[[bytes], bytes | None] = lambda data: b"", *, deadline: float | None = None) -> None:
        super().__init__(deadline=deadline)
        self.answer = answer

    def receive(self, connection: Connection, data: bytes, now: float) -> None:
        self.got.append(data)
        answer = self.answer(data)
        if answer is None:
            self._actions.append(Close(connection))
        elif answer:
            self._actions.append(Send(connection, answer))


def wired(end: Player) -> Wire:
    network = MemoryServerNetwork(end)
    return Wire(Peer(network), network.connect())
