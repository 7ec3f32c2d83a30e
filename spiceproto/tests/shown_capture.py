"""A capture that has something for every pane of a page: sound with a pause, two shapes, a film, a file, something copied."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace

from spiceproto.codecs import jpeg_stream
from spiceproto.codecs.video import MjpegEncoder
from spiceproto.enums.agent import ClipboardType
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.messages import agent, common, cursor, display, playback
from spiceproto.messages.cursor import Cursor, CursorHeader
from spiceproto.messages.geometry import Point16
from spiceproto.tests.test_extraction import PORTS, Said, agent_said, made, transfer
from spiceproto.tests.test_video import NUMBER, create, frame, report

__all__ = ["COLOURS", "OPTIONS", "SIDE", "capture", "film", "sound"]

OPTIONS = tuple([option for name, number in PORTS.items() for option in ("--decode-as", f":{number}={name}")])

COLOURS = (0xFF0000, 0x00FF00, 0x0000FF, 0xFFFF00)
"""Of the frames of the film."""

SIDE = 64

_RATE = 8000
_PIECE = 800
"""Frames of sound in 100 ms, the length of each DATA."""


def capture(folder: Path) -> Path:
    """The file."""
    return made(folder, main=_main(), display=film(), cursor=_cursor(), playback=sound())


def without_tables(picture: bytes) -> bytes:
    """A JPEG picture without its Huffman tables."""
    cut = [(item.start, item.end) for item in jpeg_stream.segments(picture) if item.marker == jpeg_stream.DHT]
    for start, end in reversed(cut):
        picture = picture[:start] + picture[end:]
    return picture


def film() -> Said:
    """Four frames, 40 ms apart but for the last, which comes a second late; of the third and fourth some were dropped."""
    coded = [MjpegEncoder(90).encode(np.full((SIDE, SIDE), colour, np.uint32)) for colour in COLOURS]
    frames = [coded[0], *map(without_tables, coded[1:])]
    times = (7000, 7040, 7080, 8080)
    said = replace(report(frames=4, drops=2), start_frame_mm_time=7080, end_frame_mm_time=8080)
    return [
        ("server", create()),
        *[("server", frame(time, data)) for time, data in zip(times, frames, strict=True)],
        ("client", said),
        ("server", display.StreamDestroy(NUMBER)),
        ("server", common.Ping(1, 5, b"")),
        ("client", common.Pong(1, 5)),
        ("server", common.SetAck(1, 20)),
    ]


def sound() -> Said:
    """A second of 400 Hz; a pause of two; half a second; then 300 ms that nobody stopped for, and half a second."""
    start = playback.Start(channels=1, format=AudioFmt.S16, frequency=_RATE, time=0)
    said: list[Any] = [playback.Mode(0, AudioDataMode.RAW, b""), start]
    for begin, count, stops in ((1000, 10, True), (4000, 5, False), (4800, 5, True)):
        said += [playback.Data(begin + 100 * piece, _tone(piece)) for piece in range(count)]
        said += [playback.Stop(), start] if stops else []
    return [("server", value) for value in said]


def _tone(piece: int) -> bytes:
    at = np.arange(piece * _PIECE, (piece + 1) * _PIECE)
    return bytes(np.rint(16000 * np.sin(2 * np.pi * 400 * at / _RATE)).astype("<i2").data)


def _shape(flags: int, unique: int, x: int, *colours: int) -> Cursor:
    data = b"" if flags & CursorFlags.FROM_CACHE else struct.pack("<4L", *colours)
    header = CursorHeader(unique=unique, type=CursorType.ALPHA, width=2, height=2, hot_spot_x=x, hot_spot_y=1)
    return Cursor(CursorFlags(flags), header, data)


def _cursor() -> Said:
    one = 0xFFFF0000, 0x80400000, 0, 0xFF00FF00
    values = [
        cursor.Set(Point16(1, 1), 1, _shape(CursorFlags.CACHE_ME, 7, 0, *one)),
        cursor.Set(Point16(1, 1), 1, _shape(0, 0, 1, 0xFF0000FF, 0xFF0000FF, 0xFF0000FF, 0xFF0000FF)),
        cursor.Hide(),
        cursor.Set(Point16(1, 1), 1, _shape(CursorFlags.FROM_CACHE, 7, 0)),
    ]
    return [("server", value) for value in values]


def _main() -> Said:
    return [
        *transfer(b"abc", b"defg", size=7, name="letter.txt"),
        agent_said("client", agent.ClipboardGrab((ClipboardType.UTF8_TEXT,))),
        agent_said("server", agent.ClipboardRequest(ClipboardType.UTF8_TEXT)),
        agent_said("client", agent.Clipboard(ClipboardType.UTF8_TEXT, b"copied <b>text</b>")),
        *transfer(b"ab", size=9, name="<img src=x onerror=alert(1)>")[:2],
    ]
