"""Changed messages: by field, each saying what it did.

    mutations(record, body)          every systematic change of one body
    mutate(record, body, rng)        one of them, or a random one
    strays(record, body)             changes that take a field out of its domain, and leave the rest as it should be
    apply(record, body, mutation)    the changed body

Changes by byte, for volume, are those of :mod:`spiceproto.derive.fast_mutator`.

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
    stray                  a number                 a number outside of its domain
    zero                   bytes                    where a zero byte is put
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
from typing import Any

from spiceproto import wire
from spiceproto.derive.domains import allows
from spiceproto.derive.fast_mutator import HUGE
from spiceproto.derive.legal import boundaries, unnamed
from spiceproto.derive.repair import GROWTH, Writer, counts, lengthened, raw_values, sized
from spiceproto.derive.span import Dissection, Span
from spiceproto.derive.spans import dissect
from spiceproto.domain import NotBelow, Range, Room, ZeroFree
from spiceproto.errors import LocalError
from spiceproto.walk import Bytes, Items, Member, Reference, Scalar, Structure, walk

__all__ = ["Mutation", "Mutator", "apply", "mutate", "mutations", "strays"]


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


def strays(record: wire.Record, body: bytes) -> Iterator[Mutation]:
    """Changes of ``body``, which should be a legal one, that take one field out of its domain."""
    return Mutator(record, body).strays()


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

    def strays(self) -> Iterator[Mutation]:
        """Changes that take a field out of its domain. They are repaired, so that nothing else is wrong."""
        for span in self.found:
            if span.member is None or span.member.domain is None:
                continue
            for item in span.children if isinstance(span.node, Items) else (span, *self._behind_pointer(span)):
                yield from self._leaving(item, span.member)

    def _behind_pointer(self, span: Span) -> list[Span]:
        return span.children if isinstance(span.node, Reference) else []

    def _leaving(self, span: Span, member: Member) -> Iterator[Mutation]:
        """Changes of one number, or of bytes, that leave the domain of ``member``."""
        domain, old, path = member.domain, span.raw, span.path
        prefix = path[: path.rfind(".") + 1]
        match span.node, domain:
            case Scalar(), NotBelow(name=name):
                other = self._in_line[prefix + name]
                if member.counts and other.raw <= old < other.node.bounds[1]:  # type: ignore[union-attr]
                    yield Mutation("stray", other.path, other.raw, old + 1, repair=True)
                elif not member.counts and other.raw > span.node.bounds[0]:
                    yield Mutation("stray", path, old, other.raw - 1, repair=True)
            case _, Room():
                size, needed = old if isinstance(span.node, Scalar) else len(old), self._needed(domain, prefix)
                if needed:
                    kind = "stray" if isinstance(span.node, Scalar) else "resize"
                    yield Mutation(kind, path, size, needed - 1, repair=True)
            case Bytes(), ZeroFree(last=last):
                if len(old) > last:
                    yield Mutation("zero", path, None, 0)
            case Scalar() as node, _:
                low, high = node.bounds
                near = [domain.least, domain.most] if isinstance(domain, Range) else []
                edges = [number + step for number in near if number is not None for step in (-1, 1)]
                names = (*map(int, node.table), *unnamed(node)) if node.table is not None else ()
                for new in dict.fromkeys((*boundaries(low, high), *edges, *names)):
                    if low <= new <= high and not allows(member, new) and (path not in self._counting or new <= GROWTH):
                        yield Mutation("stray", path, old, new, repair=True)

    def _needed(self, domain: Room, prefix: str) -> int:
        """Bytes of the picture that the fields before say, 0 if nothing is said."""
        if domain.unless is not None and self._in_line[prefix + domain.unless[0]].raw & domain.unless[1]:
            return 0
        numbers = [self._in_line[prefix + name].raw for name in (domain.kind, domain.width, domain.height) if name]
        return domain.bytes(*numbers)

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
            raise LocalError("a mutation that does not fit the body", path=mutation.path, actual=str(mutation)) from error

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
                body[span.start : end] = sized(span.raw, size)
            case "zero":
                span = self._behind.get(span.path, span)
                body[span.start + int(mutation.new)] = 0  # type: ignore[arg-type]
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
        tree = raw_values(self.found.root)
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
                place[last] = sized(place[last], int(mutation.new))  # type: ignore[arg-type]
            case "null":
                place[last] = None
            case "count" | "stray" if mutation.path in self._counting:
                if last in place:
                    place[last] = mutation.new  # a factor, which is part of the value
                for counted in self._counting[mutation.path]:
                    if counted in place:
                        place[counted] = lengthened(place[counted], int(mutation.new))  # type: ignore[arg-type]
            case _:
                place[last] = mutation.new
        return Writer().body(self.top, tree)


def _turned(node: Scalar, number: int, bit: int) -> int:
    """``number`` with one bit turned, as its type reads it."""
    low, high = node.bounds
    turned = (number ^ bit) & ((1 << 8 * node.size) - 1)
    return turned if turned <= high else turned - (high - low + 1)


def _parts(path: str) -> list[Any]:
    """``a.b[2].c`` as ``["a", "b", 2, "c"]``."""
    return [int(index) if index else name for name, index in re.findall(r"([^.\[\]]+)(?=[.\[]|$)|\[(\d+)\]", path)]


def _counting_paths(found: Dissection) -> dict[str, list[str]]:
    """Path of a number that says how many -> names of the fields beside it that it counts."""
    out: dict[str, list[str]] = {}
    for span in found:
        if isinstance(span.node, Structure):
            prefix = f"{span.path}." if span.path else ""
            for name, counted in counts(span.node):
                out.setdefault(prefix + name, []).append(counted)
    return out
