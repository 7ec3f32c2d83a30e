"""Faults of LZ4, JPEG, and JPEG with alpha (spec/06-codecs.md, 6.5 to 6.7)."""

from __future__ import annotations

from typing import Any

from reference_client.faults.fault import fault
from reference_client.faults.misdecoded import Misdecodes
from spiceproto.enums.image import BitmapFmt, JpegAlphaFlags
from spiceproto.messages.image import Image


class DecodesLz4(Misdecodes):
    """Decodes LZ4 rightly."""

    def decoded(self, data: bytes, width: int, height: int) -> Any:
        from spiceproto.codecs import lz4

        return lz4.decode(data, width, height)

    def pixels(self, image: Image) -> Any:
        if image.lz4 is None:
            return None
        known = image.descriptor
        DecodesLz4.decoded(self, image.lz4.data, known.width, known.height)
        return self.decoded(image.lz4.data, known.width, known.height)

    def alpha(self, image: Image) -> bool:
        return image.lz4 is not None and image.lz4.data[1] == BitmapFmt.RGBA


@fault("lz4-pixels-of-24-bits-with-red-first", "SPICE-CODEC-060")
class Lz4PixelsOf24BitsWithRedFirst(DecodesLz4):
    """Takes red for blue in LZ4 images of 24 bits."""

    def decoded(self, data: bytes, width: int, height: int) -> Any:
        found = super().decoded(data, width, height)
        return found >> 16 | found & 0xFF00 | (found & 0xFF) << 16 if data[1] == BitmapFmt._24BIT else found


@fault("lz4-always-from-the-top", "SPICE-CODEC-061")
class Lz4AlwaysFromTheTop(DecodesLz4):
    """Takes the first row of an LZ4 image for the top one."""

    def decoded(self, data: bytes, width: int, height: int) -> Any:
        return super().decoded(b"\x01" + data[1:], width, height)


@fault("lz4-blocks-alone", "SPICE-CODEC-062")
class Lz4BlocksAlone(DecodesLz4):
    """Inflates each block without those before it, and shows nothing where one refers to them."""

    def decoded(self, data: bytes, width: int, height: int) -> Any:
        import lz4.block

        at = 2
        while at < len(data):
            size = int.from_bytes(data[at : at + 4], "big")
            try:
                lz4.block.decompress(data[at + 4 : at + 4 + size], uncompressed_size=1 << 16)
            except lz4.block.LZ4BlockError as error:
                raise ValueError("a block that refers to others") from error
            at += 4 + size
        return super().decoded(data, width, height)


@fault("jpeg-from-the-bottom", "SPICE-CODEC-066")
class JpegFromTheBottom(Misdecodes):
    """Takes the first row of a JPEG picture for the bottom one."""

    def pixels(self, image: Image) -> Any:
        from spiceproto.codecs import jpeg

        known = image.descriptor
        return None if image.jpeg is None else jpeg.decode(image.jpeg.data, known.width, known.height)[::-1].copy()


@fault("jpeg-turned-with-its-alpha", "SPICE-CODEC-069")
class JpegTurnedWithItsAlpha(Misdecodes):
    """Takes colours of a JPEG picture for turned where its alpha is."""

    def pixels(self, image: Image) -> Any:
        from spiceproto.codecs import jpeg_alpha

        body, known = image.jpeg_alpha, image.descriptor
        if body is None or body.flags & JpegAlphaFlags.TOP_DOWN:
            return None
        found = jpeg_alpha.decode(body.data, body.jpeg_size, known.width, known.height, top_down=False)
        return found & 0xFF000000 | found[::-1] & 0xFFFFFF

    def alpha(self, image: Image) -> bool:
        return True
