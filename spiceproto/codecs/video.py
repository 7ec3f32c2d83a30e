"""Video streams of the display channel: frames in, pictures out, and back.

A stream is created with a codec; each STREAM_DATA message is one frame of it. Rows come top first unless the stream
lacks TOP_DOWN, which turns every picture over, whatever the codec.

========  ===============================  =====================================================================
codec     a frame is                       decoded by
========  ===============================  =====================================================================
MJPEG     one JPEG picture                 :mod:`spiceproto.codecs.jpeg`, with the fast settings
VP8, VP9  one frame (VP9: or superframe)   FFmpeg through PyAV, the extra ``video``
H264      one access unit, Annex B         the same
H265      one access unit, Annex B         the same
========  ===============================  =====================================================================

MJPEG frames depend on each other in one thing: the reference server writes the Huffman tables into the first frame of a
stream only (seen on the wire), so tables live on until they are redefined. They happen to be the standard's example
tables, which most decoders assume; :class:`MjpegDecoder` remembers whatever was sent.

The other codecs carry Y'CbCr 4:2:0, mostly without saying which matrix. GStreamer, on both ends of the reference, then
takes BT.601 for up to 576 rows and BT.709 above, limited range; so does this file. How chroma is
interpolated and what is rounded differs between libraries, so colours agree with the reference client within a few
steps, not bit for bit.

Sources: ``src/channel-display-mjpeg.c``, ``src/channel-display-gst.c`` of spice-gtk; ``server/mjpeg-encoder.c``,
``server/gstreamer-encoder.c`` of spice-server; ITU-T T.81 B.2.4 for the tables.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from spiceproto import extras
from spiceproto.codecs import jpeg, ycbcr
from spiceproto.enums.display import VideoCodecType
from spiceproto.errors import LimitError, LocalError, RemoteError

__all__ = [
    "PIXELS",
    "AvDecoder",
    "AvEncoder",
    "Decoder",
    "Encoder",
    "MjpegDecoder",
    "MjpegEncoder",
    "MjpegTables",
    "decoder",
    "encoder",
]

Octets = bytes | bytearray | memoryview
Picture = NDArray[np.uint32]
T = TypeVar("T")

PIXELS: Final = 1 << 25
"""Pixels of one frame: 8K (7680 x 4320). Below the limit for images, as codecs keep several frames."""

HIGH_DEFINITION: Final = 577
"""Rows from which on the colour matrix is taken to be BT.709."""

MJPEG_QUALITY: Final = 50
"""The middle of the seven qualities between which the reference server moves (20 to 80)."""

MATRICES: Final = {1: ycbcr.BT709, 5: ycbcr.BT601, 6: ycbcr.BT601, 9: ycbcr.BT2020}
"""Matrix coefficients of ISO/IEC 23091-2, which H264, H265 and, translated by FFmpeg, VP9 may announce."""

FULL_RANGE: Final = 2
"""FFmpeg's number for luma 0 to 255; anything else is 16 to 235."""

FULL_RANGE_FORMATS: Final = frozenset({"yuvj420p", "yuvj422p", "yuvj444p"})
FORMATS: Final = FULL_RANGE_FORMATS | {"yuv420p", "yuv422p", "yuv444p"}
"""FFmpeg's names for three planes of bytes. Peers send 4:2:0; more bits a sample do not exist in SPICE."""

FIRST_PARAMETERS: Final = 32
"""The first type of units of H265 that are no part of a picture."""

DECODERS: Final[dict[int, str]] = {
    VideoCodecType.VP8: "vp8",
    VideoCodecType.H264: "h264",
    VideoCodecType.VP9: "vp9",
    VideoCodecType.H265: "hevc",
}

ENCODERS: Final[dict[int, tuple[str, dict[str, str]]]] = {
    # One frame in, one frame out: no look-ahead, no reordering, as the reference server sets its encoders.
    VideoCodecType.VP8: ("libvpx", {"deadline": "realtime", "cpu-used": "4", "lag-in-frames": "0"}),
    VideoCodecType.H264: ("libx264", {"preset": "ultrafast", "tune": "zerolatency"}),
    VideoCodecType.VP9: ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}),
    VideoCodecType.H265: ("libx265", {"preset": "ultrafast", "tune": "zerolatency", "x265-params": "log-level=none"}),
}


class Decoder(Protocol):
    """One stream's decoder. After an error it stays usable; frames may be damaged, or refused, until a key frame."""

    def decode(self, frame: Octets) -> list[Picture]:
        """The pictures that the frame completes, mostly one: ``uint32 (h, w)`` 0x00RRGGBB, top row first.

        :raises RemoteError: the frame is broken.
        :raises LimitError: more than :data:`PIXELS` pixels.
        """

    def learn(self, frame: Octets) -> int:
        """Take a frame of which nobody wants the pictures, for those that build on it: how many pixels were decoded.

        Raises as :meth:`decode`.
        """


class Encoder(Protocol):
    """One stream's encoder."""

    def encode(self, pixels: Picture) -> bytes:
        """The frame of a picture ``uint32 (h, w)`` 0x--RRGGBB, top row first.

        :raises LocalError: another dtype, shape or size.
        """


def decoder(codec_type: int, *, top_down: bool = True) -> Decoder:
    """A decoder for a new stream. ``top_down`` is the stream's flag.

    :raises RemoteError: no such codec.
    :raises MissingExtraError: the codec needs PyAV, which is not installed.
    """
    if codec_type == VideoCodecType.MJPEG:
        return MjpegDecoder(top_down=top_down)
    if codec_type not in DECODERS:
        raise RemoteError("unknown video codec", path="codec_type", expected="1 to 5", actual=str(codec_type))
    return AvDecoder(codec_type, top_down=top_down)


def encoder(codec_type: int, width: int, height: int, *, bit_rate: int = 4_000_000, fps: int = 30) -> Encoder:
    """An encoder for a new stream with TOP_DOWN set. ``bit_rate`` (bits a second) does not matter to MJPEG.

    :raises LocalError: no such codec, or a size it cannot have.
    :raises MissingExtraError: the codec needs PyAV, which is not installed.
    """
    if codec_type == VideoCodecType.MJPEG:
        return MjpegEncoder()
    return AvEncoder(codec_type, width, height, bit_rate=bit_rate, fps=fps)


class MjpegTables:
    """The tables that the frames of one stream have had, in segments of their own, by marker and number."""

    def __init__(self) -> None:
        self._tables: dict[tuple[int, int], bytes] = {}

    def older(self, frame: Octets) -> tuple[bytes, dict[tuple[int, int], bytes]]:
        """Segments that belong behind the first two bytes of a frame, for it lacks their tables; and those that it has.

        :raises RemoteError: it is no JPEG picture.
        """
        sent = _tables(frame)
        older = b"".join(
            b"\xff%c%b%b" % (kind, (len(table) + 2).to_bytes(2, "big"), table)
            for (kind, number), table in self._tables.items()
            if (kind, number) not in sent
        )
        return older, sent

    def keep(self, sent: dict[tuple[int, int], bytes]) -> None:
        """Remember tables that a frame has had."""
        self._tables.update(sent)


class MjpegDecoder:
    """Decodes frames that are JPEG pictures; remembers tables from frame to frame."""

    def __init__(self, *, top_down: bool = True) -> None:
        self._top_down = top_down
        self._tables = MjpegTables()

    def decode(self, frame: Octets) -> list[Picture]:
        """See :meth:`Decoder.decode`."""
        head = jpeg.header(frame)
        if head.width * head.height > PIXELS:
            raise LimitError("video frame too large", expected=f"at most {PIXELS} pixels", actual=f"{head.width}x{head.height}")
        older, sent = self._tables.older(frame)
        whole = b"".join((frame[:2], older, frame[2:])) if older else frame
        pixels = jpeg.decode(whole, fast=True)
        self._tables.keep(sent)
        return [pixels if self._top_down else np.ascontiguousarray(pixels[::-1])]

    def learn(self, frame: Octets) -> int:
        """See :meth:`Decoder.learn`: the tables are all that others need."""
        self._tables.keep(_tables(frame))
        return 0


def _tables(frame: Octets) -> dict[tuple[int, int], bytes]:
    """The tables before the first scan, each as the body of a segment of its own, by marker and number.

    What does not parse is left out: the decoder will say what is wrong with it.
    """
    found: dict[tuple[int, int], bytes] = {}
    for marker, start, end in jpeg.segments(frame):
        if marker not in (jpeg.DHT, jpeg.DQT):
            continue
        body = bytes(frame[start:end]).lstrip(b"\xff")[3:]
        while body:
            # A Huffman table has 16 counts and the values they count, a quantisation table 64 bytes or words.
            length = (17 + sum(body[1:17])) if marker == jpeg.DHT else (129 if body[0] >> 4 else 65)
            number = body[0] & (0x1F if marker == jpeg.DHT else 0x0F)
            if length > len(body) or number & 0x0F > 3:
                break
            found[marker, number] = body[:length]
            body = body[length:]
    return found


class MjpegEncoder:
    """Encodes each picture as one JPEG picture with all its tables."""

    def __init__(self, quality: int = MJPEG_QUALITY) -> None:
        self.quality = quality

    def encode(self, pixels: Picture) -> bytes:
        """See :meth:`Encoder.encode`."""
        return jpeg.encode(pixels, self.quality, fast=True)


def _matrix(height: int, announced: int = 0) -> ycbcr.Matrix:
    by_height = ycbcr.BT709 if height >= HIGH_DEFINITION else ycbcr.BT601
    return MATRICES.get(announced, by_height)


def _has_slice(frame: Octets) -> bool:
    """Whether an access unit of H265 has a part of a picture: a unit whose type is below 32 (ITU-T H.265, table 7-1)."""
    return any(unit and unit[0] >> 1 & 0x3F < FIRST_PARAMETERS for unit in bytes(frame).split(b"\0\0\1")[1:])


class AvDecoder:
    """Decodes VP8, VP9, H264 and H265 with FFmpeg."""

    def __init__(self, codec_type: int, *, top_down: bool = True) -> None:
        self._av: Any = extras.load("av", "this video codec")
        self._top_down = top_down
        self._codec_type = codec_type
        self._seen = False  # whether there was a picture
        if codec_type not in DECODERS:
            raise LocalError("not a codec of FFmpeg's", expected="2 to 5", actual=str(codec_type))
        context = self._av.CodecContext.create(DECODERS[codec_type], "r")
        # Pictures come out at once and in order of arrival; threads would hold back as many as there are.
        context.thread_count = 1
        context.options = {"flags": "low_delay", "max_pixels": str(PIXELS)}
        self._context = context

    def decode(self, frame: Octets) -> list[Picture]:
        """See :meth:`Decoder.decode`."""
        return self._each(frame, self._picture)

    def learn(self, frame: Octets) -> int:
        """See :meth:`Decoder.learn`."""
        return sum(self._each(frame, lambda decoded: int(decoded.width * decoded.height)))

    def _each(self, frame: Octets, use: Callable[[Any], T]) -> list[T]:
        """What becomes of FFmpeg's pictures of a frame."""
        if not len(frame):
            # An empty packet would mean the end of the stream to FFmpeg, after which it takes no more.
            raise RemoteError("an empty video frame")
        try:
            pictures = self._context.decode(self._av.Packet(bytes(frame)))
            if not (pictures or self._seen) and self._codec_type == VideoCodecType.H265 and _has_slice(frame):
                raise ValueError("FFmpeg passed over it")
            self._seen = self._seen or bool(pictures)
            return [use(decoded) for decoded in pictures]
        except (self._av.FFmpegError, ValueError, MemoryError) as error:
            what = "broken video frame" if self._seen else "a video frame before the first that needs no other"
            raise RemoteError(what, actual=getattr(error, "strerror", None) or str(error)) from error

    def _picture(self, frame: Any) -> Picture:
        name = frame.format.name
        if name not in FORMATS:
            raise RemoteError("video with a pixel format that SPICE does not use", actual=name)
        planes = [
            np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width] for plane in frame.planes
        ]
        # FFmpeg says BT.601 for every VP8 frame, as the format's specification does; GStreamer looks at the height.
        announced = 0 if self._codec_type == VideoCodecType.VP8 else int(frame.colorspace)
        full = name in FULL_RANGE_FORMATS or int(frame.color_range) == FULL_RANGE
        pixels = ycbcr.to_rgb(planes[0], planes[1], planes[2], _matrix(frame.height, announced), full=full)
        return pixels if self._top_down else np.ascontiguousarray(pixels[::-1])


class AvEncoder:
    """Encodes VP8, VP9, H264 and H265 with FFmpeg, one frame out for each picture in."""

    def __init__(self, codec_type: int, width: int, height: int, *, bit_rate: int = 4_000_000, fps: int = 30) -> None:
        self._av: Any = extras.load("av", "this video codec")
        if codec_type not in ENCODERS:
            raise LocalError("not a codec of FFmpeg's", expected="2 to 5", actual=str(codec_type))
        if width < 1 or height < 1 or width * height > PIXELS:
            raise LocalError("frame size", expected=f"1 to {PIXELS} pixels", actual=f"{width}x{height}")
        name, options = ENCODERS[codec_type]
        self._shape = (height, width)
        self._number = 0
        try:
            context = self._av.CodecContext.create(name, "w")
            context.width, context.height, context.pix_fmt = width, height, "yuv420p"
            context.bit_rate, context.framerate = bit_rate, fps
            context.time_base = Fraction(1, fps)
            context.thread_count = 1
            context.options = dict(options)
            context.open()
        except (self._av.FFmpegError, ValueError) as error:
            raise LocalError("FFmpeg has no such encoder", expected=name, actual=str(error)) from error
        self._context = context

    def encode(self, pixels: Picture) -> bytes:
        """See :meth:`Encoder.encode`."""
        if pixels.dtype != np.uint32 or pixels.shape != self._shape:
            raise LocalError(
                "not a picture of this stream",
                expected=f"uint32 {self._shape}",
                actual=f"{pixels.dtype} {pixels.shape}",
            )
        height, width = self._shape
        frame = self._av.VideoFrame(width, height, "yuv420p")
        for plane, values in zip(frame.planes, ycbcr.from_rgb(pixels, _matrix(height)), strict=True):
            rows = np.zeros((plane.buffer_size // plane.line_size, plane.line_size), np.uint8)
            rows[: values.shape[0], : values.shape[1]] = values
            plane.update(rows.tobytes())
        frame.pts, self._number = self._number, self._number + 1
        try:
            return b"".join(bytes(packet) for packet in self._context.encode(frame))
        except self._av.FFmpegError as error:
            raise LocalError("FFmpeg cannot encode the picture", actual=str(error)) from error
