"""What is drawn for connections with TLS or WebSocket around them: cuts, frames and bytes that are strange, and wrong ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from conformance.fuzz.chance import Chance
from conformance.fuzz.ends import Place, name_of
from conformance.fuzz.steps import Step
from conformance.fuzz.value_text import compact
from conformance.websocket_frames import BETWEEN, OPCODES

__all__ = ["LAYERED", "hello", "of_tls", "of_websocket", "upgrade"]

LAYERED: Final[Mapping[str, str]] = {"tls": "tls", "websocket": "websocket"}
"""Kind of a mutation to the layer without which there is none of it."""

_SIZES: Final = (1, 2, 3, 5, 6, 17, 100, 1000)
_CONTENTS: Final = (20, 21, 22, 23, 24, 0, 128)
"""Types of records: change of ciphers, alert, handshake, data, heartbeat, and two that there are not."""

_LENGTHS: Final = (0, 1, 2, 1 << 14, (1 << 14) + 257, 0xFFFF)
_ALERTS: Final = (0, 10, 20, 40, 80, 90, 100)
_LONG: Final = (125, 126, 127, 65535, 65536)
_LARGEST: Final = 32


def of_tls(chance: Chance, place: Place) -> Step:
    """Records cut small, several or parts of one in a write; alerts, records that nobody made, handshakes that are none."""
    word = chance.one_of(("slices", "slices", "records", "records", "below", "goodbye", "raw-connect"))
    if word == "raw-connect":
        return Step(name_of(place), word, _spoiled(chance, hello()).hex())
    values = {"slices": str(chance.one_of(_SIZES)), "records": str(chance.one_of(_SIZES)), "below": _record(chance).hex()}
    return Step(name_of(place), word, values.get(word, ""))


def of_websocket(chance: Chance, place: Place) -> Step:
    """Messages in fragments, perhaps with others between them; frames without bytes, and wrong ones; requests that are none."""
    word = chance.one_of(("slices", "frames", "frames", "frame", "frame", "frame", "below", "raw-connect"))
    match word:
        case "slices":
            return Step(name_of(place), word, str(chance.one_of(_SIZES)))
        case "frames":
            cut: dict[str, Any] = {"size": chance.one_of(_SIZES)}
            between = chance.one_of(BETWEEN)
            return Step(name_of(place), word, compact(cut | {"between": between} if between else cut))
        case "frame":
            return Step(name_of(place), word, compact(_frame(chance)))
        case "below":
            return Step(name_of(place), word, _octets(chance).hex() or "81")
    return Step(name_of(place), word, _spoiled(chance, upgrade()).hex())


def _octets(chance: Chance) -> bytes:
    return chance.random.randbytes(chance.values.number(0, _LARGEST))


def _record(chance: Chance) -> bytes:
    """A record that was not made by TLS: an alert in clear, data that nobody can open, a part of a header."""
    if chance.happens(0.3):
        body = bytes([chance.one_of((1, 2)), chance.one_of(_ALERTS)])
        return b"\x15\x03\x03\x00\x02" + body
    body = _octets(chance)
    size = chance.one_of(_LENGTHS) if chance.happens(0.3) else len(body)
    version = chance.one_of((0x0303, 0x0301, 0x0200, 0x0304))
    data = bytes([chance.one_of(_CONTENTS)]) + version.to_bytes(2, "big") + size.to_bytes(2, "big") + body
    return data[: chance.random.randint(1, 4)] if chance.happens(0.2) else data


def _frame(chance: Chance) -> dict[str, Any]:
    if chance.happens(0.4):
        opcode = chance.one_of(("ping", "pong", "binary"))
        return {"opcode": opcode} if opcode == "binary" else {"opcode": opcode, "data": _octets(chance).hex()}
    found: dict[str, Any] = {"opcode": chance.one_of((*OPCODES, 3, 11, 15)), "data": _octets(chance).hex()}
    for name in chance.some(("final", "reserved", "mask", "size", "width", "data"), 2):
        match name:
            case "final":
                found[name] = False
            case "reserved":
                found[name] = chance.random.randint(1, 7)
            case "mask":
                found[name] = chance.one_of(("", "00000000", "ffffffff"))
            case "size":
                found[name] = chance.one_of((0, *_LONG, (1 << 31), (1 << 63) - 1, 1 << 63, (1 << 64) - 1))
            case "width":
                found[name] = chance.one_of((16, 64))
            case _:
                found[name] = "00" * chance.one_of(_LONG[:3])
    return found


def _spoiled(chance: Chance, whole: bytes) -> bytes:
    """The beginning of a handshake, with some bytes changed, cut off, or with more behind it; or as it is."""
    data = bytearray(whole)
    for _ in range(chance.random.randint(0, 3)):
        data[chance.random.randrange(len(data))] = chance.random.randrange(256)
    if chance.happens(0.3):
        return bytes(data[: chance.random.randint(1, len(data))])
    return bytes(data) + (_octets(chance) if chance.happens(0.3) else b"")


def _sized(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width, "big") + data


@cache
def hello() -> bytes:
    """A ClientHello of TLS 1.3 (RFC 8446, 4.1.2) that is the same each time, as one record."""
    extensions = {
        43: _sized(b"\x03\x04\x03\x03", 1),
        10: _sized(b"\x00\x1d\x00\x17", 2),
        13: _sized(b"\x08\x04\x08\x05\x04\x03\x04\x01", 2),
        51: _sized(b"\x00\x1d" + _sized(bytes(range(1, 33)), 2), 2),
    }
    more = b"".join([number.to_bytes(2, "big") + _sized(body, 2) for number, body in extensions.items()])
    ciphers = _sized(b"\x13\x01\x13\x02\xc0\x2f", 2)
    body = b"\x03\x03" + bytes(range(32)) + _sized(bytes(32), 1) + ciphers + _sized(b"\x00", 1) + _sized(more, 2)
    return b"\x16\x03\x01" + _sized(b"\x01" + _sized(body, 3), 2)


@cache
def upgrade() -> bytes:
    """A request for a WebSocket (RFC 6455, 1.2) that is the same each time."""
    lines = (
        "GET / HTTP/1.1",
        "Host: localhost",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: binary",
    )
    return "\r\n".join([*lines, "", ""]).encode()
