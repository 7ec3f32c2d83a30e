"""The vocabulary of the schemas: a small closed set of constructs.

A schema is a tree of the classes below and of nothing else, so that :mod:`spiceproto.walk` can read every one of them:

    Integer         a little- or big-endian number, and ``fixed28_4``
    Enumeration     an Integer with a name for some of its values; others stay numbers
    FlagSet         an Integer with a name for some of its bits; a value with other bits stays a number
    Data            bytes
    Sequence        elements of one kind
    Pointer         an offset from the first byte of the message to something else in it
    When            a field that is there only if an earlier field says so
    Descriptor      a file descriptor that travels beside the bytes and takes none of them
    Record          fields in order; becomes an instance of a value class

How many bytes or elements there are is a :class:`Count`: a constant, an earlier field, a product of earlier fields, the
size of a packed picture, the rest of the message, or up to a zero byte. A field that only counts another one is not part
of the value: it is made from the value's length when bytes are built, and it is a property of the value class.

No lambdas and no expressions: what a count or a condition refers to is a name, or a dotted name, of an earlier field.

Everything here is plain construct: ``parse`` and ``build`` below run the interpreter of that library, slowly and
plainly. They are the oracle that the generated parsers and builders are compared with, value for value and error for
error. Two rules hold for both:

* Fields are read in order; a pointer is followed where it stands. Offsets are absolute in the message, never negative,
  and what they lead to may overlap or be shared. Because a Pointer never stands inside a Sequence (:class:`Record`
  refuses that), a message reaches at most (number of its pointer fields + 1) times its own size: that is the
  amplification budget, and it is fixed by the schema and not by the peer.
* A count is compared with the bytes left before anything is allocated.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from collections.abc import Sequence as AbstractSequence
from functools import cached_property
from typing import Any, Final, Literal

from construct import Adapter, Construct, Container, FormatField, Renamed, Struct

from spiceproto import bounds
from spiceproto.enums.base import EnumTable, FlagsTable, WireEnum, WireFlags
from spiceproto.errors import LocalError, SchemaError

__all__ = [
    "REST",
    "ZERO_TERMINATED",
    "By",
    "Count",
    "Data",
    "Descriptor",
    "Enumeration",
    "Field",
    "Fixed",
    "FlagSet",
    "Integer",
    "PackedRows",
    "Pointer",
    "Product",
    "Record",
    "Rest",
    "Sequence",
    "When",
    "ZeroTerminated",
    "array",
    "build",
    "data",
    "descriptor",
    "enum",
    "field",
    "fixed28_4",
    "flags",
    "int8",
    "int16",
    "int32",
    "int64",
    "parse",
    "parts",
    "pointer",
    "record",
    "text",
    "uint8",
    "uint16",
    "uint16be",
    "uint32",
    "uint32be",
    "uint64",
    "uint64be",
    "when",
    "when_not",
]


# -- counts ------------------------------------------------------------------------------------------------------------


class Count:
    """How many bytes or elements there are."""

    def of(self, context: Container, left: int) -> int:
        """The number, given the earlier fields and the bytes left."""
        raise NotImplementedError(self)


class Fixed(Count):
    """Always the same number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def of(self, context: Container, left: int) -> int:
        return self.number


class By(Count):
    """An earlier field of the same record, which exists only to count."""

    def __init__(self, name: str) -> None:
        self.name = name

    def of(self, context: Container, left: int) -> int:
        return int(context[self.name])


class Product(Count):
    """The product of earlier fields that mean something themselves, such as ``stride`` times ``y``."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def of(self, context: Container, left: int) -> int:
        number = 1
        for name in self.names:
            number *= context[name]
        return number


class PackedRows(Count):
    """Bytes of a picture whose rows are filled up to whole bytes: ``ceil(bits * width / 8) * height``."""

    def __init__(self, bits: int, width: str = "width", height: str = "height") -> None:
        self.bits = bits
        self.width = width
        self.height = height

    def of(self, context: Container, left: int) -> int:
        return int((context[self.width] * self.bits + 7) // 8 * context[self.height])


class Rest(Count):
    """All that is left of the message."""

    def of(self, context: Container, left: int) -> int:
        return left


class ZeroTerminated(Count):
    """Up to a zero byte, which is read and is not part of the value."""


REST: Final = Rest()
ZERO_TERMINATED: Final = ZeroTerminated()


# -- leaves ------------------------------------------------------------------------------------------------------------


def _left(stream: io.BytesIO) -> int:
    return stream.getbuffer().nbytes - stream.tell()


def _path(path: str) -> str:
    """construct's ``(parsing) -> a -> [3] -> b`` as ``a[3].b``."""
    out = ""
    for name in path.split(" -> ")[1:]:
        out += name if name.startswith("[") or not out else f".{name}"
    return out


class Integer(FormatField):  # type: ignore[misc]
    """A number of ``size`` bytes; ``code`` is its letter in :mod:`struct`, ``order`` is ``<`` or ``>``."""

    def __init__(self, label: str, order: Literal["<", ">"], code: str, *, alias: str = "") -> None:
        super().__init__(order, code)
        self.label = label
        self.order = order
        self.code = code
        self.size = struct.calcsize(order + code)
        self.alias = alias

    @property
    def signed(self) -> bool:
        return self.code.islower()

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> int:
        start = stream.tell()
        raw = stream.read(self.size)
        if len(raw) < self.size:
            raise bounds.short(((0, self.size, _path(path)),), start, start + len(raw))
        return int(struct.unpack(self.fmtstr, raw)[0])

    def _build(self, obj: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        try:
            stream.write(struct.pack(self.fmtstr, obj))
        except (struct.error, TypeError) as error:
            raise LocalError("a value does not fit its field", path=_path(path), expected=self.label,
                             actual=repr(obj)[:80]) from error  # fmt: skip
        return obj


int8: Final = Integer("int8", "<", "b")
int16: Final = Integer("int16", "<", "h")
int32: Final = Integer("int32", "<", "l")
int64: Final = Integer("int64", "<", "q")
uint8: Final = Integer("uint8", "<", "B")
uint16: Final = Integer("uint16", "<", "H")
uint32: Final = Integer("uint32", "<", "L")
uint64: Final = Integer("uint64", "<", "Q")
uint16be: Final = Integer("uint16be", ">", "H")
uint32be: Final = Integer("uint32be", ">", "L")
uint64be: Final = Integer("uint64be", ">", "Q")
fixed28_4: Final = Integer("int32", "<", "l", alias="fixed28_4")
"""A signed number in units of 1/16, kept as that integer so that nothing is rounded."""


class Enumeration(Adapter):  # type: ignore[misc]
    """An Integer that names things one at a time."""

    def __init__(self, subcon: Integer, kind: type[WireEnum]) -> None:
        super().__init__(subcon)
        self.kind = kind
        self.table = EnumTable(kind)

    def _decode(self, obj: int, context: Container, path: str) -> WireEnum | int:
        return self.table[obj]

    def _encode(self, obj: Any, context: Container, path: str) -> Any:
        return obj


class FlagSet(Adapter):  # type: ignore[misc]
    """An Integer whose bits name things."""

    def __init__(self, subcon: Integer, kind: type[WireFlags]) -> None:
        super().__init__(subcon)
        self.kind = kind
        self.table = FlagsTable(kind)

    def _decode(self, obj: int, context: Container, path: str) -> WireFlags | int:
        return self.table[obj]

    def _encode(self, obj: Any, context: Container, path: str) -> Any:
        return obj


class Data(Construct):  # type: ignore[misc]
    """Bytes. ``text`` says that people read them (UTF-8, often with a zero byte at the end)."""

    def __init__(self, count: Count, *, text: bool = False) -> None:
        super().__init__()
        self.count = count
        self.text = text

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> bytes:
        left = _left(stream)
        if isinstance(self.count, ZeroTerminated):
            start = stream.tell()
            end = stream.getvalue().find(b"\0", start)
            if end < 0:
                raise bounds.unterminated(_path(path), start, start + left)
            raw = stream.read(end + 1 - start)
            return raw[:-1]
        count = self.count.of(context, left)
        if isinstance(self.count, Fixed) and count > left:
            raise bounds.short(((0, count, _path(path)),), stream.tell(), stream.tell() + left)
        if count > left:
            raise bounds.crowded(_path(path), stream.tell(), count, 1, stream.tell() + left)
        return stream.read(count)

    def _build(self, obj: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        if not isinstance(obj, bytes | bytearray | memoryview):
            raise LocalError("not bytes", path=_path(path), expected="bytes", actual=repr(obj)[:80])
        _check_count(self.count, len(obj), context, path)
        if isinstance(self.count, ZeroTerminated):
            if b"\0" in bytes(obj):
                raise LocalError("a zero byte inside a zero-terminated string", path=_path(path), actual=repr(obj)[:80])
            stream.write(bytes(obj) + b"\0")
        else:
            stream.write(obj)
        return obj


def _check_count(count: Count, number: int, context: Container, path: str) -> None:
    """Refuse a length that the receiver would compute differently."""
    if isinstance(count, Rest | ZeroTerminated):
        return
    wanted = count.of(context, 0)
    if wanted != number:
        raise LocalError("the length does not agree with the fields that give it", path=_path(path),
                         expected=str(wanted), actual=str(number))  # fmt: skip


class Descriptor(Construct):  # type: ignore[misc]
    """A file descriptor, passed as ancillary data of a Unix socket; None in the value, no bytes on the wire."""

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> None:
        return None

    def _build(self, obj: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        return obj


# -- composition -------------------------------------------------------------------------------------------------------


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
        left = _left(stream)
        count = left // self.smallest if isinstance(self.count, Rest) else self.count.of(context, left)
        if count * self.smallest > left:
            raise bounds.crowded(_path(path), stream.tell(), count, self.smallest, stream.tell() + left)
        return tuple([self.element._parsereport(stream, context, f"{path} -> [{i}]") for i in range(count)])

    def _build(self, obj: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        if not isinstance(obj, AbstractSequence) or isinstance(obj, bytes | str):
            raise LocalError("not a sequence", path=_path(path), expected="a tuple", actual=repr(obj)[:80])
        _check_count(self.count, len(obj), context, path)
        for i, item in enumerate(obj):
            self.element._build(item, stream, context, f"{path} -> [{i}]")
        return obj


class Pointer(Construct):  # type: ignore[misc]
    """A uint32 offset from the first byte of the message to ``target``; 0 is null.

    Building puts what pointers lead to behind everything that stands in line, in the order in which the pointers are
    met, those of deeper levels later. A target without bytes is represented by an offset to the pointer itself, which is inside
    the message and not null.
    """

    def __init__(self, target: Construct, *, nullable: bool) -> None:
        super().__init__()
        self.target = target
        self.nullable = nullable

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> Any:
        at = stream.tell()
        offset = uint32._parse(stream, context, path)
        end = stream.getbuffer().nbytes
        if offset == 0:
            if not self.nullable:
                raise bounds.null(_path(path), at)
            count = getattr(self.target, "count", None)
            if isinstance(count, By) and context[count.name]:
                raise bounds.null_with_count(_path(path), at, context[count.name])
            return None
        if offset >= end:
            raise bounds.outside(_path(path), at, offset, end)
        resume = stream.tell()
        stream.seek(offset)
        value = self.target._parsereport(stream, context, path)
        _extend(context, stream.tell())
        stream.seek(resume)
        return value

    def _build(self, obj: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        if obj is None and not self.nullable:
            raise LocalError("a null pointer where the message needs a value", path=_path(path))
        if obj is not None:
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

    def __init__(self, on: str, test: Literal["is", "is-not"], members: tuple[WireEnum | WireFlags, ...],
                 subcon: Construct) -> None:  # fmt: skip
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

    def __init__(self, name: str, subcon: Construct, doc: str, unit: str, requires: tuple[str, ...],
                 expect: int | None) -> None:  # fmt: skip
        super().__init__(subcon, newname=name, newdocs=doc)
        self.name: str = name
        self.doc = doc
        self.unit = unit
        self.requires = requires
        self.expect = expect


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
                raise SchemaError("a pointer inside a sequence: the message could reach its bytes any number of times",
                                  path=f"{name}.{item.name}")  # fmt: skip
        self.counting = self._find_counting()
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
            raise LocalError("not a value of this record", path=_path(path), expected=self.class_name,
                             actual=repr(obj)[:80]) from error  # fmt: skip
        for name, counted in self.counting.items():
            inner[name] = _length(inner[counted], f"{path} -> {counted}")
        built: set[str] = set()
        for item in self.fields:
            condition = item.subcon
            if isinstance(condition, When) and (item.name in built or not condition.holds(inner)):
                continue
            built.add(item.name)
            item._build(inner[item.name], stream, inner, path)
        for name in self.value_fields:
            if name not in built and inner[name] is not None:
                raise LocalError("a value for a field that the fields before it exclude", path=_path(f"{path} -> {name}"),
                                 expected="None", actual=repr(inner[name])[:80])  # fmt: skip
        return obj


def _length(value: Any, path: str) -> int:
    """How many bytes or elements ``value`` has; none if it is absent."""
    if value is None:
        return 0
    try:
        return len(value)
    except TypeError as error:
        raise LocalError("neither bytes nor a sequence", path=_path(path), actual=repr(value)[:80]) from error


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
            return [found for item in node.fields for found in ([item.subcon] if isinstance(item.subcon, Record)
                                                                 else parts(item.subcon))]  # fmt: skip
        case Sequence():
            return [node.element] if isinstance(node.element, Record) else []
        case Pointer():
            return [node.target] if isinstance(node.target, Record) else parts(node.target)
        case When():
            return [node.subcon] if isinstance(node.subcon, Record) else parts(node.subcon)
    return []


# -- the words schemas are written in ----------------------------------------------------------------------------------


def field(name: str, subcon: Construct, doc: str = "", *, unit: str = "", requires: tuple[str, ...] = (),
          expect: int | None = None) -> Field:  # fmt: skip
    """A member of a record. ``expect`` is the only right value of a magic number; it is not enforced by parsing."""
    return Field(name, subcon, doc, unit, requires, expect)


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


def pointer(target: Construct, *, null: bool) -> Pointer:
    """An offset to ``target``; ``null`` says whether 0 is allowed."""
    return Pointer(target, nullable=null)


def when(on: str, members: WireEnum | WireFlags | tuple[WireEnum | WireFlags, ...], subcon: Construct) -> When:
    """Present if the earlier field ``on`` is one of ``members`` (an enum) or has one of their bits (flags)."""
    return When(on, "is", members if isinstance(members, tuple) else (members,), subcon)


def when_not(on: str, members: WireEnum | WireFlags | tuple[WireEnum | WireFlags, ...], subcon: Construct) -> When:
    """Present unless the earlier field ``on`` is one of ``members`` or has one of their bits."""
    return When(on, "is-not", members if isinstance(members, tuple) else (members,), subcon)


def descriptor() -> Descriptor:
    """A file descriptor beside the bytes."""
    return Descriptor()


# -- the oracle --------------------------------------------------------------------------------------------------------


def parse(schema: Record, body: bytes, tail: Callable[[int], object] | None = None) -> Any:
    """Parse ``body`` with plain construct.

    ``tail`` is called with the offset of the first byte behind everything that was read, if bytes remain.
    Raises RemoteError.
    """
    reached = [0]
    stream = io.BytesIO(body)
    context = Container(_params=Container(reached=reached))
    value = schema._parsereport(stream, context, "(parsing)")
    end = max(stream.tell(), reached[0])
    if tail is not None and end < len(body):
        tail(end)
    return value


def build(schema: Record, value: Any) -> bytes:
    """Build the bytes of ``value`` with plain construct. Raises LocalError."""
    if not schema.fields and not isinstance(value, schema.value_class):  # type: ignore[arg-type]
        raise LocalError("not a value of this record", expected=schema.class_name, actual=repr(value)[:80])
    pending: list[tuple[int, Construct, Any, Container, str]] = []
    stream = io.BytesIO()
    context = Container(_params=Container(pending=pending))
    schema._build(value, stream, context, "(building)")
    for at, target, item, inner, path in pending:
        start = stream.seek(0, io.SEEK_END)
        target._build(item, stream, inner, path)
        offset = start if stream.tell() > start else at
        stream.seek(at)
        stream.write(struct.pack("<I", offset))
    return stream.getvalue()
