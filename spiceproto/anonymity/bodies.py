"""What becomes of a message: its numbers stay, its bytes are blanked, pictures are black, keys are one key.

What has no field, and every byte that nobody understands, is zero. Numbers that do not stay are those of keys and of palettes.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from spiceproto import dispatch, schema, wire
from spiceproto.anonymity import blanks, pictures
from spiceproto.derive.span import Span
from spiceproto.derive.spans import dissect, uncovered
from spiceproto.image_places import placed
from spiceproto.walk import Bytes

__all__ = ["blank", "link"]

_DRAWN: Final = frozenset({"display", "cursor"})
"""Tables whose bytes are pixels: never text."""

_KEYS: Final = frozenset({"scan_code", "scan_code_bytes"})
_NUMBERS: Final = frozenset({"ents"})
"""Sequences of numbers that are colours."""

_PORTS: Final = re.compile(rb"(?:org\.spice-space|com\.redhat\.spice)(?:\.(?:webdav|stream|[0-9]{1,3}))+\0*")
"""Names of ports that say what they are for, and nothing of whose they are."""

_OPAQUE: Final = frozenset({"MIGRATE_DATA", "AGENT_DATA", "COMPRESSED_DATA"})
"""Messages whose bytes are a protocol of their own."""

_LINK_KEPT: Final = frozenset({"caps", "mechanism", "mechanisms"})
_KEY_HEAD, _KEY_TAIL = 29, 5
"""Bytes of a public key, in DER, before and behind its modulus."""


@cache
def record(module: str, name: str) -> wire.Record:
    """A structure of the schemas."""
    return schema.records()[f"{module}.{name}"]


def blank(row: dispatch.Row, body: bytes) -> tuple[bytearray, int] | None:
    """A body that says nothing, and how many pictures of it do not decode; None for one that breaks its schema."""
    found = dissect(record(row.module, row.class_name), body)
    if found.error is not None:
        return None
    out = bytearray(body)
    for start, end in uncovered(body, found):
        out[start:end] = bytes(end - start)
    places: dict[str, Span] = {}
    for item in found:
        shown = item.member.shown if item.member is not None else ""
        if shown in _KEYS:
            out[item.start : item.end] = blanks.keys(body[item.start : item.end])
        elif item.name in _NUMBERS:
            out[item.start : item.end] = bytes(item.end - item.start)
        elif isinstance(item.node, Bytes):
            places[item.path] = item
            out[item.start : item.end] = _octets(row, item.name, shown, body[item.start : item.end])
    poor = _draw(row, body, out, places) if row.table == "display" else 0
    return out, poor


def _octets(row: dispatch.Row, name: str, shown: str, data: bytes) -> bytes:
    if row.table in _DRAWN:
        return pictures.frame(data) if row.name in ("STREAM_DATA", "STREAM_DATA_SIZED") else bytes(len(data))
    if row.name in _OPAQUE or (row.name == "DATA" and row.table in ("usbredir", "webdav", "smartcard")):
        return bytes(len(data))
    if row.name == "DATA" and row.table in ("playback", "record"):
        return bytes([data[0] & 0xFC]) + bytes(len(data) - 1) if data else data  # how long a packet of Opus is
    if row.name == "INIT" and name == "name" and _PORTS.fullmatch(data):
        return data
    return blanks.key_file(data) if shown == "key_file" else blanks.octets(data)


def _draw(row: dispatch.Row, body: bytes, out: bytearray, places: dict[str, Span]) -> int:
    """Put black pictures into the places of streams; how many can not be."""
    poor = 0
    for path, image in placed(row.parse(body)):
        for field in pictures.FIELDS:
            place = places.get(f"{path}.{field}.data")
            if place is not None and getattr(image, field) is not None and place.end > place.start:
                out[place.start : place.end], decodes = pictures.blank(field, image)
                poor += not decodes
    return poor


def link(value: Any, data: bytes) -> bytes:
    """A step of the link stage: tickets, what SASL says and what is beside capabilities are zeros; a key is another one."""
    found = dissect(record("link", type(value).__name__), data)
    out = bytearray(data)
    for item in found:
        if item.name == "caps":
            begin = min(max(value.caps_offset, item.start), item.end)
            end = min(begin + 4 * (value.num_common_caps + value.num_channel_caps), item.end)
            out[item.start : begin], out[end : item.end] = bytes(begin - item.start), bytes(item.end - end)
        if not isinstance(item.node, Bytes) or item.name in _LINK_KEPT:
            continue
        part = data[item.start : item.end]
        if item.name == "pub_key" and any(part):
            out[item.start : item.end] = part[:_KEY_HEAD] + b"\xa5" * (len(part) - _KEY_HEAD - _KEY_TAIL) + part[-_KEY_TAIL:]
        else:
            out[item.start : item.end] = bytes(len(part))
    return bytes(out)
