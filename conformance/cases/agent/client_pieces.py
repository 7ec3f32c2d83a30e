"""Clients: agent messages in whatever pieces, and those that mean nothing (14.2)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.agent.steps import AgentEnd, connected, disconnected, greeted
from conformance.outcome import Failure
from spiceproto.agent.pieces import HEADER_SIZE, chunks
from spiceproto.agent.talk import build
from spiceproto.enums.agent import AgentMessageType
from spiceproto.messages import main

_ANSWERS: Final = ("SPICE-AGENT-022/asked",)

_CUT: Final = {AgentMessageType.ANNOUNCE_CAPABILITIES: 2, AgentMessageType.CLIPBOARD_RELEASE: 1}
"""Bytes that are left of a message: usually five, which is less than any has."""


def _answered(end: AgentEnd, why: str) -> None:
    """The agent asks, and is answered: the client has read everything before."""
    end.announce()
    value = end.expect("AnnounceCapabilities", why=why)
    if value.request:
        raise Failure(f"ANNOUNCE_CAPABILITIES with request 0 ({why})", f"request {value.request}")


@client_case("SPICE-AGENT-008/body-apart", 20, channel="main", requires=_ANSWERS)
@client_case("SPICE-AGENT-008/byte-by-byte", 1, channel="main", requires=_ANSWERS)
@client_case("SPICE-AGENT-008/header-in-parts", 7, channel="main", requires=_ANSWERS)
def in_pieces(server: SuiteServer, size: int) -> None:
    """An announcement of the agent in small pieces: it is answered. Bytes of each piece."""
    end = greeted(server)
    number, body = build(end.terms, end.terms.announce())
    stream = b"".join(chunks(number, body))
    end.pieces(*[stream[at : at + size] for at in range(0, len(stream), size)])
    end.expect("AnnounceCapabilities", request=0)


@client_case("SPICE-AGENT-009/4-gib", channel="main", requires=_ANSWERS)
def too_long(server: SuiteServer) -> None:
    """The header of a clipboard of 4 GiB, and the first bytes of it: the client goes on, or ends the session in order."""
    end = greeted(server)
    header = (1).to_bytes(4, "little") + int(AgentMessageType.CLIPBOARD).to_bytes(4, "little") + bytes(8) + b"\xff" * 4
    end.pieces(header + bytes(2028), *[bytes(2048)] * 8, text="a piece of 4 GiB")
    server.alive(end.talk)


@client_case("SPICE-AGENT-011/type-0", 0, b"", channel="main", requires=_ANSWERS)
@client_case("SPICE-AGENT-011/type-17", 17, bytes(3000), channel="main", requires=_ANSWERS)
@client_case("SPICE-AGENT-011/type-4294967295", 0xFFFFFFFF, b"something", channel="main", requires=_ANSWERS)
def unknown(server: SuiteServer, number: int, body: bytes) -> None:
    """An agent message of an unknown type, and an announcement that asks: it is answered. Type and body."""
    end = greeted(server)
    end.say_raw(number, body)
    _answered(end, "the message before it means nothing")


@client_case("SPICE-AGENT-013/announcement", "ANNOUNCE_CAPABILITIES", channel="main", requires=_ANSWERS)
@client_case("SPICE-AGENT-013/reply", "REPLY", channel="main", requires=_ANSWERS)
@client_case("SPICE-AGENT-013/grab", "CLIPBOARD_GRAB", channel="main", requires=_ANSWERS)
@client_case("SPICE-AGENT-013/request", "CLIPBOARD_REQUEST", channel="main", requires=_ANSWERS)
@client_case("SPICE-AGENT-013/content", "CLIPBOARD", channel="main", requires=_ANSWERS)
@client_case("SPICE-AGENT-013/release", "CLIPBOARD_RELEASE", channel="main", requires=_ANSWERS)
@client_case("SPICE-AGENT-013/status", "FILE_XFER_STATUS", channel="main", requires=_ANSWERS)
def cut(server: SuiteServer, name: str) -> None:
    """A message of the agent that lacks a part of its fields, and an announcement that asks: it is answered. The message."""
    end = greeted(server)
    number = AgentMessageType[name]
    end.say_raw(number, bytes(_CUT.get(number, 5)), text=f"{name}, cut")
    _answered(end, "the message before it lacks fields")


@client_case("SPICE-AGENT-014/agent-goes", channel="main", needs=("act:copy",), requires=("SPICE-AGENT-034/named",))
def finished(server: SuiteServer) -> None:
    """The agent asks for a long text, goes when some pieces have come, and comes again: the others come first."""
    server.relies_on("SPICE-AGENT-020/first", "SPICE-AGENT-059/twice")
    end = greeted(server, tokens=6)
    end.keeps_tokens = True
    server.act("copy", text="long " * 5000)
    end.expect("ClipboardGrab")
    end.say(end.request())
    talk = end.talk
    talk.wait_count("AGENT_DATA", talk.count("AGENT_DATA") + 1)
    server.wait_quiet()
    pieces = [bytes(message.parsed.data) for message in talk.unread("AGENT_DATA")]
    if not pieces or int.from_bytes(pieces[0][4:8], "little") != AgentMessageType.CLIPBOARD:
        raise Failure("CLIPBOARD in pieces", f"{len(pieces)} AGENT_DATA")
    talk.drop("AGENT_DATA")
    left = HEADER_SIZE + int.from_bytes(pieces[0][16:20], "little") - sum(map(len, pieces))
    disconnected(end)
    connected(end, 1000)
    talk.send(main.AgentToken(1000))
    stream = b""

    def come() -> bool:
        nonlocal stream
        stream += b"".join([bytes(message.parsed.data) for message in talk.unread("AGENT_DATA")])
        talk.drop("AGENT_DATA")
        return len(stream) >= left + HEADER_SIZE

    server.run(come)
    number = int.from_bytes(stream[left + 4 : left + 8], "little") if len(stream) >= left + HEADER_SIZE else -1
    if stream[left : left + 4] != b"\1\0\0\0" or number != AgentMessageType.ANNOUNCE_CAPABILITIES:
        raise Failure(
            f"{left} bytes more, and then ANNOUNCE_CAPABILITIES", f"{len(stream)} bytes that begin {stream[:8].hex(' ')}"
        )
