"""Images of any encoding, on purpose small, with what a cache holds at the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.codecs import bitmap, glz, jpeg, jpeg_alpha, lz, lz4, quic, zlib_glz
from spiceproto.enums.display import SurfaceFmt
from spiceproto.enums.image import (
    BitmapFlags,
    BitmapFmt,
    ImageFlags,
    ImageType,
    LzImageType,
    QuicImageType,
)
from spiceproto.messages.image import (
    BinaryData,
    BitmapData,
    Image,
    ImageDescriptor,
    JPEGAlphaData,
    LZPLTData,
    Palette,
    ZlibGlzRGBData,
)
from spiceproto.messages.image import Surface as SurfaceImage
from spiceproto.tests.canvas_fuzz.choices import Choices

__all__ = ["Kept", "Pictures"]

ENCODINGS: Final = ("bitmap", "surface", "cache", "quic", "lz", "lz_plt", "lz4", "jpeg", "jpeg_alpha", "glz", "zlib_glz")
PLAIN: Final = (
    BitmapFmt._32BIT,
    BitmapFmt.RGBA,
    BitmapFmt._24BIT,
    BitmapFmt._16BIT,
    BitmapFmt._8BIT,
    BitmapFmt._4BIT_BE,
    BitmapFmt._1BIT_BE,
    BitmapFmt._8BIT_A,
)
QUIC: Final = (QuicImageType.RGB32, QuicImageType.RGBA, QuicImageType.RGB24, QuicImageType.RGB16)
LZ: Final = (LzImageType.RGB32, LzImageType.RGBA, LzImageType.RGB24, LzImageType.RGB16, LzImageType.A8)
GLZ: Final = LZ[:4]
WINDOW: Final = 1200
"""Pixels of the dictionary of GLZ: two or three images, so that some leave it."""
LZ_PLT: Final = (LzImageType.PLT8, LzImageType.PLT4_BE, LzImageType.PLT1_BE, LzImageType.PLT4_LE, LzImageType.PLT1_LE)
LZ4: Final = (BitmapFmt._32BIT, BitmapFmt.RGBA, BitmapFmt._24BIT, BitmapFmt._16BIT)
INDEXED: Final = (SurfaceFmt._32_xRGB, SurfaceFmt._32_ARGB, SurfaceFmt._16_555)
"""Formats of surfaces for which a palette has a meaning."""
BITS: Final = {LzImageType.PLT1_LE: 1, LzImageType.PLT1_BE: 1, LzImageType.PLT4_LE: 4, LzImageType.PLT4_BE: 4}


@dataclass(frozen=True, slots=True)
class Kept:
    """An image that a command has put into the cache: its id and size, and whether it is a mask or lossy."""

    id: int
    width: int
    height: int
    mask: bool = False
    lossy: bool = False


@dataclass(slots=True)
class Pictures:
    """Makes images for one scene.

    * ``sizes``: of the surfaces there are, by id, with their format
    * ``kept``, ``palettes``: what the commands so far have put into the caches
    * ``dictionary``: what images of GLZ refer to, once there is one
    * ``spent``: images in the cache, and surfaces, that no command uses any more
    """

    choices: Choices
    sizes: dict[int, tuple[int, int, SurfaceFmt]]
    kept: list[Kept] = field(default_factory=list)
    palettes: list[Palette] = field(default_factory=list)
    spent: set[int | str] = field(default_factory=set)
    next_id: int = 1
    dictionary: glz.Dictionary | None = None

    def spend(self, image: Image) -> None:
        """Use an image no more: what it is has been changed for who comes after."""
        if image.surface is not None:
            self.spent.add(f"surface {image.surface.surface_id}")
        self.spent.add(image.descriptor.id)

    def _id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def size(self) -> tuple[int, int]:
        """Width and height of an image."""
        return self.choices.number(1, 24), self.choices.number(1, 16)

    def image(
        self, format: SurfaceFmt, least: tuple[int, int] = (1, 1), *, surfaces: bool = True, kept: bool = True
    ) -> tuple[Image, int, int]:
        """An image for a surface of ``format``, at least so large, and its width and height."""
        pick = self.choices
        encoding = pick.one_of(ENCODINGS)
        if encoding == "lz_plt" and format not in INDEXED:
            encoding = "lz"
        if encoding in ("glz", "zlib_glz") and not kept:
            encoding = "lz"
        if encoding == "surface":
            depth = int(format) & 63
            fitting = [
                (id, width, height)
                for id, (width, height, other) in self.sizes.items()
                if surfaces
                and f"surface {id}" not in self.spent
                and int(other) & 63 == depth
                and width >= least[0]
                and height >= least[1]
            ]
            if fitting:
                id, width, height = pick.one_of(fitting)
                return _of_surface(id, width, height), width, height
            encoding = "bitmap"
        if encoding == "cache":
            found = [
                kept
                for kept in self.kept
                if not kept.mask and kept.id not in self.spent and kept.width >= least[0] and kept.height >= least[1]
            ]
            if found:
                entry = pick.one_of(found)
                lossless = not entry.lossy and pick.once_in(3)
                kind = ImageType.FROM_CACHE_LOSSLESS if lossless else ImageType.FROM_CACHE
                descriptor = ImageDescriptor(
                    id=entry.id, type=kind, flags=ImageFlags(0), width=entry.width, height=entry.height
                )
                return Image(descriptor=descriptor), entry.width, entry.height
            encoding = "bitmap"
        width, height = self.size()
        width, height = max(width, least[0]), max(height, least[1])
        known = len(self.palettes)
        kind, body = self._body(encoding, width, height, format)
        if not kept:
            del self.palettes[known:]
        flags = 0
        if kept and pick.once_in(4):
            flags |= ImageFlags.CACHE_ME
        if pick.once_in(8):
            flags |= ImageFlags.HIGH_BITS_SET
        id = self._id()
        if flags & ImageFlags.CACHE_ME:
            self.kept.append(Kept(id, width, height, lossy=kind in (ImageType.JPEG, ImageType.JPEG_ALPHA)))
        descriptor = ImageDescriptor(id=id, type=kind, flags=ImageFlags(flags), width=width, height=height)
        return Image(descriptor=descriptor, **body), width, height

    def _body(self, encoding: str, width: int, height: int, format: SurfaceFmt) -> tuple[ImageType, dict[str, Any]]:
        pick = self.choices
        if encoding == "quic":
            type = pick.one_of(QUIC)
            return ImageType.QUIC, {
                "quic": BinaryData(quic.encode(self._pixels(width, height, type == QuicImageType.RGB16), type))
            }
        if encoding == "lz":
            kind = pick.one_of(LZ)
            pixels = self._pixels(width, height, kind == LzImageType.RGB16)
            if kind == LzImageType.A8:
                pixels = (pixels & 0xFF).astype(np.uint8)
            return ImageType.LZ_RGB, {"lz_rgb": BinaryData(lz.encode(pixels, kind, top_down=not pick.once_in(3)))}
        if encoding in ("glz", "zlib_glz"):
            return self._glz(width, height, deflated=encoding == "zlib_glz")
        if encoding == "lz_plt":
            kind = pick.one_of(LZ_PLT)
            bits = BITS.get(kind, 8)
            indices = (pick.words(height, width, (1 << bits) - 1)).astype(np.uint8)
            flags, palette_id, palette = self._palette(1 << bits, format)
            data = lz.encode(indices, kind, top_down=not pick.once_in(3))
            body = LZPLTData(flags=BitmapFlags(flags), palette_id=palette_id, palette=palette, data=data)
            return ImageType.LZ_PLT, {"lz_plt": body}
        if encoding == "lz4":
            layout = pick.one_of(LZ4)
            pixels = self._pixels(width, height, layout == BitmapFmt._16BIT)
            return ImageType.LZ4, {"lz4": BinaryData(lz4.encode(pixels, layout, top_down=not pick.once_in(3)))}
        if encoding == "jpeg":
            return ImageType.JPEG, {"jpeg": BinaryData(jpeg.encode(self._pixels(width, height, False) & np.uint32(0xFFFFFF)))}
        if encoding == "jpeg_alpha":
            made = jpeg_alpha.encode(self._pixels(width, height, False))
            return ImageType.JPEG_ALPHA, {"jpeg_alpha": JPEGAlphaData(made.flags, made.jpeg_size, made.data)}
        return ImageType.BITMAP, {"bitmap": self._bitmap(width, height, format)}

    def _glz(self, width: int, height: int, *, deflated: bool) -> tuple[ImageType, dict[str, Any]]:
        if self.dictionary is None:
            self.dictionary = glz.Dictionary(WINDOW)
        kind = self.choices.one_of(GLZ)
        pixels, top_down = self._pixels(width, height, kind == LzImageType.RGB16), not self.choices.once_in(3)
        if width * height >= WINDOW:
            return ImageType.LZ_RGB, {"lz_rgb": BinaryData(lz.encode(pixels, kind, top_down=top_down))}
        if deflated:
            data, size = zlib_glz.encode(pixels, kind, self.dictionary, top_down=top_down)
            return ImageType.ZLIB_GLZ_RGB, {"zlib_glz": ZlibGlzRGBData(size, data)}
        return ImageType.GLZ_RGB, {"lz_rgb": BinaryData(glz.encode(pixels, kind, self.dictionary, top_down=top_down))}

    def _pixels(self, width: int, height: int, short: bool) -> NDArray[Any]:
        found = self.choices.words(height, width, 0x7FFF if short else 0xFFFFFFFF)
        return found.astype(np.uint16) if short else found

    def _bitmap(self, width: int, height: int, format: SurfaceFmt) -> BitmapData:
        pick = self.choices
        formats = PLAIN if format in INDEXED else (BitmapFmt._8BIT_A, *PLAIN[:4])
        kind = pick.one_of(formats)
        layout = bitmap.LAYOUTS[kind]
        top_down = not pick.once_in(3)
        stride = bitmap.row_size(kind, width) + pick.one_of((0, 4, 1))
        flags, palette_id, palette = 0, None, None
        if layout.indexed:
            flags, palette_id, palette = self._palette(1 << layout.bits, format)
        ones = {32: 0xFFFFFFFF, 24: 0xFFFFFF}.get(layout.bits, (1 << layout.bits) - 1)
        pixels = pick.words(height, width, ones).astype(layout.dtype)
        # 32BIT would lose its fourth byte, which the canvases have to keep.
        data, stride = bitmap.encode(
            pixels, BitmapFmt.RGBA if kind == BitmapFmt._32BIT else kind, top_down=top_down, stride=stride
        )
        if top_down:
            flags |= BitmapFlags.TOP_DOWN
        return BitmapData(
            format=kind,
            flags=BitmapFlags(flags),
            x=width,
            y=height,
            stride=stride,
            palette_id=palette_id,
            palette=palette,
            data=data,
        )

    def _palette(self, size: int, format: SurfaceFmt) -> tuple[int, int | None, Palette | None]:
        pick = self.choices
        known = [palette for palette in self.palettes if len(palette.ents) >= size]
        if known and pick.once_in(3):
            return int(BitmapFlags.PAL_FROM_CACHE), pick.one_of(known).unique, None
        entries = tuple(pick.words(1, size, 0xFFFFFFFF)[0].tolist())
        keep = pick.once_in(4)
        palette = Palette(unique=self._id() if keep else 0, ents=entries)
        if keep:
            self.palettes.append(palette)
        return int(BitmapFlags.PAL_CACHE_ME) if keep else 0, None, palette

    def mask(self) -> Image:
        """A mask: a bitmap of one bit a pixel, one from the cache, or a surface of that depth."""
        pick = self.choices
        flat = [(id, width, height) for id, (width, height, other) in self.sizes.items() if other == SurfaceFmt._1_A]
        if flat and pick.once_in(2):
            id, width, height = pick.one_of(flat)
            return _of_surface(id, width, height)
        known = [kept for kept in self.kept if kept.mask]
        if known and pick.once_in(4):
            entry = pick.one_of(known)
            descriptor = ImageDescriptor(
                id=entry.id, type=ImageType.FROM_CACHE, flags=ImageFlags(0), width=entry.width, height=entry.height
            )
            return Image(descriptor=descriptor)
        width, height = pick.one_of((8, 1, 24, 33, 70)), pick.number(1, 16)
        kind = pick.one_of((BitmapFmt._1BIT_BE, BitmapFmt._1BIT_LE))
        top_down = not pick.once_in(3)
        bits = pick.words(height, width, 1).astype(np.uint8)
        data, stride = bitmap.encode(bits, kind, top_down=top_down, stride=bitmap.row_size(kind, width) + pick.one_of((0, 4)))
        keep = pick.once_in(5)
        id = self._id()
        if keep:
            self.kept.append(Kept(id, width, height, mask=True))
        body = BitmapData(
            format=kind,
            flags=BitmapFlags.TOP_DOWN if top_down else BitmapFlags(0),
            x=width,
            y=height,
            stride=stride,
            palette_id=None,
            palette=None,
            data=data,
        )
        flags = ImageFlags.CACHE_ME if keep else ImageFlags(0)
        return Image(
            descriptor=ImageDescriptor(id=id, type=ImageType.BITMAP, flags=flags, width=width, height=height), bitmap=body
        )


def _of_surface(id: int, width: int, height: int) -> Image:
    descriptor = ImageDescriptor(id=0, type=ImageType.SURFACE, flags=ImageFlags(0), width=width, height=height)
    return Image(descriptor=descriptor, surface=SurfaceImage(id))
