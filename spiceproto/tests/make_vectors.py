"""``python -m spiceproto.tests.make_vectors [--check]``: write ``spec/vectors/images``, or say what is out of date.

What is in it and how it is used is told in its README. This file is the list of what is made:

* ``_quic``, ``_lz``, ``_bitmaps``, ``_lz4``, ``_jpeg``: single images;
* ``_sequences``: images that refer to each other, GLZ and ZLIB_GLZ;
* ``RECORDED``: streams that other programs made, kept in ``recorded/``, which this program reads and never writes;
* :mod:`spiceproto.tests.vector_invalid`: streams to refuse.

Streams of QUIC, LZ, GLZ and of bitmaps are the same whoever makes them, and are compared byte by byte. Those of zlib,
LZ4 and JPEG depend on the version of a library, and so do PNG files: what is there stays as long as it decodes to the
right picture (for JPEG: as long as it is there).
"""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.codecs import bitmap, glz, jpeg, lz, lz4, palette, quic, zlib_glz
from spiceproto.codecs.lz import LzImageType
from spiceproto.codecs.quic import QuicImageType
from spiceproto.enums.image import BitmapFmt
from spiceproto.errors import RemoteError
from spiceproto.tests import vector_invalid, vectors
from spiceproto.tests.vector_pictures import DTYPES, MASKS, as_format, digest, from_file, picture, png, raw
from spiceproto.tests.vectors import FOLDER, PALETTE_TYPES, format_number, pixel_format

__all__ = ["Maker", "made", "main"]

Entry = dict[str, Any]
Pixels = NDArray[Any]

ORIGINS: Final = {
    "encoder": "made by this project's encoder; byte for byte what the reference encoder makes (checked)",
    "layout": "made by this project; the layout leaves no choice but the padding",
    "library": "made by this project with a library; other encoders make other bytes",
    "spice-server": "recorded from a program that draws with spice-server 0.15.1",
    "qemu": "recorded from QEMU 7.2 with spice-server 0.15.1",
    "andris": "recorded from andris 0.1.0, a server that is not spice-server",
}

PNG_ABOVE: Final = 1 << 10
"""Bytes of pixels above which a PNG is written, where a PNG can say the same."""

SIZES: Final = (
    ("solid", 1, 1),
    ("gradient", 7, 5),
    ("noise", 7, 5),
    ("photo", 21, 13),
    ("text", 33, 17),
    ("solid", 64, 64),
)

PALETTES: Final[dict[str, list[int]]] = {
    "two": [0x202080, 0xFFFF00],
    "sixteen": [(n * 0x1F2E3D + 0x102030) & 0xFFFFFF for n in range(16)],
    "ten": [(n * 0x2B4C6D + 0x405060) & 0xFFFFFF for n in range(10)],
    "all": [(n >> 5) * 0x240000 + (n >> 2 & 7) * 0x2400 + (n & 3) * 0x55 for n in range(256)],
    "hundred": [(n * 0x3D5B97 + 0x0A0B0C) & 0xFFFFFF for n in range(100)],
    # The top byte of an entry means nothing; these have one.
    "two, top bytes set": [0xFF202080, 0x80FFFF00],
}
PALETTES_OF: Final = {1: ("two", "two, top bytes set"), 4: ("sixteen", "ten"), 8: ("all", "hundred")}

RECORDED: Final[tuple[Entry, ...]] = (
    {"name": "quic-rgb16", "codec": "QUIC", "type": "RGB16", "from": "spice-server"},
    {"name": "quic-rgb24", "codec": "QUIC", "type": "RGB24", "from": "spice-server"},
    {"name": "quic-rgb32", "codec": "QUIC", "type": "RGB32", "from": "qemu"},
    {"name": "quic-rgba", "codec": "QUIC", "type": "RGBA", "from": "spice-server"},
    {"name": "lz-plt1_be", "codec": "LZ", "type": "PLT1_BE", "from": "spice-server"},
    {"name": "lz-plt4_be", "codec": "LZ", "type": "PLT4_BE", "from": "spice-server"},
    {"name": "lz-plt8", "codec": "LZ", "type": "PLT8", "from": "spice-server"},
    {"name": "lz-rgb16", "codec": "LZ", "type": "RGB16", "from": "spice-server"},
    {"name": "lz-rgb24", "codec": "LZ", "type": "RGB24", "from": "spice-server"},
    {"name": "lz-rgb32", "codec": "LZ", "type": "RGB32", "from": "spice-server"},
    {"name": "lz-rgba", "codec": "LZ", "type": "RGBA", "from": "spice-server"},
    {"name": "lz4-32bit", "codec": "LZ4", "type": "32BIT", "from": "andris", "width": 128, "height": 128},
    {"name": "jpeg", "codec": "JPEG", "type": "COLOUR", "from": "qemu", "width": 32, "height": 40},
    {"name": "jpeg_alpha", "codec": "JPEG_ALPHA", "type": "RGBA", "from": "spice-server", "width": 64, "height": 48,
     "jpeg_size": 929, "top_down": True},
    {"name": "bitmap-1bit_be", "codec": "BITMAP", "type": "1BIT_BE", "from": "spice-server", "width": 64, "height": 48,
     "stride": 8, "top_down": True},
    {"name": "bitmap-4bit_be", "codec": "BITMAP", "type": "4BIT_BE", "from": "spice-server", "width": 64, "height": 48,
     "stride": 32, "top_down": True},
    {"name": "bitmap-32bit", "codec": "BITMAP", "type": "32BIT", "from": "qemu", "width": 32, "height": 40,
     "stride": 128, "top_down": True},
)  # fmt: skip
"""Their pixels are those of the reference decoder (QUIC, LZ, GLZ), of the server's screen (LZ4, BITMAP), or of the
reference client (JPEG, JPEG_ALPHA)."""

Plan = tuple[str, int, int]  # codec, size, glz_data_size (0 for GLZ)
RECORDED_SEQUENCES: Final[tuple[tuple[str, str, str, tuple[Plan, ...]], ...]] = (
    ("glz", "qemu", "a box that moves over a picture",
     (("GLZ", 350, 0), ("GLZ", 541, 0), ("GLZ", 232, 0), ("GLZ", 1207, 0), ("GLZ", 206, 0), ("GLZ", 337, 0),
      ("GLZ", 187, 0), ("GLZ", 697, 0))),
    ("glz-types", "spice-server", "three types; the recording begins at number 4",
     (("GLZ", 129, 0), ("GLZ", 135, 0), ("GLZ", 135, 0))),
    ("zlib_glz", "qemu", "text; the recording begins at number 20",
     (("ZLIB_GLZ", 153, 952), ("ZLIB_GLZ", 161, 683), ("ZLIB_GLZ", 221, 1108), ("ZLIB_GLZ", 165, 1274),
      ("ZLIB_GLZ", 139, 891))),
)  # fmt: skip


class Maker:
    """Collects entries and files. ``present`` reads what is there already, for streams that may stay."""

    def __init__(self, present: Callable[[str], bytes | None]) -> None:
        self.present = present
        self.files: dict[str, bytes] = {}
        self.images: list[Entry] = []
        self.sequences: list[Entry] = []
        self.palettes = dict(PALETTES)
        self._pictures: dict[tuple[str, str], str] = {}

    def expected(self, name: str, pixels: Pixels, format: str) -> tuple[str, str]:
        """File and SHA-256 of a picture; equal pictures share a file, named after the first that has it."""
        data = raw(pixels, format)
        key = digest(data), format
        if key not in self._pictures:
            if len(data) > PNG_ABOVE and format != "X1R5G5B5":
                file = f"pixels/{name}.png"
                here = self.present(file)
                meant = pixels & pixels.dtype.type(MASKS[format])
                if here is None or not np.array_equal(from_file(here, True, format, *pixels.shape[::-1]), meant):
                    here = png(meant, format)
                data = here
            else:
                file = f"pixels/{name}.pixels"
            self.files[file] = data
            self._pictures[key] = file
        return self._pictures[key], key[0]

    def entry(
        self, name: str, codec: str, type: str, pixels: Pixels, stream: bytes, origin: str, **more: Any
    ) -> Entry:
        """The fields that every image has; ``pixels`` are the expected ones, indices for a palette type."""
        flat = name.replace("/", "-")
        found: Entry = {"name": name, "codec": codec, "type": type}
        format = pixel_format(type)
        indices: Entry = {}
        if type in PALETTE_TYPES:
            file, sha256 = self.expected(f"{flat}.index", pixels, "INDEX8")
            indices = {"palette": more.pop("palette"), "indices": file, "indices_sha256": sha256}
            pixels = palette.apply(pixels, self.palettes[indices["palette"]])
        if codec == "BITMAP":
            found["type_number"] = format_number(type)
        found |= {"width": pixels.shape[1], "height": pixels.shape[0], "top_down": True, **more, **indices}
        file, sha256 = self.expected(flat, pixels, format)
        return found | {
            "size": len(stream), "stream_sha256": digest(stream), "pixels": file, "pixel_format": format,
            "pixels_sha256": sha256, "origin": origin,
        }  # fmt: skip

    def image(self, *arguments: Any, **more: Any) -> None:
        """Add an image with a file of its own."""
        found = self.entry(*arguments, **more)
        file = f"{found['name']}.stream"
        if file in self.files:
            raise ValueError(f"two of {file}")
        self.images.append(found)
        self.files[file] = arguments[4]

    def kept(self, name: str, right: Callable[[bytes], bool], make: Callable[[], bytes]) -> bytes:
        """The stream that is there, if it is right, else a new one."""
        here = self.present(f"{name}.stream")
        try:
            if here is not None and right(here):
                return here
        except RemoteError:
            pass
        return make()


def _name(folder: str, type: str, content: str, width: int, height: int, *more: str) -> str:
    return f"{folder}/" + "-".join((type.lower(), content, f"{width}x{height}", *more))


def _same(pixels: Pixels, other: Pixels, format: str) -> bool:
    return pixels.shape == other.shape and raw(pixels, format) == raw(other, format)


def _quic(maker: Maker) -> None:
    for type in (type for type in QuicImageType if type):
        # Many pixels: the coder changes its parameters as it goes on.
        large = {"GRAY": ("mixed", 128, 100), "RGB32": ("mixed", 64, 64)}.get(type.name, ("text", 50, 45))
        for content, width, height in (*SIZES, large, ("photo", 90, 2), ("text", 1, 40)):
            pixels = as_format(picture(content, width, height), pixel_format(type.name))
            stream = quic.encode(pixels, type)
            maker.image(_name("quic", type.name, content, width, height), "QUIC", type.name, pixels, stream, "encoder")
    colours = as_format(picture("gradient", 7, 5), "X8R8G8B8") | np.uint32(0xA5000000)
    maker.image("quic/rgb32-top_byte_set-7x5", "QUIC", "RGB32", colours, quic.encode(colours, QuicImageType.RGB32), "encoder")
    words = as_format(picture("gradient", 7, 5), "X1R5G5B5") | np.uint16(0x8000)
    maker.image("quic/rgb16-top_bit_set-7x5", "QUIC", "RGB16", words, quic.encode(words, QuicImageType.RGB16), "encoder")


def _lz(maker: Maker) -> None:
    for type in LzImageType:
        if not type:
            continue
        bits = 1 if type <= LzImageType.PLT1_BE else 4 if type <= LzImageType.PLT4_BE else 8
        cases = [(*size, True) for size in SIZES]
        cases += [("gradient", 7, 5, False), ("text", 33, 17, False), ("solid", 300, 2, False)]
        if type in (LzImageType.RGB16, LzImageType.RGB32, LzImageType.RGBA, LzImageType.A8, LzImageType.PLT8):
            cases.append(("mixed", 128, 80, True))  # matches further than 8191 pixels
        if type in (LzImageType.PLT4_BE, LzImageType.RGB24):
            cases.append(("text", 64, 64, True))
        for content, width, height, top_down in cases:
            more: Entry = {"top_down": top_down, "stride": lz.stride_of(type, width)}
            if type.name in PALETTE_TYPES:
                # Small palettes for some: their indices stay below the number of entries.
                more["palette"] = PALETTES_OF[bits][content == "photo" or (content == "text" and not top_down)]
                top = len(PALETTES[more["palette"]])
                pixels = as_format(picture(content, width, height), "INDEX8", palette_size=top)
            else:
                pixels = as_format(picture(content, width, height), pixel_format(type.name))
            stream = lz.encode(pixels, type, top_down=top_down)
            direction = () if top_down else ("bottom_up",)
            name = _name("lz", type.name, content, width, height, *direction)
            maker.image(name, "LZ", type.name, pixels, stream, "encoder", **more)
    words = as_format(picture("text", 33, 17), "X1R5G5B5")
    words |= as_format(picture("noise", 33, 17), "X1R5G5B5") << 15  # the encoder does not look at the top bit
    maker.image("lz/rgb16-top_bits-33x17", "LZ", "RGB16", words, lz.encode(words, LzImageType.RGB16), "encoder", stride=66)


def _bitmaps(maker: Maker) -> None:
    for format, layout in bitmap.LAYOUTS.items():
        type = BitmapFmt(format).name.lstrip("_")
        for content, width, height, top_down, padding in (
            ("solid", 1, 1, True, 3), ("gradient", 7, 5, True, 0), ("gradient", 7, 5, False, 5),
            ("noise", 13, 9, True, 0), ("photo", 21, 13, False, 0), ("text", 33, 17, True, 7),
        ):  # fmt: skip
            more: Entry = {"top_down": top_down}
            if layout.indexed:
                more["palette"] = PALETTES_OF[layout.bits][content == "photo"]
                top = len(PALETTES[more["palette"]])
                pixels = as_format(picture(content, width, height), "INDEX8", palette_size=top)
            else:
                pixels = as_format(picture(content, width, height), pixel_format(type))
            used = bitmap.row_size(format, width)
            stream, stride = bitmap.encode(pixels, format, top_down=top_down, stride=used + padding)
            more |= {"stride": stride, "padding": "zero"}
            if padding:
                stream = _filled(stream, format, width, height, stride)
                more["padding"] = "set"
            direction = () if top_down else ("bottom_up",)
            suffix = (*direction, "padded") if padding else direction
            name = _name("bitmap", type, content, width, height, *suffix)
            maker.image(name, "BITMAP", type, pixels, stream, "layout", **more)


def _filled(stream: bytes, format: int, width: int, height: int, stride: int) -> bytes:
    """Set what means nothing: padding bytes to 0xEE, bits behind a row's last pixel to 1, the byte x of 32BIT to 0xEE,
    the top bit of 16BIT to 1."""
    rows = np.frombuffer(stream, np.uint8).reshape(height, stride).copy()
    rows[:, bitmap.row_size(format, width) :] = 0xEE
    bits = bitmap.LAYOUTS[format].bits
    if over := width * bits % 8:
        low_first = format in (BitmapFmt._1BIT_LE, BitmapFmt._4BIT_LE)
        rows[:, width * bits // 8] |= 0xFF << over & 0xFF if low_first else 0xFF >> over
    if format == BitmapFmt._32BIT:
        rows[:, 3 : 4 * width : 4] = 0xEE
    if format == BitmapFmt._16BIT:
        rows[:, 1 : 2 * width : 2] |= 0x80
    return rows.tobytes()


def _lz4(maker: Maker) -> None:
    for type in ("16BIT", "24BIT", "32BIT", "RGBA"):
        format = format_number(type)
        for content, width, height, top_down, rows in (
            ("solid", 1, 1, True, None), ("gradient", 7, 5, True, None), ("gradient", 7, 5, False, 2),
            ("text", 33, 17, True, 4), ("photo", 21, 13, False, None), ("noise", 13, 9, True, 5),
            ("solid", 64, 64, False, 1),
        ):  # fmt: skip
            pixels = as_format(picture(content, width, height), pixel_format(type))
            name = _name("lz4", type, content, width, height, *(() if top_down else ("bottom_up",)))
            stream = _lz4_stream(maker, name, pixels, type, lambda: lz4.encode(
                pixels, format, top_down=top_down, rows_per_block=rows))  # noqa: B023 - called before the next turn
            maker.image(name, "LZ4", type, pixels, stream, "library", top_down=top_down)
        pixels = as_format(picture("text", 21, 13), pixel_format(type))
        name = _name("lz4", type, "text", 21, 13, "cut_in_rows")
        stream = _lz4_stream(maker, name, pixels, type, lambda: _cut_in_rows(pixels, format))  # noqa: B023
        maker.image(name, "LZ4", type, pixels, stream, "library")


def _lz4_stream(maker: Maker, name: str, pixels: Pixels, type: str, make: Callable[[], bytes]) -> bytes:
    height, width = pixels.shape
    return maker.kept(name, lambda here: _same(lz4.decode(here, width, height), pixels, pixel_format(type)), make)


def _cut_in_rows(pixels: Pixels, format: int) -> bytes:
    """Blocks of 41 bytes of rows: borders inside rows and pixels."""
    import lz4.block as library

    data, _ = bitmap.encode(pixels, format, top_down=True)
    parts = [bytes((1, format))]
    for start in range(0, len(data), 41):
        block = library.compress(data[start : start + 41], store_size=False, dict=data[:start])
        parts += (len(block).to_bytes(4, "big"), block)
    return b"".join(parts)


def _jpeg(maker: Maker) -> None:
    from PIL import Image

    def grey() -> bytes:
        import io

        stream = io.BytesIO()
        Image.fromarray(as_format(picture("photo", 33, 17), "GRAY8")).save(stream, "JPEG", quality=90)
        return stream.getvalue()

    def present(name: str, width: int, height: int, make: Callable[[], bytes]) -> bytes:
        return maker.kept(name, lambda here: jpeg.decode(here).shape == (height, width), make)

    for content, width, height, quality in (
        ("solid", 1, 1, 85), ("photo", 7, 5, 85), ("photo", 33, 17, 85), ("photo", 64, 64, 30),
        ("text", 33, 17, 95),
    ):  # fmt: skip
        source = as_format(picture(content, width, height), "X8R8G8B8")
        name = _name("jpeg", "colour", content, width, height, f"q{quality}")
        stream = present(name, width, height, lambda: jpeg.encode(source, quality))  # noqa: B023
        maker.image(name, "JPEG", "COLOUR", jpeg.decode(stream), stream, "library", psnr=_psnr(stream))
    name = "jpeg/grey-photo-33x17"
    stream = present(name, 33, 17, grey)
    maker.image(name, "JPEG", "COLOUR", jpeg.decode(stream), stream, "library", psnr=_psnr(stream))

    for content, width, height, top_down in (
        ("solid", 1, 1, True), ("photo", 7, 5, True), ("photo", 7, 5, False), ("photo", 33, 17, True),
        ("text", 33, 17, False), ("solid", 64, 64, True),
    ):  # fmt: skip
        source = as_format(picture(content, width, height), "A8R8G8B8")
        alpha = (source >> np.uint32(24)).astype(np.uint8)
        tail = lz.encode(alpha, LzImageType.XXXA, top_down=top_down)
        name = _name("jpeg_alpha", "rgba", content, width, height, *(() if top_down else ("bottom_up",)))
        here = maker.present(f"{name}.stream") or b""
        colour = here[: len(here) - len(tail)] if here.endswith(tail) else jpeg.encode(source)
        pixels = jpeg.decode(colour, width, height) | source & np.uint32(0xFF000000)
        maker.image(name, "JPEG_ALPHA", "RGBA", pixels, colour + tail, "library", top_down=top_down,
                    jpeg_size=len(colour), flags=int(top_down), psnr=_psnr(colour))  # fmt: skip


def _psnr(stream: bytes) -> float:
    """What to ask of another decoder: 3 dB less than the crudest of libjpeg's own ways, at most 45 dB."""
    crudest = vectors.psnr(jpeg.decode(stream), jpeg.decode(stream, fast=True))
    return min(45.0, float(int(crudest - 3)))


Frame = tuple[str, str, Pixels, bool]  # codec, type, picture, top down


def _scrolled(type: str, count: int, width: int, height: int) -> list[Pixels]:
    """Pieces of one large picture, each seen from another place: every one repeats much of those before."""
    whole = picture("mixed", 3 * width, 2 * height)
    places = ((0, 0), (width // 3, 2), (5, height // 2), (width, height // 3), (2, 1), (width // 2, height - 1), (0, 0))
    return [
        as_format(whole[y : y + height, x : x + width], pixel_format(type))
        for x, y in (places[number % len(places)] for number in range(count))
    ]


def _sequences(maker: Maker) -> None:
    types = ("RGB16", "RGB24", "RGB32", "RGBA")
    for type in types:
        frames: list[Frame] = [
            ("GLZ", type, pixels, number != 3) for number, pixels in enumerate(_scrolled(type, 5, 31, 19))
        ]
        frames.append(("GLZ", type, as_format(picture("solid", 1, 1), pixel_format(type)), True))
        _sequence(maker, f"glz/{type.lower()}", frames, about="matches in earlier images; number 3 is bottom up")
    frames = [("GLZ", type, _scrolled(type, 1 + number, 13, 11)[-1], True) for number, type in enumerate(types * 2)]
    _sequence(maker, "glz/mixed_types", frames, about="all types in one window; matches only between equal types")

    frames = [("GLZ", "RGB32", pixels, True) for pixels in _scrolled("RGB32", 7, 17, 9)]
    frames[3] = ("GLZ", "RGB32", as_format(picture("gradient", 3, 2), "X8R8G8B8"), True)
    _sequence(maker, "glz/out_of_order", frames, order=(0, 3, 2, 1, 6, 5, 4),
              about="number 3 overtakes and can be shown at once; others must wait for what they refer to")  # fmt: skip
    frames = [("GLZ", "RGB32", pixels, True) for pixels in _scrolled("RGB32", 9, 20, 10)]
    _sequence(maker, "glz/eviction", frames, window=700,
              about="room for three images: the head distance stops growing, and older ones are dropped")  # fmt: skip
    frames = [("GLZ", "RGBA", pixels, True) for pixels in _scrolled("RGBA", 8, 20, 10)]
    _sequence(maker, "glz/eviction_out_of_order", frames, window=900, order=(0, 2, 1, 3, 5, 4, 7, 6),
              about="an image that overtakes another must not drop what the other still refers to")  # fmt: skip
    frames = [("GLZ", "RGB16", pixels, True) for pixels in _scrolled("RGB16", 3, 13, 7)]
    _sequence(maker, "glz/late_start", frames, first_id=1000, about="the first number is not 0")
    small = _scrolled("RGB32", 1, 12, 3)[0]
    others = [as_format(picture("solid", 2, 1), "X8R8G8B8"), as_format(picture("noise", 2, 1), "X8R8G8B8")]
    frames = [("GLZ", "RGB32", small if number in (0, 64) else others[number % 2], True) for number in range(65)]
    _sequence(maker, "glz/far_images", frames, order=(0, 64),
              about="an image refers to the one 64 before it; those between are still on their way, and not needed")
    wide = as_format(picture("solid", 512, 260), "X8R8G8B8")
    wide[::8, ::32] = as_format(picture("gradient", 16, 33), "X8R8G8B8")
    wide[-2:, -40:] = as_format(picture("noise", 40, 2), "X8R8G8B8")
    _sequence(maker, "glz/long_offsets", [("GLZ", "RGB32", wide, True), ("GLZ", "RGB32", wide[-2:, -40:], True)],
              about="matches far away in one image, and near the end of a large one")  # fmt: skip

    for type in types:
        frames = [("ZLIB_GLZ", type, pixels, number != 1) for number, pixels in enumerate(_scrolled(type, 3, 17, 9))]
        _sequence(maker, f"zlib_glz/{type.lower()}", frames, about="GLZ inside zlib")
    frames = [
        (("GLZ", "ZLIB_GLZ")[number % 2], "RGB32", pixels, True)
        for number, pixels in enumerate(_scrolled("RGB32", 4, 17, 9))
    ]
    _sequence(maker, "zlib_glz/with_glz", frames, about="images of both codecs in one window")


def _sequence(
    maker: Maker, name: str, frames: list[Frame], *, window: int = glz.WINDOW_PIXELS, first_id: int = 0,
    order: tuple[int, ...] | None = None, about: str = "",
) -> None:  # fmt: skip
    """Code the frames in their order, and list them in the order of their arrival."""
    dictionary = glz.Dictionary(window, next_id=first_id)
    here = maker.present(f"{name}.stream") or b""
    coded: list[tuple[bytes, Entry]] = []
    for codec, type, pixels, top_down in frames:
        stream = glz.encode(pixels, LzImageType[type], dictionary, top_down=top_down)
        head = glz.header(stream)
        fields: Entry = {"top_down": top_down, "image_id": head.image_id, "head_distance": head.window_head_distance}
        if codec == "ZLIB_GLZ":
            fields["glz_data_size"] = len(stream)
            stream = _kept_zlib(here, stream) or zlib.compress(stream, zlib_glz.LEVEL)
        coded.append((stream, fields))
    bodies, offset = [], 0
    steps: list[Entry] = []
    for number in order or range(len(frames)):
        codec, type, pixels, _ = frames[number]
        stream, fields = coded[number]
        origin = "library" if codec == "ZLIB_GLZ" else "encoder"
        step = maker.entry(f"{name}-{fields['image_id']}", codec, type, pixels, stream, origin, offset=offset, **fields)
        steps.append(step)
        bodies.append(stream)
        offset += len(stream)
    _add_sequence(maker, name, steps, b"".join(bodies), window, first_id, about)


def _kept_zlib(here: bytes, stream: bytes) -> bytes | None:
    """The piece of ``here`` that inflates to ``stream``."""
    start = here.find(b"\x78")
    while start >= 0:
        inflater = zlib.decompressobj()
        try:
            if inflater.decompress(here[start:], len(stream) + 1) == stream:
                inflater.decompress(inflater.unconsumed_tail, 1)
                if inflater.eof:
                    return here[start : len(here) - len(inflater.unused_data)]
        except zlib.error:
            pass
        start = here.find(b"\x78", start + 1)
    return None


def _add_sequence(
    maker: Maker, name: str, steps: list[Entry], data: bytes, window: int, first_id: int, about: str
) -> None:
    arrived = glz.Window(window, next_id=first_id)
    waiting: list[Entry] = []
    for step in steps:
        waiting.append(step)
        number = 0
        while number < len(waiting):
            candidate = waiting[number]
            start = candidate["offset"]
            try:
                vectors.decode(candidate, data[start : start + candidate["size"]], None, arrived)
            except glz.MissingImage as missing:
                if candidate is step:
                    step.setdefault("waits_for", missing.image_id)
                number += 1
                continue
            del waiting[number]
            number = 0
    maker.files[f"{name}.stream"] = data
    maker.sequences.append(
        {"name": name, "about": about, "window_pixels": window, "first_id": first_id,
         "held_at_end": sorted(arrived.image_ids), "steps": steps}
    )  # fmt: skip


def _recorded(maker: Maker) -> None:
    index = json.loads(maker.present("index.json") or b'{"palettes": {}}')
    maker.palettes |= {name: values for name, values in index["palettes"].items() if name.startswith("recorded ")}
    for row in RECORDED:
        more = dict(row)
        name, codec, type, source = (more.pop(key) for key in ("name", "codec", "type", "from"))
        stream = maker.present(f"recorded/{name}.stream")
        if stream is None:
            raise FileNotFoundError(f"recorded/{name}.stream")
        if codec == "LZ":
            more |= {"stride": lz.header(stream).stride, "top_down": lz.header(stream).top_down}
        if codec == "JPEG_ALPHA":
            more["flags"] = int(more["top_down"])
        if codec in ("JPEG", "JPEG_ALPHA"):
            more["psnr"] = _psnr(stream[: more.get("jpeg_size", len(stream))])
        width, height = more.pop("width", 0), more.pop("height", 0)
        probe = {"codec": codec, "width": width, "height": height, **more}
        if codec == "BITMAP":
            probe["type_number"] = format_number(type)
        colours = None
        if type in PALETTE_TYPES:
            more["palette"] = f"recorded {name}"
            colours = maker.palettes[more["palette"]]
        found = vectors.decode(probe, stream, colours)
        pixels = found.pixels if found.indices is None else found.indices
        maker.image(f"recorded/{name}", codec, type, pixels, stream, source, **more)
    for name, source, about, plan in RECORDED_SEQUENCES:
        data = maker.present(f"recorded/{name}.stream") or b""
        steps: list[Entry] = []
        window: glz.Window | None = None
        offset = 0
        for codec, size, glz_data_size in plan:
            stream = data[offset : offset + size]
            inner = zlib_glz.inflate(stream, glz_data_size) if glz_data_size else stream
            head = glz.header(inner)
            window = glz.Window(next_id=head.image_id) if window is None else window
            fields: Entry = {"top_down": head.top_down, "image_id": head.image_id,
                             "head_distance": head.window_head_distance}  # fmt: skip
            if glz_data_size:
                fields["glz_data_size"] = glz_data_size
            step = maker.entry(f"recorded/{name}-{head.image_id}", codec, head.type.name, glz.decode(inner, window),
                               stream, source, offset=offset, **fields)  # fmt: skip
            steps.append(step)
            offset += size
        _add_sequence(maker, f"recorded/{name}", steps, data, glz.WINDOW_PIXELS, steps[0]["image_id"], about)


def made(present: Callable[[str], bytes | None]) -> dict[str, bytes]:
    """Every file of the folder but its README, by name."""
    maker = Maker(present)
    for part in (_quic, _lz, _bitmaps, _lz4, _jpeg, _sequences, _recorded):
        part(maker)
    invalid = vector_invalid.entries(maker)
    maker.files["index.json"] = _index(maker, invalid).encode()
    return maker.files


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _index(maker: Maker, invalid: list[Entry]) -> str:
    """JSON with one entry a line."""

    def lines(entries: list[Entry]) -> str:
        return "[\n" + ",\n".join(_compact(entry) for entry in entries) + "\n]"

    def table(rows: dict[str, Any]) -> str:
        return "{\n" + ",\n".join(f"{json.dumps(name)}: {_compact(value)}" for name, value in rows.items()) + "\n}"

    sequences = []
    for sequence in maker.sequences:
        head = _compact({key: value for key, value in sequence.items() if key != "steps"})
        sequences.append(f'{head[:-1]},"steps":{lines(sequence["steps"])}}}')
    formats = {
        name: {"bytes": np.dtype(dtype).itemsize, "mask": MASKS[name]} for name, dtype in DTYPES.items()
    }
    parts = {
        "version": "1",
        "pixel_formats": table(formats),
        "origins": table(ORIGINS),
        "palettes": table(maker.palettes),
        "images": lines(maker.images),
        "sequences": "[\n" + ",\n".join(sequences) + "\n]",
        "invalid": lines(invalid),
    }
    return "{\n" + ",\n".join(f'"{name}": {text}' for name, text in parts.items()) + "\n}\n"


def _read(folder: Path) -> Callable[[str], bytes | None]:
    def present(name: str) -> bytes | None:
        path = folder / name
        return path.read_bytes() if path.exists() else None

    return present


def _foreign(folder: Path, files: dict[str, bytes]) -> Iterator[str]:
    """Files in the folder that nobody makes or reads."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in files and name != "README.md":
            yield name


def main(arguments: list[str], folder: Path = FOLDER) -> int:
    """Exit status 1 if ``--check`` found a difference."""
    present = _read(folder)
    files = made(present)
    stale = [name for name, data in files.items() if present(name) != data]
    foreign = list(_foreign(folder, files))
    for name in stale:
        print(f"{'out of date' if '--check' in arguments else 'written'}: {name}")
        if "--check" not in arguments:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(files[name])
    for name in foreign:
        print(f"{'not in the index' if '--check' in arguments else 'removed'}: {name}")
        if "--check" not in arguments:
            (folder / name).unlink()
    return int("--check" in arguments and bool(stale or foreign))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
