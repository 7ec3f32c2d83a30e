"""The schemas as one would write them with construct's own classes: the peer that speed is compared with.

Structures are Struct, numbers are Int32ul and the like, enums Enum, flags FlagsEnum, data Bytes, sequences Array,
conditions If, pointers an offset and a Pointer: what a user of that library writes who has no vocabulary of his own. No check
that the library does not make by itself.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

import construct as c

from spiceproto import wire
from spiceproto.walk import Bytes, Condition, Handle, Items, Member, Node, Reference, Scalar, Structure

_WORDS = {1: "8", 2: "16", 4: "32", 8: "64"}


def stock(structure: Structure) -> c.Struct:
    """A construct of construct's own classes for ``structure``."""
    fields: list[Any] = []
    for _, members in groupby(structure.members, key=lambda member: member.name):
        variants = list(members)
        fields += _fields(variants[0]) if len(variants) == 1 else [_either(variants)]
    return c.Struct(*fields)


def _fields(member: Member) -> list[Any]:
    if isinstance(member.node, Reference):
        offset = f"{member.name}_offset"
        target = c.If(c.this[offset], c.Pointer(c.this[offset], _node(member.node.target)))
        row = [offset / c.Int32ul, member.name / target]
    else:
        row = [member.name / _node(member.node)]
    if member.condition is None:
        return row
    return [item.name / c.If(_test(member.condition), item.subcon) for item in row]


def _either(members: list[Member]) -> Any:
    """One field of which there are several kinds: the first whose condition holds."""
    found = c.Pass
    for member in reversed(members):
        assert member.condition is not None
        found = c.IfThenElse(_test(member.condition), _node(member.node), found)
    return members[0].name / found


def _test(condition: Condition) -> Any:
    test = None
    for value in condition.members:
        place: Any = c.this
        for name in condition.on.split("."):
            place = place[name]
        part = place[value.name] if condition.is_flags else place == value.name
        test = part if test is None else test | part
    return ~test if condition.negated else test


def _count(count: wire.Count) -> Any:
    match count:
        case wire.Fixed():
            return count.number
        case wire.By():
            return c.this[count.name]
        case wire.Product():
            return c.this[count.names[0]] * c.this[count.names[1]]
        case wire.PackedRows():
            return (c.this[count.width] * count.bits + 7) // 8 * c.this[count.height]
    raise TypeError(count)


def _node(node: Node) -> Any:
    match node:
        case Scalar():
            sign = "s" if node.code.islower() else "u"
            end = "b" if node.order == ">" else "l"
            number = getattr(c, f"Int{_WORDS[node.size]}{sign}{end}")
            if node.table is None:
                return number
            names = {item.name: int(item) for item in node.table}
            return c.FlagsEnum(number, **names) if node.is_flags else c.Enum(number, **names)
        case Bytes(count=wire.Rest()):
            return c.GreedyBytes
        case Bytes(count=wire.ZeroTerminated()):
            return c.NullTerminated(c.GreedyBytes)
        case Bytes():
            return c.Bytes(_count(node.count))
        case Items(count=wire.Rest()):
            return c.GreedyRange(_node(node.element))
        case Items():
            return c.Array(_count(node.count), _node(node.element))
        case Structure():
            return stock(node)
        case Handle():
            return c.Pass
    raise TypeError(node)
