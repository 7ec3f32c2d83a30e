"""Faults of video streams (spec/11-streams.md)."""

from __future__ import annotations

from typing import Any

import msgspec

from reference_client.channels import DisplayChannel
from reference_client.faults.fault import fault
from reference_client.faults.misread import Misreads
from spiceproto.codecs import jpeg_stream
from spiceproto.enums.display import ClipType, StreamFlags, VideoCodecType
from spiceproto.errors import RemoteError
from spiceproto.messages import display
from spiceproto.messages.draw import Clip
from spiceproto.messages.geometry import Rect
from spiceproto.multimedia_time import later


class Strict(DisplayChannel):
    """Ends the session because of what is said of streams."""

    def hates(self, value: Any) -> bool:
        """Whether a message ends the session."""
        return False

    def handle(self, value: Any, now: float) -> None:
        if self.hates(value):
            self.host.end("that is no stream of mine", orderly=False)
        else:
            super().handle(value, now)


class Numbers(Strict):
    """Knows which streams are there."""

    def start(self, now: float) -> None:
        super().start(now)
        self.streams: set[int] = set()

    def hates(self, value: Any) -> bool:
        if isinstance(value, display.StreamCreate):
            twice = value.id in self.streams
            self.streams.add(value.id)
            return twice
        if isinstance(value, display.StreamDestroy):
            self.streams.discard(value.id)
        return False


@fault("unasked-report", "SPICE-STREAM-006", "SPICE-STREAM-017")
class UnaskedReport(DisplayChannel):
    """Reports on a stream, whatever the server asked for."""

    def start(self, now: float) -> None:
        super().start(now)
        report = display.StreamReport(
            stream_id=1,
            unique_id=1,
            start_frame_mm_time=0,
            end_frame_mm_time=0,
            num_frames=5,
            num_drops=0,
            last_frame_delay=0,
            audio_delay=0,
        )
        self.send(report)


@fault("frame-of-no-stream-fatal", "SPICE-STREAM-008")
class FrameOfNoStreamFatal(Numbers):
    """Does not live through a frame, or an end, of a stream that it does not have."""

    def hates(self, value: Any) -> bool:
        if isinstance(value, display.StreamDestroyAll):
            self.streams.clear()
        frame = isinstance(value, display.StreamData | display.StreamDataSized)
        if frame and value.base.id not in self.streams:
            return True
        if isinstance(value, display.StreamDestroy) and value.id not in self.streams:
            return True
        super().hates(value)
        return False


@fault("clip-of-no-stream-fatal", "SPICE-STREAM-008")
class ClipOfNoStreamFatal(Numbers):
    """Does not live through the clip of a stream that it does not have."""

    def hates(self, value: Any) -> bool:
        if isinstance(value, display.StreamClip) and value.id not in self.streams:
            return True
        if isinstance(value, display.StreamDestroyAll):
            self.streams.clear()
        super().hates(value)
        return False


@fault("end-of-all-forgotten", "SPICE-STREAM-009")
class EndOfAllForgotten(Numbers):
    """Does nothing when all streams end, and does not live through a new one with the number of one of them."""


@fault("broken-frame-fatal", "SPICE-STREAM-010")
class BrokenFrameFatal(Strict):
    """Does not live through a frame of MJPEG that can not be decoded."""

    def start(self, now: float) -> None:
        super().start(now)
        self.pictures: set[int] = set()

    def hates(self, value: Any) -> bool:
        if isinstance(value, display.StreamCreate) and value.codec_type == VideoCodecType.MJPEG:
            self.pictures.add(value.id)
        elif isinstance(value, display.StreamDestroy):
            self.pictures.discard(value.id)
        elif isinstance(value, display.StreamDestroyAll):
            self.pictures.clear()
        frame = isinstance(value, display.StreamData) and value.base.id in self.pictures
        return frame and not (value.data[:2] == b"\xff\xd8" and value.data[-2:] == b"\xff\xd9")


@fault("times-without-a-sign", "SPICE-STREAM-012")
class TimesWithoutASign(DisplayChannel):
    """Takes a frame whose time is the smaller number for one that comes too late."""

    def handle(self, value: Any, now: float) -> None:
        frame = isinstance(value, display.StreamData | display.StreamDataSized)
        time, clock = (value.base.multi_media_time, self.clock.time(now)) if frame else (0, 0)
        if not time < clock or later(time, clock) < 0:
            super().handle(value, now)


@fault("clip-of-streams-ignored", "SPICE-STREAM-022")
class ClipOfStreamsIgnored(Misreads):
    """Draws all of every frame."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if isinstance(value, display.StreamCreate | display.StreamClip):
            return msgspec.structs.replace(value, clip=Clip(ClipType.NONE))
        return value


@fault("place-of-frames-ignored", "SPICE-STREAM-023")
class PlaceOfFramesIgnored(Misreads):
    """Draws every frame where its stream is."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if isinstance(value, display.StreamDataSized):
            return display.StreamData(value.base, value.data)
        return value


@fault("frames-outlive-their-stream", "SPICE-STREAM-036")
class FramesOutliveTheirStream(Misreads):
    """Shows frames that were there when their stream ended."""

    def misread(self, value: Any, canvas: Any) -> Any:
        return None if isinstance(value, display.StreamDestroy) else value


@fault("frames-not-scaled", "SPICE-STREAM-024")
class FramesNotScaled(Misreads):
    """Draws a frame as large as it is."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.StreamData) or value.base.id not in canvas.streams:
            return value
        try:
            size = jpeg_stream.header(value.data)
        except RemoteError:
            return value
        where = canvas.streams[value.base.id].dest
        right, bottom = where.left + size.width, where.top + size.height
        dest = Rect(top=where.top, left=where.left, bottom=bottom, right=right)
        return display.StreamDataSized(base=value.base, width=size.width, height=size.height, dest=dest, data=value.data)


@fault("tables-of-frames-forgotten", "SPICE-STREAM-026")
class TablesOfFramesForgotten(Misreads):
    """Shows no frame that has not all its tables."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.StreamData):
            return value
        try:
            tables = [part for part in jpeg_stream.segments(value.data) if part.marker == jpeg_stream.DHT]
        except RemoteError:
            return value
        return value if tables else None


@fault("late-frames-not-decoded", "SPICE-STREAM-037")
class LateFramesNotDecoded(DisplayChannel):
    """Leaves out a frame that comes late, whatever builds on it."""

    def handle(self, value: Any, now: float) -> None:
        frame = isinstance(value, display.StreamData | display.StreamDataSized)
        if not (frame and later(value.base.multi_media_time, self.clock.time(now)) < 0):
            super().handle(value, now)


@fault("one-decoder-for-all", "SPICE-STREAM-038")
class OneDecoderForAll(Misreads):
    """Has one decoder for all streams of a codec."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if isinstance(value, display.StreamData) and value.base.id in canvas.streams:
            stream = canvas.streams[value.base.id]
            shared = self.__dict__.setdefault("decoders", {})
            stream.use(shared.setdefault(stream.codec_type, stream.decoder()))
        return value


@fault("last-place-for-all", "SPICE-STREAM-038")
class LastPlaceForAll(Misreads):
    """Draws the frames of all streams in the place of the one that began last."""

    place: Rect | None = None

    def misread(self, value: Any, canvas: Any) -> Any:
        if isinstance(value, display.StreamCreate):
            self.place = value.dest
        if isinstance(value, display.StreamData) and self.place is not None:
            return display.StreamDataSized(base=value.base, width=0, height=0, dest=self.place, data=value.data)
        return value


@fault("end-of-one-for-all", "SPICE-STREAM-038", "SPICE-SYNC-009")
class EndOfOneForAll(Misreads):
    """Ends all streams with the first that ends."""

    def misread(self, value: Any, canvas: Any) -> Any:
        return display.StreamDestroyAll() if isinstance(value, display.StreamDestroy) else value


@fault("streams-on-the-screen", "SPICE-STREAM-039")
class StreamsOnTheScreen(Misreads):
    """Draws all streams on the surface that is shown."""

    def misread(self, value: Any, canvas: Any) -> Any:
        return msgspec.structs.replace(value, surface_id=0) if isinstance(value, display.StreamCreate) else value


@fault("rows-always-from-the-top", "SPICE-STREAM-040")
class RowsAlwaysFromTheTop(Misreads):
    """Takes the first row of every frame for the top one."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if isinstance(value, display.StreamCreate):
            return msgspec.structs.replace(value, flags=StreamFlags.TOP_DOWN)
        return value


@fault("source-size-taken", "SPICE-STREAM-024")
class SourceSizeTaken(Misreads):
    """Draws frames as large as the area that they were made from."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.StreamCreate):
            return value
        left, top = value.dest.left, value.dest.top
        dest = Rect(top=top, left=left, bottom=top + value.src_height, right=left + value.src_width)
        return msgspec.structs.replace(value, dest=dest)


@fault("first-frame-alone", "SPICE-STREAM-041")
class FirstFrameAlone(Misreads):
    """Shows the first frame of a stream with another codec than MJPEG, and no other."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.StreamData) or value.base.id not in canvas.streams:
            return value
        stream = canvas.streams[value.base.id]
        return None if stream.builds and stream.frames else value
