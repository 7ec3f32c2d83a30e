"""What every report of a capture says at its end of video and of sound."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from spiceproto import dispatch
from spiceproto.capture.decode import Decoder
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.display import VideoCodecType
from spiceproto.messages import display, playback, record
from spiceproto.report.framed import FramedReport
from spiceproto.report.jsonl import JsonReport
from spiceproto.report.text import TextReport
from spiceproto.report.tree import TreeReport
from spiceproto.tests.capture_samples import SERVER, Talk, ethernet, pcap
from spiceproto.tests.test_video import NUMBER, SIDE, create, frame, report

PORTS = {"display": 5900, "playback": 5901, "record": 5902}
LINES = [TextReport, FramedReport, TreeReport]
RATE = 48000

Said = tuple[str, Any]
"""Who said it; a value, or number and body of a message."""


def sized(data: bytes) -> display.StreamDataSized:
    base, box = display.StreamDataHeader(NUMBER, 0), create().dest
    return display.StreamDataSized(base=base, width=1, height=1, dest=box, data=data)


def stream(codec: VideoCodecType, width: int, height: int) -> display.StreamCreate:
    return msgspec.structs.replace(create(codec), stream_width=width, stream_height=height)


def capture(folder: Path, **channels: Sequence[Said]) -> Path:
    """A connection for each channel, and what is said on it."""
    packets: list[bytes] = []
    for table, said in channels.items():
        talk = Talk(server=(SERVER[0], PORTS[table]))
        talk.open()
        for sender, what in said:
            number, body = what if isinstance(what, tuple) else dispatch.build(table, sender, what)
            talk.send(sender == "client", struct.pack("<HI", number, len(body)) + body)
        talk.close()
        packets += talk.packets
    path = folder / "made.pcap"
    path.write_bytes(pcap(map(ethernet, packets)))
    return path


def reported(kind: Any, path: Path) -> list[str]:
    out = io.StringIO()
    told = kind(out)
    named: dict[tuple[str | None, int], str] = {(None, port): table for table, port in PORTS.items()}
    decoder = Decoder(str(path), told, decode_as=named)
    told.begin(decoder, str(path))
    decoder.run()
    told.end(None)
    return out.getvalue().splitlines()


def summed(kind: Any, path: Path) -> list[str]:
    """Its lines on video and sound."""
    return [line.removeprefix("-- ") for line in reported(kind, path) if line.startswith(("-- video", "-- sound"))]


def footer(path: Path) -> Any:
    return json.loads(reported(JsonReport, path)[-1])


VIDEO = (
    ("server", stream(VideoCodecType.MJPEG, SIDE, SIDE)),
    ("server", frame(0, bytes(100))),
    ("server", sized(bytes(11))),
    # These two are a run: nobody looks at each of them alone.
    ("client", report()),
    ("client", report()),
    ("server", stream(VideoCodecType.MJPEG, 2, 4)),
    ("server", frame(0, bytes(1000))),
    ("server", display.StreamDestroy(NUMBER)),
    ("server", stream(VideoCodecType.VP8, 320, 200)),
    ("server", frame(0, bytes(7))),
    ("client", report()),
    ("server", (123, b"\1")),
)

RAW = bytes(2 * 2 * RATE // 100)
"""Ten milliseconds."""

OPUS = b"\xfc\xff\xfe"
"""A packet of 20 ms."""

PLAYED = (
    ("server", playback.Mode(0, AudioDataMode.RAW, b"")),
    ("server", playback.Start(channels=1, format=AudioFmt.S16, frequency=RATE // 2, time=0)),
    ("server", playback.Start(channels=2, format=AudioFmt.S16, frequency=RATE, time=0)),
    *[("server", playback.Data(0, RAW))] * 3,
    ("server", playback.Mode(0, AudioDataMode.OPUS, b"")),
    *[("server", playback.Data(0, OPUS))] * 2,
    ("server", playback.Data(0, b"")),
)

HEARD = (
    ("client", record.Data(0, RAW)),
    ("client", record.Mode(0, AudioDataMode.RAW, b"")),
    ("server", record.Start(channels=2, format=AudioFmt.S16, frequency=RATE)),
    ("client", record.Data(0, RAW)),
)


@pytest.mark.parametrize("kind", LINES)
def test_video(tmp_path: Path, kind: Any) -> None:
    """A line for each codec; what is malformed is not counted, and a client's report counts for the stream it is about."""
    assert summed(kind, capture(tmp_path, display=VIDEO)) == [
        f"video on connection 1, display:0: MJPEG 2x4 to {SIDE}x{SIDE}, 2 streams, 3 frames of 1111 bytes, 2 reports",
        "video on connection 1, display:0: VP8 320x200, 1 stream, 1 frame of 7 bytes, 1 report",
    ]


@pytest.mark.parametrize("kind", LINES)
def test_video_that_had_begun(tmp_path: Path, kind: Any) -> None:
    assert summed(kind, capture(tmp_path, display=VIDEO[1:5])) == [
        "video on connection 1, display:0: codec not seen, 0 streams, 2 frames of 111 bytes, 2 reports"
    ]


@pytest.mark.parametrize("kind", LINES)
def test_sound(tmp_path: Path, kind: Any) -> None:
    """A line for each mode and format; what a packet says nothing of has no seconds."""
    assert summed(kind, capture(tmp_path, playback=PLAYED, record=HEARD)) == [
        f"sound on connection 1, playback:0: RAW, 2 x {RATE} Hz, 3 packets of {3 * len(RAW)} bytes, 0.030 s",
        f"sound on connection 1, playback:0: OPUS, 2 x {RATE} Hz, 3 packets of {2 * len(OPUS)} bytes, 0.040 s",
        f"sound on connection 2, record:0: mode not seen, format not seen, 1 packet of {len(RAW)} bytes, 0.000 s",
        f"sound on connection 2, record:0: RAW, 2 x {RATE} Hz, 1 packet of {len(RAW)} bytes, 0.010 s",
    ]


def test_json_lines_have_both_in_the_footer(tmp_path: Path) -> None:
    found = footer(capture(tmp_path, display=VIDEO, playback=PLAYED))
    assert found["video"][0] == {
        "connection": 1,
        "channel": "display:0",
        "codec": "MJPEG",
        "streams": 2,
        "least": [2, 4],
        "most": [SIDE, SIDE],
        "frames": 3,
        "bytes": 1111,
        "reports": 2,
    }
    assert found["sound"][1] == {
        "connection": 2,
        "channel": "playback:0",
        "mode": "OPUS",
        "channels": 2,
        "frequency": RATE,
        "packets": 3,
        "bytes": 2 * len(OPUS),
        "seconds": 0.04,
    }
    assert (len(found["video"]), len(found["sound"])) == (2, 2)


def test_nothing_is_said_where_there_is_none(tmp_path: Path) -> None:
    path = capture(tmp_path, display=[("server", display.Mark())], playback=[("server", playback.Stop())])
    assert summed(TextReport, path) == []
    assert (footer(path)["video"], footer(path)["sound"]) == ([], [])


def test_formats_and_streams_without_end_are_bounded(tmp_path: Path) -> None:
    """Memory does not grow with what is made up."""
    start = [playback.Start(channels=2, format=AudioFmt.S16, frequency=number, time=0) for number in range(1, 101)]
    played = [("server", item) for frequency in start for item in (frequency, playback.Data(0, b"1234"))]
    created = [("server", msgspec.structs.replace(create(), id=number)) for number in range(2000)]
    frames = [("server", display.StreamData(display.StreamDataHeader(number, 0), b"1")) for number in range(2000)]
    found = footer(capture(tmp_path, display=[*created, *frames], playback=played))
    assert len(found["sound"]) == 33 and sum(item["packets"] for item in found["sound"]) == 100
    assert [(item["codec"], item["streams"], item["frames"]) for item in found["video"]] == [
        ("MJPEG", 2000, 1024),
        (None, 0, 976),
    ]
