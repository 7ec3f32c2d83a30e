"""PPM files, in which programs save what their screens show."""

from __future__ import annotations

from pathlib import Path

__all__ = ["as_png"]


def as_png(source: Path, path: Path) -> None:
    """Write the picture of a PPM file (P6, 8 bits a colour) as a PNG file. Raises ValueError for another file."""
    # A picture is asked for in few runs, and numpy takes a while.
    import numpy as np

    from spiceproto import png

    data = source.read_bytes()
    words = data.split(maxsplit=4)
    if len(words) != 5 or words[0] != b"P6" or words[3] != b"255":
        raise ValueError(f"no PPM file of 8 bits a colour: {data[:16]!r}")
    width, height = int(words[1]), int(words[2])
    pixels = data[len(data) - 3 * width * height :]
    path.write_bytes(png.encode(np.frombuffer(pixels, np.uint8).reshape(height, width, 3)))
