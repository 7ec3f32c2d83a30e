"""Monitors as people write them: WIDTHxHEIGHT+X+Y, with commas between."""

from __future__ import annotations

import re
from typing import Final

from spiceproto import limits
from spiceproto.errors import LocalError
from spiceproto.messages.display import Head

__all__ = ["heads_of"]

_HEAD: Final = re.compile(r"([0-9]{1,5})x([0-9]{1,5})(?:\+([0-9]{1,5})\+([0-9]{1,5}))?")


def heads_of(text: str) -> tuple[Head, ...]:
    """The parts of the primary surface that are monitors, numbered from 0. Raises LocalError."""
    words = text.split(",")
    if len(words) > limits.MONITORS:
        raise LocalError("too many monitors", expected=f"at most {limits.MONITORS}", actual=str(len(words)))
    found = []
    for number, word in enumerate(words):
        match = _HEAD.fullmatch(word.strip())
        if match is None or not int(match[1]) or not int(match[2]):
            raise LocalError("no monitor", expected="WIDTHxHEIGHT or WIDTHxHEIGHT+X+Y", actual=word[:80])
        width, height, x, y = [int(each or 0) for each in match.groups()]
        found.append(Head(monitor_id=number, surface_id=0, width=width, height=height, x=x, y=y, flags=0))
    return tuple(found)
