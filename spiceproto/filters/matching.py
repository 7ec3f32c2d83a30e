"""Whether a value is what a comparison asks for."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.filters.expression import Comparison, Literal, Number, Range, Text, Word
from spiceproto.filters.fields import Kind
from spiceproto.filters.words import wrong

__all__ = ["Match", "comparable", "matcher", "members"]

Match = Callable[[Any], bool]

_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": operator.eq,
}
"""``!=`` is asked of all values at once: it is the opposite of ``==`` where there is a value."""

_EQUAL: Final = ("==", "!=", "in")


def matcher(kind: Kind, asked: Comparison) -> Match | None:
    """What says whether a value of this kind fits; None where none can be compared like this. Raises LocalError."""
    if asked.operator == "matches":
        return _pattern(kind, asked.values[0])
    parts = [_one(kind, asked.operator, value) for value in asked.values]
    found = [part for part in parts if part is not None]
    if len(found) < len(parts):
        return None
    return found[0] if len(found) == 1 else lambda value: any(part(value) for part in found)


def _one(kind: Kind, sign: str, asked: Literal) -> Match | None:
    if kind.form == "bytes":
        return _bytes(sign, asked)
    if kind.form == "word":
        return _word(sign, asked)
    if isinstance(asked, Range):
        low, high = asked.low.value, asked.high.value
        return lambda value: low <= value <= high
    wanted = _number(kind, asked)
    if wanted is None:
        return None
    if sign == "contains":
        return None if kind.form != "flags" else lambda value: int(value) & wanted == wanted
    compare = _ORDER[sign]
    return lambda value: compare(value, wanted)


def _number(kind: Kind, asked: Literal) -> Any:
    if isinstance(asked, Number):
        return asked.value
    if isinstance(asked, Word) and kind.table is not None:
        return members(kind.table).get(asked.value)
    return None


def members(table: type[WireEnum] | type[WireFlags]) -> dict[str, int]:
    """Name to number, the names as everywhere in reports: without the underscore that Python asks for."""
    return {name.removeprefix("_"): int(member) for name, member in table.__members__.items()}


def _bytes(sign: str, asked: Literal) -> Match | None:
    if isinstance(asked, Text | Word):
        wanted = asked.value if isinstance(asked, Text) else asked.value.encode()
        if sign == "contains":
            return lambda value: wanted in bytes(value)
        return None if sign not in _EQUAL else lambda value: bytes(value).rstrip(b"\0") == wanted.rstrip(b"\0")
    if sign == "contains":
        return None
    if isinstance(asked, Range):
        low, high = asked.low.value, asked.high.value
        return lambda value: low <= len(value) <= high
    size, compare = asked.value, _ORDER[sign]
    return lambda value: compare(len(value), size)


def _word(sign: str, asked: Literal) -> Match | None:
    if not isinstance(asked, Text | Word) or sign not in (*_EQUAL, "contains"):
        return None
    wanted = asked.value.decode("utf-8", "replace") if isinstance(asked, Text) else asked.value
    return (lambda value: wanted in value) if sign == "contains" else (lambda value: bool(value == wanted))


def _pattern(kind: Kind, asked: Literal) -> Match | None:
    if not isinstance(asked, Text):
        raise wrong("a pattern is missing", asked.column, expected="a regular expression in quotes")
    try:
        of_bytes = re.compile(asked.value)
        of_words = re.compile(asked.value.decode("utf-8", "replace"))
    except re.error as error:
        raise wrong("no regular expression", asked.column, actual=str(error)) from None
    if kind.form == "bytes":
        return lambda value: of_bytes.search(bytes(value)) is not None
    if kind.form == "word":
        return lambda value: of_words.search(value) is not None
    return None


def comparable(kinds: Iterable[Kind]) -> list[str]:
    """The words that values of these kinds may be compared with."""
    return list(dict.fromkeys(word for kind in kinds if kind.table is not None for word in members(kind.table)))
