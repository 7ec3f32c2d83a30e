"""What a message is made of in the end: numbers, names of numbers, bytes, and descriptors beside them."""

from __future__ import annotations

import io
import struct
from typing import Any, Final, Literal

from construct import Adapter, Construct, Container, FormatField

from spiceproto import bounds
from spiceproto.enums.base import EnumTable, FlagsTable, WireEnum, WireFlags
from spiceproto.errors import LocalError
from spiceproto.wire.counts import Count, Fixed, Rest, ZeroTerminated

__all__ = [
    "Data",
    "Descriptor",
    "Enumeration",
    "FlagSet",
    "Integer",
    "check_count",
    "fixed28_4",
    "int8",
    "int16",
    "int32",
    "int64",
    "left_of",
    "plain_path",
    "uint8",
    "uint16",
    "uint16be",
    "uint32",
    "uint32be",
    "uint64",
    "uint64be",
]


def left_of(stream: io.BytesIO) -> int:
    return stream.getbuffer().nbytes - stream.tell()


def plain_path(path: str) -> str:
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
            raise bounds.short(((0, self.size, plain_path(path)),), start, start + len(raw))
        return int(struct.unpack(self.fmtstr, raw)[0])

    def _build(self, obj: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        try:
            stream.write(struct.pack(self.fmtstr, obj))
        except (struct.error, TypeError) as error:
            raise LocalError(
                "a value does not fit its field", path=plain_path(path), expected=self.label, actual=repr(obj)[:80]
            ) from error
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
        left = left_of(stream)
        if isinstance(self.count, ZeroTerminated):
            start = stream.tell()
            end = stream.getvalue().find(b"\0", start)
            if end < 0:
                raise bounds.unterminated(plain_path(path), start, start + left)
            raw = stream.read(end + 1 - start)
            return raw[:-1]
        count = self.count.of(context, left)
        if isinstance(self.count, Fixed) and count > left:
            raise bounds.short(((0, count, plain_path(path)),), stream.tell(), stream.tell() + left)
        if count > left:
            raise bounds.crowded(plain_path(path), stream.tell(), count, 1, stream.tell() + left)
        return stream.read(count)

    def _build(self, obj: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        if not isinstance(obj, bytes | bytearray | memoryview):
            raise LocalError("not bytes", path=plain_path(path), expected="bytes", actual=repr(obj)[:80])
        check_count(self.count, len(obj), context, path)
        if isinstance(self.count, ZeroTerminated):
            if b"\0" in bytes(obj):
                raise LocalError("a zero byte inside a zero-terminated string", path=plain_path(path), actual=repr(obj)[:80])
            stream.write(bytes(obj) + b"\0")
        else:
            stream.write(obj)
        return obj


def check_count(count: Count, number: int, context: Container, path: str) -> None:
    """Refuse a length that the receiver would compute differently."""
    if isinstance(count, Rest | ZeroTerminated):
        return
    wanted = count.of(context, 0)
    if wanted != number:
        raise LocalError(
            "the length does not agree with the fields that give it",
            path=plain_path(path),
            expected=str(wanted),
            actual=str(number),
        )


class Descriptor(Construct):  # type: ignore[misc]
    """A file descriptor, passed as ancillary data of a Unix socket; None in the value, no bytes on the wire."""

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> None:
        return None

    def _build(self, obj: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        return obj
