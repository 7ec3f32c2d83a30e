"""How fast a target is, learned from what it did in this run: how long the suite waits for it, and how long for nothing.

What takes long is silence. Whoever does the wrong thing mostly shows it by silence, which is waited out for ``patience``; and
what must not come is looked out for as long as ``quiet``. Both begin as they were told, and are longer on a slow line.

* ``quiet`` becomes shorter once the target has shown many times that it needs less: many times what all that came was waited
  for, but for the slowest hundredth. On a busy machine everything comes late, and it stays as it was.
* ``patience`` never does, for what a target does late it does. Only a case whose verdict accuses nobody any more is content
  with the ``short_patience``, which is learned from all but the slowest twentieth: what takes long by nature, as closing does,
  is among what is waited for.
* ``sight`` is how long the suite waits until a client shows what it has taken, and ``short_sight`` the same where nothing hangs
  on it: learned from the pictures that became right, but for the slowest twentieth, for there are fewer of them.
"""

from __future__ import annotations

from bisect import insort
from typing import Final

__all__ = ["Pace"]

_ENOUGH: Final = 100
"""So many things have to be waited for and come before anything is learned from it."""

_PICTURES: Final = 10
"""The same of pictures, of which there are fewer."""

_SIGHT: Final = 4.0
"""Seconds that a client on a busy machine may take until what it has taken is seen."""

_QUIET_FACTOR: Final = 10.0
_PATIENCE_FACTOR: Final = 100.0
"""Times the usual longest wait: for what a target does of its own accord, and for what it is asked."""

_LEAST_QUIET: Final = 0.15
_LEAST_SIGHT: Final = 0.15
_LEAST_PATIENCE: Final = 1.0
"""Seconds that are waited for any target: a program that has to wake up, or a machine with other work, takes some."""


class Pace:
    """Of one target.

    ``latency``  the shortest time in which an answer ever came, None before there was one
    """

    def __init__(self, *, patience: float = 5.0, quiet: float = 0.25, learns_quiet: bool = False) -> None:
        self.latency: float | None = None
        self._waits: list[float] = []
        """How long what came was waited for, in order of length."""
        self._seen: list[float] = []
        """The same of pictures, until they were right."""
        self._patience = patience
        self._quiet = quiet
        self._learns_quiet = learns_quiet

    def answered(self, seconds: float) -> None:
        """So long after the first bytes of the suite on a connection, the first of the target came."""
        self.latency = seconds if self.latency is None else min(seconds, self.latency)

    def waited(self, seconds: float) -> None:
        """Something was waited for so long, and came."""
        insort(self._waits, seconds)

    def saw(self, seconds: float) -> None:
        """A picture was looked at for so long, and became right."""
        insort(self._seen, seconds)

    @property
    def patience(self) -> float:
        """Seconds in which the target is expected to answer."""
        return self._patience + (self.latency or 0.0)

    @property
    def short_patience(self) -> float:
        """The same where nothing hangs on it."""
        number = len(self._waits)
        usual = self._waits[number * 19 // 20] if number else 0.0
        return self.patience if number < _ENOUGH else min(self.patience, max(_LEAST_PATIENCE, _PATIENCE_FACTOR * usual))

    @property
    def sight(self) -> float:
        """Seconds in which a picture is expected to become right."""
        return _SIGHT

    @property
    def short_sight(self) -> float:
        """The same where nothing hangs on it."""
        number = len(self._seen)
        return _SIGHT if number < _PICTURES else min(_SIGHT, max(_LEAST_SIGHT, _QUIET_FACTOR * self._seen[number * 19 // 20]))

    @property
    def quiet(self) -> float:
        """Seconds after which what has not come is taken for not coming."""
        # There and back, and as much again for what varies.
        told = self._quiet + 2 * (self.latency or 0.0)
        number = len(self._waits)
        if not self._learns_quiet or number < _ENOUGH:
            return told
        return min(told, max(_LEAST_QUIET, _QUIET_FACTOR * self._waits[number * 99 // 100]))
