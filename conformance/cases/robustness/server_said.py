"""Servers: whatever a client says, others are served (20.5)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.agent.steps import AgentEnd, talking
from conformance.cases.framing.server_steps import begun, need_listed, rest_lives
from conformance.client_wire import Ask
from conformance.outcome import Blocked
from conformance.talk import Talk
from spiceproto import dispatch
from spiceproto.agent.file_start import FileStart, build
from spiceproto.channels import channel_name
from spiceproto.enums.link import ChannelType
from spiceproto.enums.smartcard import VscMessageType
from spiceproto.messages import agent

_ENDS_SOME: Final = ("expendable",)
_OF_A_MIGRATION: Final = "MIGRATE"
"""Messages whose names begin so are the matter of SPICE-MIG-027."""

_AGAIN: Final = ("display", "INIT")
"""It has been said already, and has a case of its own."""

_BODY: Final = 64
"""Bytes of a body: more than the fixed fields of any message of a client have."""

_SHORT: Final = 0.1
"""Seconds in which a server closes a channel for what it got, as a rule; nobody is judged by that."""

_MANY: Final = 50
_NO_FILE: Final = 0x5EED
_TOKENS: Final = ("SPICE-AGENT-004/three-times",)
_GREETED: Final = ("SPICE-AGENT-022/announced",)
_WHY: Final = "another client has done nothing wrong"


def _channel(client: SuiteClient, kind: ChannelType) -> Talk:
    table = channel_name(kind)
    if kind == ChannelType.MAIN:
        return begun(client, table)
    need_listed(client, kind)
    with client.preparing(f"{table}, linked"):
        return begun(client, table)


def fills(client: SuiteClient, kind: ChannelType, byte: int) -> None:
    """Each message of a client with a body of equal bytes: the next client is served. Channel, byte."""
    _fill(client, _channel(client, kind), kind, byte)
    client.wait_quiet()
    client.alive(client.main(), _WHY)


@server_case("SPICE-ROBUST-005/init-again", channel="display", needs=_ENDS_SOME)
def init_again(client: SuiteClient) -> None:
    """INIT on display for the second time: the next client is served."""
    talk = _channel(client, ChannelType.DISPLAY)
    client.greet(talk)
    client.wait_quiet()
    client.alive(client.main(), _WHY)


@server_case("SPICE-ROBUST-005/beside-another", 0xFF, channel="main", needs=("many-sessions", *_ENDS_SOME))
def beside_another(client: SuiteClient, byte: int) -> None:
    """Two sessions, and one says each message on main with a body of equal bytes: the other goes on. Byte."""
    with client.preparing("a session"):
        other, _ = client.session()
    _fill(client, _channel(client, ChannelType.MAIN), ChannelType.MAIN, byte)
    client.wait_quiet()
    client.alive(other, _WHY)


def _fill(client: SuiteClient, talk: Talk, kind: ChannelType, byte: int) -> None:
    """Each message of a client on a channel; one that is closed is linked again, in another session."""
    for number, row in dispatch.rows(talk.table, "client").items():
        if row.name.startswith(_OF_A_MIGRATION) or (talk.table, row.name) == _AGAIN:
            continue
        if talk.closed:
            talk = _channel(client, kind)
        talk.send_raw(number, bytes([byte]) * _BODY, text=f"{row.name} of {_BODY} bytes {byte:#04x}")
        client.run(lambda: talk.closed, _SHORT)  # noqa: B023 - called at once


for _kind in ChannelType:
    if _kind is ChannelType.TUNNEL:
        continue
    _table = channel_name(_kind)
    for _slug, _byte in (("zeros", 0), ("ones", 0xFF)):
        server_case(f"SPICE-ROBUST-005/{_slug}-on-{_table}", _kind, _byte, channel=_table, needs=_ENDS_SOME)(fills)


@server_case("SPICE-ROBUST-005/card-longer-than-said", 4, 10, channel="smartcard")
@server_case("SPICE-ROBUST-005/card-shorter-than-said", 1000, 10, channel="smartcard")
@server_case("SPICE-ROBUST-005/card-of-4294967295", 0xFFFFFFFF, 10, channel="smartcard")
@server_case("SPICE-ROBUST-005/card-of-nothing", 16, 0, channel="smartcard")
def card(client: SuiteClient, said: int, there: int) -> None:
    """ReaderAdd whose `length` is not that of its body: the session goes on. What is said, what is there."""
    need_listed(client, ChannelType.SMARTCARD)
    with client.preparing("smartcard, linked"):
        talk = client.channel(Ask(ChannelType.SMARTCARD))
    head = b"".join([number.to_bytes(4, "little") for number in (VscMessageType.ReaderAdd, 0xFFFFFFFF, said)])
    (number,) = [number for number, row in dispatch.rows("smartcard", "client").items() if row.name == "DATA"]
    talk.send_raw(number, head + b"reader".ljust(there, b"\0")[:there], text=f"ReaderAdd of {there} bytes that says {said}")
    client.wait_quiet()
    rest_lives(client, talk)


# -- messages to the agent, many of them


def _say_many(client: SuiteClient, end: AgentEnd, values: list[Any]) -> None:
    """Agent messages of one piece each, as many at a time as the client has tokens for."""
    tokens = client.init.agent_tokens - 1  # one went with the announcement
    for value in values:
        if tokens <= 0:
            client.run(lambda: bool(end.talk.unread("AGENT_TOKEN")))
        tokens += sum([message.parsed.num_tokens for message in end.talk.unread("AGENT_TOKEN")])
        end.talk.drop("AGENT_TOKEN")
        if tokens <= 0:
            raise Blocked("no tokens come back", _TOKENS)
        end.say(value)
        tokens -= 1


@server_case("SPICE-ROBUST-005/many-monitors", channel="main", requires=_GREETED)
def many_monitors(client: SuiteClient) -> None:
    """Many wishes for monitors, one behind the other, each with another size and number of them: the session goes on."""
    end = talking(client)
    wishes: list[Any] = []
    for number in range(_MANY):
        monitor = agent.MonConfig(height=480, width=640 + 8 * number, depth=32, x=0, y=0)
        wishes.append(agent.MonitorsConfig(0, (monitor,) * (1 + number % 3)))
    _say_many(client, end, wishes)
    client.alive(end.talk, "a client may change its mind")


@server_case("SPICE-ROBUST-005/many-files", channel="main", requires=_GREETED)
def many_files(client: SuiteClient) -> None:
    """Many files of 2^63 bytes that begin and do not go on, and data of files that did not begin: the next client is served."""
    end = talking(client)
    starts = [agent.FileXferStart(number, build(FileStart(f"file {number}", 1 << 63))) for number in range(_MANY)]
    _say_many(client, end, [*starts, *[agent.FileXferData(_NO_FILE, b"data")] * 3])
    end.talk.close()
    client.alive(client.main(), _WHY)
