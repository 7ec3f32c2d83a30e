"""One program that runs in a guest, and ends when another one begins."""

from __future__ import annotations

from collections.abc import Callable

from reference_server.guest import Guest
from reference_server.watched import Told, Watched

__all__ = ["Program"]


class Program:
    """``guest`` is where it runs, ``displays`` how many screens it has."""

    def __init__(self, guest: Guest, displays: int) -> None:
        self.guest = guest
        self.displays = displays
        self._watched: list[tuple[Watched, Told]] = []
        self._last: list[Callable[[], None]] = []

    def watch(self, device: Watched, told: Told, *news: type) -> None:
        """Listen to a device until the end."""
        self._watched.append((device, told))
        device.watch(told, *news)

    def at_end(self, act: Callable[[], None]) -> None:
        """Do this when it ends."""
        self._last.append(act)

    def stop(self) -> None:
        """Listen no more; what it has drawn stays."""
        for act in self._last:
            act()
        self._last.clear()
        for device, told in self._watched:
            device.unwatch(told)
        self._watched.clear()
