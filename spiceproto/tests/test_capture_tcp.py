"""Reassembly: any cutting, order, repetition and loss of segments."""

from __future__ import annotations

import io
import random
import tracemalloc
from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiceproto.capture import limits, tcp_connection
from spiceproto.capture.streams import Capture
from spiceproto.tests.capture_samples import (
    ACK,
    SYN,
    Result,
    Talk,
    link_message,
    link_reply,
    pcap,
)

RAW = 101
HELLO = link_message()


def run(packets: list[bytes], **options: object) -> Result:
    return Result(pcap(packets, RAW), **options)


def started(isn: tuple[int, int] = (1000, 5000)) -> Talk:
    """A connection on which both link messages have passed."""
    talk = Talk(isn=isn)
    talk.open()
    talk.send(True, HELLO)
    talk.send(False, link_reply())
    talk.send(True)
    return talk


def test_connection_is_described() -> None:
    talk = started()
    talk.close()
    result = run(talk.packets)
    connection = result.only.connection
    assert (connection.number, connection.tcp_stream, connection.layers) == (1, 0, ["tcp"])
    assert (connection.client, connection.server) == (("10.0.0.1", 40000), ("10.0.0.2", 5900))
    assert connection.frame == 1 and connection.time_ns == 1_700_000_000_000_001_000
    assert connection.syn_seen and not (connection.guessed or connection.forced or connection.midstream)
    assert result.totals.spice_connections == result.totals.tcp_connections == 1


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_permutations(order: tuple[int, ...]) -> None:
    """Four segments of the server in any order, with and without acknowledgements of the client in between."""
    for acknowledged in (False, True):
        talk = started()
        pieces = [b"one", b"twotwo", b"3", b"fourfourfour"]
        made = []
        for piece in pieces:
            made.append(talk.packet(False, ACK, piece))
            talk.seq[False] += len(piece)
        for index in order:
            talk.packets.append(made[index])
            if acknowledged:
                talk.send(True)
        talk.close()
        sink = run(talk.packets).only
        assert sink.server == link_reply() + b"".join(pieces) and not sink.gaps


@st.composite
def disorder(draw: st.DrawFn) -> tuple[list[tuple[bool, int, int]], tuple[bytes, bytes], tuple[int, int]]:
    """Segments (direction, start, end) that cover both streams, some of them twice and overlapping, in any order."""
    size = draw(st.integers(1, 120)), draw(st.integers(1, 120))
    contents = random.Random(draw(st.integers(0, 1000)))
    streams = HELLO + contents.randbytes(size[0]), link_reply() + contents.randbytes(size[1])
    segments: list[tuple[bool, int, int]] = []
    for from_client, stream in zip((True, False), streams, strict=True):
        cuts = sorted({0, len(stream), *draw(st.lists(st.integers(0, len(stream)), max_size=8))})
        segments += [(from_client, a, b) for a, b in pairwise(cuts)]
        for _ in range(draw(st.integers(0, 3))):
            a, b = sorted((draw(st.integers(0, len(stream))), draw(st.integers(0, len(stream)))))
            segments.append((from_client, a, b))
    isn = draw(st.sampled_from([(1000, 5000), (0xFFFFFFFF - 20, 0xFFFFFFFF - 100), (0x7FFFFFF0, 0)]))
    return draw(st.permutations(segments)), streams, isn


@settings(max_examples=300)
@given(disorder())
def test_any_cutting_and_order_gives_the_stream(
    case: tuple[list[tuple[bool, int, int]], tuple[bytes, bytes], tuple[int, int]],
) -> None:
    segments, streams, isn = case
    talk = Talk(isn=isn)
    talk.open()
    first = dict(talk.seq)
    for from_client, start, end in segments:
        content = streams[0 if from_client else 1][start:end]
        talk.packets.append(talk.packet(from_client, ACK, content, seq=first[from_client] + start, ack=first[not from_client]))
    for from_client in (True, False):
        talk.seq[from_client] += len(streams[0 if from_client else 1])
    talk.close()
    sink = run(talk.packets).only
    assert (sink.client, sink.server, sink.gaps) == (*streams, [])


@settings(max_examples=150)
@given(disorder(), st.sets(st.integers(0, 20)))
def test_losses_are_gaps_of_the_right_size(
    case: tuple[list[tuple[bool, int, int]], tuple[bytes, bytes], tuple[int, int]], lost: set[int]
) -> None:
    """What is delivered is the stream with exactly the missing bytes missing."""
    segments, streams, isn = case
    talk = Talk(isn=isn)
    talk.open()
    first = dict(talk.seq)
    talk.packets.append(talk.packet(True, ACK, HELLO))
    have = {True: set(range(len(HELLO))), False: set()}
    for index, (from_client, start, end) in enumerate(segments):
        if index not in lost:
            have[from_client].update(range(start, end))
            content = streams[0 if from_client else 1][start:end]
            talk.packets.append(
                talk.packet(from_client, ACK, content, seq=first[from_client] + start, ack=first[not from_client])
            )
    for from_client in (True, False):
        talk.seq[from_client] += len(streams[0 if from_client else 1])
    talk.close()
    sink = run(talk.packets).only
    for from_client, got in ((True, sink.client), (False, sink.server)):
        stream = streams[0 if from_client else 1]
        assert got == bytes(stream[i] for i in sorted(have[from_client]))
        assert sum(gap[1] for gap in sink.gaps if gap[0] == from_client) == len(stream) - len(have[from_client])


def test_overlap_first_bytes_win() -> None:
    talk = started()
    base = talk.seq[False]
    for at, content in ((4, b"BBBB"), (2, b"cccccccccc"), (0, b"aaaaaa")):
        talk.packets.append(talk.packet(False, ACK, content, seq=base + at))
    talk.packets.append(talk.packet(False, ACK, b"zzzz", seq=base))
    assert run(talk.packets).only.server == link_reply() + b"aaccBBBBcccc"


def test_gap_when_later_bytes_are_acknowledged() -> None:
    """Not at once, as the two directions may have been captured in the wrong order, but soon."""
    talk = started()
    talk.seq[False] += 10
    talk.send(False, b"after")
    for _ in range(limits.HOLE_PATIENCE_PACKETS + 1):
        talk.send(True)
    talk.send(False, b" and on")
    marks = len(talk.packets)
    talk.send(True, b"last")
    sink = run(talk.packets).only
    assert sink.gaps == [(False, 10, 194)] and sink.server == link_reply() + b"after and on"
    assert sink.pieces[-1][1] == b"last" and sink.pieces[-1][3] == marks + 1


def test_hole_that_is_filled_late_is_no_gap() -> None:
    talk = started()
    hole = talk.packet(False, ACK, b"0123456789")
    talk.seq[False] += 10
    talk.send(False, b"after")
    for _ in range(limits.HOLE_PATIENCE_PACKETS // 2):
        talk.send(True)
    talk.packets.append(hole)
    sink = run(talk.packets).only
    assert sink.server == link_reply() + b"0123456789after" and not sink.gaps


def test_gap_at_fin_and_at_the_end_of_the_file() -> None:
    talk = started()
    talk.seq[False] += 7
    talk.close()
    sink = run(talk.packets).only
    assert sink.gaps == [(False, 7, 194)]
    talk = started()
    talk.seq[False] += 7
    talk.send(False, b"tail")
    sink = run(talk.packets).only
    assert sink.gaps == [(False, 7, 194)] and sink.server.endswith(b"tail")


def test_gap_when_the_bound_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp_connection, "OUT_OF_ORDER_BYTES", 1000)
    talk = started()
    talk.seq[False] += 5
    for _ in range(30):
        talk.send(False, bytes(100))
    sink = run(talk.packets).only
    assert sink.gaps == [(False, 5, 194)] and len(sink.server) == 194 + 3000
    assert sink.pieces[-1][3] == len(talk.packets)  # nothing had to wait for the end of the file


def test_waiting_memory_is_bounded() -> None:
    """Holes without end cost no more than the bound."""
    talk = started()
    for _ in range(12000):
        talk.seq[False] += 3
        talk.send(False, bytes(1400))
    data = pcap(talk.packets, RAW)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    result = run_counting(data)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert result == 12000 * 1400 + 194 and peak < limits.OUT_OF_ORDER_BYTES * 3


def run_counting(data: bytes) -> int:

    class Count:
        size = 0

        def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
            if not from_client:
                self.size += len(chunk)

        def gap(self, *_: object) -> None: ...
        def problem(self, *_: object) -> None: ...
        def closed(self, *_: object) -> None: ...

    sink = Count()
    Capture(io.BytesIO(data)).run(lambda _: sink)
    return sink.size


def test_repeated_syn_keep_alive_and_window_probe() -> None:
    talk = Talk()
    talk.open()
    talk.packets = [talk.packets[0]] * 3 + [talk.packets[1]] * 2 + talk.packets[2:]
    talk.send(True, HELLO)
    talk.packets.append(talk.packet(True, ACK, b"\0", seq=talk.seq[True] - 1))
    talk.packets.append(talk.packet(True, ACK, seq=talk.seq[True] - 1))
    talk.packets.append(talk.packet(True, ACK, b"n", seq=talk.seq[True]))
    talk.send(True, b"next")
    assert run(talk.packets).only.client == HELLO + b"next"


def test_data_in_the_syn() -> None:
    talk = Talk()
    talk.send(True, HELLO, SYN)
    talk.send(False, flags=SYN | ACK)
    talk.send(True, b"more")
    assert run(talk.packets).only.client == HELLO + b"more"
