"""What one display shows, as a graphics card has it: a guest changes pixels, or pushes commands that draw.

    screen.draw(left, top, part)    pixels of the primary surface      Drawn
    screen.push(command)            one of reference_server.guest.command       Pushed
    screen.paint(picture)           all pixels, of any size            Drawn or Resized
    screen.resize(width, height)    a new primary surface              Resized
    screen.set_heads(*heads)        which parts are monitors           HeadsChanged

Commands are carried out by :mod:`spiceproto.canvas`, which is imported with the first of them: a screen whose pixels alone
change needs numpy and nothing else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from reference_server.guest.command import DRAWN, Command, changed, plain
from reference_server.guest.image import Picture, draw_copy, of_surface, put
from reference_server.guest.unseen import Unseen
from reference_server.guest.value import integer
from reference_server.watched import Watched
from spiceproto.enums.display import ClipType, SurfaceFlags, SurfaceFmt
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags
from spiceproto.errors import RemoteError
from spiceproto.messages import display
from spiceproto.messages.geometry import Rect
from spiceproto.messages.image import BitmapData, Image

if TYPE_CHECKING:
    from spiceproto.canvas.display import Display as Canvas

__all__ = ["PRIMARY", "Box", "Drawn", "HeadsChanged", "PackedSurface", "Picture", "Pushed", "Resized", "Screen", "colour_chart"]

PRIMARY: Final = 0
"""Number of the surface that is shown."""

_SQUARE: Final = 16
"""Side of what :meth:`Screen.animate` draws."""

_PLACES: Final = (-0x80000000, 0x7FFFFFFF)
"""Pixels on a display, as messages have them."""

_KEPT: Final = 1 << 21
"""Pixels of a chart that is kept for the next one who wants it."""

_STRIP: Final = 64
"""Rows of a chart that are drawn at once."""

_KEEP: Final = ImageFlags.CACHE_ME | ImageFlags.CACHE_REPLACE_ME
_PALETTE: Final = BitmapFlags.PAL_CACHE_ME | BitmapFlags.PAL_FROM_CACHE

_ORDERS: Final = (BitmapFlags.TOP_DOWN, BitmapFlags(0))
"""Flags of a bitmap that say in which order its rows are, and nothing else."""

_FORMATS: Final = frozenset(SurfaceFmt) - {SurfaceFmt.INVALID, SurfaceFmt._1_A}
"""Formats of surfaces whose pixels some image has."""

_BITS: Final[dict[int, int]] = {
    SurfaceFmt._8_A: 8,
    SurfaceFmt._16_555: 16,
    SurfaceFmt._16_565: 16,
    SurfaceFmt._32_xRGB: 32,
    SurfaceFmt._32_ARGB: 32,
}
"""Of a pixel."""


class Box(msgspec.Struct, frozen=True):
    """A part of a picture; ``right`` and ``bottom`` are behind the last column and row."""

    left: int
    top: int
    right: int
    bottom: int


class Drawn(msgspec.Struct, frozen=True):
    """A part of the picture has changed."""

    box: Box


class Pushed(msgspec.Struct, frozen=True):
    """A command was carried out. ``body`` is the bitmap of one that puts all of it on a surface without alpha, and does nothing
    else: it has no palette, and no byte but those of colours means anything."""

    command: Command
    body: BitmapData | None = None


class Resized(msgspec.Struct, frozen=True):
    """There is another primary surface."""


class PackedSurface(msgspec.Struct, frozen=True, kw_only=True):
    """A surface with its pixels, row by row, as wide as its format has them, the lowest byte first."""

    surface_id: int
    format: int
    width: int
    height: int
    pixels: bytes


class HeadsChanged(msgspec.Struct, frozen=True):
    """Other parts of the surfaces are monitors."""


def colour_chart(width: int, height: int) -> Picture:
    """Colours that change from pixel to pixel, with a frame: whatever is swapped, shifted or turned over is seen."""
    return _chart(width, height) if width * height <= _KEPT else _drawn_chart(width, height)


@lru_cache(maxsize=4)
def _chart(width: int, height: int) -> Picture:
    return _drawn_chart(width, height)


def _drawn_chart(width: int, height: int) -> Picture:
    columns, rows = np.arange(width, dtype=np.uint32), np.arange(height, dtype=np.uint32)
    blue = columns * 255 // max(width - 1, 1)
    green = rows * 255 // max(height - 1, 1) << 8
    across = np.stack([blue + ((columns // 8 + start) % 2 * 160 << 16) for start in (0, 1)])
    found = np.empty((height, width, 4), np.uint8)
    words = found.view("<u4")[..., 0]
    for top in range(0, height, _STRIP):  # one that is whole in memory takes seconds
        part = slice(top, top + _STRIP)
        np.bitwise_or(across[rows[part] // 8 % 2], green[part, np.newaxis], out=words[part])
    found[0, :, :3] = found[-1, :, :3] = found[:, 0, :3] = found[:, -1, :3] = 255
    found.flags.writeable = False
    return found


class Screen(Watched):
    """One display.

    Tells :class:`Drawn`, :class:`Pushed`, :class:`Resized` and :class:`HeadsChanged`.

    ``format``  of the primary surface
    ``heads``   the monitors: one that is all of the primary surface, until :meth:`set_heads`
    """

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        self.format: int = SurfaceFmt._32_xRGB
        self._picture = colour_chart(*size)
        self._canvas: Canvas | None = None
        self._unseen = Unseen()
        self._step = 0
        self._images = 0
        self.heads = self._one_head()

    # -- what is there

    @property
    def picture(self) -> Picture:
        """What it shows, not to be written to; see :meth:`draw`."""
        if self._canvas is None:
            return self._picture
        from spiceproto.canvas.surface import argb

        self._settle()
        pixels = self._canvas.surfaces[PRIMARY].pixels
        words: Any = pixels if pixels.dtype == np.uint32 else argb(self.format, pixels) & np.uint32(0xFFFFFF)
        found: Picture = words.astype("<u4", copy=False).view(np.uint8).reshape(*pixels.shape, 4)
        return found

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the primary surface."""
        height, width = self._picture.shape[:2] if self._canvas is None else self._canvas.surfaces[PRIMARY].pixels.shape
        return int(width), int(height)

    @property
    def surfaces(self) -> tuple[display.SurfaceCreate, ...]:
        """What creates all surfaces, the primary one first."""
        width, height = self.size
        primary = display.SurfaceCreate(
            surface_id=PRIMARY, width=width, height=height, format=self.format, flags=SurfaceFlags.PRIMARY
        )
        others = {} if self._canvas is None else self._canvas.surfaces
        return (
            primary,
            *[
                display.SurfaceCreate(
                    surface_id=number,
                    width=surface.width,
                    height=surface.height,
                    format=surface.format,
                    flags=SurfaceFlags(0),
                )
                for number, surface in others.items()
                if number != PRIMARY
            ],
        )

    def depth(self, surface_id: int) -> int:
        """Bits of a pixel of a surface."""
        return 32 if self._canvas is None else self._canvas.surfaces[surface_id].layout.bits

    def copy(self, surface_id: int = PRIMARY, box: Rect | Box | None = None) -> display.DrawCopy | None:
        """What draws a surface, or a part of it, as it is now; None if nothing of that part is on the surface."""
        self._settle()
        self._images += 1
        canvas = self._canvas
        height, width = self._picture.shape[:2] if canvas is None else canvas.surfaces[surface_id].pixels.shape
        left, top, right, bottom = (0, 0, width, height) if box is None else (box.left, box.top, box.right, box.bottom)
        left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
        if left >= right or top >= bottom:
            return None
        if canvas is None:
            return draw_copy(self._picture[top:bottom, left:right], left, top, self._images)
        surface = canvas.surfaces[surface_id]
        part = of_surface(surface.format, surface.pixels[top:bottom, left:right], self._images)
        return put(part, left, top, surface_id)

    # -- pixels

    def paint(self, picture: Picture) -> None:
        """Show another picture, of any size. Raises ValueError for an array that is none."""
        _check(picture)
        if 0 in picture.shape:
            raise ValueError(f"a picture has pixels, not {picture.shape}")
        height, width = picture.shape[:2]
        resized = (width, height) != self.size
        if resized:
            self._replace(width, height, self.format)
        self._write(Box(left=0, top=0, right=width, bottom=height), picture)
        self.tell(Resized() if resized else Drawn(Box(left=0, top=0, right=width, bottom=height)))

    def draw(self, left: int, top: int, part: Picture) -> None:
        """Change a part of the picture; what is outside is cut off. Raises ValueError for an array that is none."""
        _check(part)
        left, top = integer("left", left, *_PLACES), integer("top", top, *_PLACES)
        width, height = self.size
        box = Box(
            left=max(left, 0),
            top=max(top, 0),
            right=min(left + part.shape[1], width),
            bottom=min(top + part.shape[0], height),
        )
        if box.left >= box.right or box.top >= box.bottom:
            return
        self._write(box, part[box.top - top : box.bottom - top, box.left - left : box.right - left])
        self.tell(Drawn(box))

    def _write(self, box: Box, part: Picture) -> None:
        self._settle()
        place = (slice(box.top, box.bottom), slice(box.left, box.right))
        if self._canvas is not None:
            from spiceproto.canvas.surface import stored

            words = np.ascontiguousarray(part).view("<u4").reshape(part.shape[:2]).astype(np.uint32, copy=False)
            exact = self.format in (SurfaceFmt._32_xRGB, SurfaceFmt._32_ARGB)
            self._canvas.surfaces[PRIMARY].pixels[place] = words if exact else stored(self.format, words)
            return
        if not self._picture.flags.writeable:
            self._picture = self._picture.copy()
        self._picture[place] = part

    def animate(self, count: int = 1) -> None:
        """Draw so many times: a square that wanders and changes its colour."""
        width, height = self.size
        for _ in range(count):
            self._step += 1
            colour = (self._step * 37 & 255, self._step * 91 & 255, self._step * 13 & 255, 0)
            square = np.full((_SQUARE, _SQUARE, 4), colour, np.uint8)
            self.draw(self._step * 7 % max(width - _SQUARE, 1), self._step * 3 % max(height - _SQUARE, 1), square)

    # -- commands

    def push(self, command: Command) -> None:
        """Carry a command out. Raises ValueError for one that can not be, or is none."""
        body = plain(command)
        if body is None or not self._put(command, body):
            body = None
            if type(command) is display.CopyBits and self._move(command):
                self.tell(Pushed(command))
                return
            if isinstance(command, display.SurfaceCreate | display.SurfaceDestroy):
                self._check_surface(command)
            elif not isinstance(command, DRAWN):
                raise ValueError(f"no command: {type(command).__name__}")
            self._carry_out(changed(command, _unkept))
        self.tell(Pushed(command, body))

    def _put(self, command: Command, body: BitmapData) -> bool:
        """Carry out what guests draw most, and nothing else: a whole bitmap that is put somewhere as it is."""
        if body.format != BitmapFmt._32BIT or body.palette is not None or body.flags not in _ORDERS:
            return False
        surface, box = self._drawing().surfaces.get(command.base.surface_id), command.base.box
        if surface is None or surface.format != SurfaceFmt._32_xRGB:
            return False
        pixels = surface.pixels
        height, width = pixels.shape
        if box.left < 0 or box.top < 0 or box.right > width or box.bottom > height:
            return False
        if body.stride != 4 * body.x or len(body.data) != body.stride * body.y:
            return False
        if self._unseen.put(command.base.surface_id, box, pixels, body):
            self._settle()
        return True

    def _move(self, command: display.CopyBits) -> bool:
        """Carry out what scrolls, and nothing else: all of a box, of a surface that is there."""
        if command.base.clip.type != ClipType.NONE or command.base.surface_id not in self._drawing().surfaces:
            return False
        if self._unseen.move(command):
            self._settle()
        return True

    def _settle(self) -> None:
        """Carry out what nobody has looked at."""
        if self._unseen.waiting:
            self._unseen.draw(self._drawing().draw)

    def _check_surface(self, command: display.SurfaceCreate | display.SurfaceDestroy) -> None:
        number = command.surface_id
        if number == PRIMARY:
            raise ValueError("surface 0 is the primary one: see resize")
        if isinstance(command, display.SurfaceDestroy):
            if number in [head.surface_id for head in self.heads]:
                raise ValueError(f"surface {number} is a monitor")
        elif number in self._drawing().surfaces:
            raise ValueError(f"surface {number} is there")
        elif command.flags or command.format not in _FORMATS:
            raise ValueError(f"no surface can have the format {command.format!r} and the flags {command.flags!r}")

    def _carry_out(self, command: Command) -> None:
        self._settle()
        canvas = self._drawing()
        canvas.draw(command)
        if canvas.problems:
            text = str(canvas.problems[0])
            canvas.problems.clear()
            raise ValueError(text)

    def _drawing(self) -> Canvas:
        if self._canvas is None:
            from spiceproto.canvas.display import Display as Canvas

            width, height = self.size
            picture = self._picture
            self._canvas = Canvas()
            self._create(width, height, self.format)
            self._write(Box(left=0, top=0, right=width, bottom=height), picture)
        return self._canvas

    def _create(self, width: int, height: int, format: int) -> None:
        self._carry_out(
            display.SurfaceCreate(surface_id=PRIMARY, width=width, height=height, format=format, flags=SurfaceFlags.PRIMARY)
        )

    # -- the guest goes to another server

    @property
    def counts(self) -> tuple[int, int]:
        """How often it has drawn by itself, and the number of the last picture."""
        return self._step, self._images

    def pack(self) -> tuple[PackedSurface, ...]:
        """All surfaces, the primary one first."""
        self._settle()
        if self._canvas is None:
            there = {PRIMARY: np.ascontiguousarray(self._picture).view("<u4")}
        else:
            there = {number: surface.pixels for number, surface in self._canvas.surfaces.items()}
        return tuple(
            [
                PackedSurface(
                    surface_id=each.surface_id,
                    format=int(each.format),
                    width=each.width,
                    height=each.height,
                    pixels=there[each.surface_id].astype(there[each.surface_id].dtype.newbyteorder("<"), copy=False).tobytes(),
                )
                for each in self.surfaces
            ]
        )

    def unpack(self, surfaces: tuple[PackedSurface, ...], heads: tuple[display.Head, ...], counts: tuple[int, int]) -> None:
        """Have these, and tell nobody. Raises RemoteError for what no screen can have."""
        if not surfaces or surfaces[0].surface_id != PRIMARY or surfaces[0].format == SurfaceFmt._8_A:
            raise RemoteError("the first surface is not the primary one", path="surfaces")
        first = surfaces[0]
        self.format = SurfaceFmt(first.format) if first.format in _FORMATS else 0
        self._unseen = Unseen()
        self._canvas = None
        for each in surfaces:
            bits = _BITS.get(each.format, 0)
            if each.format not in _FORMATS or len(each.pixels) != bits // 8 * each.width * each.height or not each.pixels:
                raise RemoteError("a surface that can not be", path=f"surfaces.{each.surface_id}")
        if len(surfaces) == 1 and self.format == SurfaceFmt._32_xRGB:
            self._picture = np.frombuffer(first.pixels, np.uint8).reshape(first.height, first.width, 4)
        else:
            self._picture = np.zeros((first.height, first.width, 4), np.uint8)
            self._unpack_canvas(surfaces)
        self._step, self._images = counts
        try:
            self.set_heads(*heads)
        except ValueError as error:
            raise RemoteError(str(error), path="heads") from None

    def _unpack_canvas(self, surfaces: tuple[PackedSurface, ...]) -> None:
        canvas = self._drawing()
        try:
            for each in surfaces:
                if each.surface_id != PRIMARY:
                    made = display.SurfaceCreate(
                        surface_id=each.surface_id,
                        width=each.width,
                        height=each.height,
                        format=SurfaceFmt(each.format),
                        flags=SurfaceFlags(0),
                    )
                    self._check_surface(made)
                    self._carry_out(made)
                pixels = canvas.surfaces[each.surface_id].pixels
                pixels[:] = np.frombuffer(each.pixels, pixels.dtype.newbyteorder("<")).reshape(pixels.shape)
        except ValueError as error:
            raise RemoteError(str(error), path="surfaces") from None

    # -- the primary surface, and its monitors

    def resize(self, width: int, height: int, format: int = SurfaceFmt._32_xRGB) -> None:
        """Have another primary surface, which is black, with one head. Raises ValueError for one that can not be."""
        integer("a width", width, *_PLACES)
        integer("a height", height, *_PLACES)
        if width < 1 or height < 1 or format not in _FORMATS - {SurfaceFmt._8_A}:
            raise ValueError(f"no screen is {width} x {height} of the format {format!r}")
        if format != SurfaceFmt._32_xRGB:
            self._drawing()
        self._replace(width, height, format)
        self.tell(Resized())

    def _replace(self, width: int, height: int, format: int) -> None:
        self.format = format
        if self._canvas is None:
            self._picture = np.zeros((height, width, 4), np.uint8)
        else:
            self._carry_out(display.SurfaceDestroy(PRIMARY))
            self._create(width, height, format)
        self.heads = self._one_head()

    def _one_head(self) -> tuple[display.Head, ...]:
        width, height = self.size
        return (display.Head(monitor_id=0, surface_id=PRIMARY, width=width, height=height, x=0, y=0, flags=0),)

    def set_heads(self, *heads: display.Head) -> None:
        """Have these monitors. Raises ValueError if one is outside of its surface, or two have one number."""
        sizes = {surface.surface_id: (surface.width, surface.height) for surface in self.surfaces}
        for head in heads:
            width, height = sizes.get(head.surface_id, (0, 0))
            if min(head.x, head.y) < 0 or head.x + head.width > width or head.y + head.height > height:
                place = f"monitor {head.monitor_id}, {head.width}x{head.height}+{head.x}+{head.y},"
                raise ValueError(f"{place} is outside of surface {head.surface_id}, which is {width}x{height}")
        if not heads or len({head.monitor_id for head in heads}) < len(heads):
            raise ValueError("there is at least one monitor, and each has a number of its own")
        self.heads = heads
        self.tell(HeadsChanged())


def _check(part: Picture) -> None:
    if not isinstance(part, np.ndarray):
        raise ValueError(f"a picture is uint8 of height x width x 4, not {type(part).__name__}")
    if part.dtype != np.uint8 or part.ndim != 3 or part.shape[2] != 4:
        raise ValueError(f"a picture is uint8 of height x width x 4, not {part.dtype} {part.shape}")


def _unkept(image: Image) -> Image:
    """An image that nobody keeps, nor its palette."""
    flags = ImageFlags(image.descriptor.flags & ~_KEEP)
    changes: dict[str, Any] = {"descriptor": msgspec.structs.replace(image.descriptor, flags=flags)}
    for name in ("bitmap", "lz_plt"):
        body = getattr(image, name)
        if body is not None and body.flags & _PALETTE:
            changes[name] = msgspec.structs.replace(body, flags=BitmapFlags(body.flags & ~_PALETTE))
    return msgspec.structs.replace(image, **changes)
