"""Which packets are one TCP connection: where it begins and ends, who is the client, and what is no SPICE."""

from __future__ import annotations

import io
import struct

import pytest

from spiceproto.capture import tcp
from spiceproto.capture.streams import Capture
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
    link_reply,
    pcap,
    spice_talk,
)
from spiceproto.tests.test_capture_tcp import HELLO, RAW, run, started


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


@pytest.mark.parametrize("options", [{"ports": [5900]}, {"decode_as": [(None, 5900)]}, {"decode_as": [("10.0.0.2", 5900)]}])
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
    assert not run(talk.packets).sinks, "nobody can tell who is the client"


def test_the_answer_to_the_syn_is_lost_with_the_first_bytes_of_the_server() -> None:
    """The client's acknowledgement says where the server began, so that bytes of it are known to be missing."""
    talk = Talk()
    talk.send(True, flags=SYN)
    talk.seq[False] += 1
    talk.send(True)
    talk.send(True, HELLO)
    talk.seq[False] += 100
    talk.send(False, b"rest")
    talk.close()
    sink = run(talk.packets).only
    assert sink.server == b"rest"
    assert sink.gaps == [(False, 100, 0)]


@pytest.mark.parametrize("place", range(3, 7))
def test_a_syn_that_comes_behind_its_connection(place: int) -> None:
    """It begins no other one."""
    packets, client, server = spice_talk()
    result = run([*packets[2:place], *packets[:2], *packets[place:]])
    assert (result.only.client, result.only.server, result.only.gaps) == (client, server, [])


def test_a_syn_long_after_the_end_begins_another_connection() -> None:
    """The port is used again, and its numbers are near those of before."""
    first, again = Talk(), Talk(isn=(900, 4000))
    first.send(True, HELLO)
    first.send(False, link_reply())
    again.open()
    again.send(True, HELLO)
    data = pcap(first.packets, RAW) + pcap(again.packets, RAW, start=1_700_000_100)[24:]
    assert [sink.client for sink in Result(data).sinks] == [HELLO, HELLO]


@pytest.mark.parametrize("goes_on", [True, False])
def test_an_rst_ahead_of_everything_seen(goes_on: bool) -> None:
    """Bytes before it are missing if it was the last; if more comes, nobody took it for the end."""
    talk = Talk()
    talk.open()
    talk.send(True, HELLO)
    talk.packets.append(talk.packet(True, RST, seq=talk.seq[True] + 5000))
    if goes_on:
        talk.send(True, b"more")
        talk.close()
    sink = run(talk.packets).only
    assert sink.client == HELLO + b"more" * goes_on
    assert sink.gaps == ([] if goes_on else [(True, 5000, len(HELLO))])
    assert sink.connection.ends["client"].kind == ("FIN" if goes_on else "RST")
