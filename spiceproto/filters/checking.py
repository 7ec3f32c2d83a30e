"""What is wrong with a filter: names and values that mean nothing, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from spiceproto.errors import LocalError
from spiceproto.filters.expression import All, Comparison, Either, Expression, Not, There, Word
from spiceproto.filters.fields import Kind
from spiceproto.filters.matching import comparable, matcher
from spiceproto.filters.names import HEADER, IMAGE, all_names, field_names, image_kind, words
from spiceproto.filters.wireshark import said_here
from spiceproto.filters.words import wrong
from spiceproto.suggestion import expected

__all__ = ["check"]


def check(part: Expression) -> None:
    """Raises LocalError for a part that means nothing."""
    if isinstance(part, Not):
        check(part.inner)
    elif isinstance(part, All | Either):
        for inner in part.parts:
            check(inner)
    elif part.name in HEADER or part.name in IMAGE:
        if isinstance(part, Comparison):
            _check_kind(part, HEADER[part.name].kind if part.name in HEADER else image_kind(part.name))
    else:
        _check_field(part)


def _check_kind(part: Comparison, kind: Kind) -> None:
    if part.name == "image":
        raise wrong("image can not be compared", part.column, expected="image.type, image.width, ...")
    if kind.form == "word":
        known = words(part.name)
        for value in part.values:
            if isinstance(value, Word) and value.value not in known and not _is_unknown(part.name, value.value):
                listing = "or a text in quotes"
                raise wrong(
                    "no such message" if part.name == "name" else f"no such {part.name}",
                    value.column,
                    expected=expected(value.value, known, listing=listing),
                    actual=repr(value.value),
                )
    if matcher(kind, part) is None:
        raise _unfit(part, [kind])


def _is_unknown(name: str, word: str) -> bool:
    head, _, number = word.partition("_")
    return name == "name" and head == "UNKNOWN" and number.isdigit()


def _check_field(part: There | Comparison) -> None:
    kinds: list[Kind] = []
    for _, kind in field_names(part.name.removeprefix(".")):
        kinds.append(kind)
        if isinstance(part, There) or matcher(kind, part) is not None:
            return
    if kinds:
        assert isinstance(part, Comparison)
        raise _unfit(part, kinds)
    known = all_names()
    if part.name.removeprefix(".") in known:
        if isinstance(part, There):
            return
        raise wrong("a structure can not be compared", part.column, expected="one of its fields", actual=repr(part.name))
    raise wrong("no such name", part.column, expected=_meant(part.name, known), actual=repr(part.name))


def _meant(name: str, known: Iterable[str]) -> str:
    """What a name probably means that nobody knows."""
    for asked in ("name", "channel", "direction", "protocol"):
        if name in words(asked):
            return f"{asked} == {name}"
    return said_here(name) or expected(name, known, listing="spiceproto decode --names lists them")


_SAID: Final = {"number": "a number", "bytes": "a text in quotes, or a number of bytes", "word": "a word"}


def _unfit(part: Comparison, kinds: list[Kind]) -> LocalError:
    value, known = part.values[0], comparable(kinds)
    if isinstance(value, Word) and known:
        return wrong(
            f"no such value of {part.name}",
            value.column,
            expected=expected(value.value, known),
            actual=repr(value.value),
        )
    forms = {kind.form for kind in kinds}
    said = [_SAID[form] for form in ("number", "bytes", "word") if form in forms]
    said += ["a name or a number"] if known else []
    return wrong(f"{part.name} can not be compared like this", part.column, expected=" or ".join(said), actual=part.operator)
