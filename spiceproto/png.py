"""PNG files (ISO 15948), written and read with what Python has."""

from __future__ import annotations

import zlib
from struct import pack, unpack_from
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["decode", "encode"]

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_RGB, _RGBA = 2, 6
_BYTES: Final = {_RGB: 3, _RGBA: 4}
"""Type of colours to the bytes of a pixel: those that are read."""
_LEVEL: Final = 6
_PIXELS: Final = 1 << 26
"""Of a picture that is read: more than any screen has."""

_NONE, _SUB, _UP, _AVERAGE, _PAETH = range(5)
"""Types of filters: a row as it is, as differences from the pixels to the left, from those above, from both, from the nearest
of three."""


def encode(picture: NDArray[np.uint8]) -> bytes:
    """The file of a picture ``uint8 (h, w, 3)``, red first, with at least one pixel; ``(h, w, 4)`` has alpha behind blue."""
    height, width, size = picture.shape
    header = pack(">LLBBBBB", width, height, 8, _RGBA if size == _BYTES[_RGBA] else _RGB, 0, 0, 0)
    body = zlib.compress(_filtered(picture.reshape(height, -1), size), _LEVEL)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return pack(">L", len(data)) + name + data + pack(">L", zlib.crc32(name + data))


def _filtered(rows: NDArray[np.uint8], size: int) -> bytes:
    """Each row, of pixels of so many bytes, by the filter that leaves the smallest differences; before it which one that is."""
    found = np.empty((3, *rows.shape), np.uint8)
    found[_NONE] = rows
    found[_SUB, :, :size], found[_SUB, :, size:] = rows[:, :size], rows[:, size:] - rows[:, :-size]
    found[_UP, :1], found[_UP, 1:] = rows[:1], rows[1:] - rows[:-1]
    cost = np.abs(found.view(np.int8), dtype=np.int16).sum(axis=2, dtype=np.int64)
    best = cost.argmin(axis=0)
    chosen = found[best, np.arange(len(rows))]
    return np.column_stack([best.astype(np.uint8), chosen]).tobytes()


def decode(data: bytes) -> NDArray[np.uint8]:
    """The picture of a file, ``uint8 (h, w, 3)``, red first; alpha is left out. Raises ValueError.

    What screens are saved as is read: 8 bits a colour, with alpha or without, not interlaced.
    """
    try:
        width, height, bits, kind, rows = _parts(data)
    except zlib.error as error:
        raise ValueError(f"no PNG file: {error}") from None
    if bits != 8 or kind not in _BYTES:
        raise ValueError(f"a PNG file of {bits} bits a colour, kind {kind}, and not of 8, RGB or RGBA")
    size = _BYTES[kind]
    if len(rows) != height * (1 + width * size):
        raise ValueError(f"a PNG file of {width} x {height} pixels with {len(rows)} bytes")
    coded = np.frombuffer(rows, np.uint8).reshape(height, 1 + width * size)
    found = np.empty((height, width, size), np.uint8)
    above = np.zeros((width, size), np.uint8)
    for number, row in enumerate(coded):
        above = found[number] = _unfiltered(int(row[0]), row[1:].reshape(width, size), above)
    return np.ascontiguousarray(found[..., :3])


def _parts(data: bytes) -> tuple[int, int, int, int, bytes]:
    """Width, height, bits, kind of colours, and the rows behind their filters."""
    if data[:8] != _SIGNATURE or data[12:16] != b"IHDR" or len(data) < 33:
        raise ValueError("no PNG file")
    width, height, bits, kind, _, _, interlaced = unpack_from(">LLBBBBB", data, 16)
    if interlaced or not 0 < width * height <= _PIXELS:
        raise ValueError(f"a PNG file of {width} x {height} pixels, {'interlaced' if interlaced else 'plain'}")
    packed, at = bytearray(), 33
    while data[at + 4 : at + 8] != b"IEND":
        (length,) = unpack_from(">L", data[at : at + 4].ljust(4, b"\xff"))
        if at + length > len(data):
            raise ValueError("a PNG file that ends early")
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += 12 + length
    return width, height, bits, kind, zlib.decompressobj().decompress(bytes(packed), height * (1 + width * 8) + 1)


def _unfiltered(filter: int, row: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if filter == _NONE:
        return row
    if filter == _SUB:
        return np.cumsum(row, axis=0, dtype=np.uint8)
    if filter == _UP:
        return row + above
    if filter not in (_AVERAGE, _PAETH):
        raise ValueError(f"a filter of a PNG file is 0 to 4, not {filter}")
    found = np.empty_like(row)
    for channel in range(row.shape[1]):
        left = corner = 0
        for column, (coded, up) in enumerate(zip(row[:, channel].tolist(), above[:, channel].tolist(), strict=True)):
            left = coded + (left + up >> 1 if filter == _AVERAGE else _nearest(left, up, corner)) & 0xFF
            corner = up
            found[column, channel] = left
    return found


def _nearest(left: int, up: int, corner: int) -> int:
    """That of the three which is nearest to left + up - corner."""
    guess = left + up - corner
    return min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
