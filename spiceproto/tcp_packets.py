"""What two ends said to each other, as packets: Ethernet, IPv4 or IPv6, and TCP. Nothing of it was on a network.

    LOOPBACK     where an end is that has no address
    TcpPackets   sequence numbers of one connection; each method yields frames with their whole lengths

A connection begins with SYN and ends with FIN or RST. Who hears much and says nothing acknowledges it now and then, as a
system does. A frame is shorter than its whole length where bytes are not known: then it is one that was not captured whole.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from struct import pack
from typing import Final

__all__ = ["LOOPBACK", "Frame", "TcpPackets"]

Frame = tuple[bytes, int]
"""What is there of a frame, and how long it is."""

LOOPBACK: Final = "127.0.0.1"

_SEGMENT: Final = 32768
"""Payload of one packet: what a loopback interface would carry."""

_UNHEARD: Final = 1 << 20
"""Bytes of one end that the other leaves without an answer; the window has room for eight times as many."""

_FIN, _SYN, _RST, _PSH, _ACK = 1, 2, 4, 8, 16
_SEQUENCE: Final = {"client": 1000, "server": 5000}
_OTHER: Final = {"client": "server", "server": "client"}
_SYN_OPTIONS: Final = pack(">BBHBBBx", 2, 4, 65495, 3, 3, 7)
"""Largest segment, window scale 7."""

_TCP: Final = 6


def _checksum(data: bytes) -> bytes:
    """The Internet checksum. Sixteen bits at a time added with their carries are the number modulo 65535."""
    rest = int.from_bytes(data + b"\0" * (len(data) % 2), "big") % 0xFFFF
    return (0xFFFF - rest if rest else 0).to_bytes(2, "big")


class TcpPackets:
    """One connection, between two places: an address of IPv4 or IPv6 and a port each.

    ``longest`` is how long a frame may be, beside the payload of one packet on a loopback interface.
    """

    def __init__(self, client: tuple[str, int], server: tuple[str, int], *, longest: int = 1 << 16) -> None:
        addresses = [ipaddress.ip_address(host.partition("%")[0]) for host, _ in (client, server)]
        if len({address.version for address in addresses}) == 2:  # a socket of IPv6 that takes IPv4
            addresses = [_as_ipv6(address) for address in addresses]
        self._six = addresses[0].version == 6
        self._segment = min(_SEGMENT, longest - (74 if self._six else 54))
        self._hosts = dict(zip(("client", "server"), [address.packed for address in addresses], strict=True))
        self._ports = {"client": (client[1], server[1]), "server": (server[1], client[1])}
        self._next = dict(_SEQUENCE)
        self._heard = dict(_SEQUENCE)
        self._ended: set[str] = set()

    def sent(self, sender: str) -> int:
        """Bytes that ``sender`` has sent."""
        return self._next[sender] - _SEQUENCE[sender] - 1

    def open(self) -> Iterator[Frame]:
        """Three packets."""
        yield self._send("client", _SYN)
        yield self._send("server", _SYN | _ACK)
        yield self._send("client", _ACK)

    def data(self, sender: str, data: bytes, size: int) -> Iterator[Frame]:
        """``size`` bytes, of which ``data`` are known."""
        for start in range(0, size, self._segment):
            part = min(size - start, self._segment)
            yield self._send(sender, _PSH | _ACK, data[start : start + part], part)
            if self._next[sender] - self._heard[sender] > _UNHEARD:
                yield self._send(_OTHER[sender], _ACK)

    def skip(self, sender: str, size: int) -> None:
        """Bytes that no packet has: as if they had not been captured."""
        self._next[sender] += size

    def close(self, sender: str, *, reset: bool) -> Iterator[Frame]:
        """``sender`` ends the connection."""
        if not self._ended:
            yield self._send(sender, _RST | _ACK if reset else _FIN | _ACK)
            self._ended |= {"client", "server"} if reset else {sender}

    def finish(self, *, reset: bool = False) -> Iterator[Frame]:
        """The other end closes as well, where one has."""
        if len(self._ended) == 1:
            (first,) = self._ended
            self._ended = {"client", "server"}
            yield self._send(_OTHER[first], _RST | _ACK if reset else _FIN | _ACK)
            if not reset:
                yield self._send(first, _ACK)

    def _send(self, sender: str, flags: int, payload: bytes = b"", size: int = 0) -> Frame:
        other = _OTHER[sender]
        numbers = self._next[sender], self._next[other] if flags & _ACK else 0
        if flags & _ACK:
            self._heard[other] = self._next[other]
        self._next[sender] += size + bool(flags & _SYN) + bool(flags & _FIN)
        return self._packet(sender, numbers, flags, payload, size)

    def _packet(self, sender: str, numbers: tuple[int, int], flags: int, payload: bytes, size: int) -> Frame:
        """A frame with a segment of ``size`` bytes, of which ``payload`` is known."""
        source, target = self._hosts[sender], self._hosts[_OTHER[sender]]
        options = _SYN_OPTIONS if flags & _SYN else b""
        length = 20 + len(options) + size
        first = pack(">HHLL", *self._ports[sender], numbers[0] & 0xFFFFFFFF, numbers[1] & 0xFFFFFFFF)
        second = pack(">BBH", length - size << 2, flags, 65535)
        checksum = b"\0\0"
        if len(payload) == size:
            checksum = _checksum(
                b"".join((source, target, pack(">LL", _TCP, length), first, second, bytes(4), options, payload))
            )
        if self._six:
            head = b"\x86\xdd" + pack(">LHBB", 6 << 28, length, _TCP, 64) + source + target
        else:
            ip = pack(">BBHHHBBH4s4s", 0x45, 0, 20 + length, 0, 0x4000, 64, _TCP, 0, source, target)
            head = b"\x08\x00" + ip[:10] + _checksum(ip) + ip[12:]
        frame = b"".join((bytes(12), head, first, second, checksum, bytes(2), options, payload))
        return frame, 12 + len(head) + length


def _as_ipv6(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv6Address:
    return address if isinstance(address, ipaddress.IPv6Address) else ipaddress.IPv6Address(f"::ffff:{address}")
