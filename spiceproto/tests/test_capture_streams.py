"""Whole captures: real ones, damaged ones, large ones, and what importing costs."""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiceproto.capture.detect import classify
from spiceproto.capture.streams import Capture
from spiceproto.errors import RemoteError
from spiceproto.tests.capture_samples import (
    CAPTURES,
    Recorder,
    Result,
    Talk,
    ethernet,
    link_message,
    link_reply,
    pcap,
    pcapng,
    spice_talk,
)

STARTS = [b"", b"REDQ", b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", b"\x16\x03\x01\x00\x20\x01\x00\x00\x1c"]
PEERS = os.environ.get("SPICEPROTO_CAPTURES", "")
ROOT = Path(__file__).parents[2]


def real_captures() -> list[Path]:
    return sorted(Path(PEERS).glob("*.pcapng")) if PEERS else []


@pytest.mark.skipif(not PEERS, reason="SPICEPROTO_CAPTURES does not name a folder of captures")
@pytest.mark.parametrize("path", real_captures(), ids=lambda path: path.stem)
def test_every_connection_begins_with_a_link_message(path: Path) -> None:
    result = Result(path)
    assert result.sinks and not [warning for warning in result.capture.warnings if warning.severity == "warning"]
    for sink in result.sinks:
        assert sink.client[:4] == b"REDQ" and not sink.gaps and not sink.problems
        assert not sink.connection.midstream and sink.connection.syn_seen
    totals = result.totals
    assert totals.tcp_connections == totals.spice_connections + totals.foreign_connections + totals.empty_connections
    if path.stem != "qemu-link-probes":
        assert totals.foreign_connections == 0


@pytest.mark.parametrize(
    ("start", "verdict"),
    [
        (b"", None),
        (b"R", None),
        (b"REDQ", ("spice", None)),
        (link_message(), ("spice", True)),
        (link_reply(), ("spice", False)),
        (link_message()[:12] + b"\x11\0\0\0", ("spice", None)),
        (link_message()[:12] + b"\x01\x10\0\0", ("spice", None)),
        (link_message()[:12] + b"\xff\xff\xff\xff", ("spice", None)),
        (b"RED!", ("other", None)),
        (b"GE", None),
        (b"GET /", ("http", True)),
        (b"CONNECT h", ("http", True)),
        (b"CONNECTED", ("other", None)),
        (b"\x16", None),
        (b"\x16\x03\x01\x00\x80", None),
        (b"\x16\x03\x01\x00\x80\x01", ("tls", True)),
        (b"\x16\x03\x01\x00\x80\x02", ("tls", False)),
        (b"\x16\x03\x01\x00\x80\x0b", ("other", None)),
        (b"\x16\x04", ("other", None)),
        (b"\x17\x03", None),
        (b"\x17\x03\x03", ("tls-midstream", None)),
        (b"\x17\x02", ("other", None)),
        (b"SSH-", ("other", None)),
    ],
)
def test_classify(start: bytes, verdict: tuple[str, bool | None] | None) -> None:
    assert classify(start) == verdict


def survive(data: bytes) -> None:
    """Only the errors that are promised; every sink is closed."""
    sinks: list[Recorder] = []

    def factory(connection: object) -> Recorder:
        sinks.append(Recorder(connection))  # type: ignore[arg-type]
        return sinks[-1]

    try:
        Capture(io.BytesIO(data), ports=[5900]).run(factory)
    except RemoteError as error:
        assert str(error)
    for sink in sinks:
        assert sink.ends == 1


def seeds() -> list[bytes]:
    frames = [ethernet(packet) for packet in spice_talk(600)[0]]
    tagged = [ethernet(packet, [(0x8100, 1)]) for packet in spice_talk(600)[0]]
    return [
        pcap(frames),
        pcap(frames, order=">", nano=True),
        pcapng(frames),
        pcapng(tagged, order=">"),
        (CAPTURES / "html5-debian-start.pcapng").read_bytes(),
        (CAPTURES / "andris-tls.pcapng").read_bytes(),
    ]


def mutate(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 2, 5, 20))):
        at = rng.randrange(len(out))
        kind = rng.randrange(5)
        if kind == 0:
            out[at] = rng.randrange(256)
        elif kind == 1:
            out[at : at + 4] = rng.choice((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", struct.pack("<I", len(out))))
        elif kind == 2:
            del out[at : at + rng.randrange(1, 40)]
        elif kind == 3:
            out[at:at] = rng.randbytes(rng.randrange(1, 40))
        else:
            out[at:at] = out[at : at + rng.randrange(1, 400)]
        if len(out) < 8:
            break
    return bytes(out)


@pytest.mark.parametrize("index", range(6))
def test_mutated_captures(index: int) -> None:
    rng = random.Random(index)
    seed = seeds()[index]
    for _ in range(60 if index >= 4 else 250):
        survive(mutate(seed, rng))


@pytest.mark.parametrize("index", range(6))
def test_mutated_packets(index: int) -> None:
    """The file is sound, what is in the packets is not: only bytes behind the record headers change."""
    rng = random.Random(100 + index)
    seed = seeds()[index]
    for _ in range(20 if index >= 4 else 100):
        out = bytearray(seed)
        position = 24
        while index < 2 and position < len(out):
            (size,) = struct.unpack_from("<I" if index == 0 else ">I", out, position + 8)
            if rng.random() < 0.3:
                out[position + 16 + rng.randrange(size)] = rng.randrange(256)
            position += 16 + size
        while index >= 2 and position < len(out):
            position += rng.randrange(20, 400)
            if position < len(out):
                out[position] ^= 1 << rng.randrange(8)
        survive(bytes(out))


@settings(max_examples=150)
@given(st.binary(max_size=300), st.sampled_from([b"", pcap([])[:24], pcapng([])]))
def test_garbage(data: bytes, start: bytes) -> None:
    survive(start + data)


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.booleans(), st.binary(min_size=1, max_size=40)), max_size=12),
    st.sampled_from([b"", b"REDQ", b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", b"\x16\x03\x01\x00\x20\x01\x00\x00\x1c"]),
)
def test_garbage_in_streams(pieces: list[tuple[bool, bytes]], start: bytes) -> None:
    talk = Talk()
    talk.open()
    if start:
        talk.send(True, start)
    for from_client, content in pieces:
        talk.send(from_client, content)
    survive(pcap(talk.packets, 101))


class _Endless(io.RawIOBase):
    """A capture made while it is read."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts

    def read(self, size: int = -1) -> bytes:
        return next(self._parts, b"")


def test_memory_stays_flat() -> None:
    """Connections without end and much data; the traced peak does not grow with either."""
    import tracemalloc

    def parts(count: int) -> Iterator[bytes]:
        yield pcap([], 101)
        for port in range(count):
            talk = Talk((bytes((10, 0, 1, 1)), 1 + port), (bytes((10, 0, 0, 2)), 5900))
            talk.open()
            talk.send(True, link_message() if port % 2 else b"SSH-2.0-")
            for _ in range(5):
                talk.send(False, bytes(1400))
            talk.close()
            yield pcap(talk.packets, 101)[24:]

    class Nothing:
        def data(self, *_: object) -> None: ...
        def gap(self, *_: object) -> None: ...
        def problem(self, *_: object) -> None: ...
        def closed(self, *_: object) -> None: ...

    peaks = []
    for count in (500, 3000):
        tracemalloc.start()
        try:
            Capture(_Endless(parts(count))).run(lambda _: Nothing())
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    per_connection = (peaks[1] - peaks[0]) / 2500
    assert peaks[1] < 3 << 20 and per_connection < 500  # two keys of the flow table


def test_import_is_light() -> None:
    """Reading a small capture must not wait for libraries that it does not need."""
    code = (
        "import sys, spiceproto.capture.streams as s; s.Capture(sys.argv[1]).run(lambda c: None)\n"
        "print(*set(sys.argv[2:]) & sys.modules.keys())"
    )
    heavy = [
        "scapy",
        "cryptography",
        "ssl",
        "numpy",
        "dataclasses",
        "hashlib",
        "gzip",
        "socket",
        "construct",
    ]
    arguments = [sys.executable, "-c", code, str(CAPTURES / "html5-debian-start.pcapng"), *heavy]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == ""
