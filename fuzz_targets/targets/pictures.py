"""Decoders of pictures: a picture of the size that was said, or a refusal; coded again it is the same picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fuzz_targets.parts import joined, parts
from fuzz_targets.target import Target, holds
from spiceproto.codecs import bitmap, glz, jpeg, jpeg_alpha, jpeg_stream, lz, lz4, quic, zlib_glz
from spiceproto.errors import RemoteError
from spiceproto.tests.vectors import Vectors

__all__ = ["TARGETS"]

_PIXELS: Final = 1 << 13
"""Of pictures that are decoded: kernels are interpreted here."""

_WINDOW: Final = 1 << 14
_HEAD: Final = 8
"""Bytes before streams that do not say their size themselves: width, height, and two numbers of the codec."""

_REPEATED: Final = 4
"""Streams of a sequence that are a seed."""


def _numbers(data: bytes) -> tuple[int, int, int, int]:
    """The four numbers of a head; sizes stay small."""
    width, height, one, other = [int.from_bytes(data[at : at + 2], "little") for at in range(0, _HEAD, 2)]
    return width & 127, height & 63, one, other


def _head(*numbers: int) -> bytes:
    return b"".join([(number & 0xFFFF).to_bytes(2, "little") for number in numbers])


def _again(pixels: NDArray[Any], back: NDArray[Any]) -> None:
    """The same but for the top bit of 16, which is undefined."""
    holds("coded again it has another form", pixels.shape == back.shape and pixels.dtype == back.dtype)
    different = (pixels ^ back) & (0x7FFF if pixels.dtype == np.uint16 else np.iinfo(pixels.dtype).max)
    holds("coded again it is another picture", not different.any(), pixels[different != 0], back[different != 0])


def _sized(pixels: NDArray[Any], width: int, height: int) -> None:
    holds("a picture of another size", pixels.shape == (height, width), pixels.shape, (height, width))


def _quic(data: bytes) -> None:
    pixels = quic.decode(data, max_pixels=_PIXELS)
    head = quic.header(data)
    _sized(pixels, head.width, head.height)
    _again(pixels, quic.decode(quic.encode(pixels, head.type)))


def _lz(data: bytes) -> None:
    pixels = lz.decode(data, max_pixels=_PIXELS)
    head = lz.header(data)
    _sized(pixels, head.width, head.height)
    _again(pixels, lz.decode(lz.encode(pixels, head.type, top_down=head.top_down)))


def _glz(data: bytes) -> None:
    """Streams of one window, one after the other."""
    window = glz.Window(_WINDOW)
    for stream in parts(data):
        try:
            pixels = glz.decode(stream, window, max_pixels=_PIXELS)
        except RemoteError:
            continue
        head = glz.header(stream)
        _sized(pixels, head.width, head.height)
        coded = glz.encode(pixels, head.type, glz.Dictionary(_WINDOW))
        _again(pixels, glz.decode(coded, glz.Window(_WINDOW)))


def _zlib_glz(data: bytes) -> None:
    _, _, size, _ = _numbers(data)
    zlib_glz.decode(data[_HEAD:], size, glz.Window(_WINDOW), max_pixels=_PIXELS)


def _lz4(data: bytes) -> None:
    width, height, _, _ = _numbers(data)
    pixels = lz4.decode(data[_HEAD:], width, height)
    _sized(pixels, width, height)
    head = lz4.header(data[_HEAD:])
    _again(pixels, lz4.decode(lz4.encode(pixels, head.format, top_down=head.top_down), width, height))


def _jpeg(data: bytes) -> None:
    width, height, _, fast = _numbers(data)
    pixels = jpeg.decode(data[_HEAD:], fast=bool(fast & 1))
    head = jpeg_stream.header(data[_HEAD:])
    _sized(pixels, head.width, head.height)
    if (width, height) != (head.width, head.height):
        try:
            jpeg.decode(data[_HEAD:], width, height)
        except RemoteError:
            return
        holds("a picture of another size is taken", False, (width, height), (head.width, head.height))


def _jpeg_alpha(data: bytes) -> None:
    width, height, size, top_down = _numbers(data)
    _sized(jpeg_alpha.decode(data[_HEAD:], size, width, height, top_down=bool(top_down & 1)), width, height)


def _bitmap(data: bytes) -> None:
    width, height, stride, rest = _numbers(data)
    kind, top_down = rest & 15, bool(rest & 16)
    body, palette = data[_HEAD:], [colour * 0x010101 for colour in range(256)]
    pixels = bitmap.decode(body, kind, width, height, stride, top_down=top_down, palette=palette)
    _sized(pixels, width, height)
    if bitmap.LAYOUTS[kind].indexed:
        pixels = bitmap.indices(body, kind, width, height, stride, top_down=top_down)
    coded, length = bitmap.encode(pixels, kind, top_down=top_down)
    if bitmap.LAYOUTS[kind].indexed:
        _again(pixels, bitmap.indices(coded, kind, width, height, length, top_down=top_down))
    else:
        _again(pixels, bitmap.decode(coded, kind, width, height, length, top_down=top_down))


_DECODERS: Final[dict[str, Callable[[bytes], None]]] = {
    "QUIC": _quic,
    "LZ": _lz,
    "GLZ": _glz,
    "ZLIB_GLZ": _zlib_glz,
    "LZ4": _lz4,
    "JPEG": _jpeg,
    "JPEG_ALPHA": _jpeg_alpha,
    "BITMAP": _bitmap,
}


def once(codec: str, data: bytes) -> None:
    """A stream of a codec, behind a head where it has no size of its own."""
    try:
        _DECODERS[codec](data)
    except RemoteError:
        return


def _seed(codec: str, entry: dict[str, Any], stream: bytes) -> bytes:
    width, height = entry.get("width", 0), entry.get("height", 0)
    match codec:
        case "QUIC" | "LZ":
            return stream
        case "ZLIB_GLZ":
            return _head(0, 0, entry.get("glz_data_size", 0), 0) + stream
        case "JPEG_ALPHA":
            return _head(width, height, entry.get("jpeg_size", 0), entry.get("top_down", 0)) + stream
        case "BITMAP":
            rest = entry.get("type_number", 0) | 16 * entry.get("top_down", 0)
            return _head(width, height, entry.get("stride", 0), rest) + stream
        case _:
            return _head(width, height, 0, 0) + stream


def seeds(codec: str, largest: int) -> Iterator[bytes]:
    """The golden images, good and bad ones."""
    vectors = Vectors()
    for sequence in vectors.sequences:
        steps = [step for step in sequence["steps"] if step["codec"] == codec]
        streams = [vectors.stream(step) for step in steps]
        if codec == "GLZ" and steps:
            yield joined(streams[:_REPEATED])
        elif codec == "ZLIB_GLZ" and steps:
            yield _seed(codec, steps[0], streams[0])
    for entry in [*vectors.images, *vectors.invalid]:
        if entry["codec"] == codec and entry["size"] <= largest:
            stream = vectors.stream(entry)
            yield joined([stream]) if codec == "GLZ" else _seed(codec, entry, stream)


LARGEST: Final = 2048

TARGETS: Final = [
    Target(
        f"picture-{codec.lower().replace('_', '-')}",
        "a picture of the size that was said, or RemoteError; coded again it is the same",
        partial(once, codec),
        partial(seeds, codec, LARGEST),
        LARGEST,
    )
    for codec in _DECODERS
]
