"""Faults of ports (spec/15-byte-channels.md, 15.1 and 15.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_client.tests.conversations import Make, alive
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, ScriptedServer, ServerLine
from spiceproto import byte_channel
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import SpicevmcCapability
from spiceproto.enums.link import ChannelType
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.errors import LocalError
from spiceproto.messages import port, spicevmc
from spiceproto.port_bytes import PortBytes

_KEY = (int(ChannelType.PORT), 0)
_INIT = port.Init(b"a\0", 1)
_TEXT = b"text " * 1000


def _linked(make: Make, *numbers: int, **more: Any) -> tuple[ScriptedServer, list[ServerLine]]:
    keys = [(_KEY[0], number) for number in numbers or (0,)]
    announced = COMMON.with_(SpicevmcCapability.DATA_COMPRESS_LZ4)
    known: dict[tuple[int, int], Capabilities] = dict(CHANNELS) | dict.fromkeys(keys, announced)
    server = ScriptedServer(make(**more), channels=known)
    server.init()
    server.listing(*LISTED, *keys)
    return server, [server.lines[key] for key in keys]


def _do(server: ScriptedServer, verb: str, **values: Any) -> Any:
    found = server.client.wish(verb, values)
    server.run()
    return found


def _writes(make: Make) -> bool:
    """What the user writes comes as it is, in blocks that are right."""
    server, (line,) = _linked(make)
    line.send(_INIT)
    _do(server, "port-write", data=_TEXT.hex())
    values = line.take()
    judged = PortBytes(_KEY, "port")
    names: dict[type, str] = {spicevmc.Data: "DATA", spicevmc.CompressedData: "COMPRESSED_DATA"}
    if [finding for value in values for finding in judged.judge("client", names[type(value)], value, 0.0)]:
        return False
    return b"".join([byte_channel.unpack(value) for value in values]) == _TEXT


def _reads(make: Make) -> bool:
    """The user reads what comes, in any pieces, compressed or not."""
    server, (line,) = _linked(make)
    line.send(_INIT, *[spicevmc.Data(b"%c" % letter) for letter in b"hello"], spicevmc.Data(b""))
    line.send(byte_channel.compressed(_TEXT), byte_channel.compressed(bytes(122_906)), spicevmc.Data(b"behind"))
    if line.closed_by_client:
        return False
    return bytes.fromhex(_do(server, "port-read")["data"]) == b"hello" + _TEXT + bytes(122_906) + b"behind"


def _not_inflated(make: Make) -> bool:
    good = byte_channel.compressed(_TEXT)
    for kind, size, block in ((1, 5000, b"no block"), (9, 5000, good.compressed_data), (1, 0xFFFFFFFF, good.compressed_data)):
        server, (line,) = _linked(make)
        line.send(_INIT, spicevmc.CompressedData(kind, size, block))
        if not alive(server):
            return False
    return True


def _lives_with_it(make: Make) -> bool:
    """Everything that a client has to live with on a port."""
    for name in (b"", b"\0", b"\xff\xfe", b"x" * 1000):
        server, (line,) = _linked(make)
        line.send(spicevmc.Data(b"early"), port.Init(name, 0), spicevmc.Data(b"closed"), port.Init(name, 1))
        line.send(port.Event(PortEvent.OPENED), port.Event(PortEvent.CLOSED), port.Event(PortEvent.CLOSED), port.Event(77))
        if not alive(server):
            return False
    return True


def _known_by_name(make: Make) -> bool:
    server, lines = _linked(make, 3, 0)
    for line, name in zip(lines, (b"first\0", b"second\0"), strict=True):
        line.send(port.Init(name, 1), spicevmc.Data(name))
    read = [bytes.fromhex(_do(server, "port-read", name=name)["data"]) for name in ("first", "second")]
    _do(server, "port-write", data="01", name="first")
    return read == [b"first\0", b"second\0"] and [line.take() for line in lines] == [[spicevmc.Data(b"\1")], []]


def _nothing_into_a_closed_port(make: Make) -> bool:
    server, (line,) = _linked(make)
    line.send(port.Init(b"a\0", 0))
    try:
        _do(server, "port-write", data="01")
    except LocalError:
        return line.take() == []
    return False


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    **dict.fromkeys(["port-byte-lost", "block-longer-than-said", "huge-block"], _writes),
    **dict.fromkeys(["port-whole-words", "port-blocks-dropped", "port-small-blocks"], _reads),
    **dict.fromkeys(["port-broken-block-fatal", "port-large-block-fatal"], _not_inflated),
    **dict.fromkeys(
        ["second-port-init-fatal", "unknown-port-event-fatal", "silent-port-fatal", "port-names-are-text"], _lives_with_it
    ),
    "ports-by-id": _known_by_name,
    "writes-into-closed-port": _nothing_into_a_closed_port,
}
