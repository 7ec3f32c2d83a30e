"""Scenes: some surfaces, and messages that draw on them, every command with every kind of brush, mask, clip and image.

All of it is what a server may send, but not what spice-common's canvas ends on, reads or writes behind its memory for, or
remembers where it should not:

* DRAW_ROP3 with a source that does not cover the box, with a number that is no function of three, with a pattern that begins
  behind the corner of the box, and on 8_A;
* DRAW_STROKE with a surface as its pattern;
* a surface or an image from the cache once DRAW_COMPOSITE has used it or DRAW_TEXT as a pattern: a transformation, a filter
  and a repeat stay on it for the commands that come after;
* what rests on an image that DRAW_TEXT has in its back brush, which is kept only if the background is drawn;
* on 1_A everything but text, alpha blend, and colours that are put without an operation;
* an image of a surface of another depth, LZ_PLT on other than 32 bits and 16_555, DEST_OPAQUE and SOURCE_OPAQUE where there are
  no colours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto import dispatch
from spiceproto.canvas import surface as surfaces
from spiceproto.canvas.operators import OPERATORS
from spiceproto.enums.display import (
    AlphaFlags,
    BrushType,
    ClipType,
    CompositeFlags,
    LineFlags,
    MaskFlags,
    PathFlags,
    ResourceType,
    Ropd,
    StringFlags,
    SurfaceFmt,
)
from spiceproto.messages import display as messages
from spiceproto.messages.draw import (
    AlphaBlend,
    Blackness,
    Blend,
    Brush,
    Clip,
    ClipRects,
    Composite,
    Copy,
    DisplayBase,
    Fill,
    Invers,
    LineAttr,
    Opaque,
    Path,
    PathSegment,
    Pattern,
    QMask,
    RasterGlyphA1,
    RasterGlyphA4,
    RasterGlyphA8,
    Rop3,
    String,
    Stroke,
    Text,
    Transparent,
    Whiteness,
)
from spiceproto.messages.geometry import Point, Point16, PointFix, Rect, Transform
from spiceproto.messages.image import Image
from spiceproto.tests.canvas_fuzz.choices import Choices
from spiceproto.tests.canvas_fuzz.pictures import Pictures

__all__ = ["COMMANDS", "Scene", "Start", "Step", "scene"]

FORMATS: Final = (
    SurfaceFmt._32_xRGB,
    SurfaceFmt._32_ARGB,
    SurfaceFmt._16_555,
    SurfaceFmt._16_565,
    SurfaceFmt._8_A,
    SurfaceFmt._1_A,
)
COLOURED: Final = FORMATS[:4]
OPERATIONS: Final = (Ropd.OP_PUT, Ropd.OP_OR, Ropd.OP_AND, Ropd.OP_XOR, Ropd.OP_BLACKNESS, Ropd.OP_WHITENESS, Ropd.OP_INVERS)
INVERSIONS: Final = (Ropd.INVERS_SRC, Ropd.INVERS_BRUSH, Ropd.INVERS_DEST, Ropd.INVERS_RES)
MOST: Final = 8
"""Commands of a scene: enough for what one leaves behind for another."""


def _depends_on_all(number: int) -> bool:
    """Whether a function of three operands looks at each of them."""
    bits = [number >> i & 1 for i in range(8)]
    return all(any(bits[i] != bits[i ^ 1 << operand] for i in range(8)) for operand in range(3))


ROP3: Final = tuple(number for number in range(256) if _depends_on_all(number))


class Start(NamedTuple):
    """A surface, and what is on it before the first command: an array as :mod:`spiceproto.canvas.surface` has it."""

    id: int
    width: int
    height: int
    format: SurfaceFmt
    pixels: NDArray[Any]


class Step(NamedTuple):
    """One message: its value, its type, its body."""

    value: Any
    type: int
    body: bytes


class Scene(NamedTuple):
    """Surfaces and messages, in order."""

    starts: tuple[Start, ...]
    steps: tuple[Step, ...]


class _Draughtsman:
    """Makes commands for the surfaces of one scene."""

    def __init__(self, choices: Choices, starts: tuple[Start, ...]) -> None:
        self.pick = choices
        self.starts = starts
        self.pictures = Pictures(choices, {start.id: (start.width, start.height, start.format) for start in starts})
        self.target = starts[0]

    # -- parts ---------------------------------------------------------------------------------------------------------

    def box(self, *, inside: bool = False) -> Rect:
        pick, width, height = self.pick, self.target.width, self.target.height
        if not inside and pick.once_in(6):
            left, top = pick.near(-8, width + 4), pick.near(-8, height + 4)
            return Rect(top=top, left=left, bottom=top + pick.number(1, 20), right=left + pick.number(1, 30))
        left, top = pick.below(width), pick.below(height)
        return Rect(top=top, left=left, bottom=pick.number(top + 1, height), right=pick.number(left + 1, width))

    def clip(self) -> Clip:
        pick = self.pick
        if not pick.once_in(3):
            return Clip(ClipType.NONE, None)
        rects = []
        for _ in range(pick.number(1, 4)):
            left, top = pick.near(-4, self.target.width), pick.near(-4, self.target.height)
            rects.append(Rect(top=top, left=left, bottom=top + pick.number(1, 12), right=left + pick.number(1, 16)))
        return Clip(ClipType.RECTS, ClipRects(tuple(rects)))

    def base(self, box: Rect) -> DisplayBase:
        return DisplayBase(self.target.id, box, self.clip())

    def rop(self, *, often: int = 2) -> Ropd:
        pick = self.pick
        if not pick.once_in(often):
            return Ropd.OP_PUT
        found = pick.one_of(OPERATIONS)
        for inversion in INVERSIONS:
            if pick.once_in(4):
                found |= inversion
        return found

    def colour(self) -> int:
        return int(self.pick.words(1, 1, 0xFFFFFFFF)[0, 0])

    def brush(self, *, none: bool = True, surfaces: bool = True, kept: bool = True, before: Rect | None = None) -> Brush:
        """A brush: perhaps none, perhaps a surface; a pattern that begins above and left of a box, if there is one."""
        pick = self.pick
        kind = pick.below(8)
        if kind < 4 or self.target.format == SurfaceFmt._1_A:
            return Brush(BrushType.SOLID, self.colour(), None)
        if kind == 7 and none:
            return Brush(BrushType.NONE, None, None)
        image, _, _ = self.pictures.image(self.target.format, surfaces=surfaces, kept=kept)
        x, y = pick.near(-20, 30), pick.near(-20, 30)
        if before is not None:
            x, y = min(x, before.left), min(y, before.top)
        return Brush(BrushType.PATTERN, None, Pattern(image, Point(x, y)))

    def mask(self) -> QMask:
        pick = self.pick
        if not pick.once_in(5):
            return QMask(MaskFlags(0), Point(0, 0), None)
        flags = MaskFlags.INVERS if pick.once_in(3) else MaskFlags(0)
        return QMask(flags, Point(pick.near(-4, 12), pick.near(-4, 8)), self.pictures.mask())

    def source(self, box: Rect, *, covering: bool = False) -> tuple[Image, Rect]:
        """An image, and the area of it that a command draws in ``box``."""
        pick = self.pick
        width, height = box.right - box.left, box.bottom - box.top
        if pick.once_in(3):
            image, columns, rows = self.pictures.image(self.target.format)
            left, top = pick.below(columns), pick.below(rows)
            right, bottom = pick.number(left + 1, columns), pick.number(top + 1, rows)
            return image, Rect(top=top, left=left, bottom=bottom, right=right)
        if not covering and pick.once_in(8):
            image, columns, rows = self.pictures.image(self.target.format)
            left, top = pick.near(-6, columns), pick.near(-6, rows)
        else:
            image, columns, rows = self.pictures.image(self.target.format, (width, height))
            left, top = pick.below(columns - width + 1), pick.below(rows - height + 1)
        return image, Rect(top=top, left=left, bottom=top + height, right=left + width)

    # -- commands ------------------------------------------------------------------------------------------------------

    def fill(self) -> Any:
        box = self.box()
        return messages.DrawFill(self.base(box), Fill(self.brush(), self.rop(), self.mask()))

    def solid(self) -> Any:
        brush = Brush(BrushType.SOLID, self.colour(), None)
        return messages.DrawFill(self.base(self.box()), Fill(brush, Ropd.OP_PUT, self.mask()))

    def _copied(self) -> tuple[DisplayBase, dict[str, Any]]:
        box = self.box()
        image, area = self.source(box)
        body = {
            "src_bitmap": image,
            "src_area": area,
            "rop_descriptor": self.rop(often=3),
            "scale_mode": self.pick.below(2),
            "mask": self.mask(),
        }
        return self.base(box), body

    def copy(self) -> Any:
        base, body = self._copied()
        return messages.DrawCopy(base, Copy(**body))

    def blend(self) -> Any:
        base, body = self._copied()
        return messages.DrawBlend(base, Blend(**body))

    def opaque(self) -> Any:
        base, body = self._copied()
        return messages.DrawOpaque(base, Opaque(brush=self.brush(), **body))

    def blackness(self) -> Any:
        return messages.DrawBlackness(self.base(self.box()), Blackness(self.mask()))

    def whiteness(self) -> Any:
        return messages.DrawWhiteness(self.base(self.box()), Whiteness(self.mask()))

    def invers(self) -> Any:
        return messages.DrawInvers(self.base(self.box()), Invers(self.mask()))

    def rop3(self) -> Any:
        box = self.box(inside=True)
        image, area = self.source(box, covering=True)
        return messages.DrawRop3(
            self.base(box),
            Rop3(
                src_bitmap=image,
                src_area=area,
                brush=self.brush(none=False, before=box),
                rop3=self.pick.one_of(ROP3),
                scale_mode=self.pick.below(2),
                mask=self.mask(),
            ),
        )

    def _point(self) -> PointFix:
        pick = self.pick
        part = pick.below(16) if pick.once_in(3) else 0
        return PointFix(16 * pick.near(-10, 40) + part, 16 * pick.near(-10, 30) + part)

    def stroke(self) -> Any:
        pick = self.pick
        segments = []
        for number in range(pick.number(1, 3)):
            flags = PathFlags.BEGIN if number == 0 or pick.once_in(2) else PathFlags(0)
            if pick.once_in(5):
                points = tuple(self._point() for _ in range(3 * pick.number(1, 2) + bool(flags & PathFlags.BEGIN)))
                flags |= PathFlags.BEZIER
            else:
                points = tuple(self._point() for _ in range(pick.number(2, 5)))
            if pick.once_in(2):
                flags |= PathFlags.END
                if pick.once_in(2):
                    flags |= PathFlags.CLOSE
                segments.append(PathSegment(flags, points))
                break
            segments.append(PathSegment(flags, points))
        attr = LineAttr(LineFlags(0), None)
        if pick.once_in(3):
            style = tuple(16 * pick.number(1, 9) for _ in range(pick.number(1, 4)))
            attr = LineAttr(LineFlags.STYLED | (LineFlags.START_WITH_GAP if pick.once_in(2) else LineFlags(0)), style)
        return messages.DrawStroke(
            self.base(self.box()),
            Stroke(
                path=Path(tuple(segments)),
                attr=attr,
                brush=self.brush(surfaces=False),
                fore_mode=int(self.rop()),
                back_mode=int(Ropd.OP_PUT),
            ),
        )

    def text(self) -> Any:
        pick = self.pick
        box = self.box()
        flags, glyph, bits = pick.one_of(
            (
                (StringFlags.RASTER_A1, RasterGlyphA1, 1),
                (StringFlags.RASTER_A4, RasterGlyphA4, 4),
                (StringFlags.RASTER_A8, RasterGlyphA8, 8),
            )
        )
        glyphs: list[Any] = []
        for _ in range(pick.number(1, 4)):
            width, height = pick.number(1, 18), pick.number(1, 8)
            data = pick.words(height, (width * bits + 7) // 8, 0xFF).astype(np.uint8)
            glyphs.append(
                glyph(
                    render_pos=Point(pick.near(-6, 30), pick.near(-6, 20)),
                    glyph_origin=Point(pick.near(-4, 4), pick.near(-4, 4)),
                    width=width,
                    height=height,
                    data=data.tobytes(),
                )
            )
        fore = self.brush()
        if fore.pattern is not None:
            self.pictures.spend(fore.pattern.pat)
        area = Rect(top=0, left=0, bottom=0, right=0)
        back = Brush(BrushType.NONE, None, None)
        if pick.once_in(3):
            area, back = self.box(), self.brush(kept=False)
        return messages.DrawText(
            self.base(box),
            Text(
                str=String(flags, tuple(glyphs)),
                back_area=area,
                fore_brush=fore,
                back_brush=back,
                fore_mode=int(Ropd.OP_PUT),
                back_mode=int(Ropd.OP_PUT),
            ),
        )

    def transparent(self) -> Any:
        box = self.box()
        image, area = self.source(box)
        colour = self.colour()
        return messages.DrawTransparent(
            self.base(box), Transparent(src_bitmap=image, src_area=area, src_color=colour, true_color=colour)
        )

    def alpha_blend(self) -> Any:
        pick = self.pick
        box = self.box()
        image, area = self.source(box)
        flags = AlphaFlags(0)
        if self.target.format in FORMATS[:2]:
            for flag in (AlphaFlags.DEST_HAS_ALPHA, AlphaFlags.SRC_SURFACE_HAS_ALPHA):
                if pick.once_in(3):
                    flags |= flag
        return messages.DrawAlphaBlend(
            self.base(box), AlphaBlend(alpha_flags=flags, alpha=255 - pick.below(256), src_bitmap=image, src_area=area)
        )

    def _transform(self) -> Transform:
        pick = self.pick
        xx, yy = pick.one_of((1 << 16, 1 << 15, 3 << 15, 0x18765, -(1 << 16))), pick.one_of((1 << 16, 1 << 15, 3 << 15, 0x9123))
        xy, yx = (pick.near(-0x8000, 0x8000), pick.near(-0x8000, 0x8000)) if pick.once_in(3) else (0, 0)
        x0, y0 = (pick.near(-5, 5) << 16, pick.near(-5, 5) << 16) if pick.once_in(2) else (0, 0)
        t00, t01, t02, t10, t11, t12 = (value & 0xFFFFFFFF for value in (xx, xy, x0, yx, yy, y0))
        return Transform(t00=t00, t01=t01, t02=t02, t10=t10, t11=t11, t12=t12)

    def composite(self) -> Any:
        pick = self.pick
        box = self.box(inside=True)
        base = self.base(box)
        source, _, _ = self.pictures.image(self.target.format)
        self.pictures.spend(source)
        flags = int(pick.one_of(sorted(OPERATORS)))
        flags |= pick.one_of((3, 0, 1, 2, 4)) << 8 | pick.one_of((3, 0, 1, 2, 4)) << 11
        flags |= pick.below(4) << 14 | pick.below(4) << 16
        mask = None
        if pick.once_in(2):
            mask, _, _ = self.pictures.image(self.target.format)
            self.pictures.spend(mask)
            flags |= CompositeFlags.HAS_MASK
            if pick.once_in(3):
                flags |= CompositeFlags.COMPONENT_ALPHA
        source_transform = mask_transform = None
        if pick.once_in(3):
            source_transform = self._transform()
            flags |= CompositeFlags.HAS_SRC_TRANSFORM
        if mask is not None and pick.once_in(3):
            mask_transform = self._transform()
            flags |= CompositeFlags.HAS_MASK_TRANSFORM
        for flag in (CompositeFlags.SOURCE_OPAQUE, CompositeFlags.MASK_OPAQUE, CompositeFlags.DEST_OPAQUE):
            if self.target.format in COLOURED and pick.once_in(6):
                flags |= flag
        return messages.DrawComposite(
            base,
            Composite(
                flags=CompositeFlags(flags),
                src_bitmap=source,
                mask_bitmap=mask,
                src_transform=source_transform,
                mask_transform=mask_transform,
                src_origin=Point16(pick.near(-8, 8), pick.near(-8, 8)),
                mask_origin=Point16(pick.near(-8, 8), pick.near(-8, 8)),
            ),
        )

    def copy_bits(self) -> Any:
        box = self.box()
        return messages.CopyBits(self.base(box), Point(self.pick.near(-6, 30), self.pick.near(-6, 20)))

    def inval_list(self) -> Any:
        kept = self.pictures.kept
        if not kept:
            return self.fill()
        gone = kept.pop(self.pick.below(len(kept)))
        return messages.InvalList((messages.ResourceID(ResourceType.PIXMAP, gone.id),))


COMMANDS: Final[tuple[Callable[[_Draughtsman], Any], ...]] = (
    _Draughtsman.fill,
    _Draughtsman.copy,
    _Draughtsman.opaque,
    _Draughtsman.blend,
    _Draughtsman.blackness,
    _Draughtsman.whiteness,
    _Draughtsman.invers,
    _Draughtsman.rop3,
    _Draughtsman.stroke,
    _Draughtsman.text,
    _Draughtsman.transparent,
    _Draughtsman.alpha_blend,
    _Draughtsman.composite,
    _Draughtsman.copy_bits,
    _Draughtsman.copy,
    _Draughtsman.alpha_blend,
    _Draughtsman.inval_list,
)


BITS: Final = (
    _Draughtsman.solid,
    _Draughtsman.blackness,
    _Draughtsman.whiteness,
    _Draughtsman.text,
    _Draughtsman.alpha_blend,
)
"""What can be drawn on 1_A."""
ALPHA: Final = tuple(command for command in COMMANDS if command is not _Draughtsman.rop3)
"""What can be drawn on 8_A."""


def scene(choices: Choices) -> Scene:
    """A scene made of these choices."""
    starts = []
    for id in range(choices.number(1, 3)):
        format = choices.one_of(FORMATS)
        width, height = choices.number(1, 40), choices.number(1, 20)
        layout = surfaces.LAYOUTS[format]
        pixels = choices.words(height, width, layout.ones).astype(layout.dtype)
        starts.append(Start(id, width, height, format, pixels))
    draughtsman = _Draughtsman(choices, tuple(starts))
    steps = []
    for _ in range(choices.number(1, MOST)):
        draughtsman.target = choices.one_of(starts)
        commands = {SurfaceFmt._1_A: BITS, SurfaceFmt._8_A: ALPHA}.get(draughtsman.target.format, COMMANDS)
        value = choices.one_of(commands)(draughtsman)
        number, body = dispatch.build("display", "server", value)
        steps.append(Step(value, number, body))
    return Scene(tuple(starts), tuple(steps))
