"""The references, with all that they say or some of it under way for a while: in virtual time, so that it costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.case import Case
from conformance.memory import MemoryServerNetwork
from conformance.network import Network
from conformance.reference_target import MemoryClient, MemoryServer
from spiceproto.transport import Action, Close, Send

__all__ = ["LateClient", "LateServer"]


class _Late:
    """An end of which ``what`` reaches nobody before ``delay`` seconds are over.

    ``what``   "everything", "messages" (all but the first answer on a connection), or "closing"
    ``clock``  says what time it is
    """

    def __init__(self, end: Any, delay: float, what: str, clock: Callable[[], float]) -> None:
        self._end = end
        self._delay = delay
        self._what = what
        self._answered: set[int] = set()
        self._clock = clock
        self._under_way: list[tuple[float, Action]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._end, name)

    def take_actions(self) -> list[Action]:
        now = self._clock()
        for action in self._end.take_actions():
            number = id(action.connection)
            late = (
                self._what == "everything"
                or isinstance(action, Close)
                or (self._what == "messages" and number in self._answered)
            )
            self._answered |= {number} if isinstance(action, Send) else set()
            due = now + (self._delay if late else 0.0)
            before = [moment for moment, other in self._under_way if other.connection is action.connection]
            self._under_way.append((max([due, *before]), action))
        self._under_way.sort(key=lambda item: item[0])
        there = []
        while self._under_way and self._under_way[0][0] <= now:
            there.append(self._under_way.pop(0)[1])
        return there

    @property
    def deadline(self) -> float | None:
        own = self._end.deadline
        times = [moment for moment, _ in self._under_way[:1]] + ([own] if own is not None else [])
        return min(times, default=None)

    def tick(self, now: float) -> None:
        if self._end.deadline is not None and self._end.deadline <= now:
            self._end.tick(now)


def _paced(network: Network, delay: float, what: str) -> None:
    """What :mod:`conformance.pace` makes of such a target at the first answer."""
    learned = delay if what == "everything" else 0.0
    network.patience = 5.0 + learned
    network.quiet = 0.25 + 2 * learned


class LateServer(MemoryServer):
    """A server of which ``what`` is late; see :class:`_Late`."""

    def __init__(self, delay: float, what: str) -> None:
        super().__init__("ref:server")
        self._late = delay, what

    def open(self, case: Case) -> Network:
        network: Network = super().open(case)
        assert isinstance(network, MemoryServerNetwork)
        delay, what = self._late
        network.end = _Late(network.end, delay, what, lambda: float(network.now))
        _paced(network, delay, what)
        return network


class LateClient(MemoryClient):
    """A client of which ``what`` is late; see :class:`_Late`."""

    def __init__(self, delay: float, what: str) -> None:
        self._late = delay, what
        super().__init__("ref:client")

    def _make(self, **more: Any) -> Any:
        delay, what = self._late
        return _Late(super()._make(**more), delay, what, lambda: float(self.network.now))

    def open(self, case: Case) -> Network:
        network: Network = super().open(case)
        _paced(network, *self._late)
        return network
