"""Streams from real sessions, and what the reference made of them.

``data/codecs/index.json`` lists the files: kind, size and, for pictures, the SHA-256 of the colours as little-endian
0x00RRGGBB words, top row first. Those of bitmaps and LZ4 come from the server's own screen, those of JPEG and
JPEG_ALPHA from the picture that spice-gtk 0.42 showed, those of MJPEG from libjpeg-turbo 2.1.5 with spice-gtk's
settings for video. Files of kinds vp8 and opus hold several messages, each behind its length as u16le.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray

from spiceproto import extras
from spiceproto.errors import MissingExtraError

FOLDER = Path(__file__).parent / "data" / "codecs"
INDEX: list[dict[str, Any]] = json.loads((FOLDER / "index.json").read_text())


def samples(kind: str) -> list[dict[str, Any]]:
    """The entries of one kind, each with its bytes under ``data``."""
    return [{**entry, "data": (FOLDER / entry["file"]).read_bytes()} for entry in INDEX if entry["kind"] == kind]


def messages(data: bytes) -> list[bytes]:
    """Cut a file of several messages."""
    found = []
    while data:
        end = 2 + int.from_bytes(data[:2], "little")
        found.append(data[2:end])
        data = data[end:]
    return found


def needs_pyav() -> None:
    """Skip the test where PyAV is not installed."""
    try:
        extras.load("av", "this test")
    except MissingExtraError as error:
        pytest.skip(str(error))


def colours_sha256(pixels: NDArray[Any]) -> str:
    return hashlib.sha256((pixels & 0xFFFFFF).astype("<u4").tobytes()).hexdigest()
