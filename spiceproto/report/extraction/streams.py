"""The video streams of display channels, as they were coded: a file for each.

    MJPEG        JPEG files one behind the other (.mjpeg)
    VP8, VP9     IVF, with the times of the frames (.ivf)
    H264, H265   their byte streams (.h264, .h265)
    others       frames one behind the other (.bin)

The index has a ``part`` for each frame, with its time on the multimedia clock, and its size and place where it has its own.
"""

from __future__ import annotations

from struct import pack
from typing import Any, Final

from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At
from spiceproto.enums.display import VideoCodecType
from spiceproto.report.extraction.extraction import Extraction
from spiceproto.report.extraction.folder import Folder, Output

__all__ = ["Streams"]

_ENDINGS: Final = {
    VideoCodecType.MJPEG: "mjpeg",
    VideoCodecType.VP8: "ivf",
    VideoCodecType.VP9: "ivf",
    VideoCodecType.H264: "h264",
    VideoCodecType.H265: "h265",
}
_FOURCC: Final = {VideoCodecType.VP8: b"VP80", VideoCodecType.VP9: b"VP90"}

_MOST: Final = 1 << 10
"""Streams of a channel at a time; there are 64 at most."""

_COUNT: Final = 24
"""Where the head of an IVF file has the number of frames."""


class _Stream:
    """``output``, and what an IVF file wants to know: ``first`` is the time of its first frame."""

    def __init__(self, output: Output, codec: int) -> None:
        self.output = output
        self.codec = codec
        self.first: int | None = None
        self.frames = 0


class Streams(Extraction):
    """``streams``."""

    kind = "streams"
    noun = "video"
    tables = ("display",)

    def __init__(self, folder: Folder) -> None:
        super().__init__(folder)
        self._streams: dict[int, dict[int, _Stream]] = {}

    def message(self, conversation: Conversation, at: At, name: str, value: Any) -> None:
        streams = self._streams.setdefault(conversation.connection.number, {})
        if name == "STREAM_CREATE":
            self._create(conversation, at, streams, value)
        elif name in ("STREAM_DATA", "STREAM_DATA_SIZED"):
            found = streams.get(value.base.id)
            if found is None:
                self.lose(conversation, f"{name} of stream {value.base.id}, whose STREAM_CREATE was not seen before it")
            else:
                self._frame(found, at, value)
        elif name == "STREAM_DESTROY":
            self._end(streams.pop(value.id, None), self.decoder.number)
        elif name == "STREAM_DESTROY_ALL":
            for number in list(streams):
                self._end(streams.pop(number), self.decoder.number)

    def _create(self, conversation: Conversation, at: At, streams: dict[int, _Stream], value: Any) -> None:
        self._end(streams.pop(value.id, None), None)
        if len(streams) >= _MOST:
            self.lose(conversation, f"a stream beside {_MOST} others")
            return
        codec, size = value.codec_type, (value.stream_width, value.stream_height)
        output = self.begin_file(
            conversation,
            at,
            f"{self.stem(conversation)}-message{self.decoder.number}-stream{value.id}",
            _ENDINGS.get(codec, "bin"),
            begun=self.decoder.number,
            stream=value.id,
            codec=getattr(codec, "name", int(codec)),
            width=size[0],
            height=size[1],
            top_down=bool(value.flags & 1),
        )
        streams[value.id] = _Stream(output, codec)
        if codec in _FOURCC:
            head = pack("<4sHH4sHHLLLL", b"DKIF", 0, 32, _FOURCC[codec], *(min(side, 0xFFFF) for side in size), 1000, 1, 0, 0)
            self.folder.append(output.name, head)
            output.size += len(head)

    def _frame(self, stream: _Stream, at: At, value: Any) -> None:
        data, shown = bytes(value.data), value.base.multi_media_time
        stream.frames += 1
        if stream.first is None:
            stream.first = shown
        if stream.codec in _FOURCC:
            data = pack("<LQ", len(data), shown - stream.first & 0xFFFFFFFF) + data
        own = {"width": value.width, "height": value.height} if hasattr(value, "width") else {}
        stream.output.write(data, self.decoder.number, time=at.time_ns / 1_000_000_000, multi_media_time=shown, **own)

    def _end(self, stream: _Stream | None, destroyed: int | None) -> None:
        if stream is None or stream.output.over:
            return
        if stream.codec in _FOURCC:
            self.folder.patch(stream.output.name, _COUNT, pack("<L", stream.frames))
        stream.output.said |= {"frames": stream.frames} | ({"destroyed": destroyed} if destroyed else {})
        stream.output.close()

    def closed(self, conversation: Conversation, at: At) -> None:
        lacks = self._lacks(conversation, "server")
        for stream in self._streams.pop(conversation.connection.number, {}).values():
            stream.output.whole &= not lacks
            self._end(stream, None)
        super().closed(conversation, at)

    def conclude(self) -> None:
        for streams in self._streams.values():
            for stream in streams.values():
                self._end(stream, None)
