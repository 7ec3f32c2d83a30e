"""Faults of lines, text and composite (spec/07-display.md, 7.7 to 7.9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from reference_client.channels import DisplayChannel
from reference_client.faults.fault import fault
from reference_client.faults.misread import Misreads, changed, has_pattern
from spiceproto.enums.display import CompositeFlags, LineFlags, PathFlags, StringFlags
from spiceproto.messages import display
from spiceproto.messages.draw import LineAttr, Path, PathSegment, RasterGlyphA1, RasterGlyphA4
from spiceproto.messages.geometry import Point, PointFix, Rect

replace = msgspec.structs.replace
_PIXEL = 16
"""Of the coordinates of a path."""


def _segments(value: Any, change: Callable[[PathSegment], PathSegment]) -> Any:
    return changed(value, path=Path(tuple([change(segment) for segment in value.data.path.segments])))


def _is_styled(value: display.DrawStroke) -> bool:
    return bool(value.data.attr.flags & LineFlags.STYLED)


@fault("halves-to-the-right", "SPICE-DISPLAY-058")
class HalvesToTheRight(Misreads):
    """Rounds halves of a pixel to the right and downwards."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawStroke):
            return value

        def rounded(number: int) -> int:
            return number + 1 if number % _PIXEL == _PIXEL // 2 else number

        def moved(segment: PathSegment) -> PathSegment:
            if segment.flags & PathFlags.BEZIER:
                return segment
            return replace(segment, points=tuple([PointFix(rounded(each.x), rounded(each.y)) for each in segment.points]))

        return _segments(value, moved)


@fault("lines-with-their-last-pixel", "SPICE-DISPLAY-059")
class LinesWithTheirLastPixel(Misreads):
    """Draws the last pixel of each figure as well."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawStroke) or _is_styled(value):
            return value

        def longer(segment: PathSegment) -> PathSegment:
            if not segment.flags & PathFlags.END or segment.flags & PathFlags.CLOSE:
                return segment
            last = segment.points[-1]
            return replace(segment, points=(*segment.points, PointFix(last.x + _PIXEL, last.y)))

        return _segments(value, longer)


@fault("other-one-of-two-near-pixels", "SPICE-DISPLAY-060")
class OtherOneOfTwoNearPixels(Misreads):
    """Takes the lower of two equally near pixels, whichever way a line goes."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawStroke) or _is_styled(value):
            return value

        def lower(segment: PathSegment) -> PathSegment:
            first, last = segment.points[0], segment.points[-1]
            dx, dy = last.x - first.x, last.y - first.y
            if len(segment.points) != 2 or abs(dx) != 2 * abs(dy) or not dx:
                return segment
            # A point between that makes the second half begin one pixel lower.
            return replace(segment, points=(first, PointFix(first.x + dx // 2, first.y + dy // 2 + _PIXEL), last))

        return _segments(value, lower)


@fault("curves-are-straight", "SPICE-DISPLAY-061")
class CurvesAreStraight(Misreads):
    """Draws lines through the points of a curve."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawStroke):
            return value
        return _segments(value, lambda segment: replace(segment, flags=PathFlags(segment.flags & ~PathFlags.BEZIER)))


@fault("no-gaps", "SPICE-DISPLAY-062")
class NoGaps(Misreads):
    """Draws styled lines without gaps."""

    def misread(self, value: Any, canvas: Any) -> Any:
        return changed(value, attr=LineAttr(LineFlags(0))) if isinstance(value, display.DrawStroke) else value


@fault("never-begins-with-a-gap", "SPICE-DISPLAY-063")
class NeverBeginsWithAGap(Misreads):
    """Ignores START_WITH_GAP."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawStroke):
            return value
        attr = value.data.attr
        return changed(value, attr=replace(attr, flags=LineFlags(attr.flags & ~LineFlags.START_WITH_GAP)))


@fault("slanted-dashes-too-long", "SPICE-DISPLAY-064")
class SlantedDashesTooLong(Misreads):
    """Makes dashes of slanted lines half as long again."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawStroke) or not _is_styled(value):
            return value
        points = value.data.path.segments[0].points
        attr = value.data.attr
        if points[0].x == points[1].x or points[0].y == points[1].y:
            return value
        return changed(value, attr=replace(attr, style=tuple([length * 3 // 2 for length in attr.style or ()])))


@fault("no-end-of-a-style", "SPICE-DISPLAY-065")
class NoEndOfAStyle(DisplayChannel):
    """Gives up where the lengths of a style are all 0: a client that draws it works without end."""

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, display.DrawStroke) and value.data.attr.style and not any(value.data.attr.style):
            self.host.end("a style without an end", orderly=False)
            return
        super().handle(value, now)


# -- text


def _glyphs(value: Any, change: Callable[[Any], Any]) -> Any:
    string = value.data.str
    return changed(value, str=replace(string, glyphs=tuple([change(glyph) for glyph in string.glyphs or ()])))


@fault("glyphs-upside-down", "SPICE-DISPLAY-066")
class GlyphsUpsideDown(Misreads):
    """Takes the first row of a glyph for the top one."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawText):
            return value
        string = value.data.str
        return changed(value, str=replace(string, flags=StringFlags(string.flags | StringFlags.RASTER_TOP_DOWN)))


def _is_of(value: Any, kind: type) -> bool:
    glyphs = value.data.str.glyphs if isinstance(value, display.DrawText) else None
    return glyphs is not None and isinstance(next(iter(glyphs), None), kind)


@fault("coverage-of-one-bit", "SPICE-DISPLAY-067")
class CoverageOfOneBit(Misreads):
    """Takes the highest two of four bits for the coverage."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not _is_of(value, RasterGlyphA4):
            return value
        return _glyphs(value, lambda glyph: replace(glyph, data=bytes([byte & 0xCC for byte in glyph.data])))


@fault("no-background", "SPICE-DISPLAY-068")
class NoBackground(Misreads):
    """Draws glyphs without the background."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawText):
            return value
        return changed(value, back_area=Rect(top=0, left=0, bottom=0, right=0))


@fault("later-glyphs-only", "SPICE-DISPLAY-069")
class LaterGlyphsOnly(Misreads):
    """Of glyphs that lie on each other draws the later one alone."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawText) or not value.data.str.glyphs:
            return value
        kept: list[Any] = []
        for glyph in value.data.str.glyphs:
            near = [other for other in kept if abs(other.render_pos.x - glyph.render_pos.x) < glyph.width]
            kept = [other for other in kept if other not in near] + [glyph]
        return changed(value, str=replace(value.data.str, glyphs=tuple(kept)))


@fault("patterns-cover-all", "SPICE-DISPLAY-070")
class PatternsCoverAll(Misreads):
    """Lays a pattern over the surface as if all that is covered was covered wholly."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not _is_of(value, RasterGlyphA4) or not has_pattern(value.data.fore_brush):
            return value

        def whole(byte: int) -> int:
            return (0xF0 if byte >> 4 else 0) | (0x0F if byte & 15 else 0)

        return _glyphs(value, lambda glyph: replace(glyph, data=bytes([whole(byte) for byte in glyph.data])))


@fault("fore-patterns-count-from-the-surface", "SPICE-DISPLAY-071")
class ForePatternsCountFromTheSurface(Misreads):
    """Counts the place of a pattern as the fore brush from the corner of the surface."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not _is_of(value, RasterGlyphA1) or not has_pattern(value.data.fore_brush):
            return value
        glyphs, brush = value.data.str.glyphs, value.data.fore_brush
        left = min([glyph.render_pos.x + glyph.glyph_origin.x for glyph in glyphs])
        top = min([glyph.render_pos.y + glyph.glyph_origin.y for glyph in glyphs])
        pos = brush.pattern.pos
        return changed(value, fore_brush=replace(brush, pattern=replace(brush.pattern, pos=Point(pos.x - left, pos.y - top))))


# -- composite


@fault("composite-without-mask", "SPICE-DISPLAY-073")
class CompositeWithoutMask(Misreads):
    """Combines source and surface without the mask."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawComposite):
            return value
        flags = CompositeFlags(value.data.flags & ~CompositeFlags.HAS_MASK)
        return changed(value, flags=flags, mask_bitmap=None)


@fault("transformations-without-sign", "SPICE-DISPLAY-074")
class TransformationsWithoutSign(Misreads):
    """Takes numbers of a transformation below 0 for the opposite ones."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawComposite) or value.data.src_transform is None:
            return value
        numbers = msgspec.structs.asdict(value.data.src_transform)
        positive = {name: (-number) & 0xFFFFFFFF if number >> 31 else number for name, number in numbers.items()}
        return changed(value, src_transform=replace(value.data.src_transform, **positive))


@fault("never-repeats", "SPICE-DISPLAY-075")
class NeverRepeats(Misreads):
    """Takes what is outside of a source for transparent, whatever its repeat is."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawComposite):
            return value
        return changed(value, flags=CompositeFlags(value.data.flags & ~(3 << 14)))
