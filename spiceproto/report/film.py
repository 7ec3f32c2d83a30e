"""A film of a display: GIF through Pillow, MP4 through PyAV. All frames have the size of the first."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiceproto.errors import MissingExtraError

__all__ = ["Film"]

GIF_FRAMES = 2000
"""A GIF is made in memory; longer films need MP4."""


class Film:
    """One file. ``add`` takes ``uint8 (h, w, 3)`` RGB; ``close`` finishes it."""

    def __init__(self, path: Path, format: str, rate: float) -> None:
        self._path = path
        self._rate = rate
        self._frames: list[Any] = []
        self._size: tuple[int, int] | None = None
        self._container: Any = None
        self._stream: Any = None
        if format == "mp4":
            try:
                import av
            except ModuleNotFoundError:
                raise MissingExtraError("MP4 needs PyAV", expected="pip install 'spiceproto[video]'") from None
            self._container = av.open(str(path), "w")

    def add(self, picture: NDArray[np.uint8]) -> None:
        """One frame."""
        if self._size is None:
            height, width = picture.shape[:2]
            even = 2 if self._container is not None else 1  # H.264 wants even sizes
            self._size = (-(-height // even) * even, -(-width // even) * even)
        frame = np.zeros((*self._size, 3), np.uint8)
        height, width = min(self._size[0], picture.shape[0]), min(self._size[1], picture.shape[1])
        frame[:height, :width] = picture[:height, :width]
        if self._container is None:
            if len(self._frames) < GIF_FRAMES:
                from PIL import Image

                self._frames.append(Image.fromarray(frame).quantize(256))
            return
        import av

        if self._stream is None:
            self._stream = self._container.add_stream("libx264", rate=Fraction(self._rate).limit_denominator(1000))
            self._stream.height, self._stream.width = self._size
            self._stream.pix_fmt = "yuv420p"
        for packet in self._stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")):
            self._container.mux(packet)

    def close(self) -> None:
        """Write what is left."""
        if self._container is not None:
            if self._stream is not None:
                for packet in self._stream.encode(None):
                    self._container.mux(packet)
            self._container.close()
        elif self._frames:
            first, *rest = self._frames
            first.save(self._path, save_all=True, append_images=rest, duration=int(1000 / self._rate), loop=0)
