"""What was found when an adapter was tried, a line a verb."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

__all__ = ["Found", "lines", "wrong"]


class Found(msgspec.Struct, frozen=True):
    """One line. ``could not``: it said that it cannot now; ``left out``: not tried; ``WRONG``: not as an adapter has to be."""

    verb: str
    verdict: Literal["ok", "could not", "left out", "WRONG"]
    text: str = ""


def wrong(found: Sequence[Found]) -> bool:
    """Whether anything is wrong."""
    return any(item.verdict == "WRONG" for item in found)


def lines(found: Sequence[Found]) -> list[str]:
    """For people, and how many there are of each."""
    rows = [f"{item.verdict:<9}  {item.verb:<20}  {item.text}".rstrip() for item in found]
    counts = {verdict: sum(item.verdict == verdict for item in found) for verdict in ("ok", "could not", "left out", "WRONG")}
    return [*rows, ", ".join([f"{count} {verdict}" for verdict, count in counts.items() if count])]
