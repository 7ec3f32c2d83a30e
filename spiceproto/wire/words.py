"""The words that schemas are written in."""

from __future__ import annotations

from construct import Construct

from spiceproto.domain import Among, Domain
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.wire.composition import Field, Pointer, Record, Sequence, When
from spiceproto.wire.counts import By, Count, Fixed
from spiceproto.wire.leaves import Data, Descriptor, Enumeration, FlagSet, Integer

__all__ = [
    "array",
    "data",
    "descriptor",
    "enum",
    "field",
    "flags",
    "pointer",
    "record",
    "text",
    "when",
    "when_not",
]


def field(
    name: str, subcon: Construct, doc: str = "", *, unit: str = "", domain: Domain | int | None = None, shown: str = ""
) -> Field:
    """A member of a record.

    ``domain`` is what values it may have, a number that it always is; parsing takes others too. ``shown`` is how people
    read it, a key of :data:`spiceproto.shown.FORMS`.
    """
    return Field(name, subcon, doc, unit, Among((domain,)) if isinstance(domain, int) else domain, shown)


def record(name: str, *fields: Field, doc: str = "") -> Record:
    """Fields in order, as the value class ``module.Class``."""
    return Record(name, fields, doc)


def enum(kind: type[WireEnum], integer: Integer) -> Enumeration:
    """One of ``kind``, or a number that has no name."""
    return Enumeration(integer, kind)


def flags(kind: type[WireFlags], integer: Integer) -> FlagSet:
    """A combination of ``kind``, or a number with bits that have no name."""
    return FlagSet(integer, kind)


def _count(count: int | str | Count) -> Count:
    if isinstance(count, int):
        return Fixed(count)
    return By(count) if isinstance(count, str) else count


def data(count: int | str | Count) -> Data:
    """Bytes; ``count`` is a number, the name of the field that counts them, or a :class:`Count`."""
    return Data(_count(count))


def text(count: int | str | Count) -> Data:
    """Bytes that people read."""
    return Data(_count(count), text=True)


def array(element: Construct, count: int | str | Count) -> Sequence:
    """Elements; ``count`` as for :func:`data`."""
    return Sequence(element, _count(count))


def pointer(target: Construct, *, null: bool, announced: bool = False) -> Pointer:
    """An offset to ``target``; ``null`` says whether 0 is allowed, ``announced`` whether it is taken with a count, too.

    The value of bytes that are announced by the count of a null pointer is :class:`spiceproto.unsent.Unsent`.
    """
    return Pointer(target, nullable=null, announced=announced)


def when(on: str, members: WireEnum | WireFlags | tuple[WireEnum | WireFlags, ...], subcon: Construct) -> When:
    """Present if the earlier field ``on`` is one of ``members`` (an enum) or has one of their bits (flags)."""
    return When(on, "is", members if isinstance(members, tuple) else (members,), subcon)


def when_not(on: str, members: WireEnum | WireFlags | tuple[WireEnum | WireFlags, ...], subcon: Construct) -> When:
    """Present unless the earlier field ``on`` is one of ``members`` or has one of their bits."""
    return When(on, "is-not", members if isinstance(members, tuple) else (members,), subcon)


def descriptor() -> Descriptor:
    """A file descriptor beside the bytes."""
    return Descriptor()
