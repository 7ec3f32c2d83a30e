"""Faults of what the client keeps (spec/08-caches.md), and of what images say of themselves."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
import numpy as np

from reference_server.channels.display import DisplayChannel, draw_copy
from reference_server.channels.display.caches import GlzDictionary
from reference_server.faults.fault import fault
from spiceproto.enums.display import ResourceType
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType, LzImageType
from spiceproto.messages import display
from spiceproto.messages.image import BinaryData, BitmapData, Image, ImageDescriptor, LZPLTData, Palette

_SIDE = 16
_KEY = 0x5EED
_KEEP = ImageFlags.CACHE_ME
_PIXELS = np.zeros((_SIDE, _SIDE, 4), np.uint8)


def _copy(image: Image) -> display.DrawCopy:
    copy = draw_copy(_PIXELS, 0, 0, 0)
    return display.DrawCopy(copy.base, msgspec.structs.replace(copy.data, src_bitmap=image))


def _descriptor(kind: ImageType, flags: ImageFlags, key: int, side: int = _SIDE) -> ImageDescriptor:
    return ImageDescriptor(id=key, type=kind, flags=flags, width=side, height=side)


def _kept(key: int = _KEY, flags: ImageFlags = _KEEP, *, width: int = _SIDE, height: int = _SIDE) -> display.DrawCopy:
    """A bitmap that the client is to keep."""
    copy = draw_copy(np.zeros((height, width, 4), np.uint8), 0, 0, key)
    image = copy.data.src_bitmap
    assert image is not None
    descriptor = msgspec.structs.replace(image.descriptor, flags=flags)
    return _copy(msgspec.structs.replace(image, descriptor=descriptor))


def _again(key: int = _KEY, kind: ImageType = ImageType.FROM_CACHE) -> display.DrawCopy:
    return _copy(Image(descriptor=_descriptor(kind, ImageFlags(0), key)))


def _jpeg() -> display.DrawCopy:
    """A picture that is no JPEG at all: nothing here decodes it."""
    return _copy(Image(descriptor=_descriptor(ImageType.JPEG, _KEEP, _KEY), jpeg=BinaryData(b"\xff\xd8\xff\xd9")))


_ROOM = 1 << 12
"""Pixels of caches that what is shown here fits into, with what is shown otherwise."""


class More(DisplayChannel):
    """Shows something more behind MARK on the first display, to clients whose caches have room for it."""

    init: display.Init | None = None

    def more(self, said: display.Init) -> tuple[Any, ...]:
        """What is shown to a client that said this."""
        return ()

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, display.Init):
            self.init = value
        super().handle(value, now)

    def show(self) -> None:
        super().show()
        said, self.init = self.init, None  # once, also where there is another screen later
        if self.id == 0 and said is not None and min(said.pixmap_cache_size, said.glz_dictionary_window_size) > _ROOM:
            self.send(*self.more(said))


# -- images


@fault("from-cache-never-sent", "SPICE-CACHE-001")
class FromCacheNeverSent(More):
    """Takes an image from the cache that the client never had."""

    def more(self, said: display.Init) -> tuple[Any, ...]:
        return (_again(),)


@fault("from-cache-dropped", "SPICE-CACHE-001")
class FromCacheDropped(More):
    """Takes an image from the cache behind the INVAL_LIST that names it."""

    def more(self, said: display.Init) -> tuple[Any, ...]:
        return (_kept(), display.InvalList((display.ResourceID(ResourceType.PIXMAP, _KEY),)), _again())


@fault("from-cache-emptied", "SPICE-CACHE-001")
class FromCacheEmptied(More):
    """Takes an image from the cache behind INVAL_ALL_PIXMAPS."""

    def more(self, said: display.Init) -> tuple[Any, ...]:
        return (_kept(), display.InvalAllPixmaps(()), _again(kind=ImageType.FROM_CACHE_LOSSLESS))


@fault("from-cache-without-flag", "SPICE-CACHE-001")
class FromCacheWithoutFlag(More):
    """Forgets CACHE_ME, and takes the image from the cache."""

    def more(self, said: display.Init) -> tuple[Any, ...]:
        return (_kept(flags=ImageFlags(0)), _again())


@fault("lossless-from-lossy", "SPICE-CACHE-002")
class LosslessFromLossy(More):
    """Takes the guest's own pixels from a lossy copy."""

    def more(self, said: display.Init) -> tuple[Any, ...]:
        return (_jpeg(), _again(kind=ImageType.FROM_CACHE_LOSSLESS))


@fault("no-eviction", "SPICE-CACHE-003")
class NoEviction(More):
    """Never drops an image from the pixmap cache."""

    def more(self, said: display.Init) -> tuple[Any, ...]:
        side = 1 << 14
        count = min(int(said.pixmap_cache_size) // (side * side) + 1, 64)
        return tuple([_wide(_KEY + number, side) for number in range(count)])


def _wide(key: int, side: int) -> display.DrawCopy:
    return _copy(Image(descriptor=_descriptor(ImageType.JPEG, _KEEP, key, side), jpeg=BinaryData(b"\xff\xd8\xff\xd9")))


# -- palettes


def _indexed(flags: BitmapFlags, key: int = _KEY) -> display.DrawCopy:
    again = bool(flags & BitmapFlags.PAL_FROM_CACHE)
    bitmap = BitmapData(
        format=BitmapFmt._8BIT,
        flags=flags | BitmapFlags.TOP_DOWN,
        x=_SIDE,
        y=_SIDE,
        stride=_SIDE,
        palette_id=key if again else None,
        palette=None if again else Palette(key, (0,) * 256),
        data=bytes(_SIDE * _SIDE),
    )
    return _copy(Image(descriptor=_descriptor(ImageType.BITMAP, ImageFlags(0), 0), bitmap=bitmap))


@fault("palette-never-sent", "SPICE-CACHE-010")
class PaletteNeverSent(More):
    """Uses a palette that the client never had."""

    def more(self, said: display.Init) -> tuple[Any, ...]:
        return (_indexed(BitmapFlags.PAL_FROM_CACHE),)


@fault("palette-dropped", "SPICE-CACHE-010")
class PaletteDropped(More):
    """Uses a palette behind INVAL_ALL_PALETTES."""

    def more(self, said: display.Init) -> tuple[Any, ...]:
        return (_indexed(BitmapFlags.PAL_CACHE_ME), display.InvalAllPalettes(), _indexed(BitmapFlags.PAL_FROM_CACHE))


@fault("too-many-palettes", "SPICE-CACHE-011", "SPICE-MIG-049")
class TooManyPalettes(More):
    """Never drops a palette: has the client keep 257."""

    def more(self, said: display.Init) -> tuple[Any, ...]:
        return tuple([_indexed(BitmapFlags.PAL_CACHE_ME, number) for number in range(_KEY, _KEY + 257)])


# -- the GLZ dictionary


class Glz(More):
    """Shows GLZ images of ``side``, whose numbers and windows are ``heads``, and no others."""

    heads: ClassVar[tuple[tuple[int, int], ...]] = ()
    side = _SIDE

    def more(self, said: display.Init) -> tuple[Any, ...]:
        assert self.encoder is not None
        self.encoder.words = GlzDictionary(0)
        return tuple([self._image(number, distance) for number, distance in self.heads])

    def _image(self, number: int, distance: int) -> display.DrawCopy:
        from spiceproto.codecs import glz

        pixels = np.zeros((_SIDE, _SIDE), np.uint32)
        stream = bytearray(glz.encode(pixels, LzImageType.RGB32, glz.Dictionary(_SIDE * _SIDE * 2)))
        stream[9:17] = self.side.to_bytes(4, "big") * 2
        stream[21:29] = number.to_bytes(8, "big")
        stream[29:33] = distance.to_bytes(4, "big")
        descriptor = _descriptor(ImageType.GLZ_RGB, ImageFlags(0), 0, self.side)
        return _copy(Image(descriptor=descriptor, lz_rgb=BinaryData(bytes(stream))))


@fault("glz-begins-at-one", "SPICE-CACHE-015")
class GlzBeginsAtOne(Glz):
    """Numbers GLZ images from 1."""

    heads = ((1, 0), (2, 0))


@fault("glz-number-left-out", "SPICE-CACHE-015")
class GlzNumberLeftOut(Glz):
    """Leaves out a number of a GLZ image that it did not send after all."""

    heads = ((0, 0), (2, 0))


@fault("glz-window-goes-back", "SPICE-CACHE-016")
class GlzWindowGoesBack(Glz):
    """Lets a GLZ image refer to one that the client may have dropped."""

    heads = ((0, 0), (1, 0), (2, 2))


@fault("glz-refers-beyond-the-first", "SPICE-CODEC-049", "SPICE-CACHE-016")
class GlzRefersBeyondTheFirst(Glz):
    """Says of the first GLZ image that it may refer to the one before."""

    heads = ((0, 1),)


@fault("glz-window-too-large", "SPICE-CACHE-017")
class GlzWindowTooLarge(Glz):
    """Sends a GLZ image that is larger than the client's window."""

    heads = ((0, 0),)
    side = 1 << 14


@fault("glz-window-never-moves", "SPICE-CACHE-017")
class GlzWindowNeverMoves(Glz):
    """Never drops an image from the GLZ dictionary: each may refer to the first one."""

    heads = tuple([(number, number) for number in range(17)])
    side = 1 << 8


# -- what an image says of itself


@fault("descriptor-of-another-size", "SPICE-IMAGE-002")
class DescriptorOfAnotherSize(More):
    """Has another width in the descriptor of an image than in its bitmap."""

    def more(self, said: display.Init) -> tuple[Any, ...]:
        copy = _kept(flags=ImageFlags(0))
        image = copy.data.src_bitmap
        assert image is not None
        return (_copy(msgspec.structs.replace(image, descriptor=msgspec.structs.replace(image.descriptor, width=_SIDE + 1))),)


@fault("colours-in-a-stream-of-indices", "SPICE-CODEC-034")
class ColoursInAStreamOfIndices(More):
    """Sends an LZ stream of colours as an image of indices."""

    def more(self, said: display.Init) -> tuple[Any, ...]:
        from spiceproto.codecs import lz

        stream = lz.encode(np.zeros((_SIDE, _SIDE), np.uint32), LzImageType.RGB32)
        data = LZPLTData(flags=BitmapFlags(0), palette_id=None, palette=Palette(0, (0,) * 256), data=stream)
        return (_copy(Image(descriptor=_descriptor(ImageType.LZ_PLT, ImageFlags(0), 0), lz_plt=data)),)
