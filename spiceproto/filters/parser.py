"""The text of a filter as an expression.

    either      = all { "or" all }
    all         = one { "and" one }
    one         = "not" one | "(" either ")" | name [ operator value | ["not"] "in" "(" item { "," item } ")" ]
    operator    = "==" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "matches"
    value       = number | word | text in quotes
    item        = value | number ".." number

``&&``, ``||`` and ``!`` are and, or and not; braces are as good as parentheses around items. What words mean is for
:mod:`spiceproto.filters.names`.
"""

from __future__ import annotations

from typing import Final

from spiceproto.filters.expression import All, Comparison, Either, Expression, Literal, Not, Number, Range, Text, There, Word
from spiceproto.filters.words import Token, tokens, wrong

__all__ = ["parse"]

_DEEPEST: Final = 100
"""Expressions inside of each other: more is no filter that a person wrote."""

_DIGITS: Final = 100
"""Of a number: no field holds one of more."""

_SIGNS: Final = ("==", "!=", "<", "<=", ">", ">=")
_KEYWORDS: Final = ("and", "or", "not", "in", "contains", "matches")
_BRACKETS: Final = {"(": ")", "{": "}"}


def parse(text: str) -> Expression:
    """Raises LocalError, with the column."""
    reading = _Reading(tokens(text))
    found = reading.either(0)
    last = reading.next
    if last.kind != "end":
        raise wrong("something is left over", last.column, expected="and, or, or the end", actual=last.shown)
    return found


class _Reading:
    def __init__(self, row: list[Token]) -> None:
        self._row = row
        self._place = 0

    @property
    def next(self) -> Token:
        return self._row[self._place]

    def _take(self) -> Token:
        found = self._row[self._place]
        self._place += found.kind != "end"
        return found

    def _has(self, *said: str) -> bool:
        """Whether one of these words or signs is next; it is taken then."""
        found = self.next.kind in ("word", "sign") and self.next.text in said
        self._place += found
        return found

    def either(self, depth: int) -> Expression:
        parts = [self._all(depth)]
        while self._has("or"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _all(self, depth: int) -> Expression:
        parts = [self._one(depth)]
        while self._has("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self, depth: int) -> Expression:
        if depth > _DEEPEST:
            raise wrong("too deep", self.next.column, expected=f"at most {_DEEPEST} expressions inside of each other")
        if self._has("not"):
            return Not(self._one(depth + 1))
        if self._has("("):
            found = self.either(depth + 1)
            if not self._has(")"):
                raise wrong("a parenthesis is open", self.next.column, expected=")", actual=self.next.shown)
            return found
        name = self._take()
        if name.kind != "word" or name.text in _KEYWORDS or name.text[0].isdigit():
            raise wrong("no name", name.column, expected="a name, not, or (", actual=name.shown)
        return self._said_of(name)

    def _said_of(self, name: Token) -> Expression:
        """What follows a name."""
        sign = self.next
        if self._has(*_SIGNS, "contains", "matches"):
            return Comparison(name.text, sign.text, (self._value(),), name.column)
        if self._has("in"):
            return Comparison(name.text, "in", self._items(), name.column)
        if self._has("not"):
            if not self._has("in"):
                raise wrong("not behind a name", sign.column, expected="not in", actual=self.next.shown)
            return Not(Comparison(name.text, "in", self._items(), name.column))
        if sign.kind in ("number", "text") or (sign.kind == "word" and sign.text not in _KEYWORDS):
            raise wrong("an operator is missing", sign.column, expected=" ".join((*_SIGNS, *_KEYWORDS)), actual=sign.shown)
        return There(name.text, name.column)

    def _items(self) -> tuple[Literal, ...]:
        opening = self._take()
        closing = _BRACKETS.get(opening.text)
        if closing is None:
            raise wrong("in takes a list", opening.column, expected="(A, B)", actual=opening.shown)
        found = [self._item()]
        while self._has(","):
            found.append(self._item())
        if not self._has(closing):
            raise wrong("a list is open", self.next.column, expected=f", or {closing}", actual=self.next.shown)
        return tuple(found)

    def _item(self) -> Literal:
        low = self._value()
        if not self._has(".."):
            return low
        high = self._value()
        if not isinstance(low, Number) or not isinstance(high, Number):
            raise wrong("a range is of numbers", low.column, expected="as 1..5")
        if low.value > high.value:
            raise wrong("a range goes up", low.column, expected="the smaller number first")
        return Range(low, high, low.column)

    def _value(self) -> Number | Word | Text:
        token = self._take()
        if token.kind == "number":
            digits = token.text.lower()
            if len(digits) > _DIGITS:
                actual = f"{len(digits)} characters"
                raise wrong("too long a number", token.column, expected=f"at most {_DIGITS} characters", actual=actual)
            return Number(float(digits) if "." in digits else int(digits, 16 if "x" in digits else 10), token.column)
        if token.kind == "text":
            return Text(token.content, token.column)
        if token.kind == "word" and token.text not in _KEYWORDS:
            return Word(token.text, token.column)
        raise wrong("no value", token.column, expected="a number, a word or a text in quotes", actual=token.shown)
