"""The copy of a recording as a file: each connection a flow of TCP between addresses that are nobody's.

An address is the same one everywhere: 10.0.0.1, 10.0.0.2 and so on, fd00::1 for IPv6; ports stay. Bytes stand behind each other
as they did, at their times; holes are where they were. TLS, WebSocket and proxies are gone, and so are comments and secrets.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from spiceproto import pcapng_blocks
from spiceproto.anonymity.recorder import Flow, Recorder
from spiceproto.tcp_packets import Frame, TcpPackets

__all__ = ["write"]

_PROGRAM = "spiceproto anonymise"


class _Addresses:
    """Whose address is which."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, place: tuple[str, int]) -> tuple[str, int]:
        """The address and port in the copy."""
        found = self._known.get(place[0])
        if found is None:
            number = len(self._known) + 1
            six = ":" in place[0]
            found = str(ipaddress.ip_address("fd00::" if six else "10.0.0.0") + number)
            self._known[place[0]] = found
        return found, place[1]


def write(recorder: Recorder, path: Path) -> None:
    """Everything that a recorder heard. Raises OSError."""
    with path.open("wb") as file:
        file.write(pcapng_blocks.section(application=_PROGRAM, comment="anonymised: words, keys and pictures are blank"))
        file.write(pcapng_blocks.interface(name=_PROGRAM))
        for time_ns, (frame, length) in _frames(recorder):
            file.write(pcapng_blocks.packet(time_ns // 1000, frame, length))


def _frames(recorder: Recorder) -> Iterator[tuple[int, Frame]]:
    addresses = _Addresses()
    flows: dict[int, TcpPackets] = {}
    ended: set[int] = set()
    for flow, sender, what, start, end, time_ns in recorder.events:
        packets = flows.get(id(flow))
        if packets is None:
            packets = flows[id(flow)] = _begun(flow, addresses)
            if flow.connection.syn_seen:
                for frame in packets.open():
                    yield flow.connection.time_ns, frame
        if what == "data":
            for frame in packets.data(sender, bytes(flow.sides[sender].out[start:end]), end - start):
                yield time_ns, frame
        elif what == "gap":
            packets.skip(sender, start)
        else:
            ends = packets.finish if id(flow) in ended else partial(packets.close, sender)
            ended.add(id(flow))
            for frame in ends(reset=bool(start)):
                yield time_ns, frame


def _begun(flow: Flow, addresses: _Addresses) -> TcpPackets:
    return TcpPackets(addresses.of(flow.connection.client), addresses.of(flow.connection.server))
