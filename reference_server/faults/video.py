"""Faults of video streams (spec/11-streams.md)."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import msgspec

from reference_server.channels.base import Handler, Handlers
from reference_server.channels.display import DisplayChannel
from reference_server.faults.fault import fault
from spiceproto.enums.display import ClipType, StreamFlags, SurfaceFlags, SurfaceFmt, VideoCodecType
from spiceproto.messages import display
from spiceproto.messages.draw import Clip
from spiceproto.messages.geometry import Rect

_STREAM: Final = 5
_SIDE: Final = 8
_SURFACE: Final = 9
_TABLES: Final = b"\xff\xc4\x00\x02"
"""Huffman tables, of which there are none inside."""


def _create() -> display.StreamCreate:
    return display.StreamCreate(
        surface_id=0,
        id=_STREAM,
        flags=StreamFlags.TOP_DOWN,
        codec_type=VideoCodecType.MJPEG,
        stamp=0,
        stream_width=_SIDE,
        stream_height=_SIDE,
        src_width=_SIDE,
        src_height=_SIDE,
        dest=Rect(top=0, left=0, bottom=_SIDE, right=_SIDE),
        clip=Clip(ClipType.NONE),
    )


def _jpeg(side: int) -> bytes:
    """As much of a JPEG picture as says that it has tables and how large it is."""
    size = side.to_bytes(2, "big")
    parts = b"".join([bytes((number, 0x11, 0)) for number in (1, 2, 3)])
    return b"\xff\xd8" + _TABLES + b"\xff\xc0\x00\x11\x08" + size + size + b"\x03" + parts + b"\xff\xda\x00\x02"


class Films(DisplayChannel):
    """Sends messages of a stream behind its first picture."""

    def show(self) -> None:
        super().show()
        self.send(*self.film(int(self.host.now * 1000) & 0xFFFFFFFF))

    def film(self, clock: int) -> tuple[Any, ...]:
        """What is sent, by the multimedia clock in ms."""
        return ()

    def frame(self, time: int, data: bytes | None = None) -> display.StreamData:
        """A frame that is shown then."""
        header = display.StreamDataHeader(_STREAM, time & 0xFFFFFFFF)
        return display.StreamData(header, _jpeg(_SIDE) if data is None else data)


@fault("stream-created-twice", "SPICE-STREAM-001")
class StreamCreatedTwice(Films):
    """Creates a stream with the number of one that is there."""

    def film(self, clock: int) -> tuple[Any, ...]:
        return (_create(), _create(), display.StreamDestroy(_STREAM))


@fault("frame-before-its-stream", "SPICE-STREAM-002")
class FrameBeforeItsStream(Films):
    """Sends a frame first, and then creates the stream."""

    def film(self, clock: int) -> tuple[Any, ...]:
        return (self.frame(clock), _create(), display.StreamDestroy(_STREAM))


@fault("frame-behind-the-end", "SPICE-STREAM-002")
class FrameBehindTheEnd(Films):
    """Sends a frame of a stream that was destroyed with all others."""

    def film(self, clock: int) -> tuple[Any, ...]:
        return (_create(), display.StreamDestroyAll(), self.frame(clock))


@fault("clip-behind-the-end", "SPICE-STREAM-002")
class ClipBehindTheEnd(Films):
    """Clips a stream that was destroyed."""

    def film(self, clock: int) -> tuple[Any, ...]:
        return (_create(), display.StreamDestroy(_STREAM), display.StreamClip(_STREAM, Clip(ClipType.NONE)))


@fault("report-before-the-stream", "SPICE-STREAM-003", "SPICE-FRAME-005")
class ReportBeforeTheStream(Films):
    """Asks for reports before the stream is created, of any client."""

    def film(self, clock: int) -> tuple[Any, ...]:
        activate = display.StreamActivateReport(stream_id=_STREAM, unique_id=1, max_window_size=5, timeout_ms=1000)
        return (activate, _create(), display.StreamDestroy(_STREAM))


@fault("stream-destroyed-twice", "SPICE-STREAM-004")
class StreamDestroyedTwice(Films):
    """Destroys a stream once more behind the end of all."""

    def film(self, clock: int) -> tuple[Any, ...]:
        return (_create(), display.StreamDestroyAll(), display.StreamDestroy(_STREAM))


@fault("frames-of-another-clock", "SPICE-STREAM-013")
class FramesOfAnotherClock(Films):
    """Counts seconds where frames have milliseconds, and from another beginning."""

    def film(self, clock: int) -> tuple[Any, ...]:
        return (_create(), self.frame(clock + 1_000_000), display.StreamDestroy(_STREAM))


@fault("frames-out-of-order", "SPICE-STREAM-014")
class FramesOutOfOrder(Films):
    """Sends two frames in the wrong order."""

    def film(self, clock: int) -> tuple[Any, ...]:
        return (_create(), self.frame(clock + 40), self.frame(clock), display.StreamDestroy(_STREAM))


@fault("frame-of-another-size", "SPICE-STREAM-016")
class FrameOfAnotherSize(Films):
    """Sends frames twice as large as the stream."""

    def film(self, clock: int) -> tuple[Any, ...]:
        return (_create(), self.frame(clock, _jpeg(2 * _SIDE)), display.StreamDestroy(_STREAM))


@fault("frame-that-is-no-picture", "SPICE-STREAM-016")
class FrameThatIsNoPicture(Films):
    """Sends the pixels of a frame as they are."""

    def film(self, clock: int) -> tuple[Any, ...]:
        return (_create(), self.frame(clock, bytes(4 * _SIDE * _SIDE)), display.StreamDestroy(_STREAM))


@fault("first-frame-without-tables", "SPICE-STREAM-027")
class FirstFrameWithoutTables(Films):
    """Sends a first frame of MJPEG without Huffman tables."""

    def film(self, clock: int) -> tuple[Any, ...]:
        bare = _jpeg(_SIDE).replace(_TABLES, b"")
        return (_create(), self.frame(clock, bare), display.StreamDestroy(_STREAM))


@fault("stream-outlives-its-surface", "SPICE-STREAM-028")
class StreamOutlivesItsSurface(Films):
    """Ends a stream behind its surface."""

    def film(self, clock: int) -> tuple[Any, ...]:
        surface = display.SurfaceCreate(
            surface_id=_SURFACE, width=_SIDE, height=_SIDE, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags(0)
        )
        create = msgspec.structs.replace(_create(), surface_id=_SURFACE)
        return (surface, create, display.SurfaceDestroy(_SURFACE), display.StreamDestroy(_STREAM))


@fault("stream-beside-its-surface", "SPICE-STREAM-029")
class StreamBesideItsSurface(Films):
    """Has a stream in the corner of the screen, and beyond it."""

    def film(self, clock: int) -> tuple[Any, ...]:
        width, height = self.screen.size
        corner = Rect(top=height - 1, left=width - 1, bottom=height - 1 + _SIDE, right=width - 1 + _SIDE)
        return (msgspec.structs.replace(_create(), dest=corner), display.StreamDestroy(_STREAM))


@fault("unasked-report-fatal", "SPICE-STREAM-019")
class UnaskedReportFatal(DisplayChannel):
    """Closes the channel of a client that reports on what is not there."""

    def reported(self, value: display.StreamReport, now: float) -> None:
        """A report; this server has asked for none."""
        self.line.drop("a report that nobody asked for")

    handlers: ClassVar[Handlers] = {**DisplayChannel.handlers, display.StreamReport: Handler(reported)}
