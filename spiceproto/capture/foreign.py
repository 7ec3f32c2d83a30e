"""What a capture holds besides SPICE, so that nobody wonders whether it was looked at.

A protocol is named by its first bytes, packets that can carry another network by their number or port. Only what is named here
is; one line tells of all connections in one protocol.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from spiceproto.capture.layers import Connection, Refusal
from spiceproto.capture.limits import FOREIGN_PROTOCOLS

__all__ = [
    "BEFORE_THE_CAPTURE",
    "BOTH_SIDES",
    "STRANGE",
    "UNANSWERED",
    "UNKNOWN",
    "UNUSED",
    "Foreign",
    "Severity",
    "datagram",
    "frame",
    "packet",
    "protocol",
    "refused",
]

Severity = Literal["warning", "note"]

UNKNOWN: Final = "an unknown protocol"
BEFORE_THE_CAPTURE: Final = "an unknown protocol, begun before the capture"

UNUSED: Final = "which neither side sent data"
UNANSWERED: Final = "which nothing came back from the server"
"""What connections are in whose ends said nothing."""

STRANGE: Final = (UNKNOWN, "TLS", "SPICE")
"""Beginnings of the names of those that may be SPICE: of parts of it, or behind a cipher."""

_BEGINNINGS: Final = (
    (0, b"REDQ", "SPICE"),
    (0, b"SSH-", "SSH"),
    (0, b"RFB ", "VNC"),
    (0, b"PRI * HTTP/2", "HTTP/2"),
    (0, b"HTTP/", "HTTP"),
    (0, b"GET ", "HTTP"),
    (0, b"HEAD ", "HTTP"),
    (0, b"POST ", "HTTP"),
    (0, b"PUT ", "HTTP"),
    (0, b"DELETE ", "HTTP"),
    (0, b"OPTIONS ", "HTTP"),
    (0, b"CONNECT ", "HTTP"),
    (0, b"\x16\x03", "TLS"),
    (0, b"\x17\x03", "TLS"),
    (0, b"\x03\x00\x00", "RDP"),
    (0, b"l\x00\x0b\x00", "X11"),
    (0, b"B\x00\x00\x0b", "X11"),
    (0, b'{"QMP"', "the QEMU monitor"),
    (0, b'{"execute"', "the QEMU monitor"),
    (0, b"NBDMAGIC", "NBD"),
    (0, b"220 ", "SMTP or FTP"),
    (0, b"EHLO ", "SMTP"),
    (0, b"* OK", "IMAP"),
    (0, b"+OK", "POP3"),
    (4, b"\xffSMB", "SMB"),
    (4, b"\xfeSMB", "SMB"),
)
"""Where, what, and whose it is."""

BOTH_SIDES: Final = "capture where both directions pass, or join two captures with `mergecap -w BOTH.pcapng ONE TWO`"
_ENCRYPTED: Final = "what it carries cannot be read: capture behind it, for instance on the machine that runs the server"
_UNREAD: Final = "not decoded: capture behind it, for instance on the machine that runs the server"

_FRAMES: Final = {0x88E5: "MACsec", 0x88E7: "IEEE 802.1ah", 0x894F: "NSH"}
_PACKETS: Final = {50: "IPsec ESP", 115: "L2TP", 132: "SCTP"}
_DATAGRAMS: Final = {
    1194: "OpenVPN",
    1701: "L2TP",
    3544: "Teredo",
    4500: "IPsec in UDP",
    4790: "VXLAN-GPE",
    5247: "CAPWAP",
    37008: "TZSP",
    51820: "WireGuard",
}
_CIPHERS: Final = ("SSH", "MACsec", "IPsec ESP", "IPsec in UDP", "OpenVPN", "WireGuard")
_ADVICE: Final[dict[str, str]] = dict.fromkeys(_CIPHERS, _ENCRYPTED) | {
    UNANSWERED: "it did not answer, or the capture has only what clients sent"
}


def protocol(first: bytes) -> str:
    """Who begins so."""
    return next((name for place, start, name in _BEGINNINGS if first.startswith(start, place)), UNKNOWN)


def frame(kind: int) -> str:
    """An EtherType behind which SPICE may be; "" for others."""
    return _FRAMES.get(kind, "")


def packet(number: int) -> str:
    """The same for a protocol in IP."""
    return _PACKETS.get(number, "")


def datagram(source: int, destination: int) -> str:
    """The same for UDP, by its ports."""
    return _DATAGRAMS.get(destination) or _DATAGRAMS.get(source, "")


def refused(refusals: Sequence[Refusal]) -> list[tuple[Severity, str]]:
    """A sentence for each server that did not accept connections, and each way."""
    found: dict[tuple[str, str], list[Refusal]] = {}
    for refusal in refusals:
        found.setdefault((refusal.place, refusal.how), []).append(refusal)
    said: list[tuple[Severity, str]] = []
    for (place, how), items in list(found.items())[:FOREIGN_PROTOCOLS]:
        many = f"{len(items)} connections to {place} were" if len(items) > 1 else f"a connection to {place} was"
        said.append(("note", f"{many} {how}{', the first' * (len(items) > 1)} in frame {items[0].frame}"))
    return said


class _Found:
    """All of one protocol."""

    __slots__ = ("count", "first")

    def __init__(self, first: str) -> None:
        self.count = 0
        self.first = first


def _place(end: tuple[str, int]) -> str:
    host, port = end
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Foreign:
    """Everything of a capture that is not SPICE and was named."""

    def __init__(self) -> None:
        self._connections: dict[str, _Found] = {}
        self._packets: dict[str, int] = {}

    def connection(self, connection: Connection, name: str) -> None:
        """One more connection."""
        if len(connection.layers) > 1:
            name += f" in {'/'.join(connection.layers[1:])}"
        one_sided = connection.only and name != UNANSWERED
        if one_sided:
            name += f", of which the capture has only what the {connection.only} sent"
        found = self._connections.get(name)
        if found is None:
            if len(self._connections) >= FOREIGN_PROTOCOLS:
                return
            found = self._connections[name] = _Found("")
            first = f"{_place(connection.client)} > {_place(connection.server)}"
            found.first = f"{first} (frame {connection.frame}, tcp.stream {connection.tcp_stream})"
            if one_sided:
                found.first += f"; {BOTH_SIDES}"
            elif name in (UNKNOWN, BEFORE_THE_CAPTURE):
                found.first += f"; if that is SPICE: --decode-as {_place(connection.server)}=CHANNEL"
            elif name in _ADVICE:
                found.first += f"; {_ADVICE[name]}"
        found.count += 1

    def packets(self, name: str) -> None:
        """One more packet."""
        self._packets[name] = self._packets.get(name, 0) + 1

    def notes(self) -> list[tuple[Severity, str]]:
        """A sentence for each; SPICE that could not be followed is the worst."""
        found: list[tuple[Severity, str]] = []
        for name, item in self._connections.items():
            many = f"{item.count} connections in {name}, the first" if item.count > 1 else f"a connection in {name}:"
            found.append(("warning" if name.startswith("SPICE") else "note", f"{many} {item.first}"))
        for name, count in self._packets.items():
            found.append(("note", f"{count} packet{'s'[: count != 1]} of {name}: {_ADVICE.get(name, _UNREAD)}"))
        return found
