"""Faults of streams that a server codes (spec/06-codecs.md), and of alpha (spec/05-images.md)."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from reference_server.channels.display import DisplayChannel
from reference_server.faults.fault import fault
from reference_server.faults.pictures import Redrawn, pixels_of, with_bitmap
from spiceproto.enums.image import BitmapFmt, ImageFlags, ImageType, LzImageType
from spiceproto.messages import display
from spiceproto.messages.image import BinaryData, Image


class Streamed(Redrawn):
    """Sends other streams than it should: of each image that is one, the message that is sent in its place."""

    def send(self, *values: Any) -> None:
        super().send(*[one for value in values for one in self._streams(value)])

    def _streams(self, value: Any) -> tuple[Any, ...]:
        image = value.data.src_bitmap if isinstance(value, display.DrawCopy) else None
        return (value,) if image is None or image.bitmap is not None else self.instead(value, image)

    def instead(self, value: display.DrawCopy, image: Image) -> tuple[Any, ...]:
        """What is sent in place of the message that draws an image."""
        return (value,)


def _replaced(value: display.DrawCopy, image: Image) -> display.DrawCopy:
    return display.DrawCopy(value.base, msgspec.structs.replace(value.data, src_bitmap=image))


_WIDE = 20
"""Pixels of the row that ends with a symbol of nine bits."""


def nine_bits() -> bytes:
    """A QUIC stream of black pixels and a last one whose symbols are 256, which decoders take for 255 + 1 = 0 modulo 2^8."""
    from spiceproto.codecs import quic

    row = np.zeros((1, _WIDE), np.uint32)
    row[0, -1] = 0x808080
    stream = quic.encode(row, quic.QuicImageType.RGB32)
    bits = "".join([f"{word:032b}" for word in np.frombuffer(stream[20:], "<u4").tolist()])
    # Three escapes of code 0: eighteen zeros, and what a symbol is more than 18.
    bits = bits.replace("0" * 18 + f"{255 - 18:08b}", "0" * 18 + f"{256 - 18:08b}")
    words = [int(bits[at : at + 32], 2) for at in range(0, len(bits), 32)]
    return stream[:20] + b"".join([word.to_bytes(4, "little") for word in words])


@fault("symbols-of-nine-bits", "SPICE-CODEC-014")
class SymbolsOfNineBits(Streamed):
    """Draws a row whose QUIC stream has a symbol of 256, before an image that covers it."""

    def instead(self, value: display.DrawCopy, image: Image) -> tuple[Any, ...]:
        if image.quic is None or image.descriptor.width < _WIDE or value.base.clip.rects is not None:
            return (value,)
        known = msgspec.structs.replace(image.descriptor, width=_WIDE, height=1, flags=ImageFlags(0))
        where, area = value.base.box, value.data.src_area
        box = msgspec.structs.replace(where, right=where.left + _WIDE, bottom=where.top + 1)
        part = msgspec.structs.replace(area, left=0, top=0, right=_WIDE, bottom=1)
        row = Image(descriptor=known, quic=BinaryData(nine_bits()))
        data = msgspec.structs.replace(value.data, src_bitmap=row, src_area=part)
        return display.DrawCopy(msgspec.structs.replace(value.base, box=box), data), value


@fault("glz-match-in-another-type", "SPICE-CODEC-054", "SPICE-DISPLAY-077")
class GlzMatchInAnotherType(Streamed):
    """Calls the pixels of every other GLZ image RGB24 and not RGB32, whatever they refer to."""

    def instead(self, value: display.DrawCopy, image: Image) -> tuple[Any, ...]:
        if image.lz_rgb is None or image.descriptor.type != ImageType.GLZ_RGB:
            return (value,)
        data = bytes(image.lz_rgb.data)
        if data[8] & 15 != LzImageType.RGB32 or data[28] % 2 == 0:
            return (value,)
        width = int.from_bytes(data[9:13], "big")
        other = data[:8] + bytes([data[8] & 16 | LzImageType.RGB24]) + data[9:17] + (3 * width).to_bytes(4, "big") + data[21:]
        return (_replaced(value, msgspec.structs.replace(image, lz_rgb=BinaryData(other))),)


@fault("zlib-glz-of-another-size", "SPICE-CODEC-058")
class ZlibGlzOfAnotherSize(Streamed):
    """Says of GLZ in zlib that it inflates to one byte more than it does."""

    def instead(self, value: display.DrawCopy, image: Image) -> tuple[Any, ...]:
        body = image.zlib_glz
        if body is None:
            return (value,)
        other = msgspec.structs.replace(body, glz_data_size=body.glz_data_size + 1)
        return (_replaced(value, msgspec.structs.replace(image, zlib_glz=other)),)


@fault("jpeg-from-the-bottom", "SPICE-CODEC-066")
class JpegFromTheBottom(Streamed):
    """Sends JPEG pictures whose bottom row comes first."""

    def instead(self, value: display.DrawCopy, image: Image) -> tuple[Any, ...]:
        from spiceproto.codecs import jpeg

        if image.jpeg is None:
            return (value,)
        turned = np.ascontiguousarray(jpeg.decode(image.jpeg.data)[::-1])
        return (_replaced(value, msgspec.structs.replace(image, jpeg=BinaryData(jpeg.encode(turned)))),)


@fault("colours-above-their-alpha", "SPICE-IMAGE-008")
class ColoursAboveTheirAlpha(DisplayChannel):
    """Sends pixels with alpha whose colours were not multiplied by it."""

    def send(self, *values: Any) -> None:
        super().send(*[self._clear(value) for value in values])

    def _clear(self, value: Any) -> Any:
        image = value.data.src_bitmap if isinstance(value, display.DrawAlphaBlend) else None
        body = None if image is None else image.bitmap
        if image is None or body is None or body.format != BitmapFmt.RGBA or body.stride != 4 * body.x:
            return value
        pixels = pixels_of(image)
        pixels[..., :3] |= 0x80
        other = with_bitmap(image, data=pixels.tobytes())
        return msgspec.structs.replace(value, data=msgspec.structs.replace(value.data, src_bitmap=other))
