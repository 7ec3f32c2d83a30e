"""Things that change, and those who want to be told of it.

Whatever tells is :class:`Watched`: the devices of a guest, a session, the list of channels, the mouse modes. It tells
values; whoever watches names the classes of those that he wants to hear of:

    guest.keyboard.watch(self._locks_changed, LocksChanged)

So nobody who tells has to know who listens, and a channel that is not there yet changes nothing of what tells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Told", "Watched"]

Told = Callable[[Any], None]
"""Is called with what is new."""


class Watched:
    """Tells its watchers in the order in which they came, and those that came with ``last`` behind all others."""

    def __init__(self) -> None:
        self._watchers: list[tuple[Told, tuple[type, ...]]] = []
        self._last: list[tuple[Told, tuple[type, ...]]] = []
        self._wanted: dict[type, tuple[Told, ...]] = {}

    def watch(self, told: Told, *news: type, last: bool = False) -> None:
        """Call ``told`` from now on with what is new, if it is of one of these classes; of any, if none is named.

        ``last`` is for what follows from the same news by more than one step: the mouse mode from the agent.
        """
        (self._last if last else self._watchers).append((told, news))
        self._wanted.clear()

    def unwatch(self, told: Told) -> None:
        """Leave ``told`` alone from now on; one that does not watch is left alone already."""
        self._watchers = [item for item in self._watchers if item[0] != told]
        self._last = [item for item in self._last if item[0] != told]
        self._wanted.clear()

    @property
    def watchers(self) -> int:
        """How many there are."""
        return len(self._watchers) + len(self._last)

    def listeners(self, kind: type) -> tuple[Told, ...]:
        """Who would be told of something of this class: nobody has to make what nobody hears."""
        wanted = self._wanted.get(kind)
        if wanted is None:
            watchers = (*self._watchers, *self._last)
            wanted = tuple([told for told, classes in watchers if not classes or issubclass(kind, classes)])
            self._wanted[kind] = wanted
        return wanted

    def tell(self, news: Any) -> None:
        """Something is new."""
        for told in self.listeners(type(news)):
            told(news)
