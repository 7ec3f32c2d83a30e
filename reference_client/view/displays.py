"""What the displays show, for each page that is open.

A page has at most :data:`WINDOW` frames that it has not acknowledged. Meanwhile it is only remembered where something has
changed, so what it gets next is always the newest picture, and a slow page costs the session nothing. A page that nobody sees
is sent nothing until it is seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from reference_client.channels.display import Damaged, DisplayChannel, SurfaceCreated
from reference_client.events import Event
from reference_client.view.feature import Page, Session
from reference_client.view.frames import SIDE, acknowledged, frame
from reference_client.view.shadow import Shadow
from reference_client.view.values import truth
from spiceproto.canvas.damage import Damage
from spiceproto.canvas.region import Box
from spiceproto.canvas.surface import Surface
from spiceproto.errors import LocalError

__all__ = ["WINDOW", "Displays"]

WINDOW: Final = 2

_EVERYTHING: Final = Box(0, 0, SIDE, SIDE)
_SERIALS: Final = 1 << 32


class _Watcher:
    """What is known of one page."""

    def __init__(self) -> None:
        self.damage = Damage()
        self.dirty: dict[int, None] = {}
        self.shadows: dict[int, Shadow] = {}
        self.under_way: set[int] = set()
        self.seen = True
        self.serial = 0

    def mark(self, display: int, boxes: tuple[Box, ...]) -> None:
        """Something may have changed here."""
        self.damage.add(display, boxes)
        self.dirty[display] = None

    def next(self, display: int, surface: Surface) -> bytes | None:
        """The frame that makes the page show what this surface shows; None if it does already."""
        shadow = self.shadows.setdefault(display, Shadow())
        boxes = shadow.differences(surface, self.damage.take(display))
        if not boxes:
            return None
        self.serial = (self.serial + 1) % _SERIALS
        self.under_way.add(self.serial)
        return frame(self.serial, display, surface, boxes)


class Displays:
    """The displays of a session."""

    verbs: tuple[str, ...] = ("seen",)
    kinds: tuple[int, ...] = (0,)

    def __init__(self, session: Session) -> None:
        self._client = session.client
        self._watchers: dict[Page, _Watcher] = {}
        self._looking = False
        self._refused: set[int] = set()

    def opened(self, page: Page) -> None:
        watcher = self._watchers[page] = _Watcher()
        for number in self._client.displays:
            watcher.mark(number, (_EVERYTHING,))
        self._look_soon()

    def closed(self, page: Page) -> None:
        del self._watchers[page]

    def told(self, page: Page, verb: str, values: Mapping[str, object]) -> None:
        """Whether somebody can see the page."""
        self._watchers[page].seen = truth(values, "seen")
        self._look_soon()

    def received(self, page: Page, kind: int, data: memoryview) -> None:
        """A frame was drawn."""
        serial = acknowledged(data)
        watcher = self._watchers[page]
        if serial not in watcher.under_way:
            raise LocalError("no frame with this serial is under way", actual=str(serial))
        watcher.under_way.remove(serial)
        self._look_soon()

    def event(self, event: Event) -> None:
        if isinstance(event, SurfaceCreated) and event.primary:
            self._mark(event.display, (_EVERYTHING,))
        elif isinstance(event, Damaged):
            channel = self._client.displays.get(event.display)
            size = None if channel is None else channel.surfaces.get(event.surface)
            if channel is not None and size is not None and size.primary:
                # At once: whoever else asks for damage asks later.
                boxes = channel.take_damage(event.surface)
                self._mark(event.display, tuple(Box(*box) for box in boxes) or (_EVERYTHING,))

    def _mark(self, display: int, boxes: tuple[Box, ...]) -> None:
        for watcher in self._watchers.values():
            watcher.mark(display, boxes)
        self._look_soon()

    def _look_soon(self) -> None:
        """Send frames when all is drawn that came at once."""
        if not self._looking and self._watchers:
            self._looking = True
            asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        self._looking = False
        channels = self._client.displays
        for page, watcher in self._watchers.items():
            while watcher.dirty and watcher.seen and len(watcher.under_way) < WINDOW:
                number = next(iter(watcher.dirty))
                del watcher.dirty[number]
                surface = self._surface(channels.get(number))
                found = None if surface is None else watcher.next(number, surface)
                if found is not None:
                    page.send_bytes(found)

    def _surface(self, channel: DisplayChannel | None) -> Surface | None:
        """What a display shows; None for nothing, or for what no browser can."""
        surface = None if channel is None or channel.canvas is None else channel.canvas.primary
        if channel is not None and surface is not None and max(surface.width, surface.height) > SIDE:
            if channel.id not in self._refused:
                self._refused.add(channel.id)
                text = f"display {channel.id} has {surface.width} x {surface.height} pixels, and browsers show {SIDE} x {SIDE}"
                for page in self._watchers:
                    page.send_json({"event": "refused", "do": "", "text": text})
            return None
        return surface
