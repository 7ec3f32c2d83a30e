"""A small recording as packets, to be put into other things, and what tshark reads in a capture."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.utils import PcapNgReader

from spiceproto.tests.capture_samples import CAPTURES, Recorder, Result, pcap

__all__ = ["PLAIN", "PLAIN_STREAMS", "packets", "same_streams", "tshark_streams"]

PLAIN = CAPTURES / "andris-synthetic.pcapng"
"""Two plain connections of Andri Yngvason's client."""


@cache
def packets() -> tuple[Packet, ...]:
    """Frames of :data:`PLAIN` as scapy has them, Ethernet first."""
    with PcapNgReader(str(PLAIN)) as reader:
        return tuple(reader)


def _streams(sinks: list[Recorder]) -> list[tuple[bytes, bytes]]:
    return [(sink.client, sink.server) for sink in sinks]


PLAIN_STREAMS = _streams(Result(PLAIN).sinks)


def same_streams(frames: list[bytes], link_type: int = 1) -> Result:
    """The capture of these frames holds the connections of :data:`PLAIN`, byte for byte."""
    result = Result(pcap(frames, link_type))
    assert _streams(result.sinks) == PLAIN_STREAMS
    assert not any(sink.gaps or sink.problems for sink in result.sinks)
    return result


def tshark_streams(path: Path, *options: str) -> list[tuple[int, int]]:
    """Bytes of client and server of each connection, as tshark counts them."""
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("tshark is not installed")
    fields = ["-T", "fields", "-e", "tcp.stream", "-e", "tcp.len", "-e", "tcp.srcport", "-e", "tcp.flags"]
    done = subprocess.run([tshark, "-r", str(path), *options, *fields], capture_output=True, text=True, check=True)
    sizes: dict[int, list[int]] = {}
    clients: dict[int, int] = {}
    for line in done.stdout.splitlines():
        stream, size, port, flags = line.split("\t")
        if not stream:
            continue
        number = int(stream.rpartition(",")[2])
        if int(flags.rpartition(",")[2], 16) & 0x12 == 2:
            clients[number] = int(port)
        sizes.setdefault(number, [0, 0])[int(port) != clients[number]] += int(size.rpartition(",")[2])
    return [(client, server) for client, server in sizes.values()]


def ethernet_of(packet: Packet) -> bytes:
    """A frame with addresses as on a wire; loopback has zeros."""
    frame = Ether(bytes(packet))
    frame.dst, frame.src = "46:00:00:08:00:01", "02:00:00:00:00:02"
    return bytes(frame)
