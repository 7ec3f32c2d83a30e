"""Reassembly: any cutting, order, repetition and loss of segments."""

from __future__ import annotations

import random
import struct
import tracemalloc
from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiceproto.capture import limits, tcp
from spiceproto.tests.capture_samples import (
    ACK,
    CLIENT,
    FIN,
    PSH,
    RST,
    SERVER,
    SYN,
    Result,
    Talk,
    link_message,
    link_reply,
    pcap,
    spice_talk,
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


@settings(max_examples=300, deadline=None)
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
        talk.packets.append(
            talk.packet(from_client, ACK, content, seq=first[from_client] + start, ack=first[not from_client])
        )
    for from_client in (True, False):
        talk.seq[from_client] += len(streams[0 if from_client else 1])
    talk.close()
    sink = run(talk.packets).only
    assert (sink.client, sink.server, sink.gaps) == (*streams, [])


@settings(max_examples=150, deadline=None)
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
    monkeypatch.setattr(tcp, "OUT_OF_ORDER_BYTES", 1000)
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
    import io

    from spiceproto.capture.streams import Capture

    class Count:
        size = 0

        def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int, /) -> None:
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


@pytest.mark.parametrize("missing", [0, 1])
def test_half_a_handshake(missing: int) -> None:
    """Without the SYN or without its answer the sides and the beginning are still known."""
    talk = started()
    del talk.packets[missing]
    sink = run(talk.packets).only
    assert (sink.client, sink.server, sink.gaps) == (HELLO, link_reply(), [])
    assert sink.connection.client[1] == 40000 and sink.connection.syn_seen


def test_port_reuse_reset_and_late_packets() -> None:
    first, second = started(), started((777, 888))
    first.send(True, b"first")
    second.send(True, b"second")
    late = first.packet(True, ACK, b"late")
    first.send(True, flags=RST | ACK)
    result = run([*first.packets, late, *second.packets])
    assert [sink.client for sink in result.sinks] == [HELLO + b"first", HELLO + b"second"]
    assert [sink.connection.tcp_stream for sink in result.sinks] == [0, 1]
    result = run([*first.packets[:-1], *second.packets])  # without the reset
    assert [sink.client for sink in result.sinks] == [HELLO + b"first", HELLO + b"second"]


def test_reset_outside_of_the_window_is_ignored() -> None:
    talk = started()
    talk.packets.append(talk.packet(True, RST, seq=talk.seq[True] + (1 << 29)))
    talk.send(True, b"still here")
    assert run(talk.packets).only.client == HELLO + b"still here"


def test_half_close() -> None:
    talk = started()
    talk.send(True, b"bye", FIN | ACK)
    talk.send(False, b"more", ACK)
    talk.send(True)
    talk.send(False, b"and more", FIN | ACK)
    assert run(talk.packets).only.server == link_reply() + b"moreand more"


@pytest.mark.parametrize("server_first", [False, True])
def test_midstream_with_link_stage(server_first: bool) -> None:
    """Without SYN the first bytes say who is the client."""
    talk = started()
    packets = talk.packets[3:]
    if server_first:
        packets[0], packets[1] = packets[1], packets[0]
    sink = run(packets).only
    assert (sink.client, sink.server) == (HELLO, link_reply())
    assert (sink.connection.client[1], sink.connection.syn_seen, sink.connection.guessed) == (40000, False, False)


@pytest.mark.parametrize(
    "options", [{"ports": [5900]}, {"decode_as": [(None, 5900)]}, {"decode_as": [("10.0.0.2", 5900)]}]
)
@pytest.mark.parametrize("server_first", [False, True])
def test_midstream_forced(options: dict[str, object], server_first: bool) -> None:
    """A capture that begins after the link stage, as ryll writes them."""
    talk = Talk()
    message = struct.pack("<HI", 111, 0)
    talk.send(not server_first, message, PSH | ACK)
    talk.send(server_first, message * 2, PSH | ACK)
    result = run(talk.packets, **options)
    connection = result.only.connection
    assert connection.server == ("10.0.0.2", 5900)
    assert connection.forced and connection.guessed and connection.midstream and not connection.syn_seen
    assert {len(result.only.client), len(result.only.server)} == {6, 12}
    assert len(result.only.server) == (6 if server_first else 12)
    assert run(talk.packets).totals.foreign_connections == 1
    assert run(talk.packets, decode_as=[("10.0.0.3", 5900)]).totals.foreign_connections == 1


def test_forced_with_wrong_first_bytes() -> None:
    talk = Talk()
    talk.open()
    talk.send(True, b"XEDQ not a link message")
    talk.send(False, b"an answer")
    assert run(talk.packets).totals.foreign_connections == 1
    sink = run(talk.packets, ports=[5900]).only
    assert sink.client.startswith(b"XEDQ") and sink.server == b"an answer" and not sink.connection.midstream


def test_first_client_bytes_lost() -> None:
    """The server's reply says that it was SPICE."""
    talk = Talk()
    talk.open()
    talk.seq[True] += len(HELLO)
    talk.send(False, link_reply())
    talk.send(True, b"ticket")
    talk.close()
    sink = run(talk.packets).only
    assert sink.gaps == [(True, len(HELLO), 0)] and sink.connection.midstream
    assert (sink.client, sink.server) == (b"ticket", link_reply())


def test_other_protocols_are_dropped_and_counted() -> None:
    packets, sent, received = spice_talk()
    others = []
    for port, (first, second) in enumerate(
        [(b"SSH-2.0-x\r\n", b"SSH-2.0-y\r\n"), (b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n")]
    ):
        talk = Talk((CLIENT[0], 50000 + port), SERVER)
        talk.open()
        talk.send(port == 1, first)
        talk.send(port == 0, second)
        for _ in range(10):
            talk.send(False, bytes(1000))
            talk.send(True)
        talk.close()
        others += talk.packets
    silent = Talk((CLIENT[0], 51000), SERVER)
    silent.open()
    result = run([*silent.packets, *others, *packets])
    assert (result.only.client, result.only.server) == (sent, received)
    totals = result.totals
    assert (totals.foreign_connections, totals.empty_connections, totals.tcp_connections) == (2, 1, 4)
    assert result.only.connection.tcp_stream == 3


def test_sink_not_wanted() -> None:
    import io

    from spiceproto.capture.streams import Capture

    assert Capture(io.BytesIO(pcap(started().packets, RAW))).run(lambda _: None).frames == 6


def test_flow_table_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "FLOWS", 64)
    packets, sent, received = spice_talk()
    noise = []
    for port in range(1, 500):
        noise.append(Talk((CLIENT[0], port), SERVER).packet(True, SYN))
    result = run([*packets[:6], *noise, *packets[6:]])
    assert (result.only.client, result.only.server) == (sent, received)
    assert len(result.capture.flows.flows) == 0 and result.totals.tcp_connections == 500
    many = []
    for port in range(1, 100):
        talk = Talk((CLIENT[0], port), SERVER)
        talk.open()
        talk.send(True, HELLO)
        many += talk.packets
    result = run(many)
    assert len(result.sinks) == 99
    assert {code for sink in result.sinks for code, _ in sink.problems} == {"tcp-too-many-connections"}


def test_same_address_and_port_on_both_sides() -> None:
    talk = Talk(CLIENT, CLIENT)
    talk.open()
    talk.send(True, HELLO)
    talk.close()
    run(talk.packets)
