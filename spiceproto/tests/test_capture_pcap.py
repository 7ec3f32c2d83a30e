"""The file formats: byte orders, clocks, interfaces, cut and damaged files."""

from __future__ import annotations

import gzip
import io
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from spiceproto.capture.events import Closed, Data, Opened, read
from spiceproto.capture.limits import RECORD
from spiceproto.capture.streams import Capture
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.tests.capture_samples import (
    Recorder,
    Result,
    block,
    enhanced,
    ethernet,
    interface,
    pcap,
    pcapng,
    section,
    spice_talk,
)

PACKETS, SENT, RECEIVED = spice_talk()
FRAMES = [ethernet(packet) for packet in PACKETS]
START = 1_700_000_000


def check(data: bytes) -> Recorder:
    sink = Result(data).only
    assert (sink.client, sink.server, sink.gaps, sink.problems) == (SENT, RECEIVED, [], [])
    return sink


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("nano", [False, True])
def test_pcap_complete(order: str, nano: bool) -> None:
    sink = check(pcap(FRAMES, order=order, nano=nano))
    unit = 1 if nano else 1000
    assert sink.pieces[0][2:] == (START * 10**9 + 4 * unit, 4)
    assert [piece[3] for piece in sink.pieces] == sorted(piece[3] for piece in sink.pieces)


@pytest.mark.parametrize("order", "<>")
def test_pcap_modified_record_header(order: str) -> None:
    check(pcap(FRAMES, order=order, modified=True))


@pytest.mark.parametrize("order", "<>")
def test_pcapng_complete(order: str) -> None:
    sink = check(pcapng(FRAMES, order=order))
    assert sink.pieces[0][2:] == (START * 10**9 + 4000, 4)


class _Dribble(io.RawIOBase):
    """Gives one byte at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, 1))


@pytest.mark.parametrize("data", [pcap(FRAMES), pcapng(FRAMES), gzip.compress(pcap(FRAMES))])
def test_file_byte_by_byte(data: bytes) -> None:
    sinks: list[Recorder] = []
    Capture(_Dribble(data)).run(lambda connection: sinks.append(Recorder(connection)) or sinks[-1])  # type: ignore[func-returns-value]
    assert (sinks[0].client, sinks[0].server) == (SENT, RECEIVED)


def test_pcapng_many_interfaces_and_sections() -> None:
    """Clocks of all kinds, blocks of unknown kinds in between, and another byte order in the second section."""
    raw, linux = 101, 113
    head = section() + block(0xBAD0, bytes(40)) + interface(resolution=9) + interface(raw, resolution=0x80 | 20, offset=START)
    parts = [head, block(5, b"statistics!!")]
    for number, packet in enumerate(PACKETS[:6], 1):
        if number % 2:
            parts.append(enhanced(ethernet(packet), START * 10**9 + number))
        else:
            parts.append(enhanced(packet, number << 20, 1))
    parts += [section(">"), block(4, b"names", ">"), interface(linux, ">", resolution=12)]
    for number, packet in enumerate(PACKETS[6:], 7):
        parts.append(enhanced(bytes(14) + b"\x08\x00" + packet, number * 1000, 0, ">"))
    parts.append(block(0xBAD1, b""))
    sink = check(b"".join(parts))
    assert sink.pieces[0][2:] == ((START + 4) * 10**9, 4)
    assert sink.pieces[1][2:] == ((START + 6) * 10**9, 6)
    assert sink.pieces[2][2:] == (8, 8)


def test_pcapng_simple_and_obsolete_packets() -> None:
    parts = [section(), interface()]
    for number, frame in enumerate(FRAMES, 1):
        if number % 2:
            parts.append(block(3, struct.pack("<I", len(frame)) + frame))
        else:
            parts.append(block(2, struct.pack("<HHIIII", 0, 7, 0, number, len(frame), len(frame)) + frame))
    sink = check(b"".join(parts))
    assert [piece[3] for piece in sink.pieces][:2] == [4, 6]


def test_pcapng_long_unknown_block_is_skipped() -> None:
    filler = block(0x0BAD, bytes(700_000))
    result = Result(section() + filler + interface() + filler + b"".join(map(enhanced, FRAMES)) + filler)
    assert (result.only.client, result.only.server, result.capture.warnings) == (SENT, RECEIVED, [])


def test_snap_length_makes_gaps() -> None:
    result = Result(pcap(FRAMES, snap=14 + 40 + 100))
    sink = result.only
    assert sink.client.startswith(SENT[:84]) and len(sink.server) + sum(g[1] for g in sink.gaps) == len(RECEIVED)
    assert sink.server[:100] == RECEIVED[:100] and sink.gaps[0] == (False, 400, 100)
    assert sink.server[100:200] == RECEIVED[500:600]
    assert result.totals.truncated_frames == 7 and result.totals.lost_bytes == sum(g[1] for g in sink.gaps)


@pytest.mark.parametrize("make", [pcap, pcapng])
@pytest.mark.parametrize("cut", [1, 3, 20, 40, 60])
def test_file_truncated_is_a_warning(make: object, cut: int) -> None:
    data = make(FRAMES)[:-cut]  # type: ignore[operator]
    result = Result(data)
    assert result.only.server == RECEIVED
    assert [warning.code for warning in result.capture.warnings] == ["truncated-file"]
    assert result.totals.frames == len(FRAMES) - 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty; expected pcap"),
        (
            b"GIF89a",
            "(a1b2c3d4 and variants) or pcapng (0a0d0d0a), perhaps in gzip, bzip2, xz, zstd or lz4; found 47494638",
        ),
        (b"PK\x03\x04....", "a zip archive, not a capture file"),
        (b"snoop\0\0\0", "a capture in the format of snoop; expected pcap or pcapng: `editcap -F pcapng "),
        (b"RTSS\1\1", "a capture in the format of Microsoft Network Monitor 1; expected"),
        (b"GMBU\0\2", "a capture in the format of Microsoft Network Monitor 2; expected"),
        (pcap(FRAMES)[:10], "header is cut off; expected 24 bytes; found 10 bytes"),
        (b"\x0a\x0d\x0d\x0a", "section header is cut off"),
        (
            struct.pack("<IHHiIII", 0xA1B2C3D4, 3, 4, 0, 0, 0, 1),
            "unknown version of the pcap format; expected 2.x; found 3.4",
        ),
        (section()[:8] + b"WHAT" + section()[12:], "no byte-order magic"),
        (
            section() + b"\x01\0\0\0\x06\0\0\0" + bytes(64),
            "byte 32: a pcapng block has an impossible length; expected a multiple",
        ),
        (section() + interface()[:-4] + bytes(4) + bytes(64), "two lengths of a pcapng block differ"),
        (section() + enhanced(FRAMES[0]), "its pcapng section does not describe; expected below 0; found 0"),
        (
            section() + interface() + b"\x06\0\0\0\x24\0\0\0" + bytes(12) + b"\xff\0\0\0\xff\0\0\0" + bytes(40),
            "does not fit its pcapng block",
        ),
    ],
)
def test_file_damaged(data: bytes, words: str) -> None:
    with pytest.raises(RemoteError) as caught:
        Result(data)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        pcap(FRAMES) + struct.pack("<IIII", START, 0, RECORD + 1, RECORD + 1) + bytes(100),
        pcapng(FRAMES) + struct.pack("<IIIIIII", 6, 1 << 31, 0, 0, 0, 10, 10) + bytes(100),
        pcapng(FRAMES) + struct.pack("<II", 10, 1 << 31) + bytes(100),
        section() + interface() * 4097,
    ],
)
def test_file_too_long(data: bytes) -> None:
    """A limit is named, and what came before is delivered and closed."""
    sinks: list[Recorder] = []
    with pytest.raises(LimitError, match=r"byte \d+: .*expected at most \d+"):
        Capture(io.BytesIO(data)).run(lambda connection: sinks.append(Recorder(connection)) or sinks[-1])  # type: ignore[func-returns-value]
    for sink in sinks:
        assert (sink.client, sink.server, sink.ends) == (SENT, RECEIVED, 1)


def test_file_unreadable(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="No such file"):
        Result(tmp_path / "nothing")
    with pytest.raises(LocalError, match="Is a directory"):
        Result(tmp_path)
    with pytest.raises(LocalError, match="key log"):
        Result(pcap(FRAMES), keylog=tmp_path / "nothing")
    with pytest.raises(LocalError, match="binary mode"):
        Capture(io.StringIO("text")).run(Recorder)  # type: ignore[arg-type]


def test_standard_input(tmp_path: Path) -> None:
    """A pipe, so nothing may seek."""
    code = (
        "from spiceproto.capture.events import read\n"
        "from spiceproto.capture.streams import Capture\n"
        "print(sum(len(event.chunk) for event in read('-') if hasattr(event, 'chunk')))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], input=pcapng(FRAMES), capture_output=True, cwd=root, check=True)
    assert int(done.stdout) == len(SENT) + len(RECEIVED)


def test_read_events(tmp_path: Path) -> None:
    path = tmp_path / "session.pcap"
    path.write_bytes(pcap(FRAMES))
    consumed: list[tuple[int, int | None]] = []
    events = list(read(path, progress=lambda *where: consumed.append(where)))
    assert isinstance(events[0], Opened) and isinstance(events[-1], Closed)
    assert b"".join(e.chunk for e in events if isinstance(e, Data) and e.from_client) == SENT
    size = path.stat().st_size
    assert consumed[-1] == (size, size)
    with pytest.raises(RemoteError):
        list(read(io.BytesIO(b"nothing")))
