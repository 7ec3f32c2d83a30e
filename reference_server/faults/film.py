"""Faults of a server that plays a film (spec/11-streams.md)."""

from __future__ import annotations

from typing import ClassVar, Final

import msgspec

from reference_server.channels.base import Handler, Handlers
from reference_server.channels.display import DisplayChannel
from reference_server.channels.display.areas import clip_of
from reference_server.channels.display.coder import Coder, known
from reference_server.channels.display.pipe import Drawing
from reference_server.channels.display.rate import Rate
from reference_server.channels.display.stream import Stream
from reference_server.channels.display.video import Video
from reference_server.faults.fault import fault
from spiceproto.messages import display
from spiceproto.rules.streams import NO_STREAM

_SHOWN: Final = ("shown",)


@fault("unknown-codec-fatal", "SPICE-STREAM-020")
class UnknownCodecFatal(DisplayChannel):
    """Closes the channel of a client that likes a codec which nobody knows."""

    def preferred(self, value: display.PreferredVideoCodecType, now: float) -> None:
        """The codecs that a client likes."""
        if len(known(value.codecs)) < len(value.codecs):
            self.line.drop("no such codec")
        self.video.prefer(value.codecs)

    handlers: ClassVar[Handlers] = {**DisplayChannel.handlers, display.PreferredVideoCodecType: Handler(preferred, _SHOWN)}


@fault("preferred-codecs-unheard", "SPICE-STREAM-021")
class PreferredCodecsUnheard(DisplayChannel):
    """Keeps to its own order of codecs."""

    def preferred(self, value: display.PreferredVideoCodecType, now: float) -> None:
        """The codecs that a client likes."""

    handlers: ClassVar[Handlers] = {**DisplayChannel.handlers, display.PreferredVideoCodecType: Handler(preferred, _SHOWN)}


@fault("empty-list-of-codecs-fatal", "SPICE-STREAM-032")
class EmptyListOfCodecsFatal(DisplayChannel):
    """Closes the channel of a client that likes no codec."""

    def preferred(self, value: display.PreferredVideoCodecType, now: float) -> None:
        """The codecs that a client likes."""
        if value.codecs:
            self.video.prefer(value.codecs)
        else:
            self.line.drop("no codecs")

    handlers: ClassVar[Handlers] = {**DisplayChannel.handlers, display.PreferredVideoCodecType: Handler(preferred, _SHOWN)}


class _NoPicture(Video):
    def end(self, stream: Stream, *, refresh: bool = True) -> None:
        super().end(stream, refresh=False)


@fault("no-picture-at-the-end", "SPICE-STREAM-025")
class NoPictureAtTheEnd(DisplayChannel):
    """Leaves the last frame where a stream has ended."""

    video_class = _NoPicture


class _Nothing(Video):
    silent = False

    def coder(self, size: tuple[int, int], frames: float, rate: Rate) -> Coder | None:
        found = super().coder(size, frames, rate)
        self.silent = found is None
        return found

    def look(self, drawing: Drawing, now: float) -> Drawing | None:
        found = super().look(drawing, now)
        return None if self.silent else found


@fault("nothing-without-a-codec", "SPICE-STREAM-030", "SPICE-STREAM-031")
class NothingWithoutACodec(DisplayChannel):
    """Draws nothing any more for a client that has no codec for a film."""

    video_class = _Nothing


class _GoesOn(Video):
    def reported(self, value: display.StreamReport, now: float) -> int:
        return 0 if (value.num_frames, value.num_drops) == NO_STREAM else super().reported(value, now)


@fault("undecodable-stream-goes-on", "SPICE-STREAM-031")
class UndecodableStreamGoesOn(DisplayChannel):
    """Sends frames to a client that can not decode them."""

    video_class = _GoesOn


class _Waits(Video):
    def look(self, drawing: Drawing, now: float) -> Drawing | None:
        for stream in self.streams:
            stream.waits = None
        found = super().look(drawing, now)
        if found is None or found.frame is None:
            return found
        # What has a clip covers nothing, so that no frame vanishes behind the next one.
        base = found.command.base
        clipped = msgspec.structs.replace(base, clip=clip_of((base.box,)))
        return msgspec.structs.replace(found, command=msgspec.structs.replace(found.command, base=clipped), body=None)


@fault("frames-wait-for-slow-clients", "SPICE-STREAM-033")
class FramesWaitForSlowClients(DisplayChannel):
    """Has all frames wait for a client that does not acknowledge."""

    video_class = _Waits


class _Unclipped(Video):
    def clip(self, stream: Stream) -> None:
        pass


@fault("frames-over-what-is-in-front", "SPICE-STREAM-034")
class FramesOverWhatIsInFront(DisplayChannel):
    """Says nothing of what is drawn in front of a stream."""

    video_class = _Unclipped


class _Unasked(Video):
    def begin(self, stream: Stream) -> None:
        self.pipe.add(stream.create())


@fault("no-reports-wanted", "SPICE-STREAM-035")
class NoReportsWanted(DisplayChannel):
    """Asks nobody how a stream fares."""

    video_class = _Unasked
