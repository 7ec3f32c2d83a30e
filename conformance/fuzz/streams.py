"""Pictures whose streams are whole: those of the specification's vectors, for a suite that is the server.

What damage does to a codec is seen in a stream that is right but for one byte; a drawn one ends with its first word.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

import msgspec

from conformance.fuzz.chance import Chance
from conformance.fuzz.value_text import compact
from conformance.requirements import SPEC

__all__ = ["Stream", "drawn", "streams"]

_FOLDER: Final = SPEC / "vectors" / "images"
_LARGEST: Final = 2048
"""Bytes of a stream, so that a line stays short."""

_FIELDS: Final = {"QUIC": ("QUIC", "quic"), "LZ": ("LZ_RGB", "lz_rgb"), "LZ4": ("LZ4", "lz4"), "JPEG": ("JPEG", "jpeg")}
"""Codec to the type of an image, and the field that has its stream."""

_INDICES: Final = "PLT"
"""In the types of streams that need a palette."""


class Stream(msgspec.Struct, frozen=True):
    """One picture of the vectors."""

    codec: str
    width: int
    height: int
    data: bytes


@cache
def streams() -> tuple[Stream, ...]:
    """The small ones of each codec that an image can have."""
    index = json.loads((_FOLDER / "index.json").read_text(encoding="utf-8"))
    return tuple(
        [
            Stream(item["codec"], item["width"], item["height"], (_FOLDER / f"{item['name']}.stream").read_bytes())
            for item in index["images"]
            if item["codec"] in _FIELDS and item["size"] <= _LARGEST and _INDICES not in item["type"]
        ]
    )


def drawn(chance: Chance) -> tuple[str, bytes]:
    """The fields of a DRAW_COPY of one of them, and its stream."""
    codec = chance.one_of(sorted(_FIELDS))
    stream = chance.one_of([item for item in streams() if item.codec == codec])
    kind, field = _FIELDS[codec]
    box = {"top": 0, "left": 0, "bottom": stream.height, "right": stream.width}
    image: dict[str, Any] = {
        "descriptor": {"id": 0, "type": kind, "flags": [], "width": stream.width, "height": stream.height},
        field: {"data": stream.data.hex()},
    }
    data = {
        "src_bitmap": image,
        "src_area": box,
        "rop_descriptor": ["OP_PUT"],
        "scale_mode": "NEAREST",
        "mask": {"flags": [], "pos": {"x": 0, "y": 0}},
    }
    return compact({"base": {"surface_id": 0, "box": box, "clip": {"type": "NONE"}}, "data": data}), stream.data
