"""The video streams of a display as far as they are counted: frames that come too late, and reports on how a stream fares.

A frame waits for its time on the canvas. One that comes when its time has passed is dropped. The server may ask for reports:
with a frame that comes there is one if a window of frames is full, or a time has passed (SPICE-STREAM-017).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from reference_client.clock import MultimediaClock
from reference_client.events import Event
from spiceproto.enums.display import VideoCodecType
from spiceproto.limits import STREAMS
from spiceproto.messages import display
from spiceproto.multimedia_time import later

__all__ = ["Reports", "Stream", "StreamBegan", "StreamEnded"]

_NO_SOUND: Final = 0xFFFFFFFF


class StreamBegan(Event, frozen=True, tag="stream-began"):
    """A part of a surface is video from now on."""

    display: int
    stream: int
    codec: str
    width: int
    height: int


class StreamEnded(Event, frozen=True, tag="stream-ended"):
    """A stream is over: how many frames came, how many of them too late, and how often the server was told."""

    display: int
    stream: int
    frames: int
    dropped: int
    reports: int


class Stream:
    """What is counted of one stream.

    ``came``, ``dropped``                frames since the last report
    ``frames``, ``late``, ``reports``    frames, those that came too late, and reports since it began
    ``asked``                            what the server asked for; None for nothing
    """

    def __init__(self) -> None:
        self.came = self.frames = 0
        self.dropped = self.late = 0
        self.reports = 0
        self.asked: display.StreamActivateReport | None = None
        self._first = self._last = 0
        self._delay = 0
        self._since = 0.0

    def activate(self, value: display.StreamActivateReport, now: float) -> None:
        """Reports are wanted from now on."""
        self.asked, self.came, self.dropped, self._since = value, 0, 0, now

    def frame(self, time: int, clock: int) -> bool:
        """A frame came; whether it is in time."""
        if not self.came:
            self._first = time
        self._last, self._delay = time, later(time, clock)
        self.came += 1
        self.frames += 1
        self.dropped += self._delay < 0
        self.late += self._delay < 0
        return self._delay >= 0

    def due(self, sound_delay: int | None, now: float) -> display.StreamReport | None:
        """The report that is to be sent now; None for none. ``sound_delay`` is what waits to be heard (SPICE-SYNC-015)."""
        asked = self.asked
        if asked is None or not self.came:
            return None
        if self.came < asked.max_window_size and now - self._since < asked.timeout_ms / 1000:
            return None
        report = display.StreamReport(
            stream_id=asked.stream_id,
            unique_id=asked.unique_id,
            start_frame_mm_time=self._first,
            end_frame_mm_time=self._last,
            num_frames=self.came,
            num_drops=self.dropped,
            last_frame_delay=self._delay,
            audio_delay=_NO_SOUND if sound_delay is None else min(sound_delay, _NO_SOUND - 1),
        )
        self.came = self.dropped = 0
        self._since = now
        self.reports += 1
        return report


class Reports:
    """The streams of one display, by number. ``frames`` counts what came on all of them, ``dropped`` what came too late."""

    def __init__(self, tell: Callable[[Event], None], id: int) -> None:
        self.streams: dict[int, Stream] = {}
        self.frames = 0
        self.dropped = 0
        self._tell = tell
        self._id = id

    def take(self, value: Any, clock: MultimediaClock, now: float) -> tuple[bool, display.StreamReport | None]:
        """A message about streams: whether it is carried out, and the report that is to be sent."""
        if isinstance(value, display.StreamCreate):
            self._begin(value)
        elif isinstance(value, display.StreamDestroy):
            self._end(value.id)
        elif isinstance(value, display.StreamDestroyAll):
            self.end()
        elif isinstance(value, display.StreamActivateReport):
            if value.stream_id in self.streams:
                self.streams[value.stream_id].activate(value, now)
        elif isinstance(value, display.StreamData | display.StreamDataSized):
            return self._frame(value.base, clock, now)
        return True, None

    def end(self) -> None:
        """All of them are over."""
        for number in list(self.streams):
            self._end(number)

    def _begin(self, value: display.StreamCreate) -> None:
        if value.id >= STREAMS or value.id in self.streams:
            return
        self.streams[value.id] = Stream()
        codec = value.codec_type
        self._tell(
            StreamBegan(
                display=self._id,
                stream=value.id,
                codec=codec.name if isinstance(codec, VideoCodecType) else str(codec),
                width=value.stream_width,
                height=value.stream_height,
            )
        )

    def _end(self, number: int) -> None:
        stream = self.streams.pop(number, None)
        if stream is not None:
            self._tell(
                StreamEnded(display=self._id, stream=number, frames=stream.frames, dropped=stream.late, reports=stream.reports)
            )

    def _frame(
        self, header: display.StreamDataHeader, clock: MultimediaClock, now: float
    ) -> tuple[bool, display.StreamReport | None]:
        stream = self.streams.get(header.id)
        if stream is None:
            return True, None
        self.frames += 1
        in_time = stream.frame(header.multi_media_time, clock.time(now))
        self.dropped += not in_time
        return in_time, stream.due(clock.sound_delay, now)
