"""One program that runs in a guest, and ends when another one begins.

When the guest goes to another server, the program goes on there: what it draws is there already, and what it remembers it has
said by :meth:`Program.keep`, under names of its own, in plain values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from reference_server.guest import Guest
from reference_server.watched import Told, Watched
from spiceproto.errors import RemoteError

__all__ = ["Program"]


Kept = TypeVar("Kept")


class Program:
    """``guest`` is where it runs, ``displays`` how many screens it has; ``name`` is what it is called.

    ``resumed`` says whether it ran on another server before, and is to draw nothing to begin with.
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

    def watch(self, device: Watched, told: Told, *news: type) -> None:
        """Listen to a device until the end."""
        self._watched.append((device, told))
        device.watch(told, *news)

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
        """Listen no more; what it has drawn stays."""
        for act in self._last:
            act()
        self._last.clear()
        for device, told in self._watched:
            device.unwatch(told)
        self._watched.clear()
