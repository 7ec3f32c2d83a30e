"""Bytes from one side of a connection to the other.

    received    bytes of the sender: to the editor if there is one, else on at once
    put         bytes that go on: through the stages of faults, and out
    ended       the sender says nothing more: so does the direction, behind what waits in it

Whoever wants the sender to wait *holds* it, with a reason; it is read from again when nobody does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from spiceproto.proxy.faults import Fault, Stage, make_stage
from spiceproto.proxy.stream import Stream
from spiceproto.proxy.traffic import Watched

if TYPE_CHECKING:
    from spiceproto.proxy.editor import Editor

__all__ = ["Direction", "Owner"]


class Owner(Protocol):
    """The connection, as far as a direction needs it."""

    def over(self, direction: Direction) -> None:
        """A direction has ended."""

    def cut(self) -> None:
        """The connection ends, behind what is on its way."""

    def reset(self) -> None:
        """The connection is reset."""

    def fault(self, direction: Direction, text: str) -> None:
        """Say what a fault did."""


class Direction:
    """``heard`` are the observers of the sender's wire, ``seen`` those of the receiver's."""

    def __init__(
        self, owner: Owner, sender: str, source: Stream, target: Stream, heard: Watched | None, seen: Watched | None
    ) -> None:
        self.sender = sender
        self.from_client = sender == "client"
        self.source = source
        self.target = target
        self.editor: Editor | None = None
        self.passed = 0
        self.over = False
        self.ending = False
        self.dead = False
        self.cut_off = False
        self._owner = owner
        self._heard = heard
        self._seen = seen
        self._stages: list[Stage] = []
        self._holds: set[object] = set()
        self._delayed: asyncio.TimerHandle | None = None

    # -- bytes

    def received(self, data: bytes) -> None:
        """Bytes of the sender, behind the link stage."""
        if self.dead:
            return
        editor = self.editor
        if editor is None:
            self.put(data)
        else:
            editor.feed(data)
            self.drain()
        if self._heard is not None:
            self._heard.said(self.from_client, data, time.time_ns())

    def put(self, data: bytes) -> None:
        """These go on."""
        if self._stages:
            self._stages[0].feed(data)
        else:
            self._out(data)

    def _out(self, data: bytes) -> None:
        """The last step."""
        if data and not self.dead:
            self.target.write(data)
            self.passed += len(data)
            if self._seen is not None:
                self._seen.said(self.from_client, data, time.time_ns())
        elif self.ending:
            self._finish_if_idle()

    def drain(self) -> None:
        """Send what the editor has ready, as far as nothing has to be waited for."""
        editor = self.editor
        if editor is None or self._delayed is not None:
            return
        ready = editor.ready
        while ready:
            what = ready.popleft()
            if isinstance(what, float):
                self.hold(editor)
                self._delayed = asyncio.get_running_loop().call_later(what, self._waited)
                return
            self.put(what)
        if self.ending:
            self._finish_if_idle()

    def _waited(self) -> None:
        self._delayed = None
        self.drain()
        if self._delayed is None and self.editor is not None:
            self.release(self.editor)

    # -- who waits

    def hold(self, reason: object) -> None:
        """Read no more from the sender."""
        if not self._holds and not self.source.gone:
            self.source.transport.pause_reading()
        self._holds.add(reason)

    def release(self, reason: object) -> None:
        """Read again, if nobody else has a reason."""
        if reason in self._holds:
            self._holds.discard(reason)
            if not self._holds and not self.source.gone and not self.source.transport.is_closing():
                self.source.transport.resume_reading()

    # -- faults

    def add_faults(self, faults: Iterable[Fault]) -> None:
        """Bytes go through these from now on."""
        next: Callable[[bytes], None] = self._stages[0].feed if self._stages else self._out
        for fault in reversed(tuple(faults)):
            self._stages.insert(0, make_stage(fault, self, next, self.passed))
            next = self._stages[0].feed

    def finish(self) -> None:
        """The direction ends here, whatever still comes."""
        self.dead = True
        self._end()

    def cut(self) -> None:
        """So does the connection."""
        self.dead = True
        self._owner.cut()

    def reset(self) -> None:
        """So does the connection, by a reset."""
        self.dead = True
        self._owner.reset()

    def fault(self, text: str) -> None:
        """Say what was done."""
        self._owner.fault(self, text)

    # -- the end

    def abandon(self) -> None:
        """Nobody is there to hear more."""
        if not self.over:
            self.dead = self.over = self.cut_off = True

    def ended(self, *, reset: bool = False) -> None:
        """The sender says nothing more."""
        if self.ending:
            return
        self.ending = True
        if self._heard is not None:
            self._heard.ended(self.from_client, time.time_ns(), reset=reset)
        if self.over:
            if self.cut_off and self._seen is not None:
                self._seen.ended(self.from_client, time.time_ns(), reset=reset)
            return
        if self.editor is not None:
            self.editor.finish()
            self.drain()
        self._finish_if_idle()

    def _finish_if_idle(self) -> None:
        waits = self._delayed is not None or (self.editor is not None and self.editor.ready)
        if not self.over and not waits and all(stage.idle for stage in self._stages):
            self._end()

    def _end(self) -> None:
        if not self.over:
            self.over = True
            self.target.end()
            if self._seen is not None:
                self._seen.ended(self.from_client, time.time_ns())
            self._owner.over(self)
