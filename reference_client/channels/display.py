"""A display channel: says INIT first, keeps the sizes of surfaces, and draws if it was asked to.

Drawing is :mod:`spiceproto.canvas`, which is imported when the first display channel of a client with ``canvas`` is linked:
a client that only wants to talk starts fast. What drawing has to wait for, :mod:`reference_client.channels.drawing` says.

libspice-server 0.15.1 does not always survive the loss of a display channel before its first MARK, and the virtual machine
dies with it. So a channel is not settled before MARK, and a client that leaves keeps it until then, for a while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec

from reference_client.channels.base import ClientChannel, Handlers, Verbs
from reference_client.channels.caches import init_message
from reference_client.channels.drawing import EACH, SLICE, Drawing, pixels_of
from reference_client.channels.streams import Reports
from reference_client.clock import MultimediaClock
from reference_client.events import Event
from reference_client.host import Host
from reference_client.kernels import Kernels
from reference_client.line import Handled, Line
from reference_client.options import compression_named
from reference_client.picture import Pointers, cropped, place_of, with_pointer
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ImageCompression, SurfaceFlags, VideoCodecType
from spiceproto.errors import LocalError
from spiceproto.messages import display

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from spiceproto.canvas.display import Display as Canvas

__all__ = ["Damaged", "DisplayChannel", "Heads", "Marked", "SurfaceCreated", "SurfaceSize", "init_message"]

_SURFACES: Final = 16384
_HEADS: Final = 256

_AT_ONCE: Final = 1 << 22
"""Pixels that are drawn at once of what comes at once: some 20 ms."""

_PIXELS_A_BYTE: Final = 256
"""About the most that a codec makes of a byte."""

_FOR_A_PICTURE: Final = 1 << 26
"""Pixels that are drawn at most for who asks for a picture, before that is given: some seconds."""


class SurfaceCreated(Event, frozen=True, tag="surface"):
    """A display has a new surface."""

    display: int
    surface: int
    width: int
    height: int
    primary: bool


class Marked(Event, frozen=True, tag="marked"):
    """A display has something to show: its primary surface was marked, or drawn to for the first time."""

    display: int


class Heads(Event, frozen=True, tag="heads"):
    """Which parts of a display's surfaces are monitors.

    * ``heads``: of each the number, the surface, left and top edge, width and height
    * ``most``: how many there can be
    """

    display: int
    heads: tuple[tuple[int, int, int, int, int, int], ...]
    most: int


class Damaged(Event, frozen=True, tag="damaged"):
    """A surface has changed, for the first time since somebody took its damage."""

    display: int
    surface: int


class SurfaceSize(msgspec.Struct, frozen=True):
    """Width and height of a surface in pixels."""

    width: int
    height: int
    primary: bool


class DisplayChannel(ClientChannel):
    """One display.

    ``surfaces``  their sizes, by id
    ``heads``     its monitors
    ``drawing``   what draws; None unless pictures are wanted
    ``reports``   what is counted of video streams
    ``shown``     whether there is something to see
    ``handled``   counts messages: who waits for a picture waits until it stands still
    """

    settled = False

    def __init__(self, host: Host, line: Line) -> None:
        super().__init__(host, line)
        self.surfaces: dict[int, SurfaceSize] = {}
        self.shown = False
        self.handled = 0
        self.heads: tuple[display.Head, ...] = ()
        self.drawing = Drawing(host, self.id) if host.options.canvas else None
        self.reports = Reports(host.tell, self.id)
        self.clock = host.shared(MultimediaClock)
        self.clock.moved.append(self._set_deadline)
        self._came = 0.0
        self._pixels = 0

    def start(self, now: float) -> None:
        """The server waits for INIT before it draws. What is preferred is said behind it, where the server takes that."""
        options = self.host.options
        self.host.pointing.screens[self.id] = self.size
        self.send(init_message(options))
        if options.preferred_compression and self.server_has(DisplayCapability.PREF_COMPRESSION):
            self.prefer_compression(options.preferred_compression)
        if options.preferred_codecs and self.server_has(DisplayCapability.PREF_VIDEO_CODEC_TYPE):
            self.prefer_codecs(*options.preferred_codecs)

    # -- what the user prefers

    def prefer_compression(self, compression: ImageCompression | int | str) -> None:
        """Ask for another compression of the images to come, by number or name (``lz``, ``auto-glz``).

        Raises LocalError for a name that is none, and for a server that did not announce that it takes this
        (SPICE-DISPLAY-012).
        """
        if isinstance(compression, str):
            compression = compression_named(compression)
        self._needs(DisplayCapability.PREF_COMPRESSION, "SPICE-DISPLAY-012")
        self.send(display.PreferredCompression(compression))

    def prefer_codecs(self, *codecs: VideoCodecType | int) -> None:
        """Ask for codecs of video, best first; none for the server's own order.

        Raises LocalError for a server that did not announce that it takes this (SPICE-DISPLAY-013).
        """
        self._needs(DisplayCapability.PREF_VIDEO_CODEC_TYPE, "SPICE-DISPLAY-013")
        self.send(display.PreferredVideoCodecType(codecs))

    def _needs(self, capability: DisplayCapability, requirement: str) -> None:
        if not self.server_has(capability):
            raise LocalError(
                "the server can not be asked", expected=f"the capability {capability.name}", requirement=requirement
            )

    # -- messages

    def handle(self, value: Any, now: float) -> None:
        """Draw, and keep count of surfaces; later, if something is to be waited for."""
        self.handled += 1
        if isinstance(value, display.Mark):
            self.settled = True  # for the server it is, whatever is drawn when
        in_time, report = self.reports.take(value, self.clock, now)
        if report is not None:
            self.send(report)
        drawing, line = self.drawing, self.line
        if not in_time and drawing is not None:
            value = drawing.unshown(value)
        before = self._decoded
        if drawing is None or drawing.take(value, line.serial, line.size, now, later=self._is_much(value, now)):
            self._drawn(value, now)
        self._pixels += self._decoded - before
        self._set_deadline(now)

    def _is_much(self, value: Any, now: float) -> bool:
        """Whether what came at once before this message is enough for once."""
        if now != self._came:
            self._came, self._pixels = now, 0
        before = self._pixels
        # What is told of a picture whose bytes are few is not believed: nobody draws that much of them.
        self._pixels += EACH + min(pixels_of(value), _PIXELS_A_BYTE * self.line.size)
        return before > _AT_ONCE

    @property
    def _decoded(self) -> int:
        """Pixels of video so far."""
        return 0 if self.canvas is None else self.canvas.decoded

    def _drawn(self, value: Any, now: float) -> None:
        super().handle(value, now)
        if not self.shown and type(value).__name__.startswith("Draw") and value.base.surface_id in self.surfaces:
            self._show(self.surfaces[value.base.surface_id].primary)
        self._tell_damage()

    def _tell_damage(self) -> None:
        if self.canvas is not None and self.canvas.damage is not None:
            for surface in self.canvas.damage.take_fresh():
                self.host.tell(Damaged(self.id, surface))

    # -- messages that wait

    @property
    def waits(self) -> bool:
        return self.drawing is not None and self.drawing.full

    @property
    def behind(self) -> int | None:
        return self.drawing.kept[0][1] if self.drawing is not None and self.drawing.kept else None

    @property
    def unfinished(self) -> bool:
        """Whether messages wait that can be drawn without anybody else, once kernels are compiled."""
        return self.drawing is not None and bool(self.drawing.kept) and not self.drawing.stuck

    def proceed(self, handled: Handled, now: float) -> bool:
        drawing = self.drawing
        moved = False
        if drawing is not None and drawing.stuck and not drawing.show_due(now):
            moved = drawing.freed(handled, now) and self._advance(now)
        self._set_deadline(now)
        return moved

    def tick(self, now: float) -> None:
        if self.unfinished:
            self._advance(now, SLICE)
        if self.drawing is not None:
            self.drawing.show_due(now)
            self._tell_damage()
        self._set_deadline(now)

    def _advance(self, now: float, pixels: int | None = None) -> bool:
        """Draw what was kept, as far as that is possible, or about so many pixels of it; whether there was any."""
        assert self.drawing is not None
        moved, before = False, self._decoded
        while (pixels is None or pixels > self._decoded - before) and (value := self.drawing.step(now)) is not None:
            moved = True
            self._drawn(value, now)
            if pixels is not None:
                pixels -= EACH + pixels_of(value)
        return moved

    def _set_deadline(self, now: float) -> None:
        drawing = self.drawing
        if drawing is None:
            self.deadline = None
        elif not drawing.kept:
            self.deadline = drawing.frame_due(now)
        elif drawing.stuck:
            times = [time for time in (drawing.until, drawing.frame_due(now)) if time is not None]
            self.deadline = min(times, default=None)
        else:
            self.deadline = None if self.host.shared(Kernels).wanted else now

    def end(self, now: float) -> None:
        self.reports.end()
        self.clock.moved.remove(self._set_deadline)
        if self.drawing is not None:
            self.drawing.close()

    def take_damage(self, surface: int = 0) -> tuple[tuple[int, int, int, int], ...]:
        """Parts of a surface that changed since this was asked last: left, top, right and bottom edge, few of them.

        Raises LocalError for a client without the option ``damage``.
        """
        if self.canvas is None or self.canvas.damage is None:
            raise LocalError("nobody has watched", expected="the options canvas and damage")
        return self.canvas.damage.take(surface)

    # -- what is shown

    def picture(self, *, cursor: bool = False, head: int | None = None) -> NDArray[np.uint8]:
        """What the display shows: ``uint8 (h, w, 3)``, red first; 0 x 0 before there is anything.

        With ``cursor`` the pointer is drawn over it; ``head`` is the number of a monitor, without it the whole surface.
        What was kept is drawn before, if it is not very much; see also :meth:`finish`.
        Raises LocalError for a client without a canvas, and for a head that there is none of.
        """
        if self.canvas is None or self.drawing is None:
            raise LocalError("there is no picture", expected="the option canvas")
        if self.line.state == "closed":
            self.finish()
        elif self.unfinished and not self.host.shared(Kernels).wanted:
            self._advance(self.host.now, _FOR_A_PICTURE)
            self._set_deadline(self.host.now)
        picture = self.canvas.picture()
        if cursor and self.canvas.primary is not None:
            pointer = self.host.shared(Pointers).pointer(self.id)
            place = place_of(pointer, self.host.pointing, self.id)
            if place is not None:
                picture = with_pointer(self.canvas.primary, pointer, *place)
        return picture if head is None else cropped(picture, self._head(head))

    def finish(self) -> bool:
        """Draw what was kept when the channel was closed, or a part of it; whether there is more."""
        if self.drawing is None or self.line.state != "closed":
            return False
        for value in self.drawing.finish(_FOR_A_PICTURE):
            self._drawn(value, self.host.now)
        return bool(self.drawing.kept)

    def _head(self, number: int) -> display.Head:
        for head in self.heads:
            if head.monitor_id == number:
                return head
        known = ", ".join(str(head.monitor_id) for head in self.heads) or "none is known"
        raise LocalError(f"display {self.id} has no head {number}", expected=known, actual=str(number))

    def state(self, now: float) -> dict[str, Any]:
        return {f"display:{self.id}": {"frames": self.reports.frames, "dropped_frames": self.reports.dropped}}

    @property
    def canvas(self) -> Canvas | None:
        """What was drawn; None unless pictures are wanted."""
        return None if self.drawing is None else self.drawing.canvas

    @property
    def primary(self) -> SurfaceSize | None:
        """The surface that is shown."""
        return next((size for size in self.surfaces.values() if size.primary), None)

    def size(self) -> tuple[int, int] | None:
        """Width and height of what is shown; None before there is anything."""
        primary = self.primary
        return None if primary is None else (primary.width, primary.height)

    def _show(self, now: bool) -> None:
        if now and not self.shown:
            self.shown = True
            self.host.tell(Marked(self.id))

    def on_surface_create(self, value: display.SurfaceCreate, now: float) -> None:
        """A surface, shown or not."""
        if len(self.surfaces) < _SURFACES:
            self._add(value.surface_id, SurfaceSize(value.width, value.height, bool(value.flags & SurfaceFlags.PRIMARY)))

    def on_surface_destroy(self, value: display.SurfaceDestroy, now: float) -> None:
        """A surface is gone."""
        self.surfaces.pop(value.surface_id, None)

    def on_mode(self, value: display.Mode, now: float) -> None:
        """The old way to make a primary surface."""
        self._add(0, SurfaceSize(value.x_res, value.y_res, True))

    def _add(self, number: int, size: SurfaceSize) -> None:
        self.surfaces[number] = size
        self.host.tell(
            SurfaceCreated(display=self.id, surface=number, width=size.width, height=size.height, primary=size.primary)
        )

    def on_monitors_config(self, value: display.MonitorsConfig, now: float) -> None:
        """The monitors; without any there is nothing to act on."""
        if value.heads:
            self.heads = value.heads[:_HEADS]
            heads = [(head.monitor_id, head.surface_id, head.x, head.y, head.width, head.height) for head in self.heads]
            self.host.tell(Heads(display=self.id, heads=tuple(heads), most=value.max_allowed))

    def on_mark(self, value: display.Mark, now: float) -> None:
        """What is there may be shown."""
        self._show(self.primary is not None)

    handlers: ClassVar[Handlers] = {
        display.SurfaceCreate: on_surface_create,
        display.SurfaceDestroy: on_surface_destroy,
        display.Mode: on_mode,
        display.Mark: on_mark,
        display.MonitorsConfig: on_monitors_config,
    }
    verbs: ClassVar[Verbs] = {"preferred-compression": prefer_compression}
