"""One program that runs in a guest, and ends when another one begins.

When the guest goes to another server, the program goes on there: what it draws is there already, and what it remembers it has
said by :meth:`Program.keep`, under names of its own, in plain values.

What others do for it on threads of their own reaches it by :meth:`Program.call`: devices are touched in the turn of the server
alone. A thread that calls faster than the server does waits, so others have their turn, and little is kept.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from reference_server.guest import Guest
from reference_server.guest.sound import Source
from reference_server.watched import Told, Watched
from spiceproto.errors import LocalError, RemoteError

__all__ = ["A_TURN", "CALLS", "Program"]

CALLS: Final = 64
"""Calls that wait for their turn; a thread that wants one more waits."""

A_TURN: Final = 16
"""Calls that are done before everybody else of the server has a turn."""


Kept = TypeVar("Kept")


class Program:
    """``guest`` is where it runs, ``displays`` how many screens it has; ``name`` is what it is called.

    ``resumed`` says whether it ran on another server before, and is to draw nothing to begin with. ``wake`` is called on any
    thread when :meth:`answer_calls` is to be.
    """

    def __init__(self, guest: Guest, displays: int, name: str = "", had: Mapping[str, Any] | None = None) -> None:
        self.guest = guest
        self.displays = displays
        self.name = name
        self.resumed = had is not None
        self._had = had or {}
        self._keeps: dict[str, Callable[[], Any]] = {}
        self._watched: list[tuple[Watched, Told]] = []
        self._last: list[Callable[[], None]] = []
        self._plays = self._ended = self._gone = self._woken = False
        self._calls: deque[Callable[[], None]] = deque()
        self._room = threading.Condition()
        self._thread = threading.get_ident()
        self.wake: Callable[[], None] = lambda: None

    def guarded(self, act: Callable[..., Any]) -> Callable[..., Any]:
        """The same, for the server to call."""
        return act

    def fail(self, error: BaseException | str) -> None:
        """In the turn of the server: it can not go on, for this reason."""
        raise LocalError(error) if isinstance(error, str) else error

    def watch(self, device: Watched, told: Told, *news: type) -> None:
        """Listen to a device until the end: ``told`` is called with what is new, if it is of one of these classes."""
        guarded = self.guarded(told)
        self._watched.append((device, guarded))
        device.watch(guarded, *news)

    def every(self, period: float, act: Callable[[int], None]) -> None:
        """Do this every ``period`` seconds until the end, and once at the beginning; it is called with how many have passed.

        Raises LocalError for what is no such time.
        """
        if not isinstance(period, int | float) or not math.isfinite(period) or period <= 0:
            raise LocalError("no period", expected="seconds, more than 0", actual=repr(period)[:80])
        beat = self.guest.timer.every(period, self.guarded(act))
        self.at_end(lambda: self.guest.timer.stop(beat))

    def play(self, source: Source) -> None:
        """Play this until the end, or until something else is played."""
        if not self._plays:
            self._plays = True
            self.at_end(lambda: self.guest.speaker.play(None))
        self.guest.speaker.play(self.guarded(source))

    def call(self, act: Callable[[], None]) -> None:
        """On any thread: do this in the turn of the server. A thread waits as long as :data:`CALLS` wait already.

        Raises LocalError in the turn of the server if so many wait: nobody would do any; on another thread SystemExit if the
        program has ended: the thread is to end, and does so without a word if it catches nothing.
        """
        its_turn = threading.get_ident() == self._thread
        with self._room:
            while len(self._calls) >= CALLS and not self._ended:
                if its_turn:
                    raise LocalError("too many calls in one turn of the server", expected=f"at most {CALLS}")
                self._room.wait()
            if self._gone and not its_turn:
                raise SystemExit
            if self._ended:
                return
            self._calls.append(act)
            wakes, self._woken = not self._woken, True
        if wakes:
            self.wake()

    def answer_calls(self) -> None:
        """In the turn of the server: do what was called for, or some of it, and be woken again."""
        self._thread = threading.get_ident()
        for _ in range(A_TURN):
            with self._room:
                if self._ended or not self._calls:
                    break
                act = self._calls.popleft()
                self._room.notify()
            self.guarded(act)()
        with self._room:
            more = self._woken = bool(self._calls)
        if more:
            self.wake()

    def at_end(self, act: Callable[[], None]) -> None:
        """Do this when it ends."""
        self._last.append(act)

    def keep(self, name: str, tell: Callable[[], Any]) -> None:
        """This goes along to another server; there :meth:`had` has it."""
        self._keeps[name] = tell

    def had(self, name: str, kind: type[Kept], otherwise: Kept) -> Kept:
        """What it remembers from another server. Raises RemoteError for what is no ``kind``."""
        try:
            return msgspec.convert(self._had[name], kind) if name in self._had else otherwise
        except msgspec.ValidationError as error:
            raise RemoteError(f"what {self.name} remembers: {error}", path=f"program.{name}") from None

    def pack(self) -> dict[str, Any]:
        """What it remembers now."""
        return {name: tell() for name, tell in self._keeps.items()}

    def stop(self) -> None:
        """Listen no more; what it has drawn stays, what was called for and not done is lost."""
        with self._room:
            self._ended = True
            self._calls.clear()
            self._room.notify_all()
        last, self._last = self._last, []
        for act in last:
            self.guarded(act)()
        for device, told in self._watched:
            device.unwatch(told)
        self._watched.clear()
        with self._room:  # what ends by :meth:`at_end` may call until then
            self._gone = True
            self._room.notify_all()
