"""Legal values of any record, chosen by whoever is asked to choose.

What a legal value is follows from the nodes alone: a condition decides whether a field is there, a count decides how
many bytes or elements there are, a domain which numbers are right. What is left open is asked of a :class:`Chooser`.
There are two: :class:`RandomChooser` here, for samples and for volume, and the one of
:mod:`spiceproto.derive.strategies`, whose choices Hypothesis can shrink. So both draw from the same set of values, and
there is one description of it.

Values that a receiver has to live with are more than those that a sender may send. So there are two sets: what can be
built, where a number is outside of its domain once in a while, and with ``odd=False`` what is legal.

Sizes are small on purpose: a value that shows a fault should fit on a screen. Fields that are multiplied to give the
size of something (rows of a picture) are kept small, so that the bytes they announce can be made.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import attrgetter
from typing import Any, Final, Protocol, TypeVar

from spiceproto import wire
from spiceproto.derive.domains import names
from spiceproto.domain import Among, Bits, Domain, Named, NotBelow, Range, Room, ZeroFree
from spiceproto.enums.base import EnumTable, FlagsTable
from spiceproto.unsent import Unsent
from spiceproto.walk import Bytes, Handle, Items, Member, Node, Reference, Scalar, Structure, walk

__all__ = ["SMALL", "Chooser", "RandomChooser", "Sizes", "boundaries", "legal_value", "unnamed"]

T = TypeVar("T")


class Chooser(Protocol):
    """Makes the choices that the schema leaves open. The first or smallest choice is the simplest one."""

    def number(self, low: int, high: int) -> int:
        """A number from ``low`` to ``high``, both inclusive; those at the boundaries more often than others."""
        ...

    def length(self, most: int) -> int:
        """How many, up to ``most``."""
        ...

    def octets(self, size: int) -> bytes:
        """Exactly ``size`` bytes."""
        ...

    def one_of(self, options: Sequence[T]) -> T:
        """One of ``options``."""
        ...

    def rarely(self) -> bool:
        """True once in a while."""
        ...


@dataclass(frozen=True, slots=True)
class Sizes:
    """How big a value may become.

    ``elements``  most elements of one sequence
    ``octets``    most bytes of one field of free length
    ``factor``    largest number in a field that is multiplied to give a size
    """

    elements: int = 4
    octets: int = 24
    factor: int = 9


SMALL: Final = Sizes()


def boundaries(low: int, high: int) -> tuple[int, ...]:
    """Numbers of a range at which programs go wrong."""
    middle = (low + high + 1) // 2
    wanted = (0, 1, -1, low, low + 1, high, high - 1, middle, middle - 1)
    return tuple(dict.fromkeys(number for number in wanted if low <= number <= high))


def unnamed(node: Scalar) -> tuple[int, ...]:
    """A few numbers that the table of ``node`` has no name for, or that have bits without a name."""
    assert node.table is not None
    _, high = node.bounds
    named = {int(item) for item in node.table}
    if node.is_flags:
        known = 0
        for number in named:
            known |= number
        rest = high & ~known
        return tuple(dict.fromkeys((rest & -rest, rest, high))) if rest else ()
    beyond = max(named, default=-1) + 1
    return tuple(number for number in dict.fromkeys((beyond, high, high // 2 + 1)) if number not in named and number <= high)


class RandomChooser:
    """Choices of a random number generator."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def number(self, low: int, high: int) -> int:
        rng = self.rng
        if rng.random() < 0.3:
            return rng.choice(_boundaries(low, high))
        if rng.random() < 0.5 and low <= 0 and high > 255:
            return rng.randrange(256)
        return rng.randint(low, high)

    def length(self, most: int) -> int:
        return self.rng.randint(0, most)

    def octets(self, size: int) -> bytes:
        return self.rng.randbytes(size)

    def one_of(self, options: Sequence[T]) -> T:
        return self.rng.choice(options)

    def rarely(self) -> bool:
        return self.rng.random() < 0.05


_boundaries = cache(boundaries)


def legal_value(record: wire.Record, chooser: Chooser, sizes: Sizes = SMALL, *, odd: bool = True) -> Any:
    """A value of ``record`` that can be built; without ``odd`` every field is in its domain."""
    drawing = _Drawing if odd else _Inside
    return drawing(chooser, sizes, _classes(record)).structure(walk(record))


@cache
def _classes(record: wire.Record) -> dict[str, Callable[..., Any]]:
    """Name -> value class, of ``record`` and everything inside it."""
    found: dict[str, Callable[..., Any]] = {}
    pending = [record]
    while pending:
        item = pending.pop()
        if str(item.name) not in found:
            found[str(item.name)] = item.value_class
            pending += wire.parts(item)
    return found


@cache
def _factors(item: Structure) -> frozenset[str]:
    """Fields that are multiplied to give a size."""
    names: set[str] = set()
    for member in item.members:
        node: Node = member.node
        while isinstance(node, Reference):
            node = node.target
        match getattr(node, "count", None):
            case wire.Product() as count:
                names.update(count.names)
            case wire.PackedRows() as count:
                names.update((count.width, count.height))
    return frozenset(names)


@cache
def _table(node: Scalar) -> EnumTable | FlagsTable:
    assert node.table is not None
    return FlagsTable(node.table) if node.is_flags else EnumTable(node.table)  # type: ignore[arg-type]


@cache
def _named(node: Scalar) -> tuple[int, ...]:
    """Numbers that have a name, in the order of their declaration."""
    assert node.table is not None
    low, high = node.bounds
    return tuple(int(item) for item in node.table if low <= int(item) <= high)


_unnamed = cache(unnamed)


class _Drawing:
    """One value in the making.

    * ``odd``: it may have what a receiver has to live with, and no sender should send
    """

    odd = True

    def __init__(self, chooser: Chooser, sizes: Sizes, classes: dict[str, Callable[..., Any]]) -> None:
        self.chooser = chooser
        self.sizes = sizes
        self.classes = classes

    def structure(self, item: Structure) -> Any:
        made: dict[str, Any] = {}
        lengths: dict[str, int] = {}
        for member in item.members:
            if member.counts or made.get(member.name) is not None:
                continue
            condition = member.condition
            if condition is not None:
                first, _, rest = condition.on.partition(".")
                number = attrgetter(rest)(made[first]) if rest else made[first]
                if not condition.holds(number):
                    made.setdefault(member.name, None)
                    continue
            made[member.name] = self.member(item, member, made, lengths)
        return self.classes[item.name](*[made[name] for name in item.value_fields])

    def member(self, item: Structure, member: Member, made: dict[str, Any], lengths: dict[str, int]) -> Any:
        node = member.node
        if member.expect is not None and not self.chooser.rarely():
            assert isinstance(node, Scalar)
            return member.expect if node.table is None else _table(node)[member.expect]
        if isinstance(node, Scalar) and member.name in _factors(item):
            return self.chooser.length(self.sizes.factor)
        if isinstance(node, Reference) and node.nullable:
            count = getattr(node.target, "count", None)
            announced = lengths.get(count.name, 0) if isinstance(count, wire.By) else 0
            if node.announced and self.odd and isinstance(count, wire.By) and self.chooser.rarely():
                lengths[count.name] = self.chooser.number(1, item.smallest)
                return Unsent(lengths[count.name])
            if not announced and self.chooser.one_of((True, False)):
                if isinstance(count, wire.By):
                    lengths[count.name] = 0
                return None
        return self.node(node, made, lengths, item)

    def node(self, node: Node, made: dict[str, Any], lengths: dict[str, int], item: Structure) -> Any:
        match node:
            case Scalar():
                return self.scalar(node)
            case Structure():
                return self.structure(node)
            case Bytes():
                return self.octets(node, self.count(node.count, self.sizes.octets, made, lengths, item))
            case Items():
                count = self.count(node.count, self.sizes.elements, made, lengths, item)
                element = node.element
                if isinstance(element, Scalar):
                    return tuple([self.scalar(element) for _ in range(count)])
                return tuple([self.structure(element) for _ in range(count)])
            case Reference():
                return self.node(node.target, made, lengths, item)
            case Handle():
                return None

    def count(self, count: wire.Count, most: int, made: dict[str, Any], lengths: dict[str, int], item: Structure) -> int:
        match count:
            case wire.By():
                if count.name not in lengths:
                    counting = item.member(count.name).node
                    limit = counting.bounds[1] if isinstance(counting, Scalar) else most
                    lengths[count.name] = self.chooser.length(min(most, limit))
                return lengths[count.name]
            case wire.Rest() | wire.ZeroTerminated():
                return self.chooser.length(most)
        of: Any = count.of
        return int(of(made, 0))

    def octets(self, node: Bytes, size: int) -> bytes:
        found = self.chooser.octets(size)
        if isinstance(node.count, wire.ZeroTerminated):
            return found.replace(b"\0", b" ")
        return found

    def scalar(self, node: Scalar) -> Any:
        chooser = self.chooser
        if node.table is None:
            return chooser.number(*node.bounds)
        named = _named(node)
        odd = _unnamed(node)
        table = _table(node)
        if odd and (not named or chooser.rarely()):
            return table[chooser.one_of(odd)]
        return table[self.bits(named) if node.is_flags else chooser.one_of(named)]

    def bits(self, named: tuple[int, ...]) -> int:
        """Any combination."""
        chosen, number = self.chooser.number(0, (1 << len(named)) - 1), 0
        for index, bit in enumerate(named):
            if chosen >> index & 1:
                number |= bit
        return number


# -- inside of domains -------------------------------------------------------------------------------------------------


@cache
def _small(item: Structure) -> frozenset[str]:
    """Dotted names of fields that a domain makes the size of something depend on."""
    found: set[str] = set()
    for member in item.members:
        match member.domain:
            case Room() as domain:
                found.update(filter(None, (domain.width, domain.height)))
            case NotBelow(name=name) if member.counts:
                found.add(name)
    return frozenset(found)


class _Inside(_Drawing):
    """A value of which every field is in its domain."""

    def __init__(self, chooser: Chooser, sizes: Sizes, classes: dict[str, Callable[..., Any]]) -> None:
        super().__init__(chooser, sizes, classes)
        self.small: frozenset[str] = frozenset()
        """Names of fields of the next structure that have to be small."""

    def member(self, item: Structure, member: Member, made: dict[str, Any], lengths: dict[str, int]) -> Any:
        node, domain = member.node, member.domain
        outer, here = self.small, self.small | _small(item)
        self.small = frozenset(name.partition(".")[2] for name in here if name.startswith(f"{member.name}."))
        try:
            if isinstance(node, Scalar) and domain is not None:
                return self.number(node, domain, lambda name: self.given(item, name, made, lengths))
            if isinstance(node, Scalar) and member.name in here:
                return self.chooser.length(self.sizes.factor)
            if isinstance(node, Items) and isinstance(node.element, Scalar) and domain is not None:
                count = self.count(node.count, self.sizes.elements, made, lengths, item)
                return tuple([self.number(node.element, domain) for _ in range(count)])
            found = super().member(item, member, made, lengths)
            if isinstance(domain, Room):
                found += self.chooser.octets(max(self.room(domain, made) - len(found), 0))
            elif isinstance(domain, ZeroFree) and found is not None:
                found = found[:-1].replace(b"\0", b" ") + (found[-1:] if domain.last else found[-1:].replace(b"\0", b" "))
            return found
        finally:
            self.small = outer

    def number(self, node: Scalar, domain: Domain, given: Callable[[str], Any] | None = None) -> Any:
        chooser, (low, high) = self.chooser, node.bounds
        match domain:
            case Bits():
                number = self.bits(names(domain, node))
            case Among() | Named():
                number = chooser.one_of(names(domain, node))
            case Range(least=least, most=most):
                number = chooser.number(low if least is None else least, high if most is None else most)
            case NotBelow(name=name) if given is not None:
                number = chooser.number(given(name), high)
            case Room() if given is not None:
                needed = domain.bytes(given(domain.kind), given(domain.width))
                number = needed + chooser.length(self.sizes.factor)
            case _:
                raise TypeError(domain)
        return number if node.table is None else _table(node)[number]

    def given(self, item: Structure, name: str, made: dict[str, Any], lengths: dict[str, int]) -> Any:
        """The number of an earlier field; one that counts gets it now."""
        counted = item.member(name).counts if "." not in name else None
        if counted is None:
            return _read(made, name)
        most = self.sizes.octets if isinstance(item.member(counted).node, Bytes) else self.sizes.elements
        return self.count(wire.By(name), most, made, lengths, item)

    def room(self, domain: Room, made: dict[str, Any]) -> int:
        """Bytes that a picture needs."""
        if domain.unless is not None and _read(made, domain.unless[0]) & domain.unless[1]:
            return 0
        return domain.bytes(*[_read(made, name) for name in (domain.kind, domain.width, domain.height) if name])

    def count(self, count: wire.Count, most: int, made: dict[str, Any], lengths: dict[str, int], item: Structure) -> int:
        if isinstance(count, wire.By) and count.name not in lengths:
            least = 0
            match item.member(count.name).domain:
                case Range(least=low, most=high):
                    least, most = low or 0, most if high is None else min(most, high)
                case NotBelow(name=name):
                    least = _read(made, name)
            lengths[count.name] = least + self.chooser.length(max(most - least, 0))
        return super().count(count, most, made, lengths, item)


def _read(made: dict[str, Any], name: str) -> Any:
    """The value of a dotted name."""
    first, *rest = name.split(".")
    return reduce(getattr, rest, made[first])
