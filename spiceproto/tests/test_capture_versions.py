"""Bytes that a capture has in two versions: what checksums say, and what is kept to be compared."""

from __future__ import annotations

import io

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.packet import Packet, Raw

from spiceproto.capture import streams, versions
from spiceproto.capture.segment import ACK, Segment
from spiceproto.capture.streams import Capture
from spiceproto.capture.versions import Budget, Recent, Sum, checksum, first_counts
from spiceproto.tests.capture_samples import Result, Talk, ethernet, link_message, link_reply, pcap

KEY = bytes(range(12))

ADDRESSES = [IP(src="192.0.2.1", dst="198.51.100.7"), IPv6(src="2001:db8::1", dst="2001:db8::2")]


def taken_apart(packet: Packet) -> tuple[bytes, bytes, bytes]:
    """Key, TCP header and payload of what scapy builds."""
    raw = bytes(packet)
    addresses, start = (raw[12:20], 20) if raw[0] >> 4 == 4 else (raw[8:40], 40)
    end = start + (raw[start + 12] >> 4) * 4
    return addresses + raw[start : start + 4], raw[start:end], raw[end:]


def segment(seq: int, payload: bytes, frame: int) -> Segment:
    """One whose header nobody needs."""
    return Segment(key=KEY, seq=seq & 0xFFFFFFFF, ack=0, flags=ACK, payload=payload, time_ns=0, frame=frame)


def summed(key: bytes, head: bytes, payload: bytes) -> Sum:
    """What the checksum of such a segment says."""
    return checksum(Segment(key=key, seq=0, ack=0, flags=ACK, payload=payload, time_ns=0, frame=1, head=head))


@pytest.mark.parametrize("options", [[], [("Timestamp", (77, 0))]], ids=["plain", "options"])
@pytest.mark.parametrize("size", [1, 2, 7, 1460])
@pytest.mark.parametrize("addresses", ADDRESSES, ids=["IPv4", "IPv6"])
def test_a_checksum_is_that_of_scapy(addresses: Packet, size: int, options: list[tuple[str, object]]) -> None:
    payload = bytes(i * 7 & 255 for i in range(size))
    key, head, body = taken_apart(addresses / TCP(sport=5900, dport=40001, seq=99, options=options) / Raw(payload))
    assert body == payload and summed(key, head, body) is Sum.RIGHT
    for at in range(size):
        changed = body[:at] + bytes((body[at] ^ 1,)) + body[at + 1 :]
        assert summed(key, head, changed) is Sum.WRONG
    assert summed(key, head[:16] + b"\0\0" + head[18:], body) is Sum.NOTHING
    assert summed(key, b"", body) is Sum.NOTHING
    assert summed(bytes((key[0] ^ 1,)) + key[1:], head, body) is Sum.WRONG


@pytest.mark.parametrize("counted", [0, 20], ids=["without length", "with length"])
@pytest.mark.parametrize("addresses", ADDRESSES, ids=["IPv4", "IPv6"])
def test_what_the_card_is_to_fill_in_says_nothing(addresses: Packet, counted: int) -> None:
    """Linux writes the sum of the pseudo-header, with the length of the segment or without."""
    key, head, body = taken_apart(addresses / TCP(sport=5900, dport=40001, chksum=0) / Raw(b"some bytes"))
    words = key[:-4] + bytes((0, 6)) + (counted and counted + len(body)).to_bytes(2, "big")
    total = sum(words[at] << 8 | words[at + 1] for at in range(0, len(words), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    assert summed(key, head[:16] + total.to_bytes(2, "big") + head[18:], body) is Sum.NOTHING


def test_which_of_two_counts() -> None:
    right, wrong, nothing = Sum.RIGHT, Sum.WRONG, Sum.NOTHING
    assert first_counts(right, wrong, ()) is True and first_counts(wrong, right, [right, wrong]) is False
    for pair in ((right, right), (wrong, wrong), (right, nothing), (nothing, wrong), (nothing, nothing)):
        assert first_counts(*pair, [right] * 9) is None
    assert first_counts(wrong, right, [right, wrong, wrong, nothing]) is None


def kept(*segments: tuple[int, bytes]) -> list[tuple[int, int, int] | None]:
    """Frames of both versions, and their size, of each segment that differs from what came before it."""
    recent = Recent(Budget())
    found = [recent.add(segment(seq, payload, frame)) for frame, (seq, payload) in enumerate(segments, 1)]
    return [None if pair is None else (pair.first.frame, pair.second.frame, pair.size) for pair in found]


def test_what_comes_again_is_compared_wherever_it_is_cut() -> None:
    assert kept((0, b"abcd"), (4, b"efgh"), (0, b"abcd"), (2, b"cdef"), (0, b"abcdefghij")) == [None] * 5
    assert kept((0, b"abcd"), (4, b"efgh"), (2, b"cdEf")) == [None, None, (2, 3, 2)]
    assert kept((-2, b"abcd"), (-2, b"abcd"), (1, b"D")) == [None, None, None]  # a keep-alive
    assert kept((-2, b"abcd"), (0, b"cD")) == [None, (1, 2, 2)]
    assert kept((0, b"ab"), (10, b"kl"), (2, b"cdefghijkl"), (4, b"eF")) == [None, None, None, (3, 4, 2)]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes again later than is kept is counted."""
    monkeypatch.setattr(versions, "RECENT_BYTES", 1000)
    monkeypatch.setattr(versions, "RECENT_TOTAL", 1500)
    budget = Budget()
    one, other = Recent(budget), Recent(budget)
    for at in range(0, 5000, 100):
        assert one.add(segment(at, bytes(100), 1)) is None
    assert budget.size == 1000
    for at in range(0, 5000, 100):
        assert other.add(segment(at, bytes(100), 1)) is None
    assert budget.size <= 1500
    assert one.add(segment(3950, b"\1" * 100, 2)) is not None and one.uncompared == 50
    assert one.add(segment(100, b"\1" * 100, 2)) is None and one.uncompared == 150
    one.clear()
    other.clear()
    assert budget.size == 0


def talk(second: bytes, *, again: int = 0) -> bytes:
    """A file in which the bytes of a server come again; ``again`` packets are between."""
    spoken = Talk()
    spoken.open()
    spoken.send(True, link_message())
    spoken.send(False, link_reply())
    at = spoken.seq[False]
    spoken.send(False, b"first version")
    for _ in range(again):
        spoken.send(False, bytes(100))
    spoken.packets.append(spoken.packet(False, 16, second, seq=at))
    spoken.send(False, b"more")
    return pcap([ethernet(packet) for packet in spoken.packets])


def said(data: bytes, **options: object) -> list[str]:
    capture = Result(data, **options).capture
    return [warning.text for warning in capture.warnings if warning.code.startswith("versions")]


def test_a_second_look_finds_what_differs() -> None:
    """Checksums of these packets are 0: nothing tells which one counts."""
    text = "connection 1: 13 bytes of the server have two versions, in frames 6 and {}: nothing tells which one arrived, and "
    text += "frame 6 is the one that was decoded"
    assert said(talk(b"other version")) == [text.format(7)]
    assert said(talk(b"other version", again=5)) == [text.format(12)]
    assert said(talk(b"first version")) == []
    assert said(talk(b"first")) == []


def test_what_was_not_compared_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "RECENT_BYTES", 400)
    monkeypatch.setattr(streams, "RECENT_BYTES", 400)
    text = ["connection 1: 13 bytes came again more than 400 bytes later and were not compared"]
    assert said(talk(b"other version", again=5)) == text
    assert said(talk(b"other version", again=5), in_order=True) == text


def test_other_contents_are_not_seen_twice() -> None:
    """Half of the server's bytes come again, and are others."""
    spoken = Talk()
    spoken.open()
    spoken.send(True, link_message())
    spoken.send(False, link_reply())
    at = spoken.seq[False]
    spoken.send(False, bytes(1000))
    for payload, expected in ((bytes(1000), True), (b"\1" * 1000, False)):
        packets = [*spoken.packets, spoken.packet(False, 16, payload, seq=at)]
        data = pcap([ethernet(packet) for packet in packets])
        for in_order in (False, True):
            codes = [warning.code for warning in Result(data, in_order=in_order).capture.warnings]
            assert ("seen-twice" in codes) == expected


def test_a_file_object_stays_where_it_was_read_to() -> None:
    """Also one that does not begin with the capture."""
    data = b"before" + talk(b"other version")
    file = io.BytesIO(data)
    file.seek(6)
    capture = Capture(file)
    capture.run(lambda connection: None if connection.number > 1 else Sink())
    assert file.tell() == len(data)
    assert [warning.code for warning in capture.warnings] == ["versions"]


class Sink:
    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None: ...

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None: ...

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None: ...

    def closed(self, time_ns: int, frame: int) -> None: ...
