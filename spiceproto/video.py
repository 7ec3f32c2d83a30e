"""What no table compares of video streams: times of frames, sizes of frames, and reports on streams that have ended.

Lives of streams are a table (:mod:`spiceproto.rules.streams`). A frame has a time on the multimedia clock, which belongs to
the session: main says what it shows, and sound goes by it. Times are compared modulo 2^32, with a sign. What is not known,
because a channel is joined midway or something was missed, is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from spiceproto.codecs import jpeg_stream
from spiceproto.codecs.key_frames import stands_alone
from spiceproto.enums.display import VideoCodecType
from spiceproto.errors import RemoteError
from spiceproto.finding import Finding
from spiceproto.multimedia_time import later
from spiceproto.rules.streams import NO_STREAM

__all__ = ["ACROSS", "AHEAD", "BACK", "BEHIND", "DRIFT", "REQUIREMENTS", "SILENCE", "TIMED", "Clock", "Video", "apart"]

_ENDED, _FAR, _ORDER, _SIZE = "SPICE-STREAM-007", "SPICE-STREAM-013", "SPICE-STREAM-014", "SPICE-STREAM-016"
_FIRST, _SURFACE = "SPICE-STREAM-027", "SPICE-STREAM-028"

REQUIREMENTS: Final = {
    _ENDED: "is about what the client has read when it speaks",
    _FAR: "compares a field with a clock",
    _ORDER: "compares a field with that of the message before, modulo 2^32",
    _SIZE: "looks into the frames of a codec",
    _FIRST: "looks into the frames of a codec",
    _SURFACE: "compares the number of a surface with those of streams",
}
"""Sentences that are judged here, and why no machine can."""

ACROSS: Final = frozenset({_FAR})
"""Those of them that rest on what came on another connection."""

TIMED: Final = frozenset({_FAR})
"""Those of them that rest on how much time has passed for the observer."""

AHEAD: Final = 10.0
"""Seconds that a frame may be ahead of the clock. Servers were seen to have some hundred milliseconds."""

BEHIND: Final = 30.0
"""Seconds that a frame may be behind the clock: it may have waited so long for a slow network."""

SILENCE: Final = 5.0
"""Seconds without a word of the server in which its host may have been suspended."""

BACK: Final = 1.0
"""Seconds by which the observer's own clock goes back when somebody has set it; packets of two connections are nearer."""

DRIFT: Final = 1e-3
_AT_FIRST: Final = 3600.0
"""Part of the time that has passed by which the clocks of server and observer may have moved apart, ten times a bad crystal;
and seconds in which that is nothing beside :data:`AHEAD`."""

_LIVES: Final = 1 << 10
"""Streams, requests for reports and pings that are remembered; there are 64 streams at most."""


def apart(time: int, at: int, passed: float) -> float:
    """Seconds that ``time`` is later than a clock that showed ``at`` so many seconds ago, but for what drift explains."""
    seconds = later(time, at + round(passed * 1000)) / 1000
    explained = DRIFT * max(passed - _AT_FIRST, 0.0)
    return min(seconds + explained, 0.0) if seconds < 0 else max(seconds - explained, 0.0)


class Clock:
    """The multimedia clock of a session, as each channel that speaks of it has set it last.

    A client goes by main while no sound is played, and by the sound otherwise; a frame may be near to either. A host that was
    suspended has a clock that stood still meanwhile: a time before a long silence of the server is only the latest that it
    can be. Where the observer's own clock was set back nothing is known of the time that has passed.
    """

    __slots__ = ("_heard", "_set", "_sure")

    def __init__(self) -> None:
        self._set: dict[str, tuple[int, float]] = {}
        self._sure: set[str] = set()
        self._heard = 0.0

    def hear(self, table: str, sender: str, name: str, value: Any, now: float) -> None:
        """A message, which may set it."""
        if sender != "server":
            return
        if now - self._heard > SILENCE:
            self._sure.clear()
        elif self._heard - now > BACK:
            self._set.clear()
        self._heard = now
        path = _SETS.get((table, name))
        if path is not None and value is not None:
            self._set[table] = (int(getattr(value, path)), now)
            self._sure.add(table)

    def forget(self, table: str) -> None:
        """Something was missed on such a channel."""
        self._set.pop(table, None)

    def distance(self, time: int, now: float) -> float | None:
        """Seconds that ``time`` is later than the clock, the nearest if there are several; None for not known."""
        found = []
        for table, (at, since) in self._set.items():
            seconds = apart(time, at, now - since)
            if seconds < 0 and table not in self._sure:
                return None
            found.append(seconds)
        return min(found, key=abs, default=None)


_SETS: Final[Mapping[tuple[str, str], str]] = {
    ("main", "INIT"): "multi_media_time",
    ("main", "MULTI_MEDIA_TIME"): "time",
    ("playback", "START"): "time",
    ("playback", "DATA"): "time",
}
"""Channel and message that set the clock, and the field that says to what."""

_Report = tuple[int, int]
"""Stream, and number of the request."""


class Video:
    """The streams of one display channel that are known; ``clock`` is that of the session.

    * ``sizes``: of those with MJPEG, by number: width and height
    * ``times``: of the last frame of each
    * ``surfaces``: on which each is
    """

    __slots__ = ("_asked", "_clock", "_ended", "_known", "_new", "_pings", "channel", "sizes", "surfaces", "times")

    def __init__(self, channel: tuple[int, int], clock: Clock) -> None:
        self.channel = channel
        self._clock = clock
        self._begin()

    def forget(self, sender: str) -> None:
        """Something was missed."""
        self._begin()

    def _begin(self) -> None:
        self.sizes: dict[int, tuple[int, int]] = {}
        self.times: dict[int, int] = {}
        self.surfaces: dict[int, int] = {}
        self._new: dict[int, int] = {}
        self._asked: set[_Report] = set()
        self._ended: set[_Report] = set()
        self._known: set[_Report] = set()
        self._pings: dict[int, frozenset[_Report]] = {}

    def judge(self, sender: str, name: str, value: Any, now: float) -> Iterable[Finding]:
        """A message of the channel."""
        look = _LOOKS.get((sender, name))
        return () if look is None or value is None else look(self, name, value, now, self._clock)

    # -- lives

    def _created(self, name: str, value: Any, now: float, clock: Clock) -> Iterator[Finding]:
        self._end(value.id)
        if value.codec_type == VideoCodecType.MJPEG and len(self.sizes) < _LIVES:
            self.sizes[value.id] = (value.stream_width, value.stream_height)
        if len(self.surfaces) < _LIVES:
            self.surfaces[value.id] = value.surface_id
            self._new[value.id] = value.codec_type
        yield from ()

    def _destroyed(self, name: str, value: Any, now: float, clock: Clock) -> Iterator[Finding]:
        self._end(value.id)
        yield from ()

    def _all_destroyed(self, name: str, value: Any, now: float, clock: Clock) -> Iterator[Finding]:
        for number in {*self.surfaces, *self.sizes, *self.times, *[stream for stream, _ in self._asked]}:
            self._end(number)
        yield from ()

    def _end(self, number: int) -> None:
        self.sizes.pop(number, None)
        self.times.pop(number, None)
        self.surfaces.pop(number, None)
        self._new.pop(number, None)
        ended = {report for report in self._asked if report[0] == number}
        self._asked -= ended
        if len(self._ended) < _LIVES:
            self._ended |= ended

    def _surface_destroyed(self, name: str, value: Any, now: float, clock: Clock) -> Iterator[Finding]:
        for number in [number for number, surface in self.surfaces.items() if surface == value.surface_id]:
            text = f"{name} of a surface on which stream {number} is"
            yield self._finding(_SURFACE, "server", text, "the end of the stream before", f"surface {value.surface_id}", now)
            self._end(number)

    # -- frames

    def _frame(self, name: str, value: Any, now: float, clock: Clock) -> Iterator[Finding]:
        number, time = value.base.id, value.base.multi_media_time
        distance = clock.distance(time, now)
        if distance is not None and not -BEHIND <= distance <= AHEAD:
            side = "ahead of" if distance > 0 else "behind"
            text = f"{name} of stream {number} is far {side} the multimedia clock"
            wanted = f"at most {AHEAD:g} s ahead or {BEHIND:g} s behind"
            yield self._finding(_FAR, "server", text, wanted, f"{abs(distance):.1f} s {side} it", now)
        before = self.times.get(number)
        if before is not None and later(time, before) < 0:
            text = f"{name} of stream {number} is to be shown before an earlier frame"
            yield self._finding(_ORDER, "server", text, f"not before {before}", str(time), now)
        if before is not None or len(self.times) < _LIVES:
            self.times[number] = time
        codec = self._new.pop(number, None)
        if codec is not None and stands_alone(codec, value.data) is False:
            text = f"{name} is the first frame of stream {number}, and can not be decoded without others"
            yield self._finding(_FIRST, "server", text, "a frame that needs none before it", f"codec {codec}", now)
        size = self.sizes.get(number)
        if size is not None:
            if name == "STREAM_DATA_SIZED":
                size = (value.width, value.height)
            yield from self._look_into(name, number, value.data, size, now)

    def _look_into(self, name: str, number: int, data: Any, size: tuple[int, int], now: float) -> Iterator[Finding]:
        text = f"{name} of stream {number} has another frame than was announced"
        wanted = f"a JPEG picture of {size[0]} x {size[1]}"
        try:
            found = jpeg_stream.header(data)
        except RemoteError as error:
            yield self._finding(_SIZE, "server", text, wanted, str(error), now)
            return
        if (found.width, found.height) != size:
            yield self._finding(_SIZE, "server", text, wanted, f"{found.width} x {found.height}", now)

    # -- reports

    def _activated(self, name: str, value: Any, now: float, clock: Clock) -> Iterator[Finding]:
        report = (value.stream_id, value.unique_id)
        self._ended.discard(report)
        self._known.discard(report)
        self._pings = {id: ended - {report} for id, ended in self._pings.items()}
        if len(self._asked) < _LIVES:
            self._asked.add(report)
        yield from ()

    def _asks(self, name: str, value: Any, now: float, clock: Clock) -> Iterator[Finding]:
        """A client that answers a ping has read what came before it."""
        if self._ended and len(self._pings) < _LIVES:
            self._pings[value.id] = frozenset(self._ended)
        yield from ()

    def _answered(self, name: str, value: Any, now: float, clock: Clock) -> Iterator[Finding]:
        known = self._pings.pop(value.id, frozenset())
        if len(self._known) < _LIVES:
            self._known |= known
        self._ended -= known
        yield from ()

    def _reported(self, name: str, value: Any, now: float, clock: Clock) -> Iterator[Finding]:
        says_none = (value.num_frames, value.num_drops) == NO_STREAM
        if not says_none and (value.stream_id, value.unique_id) in self._known:
            text = f"{name} on stream {value.stream_id}, which has ended"
            yield self._finding(_ENDED, "client", text, "none once its end was read", f"unique_id {value.unique_id}", now)

    def _finding(self, requirement: str, sender: str, text: str, expected: str, actual: str, now: float) -> Finding:
        return Finding(requirement, sender, self.channel, text, expected, actual, now)


_LOOKS: Final[Mapping[tuple[str, str], Callable[[Video, str, Any, float, Clock], Iterator[Finding]]]] = {
    ("server", "STREAM_CREATE"): Video._created,
    ("server", "STREAM_DATA"): Video._frame,
    ("server", "STREAM_DATA_SIZED"): Video._frame,
    ("server", "STREAM_DESTROY"): Video._destroyed,
    ("server", "STREAM_DESTROY_ALL"): Video._all_destroyed,
    ("server", "SURFACE_DESTROY"): Video._surface_destroyed,
    ("server", "STREAM_ACTIVATE_REPORT"): Video._activated,
    ("server", "PING"): Video._asks,
    ("client", "PONG"): Video._answered,
    ("client", "STREAM_REPORT"): Video._reported,
}
