"""Bytes of two ends as packets: our own reader and tshark find nothing wrong with them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from spiceproto import pcapng_blocks
from spiceproto.tcp_packets import Frame, TcpPackets
from spiceproto.tests.capture_samples import Result, link_message
from spiceproto.tests.peers import program

PLACES = {
    "v4": (("10.0.0.1", 50000), ("10.0.0.2", 5930)),
    "v6": (("fe80::1%eth0", 50000), ("::1", 5930)),
    "mixed": (("::ffff:10.0.0.1", 50000), ("10.0.0.2", 5930)),
}


def written(path: Path, frames: Iterable[Frame]) -> Path:
    blocks = [pcapng_blocks.packet(1_000_000 + number, *frame) for number, frame in enumerate(frames)]
    head = [pcapng_blocks.section(application="test", comment="x"), pcapng_blocks.interface(name="test")]
    path.write_bytes(b"".join([*head, *blocks]))
    return path


def conversation(packets: TcpPackets) -> list[Frame]:
    return [
        *packets.open(),
        *packets.data("client", link_message(), len(link_message())),
        *packets.data("server", bytes(range(256)) * 20_000, 5_120_000),
        *packets.close("client", reset=False),
        *packets.finish(),
    ]


@pytest.mark.parametrize("places", PLACES.values(), ids=PLACES)
def test_our_own_reader_has_the_bytes_again(tmp_path: Path, places: tuple[tuple[str, int], tuple[str, int]]) -> None:
    sink = Result(written(tmp_path / "x.pcapng", conversation(TcpPackets(*places)))).only
    assert sink.client == link_message() and sink.server == bytes(range(256)) * 20_000
    assert not sink.gaps and not sink.problems
    assert (sink.connection.client[1], sink.connection.server[1]) == (50000, 5930)


@pytest.mark.parametrize("places", PLACES.values(), ids=PLACES)
def test_tshark_finds_nothing_wrong(tmp_path: Path, places: tuple[tuple[str, int], tuple[str, int]]) -> None:
    path = written(tmp_path / "x.pcapng", conversation(TcpPackets(*places)))
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    command = [program("tshark"), "-r", str(path), *checks, "-T", "fields", "-e", "tcp.checksum.status", "-e", "tcp.stream"]
    rows = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True).stdout.splitlines()
    assert set(rows) == {"1\t0"}
    wrong = "_ws.malformed or tcp.analysis.flags or ip.checksum.status == 0"
    command = [program("tshark"), "-r", str(path), *checks, "-Y", wrong]
    assert not subprocess.run(command, capture_output=True, text=True, timeout=240, check=True).stdout


def test_who_only_hears_acknowledges() -> None:
    packets = TcpPackets(*PLACES["v4"])
    list(packets.open())
    frames = list(packets.data("server", bytes(3 << 20), 3 << 20))
    assert len([frame for frame, length in frames if length == 54]) == 2, "each MiB has one"


def test_what_is_skipped_is_a_hole(tmp_path: Path) -> None:
    packets = TcpPackets(*PLACES["v4"])
    frames = [*packets.open(), *packets.data("client", link_message(), len(link_message()))]
    packets.skip("client", 1000)
    frames += [*packets.data("client", b"end", 3), *packets.close("client", reset=False), *packets.finish()]
    sink = Result(written(tmp_path / "x.pcapng", frames)).only
    assert sink.client == link_message() + b"end" and sink.gaps == [(True, 1000, len(link_message()))]
