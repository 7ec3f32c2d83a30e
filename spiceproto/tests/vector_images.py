"""The golden images that stand alone: QUIC, LZ, bitmaps, LZ4, JPEG and JPEG_ALPHA, a function a codec.

Streams of QUIC, LZ and of bitmaps are the same whoever makes them. Those of LZ4 and JPEG depend on the version of a library:
what is there stays as long as it decodes to the right picture (for JPEG: as long as it is there).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from spiceproto.codecs import bitmap, jpeg, lz, lz4, quic
from spiceproto.codecs.lz import LzImageType
from spiceproto.codecs.quic import QuicImageType
from spiceproto.enums.image import BitmapFmt
from spiceproto.tests.vector_maker import PALETTES, Maker, Pixels, psnr_asked
from spiceproto.tests.vector_pictures import as_format, picture, raw
from spiceproto.tests.vectors import PALETTE_TYPES, Entry, format_number, pixel_format

SIZES: Final = (
    ("solid", 1, 1),
    ("gradient", 7, 5),
    ("noise", 7, 5),
    ("photo", 21, 13),
    ("text", 33, 17),
    ("solid", 64, 64),
)

PALETTES_OF: Final = {1: ("two", "two, top bytes set"), 4: ("sixteen", "ten"), 8: ("all", "hundred")}


def images(maker: Maker) -> None:
    """Add all of them."""
    for part in (_quic, _lz, _bitmaps, _lz4, _jpeg):
        part(maker)


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
    # Runs that meet the ends of all levels inside of rows, and none behind the last.
    flat = as_format(picture("solid", 90, 165), "GRAY8")
    maker.image("quic/gray-solid-90x165", "QUIC", "GRAY", flat, quic.encode(flat, QuicImageType.GRAY), "encoder")


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
            ("solid", 1, 1, True, 3),
            ("gradient", 7, 5, True, 0),
            ("gradient", 7, 5, False, 5),
            ("noise", 13, 9, True, 0),
            ("photo", 21, 13, False, 0),
            ("text", 33, 17, True, 7),
        ):
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
            ("solid", 1, 1, True, None),
            ("gradient", 7, 5, True, None),
            ("gradient", 7, 5, False, 2),
            ("text", 33, 17, True, 4),
            ("photo", 21, 13, False, None),
            ("noise", 13, 9, True, 5),
            ("solid", 64, 64, False, 1),
        ):
            pixels = as_format(picture(content, width, height), pixel_format(type))
            name = _name("lz4", type, content, width, height, *(() if top_down else ("bottom_up",)))
            stream = _lz4_stream(
                maker, name, pixels, type, partial(lz4.encode, pixels, format, top_down=top_down, rows_per_block=rows)
            )
            maker.image(name, "LZ4", type, pixels, stream, "library", top_down=top_down)
        pixels = as_format(picture("text", 21, 13), pixel_format(type))
        name = _name("lz4", type, "text", 21, 13, "cut_in_rows")
        stream = _lz4_stream(maker, name, pixels, type, partial(_cut_in_rows, pixels, format))
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
        ("solid", 1, 1, 85),
        ("photo", 7, 5, 85),
        ("photo", 33, 17, 85),
        ("photo", 64, 64, 30),
        ("text", 33, 17, 95),
    ):
        source = as_format(picture(content, width, height), "X8R8G8B8")
        name = _name("jpeg", "colour", content, width, height, f"q{quality}")
        stream = present(name, width, height, partial(jpeg.encode, source, quality))
        maker.image(name, "JPEG", "COLOUR", jpeg.decode(stream), stream, "library", psnr=psnr_asked(stream))
    name = "jpeg/grey-photo-33x17"
    stream = present(name, 33, 17, grey)
    maker.image(name, "JPEG", "COLOUR", jpeg.decode(stream), stream, "library", psnr=psnr_asked(stream))

    for content, width, height, top_down in (
        ("solid", 1, 1, True),
        ("photo", 7, 5, True),
        ("photo", 7, 5, False),
        ("photo", 33, 17, True),
        ("text", 33, 17, False),
        ("solid", 64, 64, True),
    ):
        source = as_format(picture(content, width, height), "A8R8G8B8")
        alpha = (source >> np.uint32(24)).astype(np.uint8)
        tail = lz.encode(alpha, LzImageType.XXXA, top_down=top_down)
        name = _name("jpeg_alpha", "rgba", content, width, height, *(() if top_down else ("bottom_up",)))
        here = maker.present(f"{name}.stream") or b""
        colour = here[: len(here) - len(tail)] if here.endswith(tail) else jpeg.encode(source)
        pixels = jpeg.decode(colour, width, height) | source & np.uint32(0xFF000000)
        maker.image(
            name,
            "JPEG_ALPHA",
            "RGBA",
            pixels,
            colour + tail,
            "library",
            top_down=top_down,
            jpeg_size=len(colour),
            flags=int(top_down),
            psnr=psnr_asked(colour),
        )
