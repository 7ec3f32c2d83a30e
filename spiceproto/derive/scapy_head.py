# SPDX-License-Identifier: LGPL-2.1-or-later
"""Scapy layers of the SPICE protocol. Made by ``spiceproto export scapy``; needs scapy and nothing else.

    from spice_layers import *
    body = SpiceDisplaySurfaceCreate(surface_id=0, width=640, height=480)
    stream("display", "server")() / body                    a message with its mini header
    for message in messages(data, "display", "server"):     messages of a stream
        message.show()

A message is a header and a body. What a number means depends on the channel and on who sends it, so there is a header
class for each: :func:`stream`. Agent messages are the same with :func:`agent`; :func:`state` is what MIGRATE_DATA holds.
Counts and sizes that are None are filled in when the packet is built; type numbers too, from the class of the body.

Fields are named as in the schemas, except that those which would hide an attribute of Packet end in ``_``: ``name_``,
``time_``. A field that a condition excludes is None. A pointer's value is what it leads to, or None for a null pointer:
a message is built with everything that its pointers lead to behind it, in order, which is the layout of spiceproto but
not always that of the program a captured message came from. ``packet.original`` has those bytes.

A body that is not whole raises ValueError, which scapy turns into Raw inside a header unless ``conf.debug_dissector``
is set.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, ClassVar

from scapy.fields import EnumField, Field, FlagsField
from scapy.packet import Packet, Raw


class Reading:
    """The bytes of a message, and how far pointers led."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.reached = 0

    def take(self, at: int, size: int, name: str) -> bytes:
        if at + size > len(self.body):
            raise ValueError(f"{name}: {size} bytes at {at} of {len(self.body)}")
        return self.body[at : at + size]


class Writing:
    """The bytes so far, and the pointers to what is still to come: (place, field, packet, value)."""

    def __init__(self) -> None:
        self.out = bytearray()
        self.pending: list[tuple[int, Any, Any, Any]] = []

    def finish(self) -> bytes:
        for at, field, packet, value in self.pending:
            start = len(self.out)
            field.write(packet, self, value)
            struct.pack_into("<L", self.out, at, start if len(self.out) > start else at)
        return bytes(self.out)


def find(packet: Any, path: str) -> Any:
    """A field by its dotted name."""
    for name in path.split("."):
        packet = packet.getfieldval(name)
    return packet


class When:
    """A field is there if ``path`` has a bit of ``mask``, or is one of ``values``; or if not, when ``negated``."""

    def __init__(self, path: str, *, mask: int = 0, values: tuple[int, ...] = (), negated: bool = False) -> None:
        self.path, self.mask, self.values, self.negated = path, mask, values, negated

    def holds(self, packet: Any) -> bool:
        number = int(find(packet, self.path))
        return (bool(number & self.mask) if self.mask else number in self.values) != self.negated


def count_of(count: Any, packet: Any, left: int, smallest: int) -> int:
    """How many: a number, or a tuple whose first word says how to find it."""
    if isinstance(count, int):
        return count
    match count:
        case ("rest",):
            return left // smallest
        case ("field", name):
            return int(packet.getfieldval(name))
        case ("rows", bits, width, height):
            rows = int(packet.getfieldval(height))
            return (int(packet.getfieldval(width)) * bits + 7) // 8 * rows  # type: ignore[no-any-return]
    number = 1
    for name in count[1:]:
        number *= int(packet.getfieldval(name))
    return number


class Number(Field[Any, Any]):
    """An integer. ``counts`` names the field whose length it is when it is None."""

    __slots__ = ("counts",)

    def __init__(self, name: str, default: int | None, fmt: str, counts: str = "") -> None:
        super().__init__(name, None if counts else default, fmt)
        self.counts = counts

    def read(self, packet: Any, reading: Reading, at: int) -> tuple[Any, int]:
        return struct.unpack(self.fmt, reading.take(at, self.sz, self.name))[0], at + self.sz

    def write(self, packet: Any, writing: Writing, value: Any) -> None:
        if value is None:
            counted = packet.getfieldval(self.counts) if self.counts else None
            value = len(counted) if counted is not None else 0
        writing.out += struct.pack(self.fmt, int(value))


class Named(EnumField[int]):
    """An integer whose values have names."""

    def __init__(self, name: str, default: int, fmt: str, names: dict[int, str]) -> None:
        super().__init__(name, default, names, fmt)

    def read(self, packet: Any, reading: Reading, at: int) -> tuple[Any, int]:
        return struct.unpack(self.fmt, reading.take(at, self.sz, self.name))[0], at + self.sz

    def write(self, packet: Any, writing: Writing, value: Any) -> None:
        writing.out += struct.pack(self.fmt, int(value or 0))


class Bits(FlagsField):
    """An integer whose bits have names."""

    __slots__ = ("form",)

    def __init__(self, name: str, default: int, fmt: str, names: list[str]) -> None:
        super().__init__(name, default, 8 * struct.calcsize(fmt), names)
        self.form = struct.Struct(fmt)

    def read(self, packet: Any, reading: Reading, at: int) -> tuple[Any, int]:
        size = self.form.size
        return self.any2i(packet, self.form.unpack(reading.take(at, size, self.name))[0]), at + size

    def write(self, packet: Any, writing: Writing, value: Any) -> None:
        writing.out += self.form.pack(int(value or 0))


class Octets(Field[Any, Any]):
    """Bytes."""

    __slots__ = ("count",)

    def __init__(self, name: str, count: Any) -> None:
        super().__init__(name, bytes(count) if isinstance(count, int) else b"", "0s")
        self.count = count

    def read(self, packet: Any, reading: Reading, at: int) -> tuple[Any, int]:
        if self.count == ("zero",):
            end = reading.body.find(b"\0", at)
            if end < 0:
                raise ValueError(f"{self.name}: no zero byte")
            return reading.body[at:end], end + 1
        size = count_of(self.count, packet, len(reading.body) - at, 1)
        return reading.take(at, size, self.name), at + size

    def write(self, packet: Any, writing: Writing, value: Any) -> None:
        writing.out += bytes(value or b"") + b"\0" * (self.count == ("zero",))

    def i2repr(self, pkt: Any, x: Any) -> str:
        return repr(x if x is None or len(x) <= 64 else bytes(x[:64]) + b"...")


class Part(Field[Any, Any]):
    """A structure in line."""

    __slots__ = ("kind",)

    holds_packets = 1

    def __init__(self, name: str, kind: type[Structure]) -> None:
        super().__init__(name, kind(), "0s")
        self.kind = kind

    def read(self, packet: Any, reading: Reading, at: int) -> tuple[Any, int]:
        return self.kind.read(reading, at)

    def write(self, packet: Any, writing: Writing, value: Any) -> None:
        (value if value is not None else self.kind()).write(writing)


class Many(Field[Any, Any]):
    """Elements of one kind; ``element`` is a field, whose name does not matter."""

    __slots__ = ("count", "element", "holds_packets", "smallest")

    islist = 1

    def __init__(self, name: str, count: Any, element: Any, smallest: int) -> None:
        super().__init__(name, [], "0s")
        self.count, self.element, self.smallest = count, element, smallest
        self.holds_packets = int(isinstance(element, Part))

    def read(self, packet: Any, reading: Reading, at: int) -> tuple[Any, int]:
        left = len(reading.body) - at
        count = count_of(self.count, packet, left, self.smallest)
        if count * self.smallest > left:
            raise ValueError(f"{self.name}: {count} elements in {left} bytes")
        found = []
        for _ in range(count):
            value, at = self.element.read(packet, reading, at)
            found.append(value)
        return found, at

    def write(self, packet: Any, writing: Writing, value: Any) -> None:
        for item in value or ():
            self.element.write(packet, writing, item)

    def i2repr(self, pkt: Any, x: Any) -> str:
        return "None" if x is None else "[" + ", ".join(self.element.i2repr(pkt, item) for item in x) + "]"


class Pointer(Field[Any, Any]):
    """An offset to something else in the message; the value is that something."""

    __slots__ = ("holds_packets", "islist", "target")

    def __init__(self, name: str, target: Any, nullable: bool) -> None:
        super().__init__(name, None if nullable else target.default, "<L")
        self.target = target
        self.islist, self.holds_packets = target.islist, target.holds_packets

    def read(self, packet: Any, reading: Reading, at: int) -> tuple[Any, int]:
        (offset,) = struct.unpack("<L", reading.take(at, 4, self.name))
        if not offset:
            return None, at + 4
        if offset >= len(reading.body):
            raise ValueError(f"{self.name}: offset {offset} of {len(reading.body)}")
        value, end = self.target.read(packet, reading, offset)
        reading.reached = max(reading.reached, end)
        return value, at + 4

    def write(self, packet: Any, writing: Writing, value: Any) -> None:
        if value is not None:
            writing.pending.append((len(writing.out), self.target, packet, value))
        writing.out += bytes(4)

    def i2repr(self, pkt: Any, x: Any) -> str:
        return "None" if x is None else str(self.target.i2repr(pkt, x))


class Maybe(Field[Any, Any]):
    """The first of several fields whose condition holds, or None."""

    __slots__ = ("choices", "holds_packets", "islist")

    def __init__(self, name: str, *choices: tuple[When, Any]) -> None:
        super().__init__(name, None, "0s")
        self.choices = choices
        self.islist = choices[0][1].islist
        self.holds_packets = choices[0][1].holds_packets

    def chosen(self, packet: Any) -> Any:
        return next((field for when, field in self.choices if when.holds(packet)), None)

    def read(self, packet: Any, reading: Reading, at: int) -> tuple[Any, int]:
        field = self.chosen(packet)
        return (None, at) if field is None else field.read(packet, reading, at)

    def write(self, packet: Any, writing: Writing, value: Any) -> None:
        field = self.chosen(packet)
        if field is not None:
            field.write(packet, writing, field.default if value is None else value)

    def i2repr(self, pkt: Any, x: Any) -> str:
        field = None if pkt is None else self.chosen(pkt)
        return repr(x) if x is None or field is None else str(field.i2repr(pkt, x))


class Structure(Packet):
    """Fields in order. As a packet of its own it is the body of a message, from which pointers count."""

    fields_desc: ClassVar[Any] = []

    @classmethod
    def read(cls, reading: Reading, at: int) -> tuple[Structure, int]:
        """One structure that begins at ``at``, and the offset behind it."""
        packet = cls()
        return packet, packet._fill(reading, at)

    def _fill(self, reading: Reading, at: int) -> int:
        for field in self.fields_desc:
            self.fields[field.name], at = field.read(self, reading, at)
        self.explicit = 1
        return at

    def write(self, writing: Writing) -> None:
        """Append the fields."""
        for field in self.fields_desc:
            field.write(self, writing, self.getfieldval(field.name))

    def do_dissect(self, s: bytes) -> bytes:
        reading = Reading(bytes(s))
        return s[max(self._fill(reading, 0), reading.reached) :]

    def self_build(self, field_pos_list: Any = None) -> bytes:
        writing = Writing()
        self.write(writing)
        return writing.finish()

    def do_build(self) -> bytes:
        built = self.self_build()
        return self.post_build(built, self.do_build_payload())


class Header(Structure):
    """What stands before a body and tells its kind and size."""

    kinds: ClassVar[dict[int, type[Structure]]] = {}
    size_at = 0
    type_at = 0
    type_fmt = "<H"

    def guess_payload_class(self, payload: bytes) -> Any:
        return self.kinds.get(int(self.getfieldval("type")), Raw)

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        size = self.getfieldval("size")
        return s[:size], s[size:]

    def do_dissect_payload(self, s: bytes) -> None:
        kind = self.kinds.get(int(self.getfieldval("type")))
        if not s and kind is not None and not kind.fields_desc:  # scapy makes no layer of no bytes
            self.add_payload(kind())
        else:
            super().do_dissect_payload(s)

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        out = bytearray(pkt)
        if self.getfieldval("size") is None:
            struct.pack_into("<L", out, self.size_at, len(pay))
        if self.getfieldval("type") is None:
            number = next((number for number, kind in self.kinds.items() if type(self.payload) is kind), 0)
            struct.pack_into(self.type_fmt, out, self.type_at, number)
        return bytes(out) + pay


class LinkFrame(Structure):
    """The header of the link stage: which of three follows is told by the size."""

    after: ClassVar[dict[str, type[Structure]]] = {}

    def guess_payload_class(self, payload: bytes) -> Any:
        size = self.getfieldval("size")
        if size == 4:
            return self.after["error"]
        reply = size >= 178 and len(payload) >= 18 and payload[14:18] != b"\x12\0\0\0"
        return self.after["reply" if reply else "mess"]

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        size = self.getfieldval("size")
        return s[:size], s[size:]

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        if self.getfieldval("size") is None:
            pkt = pkt[:12] + struct.pack("<L", len(pay)) + pkt[16:]
        return pkt + pay


MESSAGES: dict[tuple[str, str], dict[int, type[Structure]]] = {}
"""(channel or layer, sender) -> number -> class of the body."""

HEADERS: dict[str, type[Header]] = {}
"""``mini`` and ``full`` headers of messages, and the header of ``agent`` messages."""

_made: dict[tuple[str, str, str], type[Header]] = {}


def stream(channel: str, sender: str, *, mini: bool = True) -> type[Header]:
    """The header class of a channel's messages: ``stream("display", "server")``."""
    return _header("mini" if mini else "full", channel, sender)


def agent(sender: str, *, selection: bool = True, serial: bool = True) -> type[Header]:
    """The header class of agent messages, for what both sides announced about the clipboard."""
    return _header("agent", "agent" + "_selection" * selection + "_serial" * serial, sender)


def _header(form: str, table: str, sender: str) -> type[Header]:
    key = (form, table, sender)
    if key not in _made:
        more = {"kinds": MESSAGES[table, sender], "name": f"SPICE {table} {sender}"}
        _made[key] = type(f"Spice_{form}_{table}_{sender}", (HEADERS[form],), more)
    return _made[key]


def state(data: bytes) -> Structure | None:
    """The state of a channel in the ``data`` of a MIGRATE_DATA, None for one that is not spice-server's."""
    kind = MESSAGES["migration", "server"].get(int.from_bytes(data[:4], "little"))
    return kind(data) if kind is not None else None


def messages(data: bytes, channel: str, sender: str, *, mini: bool = True) -> Iterator[Header]:
    """Whole messages at the front of ``data``, each a header with its body."""
    kind = stream(channel, sender, mini=mini)
    head = 6 if mini else 18
    at = 0
    while at + head <= len(data):
        end = at + head + struct.unpack_from("<L", data, at + kind.size_at)[0]
        if end > len(data):
            return
        yield kind(data[at:end])
        at = end


# -- made from the schemas ---------------------------------------------------------------------------------------------
