"""A consumer that is told of what passes, as of a capture that is read; in small turns, between which bytes go on.

What passed waits in a queue, and a turn takes some milliseconds of it: a burst of small messages takes its consumer far longer
than the proxy. The more time the last piece took, the smaller is the next one. When very much waits, the session waits as well.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from spiceproto.capture.consumer import Consumer
from spiceproto.capture.passing import Passing, Seen
from spiceproto.proxy.traffic import Passage, Tell, Watcher

__all__ = ["Decoder"]

_TURN: Final = 0.002
"""Seconds of processor time after which others have their turn."""

_QUICK: Final = 0.0005
"""Seconds for a piece, below which the next one is larger."""

_LEAST: Final = 1 << 11
_MOST: Final = 1 << 18
"""Bytes of a piece."""

_WAITING: Final = 8 << 20
"""Bytes that wait: less than a second of the busiest session."""

_COST: Final = 256
"""What each item costs beside its bytes."""


_Call = Callable[[], None] | None


class _Item:
    """Bytes of a side, or what else happened."""

    __slots__ = ("at", "call", "data", "decoded", "from_client", "time_ns")

    def __init__(
        self, decoded: _Decoded, from_client: bool, data: bytes, time_ns: int, call: Callable[[], None] | None
    ) -> None:
        self.decoded = decoded
        self.from_client = from_client
        self.data = data
        self.time_ns = time_ns
        self.call = call
        self.at = 0


class Decoder:
    """Tells ``consumer``.

    * ``passing``: what it knows of all connections; behind :meth:`settle`, of everything that has passed
    * ``shown``: is called at the end of each turn, for those who gather lines
    * ``tell``: is told when the consumer fails; it hears no more of that connection then
    """

    def __init__(self, consumer: Consumer, shown: Callable[[], object] | None = None, tell: Tell = lambda text: None) -> None:
        self.passing = Passing(consumer)
        self._shown = shown
        self._tell = tell
        self._queue: deque[_Item] = deque()
        self._waiting = 0
        self._size = _LEAST
        self._due = False

    def opened(self, passage: Passage, time_ns: int) -> Watcher:
        """One more connection."""
        return _Decoded(self, self.passing.connection(passage.client, passage.server, passage.layers, time_ns))

    def put(self, item: _Item) -> None:
        """Something has passed."""
        self._queue.append(item)
        self._waiting += len(item.data) + _COST
        if self._waiting > _WAITING:
            self._work(lambda: self._waiting <= _WAITING)
        elif not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._turn)

    def settle(self) -> None:
        """Tell everything that waits."""
        self._work(lambda: False)

    def _turn(self) -> None:
        self._due = False
        end = time.thread_time() + _TURN
        self._work(lambda: time.thread_time() >= end)
        if self._queue:
            self._due = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _work(self, enough: Callable[[], bool]) -> None:
        queue = self._queue
        while queue:
            item = queue[0]
            try:
                over = item.decoded.failed or self._step(item)
            except Exception as error:
                over = item.decoded.failed = True
                self._tell(f"what looks on has failed, and sees no more of this connection: {error!r}")
            if over:
                queue.popleft()
                self._waiting -= len(item.data) + _COST
            if enough():
                break
        if self._shown is not None:
            self._shown()

    def _step(self, item: _Item) -> bool:
        """A piece of it; whether that was the last one."""
        if item.call is not None:
            item.call()
            return True
        begun = time.thread_time()
        data, at, size = item.data, item.at, self._size
        piece = data if not at and len(data) <= size else data[at : at + size]
        item.at = at + len(piece)
        item.decoded.seen.said(item.from_client, piece, item.time_ns)
        took = time.thread_time() - begun
        if took > _TURN:
            self._size = max(size // 2, _LEAST)
        elif took < _QUICK and len(piece) == size:
            self._size = min(size * 2, _MOST)
        return item.at >= len(data)


class _Decoded:
    """One connection."""

    def __init__(self, decoder: Decoder, seen: Seen) -> None:
        self.seen = seen
        self.failed = False
        self._decoder = decoder

    def said(self, from_client: bool, data: bytes, time_ns: int) -> None:
        self._decoder.put(_Item(self, from_client, data, time_ns, None))

    def ended(self, from_client: bool, time_ns: int, *, reset: bool = False) -> None:
        self._call(lambda: self.seen.ended(from_client, time_ns, reset=reset))

    def closed(self, time_ns: int) -> None:
        self._call(lambda: self.seen.closed(time_ns))

    def note(self, text: str) -> None:
        """Only files have comments."""

    def _call(self, call: Callable[[], None]) -> None:
        self._decoder.put(_Item(self, False, b"", 0, call))
