"""Servers: messages that have not come whole (20.4)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.framing.server_steps import PATTERN, goes_on, let_begin, need_listed
from conformance.channels import greeting
from conformance.client_wire import Ask
from conformance.outcome import Failure
from conformance.talk import Talk
from spiceproto.channels import channel_type
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common

_BEAT: Final = 0.1
"""Seconds between two bytes of a slow client."""

_WHY: Final = "a message on another channel has not come whole"


def _talks(client: SuiteClient, table: str) -> tuple[Talk, Talk]:
    """The channel on which half a message is to come, and another one of its session: main, or inputs beside main."""
    need_listed(client, ChannelType.INPUTS)
    with client.preparing("two channels"):
        if table == "main":
            return client.main_talk, client.channel(Ask(ChannelType.INPUTS))
        talk = client.channel(Ask(channel_type(table)), wait=False)
        let_begin(client, talk, until=greeting(table).kept_until or greeting(table).awaited)
        return talk, client.main_talk


def _others_go_on(client: SuiteClient, other: Talk) -> None:
    goes_on(client, other, _WHY)
    wire = client.ask()
    answer = wire.answer()
    wire.close()
    if not answer.ok:
        raise Failure(f"a link reply to another client ({_WHY})", str(answer))


@server_case("SPICE-ROBUST-003/on-main", "main", channel="main")
@server_case("SPICE-ROBUST-003/on-inputs", "inputs", channel="inputs")
@server_case("SPICE-ROBUST-003/on-display", "display", channel="display")
@server_case("SPICE-ROBUST-003/on-cursor", "cursor", channel="cursor")
def half(client: SuiteClient, table: str) -> None:
    """Half a header, and then all but the last byte of a body: other channels and clients are served. Channel."""
    talk, other = _talks(client, table)
    whole = talk.frame(common.Pong(1, PATTERN))
    for part in (whole[:3], whole[3:-1]):
        talk.send_bytes(part, f"{len(part)} of {len(whole)} bytes of a PONG")
        _others_go_on(client, other)
    talk.send_bytes(whole[-1:], "the last byte")
    client.wait_quiet()
    talk.expect_open("the message has come whole")


@server_case("SPICE-ROBUST-003/slow", "inputs", channel="inputs")
def slow(client: SuiteClient, table: str) -> None:
    """A message, ten bytes of it a second: other channels and clients are served. Channel."""
    talk, other = _talks(client, table)
    whole = talk.frame(common.Pong(1, PATTERN))
    for at in range(len(whole)):
        talk.send_bytes(whole[at : at + 1], f"byte {at + 1} of {len(whole)}")
        client.wait(_BEAT)
        if at % 6 == 3:
            _others_go_on(client, other)
    goes_on(client, talk, "the message has come whole")
