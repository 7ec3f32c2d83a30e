"""What a target is told from outside in a conversation, so that it speaks of its own accord: verbs with values at random.

Only verbs that are over at once, and that nobody need look after.
"""

from __future__ import annotations

from typing import Any, Final

from conformance.fuzz.chance import Chance
from conformance.fuzz.value_text import compact
from conformance.target import Target
from spiceproto.controls import Control, Role, Value, control

__all__ = ["VERBS", "drawn", "verbs_of"]

VERBS: Final[dict[Role, tuple[str, ...]]] = {
    "server": ("pointer", "lock-keys", "animate", "volume", "port-write", "port-open", "port-break"),
    "client": (
        "motion",
        "position",
        "press",
        "release",
        "wheel",
        "key",
        "modifiers",
        "type",
        "mouse-mode",
        "preferred-compression",
        "port-write",
        "port-open",
        "port-break",
    ),
}

_MOST: Final = {"animate": 3, "wheel": 3, "motion": 100, "position": 600}
"""Largest numbers of verbs of which more does not say more."""

_LAST_KEY: Final = 0x58
_EXTENDED: Final = 0x100
"""Scan codes of a keyboard of 102 keys, and the bit for those behind E0."""

_OCTETS: Final = 24
_LETTERS: Final = "abcXYZ019 .\n"


def verbs_of(target: Target) -> tuple[str, ...]:
    """Verbs of a target that a conversation may use."""
    rows = [control(target.role, verb) for verb in VERBS[target.role]]
    return tuple([row.verb for row in rows if target.meets(row.need) and not target.one_picture])


def drawn(role: Role, verb: str, chance: Chance) -> str:
    """The words of a step behind ``do``: a verb, and values for it."""
    row = control(role, verb)
    values = {value.name: _value(row, value, chance) for value in row.values if _is_given(value)}
    return f"{verb} {compact(values)}" if values else verb


def _is_given(value: Value) -> bool:
    return value.name not in ("display", "name", "port")


def _value(row: Control, value: Value, chance: Chance) -> Any:
    if row.verb == "key" and value.name == "code":
        return chance.random.randint(1, _LAST_KEY) | (_EXTENDED if chance.happens(0.2) else 0)
    if value.name == "down":
        return True  # what was never pressed is not released
    match value.kind:
        case "choice":
            return chance.one_of(value.choices)
        case "boolean":
            return chance.happens(0.5)
        case "hexadecimal":
            return chance.random.randbytes(chance.random.randint(1, _OCTETS)).hex()
        case "text":
            return "".join([chance.one_of(_LETTERS) for _ in range(chance.random.randint(1, 8))])
    most = _MOST.get(row.verb, 0xFFFF if value.most is None else value.most)
    least = value.least or 0
    return chance.random.randint(max(least, -most), most)
