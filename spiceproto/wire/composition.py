"""How fields are put together: sequences, pointers, conditions, and records of named fields."""

from __future__ import annotations

import io
from collections.abc import Callable
from collections.abc import Sequence as AbstractSequence
from functools import cached_property
from typing import Any, Literal

from construct import Construct, Container, Renamed, Struct

from spiceproto import bounds
from spiceproto.domain import Among, Domain
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.errors import LocalError, SchemaError
from spiceproto.unsent import Unsent, announced
from spiceproto.wire.counts import By, Count, Fixed, Rest, ZeroTerminated
from spiceproto.wire.leaves import Data, Enumeration, FlagSet, Integer, check_count, left_of, plain_path, uint32

__all__ = ["Field", "Pointer", "Record", "Sequence", "When", "holds_pointer", "parts", "smallest_size"]


class Sequence(Construct):  # type: ignore[misc]
    """Elements of one kind: an Integer, an Enumeration or a Record."""

    def __init__(self, element: Construct, count: Count) -> None:
        super().__init__()
        self.element = element
        self.count = count
        self.smallest = smallest_size(element)
        if self.smallest < 1:
            raise SchemaError("elements of a sequence must take at least one byte", path=str(element))

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> tuple[Any, ...]:
        left = left_of(stream)
        count = left // self.smallest if isinstance(self.count, Rest) else self.count.of(context, left)
        if count * self.smallest > left:
            raise bounds.crowded(plain_path(path), stream.tell(), count, self.smallest, stream.tell() + left)
        return tuple([self.element._parsereport(stream, context, f"{path} -> [{i}]") for i in range(count)])

    def _build(self, obj: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        if not isinstance(obj, AbstractSequence) or isinstance(obj, bytes | str):
            raise LocalError("not a sequence", path=plain_path(path), expected="a tuple", actual=repr(obj)[:80])
        check_count(self.count, len(obj), context, path)
        for i, item in enumerate(obj):
            self.element._build(item, stream, context, f"{path} -> [{i}]")
        return obj


class Pointer(Construct):  # type: ignore[misc]
    """A uint32 offset from the first byte of the message to ``target``; 0 is null.

    Building puts what pointers lead to behind everything that stands in line, in the order in which the pointers are
    met, those of deeper levels later. A target without bytes is represented by an offset to the pointer itself, which is inside
    the message and not null.

    With ``announced`` a null pointer to bytes may have a count that is no longer than the message; nothing is read then.
    """

    def __init__(self, target: Construct, *, nullable: bool, announced: bool = False) -> None:
        super().__init__()
        if announced and not (nullable and isinstance(target, Data) and isinstance(target.count, By)):
            raise SchemaError("what a null pointer can announce is bytes with a count", path=str(target))
        self.target = target
        self.nullable = nullable
        self.announced = announced

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> Any:
        at = stream.tell()
        offset = uint32._parse(stream, context, path)
        end = stream.getbuffer().nbytes
        if offset == 0:
            if not self.nullable:
                raise bounds.null(plain_path(path), at)
            count = getattr(self.target, "count", None)
            number = context[count.name] if isinstance(count, By) else 0
            if number and not self.announced:
                raise bounds.null_with_count(plain_path(path), at, number)
            if number > end:
                raise bounds.crowded(plain_path(path), 0, number, 1, end)
            return Unsent(number) if number else None
        if offset >= end:
            raise bounds.outside(plain_path(path), at, offset, end)
        resume = stream.tell()
        stream.seek(offset)
        value = self.target._parsereport(stream, context, path)
        _extend(context, stream.tell())
        stream.seek(resume)
        return value

    def _build(self, obj: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        if obj is None and not self.nullable:
            raise LocalError("a null pointer where the message needs a value", path=plain_path(path))
        if obj is not None and not (self.announced and isinstance(obj, Unsent)):
            context._params.pending.append((stream.tell(), self.target, obj, context, path))
        stream.write(b"\0\0\0\0")
        return obj


def _extend(context: Container, end: int) -> None:
    """Note that the message is used up to ``end``."""
    reached = context._params.get("reached")
    if reached is not None and end > reached[0]:
        reached[0] = end


class When(Construct):  # type: ignore[misc]
    """``subcon``, present only if the earlier field ``on`` passes ``test``; otherwise None and no bytes.

    ``is``       an enum has one of ``members``; a flags field has one of their bits
    ``is-not``   the opposite
    """

    def __init__(
        self, on: str, test: Literal["is", "is-not"], members: tuple[WireEnum | WireFlags, ...], subcon: Construct
    ) -> None:
        super().__init__()
        self.on = on
        self.test = test
        self.members = members
        self.subcon = subcon

    def holds(self, context: Container) -> bool:
        value: Any = context
        for name in self.on.split("."):
            value = value[name] if isinstance(value, dict) else getattr(value, name)
        if isinstance(self.members[0], WireFlags):
            found = any(value & member for member in self.members)
        else:
            found = value in self.members
        return found == (self.test == "is")

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> Any:
        return self.subcon._parsereport(stream, context, path)

    def _build(self, obj: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        return self.subcon._build(obj, stream, context, path)


class Field(Renamed):  # type: ignore[misc]
    """A named member of a record, and what people should know about it."""

    def __init__(self, name: str, subcon: Construct, doc: str, unit: str, domain: Domain | None, shown: str = "") -> None:
        super().__init__(subcon, newname=name, newdocs=doc)
        self.name: str = name
        self.doc = doc
        self.unit = unit
        self.domain = domain
        self.shown = shown

    @property
    def expect(self) -> int | None:
        """The only value that its domain has, such as a magic number."""
        numbers = self.domain.numbers if isinstance(self.domain, Among) else ()
        return numbers[0] if len(numbers) == 1 else None


class Record(Struct):  # type: ignore[misc]
    """Fields in order. ``name`` is ``module.Class``: the value class stands in ``spiceproto.messages.module``.

    Several fields may share a name if each is conditional: the first whose condition holds is the one that is read.
    """

    def __init__(self, name: str, fields: tuple[Field, ...], doc: str) -> None:
        super().__init__(*fields)
        self.name = name
        self.module, _, self.class_name = name.partition(".")
        self.doc = doc
        self.fields = fields
        for item in fields:
            inner = item.subcon
            while isinstance(inner, When | Pointer):
                inner = inner.subcon if isinstance(inner, When) else inner.target
            if isinstance(inner, Sequence) and holds_pointer(inner.element):
                raise SchemaError(
                    "a pointer inside a sequence: the message could reach its bytes any number of times",
                    path=f"{name}.{item.name}",
                )
        self.counting = self._find_counting()
        pointers = [item for item in fields if isinstance(item.subcon, Pointer)]
        self.announcing = tuple([item.name for item in pointers if item.subcon.announced])
        seen = dict.fromkeys(item.name for item in fields)
        self.value_fields: tuple[str, ...] = tuple(n for n in seen if n not in self.counting)

    def _find_counting(self) -> dict[str, str]:
        """Counting field -> the field that it counts."""
        counting: dict[str, str] = {}
        for item in self.fields:
            target = item.subcon
            while isinstance(target, When | Pointer):
                target = target.subcon if isinstance(target, When) else target.target
            count = getattr(target, "count", None)
            if isinstance(count, By):
                counting.setdefault(count.name, item.name)
        return counting

    @cached_property
    def value_class(self) -> Callable[..., Any]:
        """The class of the values of this record."""
        try:
            module = __import__(f"spiceproto.messages.{self.module}", fromlist=[self.class_name])
            found = getattr(module, self.class_name, None)
        except ModuleNotFoundError:
            found = None
        if found is not None and tuple(found.__struct_fields__) == self.value_fields:
            return found  # type: ignore[no-any-return]
        import msgspec

        return msgspec.defstruct(self.class_name, list(self.value_fields), frozen=True, gc=False)

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> Any:
        inner = Container(_=context, _params=context._params)
        for item in self.fields:
            condition = item.subcon
            if isinstance(condition, When) and (inner.get(item.name) is not None or not condition.holds(inner)):
                inner.setdefault(item.name, None)
                continue
            inner[item.name] = item._parsereport(stream, inner, path)
        return self.value_class(*[inner[name] for name in self.value_fields])

    def _build(self, obj: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        inner = Container(_=context, _params=context._params)
        try:
            for name in self.value_fields:
                inner[name] = getattr(obj, name)
        except AttributeError as error:
            raise LocalError(
                "not a value of this record", path=plain_path(path), expected=self.class_name, actual=repr(obj)[:80]
            ) from error
        for name, counted in self.counting.items():
            value = inner[counted]
            unsent = isinstance(value, Unsent) and counted in self.announcing
            inner[name] = announced(value) if unsent else _length(value, f"{path} -> {counted}")
        built: set[str] = set()
        for item in self.fields:
            condition = item.subcon
            if isinstance(condition, When) and (item.name in built or not condition.holds(inner)):
                continue
            built.add(item.name)
            item._build(inner[item.name], stream, inner, path)
        for name in self.value_fields:
            if name not in built and inner[name] is not None:
                raise LocalError(
                    "a value for a field that the fields before it exclude",
                    path=plain_path(f"{path} -> {name}"),
                    expected="None",
                    actual=repr(inner[name])[:80],
                )
        return obj


def _length(value: Any, path: str) -> int:
    """How many bytes or elements ``value`` has; none if it is absent."""
    if value is None:
        return 0
    try:
        return len(value)
    except TypeError as error:
        raise LocalError("neither bytes nor a sequence", path=plain_path(path), actual=repr(value)[:80]) from error


def smallest_size(node: Construct) -> int:
    """The fewest bytes that ``node`` can take."""
    match node:
        case Integer():
            return node.size
        case Enumeration() | FlagSet():
            return smallest_size(node.subcon)
        case Field():
            return smallest_size(node.subcon)
        case Pointer():
            return 4
        case Record():
            return sum(smallest_size(item) for item in node.fields)
        case Data(count=Fixed(number=number)):
            return number
        case Sequence(count=Fixed(number=number)):
            return number * node.smallest
        case Data(count=ZeroTerminated()):
            return 1
    return 0


def holds_pointer(node: Construct) -> bool:
    """True if a Pointer stands anywhere in ``node``."""
    match node:
        case Pointer():
            return True
        case Record():
            return any(holds_pointer(item.subcon) for item in node.fields)
        case When():
            return holds_pointer(node.subcon)
        case Sequence():
            return holds_pointer(node.element)
    return False


def parts(node: Construct) -> list[Record]:
    """The records that ``node`` is directly made of."""
    match node:
        case Record():
            return [
                found
                for item in node.fields
                for found in ([item.subcon] if isinstance(item.subcon, Record) else parts(item.subcon))
            ]
        case Sequence():
            return [node.element] if isinstance(node.element, Record) else []
        case Pointer():
            return [node.target] if isinstance(node.target, Record) else parts(node.target)
        case When():
            return [node.subcon] if isinstance(node.subcon, Record) else parts(node.subcon)
    return []
