"""The guest agent's messages out of the AGENT_DATA messages that carry them in pieces.

Sans-IO and for one direction: bytes go in with the bodies of AGENT_DATA, whole agent messages come out. Borders of
AGENT_DATA mean nothing to the receiver; the sender keeps each at most 2048 bytes.

Which layout a clipboard body has depends on what *both* the client and the agent announced (:func:`table`).
Source: BEHAVIOUR of spice-gtk 0.42 and spice-server 0.15.1; vd_agent.h.
"""

from __future__ import annotations

from struct import Struct

from spiceproto import limits
from spiceproto.enums.agent import AgentCapability
from spiceproto.errors import LimitError, LocalError, RemoteError

__all__ = ["HEADER_SIZE", "AgentReader", "chunks", "table"]

_header = Struct("<LLQL")
HEADER_SIZE = _header.size
_PROTOCOL = 1


class AgentReader:
    """Puts the agent messages of one direction together."""

    __slots__ = ("_body", "_have", "_head", "_opaque", "_type", "_want")

    def __init__(self) -> None:
        self._head = b""
        self._body: list[bytes] = []
        self._have = 0
        self._want = -1
        self._type = 0
        self._opaque = 0

    @property
    def pending(self) -> int:
        """Bytes of a message that is not whole yet."""
        return len(self._head) + self._have

    def receive(self, data: bytes) -> list[tuple[int, int, bytes]]:
        """The messages that ``data`` completes, as (type, opaque, body).

        Raises RemoteError for another protocol number, LimitError for a size above ``limits.AGENT_MESSAGE``.
        """
        found: list[tuple[int, int, bytes]] = []
        while True:
            if self._want < 0:
                need = HEADER_SIZE - len(self._head)
                self._head += data[:need]
                data = data[need:]
                if len(self._head) < HEADER_SIZE:
                    return found
                protocol, self._type, self._opaque, self._want = _header.unpack(self._head)
                if protocol != _PROTOCOL:
                    raise RemoteError("an unknown agent protocol", path="protocol", offset=0,
                                      expected=str(_PROTOCOL), actual=str(protocol))  # fmt: skip
                if self._want > limits.AGENT_MESSAGE:
                    raise LimitError("an agent message is too long", path="size", offset=16,
                                     expected=f"at most {limits.AGENT_MESSAGE} bytes", actual=str(self._want))  # fmt: skip
            need = self._want - self._have
            if len(data) < need:
                if data:
                    self._body.append(data)
                    self._have += len(data)
                return found
            self._body.append(data[:need])
            data = data[need:]
            found.append((self._type, self._opaque, b"".join(self._body)))
            self._head = b""
            self._body = []
            self._have = 0
            self._want = -1
            if not data:
                return found


def chunks(type: int, body: bytes, *, opaque: int = 0) -> list[bytes]:
    """The bodies of the AGENT_DATA messages that carry one agent message, header first, filled up greedily."""
    if len(body) > limits.AGENT_MESSAGE:
        raise LocalError("an agent message is too long", expected=f"at most {limits.AGENT_MESSAGE} bytes",
                         actual=str(len(body)))  # fmt: skip
    whole = _header.pack(_PROTOCOL, type, opaque, len(body)) + body
    return [whole[at : at + limits.AGENT_CHUNK] for at in range(0, len(whole), limits.AGENT_CHUNK)]


def table(client: int, agent: int) -> str:
    """The message table that holds once client and agent have announced these capability bits (0 before that)."""
    both = client & agent
    name = "agent"
    if both >> AgentCapability.CLIPBOARD_SELECTION & 1:
        name += "_selection"
    if both >> AgentCapability.CLIPBOARD_GRAB_SERIAL & 1:
        name += "_serial"
    return name
