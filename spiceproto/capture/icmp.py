"""ICMP that says that nobody is there (RFC 792; RFC 4443, 3.1): it quotes the beginning of the packet that was refused."""

from __future__ import annotations

from typing import Final

__all__ = ["quoted_segment"]

_UNREACHABLE4: Final = {
    0: "network unreachable",
    1: "host unreachable",
    2: "protocol unreachable",
    3: "port unreachable",
    9: "network prohibited",
    10: "host prohibited",
    13: "prohibited",
}
_UNREACHABLE6: Final = {
    0: "no route",
    1: "prohibited",
    3: "address unreachable",
    4: "port unreachable",
    5: "prohibited",
    6: "route rejected",
}
_HEADER, _PORTS, _TCP = 8, 4, 6


def quoted_segment(body: bytes, *, version6: bool) -> tuple[str, bytes]:
    """What was done to a TCP segment, and its addresses and ports as in the flow table; "" for other messages."""
    name = (_UNREACHABLE6 if version6 else _UNREACHABLE4).get(body[1], "") if len(body) >= _HEADER else ""
    if not name or body[0] != (1 if version6 else 3):
        return "", b""
    packet = body[_HEADER:]
    if version6:
        size = 40
        whole = len(packet) >= size + _PORTS and packet[0] >> 4 == 6 and packet[6] == _TCP
        addresses = packet[8:40]
    else:
        size = (packet[0] & 15) * 4 if packet else 0
        whole = size >= 20 and len(packet) >= size + _PORTS and packet[0] >> 4 == 4 and packet[9] == _TCP
        addresses = packet[12:20]
    return (f"answered by ICMP {name}", addresses + packet[size : size + _PORTS]) if whole else ("", b"")
