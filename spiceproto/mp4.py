"""Pictures in MP4 files: H.264, each picture from its own time on.

One that is not as large as those before begins a new file, as in :mod:`spiceproto.wav`. What is written can be played once
the file is closed: its table of contents comes last.

FFmpeg converts colours; as it takes the last columns of widths that are no multiple of 8 from nowhere
(:mod:`spiceproto.codecs.ycbcr`), it is given wider pictures, and what was added is left out again.
"""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto import extras
from spiceproto.errors import LocalError

__all__ = ["Writer"]

CODEC: Final = "libx264"
SHARPNESS: Final = {"preset": "ultrafast", "crf": "18"}
"""As good as eyes can tell; files are larger than they could be, as the session goes on meanwhile."""

COLOURS: Final = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "color_range": "tv"}
MATRIX: Final = "ITU709"

TICKS: Final = 1000
"""A second, in what times are written in."""

RATE: Final = 60
"""Pictures a second that a file announces; the times of pictures are their own."""

_WHOLE: Final = 8


class Writer:
    """Writes pictures; the second file is ``NAME-2.mp4``, and so on. ``files`` are those that were begun.

    Raises MissingExtraError without PyAV, and OSError for a file that can not be written.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.files: list[Path] = []
        self._av: Any = extras.load("av", "a film as MP4")
        self.path.write_bytes(b"")  # who can not write learns it now, and not with the first picture
        self._shape: tuple[int, ...] = ()
        self._container: Any = None
        self._stream: Any = None
        self._since = 0.0
        self._last = -1
        self._picture: NDArray[np.uint8] | None = None

    def add(self, picture: NDArray[np.uint8], seconds: float) -> None:
        """A picture ``uint8 (h, w, 3)``, red first, that is shown from this time on; times run on, from any beginning.

        One that has the time of the one before, to the millisecond, is left out. Raises LocalError if it can not be written.
        """
        if self._container is None or picture.shape != self._shape:
            self.close(seconds)
            self._open(picture.shape, seconds)
        self._write(picture, seconds)
        self._picture = picture

    def close(self, seconds: float | None = None) -> None:
        """The file is whole. The last picture is shown until ``seconds``. Raises LocalError if it can not be written."""
        if self._container is None:
            return
        if seconds is not None and self._picture is not None:
            self._write(self._picture, seconds)
        self._mux(None)
        container, self._container, self._picture = self._container, None, None
        try:
            container.close()
        except (self._av.FFmpegError, OSError) as error:
            raise _failure(error) from error

    def _open(self, shape: tuple[int, ...], seconds: float) -> None:
        number = len(self.files) + 1
        path = self.path if number == 1 else self.path.with_name(f"{self.path.stem}-{number}{self.path.suffix}")
        height, width = shape[:2]
        try:
            self._container = self._av.open(str(path), "w", format="mp4")
            self._stream = self._container.add_stream(CODEC, rate=RATE, options=SHARPNESS | COLOURS)
        except (self._av.FFmpegError, OSError, ValueError) as error:
            self._container = None
            raise _failure(error) from error
        self.files.append(path)
        # 4:2:0 has colours for two columns, and for two rows.
        self._stream.width, self._stream.height = _up(width, 2), _up(height, 2)
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, TICKS)
        self._shape, self._since, self._last = shape, seconds, -1

    def _write(self, picture: NDArray[np.uint8], seconds: float) -> None:
        time = math.floor((seconds - self._since) * TICKS)
        if time <= self._last:
            return
        self._last = time
        frame = self._frame(picture)
        frame.pts, frame.time_base = time, Fraction(1, TICKS)
        self._mux(frame)

    def _mux(self, frame: Any) -> None:
        try:
            for packet in self._stream.encode(frame):
                self._container.mux(packet)
        except (self._av.FFmpegError, OSError) as error:
            self._container = self._picture = None  # nothing of this file can be finished
            raise _failure(error) from error

    def _frame(self, picture: NDArray[np.uint8]) -> Any:
        """A picture as FFmpeg's, with sides that 4:2:0 can have."""
        height, width = picture.shape[:2]
        larger = ((0, _up(height, 2) - height), (0, _up(width, _WHOLE) - width), (0, 0))
        whole = np.ascontiguousarray(np.pad(picture, larger, mode="edge") if any(map(any, larger)) else picture)
        frame = self._av.VideoFrame.from_ndarray(whole, format="rgb24").reformat(format="yuv420p", dst_colorspace=MATRIX)
        if frame.width == self._stream.width:
            return frame
        narrower = self._av.VideoFrame(self._stream.width, self._stream.height, "yuv420p")
        for source, target in zip(frame.planes, narrower.planes, strict=True):
            rows = np.zeros((target.height, target.line_size), np.uint8)
            pixels = np.frombuffer(source, np.uint8).reshape(-1, source.line_size)
            rows[:, : target.width] = pixels[: target.height, : target.width]
            target.update(rows)
        return narrower


def _up(value: int, unit: int) -> int:
    """The next multiple."""
    return -(-value // unit) * unit


def _failure(error: Exception) -> LocalError:
    return LocalError("a film can not be written", actual=getattr(error, "strerror", None) or str(error))
