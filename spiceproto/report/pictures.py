"""What the clients of a capture saw: every display channel drawn on a canvas, and PNG files or a film of it.

A display belongs to a session and a channel id: a session that migrates goes on drawing where it was. Display channels of one
session share pixmap caches and GLZ windows by the ids that the client's INIT names. Messages are drawn in the order in which
they arrived; time is that of the capture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiceproto import dispatch
from spiceproto.canvas import surface as surfaces
from spiceproto.canvas.cache import PixmapCache
from spiceproto.canvas.cursor import Pointer
from spiceproto.canvas.cursor import draw as draw_pointer
from spiceproto.canvas.display import Display
from spiceproto.canvas.image import Images
from spiceproto.canvas.surface import Surface
from spiceproto.capture.consumer import Emit, Problem
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.codecs import glz
from spiceproto.errors import RemoteError
from spiceproto.messages.image import Image

__all__ = ["Pictures", "Screen"]

Key = tuple[int, int]
"""Number of the session, channel id."""


class _WatchedImages(Images):
    """Images that tell somebody what they decoded."""

    seen: Callable[[Image, Surface], None]

    def _decoded(self, image: Image, format: int) -> Surface:
        found = super()._decoded(image, format)
        self.seen(image, found)
        return found


class Screen:
    """One display channel and the pointer over it."""

    def __init__(self, session: int, channel_id: int) -> None:
        self.session = session
        self.channel_id = channel_id
        self.display = Display()
        self.pointer = Pointer()
        self.reported = 0
        self.messages = 0

    @property
    def name(self) -> str:
        """As files are called: ``session1-display0``."""
        return f"session{self.session}-display{self.channel_id}"

    def picture(self, *, cursor: bool) -> NDArray[np.uint8]:
        """``uint8 (h, w, 3)`` RGB of the primary surface, with the pointer over it if wanted."""
        primary = self.display.primary
        if primary is None:
            return self.display.picture()
        if not cursor or not self.pointer.visible or self.pointer.shape is None:
            return surfaces.rgb(primary)
        pixels = surfaces.argb(primary.format, primary.pixels).copy()
        draw_pointer(pixels, self.pointer.shape, self.pointer.x, self.pointer.y)
        return surfaces.rgb(Surface(primary.format, surfaces.stored(primary.format, pixels)))


class Pictures:
    """The consumer behind ``spiceproto render``.

    ``tick`` is called when capture time reaches the seconds that it returned before (-1 at the start) and returns the next;
    ``image`` is called for every image of the wire.
    """

    def __init__(
        self,
        *,
        tick: Callable[[float], float] | None = None,
        image: Callable[[Screen, int, Image, Surface], None] | None = None,
    ) -> None:
        self.screens: dict[Key, Screen] = {}
        self.problems: Counter[str] = Counter()
        self.said: list[str] = []
        self.decoder: Decoder
        self.start_ns = -1
        self._tick = tick
        self._next_ns = -1
        self._image = image
        self._pixmaps: dict[Key, PixmapCache] = {}
        self._windows: dict[Key, glz.Window] = {}

    def begin(self, decoder: Decoder) -> None:
        """Before anything is read."""
        self.decoder = decoder

    def screen(self, conversation: Conversation) -> Screen:
        """The screen of a display or cursor channel."""
        session = conversation.session.number if conversation.session is not None else 0
        key = (session, conversation.channel_id)
        found = self.screens.get(key)
        if found is None:
            found = self.screens[key] = Screen(*key)
            if self._image is not None:
                self._watch(found)
        return found

    def _watch(self, screen: Screen) -> None:
        display = screen.display
        watched = _WatchedImages(display.surfaces, display.pixmaps, display.palettes, display.window)

        def seen(image: Image, found: Surface) -> None:
            assert self._image is not None
            self._image(screen, self.decoder.number, image, found)

        watched.seen = seen
        display.images = watched

    def _time(self, time_ns: int) -> None:
        if self._tick is None:
            return
        if self.start_ns < 0:
            self.start_ns = time_ns
            self._next_ns = time_ns + int(self._tick(-1.0) * 1e9)
        while time_ns >= self._next_ns:
            self._next_ns = self.start_ns + int(self._tick((self._next_ns - self.start_ns) / 1e9) * 1e9)

    # -- the consumer

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""
        if conversation.channel == "display":
            self.screen(conversation)

    def link(self, conversation: Conversation, item: Any, time_ns: int, frame: int) -> None:
        """A step of the link stage."""
        self._time(time_ns)

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        channel = conversation.channel
        if (channel, sender) == ("display", "server"):
            screen = self.screen(conversation)
            return self._emit(conversation, sender, lambda value: self._draw(conversation, screen, value))
        if (channel, sender) == ("cursor", "server"):
            screen = self.screen(conversation)
            return self._emit(conversation, sender, screen.pointer.handle)
        if (channel, sender) == ("display", "client"):
            return self._emit(conversation, sender, lambda value: self._share(conversation, value), only="INIT")
        return self._skip

    def _skip(self, number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
        self.decoder.number += 1
        self._time(time_ns)

    def _emit(self, conversation: Conversation, sender: str, take: Callable[[Any], None], *, only: str | None = None) -> Emit:
        rows = dispatch.rows(conversation.table, sender)

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            self.decoder.number += 1
            self._time(time_ns)
            row = rows.get(number)
            if row is None or (only is not None and row.name != only):
                return
            try:
                value = row.parse(body)
            except RemoteError as error:
                conversation.failed(sender, row.name, error, time_ns, frames[-1], self.decoder.number)
                return
            take(value)

        return emit

    def _draw(self, conversation: Conversation, screen: Screen, value: Any) -> None:
        display = screen.display
        screen.messages += 1
        display.draw(value)
        for problem in display.problems[screen.reported :]:
            self.said.append(f"{screen.name}: message {self.decoder.number}: {problem}")
            self.problems["error"] += 1
        screen.reported = len(display.problems)

    def _share(self, conversation: Conversation, value: Any) -> None:
        """The client's INIT says which pixmap cache and GLZ window the channel uses."""
        screen = self.screen(conversation)
        display = screen.display
        if screen.messages:
            return  # a second INIT, or one after a migration: the caches are those in use
        pixmaps = self._pixmaps.setdefault((screen.session, value.pixmap_cache_id), display.pixmaps)
        window = self._windows.setdefault((screen.session, value.glz_dictionary_id), display.window)
        display.pixmaps = display.images.pixmaps = pixmaps
        display.window = display.images.window = window

    def agent(
        self, conversation: Conversation, sender: str, table: str, type: int, body: bytes, time_ns: int, frame: int
    ) -> None:
        """Agent messages draw nothing."""

    def problem(self, problem: Problem) -> None:
        """Something is not as it should be."""
        self.problems[problem.severity] += 1
        if problem.severity != "note":
            number = f"message {problem.number}: " if problem.number else ""
            self.said.append(f"{number}{problem.severity}: {problem.text} [{problem.code}]")

    def closed(self, conversation: Conversation, time_ns: int, frame: int) -> None:
        """The connection ended."""


def save(picture: NDArray[np.uint8], path: Path) -> None:
    """A PNG of 24-bit RGB."""
    from PIL import Image as Pillow

    Pillow.fromarray(picture).save(path)
