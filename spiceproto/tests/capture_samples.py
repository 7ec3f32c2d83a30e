"""Packets, capture files and sinks for the tests of ``spiceproto.capture``."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

from spiceproto.capture.layers import Connection
from spiceproto.capture.streams import Capture

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

CLIENT = (bytes((10, 0, 0, 1)), 40000)
SERVER = (bytes((10, 0, 0, 2)), 5900)
CLIENT6 = (bytes.fromhex("20010db8" + "00" * 11 + "01"), 40000)
SERVER6 = (bytes.fromhex("20010db8" + "00" * 11 + "02"), 5900)

CAPTURES = Path(__file__).parent / "captures"

Address = tuple[bytes, int]


def link_message() -> bytes:
    """A client's first bytes."""
    body = struct.pack("<IBBIII", 0, 1, 0, 0, 0, 18)
    return b"REDQ" + struct.pack("<III", 2, 2, len(body)) + body


def link_reply() -> bytes:
    """A server's first bytes."""
    return b"REDQ" + struct.pack("<III", 2, 2, 178) + bytes(178)


def tcp(
    source: Address, destination: Address, seq: int, ack: int, flags: int, payload: bytes = b"", options: bytes = b""
) -> bytes:
    """A TCP segment without checksum."""
    offset = (20 + len(options)) // 4 << 4
    return (
        struct.pack(">HHIIBBHHH", source[1], destination[1], seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, offset, flags, 65535, 0, 0)
        + options
        + payload
    )


def ipv4(
    source: bytes,
    destination: bytes,
    body: bytes,
    protocol: int = 6,
    *,
    options: bytes = b"",
    fragment: int = 0,
    ident: int = 0,
    total: int | None = None,
) -> bytes:
    """An IPv4 packet without checksum."""
    header = 20 + len(options)
    size = header + len(body) if total is None else total
    return (
        struct.pack(">BBHHHBBH", 0x40 | header // 4, 0, size, ident, fragment, 64, protocol, 0)
        + source
        + destination
        + options
        + body
    )


def ipv6(source: bytes, destination: bytes, body: bytes, next_header: int = 6) -> bytes:
    """An IPv6 packet."""
    return struct.pack(">IHBB", 0x60000000, len(body), next_header, 64) + source + destination + body


def internet(source: Address, destination: Address, segment: bytes) -> bytes:
    """The IP packet of a segment, by the kind of the addresses."""
    return (ipv4 if len(source[0]) == 4 else ipv6)(source[0], destination[0], segment)


def ethernet(packet: bytes, tags: Sequence[tuple[int, int]] = ()) -> bytes:
    """An Ethernet frame with VLAN tags."""
    kind = b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd"
    return bytes(12) + b"".join(struct.pack(">HH", *tag) for tag in tags) + kind + packet


class Talk:
    """A TCP conversation that writes IP packets into ``packets``."""

    def __init__(self, client: Address = CLIENT, server: Address = SERVER, isn: tuple[int, int] = (1000, 5000)) -> None:
        self.ends = {True: client, False: server}
        self.seq = {True: isn[0], False: isn[1]}
        self.packets: list[bytes] = []

    def packet(
        self, from_client: bool, flags: int, payload: bytes = b"", *, seq: int | None = None, ack: int | None = None
    ) -> bytes:
        """One packet with the present numbers, nothing remembered."""
        source, destination = self.ends[from_client], self.ends[not from_client]
        at = self.seq[from_client] if seq is None else seq
        acked = (self.seq[not from_client] if ack is None else ack) if flags & ACK else 0
        return internet(source, destination, tcp(source, destination, at, acked, flags, payload))

    def send(self, from_client: bool, payload: bytes = b"", flags: int = ACK) -> None:
        """One packet; the numbers move on."""
        self.packets.append(self.packet(from_client, flags, payload))
        self.seq[from_client] += len(payload) + bool(flags & SYN) + bool(flags & FIN)

    def open(self) -> None:
        """Three packets."""
        self.send(True, flags=SYN)
        self.send(False, flags=SYN | ACK)
        self.send(True)

    def close(self) -> None:
        """Both sides."""
        self.send(True, flags=FIN | ACK)
        self.send(False, flags=FIN | ACK)
        self.send(True)


def spice_talk(size: int = 3000, *, client: Address = CLIENT, server: Address = SERVER) -> tuple[list[bytes], bytes, bytes]:
    """Packets of a session, what the client sent, what the server sent."""
    talk = Talk(client, server)
    talk.open()
    first, reply = link_message() + bytes(range(50)), link_reply() + bytes(i * 7 & 255 for i in range(size))
    talk.send(True, first)
    talk.send(False)
    for start in range(0, len(reply), 500):
        talk.send(False, reply[start : start + 500])
        talk.send(True)
    talk.send(True, b"end of it")
    talk.close()
    return talk.packets, first + b"end of it", reply


def pcap(
    frames: Iterable[bytes],
    link_type: int = 1,
    *,
    order: str = "<",
    nano: bool = False,
    snap: int = 1 << 18,
    modified: bool = False,
    start: int = 1_700_000_000,
) -> bytes:
    """A classic capture; frame ``n`` (from 1) is ``n`` clock ticks after ``start``."""
    magic = 0xA1B23C4D if nano else 0xA1B2CD34 if modified else 0xA1B2C3D4
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, link_type)]
    for number, frame in enumerate(frames, 1):
        out.append(
            struct.pack(order + "IIII", start, number, min(snap, len(frame)), len(frame)) + bytes(8 * modified) + frame[:snap]
        )
    return b"".join(out)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """A pcapng block."""
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order: str = "<") -> bytes:
    """A section header block."""
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(
    link_type: int = 1, order: str = "<", *, snap: int = 0, resolution: int | None = None, offset: int | None = None
) -> bytes:
    """An interface description block."""
    options = b""
    if resolution is not None:
        options += struct.pack(order + "HHB3x", 9, 1, resolution)
    if offset is not None:
        options += struct.pack(order + "HHq", 14, 8, offset)
    return block(1, struct.pack(order + "HHI", link_type, 0, snap) + options + (bytes(4) if options else b""), order)


def enhanced(frame: bytes, stamp: int = 0, number: int = 0, order: str = "<", length: int | None = None) -> bytes:
    """An enhanced packet block."""
    sizes = (len(frame), len(frame) if length is None else length)
    return block(6, struct.pack(order + "IIIII", number, stamp >> 32, stamp & 0xFFFFFFFF, *sizes) + frame, order)


def secrets(text: bytes, order: str = "<") -> bytes:
    """A decryption secrets block with a TLS key log."""
    return block(10, struct.pack(order + "II", 0x544C534B, len(text)) + text, order)


def pcapng(frames: Iterable[bytes], link_type: int = 1, order: str = "<") -> bytes:
    """One section, one interface."""
    packets = (enhanced(frame, 1_700_000_000_000_000 + n, 0, order) for n, frame in enumerate(frames, 1))
    return section(order) + interface(link_type, order) + b"".join(packets)


class Recorder:
    """A sink that keeps everything."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.client = b""
        self.server = b""
        self.pieces: list[tuple[bool, bytes, int, int]] = []
        self.gaps: list[tuple[bool, int, int]] = []
        self.problems: list[tuple[str, str]] = []
        self.ends = 0

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        assert chunk and not self.ends
        self.pieces.append((from_client, chunk, time_ns, frame))
        if from_client:
            self.client += chunk
        else:
            self.server += chunk

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        assert size > 0 and not self.ends
        self.gaps.append((from_client, size, len(self.client if from_client else self.server)))

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None:
        self.problems.append((code, text))

    def closed(self, time_ns: int, frame: int) -> None:
        self.ends += 1


class Result:
    """What came out of a capture."""

    def __init__(self, data: bytes | Path, **options: object) -> None:
        self.sinks: list[Recorder] = []
        source = io.BytesIO(data) if isinstance(data, bytes) else data
        self.capture = Capture(source, **options)  # type: ignore[arg-type]
        self.totals = self.capture.run(self._open)
        assert all(sink.ends == 1 for sink in self.sinks)

    def _open(self, connection: Connection) -> Recorder:
        self.sinks.append(Recorder(connection))
        return self.sinks[-1]

    @property
    def only(self) -> Recorder:
        """The single connection."""
        assert len(self.sinks) == 1, self.totals.as_dict()
        return self.sinks[0]
