"""What generated printers of trees fill in: places, values with their bytes, and texts, each kept once it was made."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from struct import iter_unpack
from typing import Any, Final, Literal

from spiceproto.derive import span
from spiceproto.shown import FORMS
from spiceproto.walk import Scalar

__all__ = ["KEPT", "Column", "Later", "Odd", "Places", "columns", "numbers", "octets", "part", "quoted", "text"]

KEPT: Final = 1024
"""Entries that a table keeps, so that odd numbers and layouts do not make it grow without bound."""


class Odd(Exception):
    """The body is not well formed; why is for others to say."""


class Places(dict[int, str]):
    """Offset of a run -> its template with the places of its lines."""

    __slots__ = ("_form", "_places")

    def __init__(self, form: str, places: list[tuple[int, int]]) -> None:
        super().__init__()
        self._form = form
        self._places = places

    def __missing__(self, offset: int) -> str:
        text = self._form % tuple([f"[{offset + start}:{offset + end}]" for start, end in self._places])
        if len(self) < KEPT:
            self[offset] = text
        return text


class Column(dict[int, str]):
    """Number -> what is printed for it: the value, and its bytes in their column.

    Most numbers of a screen come again and again (0, sizes, flags), and looking up costs a third of formatting. A full
    table starts again.
    """

    __slots__ = ("_form", "_node", "_order", "_width")

    def __init__(self, node: Scalar, width: int, shown: str = "") -> None:
        super().__init__()
        self._node = node
        self._form = FORMS[shown] if shown else partial(text, node)
        self._order: Literal["little", "big"] = "little" if node.order == "<" else "big"
        self._width = width

    def __missing__(self, number: int) -> str:
        node = self._node
        if len(self) >= KEPT:
            self.clear()
        bits = number.to_bytes(node.size, self._order, signed=number < 0)
        found = self[number] = f"{self._form(number):{self._width}} {bits.hex(' ')}"
        return found


def text(node: Scalar, number: int) -> str:
    if node.table is None and not node.alias:
        return str(number)
    return span.Span("", node, None, 0, 0, number, []).text


def octets(body: bytes, start: int, end: int) -> str:
    """Size and first bytes."""
    size = end - start
    if size > 32:
        return f"{size} bytes: {body[start : start + 32].hex(' ')} ..."
    return f"{size} bytes: {body[start:end].hex(' ')}" if size else "0 bytes"


def quoted(body: bytes, start: int, end: int) -> str:
    """Bytes that people read."""
    return span.quoted(body[start:end])


def part(form: Callable[[Any], str], body: bytes, start: int, end: int) -> str:
    """Bytes in a form of their own."""
    return form(body[start:end])


def numbers(form: Callable[[Any], str], code: str, body: bytes, start: int, end: int) -> str:
    """Numbers in a form of their own, behind how many they are."""
    return f": {form(tuple([number for (number,) in iter_unpack(code, body[start:end])]))}"


class Later:
    """A function that is made when it is first called, and then takes this object's place."""

    __slots__ = ("_make", "_name", "_space")

    def __init__(self, make: Callable[[], Callable[..., int]], space: dict[str, Any], name: str) -> None:
        self._make = make
        self._space = space
        self._name = name

    def __call__(self, *arguments: Any) -> int:
        function = self._space[self._name] = self._make()
        return function(*arguments)


@cache
def columns(node: Scalar, width: int, shown: str = "") -> Column:
    return Column(node, width, shown)
