"""The golden images of spec/vectors, as images of messages: what every client shows alike, and what none may show."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final, Literal

from conformance.cases.display.drawing import descriptor, raw
from conformance.requirements import SPEC
from spiceproto.enums.image import BitmapFlags, ImageType, JpegAlphaFlags
from spiceproto.messages.image import BinaryData, Image, JPEGAlphaData, LZPLTData, Palette, ZlibGlzRGBData

__all__ = ["broken", "golden", "sequence", "why"]

_FOLDER: Final = SPEC / "vectors" / "images"
_SIZE: Final = (7, 5)
"""What a broken stream whose header says nothing that can be believed is said to be."""


_SIZE_FIELDS: Final[dict[str, tuple[Literal["little", "big"], int, int]]] = {
    "QUIC": ("little", 12, 20),
    "LZ": ("big", 12, 20),
    "GLZ": ("big", 9, 17),
}
"""Codec to where the width and the height stand in a header, and where they end."""
_MOST: Final = 64
"""What a broken stream may say that its width or height is to be believed."""


_TYPES: Final = {
    "QUIC": ImageType.QUIC,
    "LZ": ImageType.LZ_RGB,
    "GLZ": ImageType.GLZ_RGB,
    "LZ4": ImageType.LZ4,
    "JPEG": ImageType.JPEG,
}
_FIELDS: Final = {"QUIC": "quic", "LZ": "lz_rgb", "GLZ": "lz_rgb", "LZ4": "lz4", "JPEG": "jpeg"}
"""Codec to the field of an image that its stream stands in."""


@cache
def _index() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_FOLDER / "index.json").read_text(encoding="utf-8"))
    return found


@cache
def _entries(kind: str) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in _index()[kind]}


def _palette(entry: dict[str, Any]) -> Palette | None:
    name = entry.get("palette")
    return None if name is None else Palette(0, tuple(_index()["palettes"][name]))


def _image(entry: dict[str, Any], stream: bytes, size: tuple[int, int]) -> Image:
    codec, (width, height) = entry["codec"], size
    palette = _palette(entry)
    top_down = bool(entry.get("top_down", True))
    if codec == "BITMAP":
        flags = BitmapFlags.TOP_DOWN if top_down else 0
        # A bitmap says its size itself.
        return raw(stream, entry["type_number"], width, height, entry["stride"], flags=flags, palette=palette)
    if codec == "LZ" and palette is not None:
        flags = BitmapFlags(BitmapFlags.TOP_DOWN if top_down else 0)
        body = LZPLTData(flags=flags, palette_id=None, palette=palette, data=stream)
        return Image(descriptor=descriptor(ImageType.LZ_PLT, width, height), lz_plt=body)
    if codec == "ZLIB_GLZ":
        inner = ZlibGlzRGBData(entry["glz_data_size"], stream)
        return Image(descriptor=descriptor(ImageType.ZLIB_GLZ_RGB, width, height), zlib_glz=inner)
    if codec == "JPEG_ALPHA":
        both = JPEGAlphaData(JpegAlphaFlags(entry["flags"]), entry["jpeg_size"], stream)
        return Image(descriptor=descriptor(ImageType.JPEG_ALPHA, width, height), jpeg_alpha=both)
    fields: dict[str, Any] = {_FIELDS[codec]: BinaryData(stream)}
    return Image(descriptor=descriptor(_TYPES[codec], width, height), **fields)


def golden(name: str) -> Image:
    """A picture that is as it should be: ``lz/rgb32-noise-7x5``."""
    entry = _entries("images")[name]
    return _image(entry, (_FOLDER / f"{name}.stream").read_bytes(), (entry["width"], entry["height"]))


def _believed(codec: str, stream: bytes) -> tuple[int, int]:
    """The size that the header of a broken stream says, where it is one that can be: so it is refused for no other reason."""
    order, at, end = _SIZE_FIELDS.get(codec, ("big", 0, 0))
    numbers = [int.from_bytes(stream[start : start + 4], order) for start in range(at, end, 4)]
    return (numbers[0], numbers[1]) if len(stream) >= end > at and all(0 < number <= _MOST for number in numbers) else _SIZE


def broken(name: str, size: tuple[int, int] | None = None) -> Image:
    """A picture that is not: ``quic-cut_half``. The descriptor says a size that would do."""
    entry = _entries("invalid")[f"invalid/{name}"]
    stream = (_FOLDER / "invalid" / f"{name}.stream").read_bytes()
    believed = _believed(entry["codec"], stream)
    known = (entry.get("width", believed[0]), entry.get("height", believed[1]))
    return _image(entry, stream, known if size is None else size)


def why(name: str) -> str:
    """What is wrong with one of these."""
    return f"{name}: {_entries('invalid')[f'invalid/{name}']['why']}"


def sequence(name: str) -> list[Image]:
    """Pictures that refer to each other, in the order in which they come."""
    entry = _entries("sequences")[name]
    data = (_FOLDER / f"{name}.stream").read_bytes()
    found = []
    for step in entry["steps"]:
        stream = data[step["offset"] : step["offset"] + step["size"]]
        found.append(_image(step, stream, (step["width"], step["height"])))
    return found
