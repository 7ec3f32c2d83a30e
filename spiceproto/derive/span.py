"""The bytes of one field as a value: where it is, what it holds, and its text for people."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from spiceproto.enums.base import EnumTable, FlagsTable
from spiceproto.errors import RemoteError
from spiceproto.shown import FORMS
from spiceproto.walk import Bytes, Items, Member, Node, Reference, Scalar, Structure

__all__ = ["Dissection", "Span", "quoted"]


class Span:
    """The bytes ``start`` to ``end`` (exclusive) of one field.

    ``path``      as in errors: ``data.src_bitmap.descriptor.width``, ``rects[2].top``; empty for the whole
    ``node``      what kind of thing it is, see :mod:`spiceproto.walk`
    ``member``    its declaration, with documentation and unit; None for elements and for what a pointer leads to
    ``raw``       the number of a Scalar or Reference, the bytes of Bytes (without their zero byte); otherwise None
    ``children``  fields, elements, or what a pointer leads to
    ``unsent``    how many bytes are announced although the pointer is null
    """

    __slots__ = ("children", "end", "member", "node", "path", "raw", "start", "unsent")

    def __init__(
        self, path: str, node: Node, member: Member | None, start: int, end: int, raw: Any, children: list[Span]
    ) -> None:
        self.path = path
        self.node = node
        self.member = member
        self.start = start
        self.end = end
        self.raw = raw
        self.children = children
        self.unsent = 0

    @property
    def kind(self) -> str:
        """``number``, ``bytes``, ``pointer``, ``sequence`` or ``structure``."""
        return _KINDS[type(self.node)]

    @property
    def name(self) -> str:
        """The last part of the path: ``width``, ``[2]``."""
        path = self.path
        return path[path.rfind("[") :] if path.endswith("]") else path.rpartition(".")[2]

    @property
    def value(self) -> Any:
        """``raw`` as it stands in values: with the name of an enum or flags."""
        node = self.node
        return _table(node)[self.raw] if isinstance(node, Scalar) and node.table is not None else self.raw

    @property
    def text(self) -> str:
        """The value for people, in one line; bytes are cut after 32."""
        return _text(self)

    def __repr__(self) -> str:
        return f"<{self.path or self.kind} {self.start}..{self.end} {self.text}>"


_KINDS = {Scalar: "number", Bytes: "bytes", Reference: "pointer", Items: "sequence", Structure: "structure"}


class Dissection:
    """The spans of one body: ``root``, ``error``, and ``end``, the offset behind everything that was read."""

    __slots__ = ("end", "error", "root")

    def __init__(self, root: Span, error: RemoteError | None, end: int) -> None:
        self.root = root
        self.error = error
        self.end = end

    def __iter__(self) -> Iterator[Span]:
        """Every span, parents first."""
        pending = [self.root]
        while pending:
            item = pending.pop()
            yield item
            pending += reversed(item.children)

    def leaves(self) -> Iterator[Span]:
        """Spans of numbers, bytes and offsets, in the order in which they were read."""
        return (item for item in self if type(item.node) in _LEAVES)

    def __getitem__(self, path: str) -> Span:
        """The span of ``path``; for a pointer the span of its offset. Raises KeyError."""
        for item in self:
            if item.path == path:
                return item
        raise KeyError(path)


_LEAVES = frozenset((Scalar, Bytes, Reference))


@cache
def _table(node: Scalar) -> EnumTable | FlagsTable:
    assert node.table is not None
    return FlagsTable(node.table) if node.is_flags else EnumTable(node.table)  # type: ignore[arg-type]


@cache
def _names(node: Scalar) -> tuple[tuple[int, str], ...]:
    assert node.table is not None
    return tuple((int(item), (item.name or "").removeprefix("_")) for item in node.table)


def _text(span: Span) -> str:
    node, raw = span.node, span.raw
    form = FORMS[span.member.shown] if span.member is not None and span.member.shown else None
    if form is not None and raw is not None:
        return form(raw)
    match node:
        case Scalar(table=None):
            return str(raw) if node.alias != "fixed28_4" else f"{raw / 16:g}"
        case Scalar():
            return _flags_text(node, raw) if node.is_flags else _enum_text(node, raw)
        case Bytes(text=True):
            return quoted(raw)
        case Bytes():
            cut = raw[:32].hex(" ")
            return f"{len(raw)} bytes: {cut}{' ...' if len(raw) > 32 else ''}" if raw else "0 bytes"
        case Reference():
            return f"offset {raw}" if raw else f"null{f', and {span.unsent} bytes are announced' * bool(span.unsent)}"
        case Items():
            text = f"{len(span.children)} element{'s'[: len(span.children) != 1]}"
            return text if form is None or not span.children else f"{text}: {form(tuple([item.raw for item in span.children]))}"
    return node.class_name if isinstance(node, Structure) else ""


def quoted(raw: bytes) -> str:
    cut = raw[:256].decode("utf-8", "backslashreplace")
    return repr(cut) + (" ..." if len(raw) > 256 else "")


def _enum_text(node: Scalar, raw: int) -> str:
    for number, name in _names(node):
        if number == raw:
            return f"{name} ({raw})"
    return f"unknown ({raw})"


def _flags_text(node: Scalar, raw: int) -> str:
    words, rest = [], raw
    for bit, name in _names(node):
        if raw & bit:
            words.append(name)
            rest &= ~bit
    if rest:
        words.append(f"{rest:#x}")
    return f"{' | '.join(words)} ({raw:#x})" if words else "0"
