"""What the clients of a capture saw: every display channel drawn on a canvas, and PNG files or a film of it.

A display belongs to a session and a channel id. Display channels of one session share pixmap caches and GLZ windows by the ids
that the client's INIT names. Messages are drawn in the order in which they arrived; time is that of the capture.

A client that goes to another server links the display there, which says nothing before it is its turn. Then the client either
brings what the source has told it about the channel (MIGRATE_DATA): surfaces, caches and windows go on as they are. Or it says
INIT, and the display begins anew, with nothing of what there was. From then on, what still comes from the source is not drawn.

Video is held until its time on the multimedia clock of the session, as a client does that is where the capture was made: the
clock is what the main channel says, and runs on. The one thing that is missing is how a client that plays sound moves its
clock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiceproto import channel_state, dispatch, png
from spiceproto.canvas import surface as surfaces
from spiceproto.canvas.cache import PixmapCache
from spiceproto.canvas.cursor import Pointer
from spiceproto.canvas.cursor import draw as draw_pointer
from spiceproto.canvas.display import Display
from spiceproto.canvas.image import Images
from spiceproto.canvas.joined import BEFORE, JoinedDisplay
from spiceproto.canvas.problem import Problem, ProblemCode
from spiceproto.canvas.surface import Surface
from spiceproto.capture.consumer import Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.channel_state import State
from spiceproto.codecs import glz
from spiceproto.errors import RemoteError
from spiceproto.framing import Spans
from spiceproto.messages import common, main
from spiceproto.messages import display as display_messages
from spiceproto.messages.image import Image
from spiceproto.report.said import Said

__all__ = ["Pictures", "Screen"]

_CLOCK = ("INIT", "MULTI_MEDIA_TIME")
_BEGINS = ("INIT", "MIGRATE_DATA")
_HOLES = ("gap", "message-lost", "resynchronised")
"""Problems behind which messages of a channel may be missing."""

Key = tuple[int, int]
"""Number of the session, channel id."""

Shared = tuple[int, tuple[str, int], int]
"""Number of the session, address of the server, number of a cache or a window."""


class _WatchedImages(Images):
    """Images that tell somebody what they decoded."""

    seen: Callable[[Image, Surface], None]

    def _decoded(self, image: Image, format: int) -> Surface:
        found = super()._decoded(image, format)
        self.seen(image, found)
        return found


class Screen:
    """One display channel and the pointer over it.

    * ``session``, ``channel_id``: which display
    * ``display``, ``pointer``: what was drawn
    * ``messages``: how many were drawn
    * ``source``: the connection whose messages are drawn, None before there is one
    * ``has_lost``: bytes of it are missing from the capture
    * ``lacking``: what was there before the capture -> first packet with a command that could not be drawn for want of it
    """

    def __init__(self, session: int, channel_id: int, *, joined: bool) -> None:
        self.session = session
        self.channel_id = channel_id
        self.display = JoinedDisplay() if joined else Display()
        self.lacking: dict[str, int] = {}
        self.pointer = Pointer()
        self.messages = 0
        self.source: Conversation | None = None
        self.has_lost = False

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


class _Clock:
    """The multimedia clock of one session: milliseconds, modulo 2^32."""

    def __init__(self) -> None:
        self._offset: int | None = None

    def set(self, value: int, time_ns: int) -> None:
        """The main channel says what it is."""
        self._offset = value - time_ns // 1_000_000

    def at(self, time_ns: int) -> int | None:
        """What it is at a time of the capture; None before the main channel said anything."""
        return None if self._offset is None else (time_ns // 1_000_000 + self._offset) & 0xFFFFFFFF


class Pictures:
    """The consumer behind ``spiceproto render``.

    * ``screens``: what was drawn, by session and channel id
    * ``problems``: how many, by severity
    * ``start_ns``: time of the first thing seen, -1 before
    * ``decoder``: who tells

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
        self._said = Said()
        self.decoder: Decoder
        self.start_ns = -1
        self._tick = tick
        self._frame = 0
        self._next_ns = -1
        self._image = image
        self._pixmaps: dict[Shared, PixmapCache] = {}
        self._windows: dict[Shared, glz.Window] = {}
        self._clocks: defaultdict[int, _Clock] = defaultdict(_Clock)

    def begin(self, decoder: Decoder) -> None:
        """Before anything is read."""
        self.decoder = decoder

    def screen(self, conversation: Conversation) -> Screen:
        """The screen of a display or cursor channel."""
        session = conversation.session.number if conversation.session is not None else 0
        key = (session, conversation.channel_id)
        joined = conversation.connection.midstream and conversation.client_capabilities is None
        found = self.screens.get(key)
        late = found is not None and joined and conversation.channel == "display" and not found.messages
        if found is None or (late and not isinstance(found.display, JoinedDisplay)):
            pointer = Pointer() if found is None else found.pointer
            found = self.screens[key] = Screen(*key, joined=joined)
            found.pointer = pointer
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
            self._show(self._next_ns)
            self._next_ns = self.start_ns + int(self._tick((self._next_ns - self.start_ns) / 1e9) * 1e9)

    def _show(self, time_ns: int) -> None:
        """Draw the video whose time has come."""
        for screen in self.screens.values():
            now = self._clocks[screen.session].at(time_ns)
            if now is not None:
                screen.display.show(now)
                self._tell(screen)

    def finish(self) -> None:
        """After everything was read: a client that stays shows the video that still waits."""
        for screen in self.screens.values():
            screen.display.show(None)
            self._tell(screen)
            if isinstance(screen.display, JoinedDisplay):
                self._tell_joined(screen, screen.display)

    def _tell_joined(self, screen: Screen, display: JoinedDisplay) -> None:
        """What was there before the capture and is missing, once a cause."""
        if display.supplied:
            numbers = ", ".join(map(str, sorted(display.supplied)[:5])) + (", ..." if len(display.supplied) > 5 else "")
            text = (
                f"{screen.name}: note: created before the capture, so that size and format are made up and unknown pixels "
                f"are hatched: surface {numbers}"
            )
            self._said.add((screen, "supplied"), text, 0)
            self.problems["note"] += 1
        for cause, count in display.lacking.items():
            text = (
                f"{screen.name}: warning: {count} of {screen.messages} messages rest on {cause} from before the capture "
                f"and are not drawn, the first in frame {screen.lacking[cause]}"
            )
            self._said.add((screen, cause), text, 0)
            self.problems["warning"] += 1

    @property
    def said(self) -> list[str]:
        """The problems in words; those that are alike are one line."""
        return self._said.lines()

    # -- the consumer

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""
        if conversation.channel == "display":
            self.screen(conversation)

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""
        self._time(at.time_ns)

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        channel = conversation.channel
        if conversation.copy_of is not None:
            return self._skip
        if (channel, sender) == ("display", "server"):
            return self._emit(conversation, sender, lambda value, time_ns: self._draw(conversation, value, time_ns))
        if (channel, sender) == ("cursor", "server"):
            screen = self.screen(conversation)
            return self._emit(conversation, sender, lambda value, time_ns: screen.pointer.handle(value))
        if (channel, sender) == ("display", "client"):
            return self._emit(conversation, sender, lambda value, time_ns: self._begun(conversation, value), only=_BEGINS)
        if (channel, sender) == ("main", "server") and conversation.session is not None:
            return self._emit(conversation, sender, partial(self._time_told, conversation.session.number), only=_CLOCK)
        return self._skip

    def _skip(self, number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
        self.decoder.number += 1
        self._time(time_ns)

    def _emit(
        self, conversation: Conversation, sender: str, take: Callable[[Any, int], None], *, only: Collection[str] = ()
    ) -> Emit:
        rows = dispatch.rows(conversation.table, sender)

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            self.decoder.number += 1
            self._frame = frames[-1] if frames else 0
            self._time(time_ns)
            row = rows.get(number)
            if row is None or (only and row.name not in only):
                return
            try:
                value = row.parse(body)
            except RemoteError as error:
                at = At(sender, time_ns, frames[-1])
                self.problem(Diagnostic.malformed(row.name, error, conversation, at, number=self.decoder.number))
                return
            take(value, time_ns)

        return emit

    def _time_told(self, session: int, value: Any, time_ns: int) -> None:
        """INIT and MULTI_MEDIA_TIME set the clock."""
        self._clocks[session].set(value.multi_media_time if isinstance(value, main.Init) else value.time, time_ns)

    def _draw(self, conversation: Conversation, value: Any, time_ns: int) -> None:
        screen = self.screen(conversation)
        if screen.source is not conversation:
            if type(value).__module__ == common.__name__:
                return  # anybody may say it at any time
            if not self._turns(screen, conversation):
                return
        screen.messages += 1
        screen.display.draw(value, now=self._clocks[screen.session].at(time_ns), number=self.decoder.number)
        self._tell(screen)

    @staticmethod
    def _turns(screen: Screen, conversation: Conversation) -> bool:
        """Whether the display is that of this connection from now on: the one that was linked last has the word."""
        before = screen.source
        if before is not None and before.connection.number > conversation.connection.number:
            return False
        screen.source = conversation
        return True

    def _tell(self, screen: Screen) -> None:
        """What could not be drawn is counted, and said once for each kind."""
        problems = screen.display.problems
        for problem in problems:
            if screen.has_lost and (wanted := _wanted(problem)):
                text = (
                    f"{screen.name}: warning: message {problem.number}: {problem.message} rests on {wanted} "
                    "that came with bytes that the capture lacks"
                )
                self._said.add((screen, wanted), text, problem.number)
                self.problems["warning"] += 1
                continue
            kind = screen, problem.code, problem.message, problem.error.what
            self._said.add(kind, f"{screen.name}: message {problem.number}: {problem}", problem.number)
            self.problems["error"] += 1
        problems.clear()
        display = screen.display
        if isinstance(display, JoinedDisplay) and len(display.lacking) > len(screen.lacking):
            for cause in display.lacking:
                screen.lacking.setdefault(cause, self._frame)

    def _begun(self, conversation: Conversation, value: Any) -> None:
        """What the client says first on a display channel: that it begins, or where it stopped at another server."""
        screen = self.screen(conversation)
        before = screen.source
        if not self._turns(screen, conversation):
            return
        if isinstance(value, display_messages.Init):
            if screen.messages and before is not conversation:
                self._replace(screen, Display())
            if not screen.messages:  # at a second INIT the caches are those in use
                self._share(screen, conversation, value.pixmap_cache_id, value.glz_dictionary_id)
        elif before is not conversation:
            if not screen.messages:
                self._replace(screen, JoinedDisplay())
            state = channel_state.read(conversation.table, value.data)
            if state.name == "DISPLAY" and state.value is not None:
                self._share(screen, conversation, state.value.pixmap_cache_id, state.value.glz_dict_id)

    def _replace(self, screen: Screen, display: Display) -> None:
        """A display of which nothing was drawn."""
        screen.display, screen.messages = display, 0
        if self._image is not None:
            self._watch(screen)

    def _share(self, screen: Screen, conversation: Conversation, cache: int, dictionary: int) -> None:
        """Which pixmap cache and GLZ window of the session a channel uses; at another server these numbers are others."""
        display, server = screen.display, conversation.connection.server
        pixmaps = self._pixmaps.setdefault((screen.session, server, cache), display.pixmaps)
        window = self._windows.setdefault((screen.session, server, dictionary), display.window)
        display.pixmaps = display.images.pixmaps = pixmaps
        display.window = display.images.window = window

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """Agent messages draw nothing."""

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """What byte channels carry draws nothing."""

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """The canvas has the state of a display itself."""

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be."""
        self.problems[problem.severity] += 1
        conversation = problem.conversation
        if problem.code in _HOLES and conversation is not None and conversation.channel == "display":
            self.screen(conversation).has_lost |= problem.at.sender == "server"
        if problem.severity != "note":
            self._said.problem(problem)

    def listed(self, conversation: Conversation, at: At, spans: Spans) -> None:
        """Pictures are drawn by messages, wherever they stand."""

    def unlisted(self, conversation: Conversation, at: At, type: int, size: int, error: RemoteError) -> None:
        """The problem says it."""

    def unfinished(self, conversation: Conversation, at: At, type: int, size: int, have: int) -> None:
        """The problem says it."""

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended."""


def _wanted(problem: Problem) -> str:
    """What a message that could not be drawn rests on, if it is something that came before; else nothing."""
    if problem.code == ProblemCode.UNDECODABLE_IMAGE and problem.message in ("StreamData", "StreamDataSized"):
        return "frames of a video stream"
    return BEFORE.get(problem.code, "")


def save(picture: NDArray[np.uint8], path: Path) -> None:
    """A PNG of 24-bit RGB."""
    path.write_bytes(png.encode(picture))
