"""Reassembly: the order of the two sides, and what is missing at the end of a connection."""

from __future__ import annotations

import io

import pytest

from spiceproto.capture.glance import is_in_place
from spiceproto.capture.streams import Capture
from spiceproto.tests.capture_samples import (
    ACK,
    FIN,
    RST,
    SYN,
    Result,
    Talk,
    ethernet,
    internet,
    link_message,
    link_reply,
    pcap,
    tcp,
)


def exchanged(*, lost: bool = False) -> bytes:
    """A question of the server and its answer, whose packets changed places; or the question is lost."""
    talk = spice_start()
    talk.send(False, b"question")
    talk.send(True, b"answer")
    question, answer = talk.packets[-2:]
    talk.packets[-2:] = [answer] if lost else [answer, question]
    talk.close()
    return pcap([ethernet(packet) for packet in talk.packets])


def spice_start() -> Talk:
    talk = Talk()
    talk.open()
    talk.send(True, link_message())
    talk.send(False, link_reply())
    return talk


def order(capture: bytes, *, in_order: bool) -> list[tuple[bool, bytes | int]]:
    """What comes behind the link stage, of both sides."""
    found: list[tuple[bool, bytes | int]] = []

    class Both:
        def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
            found.append((from_client, chunk))

        def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
            found.append((from_client, size))

        def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None: ...

        def closed(self, time_ns: int, frame: int) -> None: ...

    Capture(io.BytesIO(capture), in_order=in_order).run(lambda connection: Both())
    return found[2:]


def test_an_answer_waits_for_its_question() -> None:
    assert order(exchanged(), in_order=True) == [(False, b"question"), (True, b"answer")]
    assert order(exchanged(), in_order=False) == [(True, b"answer"), (False, b"question")]


def test_an_answer_waits_for_a_question_that_never_comes() -> None:
    assert order(exchanged(lost=True), in_order=True) == [(False, 8), (True, b"answer")]


@pytest.mark.parametrize("in_order", [True, False])
def test_the_last_bytes_are_missing(in_order: bool) -> None:
    """Nothing came behind them, but they were acknowledged."""
    talk = spice_start()
    talk.send(False, b"lost")
    del talk.packets[-1]
    talk.send(True, flags=FIN | ACK)
    assert order(pcap([ethernet(packet) for packet in talk.packets]), in_order=in_order) == [(False, 4)]


@pytest.mark.parametrize("lost", [-3, -2, -1])
def test_a_lost_fin_is_no_hole(lost: int) -> None:
    talk = spice_start()
    talk.close()
    del talk.packets[lost]
    assert order(pcap([ethernet(packet) for packet in talk.packets]), in_order=False) == []


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (1, 2, 0)])
def test_who_knew_that_the_other_had_ended(order: tuple[int, ...], in_order: bool) -> None:
    """What a FIN acknowledges says it, in whatever order the packets are."""
    talk = spice_start()
    talk.close()
    ends, talk.packets = talk.packets[-3:], talk.packets[:-3]
    talk.packets += [ends[number] for number in order]
    result = Result(pcap([ethernet(packet) for packet in talk.packets]), in_order=in_order)
    assert result.only.connection.knew_end == {"server"}


def test_nobody_knew() -> None:
    """Both ended at once."""
    talk = spice_start()
    client, server = talk.packet(True, FIN | ACK), talk.packet(False, FIN | ACK)
    talk.packets += [client, server]
    assert Result(pcap([ethernet(packet) for packet in talk.packets])).only.connection.knew_end == set()


@pytest.mark.parametrize("times", [1, 2])
def test_a_packet_that_comes_again(times: int) -> None:
    """What TCP sends again is no packet that was seen twice; as good as everything is."""
    talk = spice_start()
    for _ in range(4):
        talk.send(False, bytes(100))
        talk.packets.append(talk.packets[-1])
    talk.send(False, bytes(1000 if times == 1 else 1))
    result = Result(pcap([ethernet(packet) for packet in talk.packets]))
    assert result.only.connection.repeated == {"server": 400}
    said = [warning.text for warning in result.capture.warnings if warning.code == "seen-twice"]
    assert said == ([] if times == 1 else [f"packets were seen twice, the first again in frame 7, and count once: {ONE}"])


ONE = "those of connection 1"


@pytest.mark.parametrize("in_order", [True, False])
def test_addresses_and_ports_of_both_sides_may_be_the_same(in_order: bool) -> None:
    end = (bytes((10, 0, 0, 1)), 5900)
    packets = [internet(end, end, tcp(end, end, seq, 0, flags)) for seq, flags in ((1, SYN), (2, ACK), (2, FIN | ACK))]
    assert order(pcap([ethernet(packet) for packet in packets]), in_order=in_order) == []


def talked(*last: bytes) -> bytes:
    """A connection whose every packet is in its place, and packets behind it."""
    talk = spice_start()
    talk.send(False, b"question")
    talk.send(True, b"answer")
    return pcap([ethernet(packet) for packet in (*talk.packets, *last)])


def test_a_file_in_which_all_is_in_its_place() -> None:
    file = io.BytesIO(talked())
    assert is_in_place(file) and file.tell() == 0
    assert not is_in_place(io.BytesIO(b"no capture"))
    assert not is_in_place(io.BytesIO(exchanged())) and not is_in_place(io.BytesIO(exchanged(lost=True)))


@pytest.mark.parametrize("behind", [False, True], ids=["rst", "behind-rst"])
def test_what_comes_behind_an_rst_is_not_in_its_place(behind: bool) -> None:
    talk = spice_start()
    talk.send(True, flags=RST | ACK)
    if behind:
        talk.send(False, b"on its way")
    assert is_in_place(io.BytesIO(pcap([ethernet(packet) for packet in talk.packets]))) != behind


def test_a_connection_without_its_beginning_is_not_in_its_place() -> None:
    talk = spice_start()
    assert not is_in_place(io.BytesIO(pcap([ethernet(packet) for packet in talk.packets[3:]])))


def test_times_that_run_back_are_not_in_their_place() -> None:
    packets = [ethernet(packet) for packet in spice_start().packets]
    file = bytearray(pcap(packets))
    file[24 + 4 : 24 + 8] = (1000).to_bytes(4, "little")  # the first one is later than the others
    assert is_in_place(io.BytesIO(pcap(packets))) and not is_in_place(io.BytesIO(bytes(file)))
