"""Headers of compressed images: ``images.json``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from spiceproto import schema, wire
from spiceproto.enums.base import WireFlags
from spiceproto.tests.inventory.difference import Found, class_name, load, note
from spiceproto.tests.inventory.enums import enum_classes
from spiceproto.tests.inventory.fields import schema_field
from spiceproto.tests.inventory.sizes import extent

CODECS = {
    "BITMAP": ("image.BitmapData",),
    "GLZ": ("codec.GlzHeader",),
    "JPEG": ("image.BinaryData",),
    "JPEG_ALPHA": ("image.JPEGAlphaData",),
    "LZ": ("codec.LzHeader",),
    "LZ4": ("image.BinaryData", "codec.Lz4Header"),
    "LZ_PLT": ("image.LZPLTData",),
    "QUIC": ("codec.QuicHeader",),
    "SURFACE": ("image.Surface",),
    "ZLIB_GLZ": ("image.ZlibGlzRGBData",),
}
"""The records whose fields, up to the stream itself, are the inventory's header of a stream."""


def compare_codecs() -> Found:
    """Headers of compressed streams; the stream itself is not a field of the inventory's."""
    found: Found = {}
    listed = load("images")
    descriptor = schema.records()["image.ImageDescriptor"]
    _compare_stream(found, "codec.descriptor", listed["descriptor"], descriptor.fields)
    note(found, "codec.descriptor.size", listed["descriptor_size"], extent(descriptor)[0])
    for name, stream in listed["streams"].items():
        if not stream["header"]:
            continue
        records = [schema.records()[full] for full in CODECS[name]]
        fields = [item for record in records for item in record.fields if item.name != "data"]
        _compare_stream(found, f"codec.{name}", stream["header"], fields)
        if "header_size" in stream:
            note(found, f"codec.{name}.size", stream["header_size"], sum(extent(record)[0] for record in records))
    note(found, "codec.names", {name for name, item in listed["streams"].items() if item["header"]}, set(CODECS))
    return found


def _compare_stream(found: Found, path: str, listed: list[dict[str, Any]], fields: Iterable[wire.Field]) -> None:
    ours = {item.name: item for item in fields}
    note(found, f"{path}.order", [item["name"] for item in listed], list(ours))
    for item in listed:
        field = ours.get(item["name"])
        if field is None:
            continue
        size, order = re.fullmatch(r"u(\d+)(le|be|)(?: offset)?", item["wire"]).groups()  # type: ignore[union-attr]
        other = schema_field(field.subcon)
        one: dict[str, object] = {"wire": f"uint{size}{'be' if order == 'be' else ''}"}
        if "enum" in item:
            name = class_name(item["enum"])
            one["names"] = ("flags" if issubclass(enum_classes()[name], WireFlags) else "enum", name)
        for aspect in one.keys() | other.keys():
            note(found, f"{path}.{item['name']}.{aspect}", one.get(aspect), other.get(aspect))
        if "value" in item:
            value = item["value"] if isinstance(item["value"], int) else int(item["value"], 16)
            note(found, f"{path}.{item['name']}.expect", value, field.expect)
