"""When a message of a recording is said again.

    Causes     behind everything of the target that came before it in the recording
    Window     not more than the acknowledgements of a client allow
    Steps      when somebody presses Enter

What does not come is waited for once, with the usual patience; a target that leaves out several messages is not waited for so
long again.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import IO, Any, Final

from conformance.peer import Peer
from conformance.replay.compared import why_not
from conformance.replay.recording import Channel, Said
from spiceproto.messages import common

__all__ = ["Causes", "Steps", "Window"]

_PATIENT: Final = 3
"""After so many waits in vain only a short quiet time is waited for."""

_READ: Final = 4096
"""Bytes of standard input that are read at once, and of a line that are kept."""

_QUIT: Final = ("q", "quit")
_GO_ON: Final = ("c", "continue")


class Causes:
    """``role`` is that of the target. Messages that nobody compares are not waited for either."""

    def __init__(self, peer: Peer, role: str) -> None:
        self._peer = peer
        self._role = role
        self._wanted: Counter[tuple[Channel, str]] = Counter()
        self._recorded: Counter[tuple[Channel, str]] = Counter()
        self._came: Counter[tuple[Channel, str]] = Counter()
        self._dead: set[Channel] = set()
        self._vain = 0

    def recorded(self, said: Said) -> None:
        """The recording's other side said this."""
        before = self._recorded[said.channel, said.name]
        self._recorded[said.channel, said.name] += 1
        if not why_not(self._role, said.channel[0], said.name, before):
            self._wanted[said.channel, said.name] += 1

    def heard(self, channel: Channel, name: str) -> None:
        """The target said this."""
        self._came[channel, name] += 1

    def dead(self, channel: Channel) -> None:
        """Nothing more comes on a channel."""
        self._dead.add(channel)

    def _due(self) -> list[tuple[Channel, str]]:
        return [key for key, count in self._wanted.items() if self._came[key] < count and key[0] not in self._dead]

    @property
    def patience(self) -> float:
        """Seconds in which the next thing is expected."""
        return self._peer.network.patience if self._vain < _PATIENT else self._peer.network.quiet

    def wait(self) -> None:
        """Let come what is due; what has not come in time is not waited for again."""
        if self._peer.run(lambda: not self._due(), self.patience):
            return
        self._vain += 1
        for key in self._due():
            self._wanted[key] = self._came[key]


class Window:
    """What a server may send on a channel before its client has acknowledged more."""

    def __init__(self) -> None:
        self._generation = self._size = self._open = 0
        self._synced = False

    @property
    def blocked(self) -> bool:
        """Whether an acknowledgement is to come first: two windows are open."""
        return self._size > 0 and self._open > 2 * self._size

    def sent(self, value: Any) -> None:
        """A message of the server went out."""
        self._open += 1
        if isinstance(value, common.SetAck):
            self._generation, self._size, self._open, self._synced = value.generation, value.window, 0, False

    def heard(self, value: Any) -> None:
        """A message of the client came in."""
        if isinstance(value, common.AckSync):
            self._synced = self._synced or value.generation == self._generation
        elif isinstance(value, common.Ack) and self._synced:
            self._open = max(self._open - self._size, 0)

    def give_up(self) -> None:
        """The client acknowledges nothing: it is sent everything all the same."""
        self._size = 0


def _standard_input() -> Iterator[str]:
    """Its lines. Nothing holds the lock of ``sys.stdin`` while it waits, so that the program can end meanwhile."""
    rest = b""
    while data := os.read(sys.stdin.fileno(), _READ):
        *lines, rest = (rest + data).split(b"\n")
        rest = rest[-_READ:]
        yield from [line.decode(errors="replace") for line in lines]


class Steps:
    """Stops in front of each message: Enter says that one, ``c`` all the rest, ``q`` or the end of the input nothing more."""

    def __init__(self, source: Iterable[str] | None = None, out: IO[str] | None = None) -> None:
        self._source = _standard_input() if source is None else source
        self._out = out or sys.stderr
        self._lines: queue.Queue[str] = queue.Queue()
        self._free = False
        threading.Thread(target=self._read, name="steps", daemon=True).start()

    def _read(self) -> None:
        try:
            for line in self._source:
                self._lines.put(line)
        finally:
            self._lines.put(_QUIT[0])

    def next(self, peer: Peer, text: str) -> bool:
        """Whether a message is to be said; the conversation goes on meanwhile."""
        if self._free:
            return True
        print(f"{text}   [Enter, c, q]", file=self._out, flush=True)
        if not peer.network.virtual:
            while not peer.run(lambda: not self._lines.empty(), 1.0):
                pass
        word = self._lines.get().strip().lower()
        self._free = word in _GO_ON
        return word not in _QUIT
