"""Agent messages that wait for tokens: pieces of one message are never mixed with those of another."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from spiceproto.agent.pieces import HEADER_SIZE, pieces
from spiceproto.agent.tokens import Tokens

__all__ = ["Outbox"]


class Outbox:
    """One direction. ``tokens`` are taken as pieces leave; None where nothing counts (the device side).

    ``waiting`` is the number of bytes of messages that have not left, headers included. Whoever has much to say (a file)
    puts the next message in when that is small, so that others do not wait for long.
    """

    __slots__ = ("_begun", "_queue", "tokens", "waiting")

    def __init__(self, tokens: Tokens | None = None) -> None:
        self.tokens = tokens
        self.waiting = 0
        self._queue: deque[tuple[Iterator[bytes], int]] = deque()
        self._begun = 0

    @property
    def messages(self) -> int:
        """Messages of which something has not left."""
        return len(self._queue)

    def put(self, type: int, body: bytes, *, opaque: int = 0) -> None:
        """One more message. Raises LocalError if it is too long."""
        size = HEADER_SIZE + len(body)
        self._queue.append((pieces(type, body, opaque=opaque), size))
        self.waiting += size

    def take(self, most: int | None = None) -> Iterator[bytes]:
        """Pieces that may leave now, each the ``data`` of one AGENT_DATA; at most ``most`` of them."""
        while self.waiting and most != 0:
            if self.tokens is not None and not self.tokens.take():
                return
            message, size = self._queue[0]
            piece = next(message)
            self._begun += len(piece)
            if self._begun == size:
                self._queue.popleft()
                self._begun = 0
            self.waiting -= len(piece)
            if most is not None:
                most -= 1
            yield piece

    def pack(self) -> tuple[tuple[tuple[bytes, ...], ...], int]:
        """The pieces that have not left, of each message together, and bytes of the first message that have."""
        found = []
        for place, (message, size) in enumerate(tuple(self._queue)):
            rest = tuple(message)
            found.append(rest)
            self._queue[place] = (iter(rest), size)
        return tuple(found), self._begun

    def unpack(self, messages: Iterable[tuple[bytes, ...]], begun: int) -> None:
        """Have the same wait."""
        for rest in messages:
            size = sum(map(len, rest))
            self._queue.append((iter(rest), size + begun))
            self.waiting += size
            self._begun, begun = self._begun or begun, 0

    def drop(self) -> None:
        """The agent is gone, and what waits was for it; a message that has begun to leave is finished (SPICE-AGENT-014)."""
        begun = self._queue[0] if self._begun else None
        self._queue.clear()
        self.waiting = 0
        if begun is not None:
            self._queue.append(begun)
            self.waiting = begun[1] - self._begun
