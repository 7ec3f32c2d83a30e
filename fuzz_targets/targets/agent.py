"""The talk with the guest agent: pieces, chunks of its device, layouts, and what those who look on judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from fuzz_targets.parts import joined, parts, pieces, same_in_pieces, told
from fuzz_targets.target import Target, holds
from spiceproto import dispatch, schema, wire
from spiceproto.agent.device import DeviceReader, wrap
from spiceproto.agent.layout import JOINED, table
from spiceproto.agent.pieces import AgentReader, chunks
from spiceproto.agent_stream import AgentStream
from spiceproto.derive.legal import RandomChooser, legal_value
from spiceproto.enums.agent import AgentPort
from spiceproto.errors import RemoteError
from spiceproto.messages.main import AgentData

__all__ = ["TARGETS"]

_SENDERS: Final = ("client", "server")
_PORT: Final = int(AgentPort.CLIENT_PORT)


def _tables() -> list[str]:
    return list(dict.fromkeys([table(bits, bits) for bits in (0, JOINED, *[1 << bit for bit in range(32)])]))


def stream(data: bytes) -> None:
    """AGENT_DATA of both sides in turn: messages are found, read in every layout, and said again as they came."""
    judge = AgentStream((1, 0))
    for number, part in enumerate(parts(data)):
        for finding in judge.judge(_SENDERS[number & 1], "AGENT_DATA", AgentData(part), 0.0):
            str(finding)
    items = list(parts(data))
    found, _ = told(AgentReader().receive, items)
    for type, opaque, body in found:
        back, taken = told(AgentReader().receive, chunks(type, body, opaque=opaque))
        holds("said again it is another message", taken and back == [(type, opaque, body)], type, body)
        _read(type, body)
    small, _ = told(AgentReader().receive, pieces(b"".join(items), 5))
    holds("in small pieces fewer messages are found", small[: len(found)] == found, found, small)


def _read(type: int, body: bytes) -> None:
    for name in _tables():
        row = dispatch.row(name, "client", type)
        if row is not None:
            try:
                value = row.parse(body)
            except RemoteError:
                continue
            row.summary(body)
            holds("built again it is another value", row.parse(bytes(row.build(value))) == value, value)


def device(data: bytes) -> None:
    """The bytes of the agent's device, cut anywhere."""

    def make() -> Callable[[bytes], Iterator[Any]]:
        return DeviceReader(largest=1 << 20).receive

    found, _ = told(make(), [data])
    small, _ = told(make(), pieces(data, 1))
    holds("byte by byte fewer messages are found", small[: len(found)] == found, found, small)
    for port, type, opaque, body in found:
        again = b"".join([wrap(port, piece) for piece in chunks(type, body, opaque=opaque)])
        same = same_in_pieces(make, again)
        holds("wrapped again it is another message", same == [(port, type, opaque, body)], type, body)


def _legal() -> Iterator[tuple[int, bytes]]:
    chooser = RandomChooser(Random(4))
    for name in _tables():
        for number, row in schema.rows(name, "client").items():
            yield number, wire.build(row.body, legal_value(row.body, chooser))


def stream_seeds() -> Iterator[bytes]:
    """Legal messages of each layout."""
    for number, body in _legal():
        yield joined(chunks(number, body))
        yield joined([b"", *chunks(number, body)])


def device_seeds() -> Iterator[bytes]:
    """The same behind headers of chunks."""
    for number, body in _legal():
        yield b"".join([wrap(_PORT, piece) for piece in chunks(number, body)])


TARGETS: Final = [
    Target("agent-stream", "messages or RemoteError; said again they are the same", stream, stream_seeds, 2048),
    Target("agent-device", "messages or RemoteError; byte by byte no fewer", device, device_seeds, 2048),
]
