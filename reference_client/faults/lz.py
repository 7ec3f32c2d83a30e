"""Faults of LZ: a decoder with one step wrong, or one that takes what is no stream (spec/06-codecs.md, 6.2)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from reference_client.faults.fault import fault
from reference_client.faults.misdecoded import Misdecodes
from reference_client.faults.misread import Noise
from reference_client.faults.plain_lz import Lz
from spiceproto.enums.image import ImageType, LzImageType
from spiceproto.messages.image import Image


class DecodesLz(Misdecodes):
    """Decodes LZ with :attr:`decoder`."""

    decoder: ClassVar[type[Lz]] = Lz

    def pixels(self, image: Image) -> Any:
        from spiceproto.codecs import lz

        body: Any = image.lz_plt if image.lz_plt is not None else image.lz_rgb
        if image.descriptor.type not in (ImageType.LZ_RGB, ImageType.LZ_PLT) or body is None:
            return None
        right = lz.decode(body.data)
        if right.shape != (image.descriptor.height, image.descriptor.width):
            return None
        found = self.decoder().decode(bytes(body.data))
        if image.lz_plt is None:
            return None if found.dtype == np.uint8 else found
        if body.palette is None or max(int(right.max()), int(found.max())) >= len(body.palette.ents):
            return None
        return np.array(body.palette.ents, np.uint32)[found]

    def alpha(self, image: Image) -> bool:
        return image.lz_rgb is not None and image.lz_rgb.data[11] == LzImageType.RGBA


# -- headers


@fault("lz-of-any-stride", "SPICE-CODEC-032")
class LzOfAnyStride(Noise):
    """Shows something for an LZ stream with another stride than that of its width."""

    def shows(self, image: Image, error: Exception) -> bool:
        return image.descriptor.width < 100 and image.descriptor.type == ImageType.LZ_RGB and "stride" in str(error)


@fault("lz-always-from-the-top", "SPICE-CODEC-033")
class LzAlwaysFromTheTop(DecodesLz):
    """Takes the first row of an LZ stream for the top one."""

    class decoder(Lz):
        def turned(self) -> bool:
            return True


# -- tokens


@fault("lz-one-literal-less", "SPICE-CODEC-035")
class LzOneLiteralLess(DecodesLz):
    """Takes as many literals as the first byte of a token says, and not one more."""

    class decoder(Lz):
        def literals(self, control: int) -> int:
            return control


@fault("lz-lengths-go-on-once", "SPICE-CODEC-036")
class LzLengthsGoOnOnce(DecodesLz):
    """Reads one byte more of a length, whatever it is."""

    class decoder(Lz):
        def continued(self) -> int:
            return 7 + self.byte()


@fault("lz-same-lengths-for-all-units", "SPICE-CODEC-037")
class LzSameLengthsForAllUnits(DecodesLz):
    """Adds nothing to the lengths of matches of units of 2 bytes and 1."""

    class decoder(Lz):
        def added(self, size: int) -> int:
            return 0


@fault("lz-distances-from-0", "SPICE-CODEC-038")
class LzDistancesFrom0(DecodesLz):
    """Takes the bits of a distance for the units that a match lies back."""

    class decoder(Lz):
        def back(self, distance: int) -> int:
            return max(distance, 1)


@fault("lz-matches-copied-at-once", "SPICE-CODEC-039")
class LzMatchesCopiedAtOnce(DecodesLz):
    """Copies a match at once: what lies behind the pixels that are there is black."""

    class decoder(Lz):
        def copied(self, units: list[bytes], back: int, length: int) -> None:
            there = units[len(units) - back :][:length]
            units += there + [bytes(len(units[0]))] * (length - len(there))


@fault("lz-goes-on-behind-the-last-pixel", "SPICE-CODEC-041")
class LzGoesOnBehindTheLastPixel(Noise):
    """Shows something for an LZ stream with bytes behind its last token."""

    def shows(self, image: Image, error: Exception) -> bool:
        return image.descriptor.type == ImageType.LZ_RGB and "behind" in str(error)


# -- what units are


@fault("lz-red-first", "SPICE-CODEC-042")
class LzRedFirst(DecodesLz):
    """Takes the first byte of a pixel of LZ for red."""

    class decoder(Lz):
        def channels(self, unit: bytes) -> bytes:
            return unit[2::-1] + unit[3:]


@fault("lz-low-byte-first", "SPICE-CODEC-043")
class LzLowByteFirst(DecodesLz):
    """Takes the first byte of a pixel of 16 bits in LZ for the low one."""

    class decoder(Lz):
        def word(self, unit: bytes) -> int:
            return int.from_bytes(unit, "little")


@fault("lz-alpha-in-units-of-colours", "SPICE-CODEC-044")
class LzAlphaInUnitsOfColours(DecodesLz):
    """Adds to the lengths of matches of alpha what it adds to those of colours."""

    class decoder(Lz):
        def added(self, size: int) -> int:
            return 0 if self.plane == "alpha" else super().added(size)


@fault("lz-rows-of-bits-without-gaps", "SPICE-CODEC-045")
class LzRowsOfBitsWithoutGaps(DecodesLz):
    """Takes indices of one bit and of four for rows that begin in the middle of a byte."""

    class decoder(Lz):
        def packed(self, data: bytes) -> list[str]:
            bits = "".join(super().packed(data))
            width = self.width * (1 if self.kind < LzImageType.PLT4_LE else 4)
            octets = -(-width // 8) * 8
            return [bits[at : at + width].ljust(octets, "0") for at in range(0, self.height * width, width)]


@fault("lz-alpha-alone-of-32-bits", "SPICE-CODEC-046")
class LzAlphaAloneOf32Bits(Misdecodes):
    """Takes the alpha of a JPEG picture for pixels of 32 bits, and finds too few of them."""

    def pixels(self, image: Image) -> Any:
        if image.jpeg_alpha is not None:
            raise ValueError("too few pixels")
        return None
