"""Changed messages: by field, each saying what it did; and by byte, for volume.

    mutations(record, body)          every systematic change of one body
    mutate(record, body, rng)        one of them, or a random one
    apply(record, body, mutation)    the changed body
    fast_mutator(bodies, rng)        changed bodies without end, by byte, at the speed of a fuzzer

A :class:`Mutation` is a value: it can be printed, kept as JSON, and applied again to the same body with the same
result. With ``repair`` the rest of the message is made to agree: counts and lengths are those of what they count,
pointers lead behind everything that stands in line, fields that a condition calls for appear with a plain value and
others vanish. The result is what a correct program with an odd idea would send. Without it, exactly the named bytes
change, and lengths and offsets are left wrong.

    kind                   path                     what ``new`` is
    set                    a number                 the number, at a boundary of its type
    unnamed                an enum or flags         a number without a name, or bits without one
    bit                    a number                 the number with one bit turned
    count                  a number that counts     the number; with repair, what it counts is made so long
    null self edge outside overlapping shared       a pointer: where it leads now
    swap                   a pointer                the path of the other pointer
    duplicate remove       an element               nothing
    resize                 bytes                    their new size
    truncate               nothing                  the size that is left
    extend                 nothing                  hexadecimal digits of what is added

``rng`` is a :class:`random.Random`; one that Hypothesis draws (``strategies.randoms()``) does as well.
"""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Final

from spiceproto import wire
from spiceproto.derive.legal import boundaries, unnamed
from spiceproto.derive.spans import Dissection, Span, dissect
from spiceproto.errors import LocalError
from spiceproto.walk import Bytes, Condition, Handle, Items, Member, Node, Reference, Scalar, Structure, walk

__all__ = ["HUGE", "Mutation", "Mutator", "apply", "fast_mutator", "mutate", "mutations"]

HUGE: Final = (1 << 29 | 1, 1 << 31, (1 << 32) - 1)
"""Counts whose product with a small element size wraps in 32 bits, or that are negative when signed."""

GROWTH: Final = 4096
"""Repair makes nothing longer than this many elements or bytes."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of one body; see the table above."""

    kind: str
    path: str
    old: int | str | None = None
    new: int | str | None = None
    repair: bool = False

    def __str__(self) -> str:
        change = "" if self.old is None and self.new is None else f" {self.old} -> {self.new}"
        return f"{self.kind} {self.path or 'body'}{change}{' (repaired)' * self.repair}"

    def to_json(self) -> dict[str, int | str | bool | None]:
        """For reports; :meth:`from_json` gives the same mutation."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Mutation:
        """Raises LocalError if ``data`` is not the JSON form of a mutation."""
        try:
            return cls(**data)
        except TypeError as error:
            raise LocalError("not the JSON form of a mutation", actual=repr(data)[:80]) from error


def mutations(record: wire.Record, body: bytes) -> Iterator[Mutation]:
    """Every systematic change of ``body``, which should be a legal one."""
    return Mutator(record, body).systematic()


def mutate(record: wire.Record, body: bytes, rng: random.Random) -> Mutation:
    """One change, chosen at random."""
    return Mutator(record, body).random(rng)


def apply(record: wire.Record, body: bytes, mutation: Mutation) -> bytes:
    """The changed body. Raises LocalError if ``mutation`` does not fit it."""
    return Mutator(record, body).apply(mutation)


class Mutator:
    """Changes of one body, whose fields are found only once."""

    def __init__(self, record: wire.Record, body: bytes) -> None:
        self.top = walk(record)
        self.body = body
        self.found: Dissection = dissect(record, body)
        self._in_line: dict[str, Span] = {}
        """Path -> span; the pointer itself where a path has two."""
        self._behind: dict[str, Span] = {}
        """Path -> what the pointer of this path leads to."""
        self._elements: list[Span] = []
        for span in self.found:
            if span.path in self._in_line:
                self._behind[span.path] = span
            else:
                self._in_line[span.path] = span
            if isinstance(span.node, Items):
                self._elements += span.children
        self.numbers = [span for span in self._in_line.values() if isinstance(span.node, Scalar)]
        self.pointers = [span for span in self._in_line.values() if isinstance(span.node, Reference)]
        self.bytes = [span for span in self.found if isinstance(span.node, Bytes)]
        self._counting = _counting_paths(self.found)

    # -- what can be done

    def systematic(self) -> Iterator[Mutation]:
        """Every systematic change."""
        for span in self.numbers:
            yield from self._number(span)
        for span in self.pointers:
            yield from self._pointer(span)
        for span in self._elements:
            yield from self._element(span)
        for span in self.bytes:
            yield from self._resize(span)
        yield from self._ends()

    def random(self, rng: random.Random) -> Mutation:
        """One change, chosen at random: first the kind of thing, then the thing, then the change."""
        groups: list[tuple[Sequence[Span], Callable[[Span], Iterator[Mutation]]]] = [
            (self.numbers, self._number),
            (self.pointers, self._pointer),
            (self._elements, self._element),
            (self.bytes, self._resize),
        ]
        usable = [item for item in groups if item[0]]
        if usable and rng.random() < 0.9:
            spans, changes = rng.choice(usable)
            span = rng.choice(spans)
            if changes == self._number and rng.random() < 0.3:
                assert isinstance(span.node, Scalar)
                bit = 1 << rng.randrange(8 * span.node.size)
                return Mutation("bit", span.path, span.raw, _turned(span.node, span.raw, bit))
            options = list(changes(span))
            if options:
                return rng.choice(options)
        if self.body and rng.random() < 0.5:
            return Mutation("truncate", "", len(self.body), rng.randrange(len(self.body)))
        return Mutation("extend", "", "", rng.randbytes(rng.randint(1, 16)).hex())

    def _number(self, span: Span) -> Iterator[Mutation]:
        node, old, path = span.node, span.raw, span.path
        assert isinstance(node, Scalar)
        low, high = node.bounds
        if path in self._counting:
            for new in dict.fromkeys((0, 1, old - 1, old + 1, 2 * old, high // 2 + 1, high, *HUGE)):
                if new != old and low <= new <= high:
                    yield Mutation("count", path, old, new)
                    if new <= GROWTH:
                        yield Mutation("count", path, old, new, repair=True)
            return
        if node.table is None:
            for new in boundaries(low, high):
                if new != old:
                    yield Mutation("set", path, old, new)
        else:
            for new in (*(int(item) for item in node.table), *((0,) if node.is_flags else ())):
                if new != old and low <= new <= high:
                    yield Mutation("set", path, old, new)
                    yield Mutation("set", path, old, new, repair=True)
            for new in unnamed(node):
                if new != old:
                    yield Mutation("unnamed", path, old, new)
                    yield Mutation("unnamed", path, old, new, repair=True)
        for bit in (1, 1 << 8 * node.size - 1):
            yield Mutation("bit", path, old, _turned(node, old, bit))

    def _pointer(self, span: Span) -> Iterator[Mutation]:
        old, path, size = span.raw, span.path, len(self.body)
        assert isinstance(span.node, Reference)
        if old:
            yield Mutation("null", path, old, 0)
            if span.node.nullable:
                yield Mutation("null", path, old, 0, repair=True)
        if old != span.start:
            yield Mutation("self", path, old, span.start)
        for new in dict.fromkeys((1, size - 1, size - 4)):
            if new > 0 and new != old:
                yield Mutation("edge", path, old, new)
        for new in (size, size + 1, 1 << 31, (1 << 32) - 4, (1 << 32) - 1):
            yield Mutation("outside", path, old, new)
        for new in (old - 1, old + 1, span.end):
            if 0 < new < size and new != old:
                yield Mutation("overlapping", path, old, new)
        for other in self.pointers:
            if other is not span and other.raw != old:
                if other.raw:
                    yield Mutation("shared", path, old, other.raw)
                if other.start > span.start:
                    yield Mutation("swap", path, path, other.path)

    def _element(self, span: Span) -> Iterator[Mutation]:
        for repair in (False, True):
            yield Mutation("duplicate", span.path, repair=repair)
            yield Mutation("remove", span.path, repair=repair)

    def _resize(self, span: Span) -> Iterator[Mutation]:
        old = len(span.raw)
        assert isinstance(span.node, Bytes)
        for new in dict.fromkeys((0, old - 1, old + 1, 2 * old)):
            if new >= 0 and new != old:
                yield Mutation("resize", span.path, old, new)
                if isinstance(span.node.count, wire.By | wire.Rest | wire.ZeroTerminated):
                    yield Mutation("resize", span.path, old, new, repair=True)

    def _ends(self) -> Iterator[Mutation]:
        size = len(self.body)
        for new in sorted({at for span in self.found.leaves() for at in (span.start, span.end - 1)}):
            if 0 <= new < size:
                yield Mutation("truncate", "", size, new)
        for added in ("00", "00" * 8, "ff" * 4):
            yield Mutation("extend", "", "", added)

    # -- doing it

    def apply(self, mutation: Mutation) -> bytes:
        """The changed body. Raises LocalError if ``mutation`` does not fit it."""
        if mutation.kind == "truncate" and isinstance(mutation.new, int):
            return self.body[: mutation.new]
        if mutation.kind == "extend" and isinstance(mutation.new, str):
            return self.body + bytes.fromhex(mutation.new)
        span = self._in_line.get(mutation.path)
        if span is None:
            raise LocalError("the body has no such field", path=mutation.path)
        if mutation.kind == "resize" and not isinstance(self._behind.get(span.path, span).node, Bytes):
            raise LocalError("not bytes", path=mutation.path, actual=str(mutation))
        try:
            return self._repaired(mutation) if mutation.repair else self._bare(mutation, span)
        except (TypeError, KeyError, IndexError, AttributeError, struct.error) as error:
            raise LocalError(
                "a mutation that does not fit the body", path=mutation.path, actual=str(mutation)
            ) from error

    def _bare(self, mutation: Mutation, span: Span) -> bytes:
        """Change the named bytes and nothing else."""
        body = bytearray(self.body)
        match mutation.kind:
            case "duplicate":
                body[span.end : span.end] = body[span.start : span.end]
            case "remove":
                del body[span.start : span.end]
            case "resize":
                span = self._behind.get(span.path, span)
                size = int(mutation.new)  # type: ignore[arg-type]
                end = span.start + len(span.raw)
                body[span.start : end] = _sized(span.raw, size)
            case "swap":
                other = self._in_line[str(mutation.new)]
                struct.pack_into("<L", body, span.start, other.raw)
                struct.pack_into("<L", body, other.start, span.raw)
            case _:
                node = span.node
                form = node.order + node.code if isinstance(node, Scalar) else "<L"
                struct.pack_into(form, body, span.start, mutation.new)
        return bytes(body)

    def _repaired(self, mutation: Mutation) -> bytes:
        """Change the value and make the rest agree."""
        tree = _tree(self.found.root)
        *before, last = _parts(mutation.path)
        place = tree
        for part in before:
            place = place[part]
        match mutation.kind:
            case "duplicate":
                place.insert(last, place[last])
            case "remove":
                del place[last]
            case "resize":
                place[last] = _sized(place[last], int(mutation.new))  # type: ignore[arg-type]
            case "null":
                place[last] = None
            case "count":
                if last in place:
                    place[last] = mutation.new  # a factor, which is part of the value
                for counted in self._counting[mutation.path]:
                    if counted in place:
                        place[counted] = _lengthened(place[counted], int(mutation.new))  # type: ignore[arg-type]
            case _:
                place[last] = mutation.new
        return _Writer().body(self.top, tree)


def _turned(node: Scalar, number: int, bit: int) -> int:
    """``number`` with one bit turned, as its type reads it."""
    low, high = node.bounds
    turned = (number ^ bit) & ((1 << 8 * node.size) - 1)
    return turned if turned <= high else turned - (high - low + 1)


def _sized(raw: bytes, size: int) -> bytes:
    return (raw * (size // len(raw) + 1) if raw else b" " * size)[:size]


def _lengthened(found: Any, size: int) -> Any:
    if found is None:  # a null pointer; what it shall lead to is up to the writer
        return _Plain(size)
    if isinstance(found, list):
        return [found[index % len(found)] for index in range(size)] if found else [None] * size
    return _sized(found, size)


class _Plain:
    """So many plain elements or zero bytes."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __len__(self) -> int:
        return self.size


def _parts(path: str) -> list[Any]:
    """``a.b[2].c`` as ``["a", "b", 2, "c"]``."""
    return [int(index) if index else name for name, index in re.findall(r"([^.\[\]]+)(?=[.\[]|$)|\[(\d+)\]", path)]


def _counting_paths(found: Dissection) -> dict[str, list[str]]:
    """Path of a number that says how many -> names of the fields beside it that it counts."""
    out: dict[str, list[str]] = {}
    for span in found:
        if isinstance(span.node, Structure):
            prefix = f"{span.path}." if span.path else ""
            for name, counted in _counts(span.node):
                out.setdefault(prefix + name, []).append(counted)
    return out


@cache
def _counts(item: Structure) -> tuple[tuple[str, str], ...]:
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


# -- repair: raw values written out so that they agree -----------------------------------------------------------------


def _tree(span: Span) -> Any:
    """Raw values of a span: dicts for structures, lists for sequences, what a pointer leads to or None."""
    match span.node:
        case Structure():
            return {child.member.name: _tree(child) for child in span.children if child.member is not None}
        case Items():
            return [_tree(child) for child in span.children]
        case Reference():
            return _tree(span.children[0]) if span.children else None
    return span.raw


class _Writer:
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
        for name, counted in reversed(_counts(item)):
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
            if not member.counts and any(name == member.name for name, _ in _counts(item)):
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
                    self.out += _sized(raw, size) if len(raw) != size else raw
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


# -- by byte -----------------------------------------------------------------------------------------------------------

_INTERESTING: Final = tuple(
    number.to_bytes(size, "little")
    for size in (1, 2, 4)
    for number in dict.fromkeys(
        (
            0,
            1,
            2,
            3,
            4,
            8,
            16,
            64,
            127,
            128,
            255,
            256,
            4096,
            32767,
            32768,
            65535,
            1 << 24,
            *HUGE,
            (1 << 31) - 1,
            (1 << 32) - 4,
        )
    )
    if number < 1 << 8 * size
)


def fast_mutator(bodies: Sequence[bytes], rng: random.Random) -> Iterator[bytes]:
    """Changed bodies without end: one to four changes each, of bits, bytes and small numbers; now and then cut,
    extended or crossed with another body. The same ``bodies`` and the same state of ``rng`` give the same bodies again.
    """
    draw = rng.random
    count, kinds = len(bodies), len(_INTERESTING)
    while True:
        body = bytearray(bodies[int(draw() * count)])
        size = len(body)
        chance = draw()
        if chance < 0.06:
            del body[int(draw() * (size + 1)) :]
            size = len(body)
        elif chance < 0.10:
            body += rng.randbytes(1 + int(draw() * 12))
            size = len(body)
        elif chance < 0.14:
            other = bodies[int(draw() * count)]
            at = int(draw() * (size + 1))
            body[at:] = other[int(draw() * (len(other) + 1)) :]
            size = len(body)
        if size:
            changes = int(draw() * draw() * 4) + 1
            while changes:
                changes -= 1
                at = int(draw() * size)
                chance = draw()
                if chance < 0.35:
                    body[at] ^= 1 << int(draw() * 8)
                elif chance < 0.6:
                    body[at] = int(draw() * 256)
                else:
                    number = _INTERESTING[int(draw() * kinds)]
                    end = at + len(number)
                    if end <= size:
                        body[at:end] = number
                    else:
                        body[at] = number[0]
        yield bytes(body)
