"""The sound card: what the guest plays, what it hears, and how loud it is set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from reference_server.guest.value import integer
from reference_server.watched import Watched

__all__ = ["CHANNELS", "Heard", "LevelChanged", "Microphone", "Source", "Speaker", "Switched"]

CHANNELS: Final = 2
"""Sound channels, of what is played and of what is heard."""

FULL: Final = 0xFFFF
"""The highest volume."""

Source = Callable[[int, int, int], NDArray[np.int16]]
"""Gives sound: the number of the first frame since it was switched on, how many, and frames a second; ``int16 (frames, 2)``."""


class Switched(msgspec.Struct, frozen=True):
    """It plays something else, or begins or ends to listen."""


class LevelChanged(msgspec.Struct, frozen=True):
    """The volume is another one, or it was muted or is no more."""


class Heard(msgspec.Struct, frozen=True):
    """A client was heard: ``samples`` are ``int16 (frames, 2)``, ``frequency`` frames a second; ``time`` is on the multimedia
    clock.
    """

    time: int
    frequency: int
    samples: NDArray[np.int16]


class _Level(Watched):
    """``volume`` of the left and of the right channel, 0 to 65535, and whether it is ``muted``. Tells :class:`LevelChanged`."""

    def __init__(self) -> None:
        super().__init__()
        self.volume = (FULL, FULL)
        self.muted = False

    def set_level(self, volume: tuple[int, int], *, muted: bool = False) -> None:
        """Be as loud as this. Raises ValueError for what is no volume."""
        if not isinstance(volume, tuple | list) or len(volume) != CHANNELS:
            raise ValueError(f"a volume is of {CHANNELS} channels, not {volume!r:.40}")
        left, right = [integer("a volume", side, 0, FULL) for side in volume]
        self.volume, self.muted = (left, right), bool(muted)
        self.tell(LevelChanged())


class Speaker(_Level):
    """``source`` is what plays, None for nothing. Tells :class:`Switched` as well."""

    def __init__(self) -> None:
        super().__init__()
        self.source: Source | None = None

    def play(self, source: Source | None) -> None:
        """Play this from now on, from its beginning for each client. Raises ValueError for what can not be called."""
        if source is not None and not callable(source):
            raise ValueError(f"what plays is called for sound, not {type(source).__name__}")
        self.source = source
        self.tell(Switched())


class Microphone(_Level):
    """``listens`` says whether the guest wants to hear anything. Tells :class:`Switched` and :class:`Heard` as well."""

    def __init__(self) -> None:
        super().__init__()
        self.listens = False

    def listen(self, on: bool = True) -> None:
        """Want to hear something, or nothing any more."""
        if on != self.listens:
            self.listens = on
            self.tell(Switched())

    def hear(self, time: int, frequency: int, samples: NDArray[np.int16]) -> None:
        """A client has said this."""
        self.tell(Heard(time, frequency, samples))
