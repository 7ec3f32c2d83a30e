"""Who is told of what happens: controllers that have asked for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Audience", "Listener"]


class Listener:
    """One controller: ``say`` takes the lines for it, ``listens`` is whether events are among them."""

    def __init__(self, say: Callable[[dict[str, Any]], None], *, listens: bool = False) -> None:
        self.say = say
        self.listens = listens


class Audience:
    """All controllers of a program. ``begin`` is called when the first of them listens: nobody has to watch before."""

    def __init__(self, begin: Callable[[], None] | None = None) -> None:
        self._listeners: list[Listener] = []
        self._begin = begin

    def join(self, listener: Listener) -> None:
        """Have one more."""
        self._listeners.append(listener)
        self.listen(listener, listener.listens)

    def leave(self, listener: Listener) -> None:
        """It is gone."""
        self._listeners.remove(listener)

    def listen(self, listener: Listener, on: bool) -> None:
        """It is to be told what happens, or not any more."""
        listener.listens = on
        if on and self._begin is not None:
            begin, self._begin = self._begin, None
            begin()

    def tell(self, line: dict[str, Any]) -> None:
        """Something has happened."""
        for listener in tuple(self._listeners):
            if listener.listens:
                listener.say(line)
