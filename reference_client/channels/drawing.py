"""What a display channel draws, and what it has to wait for before it can.

* An image that another display channel of the session may bring: one of the pixmap cache, or one of the GLZ dictionary that a
  stream refers to (SPICE-CACHE-018, SPICE-CACHE-022). It is waited for while there is another channel that does not wait
  itself, for ``reference_timeout`` seconds at most; then the message is left out, and that is told.
* Channels that an INVAL_ALL_PIXMAPS names in its wait list (SPICE-CACHE-019).
* Kernels that somebody compiles (:mod:`reference_client.kernels`). Meanwhile messages are taken, and answered, up to a bound.
* Others, who want an answer: of what comes at once only so much is drawn at once.

Frames of video wait on the canvas for their time on the multimedia clock, and hold nothing up. Of those whose time has come,
and of those that were dropped and have to be decoded, only so much is done at once, too; what comes behind them waits for the
rest.

Messages are drawn in the order in which they came. For the two reasons of the protocol the channel takes no more of them.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from reference_client.channels.caches import Caches
from reference_client.clock import MultimediaClock
from reference_client.events import NotDrawn
from reference_client.host import Host
from reference_client.kernels import Kernels
from reference_client.line import Handled
from spiceproto.enums.link import ChannelType
from spiceproto.flow import Barrier
from spiceproto.image_places import images
from spiceproto.messages import display
from spiceproto.messages.common import ChannelWait

if TYPE_CHECKING:
    from spiceproto.canvas.display import Display as Canvas
    from spiceproto.canvas.reference import Reference

__all__ = ["EACH", "SLICE", "Drawing", "pixels_of"]

EACH: Final = 1 << 12
"""Pixels that a message counts beside its images."""

SLICE: Final = 1 << 20
"""Pixels that are drawn at once of what was kept, or of frames, before others get their answers: some 20 ms."""

_BACKLOG: Final = 8 << 20
"""Bytes of images that are kept while kernels are compiled; then nothing more is read."""

_MESSAGES: Final = 4096
"""Messages that are kept so."""


class Drawing:
    """The canvas of one display channel.

    ``canvas``  what was drawn
    ``kept``    messages that wait, each with its number and its size
    """

    def __init__(self, host: Host, id: int) -> None:
        self._host = host
        self._id = id
        self._caches = host.shared(Caches)
        self._kernels = host.shared(Kernels)
        self._clock = host.shared(MultimediaClock)
        self.canvas: Canvas = self._caches.canvas(host.options)
        if host.options.damage:
            self.canvas.watch()
        self.kept: deque[tuple[Any, int, int]] = deque()
        self._bytes = 0
        self._missing: Reference | None = None
        self._until = 0.0
        self._barrier: Barrier | None = None
        self._passed: Any = None
        self._caches.drawers.append(self)

    @property
    def stuck(self) -> bool:
        """Whether the first message that was kept waits for other channels."""
        return self._missing is not None or self._barrier is not None

    @property
    def full(self) -> bool:
        """Whether nothing more should come."""
        return self.stuck or self._bytes > _BACKLOG or len(self.kept) > _MESSAGES

    @property
    def until(self) -> float | None:
        """When to go on at the latest, if other channels are waited for; None for never."""
        return self._until if self._missing is not None else None

    @staticmethod
    def unshown(value: Any) -> Any:
        """What is drawn of a frame that came too late: nothing; but later ones may build on it."""
        from spiceproto.canvas.streams import Unshown

        return Unshown(value)

    def take(self, value: Any, serial: int, size: int, now: float, *, later: bool = False) -> bool:
        """A message of ``size`` bytes: whether it is drawn, as all before it are. ``later`` says that it is not to be, yet."""
        if not self.kept and not later and not self.show_due(now) and self._drawn(value, now):
            return True
        self.kept.append((value, serial, size))
        self._bytes += size
        return False

    def step(self, now: float) -> Any:
        """Draw the next of the messages that were kept: that message; None if there is none, or if it can not be drawn yet."""
        if not self.kept or self._barrier is not None or (not self.stuck and self.show_due(now)):
            return None
        if not self._drawn(self.kept[0][0], now):
            return None
        value, _, size = self.kept.popleft()
        self._bytes -= size
        return value

    def show_due(self, now: float) -> bool:
        """Show the frames of video whose time has come, or about :data:`SLICE` pixels of them; whether there may be more."""
        known = len(self.canvas.problems)
        more = self.canvas.show(self._clock.time(now), SLICE)
        self._tell(known)
        return more

    def frame_due(self, now: float) -> float | None:
        """When the next frame of video is to be shown; None if none waits."""
        wait = self.canvas.streams.next_in(self._clock.time(now))
        return None if wait is None else now + wait / 1000

    def freed(self, handled: Handled, now: float) -> bool:
        """Whether what it waited for is over, one way or the other."""
        if self._barrier is not None:
            if not self._barrier.check(handled):
                return False
            self._barrier = None
            self._passed = self.kept[0][0]
            return True
        if self._missing is None:
            return False
        there = self._missing.there(self.canvas.pixmaps, self.canvas.window)
        return there or now >= self._until or not self._others()

    def close(self) -> None:
        """The channel is gone, and brings nothing to others."""
        if self in self._caches.drawers:
            self._caches.drawers.remove(self)

    def finish(self, pixels: int) -> list[Any]:
        """Draw what was kept, or about so many pixels of it, without waiting for anything: the messages that were drawn.

        Frames of video before them are shown.
        """
        self._missing = self._barrier = None
        drawn: list[Any] = []
        before = self.canvas.decoded
        while self.kept and pixels > self.canvas.decoded - before:
            known = len(self.canvas.problems)
            more = self.canvas.show(None, pixels)
            self._tell(known)
            if more:
                break
            value, _, size = self.kept.popleft()
            self._bytes -= size
            self._draw(value)
            drawn.append(value)
            pixels -= EACH + pixels_of(value)
        return drawn

    # -- one message

    def _drawn(self, value: Any, now: float) -> bool:
        """Draw it, if nothing is to be waited for."""
        if isinstance(value, display.InvalAllPixmaps) and value.wait_list and value is not self._passed:
            self._barrier = Barrier()
            self._barrier.wait(
                [ChannelWait(item.channel_type, item.channel_id, item.message_serial) for item in value.wait_list]
            )
            return False
        if self._kernels.lacks(value):
            return False
        known = len(self.canvas.problems)
        clock = self._clock.time(now)
        missing = self.canvas.attempt(value, now=clock)
        if missing is not None:
            if missing != self._missing:
                self._missing, self._until = missing, now + self._host.options.reference_timeout
            if now < self._until and self._others():
                return False
            self.canvas.draw(value, now=clock)
        self._missing = None
        self._tell(known)
        return True

    def _draw(self, value: Any) -> None:
        known = len(self.canvas.problems)
        self.canvas.draw(value)
        self._tell(known)

    def _tell(self, known: int) -> None:
        for problem in self.canvas.problems[known:]:
            self._host.tell(NotDrawn.of(problem, "display", self._id))

    def _others(self) -> bool:
        """Whether somebody may bring what is missing: a channel that does not wait itself, or one that is on its way."""
        others = any(other is not self and not other.stuck for other in self._caches.drawers)
        return others or self._host.coming(ChannelType.DISPLAY)


def pixels_of(value: Any) -> int:
    """Pixels of the images of a message."""
    return sum(image.descriptor.width * image.descriptor.height for image in images(value, masks=False))
