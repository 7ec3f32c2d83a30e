"""Ways to print times of a capture: the part before the fraction of a second, which is the same for all of a second.

``relative`` counts from the first thing seen, the others from the epoch: ``absolute`` is the date and time of the local zone,
``utc`` those of UTC, ``epoch`` the seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

__all__ = ["SECOND", "WAYS", "WIDTHS"]

SECOND: Final = 1_000_000_000
"""In ns."""

_DATE = "%Y-%m-%d %H:%M:%S."


def _relative(seconds: int) -> str:
    return f"{seconds:4d}."


def _absolute(seconds: int) -> str:
    return time.strftime(_DATE, time.localtime(seconds))


def _utc(seconds: int) -> str:
    return time.strftime(_DATE, time.gmtime(seconds))


def _epoch(seconds: int) -> str:
    return f"{seconds:10d}."


WAYS: Final[dict[str, Callable[[int], str]]] = {"relative": _relative, "absolute": _absolute, "utc": _utc, "epoch": _epoch}
"""Way -> what is printed of so many seconds."""

WIDTHS: Final = {way: len(show(0)) + 6 for way, show in WAYS.items()}
"""Of a time, with six digits of its fraction."""
