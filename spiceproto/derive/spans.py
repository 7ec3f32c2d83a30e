"""Which bytes of a body are which field: a tree of spans, behind pointers too.

    found = dissect(record, body)
    found.root         the Span of the record; its children are its fields
    found.error        the RemoteError at which reading stopped, or None
    found.leaves()     the spans that stand for bytes themselves, in the order in which they were read
    uncovered(body, found)   ranges of bytes that no field covers

Every field that takes bytes is there: those that only count, elements of sequences with their index, and pointers. A
pointer's span is the four bytes of the offset and its only child is what it leads to, under the same path. Absent
fields are left out. A structure covers what stands in line, so a child behind a pointer may lie outside its parent, and
two pointers may lead to the same bytes.

The rules are those of :func:`spiceproto.wire.parse`, and so are the errors, word for word: what was read before the
error is in the tree. This is for reports and mutators; it is many times slower than a generated parser, and it keeps
what that forgets.

One reader, a closure, is made for every node when it is first met.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from struct import Struct
from typing import Any

from spiceproto import bounds, wire
from spiceproto.derive.span import Dissection, Span
from spiceproto.errors import RemoteError
from spiceproto.walk import Bytes, Condition, Handle, Items, Member, Reference, Scalar, Structure, walk

__all__ = ["dissect", "spans", "uncovered"]


def dissect(record: wire.Record | Structure, body: bytes) -> Dissection:
    """Spans of ``body``. Never raises for bad bytes: the error is part of the answer."""
    top = record if isinstance(record, Structure) else walk(record)
    root = Span("", top, None, 0, 0, None, [])
    reached = [0]
    error = None
    try:
        _structure(top)(body, 0, len(body), root, reached)
    except RemoteError as found:
        error = found
        _close(root)
    return Dissection(root, error, max(root.end, reached[0]))


def spans(record: wire.Record | Structure, body: bytes) -> Span:
    """The root span of ``body``. Raises RemoteError where parsing would."""
    found = dissect(record, body)
    if found.error is not None:
        raise found.error
    return found.root


def uncovered(body: bytes, found: Dissection | Span) -> list[tuple[int, int]]:
    """Ranges (start, end) of ``body`` that no field covers: trailing bytes, and gaps between what pointers lead to."""
    everything = found if isinstance(found, Dissection) else Dissection(found, None, 0)
    gaps, end = [], 0
    for start, stop in sorted((item.start, item.end) for item in everything.leaves()):
        if start > end:
            gaps.append((end, start))
        end = max(end, stop)
    if end < len(body):
        gaps.append((end, len(body)))
    return gaps


def _close(item: Span) -> None:
    """Give spans that were not finished an end: that of their last child in line."""
    if isinstance(item.node, Structure | Items):
        for child in item.children:
            _close(child)
            item.end = max(item.end, child.end)
    else:
        for child in item.children:
            _close(child)


_EMPTY: list[Span] = []
"""Children of spans that never have any; shared, never changed."""


# -- readers -----------------------------------------------------------------------------------------------------------

Context = dict[str, int]
"""Numbers of the fields met so far in a record, under dotted names."""

Read = Callable[[bytes, int, int, Span, list[int]], int]
"""``read(body, offset, end, span, reached) -> offset behind``: fills ``span`` with children."""

Step = Callable[[bytes, int, int, Span, list[int], str, Context], int]
"""The same for one member: adds a child to ``span``; path and context are those of the record."""


@cache
def _structure(item: Structure) -> Read:
    """Reads the members of a structure into its span."""
    if all(member.condition is None and isinstance(member.node, Scalar) for member in item.members):
        return _numbers(item)
    steps = [_step(item, member) for member in item.members]

    def read(body: bytes, offset: int, end: int, span: Span, reached: list[int]) -> int:
        context: Context = {}
        prefix = f"{span.path}." if span.path else ""
        for step in steps:
            offset = step(body, offset, end, span, reached, prefix, context)
        span.end = offset
        return offset

    return read


def _numbers(item: Structure) -> Read:
    """Reads a structure made of numbers only: one unpack for each byte order, usually one in all."""
    orders = {member.node.order for member in item.members if isinstance(member.node, Scalar)}
    order = orders.pop() if orders else "<"
    if orders:  # both orders
        steps = [_step(item, member) for member in item.members]

        def read_slowly(body: bytes, offset: int, end: int, span: Span, reached: list[int]) -> int:
            prefix = f"{span.path}." if span.path else ""
            for step in steps:
                offset = step(body, offset, end, span, reached, prefix, {})
            span.end = offset
            return offset

        return read_slowly

    nodes = [(member.name, member.node, member) for member in item.members if isinstance(member.node, Scalar)]
    form = Struct(order + "".join(node.code for _, node, _ in nodes))
    unpack, size = form.unpack_from, form.size
    singles = [Struct(order + node.code).unpack_from for _, node, _ in nodes]

    def read(body: bytes, offset: int, end: int, span: Span, reached: list[int]) -> int:
        prefix = f"{span.path}." if span.path else ""
        append = span.children.append
        if offset + size <= end:
            for (name, node, member), number in zip(nodes, unpack(body, offset), strict=True):
                after = offset + node.size
                append(Span(prefix + name, node, member, offset, after, number, _EMPTY))
                offset = after
            span.end = offset
            return offset
        for (name, node, member), single in zip(nodes, singles, strict=True):
            after = offset + node.size
            if after > end:
                raise bounds.short(((0, node.size, prefix + name),), offset, end)
            append(Span(prefix + name, node, member, offset, after, single(body, offset)[0], _EMPTY))
            offset = after
        span.end = offset
        return offset

    return read


def _step(item: Structure, member: Member) -> Step:
    node = member.node
    read: Step
    match node:
        case Scalar():
            read = _scalar(node, member)
        case Structure():
            read = _inline(node, member, _exported(item, member.name))
        case Bytes():
            read = _bytes(node, member.name, member)
        case Items():
            read = _items(node, member.name, member)
        case Reference():
            read = _reference(node, member)
        case Handle():
            return lambda body, offset, end, span, reached, prefix, context: offset
    return read if member.condition is None else _conditional(item, member, read)


def _exported(item: Structure, name: str) -> tuple[str, ...]:
    """Dotted names below ``name`` that conditions of ``item`` ask for."""
    wanted = (member.condition.on for member in item.members if member.condition is not None)
    return tuple(dict.fromkeys(on[len(name) + 1 :] for on in wanted if on.startswith(f"{name}.")))


def _conditional(item: Structure, member: Member, read: Step) -> Step:
    condition = member.condition
    assert condition is not None
    on, name = condition.on, member.name
    holds = _holds(condition)
    several = sum(other.name == name for other in item.members) > 1

    def maybe(body: bytes, offset: int, end: int, span: Span, reached: list[int], prefix: str, context: Context) -> int:
        if not holds(context[on]):
            return offset
        if several and any(child.path == prefix + name and not _is_null(child) for child in span.children):
            return offset
        return read(body, offset, end, span, reached, prefix, context)

    return maybe


def _is_null(span: Span) -> bool:
    return isinstance(span.node, Reference) and span.raw == 0


def _holds(condition: Condition) -> Callable[[int], bool]:
    """:meth:`Condition.holds`, with what does not change computed once."""
    negated = condition.negated
    if condition.is_flags:
        mask = condition.mask
        return lambda number: bool(number & mask) != negated
    members = frozenset(int(item) for item in condition.members)
    return lambda number: (number in members) != negated


def _scalar(node: Scalar, member: Member) -> Step:
    name, size = member.name, node.size
    unpack = Struct(node.order + node.code).unpack_from

    def read(body: bytes, offset: int, end: int, span: Span, reached: list[int], prefix: str, context: Context) -> int:
        path = prefix + name
        after = offset + size
        if after > end:
            raise bounds.short(((0, size, path),), offset, end)
        number = unpack(body, offset)[0]
        context[name] = number
        span.children.append(Span(path, node, member, offset, after, number, _EMPTY))
        return after

    return read


def _inline(node: Structure, member: Member, exported: tuple[str, ...]) -> Step:
    name = member.name
    inner = _structure(node)
    places = [(f"{name}.{dotted}", _members(node, dotted)) for dotted in exported]

    def read(body: bytes, offset: int, end: int, span: Span, reached: list[int], prefix: str, context: Context) -> int:
        child = Span(prefix + name, node, member, offset, offset, None, [])
        span.children.append(child)
        offset = inner(body, offset, end, child, reached)
        for dotted, members in places:
            place = child
            for wanted in members:
                place = next(found for found in place.children if found.member is wanted)
            context[dotted] = place.raw
        return offset

    return read


def _members(item: Structure, dotted: str) -> list[Member]:
    """The members that a dotted name passes through."""
    found, node = [], item
    for part in dotted.split("."):
        member = node.member(part)
        found.append(member)
        if isinstance(member.node, Structure):
            node = member.node
    return found


def _bytes(node: Bytes, name: str, member: Member | None) -> Step:
    count = node.count
    size: Callable[[Context], int]
    if isinstance(count, wire.ZeroTerminated):

        def read_terminated(
            body: bytes, offset: int, end: int, span: Span, reached: list[int], prefix: str, context: Context
        ) -> int:
            path = prefix + name
            zero = body.find(0, offset)
            if zero < 0:
                raise bounds.unterminated(path, offset, end)
            span.children.append(Span(path, node, member, offset, zero + 1, body[offset:zero], _EMPTY))
            return zero + 1

        return read_terminated

    fixed = isinstance(count, wire.Fixed)
    rest = isinstance(count, wire.Rest)
    size = _size(count)

    def read(body: bytes, offset: int, end: int, span: Span, reached: list[int], prefix: str, context: Context) -> int:
        path = prefix + name
        number = end - offset if rest else size(context)
        after = offset + number
        if after > end:
            if fixed:
                raise bounds.short(((0, number, path),), offset, end)
            raise bounds.crowded(path, offset, number, 1, end)
        span.children.append(Span(path, node, member, offset, after, body[offset:after], _EMPTY))
        return after

    return read


def _size(count: wire.Count) -> Callable[[Context], int]:
    match count:
        case wire.By(name=name):
            return lambda context: context.get(name, 0)
        case wire.Fixed(number=number):
            return lambda context: number
    of: Any = count.of
    return lambda context: int(of(context, 0))


def _items(node: Items, name: str, member: Member | None) -> Step:
    element, smallest = node.element, node.smallest
    rest = isinstance(node.count, wire.Rest)
    size = _size(node.count)
    inner = None if isinstance(element, Scalar) else _structure(element)
    single = Struct(element.order + element.code) if isinstance(element, Scalar) else None

    def read(body: bytes, offset: int, end: int, span: Span, reached: list[int], prefix: str, context: Context) -> int:
        path = prefix + name
        count = (end - offset) // smallest if rest else size(context)
        if count * smallest > end - offset:
            raise bounds.crowded(path, offset, count, smallest, end)
        children: list[Span] = []
        child = Span(path, node, member, offset, offset, None, children)
        span.children.append(child)
        if single is not None:
            width = single.size
            after = offset + count * width
            for index, (number,) in enumerate(single.iter_unpack(body[offset:after])):
                children.append(Span(f"{path}[{index}]", element, None, offset, offset + width, number, _EMPTY))
                offset += width
        else:
            assert inner is not None
            for index in range(count):
                item = Span(f"{path}[{index}]", element, None, offset, offset, None, [])
                children.append(item)
                offset = inner(body, offset, end, item, reached)
        child.end = offset
        return offset

    return read


def _reference(node: Reference, member: Member) -> Step:
    name, target = member.name, node.target
    unpack = Struct("<L").unpack_from
    count = getattr(target, "count", None)
    counter = count.name if isinstance(count, wire.By) else None
    step: Step | None = None
    inner: Read | None = None
    match target:
        case Structure():
            inner = _structure(target)
        case Bytes():
            step = _bytes(target, name, None)
        case Items():
            step = _items(target, name, None)
        case _:
            raise TypeError(target)

    def read(body: bytes, offset: int, end: int, span: Span, reached: list[int], prefix: str, context: Context) -> int:
        path = prefix + name
        after = offset + 4
        if after > end:
            raise bounds.short(((0, 4, path),), offset, end)
        place = unpack(body, offset)[0]
        here = Span(path, node, member, offset, after, place, [])
        span.children.append(here)
        if place == 0:
            if not node.nullable:
                raise bounds.null(path, offset)
            if counter is not None and context.get(counter):
                if not node.announced:
                    raise bounds.null_with_count(path, offset, context[counter])
                if context[counter] > end:
                    raise bounds.crowded(path, 0, context[counter], 1, end)
                here.unsent = context[counter]
            return after
        if place >= end:
            raise bounds.outside(path, offset, place, end)
        if inner is not None:
            child = Span(path, target, None, place, place, None, [])
            here.children.append(child)
            stop = inner(body, place, end, child, reached)
        else:
            assert step is not None
            stop = step(body, place, end, here, reached, prefix, context)
        if stop > reached[0]:
            reached[0] = stop
        return after

    return read
