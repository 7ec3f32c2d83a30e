"""Raw values of a body written out so that they agree: what a correct program with an odd idea would send.

    counts(structure)     (field that says how many, field that it counts)
    raw_values(span)      the values of a dissected body: dicts for structures, lists for sequences
    sized, lengthened     bytes or elements made so long
    Writer().body(structure, values)

Lengths are those of what they count, pointers lead behind everything that stands in line, fields that a condition calls
for appear with a plain value and others vanish. Nothing is checked against domains.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Any, Final

from spiceproto import wire
from spiceproto.derive.span import Span
from spiceproto.walk import Bytes, Condition, Handle, Items, Member, Node, Reference, Scalar, Structure

__all__ = ["GROWTH", "Writer", "counts", "lengthened", "raw_values", "sized"]

GROWTH: Final = 4096
"""Nothing is made longer than this many elements or bytes."""


def sized(raw: bytes, size: int) -> bytes:
    return (raw * (size // len(raw) + 1) if raw else b" " * size)[:size]


def lengthened(found: Any, size: int) -> Any:
    if found is None:  # a null pointer; what it shall lead to is up to the writer
        return _Plain(size)
    if isinstance(found, list):
        return [found[index % len(found)] for index in range(size)] if found else [None] * size
    return sized(found, size)


class _Plain:
    """So many plain elements or zero bytes."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __len__(self) -> int:
        return self.size


@cache
def counts(item: Structure) -> tuple[tuple[str, str], ...]:
    """(field that says how many, field that it counts)."""
    pairs = []
    for member in item.members:
        node = member.node.target if isinstance(member.node, Reference) else member.node
        match getattr(node, "count", None):
            case wire.By(name=name):
                pairs.append((name, member.name))
            case wire.Product(names=names):
                pairs += [(name, member.name) for name in names]
            case wire.PackedRows(width=width, height=height):
                pairs += [(width, member.name), (height, member.name)]
    return tuple(dict.fromkeys(pairs))


def raw_values(span: Span) -> Any:
    """Raw values of a span: dicts for structures, lists for sequences, what a pointer leads to or None."""
    match span.node:
        case Structure():
            return {child.member.name: raw_values(child) for child in span.children if child.member is not None}
        case Items():
            return [raw_values(child) for child in span.children]
        case Reference():
            return raw_values(span.children[0]) if span.children else None
    return span.raw


class Writer:
    """Writes raw values. What is missing gets a plain value, what is excluded is left out, what counts is counted."""

    def __init__(self) -> None:
        self.out = bytearray()
        self.pending: list[tuple[int, Node, Any, dict[str, int]]] = []

    def body(self, top: Structure, tree: Any) -> bytes:
        self.structure(top, tree)
        for at, node, value, numbers in self.pending:  # grows while it is read
            start = len(self.out)
            self.node(node, value, numbers)
            struct.pack_into("<L", self.out, at, start if len(self.out) > start else at)
        return bytes(self.out)

    def structure(self, item: Structure, tree: Any) -> None:
        values = tree if isinstance(tree, dict) else {}
        numbers: dict[str, int] = {}
        written: set[str] = set()
        for name, counted in reversed(counts(item)):
            member = item.member(name)
            if member.counts:
                assert isinstance(member.node, Scalar)
                numbers[name] = min(len(values.get(counted) or ()), member.node.bounds[1])
        for member in item.members:
            condition = member.condition
            if condition is not None and (member.name in written or not _present(condition, values, numbers)):
                continue
            written.add(member.name)
            self.member(item, member, values, numbers)

    def member(self, item: Structure, member: Member, values: dict[str, Any], numbers: dict[str, int]) -> None:
        node, value = member.node, values.get(member.name)
        if isinstance(node, Scalar):
            number = numbers[member.name] if member.counts else value if isinstance(value, int) else _plain(node)
            if not member.counts and any(name == member.name for name, _ in counts(item)):
                number = min(number, GROWTH)  # a factor: what it announces has to be made
            numbers[member.name] = number
            self.out += struct.pack(node.order + node.code, number)
        elif isinstance(node, Reference):
            at = len(self.out)
            self.out += bytes(4)
            if value is not None or not node.nullable:
                self.pending.append((at, node.target, value, numbers))
        else:
            self.node(node, value, numbers)

    def node(self, node: Node, value: Any, numbers: dict[str, int]) -> None:
        match node:
            case Scalar():
                self.out += struct.pack(node.order + node.code, value if isinstance(value, int) else _plain(node))
            case Structure():
                self.structure(node, value)
            case Bytes():
                raw = value if isinstance(value, bytes) else b""
                if isinstance(node.count, wire.ZeroTerminated):
                    self.out += raw.replace(b"\0", b"") + b"\0"
                elif isinstance(node.count, wire.Rest):
                    self.out += raw
                else:
                    size = min(_announced(node.count, numbers), GROWTH * GROWTH)
                    self.out += sized(raw, size) if len(raw) != size else raw
            case Items():
                found = value if isinstance(value, list) else []
                count = len(found) if isinstance(node.count, wire.Rest) else _announced(node.count, numbers)
                for index in range(count):
                    self.node(node.element, found[index] if index < len(found) else None, numbers)
            case Reference() | Handle():
                return


def _announced(count: wire.Count, numbers: dict[str, int]) -> int:
    of: Any = count.of
    return int(of(numbers, 0))


def _plain(node: Scalar) -> int:
    if node.table is None or node.is_flags:
        return 0
    return next((int(item) for item in node.table), 0)


def _present(condition: Condition, values: dict[str, Any], numbers: dict[str, int]) -> bool:
    first, _, rest = condition.on.partition(".")
    if not rest:
        return condition.holds(numbers.get(first, 0))
    place: Any = values.get(first)
    for name in rest.split("."):
        place = place.get(name) if isinstance(place, dict) else None
    return condition.holds(place if isinstance(place, int) else 0)
