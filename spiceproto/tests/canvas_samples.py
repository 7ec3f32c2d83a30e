"""Pictures and paths that do not depend on a random generator's version, and their digests."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

REFERENCE = Path(__file__).parent / "data" / "canvas_reference.json"
"""Digests of what pixman 0.42.2 and ``lines.c`` of spice-common made of the samples below, by the name of the case."""


def numbers(count: int, seed: int) -> NDArray[np.uint32]:
    """Well-mixed 32-bit numbers (the finaliser of MurmurHash3 over a count)."""
    value: Any = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed * 0x85EBCA6B & 0xFFFFFFFF)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        value = (value ^ value >> np.uint32(shift)) * np.uint32(factor)
    out: NDArray[np.uint32] = value ^ value >> np.uint32(16)
    return out


def picture(width: int, height: int, seed: int) -> NDArray[np.uint32]:
    """Premultiplied 0xAARRGGBB, with many pixels of alpha 0 and 255."""
    count = width * height
    alpha = numbers(count, seed) >> np.uint32(20) & np.uint32(0x3FF)
    alpha = np.clip(alpha.astype(np.int64) - 384, 0, 255).astype(np.uint32)
    out = alpha << np.uint32(24)
    for plane, shift in enumerate((16, 8, 0), 1):
        part = (numbers(count, seed + 100 * plane) >> np.uint32(8)) % (alpha + np.uint32(1))
        out |= part << np.uint32(shift)
    return out.reshape(height, width)


def path(case: int) -> tuple[list[tuple[int, int]], list[int], int, int]:
    """Points, style (empty: solid), offset of the style, raster operation."""
    n = numbers(64, 1000 + case).tolist()
    reach = (40, 90, 400)[case % 3]
    points = [(n[2 * i] % reach - reach // 5, n[2 * i + 1] % reach - reach // 5) for i in range(2 + n[60] % 5)]
    if n[61] % 3 == 0:
        points.append(points[0])
    if case % 2 == 0:
        return points, [], 0, 3
    style = [1 + n[50 + i] % (4, 17, 255)[n[62] % 3] for i in range(1 + n[59] % 4)]
    return points, style, style[0] if n[58] % 3 == 0 else 0, 6 if n[57] % 2 else 3


def digest(array: NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]


def reference() -> dict[str, str]:
    found: dict[str, str] = json.loads(REFERENCE.read_text())
    return found
