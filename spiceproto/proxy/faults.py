"""What a bad network does to a direction, by name. Each fault is a stage through which its bytes go on their way out.

    slice       in pieces of ``size`` bytes (1), each by itself; ``length`` bytes are sliced, all by default
    coalesce    together: ``size`` bytes (65536) are gathered, or what there is after ``seconds`` (0.05)
    delay       later, by ``seconds`` (0.1)
    half-close  nothing from byte ``at`` on: this direction ends, the other one goes on
    truncate    nothing from byte ``at`` on: the connection ends
    reset       nothing from byte ``at`` on: the connection is reset
    stall       nothing from byte ``at`` on, for ``seconds``, or for ever; the connection stays

``at`` counts the bytes of the direction, link stage and all, from 0; for those who gather, cut or delay it is where that
begins. ``sender`` ("client" or "server") and ``channel`` say which directions have the fault, all by default.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import msgspec

from spiceproto.channels import NAMES
from spiceproto.errors import LocalError
from spiceproto.suggestion import expected

__all__ = ["FAULTS", "Fault", "Stage", "Way", "make_fault", "make_stage", "parse_fault"]


class Way(Protocol):
    """A direction, as far as a fault needs it."""

    def put(self, data: bytes) -> None:
        """These bytes go to the peer."""

    def hold(self, reason: object) -> None:
        """Read no more from the sender."""

    def release(self, reason: object) -> None:
        """Read again."""

    def finish(self) -> None:
        """The direction ends."""

    def cut(self) -> None:
        """The connection ends, behind what is on its way."""

    def reset(self) -> None:
        """The connection is reset."""

    def fault(self, text: str) -> None:
        """Say what was done."""


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fault, see above; a number that is None is the fault's own."""

    name: str
    sender: str = ""
    channel: str = ""
    at: int = 0
    size: int | None = None
    length: int | None = None
    seconds: float | None = None

    def check(self, where: str = "") -> None:
        """Raise LocalError for what there is not."""
        if self.name not in FAULTS:
            raise LocalError("no such fault", where=where, expected=expected(self.name, FAULTS), actual=self.name)
        if self.sender not in ("", "client", "server"):
            raise LocalError("no such sender", where=where, expected="client or server", actual=self.sender)
        if self.channel and self.channel not in NAMES:
            raise LocalError("no such channel", where=where, expected=expected(self.channel, NAMES), actual=self.channel)
        known = FAULTS[self.name][1]
        for name in ("size", "length", "seconds"):
            found = getattr(self, name)
            if found is not None and name not in known:
                raise LocalError(
                    f"{self.name} has no {name}", where=where, expected=", ".join((*known, "at", "sender", "channel"))
                )
            if found is not None and not 0 < found < math.inf:
                raise LocalError(f"not a number: {name}", where=where, expected="more than 0", actual=str(found))
        if self.at < 0:
            raise LocalError("not a place", where=where, expected="a number of bytes", actual=str(self.at))


def parse_fault(text: str) -> Fault:
    """``reset:at=1000,sender=server`` as a fault. Raises LocalError."""
    name, _, rest = text.partition(":")
    found: dict[str, object] = {"name": name}
    for item in filter(None, rest.split(",")):
        key, equals, value = item.partition("=")
        if not equals:
            raise LocalError("not an option of a fault", expected="NAME=VALUE", actual=repr(item))
        kind = _KEYS.get(key, str)
        try:
            found[key] = value if kind is str else kind(value)
        except ValueError:
            raise LocalError(f"not a number: {key}", expected=_EXPECTED[kind], actual=repr(value)) from None
    return make_fault(found)


def make_fault(item: Mapping[str, object], where: str = "") -> Fault:
    """A fault by its keys. Raises LocalError."""
    if "name" not in item:
        raise LocalError("not a fault", where=where, expected="a name", actual=", ".join(item) or "nothing")
    for key, value in item.items():
        if key not in _KEYS:
            raise LocalError("no such option of a fault", where=where, expected=expected(key, _KEYS), actual=key)
        kind = _KEYS[key]
        if isinstance(value, bool) or not isinstance(value, (int, float) if kind is float else kind):
            raise LocalError(f"not a value of {key}", where=where, expected=_EXPECTED[kind], actual=repr(value))
    fault = msgspec.convert(item, Fault)
    fault.check(where)
    return fault


_KEYS: Final[dict[str, type]] = {
    "name": str,
    "sender": str,
    "channel": str,
    "at": int,
    "size": int,
    "length": int,
    "seconds": float,
}
_EXPECTED: Final = {str: "text", int: "a whole number", float: "a number"}


class Stage:
    """Bytes come in by :meth:`feed`, and go on to ``next``."""

    def __init__(self, fault: Fault, way: Way, next: Callable[[bytes], None], passed: int) -> None:
        """``passed`` bytes of the direction have gone before."""
        self.spec = fault
        self.way = way
        self.next = next
        self._before = max(fault.at - passed, 0)
        self._told = False

    def feed(self, data: bytes) -> None:
        """Bytes on their way."""
        if self._before:
            head, data = data[: self._before], data[self._before :]
            self._before -= len(head)
            self.next(head)
        if not self._before:
            if not self._told and (data or not self.waits_for_bytes):
                self._told = True
                self.way.fault(self.spec.name)
            self.act(data)

    waits_for_bytes = True
    """The fault begins with the byte at its place, not behind the one before it."""

    def act(self, data: bytes) -> None:
        """What the fault does; ``data`` may be empty."""
        raise NotImplementedError

    @property
    def idle(self) -> bool:
        """Nothing waits here."""
        return True


class _Queued(Stage):
    """Bytes wait here; too many stop the sender."""

    _MOST: Final = 16 << 20

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._queue: deque[tuple[float, bytes]] = deque()
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def keep(self, due: float, data: bytes) -> None:
        if data:
            self._queue.append((due, data))
            self._size += len(data)
            if self._size > self._MOST:
                self.way.hold(self)
            self.wait()

    def wait(self) -> None:
        if self._timer is None and self._queue:
            self._timer = self._loop.call_at(self._queue[0][0], self._due)

    def _due(self) -> None:
        self._timer = None
        self.take()
        if self._size <= self._MOST:
            self.way.release(self)
        self.wait()
        if not self._queue:
            self.next(b"")

    def take(self) -> None:
        now = self._loop.time() + 1e-6
        while self._queue and self._queue[0][0] <= now:
            _, data = self._queue.popleft()
            self._size -= len(data)
            self.next(data)

    @property
    def idle(self) -> bool:
        return not self._queue


class _Delay(_Queued):
    def act(self, data: bytes) -> None:
        self.keep(self._loop.time() + (self.spec.seconds or 0.1), data)


class _Slice(_Queued):
    """One piece a turn of the loop, so that each is a segment."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._left = self.spec.length

    def act(self, data: bytes) -> None:
        if self._left is None or self._queue:
            self.keep(0.0, data)
            return
        head, rest = data[: self._left], data[self._left :]
        if head:
            self.keep(0.0, head)
        if rest and self._queue:
            self.keep(0.0, rest)
        elif rest:
            self.next(rest)

    def take(self) -> None:
        _, data = self._queue.popleft()
        step = self.spec.size or 1
        if self._left is not None:
            step = min(step, self._left) if self._left else len(data)
            self._left -= min(self._left, step)
        self._size -= len(data[:step])
        if len(data) > step:
            self._queue.appendleft((0.0, data[step:]))
        self.next(data[:step])


class _Coalesce(_Queued):
    def act(self, data: bytes) -> None:
        self.keep(self._loop.time() + (self.spec.seconds or 0.05), data)
        if self._size >= (self.spec.size or 1 << 16):
            self.take()

    def take(self) -> None:
        whole = b"".join([data for _, data in self._queue])
        self._queue.clear()
        self._size = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.next(whole)


class _End(Stage):
    """At a place something happens to the connection, and nothing goes on."""

    waits_for_bytes = False

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._done = False

    def act(self, data: bytes) -> None:
        if not self._done:
            self._done = True
            self.happen()

    def happen(self) -> None:
        """What happens."""


class _HalfClose(_End):
    def happen(self) -> None:
        self.way.finish()


class _Truncate(_End):
    def happen(self) -> None:
        self.way.cut()


class _Reset(_End):
    def happen(self) -> None:
        self.way.reset()


class _Stall(Stage):
    """What came is kept: the sender is not read from."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._kept: list[bytes] | None = []

    def act(self, data: bytes) -> None:
        if self._kept is None:
            self.next(data)
            return
        if not data:
            return
        if not self._kept:
            self.way.hold(self)
            if self.spec.seconds is not None:
                asyncio.get_running_loop().call_later(self.spec.seconds, self._go_on)
        self._kept.append(data)

    def _go_on(self) -> None:
        kept, self._kept = self._kept or [], None
        self.next(b"".join(kept))
        self.way.release(self)

    @property
    def idle(self) -> bool:
        return not self._kept


FAULTS: Final[dict[str, tuple[type[Stage], tuple[str, ...]]]] = {
    "slice": (_Slice, ("size", "length")),
    "coalesce": (_Coalesce, ("size", "seconds")),
    "delay": (_Delay, ("seconds",)),
    "half-close": (_HalfClose, ()),
    "truncate": (_Truncate, ()),
    "reset": (_Reset, ()),
    "stall": (_Stall, ("seconds",)),
}
"""Name to the stage, and the numbers that it has besides ``at``."""


def make_stage(fault: Fault, way: Way, next: Callable[[bytes], None], passed: int) -> Stage:
    """The stage of a fault."""
    return FAULTS[fault.name][0](fault, way, next, passed)
