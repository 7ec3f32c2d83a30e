"""A display channel: says INIT first, keeps the sizes of surfaces, and draws if it was asked to.

Drawing is :mod:`spiceproto.canvas`, which is imported when the first display channel of a client with ``canvas`` is linked:
a client that only wants to talk starts fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec

from reference_client import events
from reference_client.part import Part
from spiceproto.enums.display import SurfaceFlags
from spiceproto.messages import display

if TYPE_CHECKING:
    from reference_client.client import Client
    from reference_client.member import Member
    from reference_client.options import Options
    from spiceproto.canvas.display import Display as Canvas

__all__ = ["Display", "SurfaceSize", "init_message"]

CACHE_ID: Final = 1
"""All display channels of the session share one pixmap cache and one GLZ dictionary."""

_SURFACES: Final = 16384


def init_message(options: Options) -> display.Init:
    """What a client says first on a display channel."""
    return display.Init(CACHE_ID, options.pixmap_cache_size, CACHE_ID, options.glz_window_size)


class SurfaceSize(msgspec.Struct, frozen=True):
    """Width and height of a surface in pixels."""

    width: int
    height: int
    primary: bool


class Display(Part):
    """``surfaces`` by id; ``canvas`` is None unless pictures are wanted; ``shown`` once there is something to see.

    ``handled`` counts messages: who waits for a picture waits until it stands still.
    """

    def __init__(self, client: Client, member: Member) -> None:
        super().__init__(client, member)
        self.surfaces: dict[int, SurfaceSize] = {}
        self.shown = False
        self.handled = 0
        self.canvas: Canvas | None = client.canvas() if client.options.canvas else None

    def start(self) -> None:
        """The server waits for this before it draws."""
        self.send(init_message(self.client.options))

    def handle(self, value: Any) -> None:
        """Draw, and keep count of surfaces."""
        self.handled += 1
        if self.canvas is not None:
            self.canvas.draw(value)
        super().handle(value)
        if not self.shown and type(value).__name__.startswith("Draw") and value.base.surface_id in self.surfaces:
            self._show(self.surfaces[value.base.surface_id].primary)

    @property
    def primary(self) -> SurfaceSize | None:
        """The surface that is shown."""
        return next((size for size in self.surfaces.values() if size.primary), None)

    def _show(self, now: bool) -> None:
        if now and not self.shown:
            self.shown = True
            self.client.tell(events.Marked(self.member.id))

    def on_surface_create(self, value: display.SurfaceCreate) -> None:
        """A surface, shown or not."""
        if len(self.surfaces) < _SURFACES:
            primary = bool(value.flags & SurfaceFlags.PRIMARY)
            self.surfaces[value.surface_id] = SurfaceSize(value.width, value.height, primary)
            self.client.tell(events.SurfaceCreated(self.member.id, value.surface_id, value.width, value.height, primary))

    def on_surface_destroy(self, value: display.SurfaceDestroy) -> None:
        """A surface is gone."""
        self.surfaces.pop(value.surface_id, None)

    def on_mode(self, value: display.Mode) -> None:
        """The old way to make a primary surface."""
        self.surfaces[0] = SurfaceSize(value.x_res, value.y_res, True)
        self.client.tell(events.SurfaceCreated(self.member.id, 0, value.x_res, value.y_res, True))

    def on_mark(self, value: display.Mark) -> None:
        """What is there may be shown."""
        self._show(self.primary is not None)

    actions: ClassVar[Mapping[type, str]] = {
        display.SurfaceCreate: "on_surface_create",
        display.SurfaceDestroy: "on_surface_destroy",
        display.Mode: "on_mode",
        display.Mark: "on_mark",
    }
