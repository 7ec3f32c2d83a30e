"""Faults of what images look like, and of the compression that a client prefers (spec/05-images.md, spec/07-display.md)."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from reference_server.channels.display import DisplayChannel
from reference_server.faults.fault import fault
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ImageCompression
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageType, JpegAlphaFlags, LzImageType
from spiceproto.messages import display
from spiceproto.messages.image import BinaryData, Image, JPEGAlphaData, Palette


class Redrawn(DisplayChannel):
    """Sends other images than it should."""

    def image(self, image: Image) -> Image:
        """What is sent in place of an image."""
        return image

    def send(self, *values: Any) -> None:
        super().send(*[self._other(value) if isinstance(value, display.DrawCopy) else value for value in values])

    def _other(self, value: display.DrawCopy) -> display.DrawCopy:
        image = value.data.src_bitmap
        body = None if image is None else image.bitmap
        if image is None or body is None or body.format != BitmapFmt._32BIT or body.stride != 4 * body.x:
            return value
        return display.DrawCopy(value.base, msgspec.structs.replace(value.data, src_bitmap=self.image(image)))


def pixels_of(image: Image) -> Any:
    """The pixels of a bitmap, height x width x 4, that may be written."""
    bitmap = image.bitmap
    assert bitmap is not None
    return np.frombuffer(bitmap.data, np.uint8).reshape(bitmap.y, bitmap.x, 4).copy()


def _lz(image: Image) -> bytes:
    """The same as an LZ stream."""
    from spiceproto.codecs import lz

    return lz.encode(pixels_of(image).view(np.uint32)[..., 0], LzImageType.RGB32)


def with_bitmap(image: Image, **fields: Any) -> Image:
    assert image.bitmap is not None
    return msgspec.structs.replace(image, bitmap=msgspec.structs.replace(image.bitmap, **fields))


@fault("red-and-blue-exchanged", "SPICE-IMAGE-019")
class RedAndBlueExchanged(Redrawn):
    """Sends pixels as red, green, blue."""

    def image(self, image: Image) -> Image:
        return with_bitmap(image, data=pixels_of(image)[..., [2, 1, 0, 3]].tobytes())


@fault("top-down-forgotten", "SPICE-IMAGE-013")
class TopDownForgotten(Redrawn):
    """Sends the top row first, and forgets the flag TOP_DOWN."""

    def image(self, image: Image) -> Image:
        assert image.bitmap is not None
        return with_bitmap(image, flags=image.bitmap.flags & ~BitmapFlags.TOP_DOWN)


@fault("low-bits-lost", "SPICE-IMAGE-007")
class LowBitsLost(Redrawn):
    """Sends colours of five bits, as if nobody would see that."""

    def image(self, image: Image) -> Image:
        return with_bitmap(image, data=(pixels_of(image) & 0xF8).tobytes())


# -- the compression that a client prefers


class Preferred(Redrawn):
    """Is told what the client prefers."""

    preferred: int | None = None

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, display.PreferredCompression):
            self.prefer(int(value.image_compression))
        super().handle(value, now)

    def prefer(self, number: int) -> None:
        """The client prefers this."""
        self.preferred = number


@fault("stream-cut-in-half", "SPICE-DISPLAY-077")
class StreamCutInHalf(Preferred):
    """Sends half of an LZ stream, where the client prefers nothing."""

    def image(self, image: Image) -> Image:
        if self.preferred is not None:
            return image
        stream = _lz(image)
        descriptor = msgspec.structs.replace(image.descriptor, type=ImageType.LZ_RGB)
        return Image(descriptor=descriptor, lz_rgb=BinaryData(stream[: len(stream) // 2]))


@fault("preference-ignored", "SPICE-DISPLAY-078")
class PreferenceIgnored(Preferred):
    """Sends LZ images, whatever the client prefers."""

    def image(self, image: Image) -> Image:
        if self.preferred is None:
            return image
        stream = _lz(image)
        return Image(descriptor=msgspec.structs.replace(image.descriptor, type=ImageType.LZ_RGB), lz_rgb=BinaryData(stream))


@fault("unknown-preference-fatal", "SPICE-DISPLAY-079")
class UnknownPreferenceFatal(Preferred):
    """Closes a channel whose client prefers a compression that it does not know."""

    def prefer(self, number: int) -> None:
        super().prefer(number)
        if not any(number == kind for kind in ImageCompression if kind != ImageCompression.INVALID):
            self.line.drop("a compression that nobody knows")


# -- what stands in an image


class Unpreferred(Preferred):
    """Sends others where the client prefers nothing, and what it should where it does."""

    def image(self, image: Image) -> Image:
        return image if self.preferred is not None else self.other(image)

    def other(self, image: Image) -> Image:
        """What is sent in place of an image."""
        return image


def _as(image: Image, kind: ImageType, **body: Any) -> Image:
    return Image(descriptor=msgspec.structs.replace(image.descriptor, type=kind), **body)


@fault("lz-called-quic", "SPICE-IMAGE-001", "SPICE-DISPLAY-077")
class LzCalledQuic(Unpreferred):
    """Sends an LZ stream in an image of the type QUIC."""

    def other(self, image: Image) -> Image:
        return _as(image, ImageType.QUIC, quic=BinaryData(_lz(image)))


@fault("palette-of-one-entry", "SPICE-IMAGE-021", "SPICE-DISPLAY-077")
class PaletteOfOneEntry(Unpreferred):
    """Has an index in a bitmap for which its palette has no entry."""

    def other(self, image: Image) -> Image:
        assert image.bitmap is not None
        width, height = image.bitmap.x, image.bitmap.y
        body = msgspec.structs.replace(
            image.bitmap, format=BitmapFmt._8BIT, stride=width, palette=Palette(0, (0,)), data=b"\x01" * (width * height)
        )
        return msgspec.structs.replace(image, bitmap=body)


@fault("quic-without-its-last-word", "SPICE-CODEC-006")
class QuicWithoutItsLastWord(Redrawn):
    """Ends a QUIC stream with what its memory held, where the client prefers QUIC."""

    def send(self, *values: Any) -> None:
        super().send(*[self._ended(value) if isinstance(value, display.DrawCopy) else value for value in values])

    def _ended(self, value: display.DrawCopy) -> display.DrawCopy:
        image = value.data.src_bitmap
        if image is None or image.quic is None:
            return value
        ended = msgspec.structs.replace(image, quic=BinaryData(bytes(image.quic.data[:-4]) + b"\xa5" * 4))
        return display.DrawCopy(value.base, msgspec.structs.replace(value.data, src_bitmap=ended))


@fault("lz4-of-alpha-alone", "SPICE-CODEC-064", "SPICE-DISPLAY-077")
class Lz4OfAlphaAlone(Unpreferred):
    """Sends a picture of alpha alone as LZ4, to a client that takes LZ4."""

    def other(self, image: Image) -> Image:
        if not self.client_has(DisplayCapability.LZ4_COMPRESSION):
            return image
        return _as(image, ImageType.LZ4, lz4=BinaryData(bytes([1, BitmapFmt._8BIT_A, 0, 0, 0, 1, 0])))


_FRAME = b"\xff\xd8\xff\xc0\x00\x0b%c\x00\x10\x00\x10%c\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\xff\xd9"
"""A JPEG picture of 16 x 16, with the bits of a sample and the number of components left open."""


@fault("jpeg-of-twelve-bits", "SPICE-CODEC-065", "SPICE-DISPLAY-077")
class JpegOfTwelveBits(Unpreferred):
    """Sends a JPEG picture of twelve bits a sample."""

    def other(self, image: Image) -> Image:
        return _as(image, ImageType.JPEG, jpeg=BinaryData(_FRAME % (12, 1)))


@fault("alpha-of-another-direction", "SPICE-CODEC-070", "SPICE-DISPLAY-077")
class AlphaOfAnotherDirection(Unpreferred):
    """Says of the alpha of a JPEG picture that it begins at the bottom."""

    def other(self, image: Image) -> Image:
        from spiceproto.codecs import lz

        colours = _FRAME % (8, 1)
        alpha = bytes(lz.encode(pixels_of(image)[..., 3], LzImageType.XXXA))
        body = JPEGAlphaData(JpegAlphaFlags(0), len(colours), colours + alpha)
        return _as(image, ImageType.JPEG_ALPHA, jpeg_alpha=body)
