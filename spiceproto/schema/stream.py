"""Video streams of the display channel: their structures; the messages stand in the table of that channel.

A stream is created, fed, clipped and destroyed by an id from 0 to 63; frames wait for their time on the multimedia clock.

Sources: spice.proto of spice-common; BEHAVIOUR 14.
"""

from __future__ import annotations

from spiceproto.domain import BITS, at_least, between, named
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import StreamFlags, VideoCodecType
from spiceproto.schema.draw import Clip
from spiceproto.schema.geometry import Rect
from spiceproto.wire import data, enum, field, flags, int32, record, uint8, uint32, uint64

_STREAM = between(0, 63)

StreamDataHeader = record(
    "display.StreamDataHeader",
    field("id", uint32, "The stream", domain=_STREAM),
    field("multi_media_time", uint32, "When to show it, on the multimedia clock", unit="ms"),
    doc="Begins every frame.",
)

_CODECS = named(
    needs={
        codec: (DisplayCapability.MULTI_CODEC, capability)
        for codec, capability in (
            (VideoCodecType.VP8, DisplayCapability.CODEC_VP8),
            (VideoCodecType.H264, DisplayCapability.CODEC_H264),
            (VideoCodecType.VP9, DisplayCapability.CODEC_VP9),
            (VideoCodecType.H265, DisplayCapability.CODEC_H265),
        )
    }
)

StreamCreate = record(
    "display.StreamCreate",
    field("surface_id", uint32, "The surface to draw on"),
    field("id", uint32, "Number of the stream; free until now", domain=_STREAM),
    field("flags", flags(StreamFlags, uint8), "Row order", domain=BITS),
    field("codec_type", enum(VideoCodecType, uint8), "Codec of the frames", domain=_CODECS),
    field("stamp", uint64, "Not used; spice-server sends 0"),
    field("stream_width", uint32, "Width of the frames", unit="pixel", domain=at_least(1)),
    field("stream_height", uint32, "Height of the frames", unit="pixel", domain=at_least(1)),
    field("src_width", uint32, "Width of the area they were made from", unit="pixel"),
    field("src_height", uint32, "Height of the area they were made from", unit="pixel"),
    field("dest", Rect, "Where to draw"),
    field("clip", Clip, "The part of it that is drawn"),
    doc="A video stream begins.",
)

StreamData = record(
    "display.StreamData",
    field("base", StreamDataHeader, "Which stream, and when"),
    field("data_size", uint32, "Size of the frame", unit="byte"),
    field("data", data("data_size"), "The frame, as the codec has it"),
    doc="A frame.",
)

StreamClip = record(
    "display.StreamClip",
    field("id", uint32, "The stream", domain=_STREAM),
    field("clip", Clip, "The part of its area that is drawn"),
    doc="A stream is clipped anew.",
)

StreamDestroy = record(
    "display.StreamDestroy",
    field("id", uint32, "The stream; its number is free again", domain=_STREAM),
    doc="A stream ends.",
)

StreamDestroyAll = record(
    "display.StreamDestroyAll",
    doc="All streams end.",
)

StreamDataSized = record(
    "display.StreamDataSized",
    field("base", StreamDataHeader, "Which stream, and when"),
    field("width", uint32, "Width of this frame", unit="pixel"),
    field("height", uint32, "Height of this frame", unit="pixel"),
    field("dest", Rect, "Where to draw this frame"),
    field("data_size", uint32, "Size of the frame", unit="byte"),
    field("data", data("data_size"), "The frame, as the codec has it"),
    doc="A frame with a size and a place of its own.",
)

StreamActivateReport = record(
    "display.StreamActivateReport",
    field("stream_id", uint32, "The stream", domain=_STREAM),
    field("unique_id", uint32, "Number of this request, for the stream's number may be used again"),
    field("max_window_size", uint32, "Frames for one report"),
    field("timeout_ms", uint32, "Longest time between reports", unit="ms"),
    doc="Asks for STREAM_REPORT on a stream.",
)

StreamReport = record(
    "display.StreamReport",
    field("stream_id", uint32, "The stream", domain=_STREAM),
    field("unique_id", uint32, "The number that STREAM_ACTIVATE_REPORT brought"),
    field("start_frame_mm_time", uint32, "Time of the first frame reported on", unit="ms"),
    field("end_frame_mm_time", uint32, "Time of the last frame reported on", unit="ms"),
    field("num_frames", uint32, "Frames that came; 0 with 2^32-1 drops if it cannot be decoded"),
    field("num_drops", uint32, "Those of them that were dropped, mostly because they came late"),
    field("last_frame_delay", int32, "Time of the last frame minus the clock at its arrival", unit="ms"),
    field("audio_delay", uint32, "Sound that waits to be played; 2^32-1 if none is", unit="ms"),
    doc="How a stream fares at the client.",
)
