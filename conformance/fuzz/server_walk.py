"""What is peculiar to a suite that is the server: pictures go where there is a surface, and are small.

A drawn value names any of 2**32 surfaces, and a box anywhere; nearly all of that is drawn nowhere. So most values are fitted:
surface 0, which every session has, boxes on it, frames of streams that are there.
"""

from __future__ import annotations

from typing import Any, Final

from conformance.fuzz.chance import Chance
from conformance.fuzz.value_text import row_named
from spiceproto.derive.json_form import from_json, to_json

__all__ = ["fitted"]

_SHARE: Final = 0.9
_EDGE: Final = 512
"""Pixels within which boxes are put."""

_SMALLEST: Final = 3
"""Numbers of surfaces and streams are below that."""

_KEYS: Final = frozenset({"surface_id", "stream_id", "destroyed_surface_id"})
_EDGES: Final = ("top", "left", "bottom", "right")
_NEVER: Final = frozenset({"SURFACE_CREATE"})


def fitted(table: str, name: str, value: Any, chance: Chance) -> Any:
    """A value that mostly means something where it is said."""
    if table != "display" or name in _NEVER or not chance.happens(_SHARE):
        return value
    data = to_json(value)
    _fit(data, chance)
    return from_json(row_named(table, "server", name).body, data)


def _fit(data: Any, chance: Chance) -> None:
    if isinstance(data, list):
        for item in data:
            _fit(item, chance)
    if not isinstance(data, dict):
        return
    for key, item in data.items():
        if key in _KEYS and isinstance(item, int):
            data[key] = 0 if chance.happens(_SHARE) else chance.random.randrange(_SMALLEST)
        else:
            _fit(item, chance)
    if all(isinstance(data.get(edge), int) for edge in _EDGES):
        top, left = chance.random.randrange(_EDGE), chance.random.randrange(_EDGE)
        size = chance.values.number(0, 64)
        data.update(top=top, left=left, bottom=top + size, right=left + size)
