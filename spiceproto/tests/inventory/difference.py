"""What the inventory holds, and how a difference from the schemas is noted: under a dotted path, with both sides."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent


class Pair(NamedTuple):
    """Both sides of a difference."""

    inventory: object
    schema: object


Found = dict[str, Pair]


@cache
def load(name: str) -> Any:
    """One file of the inventory."""
    return json.loads((FOLDER / f"{name}.json").read_text())


def note(found: Found, path: str, inventory: object, ours: object) -> None:
    """Note both sides, if they differ."""
    if inventory != ours:
        found[path] = Pair(inventory, ours)


def class_name(name: str) -> str:
    """``link_err`` as ``LinkErr``."""
    return "".join(part.capitalize() for part in name.split("_"))
