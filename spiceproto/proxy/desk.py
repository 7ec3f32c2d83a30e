"""What the editors of a connection share: the other direction, messages that wait for others, and what is told of rules."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Final

from spiceproto.proxy.editor import Held
from spiceproto.proxy.message import Message

if TYPE_CHECKING:
    from spiceproto.proxy.relay import Relay

__all__ = ["Desk", "Holds", "Told"]

TOLD: Final = 100
"""Effects of a rule that are told one by one; the others are counted."""


class Told:
    """What rules did, in numbers: rule to how often it acted, and how often it failed."""

    def __init__(self) -> None:
        self.acted: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()


class Holds:
    """Messages of all connections that wait for another one, and what rules did."""

    def __init__(self) -> None:
        self.told = Told()
        self._waiting: list[tuple[Held, Desk, str]] = []

    def add(self, held: Held, desk: Desk, sender: str) -> None:
        """One more."""
        self._waiting = [item for item in self._waiting if item[0].waits]
        self._waiting.append((held, desk, sender))

    def passed(self, message: Message) -> None:
        """Who has waited for this goes on, in the next turn."""
        for item in tuple(self._waiting):
            held, desk, sender = item
            if held.until is not None and held.until.fits(message):
                self._waiting.remove(item)
                asyncio.get_running_loop().call_soon(desk.release, held, sender)


class Desk:
    """Of one connection."""

    def __init__(self, relay: Relay, holds: Holds) -> None:
        self._relay = relay
        self._holds = holds

    def passed(self, message: Message) -> None:
        """A message goes on."""
        self._holds.passed(message)

    def inject(self, sender: str, type: int, body: bytes) -> None:
        """A message in the other direction."""
        direction = self._relay.directions[sender]
        if direction.editor is not None and not direction.over:
            direction.editor.inject(type, body)
            direction.drain()

    def told(self, rule: str, message: Message, text: str) -> None:
        """A rule has done something."""
        told = self._holds.told
        told.acted[rule] += 1
        self._relay.note(f"{rule}: {message}: {text}")
        if told.acted[rule] <= TOLD:
            more = "; what it does from now on is counted" if told.acted[rule] == TOLD else ""
            self._relay.station.tell(f"{rule}: connection {self._relay.number}, {message}: {text}{more}")

    def failed(self, rule: str, message: Message, error: Exception) -> None:
        """A rule could not."""
        told = self._holds.told
        told.failed[rule] += 1
        if told.failed[rule] <= TOLD:
            kind = "" if str(error) else type(error).__name__
            self._relay.station.tell(f"{rule} fails: connection {self._relay.number}, {message}: {kind}{error}")

    def wait_for(self, held: Held, sender: str) -> None:
        """A message waits for another one."""
        self._holds.add(held, self, sender)

    def release(self, held: Held, sender: str) -> None:
        """It need not wait any more."""
        held.release()
        self.drain(sender)

    def drain(self, sender: str) -> None:
        """An editor has something ready, out of turn."""
        self._relay.directions[sender].drain()
