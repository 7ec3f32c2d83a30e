"""Faults of surfaces, heads and buffers of a display channel (spec/07-display.md)."""

from __future__ import annotations

from typing import Any

import msgspec

from reference_server.channels.display import DisplayChannel
from reference_server.faults.fault import fault
from spiceproto.enums.display import ClipType, MaskFlags, SurfaceFlags, SurfaceFmt
from spiceproto.enums.image import ImageFlags, ImageType
from spiceproto.messages import display
from spiceproto.messages.draw import Blackness, Clip, DisplayBase, QMask
from spiceproto.messages.geometry import Point, Rect
from spiceproto.messages.image import Image, ImageDescriptor, Surface

_SIDE = 16
_FREE = 5000
"""Number of a surface that no guest has."""
_OFF_SCREEN = SurfaceFlags(0)
_BOX = Rect(top=0, left=0, bottom=_SIDE, right=_SIDE)


def _surface(number: int, flags: SurfaceFlags = _OFF_SCREEN) -> display.SurfaceCreate:
    return display.SurfaceCreate(surface_id=number, width=_SIDE, height=_SIDE, format=SurfaceFmt._32_xRGB, flags=flags)


def _black(surface: int) -> display.DrawBlackness:
    base = DisplayBase(surface, _BOX, Clip(ClipType.NONE))
    return display.DrawBlackness(base, Blackness(QMask(MaskFlags(0), Point(0, 0))))


class Before(DisplayChannel):
    """Says something more before the first MARK."""

    more: tuple[Any, ...] = ()
    said = False

    def send(self, *values: Any) -> None:
        for value in values:
            if isinstance(value, display.Mark) and not self.said:
                self.said = True
                super().send(*self.more)
            super().send(value)


# -- surfaces, SPICE-DISPLAY-004 to 010


@fault("surface-created-twice", "SPICE-DISPLAY-004")
class SurfaceCreatedTwice(Before):
    """Creates a surface that is there."""

    more = (_surface(_FREE), _surface(_FREE))


@fault("primary-surface-created-twice", "SPICE-DISPLAY-004")
class PrimarySurfaceCreatedTwice(DisplayChannel):
    """Creates the primary surface once more, as if that would clear it."""

    def send(self, *values: Any) -> None:
        for value in values:
            super().send(*[value] * (1 + isinstance(value, display.SurfaceCreate)))


@fault("two-primary-surfaces", "SPICE-DISPLAY-005", "SPICE-DISPLAY-006")
class TwoPrimarySurfaces(Before):
    """Creates a second surface with the flag PRIMARY."""

    more = (_surface(_FREE, SurfaceFlags.PRIMARY),)


@fault(
    "primary-surface-five",
    "SPICE-DISPLAY-006",
    "SPICE-DISPLAY-007",
    "SPICE-DISPLAY-008",
    "SPICE-DISPLAY-010",
    "SPICE-MONITOR-002",
)
class PrimarySurfaceFive(DisplayChannel):
    """Gives the primary surface the number 5."""

    def send(self, *values: Any) -> None:
        for value in values:
            if isinstance(value, display.SurfaceCreate | display.SurfaceDestroy) and value.surface_id == 0:
                super().send(msgspec.structs.replace(value, surface_id=5))
            else:
                super().send(value)


@fault("surface-zero-off-screen", "SPICE-DISPLAY-006", "SPICE-DISPLAY-010")
class SurfaceZeroOffScreen(DisplayChannel):
    """Forgets the flag PRIMARY of surface 0."""

    def send(self, *values: Any) -> None:
        for value in values:
            if isinstance(value, display.SurfaceCreate):
                super().send(msgspec.structs.replace(value, flags=SurfaceFlags(0)))
            else:
                super().send(value)


@fault("draws-on-no-surface", "SPICE-DISPLAY-007")
class DrawsOnNoSurface(Before):
    """Draws on a surface that was never created."""

    more = (_black(_FREE),)


@fault("draws-on-an-ended-surface", "SPICE-DISPLAY-007")
class DrawsOnAnEndedSurface(Before):
    """Draws on a surface behind its end."""

    more = (_surface(_FREE), display.SurfaceDestroy(_FREE), _black(_FREE))


@fault("draws-before-the-surface", "SPICE-DISPLAY-007")
class DrawsBeforeTheSurface(DisplayChannel):
    """Draws on the primary surface before it creates it."""

    def send(self, *values: Any) -> None:
        for value in values:
            if isinstance(value, display.SurfaceCreate):
                super().send(_black(0))
            super().send(value)


@fault("source-that-is-no-surface", "SPICE-DISPLAY-008")
class SourceThatIsNoSurface(DisplayChannel):
    """Copies from a surface that is not there."""

    def send(self, *values: Any) -> None:
        for value in values:
            super().send(value)
            if isinstance(value, display.DrawCopy):
                super().send(self._from(value, _FREE))

    def _from(self, value: display.DrawCopy, surface: int) -> display.DrawCopy:
        descriptor = ImageDescriptor(id=0, type=ImageType.SURFACE, flags=ImageFlags(0), width=_SIDE, height=_SIDE)
        copy = msgspec.structs.replace(
            value.data, src_bitmap=Image(descriptor=descriptor, surface=Surface(surface)), src_area=_BOX
        )
        return display.DrawCopy(msgspec.structs.replace(value.base, box=_BOX), copy)


@fault("surface-destroyed-twice", "SPICE-DISPLAY-009")
class SurfaceDestroyedTwice(Before):
    """Ends a surface twice."""

    more = (_surface(_FREE), display.SurfaceDestroy(_FREE), display.SurfaceDestroy(_FREE))


@fault("mark-before-the-surface", "SPICE-DISPLAY-010")
class MarkBeforeTheSurface(DisplayChannel):
    """Sends MARK before the primary surface."""

    def show(self) -> None:
        self.send(display.Mark())
        super().show()


# -- heads, SPICE-MONITOR


class Heads(DisplayChannel):
    """Says something else of the heads."""

    def heads(self, value: display.MonitorsConfig) -> display.MonitorsConfig:
        """What is said in place of ``value``."""
        return value

    def send(self, *values: Any) -> None:
        super().send(*[self.heads(value) if isinstance(value, display.MonitorsConfig) else value for value in values])


@fault("more-heads-than-allowed", "SPICE-MONITOR-001")
class MoreHeadsThanAllowed(Heads):
    """Has two heads where one is allowed."""

    def heads(self, value: display.MonitorsConfig) -> display.MonitorsConfig:
        second = msgspec.structs.replace(value.heads[0], monitor_id=1)
        return display.MonitorsConfig(1, (*value.heads, second))


@fault("head-on-no-surface", "SPICE-MONITOR-002")
class HeadOnNoSurface(Heads):
    """Has a head on a surface that is not there."""

    def heads(self, value: display.MonitorsConfig) -> display.MonitorsConfig:
        return display.MonitorsConfig(1, (msgspec.structs.replace(value.heads[0], surface_id=_FREE),))


@fault("head-outside-the-surface", "SPICE-MONITOR-005")
class HeadOutsideTheSurface(Heads):
    """Has a head that is larger than what it shows."""

    def heads(self, value: display.MonitorsConfig) -> display.MonitorsConfig:
        return display.MonitorsConfig(1, (msgspec.structs.replace(value.heads[0], x=1),))


@fault("two-heads-of-one-number", "SPICE-MONITOR-006")
class TwoHeadsOfOneNumber(Heads):
    """Has two heads with the same number."""

    def heads(self, value: display.MonitorsConfig) -> display.MonitorsConfig:
        return display.MonitorsConfig(2, (*value.heads, *value.heads))


# -- buffers, SPICE-DISPLAY-014 and 016

_CHANGE = display.GlDraw(x=0, y=0, w=_SIDE, h=_SIDE)


@fault("gl-draw-without-a-buffer", "SPICE-DISPLAY-014")
class GlDrawWithoutABuffer(Before):
    """Says that a buffer has changed which it never handed over."""

    more = (_CHANGE,)


@fault("gl-draws-at-once", "SPICE-DISPLAY-016", "SPICE-DISPLAY-014")
class GlDrawsAtOnce(Before):
    """Does not wait for GL_DRAW_DONE."""

    more = (_CHANGE, _CHANGE)
