"""How many bytes the structures of the schemas take in line, and where their fields begin."""

from __future__ import annotations

from construct import Construct

from spiceproto import wire


def twins(one: Construct, other: Construct) -> bool:
    """True if exactly one of two conditional fields is there."""
    return (
        isinstance(one, wire.When)
        and isinstance(other, wire.When)
        and (one.on, one.members) == (other.on, other.members)
        and {one.test, other.test} == {"is", "is-not"}
    )


def extent(node: Construct) -> tuple[int, bool]:
    """Fewest bytes in line, and whether there can be no more."""
    match node:
        case wire.Record():
            total, exact, rest = 0, True, list(node.fields)
            while rest:
                size, fixed = extent(rest[0].subcon)
                if len(rest) > 1 and twins(rest[0].subcon, rest[1].subcon):
                    size = min(extent(rest[0].subcon.subcon)[0], extent(rest[1].subcon.subcon)[0])
                    del rest[0]
                del rest[0]
                total, exact = total + size, exact and fixed
            return total, exact
        case wire.Integer():
            return node.size, True
        case wire.Enumeration() | wire.FlagSet():
            return extent(node.subcon)
        case wire.Pointer():
            return 4, True
        case wire.Descriptor():
            return 0, True
        case wire.Data(count=wire.Fixed(number=number)):
            return number, True
        case wire.Sequence(count=wire.Fixed(number=number)):
            size, fixed = extent(node.element)
            return number * size, fixed
    return 0, False


def offsets(record: wire.Record) -> list[int | None]:
    """Where each field begins, as far as that is fixed."""
    out: list[int | None] = []
    at: int | None = 0
    for item in record.fields:
        out.append(at)
        size, exact = extent(item.subcon)
        at = at + size if at is not None and exact else None
    return out
