"""The only reader of construct objects: a schema as plain nodes, for everything that is derived from it.

    Scalar      Integer, Enumeration, FlagSet
    Bytes       Data
    Items       Sequence
    Reference   Pointer
    Handle      Descriptor
    Structure   Record, with its Members; each Member has a node, perhaps a Condition, and its documentation

A construct outside the vocabulary of :mod:`spiceproto.wire` is a :class:`~spiceproto.errors.SchemaError`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from construct import Construct

from spiceproto import wire
from spiceproto.domain import Domain
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.errors import SchemaError

__all__ = ["Bytes", "Condition", "Handle", "Items", "Member", "Node", "Reference", "Scalar", "Structure", "structures", "walk"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number of ``size`` bytes. ``table`` names its values or bits; ``alias`` is ``fixed28_4`` or empty."""

    label: str
    order: str
    code: str
    size: int
    table: type[WireEnum] | type[WireFlags] | None
    alias: str

    @property
    def is_flags(self) -> bool:
        return self.table is not None and issubclass(self.table, WireFlags)

    @property
    def bounds(self) -> tuple[int, int]:
        """Smallest and largest number."""
        bits = 8 * self.size
        return (-(1 << bits - 1), (1 << bits - 1) - 1) if self.code.islower() else (0, (1 << bits) - 1)


@dataclass(frozen=True, slots=True)
class Bytes:
    """Bytes; ``text`` if people read them."""

    count: wire.Count
    text: bool

    @property
    def size(self) -> int | None:
        return self.count.number if isinstance(self.count, wire.Fixed) else None


@dataclass(frozen=True, slots=True)
class Items:
    """Elements of one kind, each at least ``smallest`` bytes."""

    element: Scalar | Structure
    count: wire.Count
    smallest: int

    @property
    def size(self) -> int | None:
        if isinstance(self.count, wire.Fixed) and self.element.size is not None:
            return self.count.number * self.element.size
        return None


@dataclass(frozen=True, slots=True)
class Reference:
    """An offset to ``target``.

    ``announced`` says that the count of a null pointer need not be 0.
    """

    target: Node
    nullable: bool
    announced: bool = False
    size: int = 4


@dataclass(frozen=True, slots=True)
class Handle:
    """A file descriptor beside the bytes."""

    size: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """The member is there only if the earlier field ``on`` is, or with ``negated`` is not, one of ``members``."""

    on: str
    members: tuple[WireEnum | WireFlags, ...]
    negated: bool

    @property
    def is_flags(self) -> bool:
        return isinstance(self.members[0], WireFlags)

    @property
    def mask(self) -> int:
        mask = 0
        for member in self.members:
            mask |= int(member)
        return mask

    def holds(self, number: int) -> bool:
        found = bool(number & self.mask) if self.is_flags else number in self.members
        return found != self.negated


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a structure.

    ``counts`` is the name of the field whose length it holds, if it does only that; ``domain`` is what values it may have,
    and ``expect`` the only one if it says so; ``shown`` is how people read it, if not as it is.
    """

    name: str
    node: Node
    condition: Condition | None
    counts: str | None
    doc: str
    unit: str
    domain: Domain | None
    expect: int | None
    shown: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """Members in order. ``size`` is None if it depends on the bytes."""

    name: str
    module: str
    class_name: str
    doc: str
    members: tuple[Member, ...]
    value_fields: tuple[str, ...]
    size: int | None
    smallest: int
    has_pointer: bool

    def member(self, name: str) -> Member:
        return next(item for item in self.members if item.name == name)

    def variants(self) -> Iterator[tuple[str, list[Member]]]:
        """Fields of the value with the members that can give them."""
        for name in self.value_fields:
            yield name, [item for item in self.members if item.name == name]


Node = Scalar | Bytes | Items | Reference | Handle | Structure


@cache
def walk(record: wire.Record) -> Structure:
    """The nodes of a record."""
    members = tuple(_member(record, item) for item in record.fields)
    fixed = all(item.condition is None and item.node.size is not None for item in members)
    size = sum(item.node.size or 0 for item in members) if fixed else None
    return Structure(
        record.name,
        record.module,
        record.class_name,
        record.doc,
        members,
        record.value_fields,
        size,
        wire.smallest_size(record),
        wire.holds_pointer(record),
    )


def _member(record: wire.Record, item: wire.Field) -> Member:
    subcon = item.subcon
    condition = None
    if isinstance(subcon, wire.When):
        condition = Condition(subcon.on, subcon.members, subcon.test == "is-not")
        subcon = subcon.subcon
    counts = record.counting.get(item.name)
    return Member(item.name, _node(subcon), condition, counts, item.doc, item.unit, item.domain, item.expect, item.shown)


def _node(subcon: Construct) -> Node:
    match subcon:
        case wire.Integer():
            return Scalar(subcon.label, subcon.order, subcon.code, subcon.size, None, subcon.alias)
        case wire.Enumeration() | wire.FlagSet():
            inner = subcon.subcon
            return Scalar(inner.label, inner.order, inner.code, inner.size, subcon.kind, "")
        case wire.Data():
            return Bytes(subcon.count, subcon.text)
        case wire.Sequence():
            element = _node(subcon.element)
            if not isinstance(element, Scalar | Structure):
                raise SchemaError("elements must be numbers or records", path=str(subcon.element))
            return Items(element, subcon.count, subcon.smallest)
        case wire.Pointer():
            return Reference(_node(subcon.target), subcon.nullable, subcon.announced)
        case wire.Descriptor():
            return Handle()
        case wire.Record():
            return walk(subcon)
    raise SchemaError("a construct outside the vocabulary", path=repr(subcon))


def structures(top: Structure) -> Iterator[Structure]:
    """``top`` and every structure inside it, inner ones first, each once."""
    seen: set[str] = set()

    def visit(node: Node) -> Iterator[Structure]:
        match node:
            case Structure():
                if node.name in seen:
                    return
                seen.add(node.name)
                for item in node.members:
                    yield from visit(item.node)
                yield node
            case Items():
                yield from visit(node.element)
            case Reference():
                yield from visit(node.target)

    return visit(top)
