"""The guest agent's messages out of the AGENT_DATA messages that carry them in pieces.

Sans-IO and for one direction: bytes go in with the bodies of AGENT_DATA, whole agent messages come out. Borders of
AGENT_DATA mean nothing to the receiver; the sender keeps each at most 2048 bytes, and the header of a message in one piece.

Source: BEHAVIOUR of spice-gtk 0.42 and spice-server 0.15.1; vd_agent.h.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from spiceproto import limits
from spiceproto.enums.agent import AgentMessageType
from spiceproto.errors import LimitError, LocalError, RemoteError

__all__ = ["HEADER_SIZE", "AgentReader", "begins_message", "chunks", "pieces", "read_header"]

_header = Struct("<LLQL")
HEADER_SIZE = _header.size
_PROTOCOL = 1
_SMALL, _LARGE = 512, 1 << 16
_PROTOCOL_BYTES = _PROTOCOL.to_bytes(4, "little")


def read_header(data: bytes) -> tuple[int, int, int]:
    """Type, opaque and size of a message that begins with ``data``, of at least 20 bytes. Raises RemoteError."""
    protocol, type, opaque, size = _header.unpack_from(data)
    if protocol != _PROTOCOL:
        raise RemoteError("an unknown agent protocol", path="protocol", offset=0, expected=str(_PROTOCOL), actual=str(protocol))
    return type, opaque, size


class AgentReader:
    """Puts the agent messages of one direction together.

    ``lost`` says that bytes are missing: an AGENT_DATA is passed over unless it can only be the beginning of a message.
    ``largest`` is the longest body that is taken, in bytes.
    """

    __slots__ = ("_body", "_have", "_head", "_opaque", "_type", "_want", "largest", "lost")

    def __init__(self, largest: int = limits.AGENT_MESSAGE) -> None:
        self.largest = largest
        self._head = b""
        self._body: list[bytes | bytearray] = []
        self._have = 0
        self._want = -1
        self._type = 0
        self._opaque = 0
        self.lost = False

    def lose(self) -> bool:
        """Bytes are missing, perhaps some of these messages; returns whether it was in the middle of one."""
        inside = self.pending > 0
        self.__init__(self.largest)  # type: ignore[misc]
        self.lost = True
        return inside

    @property
    def pending(self) -> int:
        """Bytes of a message that is not whole yet."""
        return len(self._head) + self._have

    @property
    def half(self) -> bytes:
        """The beginning of a message that is not whole: another reader that receives it is where this one is."""
        return self._head + b"".join(self._body)

    @property
    def missing(self) -> int | None:
        """Bytes that the message under way lacks; None between messages, and while its header is not whole."""
        return None if self._want < 0 else self._want - self._have

    def _keep(self, data: bytes) -> None:
        """Small pieces are put together: each by itself takes some 50 bytes more than it has."""
        self._have += len(data)
        last = self._body[-1] if self._body else b""
        if len(data) >= _SMALL:
            self._body.append(data)
        elif isinstance(last, bytearray) and len(last) < _LARGE:
            last += data
        else:
            self._body.append(bytearray(data))

    def receive(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """The messages that ``data`` completes, as (type, opaque, body).

        Raises RemoteError for another protocol number, and for bytes behind a message that are no other one; LimitError for a
        size above ``largest``, before anything of the body is kept. Messages before those have been handed on by then.
        """
        if self.lost:
            if not _begins(data):
                return
            self.lost = False
        while True:
            if self._want < 0:
                need = HEADER_SIZE - len(self._head)
                self._head += data[:need]
                data = data[need:]
                if len(self._head) < HEADER_SIZE:
                    return
                self._type, self._opaque, self._want = read_header(self._head)
                if self._want > self.largest:
                    raise LimitError(
                        "an agent message is too long",
                        path="size",
                        offset=16,
                        expected=f"at most {self.largest} bytes",
                        actual=str(self._want),
                    )
            need = self._want - self._have
            if len(data) < need:
                if data:
                    self._keep(data)
                return
            self._body.append(data[:need])
            data = data[need:]
            size, body = self._want, b"".join(self._body)
            self._head = b""
            self._body = []
            self._have = 0
            self._want = -1
            yield self._type, self._opaque, body
            if not data:
                return
            if not _PROTOCOL_BYTES.startswith(data[: len(_PROTOCOL_BYTES)]):
                raise RemoteError(
                    f"{_name(self._type)} runs {len(data)} bytes past the size that the message announced",
                    path="size",
                    offset=16,
                    expected=f"{size} bytes",
                    actual=f"{size + len(data)} bytes",
                )


def _name(type: int) -> str:
    found = AgentMessageType._value2member_map_.get(type)
    return f"type {type}" if found is None else str(found.name)


def _begins(data: bytes) -> bool:
    """Whether an AGENT_DATA begins with a whole message, or one that fills it."""
    if len(data) < HEADER_SIZE:
        return False
    protocol, type, opaque, size = _header.unpack_from(data)
    whole = HEADER_SIZE + size
    fits = whole == len(data) or (len(data) == limits.AGENT_CHUNK < whole <= HEADER_SIZE + limits.AGENT_MESSAGE)
    return fits and protocol == _PROTOCOL and not opaque and type in AgentMessageType._value2member_map_


def chunks(type: int, body: bytes, *, opaque: int = 0) -> list[bytes]:
    """The bodies of the AGENT_DATA messages that carry one agent message, header first, filled up greedily."""
    return list(pieces(type, body, opaque=opaque))


def pieces(type: int, body: bytes, *, opaque: int = 0) -> Iterator[bytes]:
    """The same, one after the other: a long message is not copied at once.

    Raises LocalError for a body above ``limits.AGENT_MESSAGE``, before the first piece is asked for.
    """
    if len(body) > limits.AGENT_MESSAGE:
        raise LocalError(
            "an agent message is too long", expected=f"at most {limits.AGENT_MESSAGE} bytes", actual=str(len(body))
        )
    return _cut(_header.pack(_PROTOCOL, type, opaque, len(body)), body)


def _cut(header: bytes, body: bytes) -> Iterator[bytes]:
    first = limits.AGENT_CHUNK - HEADER_SIZE
    yield header + body[:first]
    for at in range(first, len(body), limits.AGENT_CHUNK):
        yield body[at : at + limits.AGENT_CHUNK]


def begins_message(piece: bytes) -> bool:
    """Whether a piece looks like the beginning of an agent message, and not like the rest of one."""
    if len(piece) < HEADER_SIZE:
        return piece[:4] == _PROTOCOL_BYTES
    protocol, type, _, size = _header.unpack_from(piece)
    return protocol == _PROTOCOL and type in AgentMessageType.__members__.values() and size <= limits.AGENT_MESSAGE
