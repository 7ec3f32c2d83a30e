"""Servers: connections that end where nobody expects it (20.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.framing.server_steps import PATTERN, begun, let_begin, need_listed, rest_lives, whole_session
from conformance.channels import COMMON, greeting
from conformance.client_wire import Ask, ClientWire
from conformance.outcome import Failure
from conformance.talk import Talk
from conformance.wire_form import link_message
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common
from spiceproto.sizes import LINK_HEADER_SIZE

_WHY: Final = "connections have ended, and not this one"
_ONE_BY_ONE: Final = ("SPICE-MAIN-020/all-one-after-the-other",)
"""Whether a session lives on without its other channels."""


def _nothing(client: SuiteClient, ask: Ask) -> ClientWire:
    return client.connect(ask)


def _bytes(size: int) -> Callable[[SuiteClient, Ask], ClientWire]:
    def some(client: SuiteClient, ask: Ask) -> ClientWire:
        wire = client.connect(ask)
        session = 0 if ask.channel_type == ChannelType.MAIN else client.session_id
        wire.send(link_message(ask.channel_type, 0, session, common_caps=COMMON.common)[:size], f"{size} bytes of a link")
        return wire

    return some


def _asked(client: SuiteClient, ask: Ask) -> ClientWire:
    return client.ask(ask)


def _answered(client: SuiteClient, ask: Ask) -> ClientWire:
    wire = client.ask(ask)
    wire.reply()
    return wire


def _half_a_ticket(client: SuiteClient, ask: Ask) -> ClientWire:
    wire = client.ask_for_ticket(ask)
    wire.send(wire.encrypted()[:64], "half a ticket")
    return wire


_STEPS: Final[dict[str, Callable[[SuiteClient, Ask], ClientWire]]] = {
    "nothing": _nothing,
    "half-a-header": _bytes(7),
    "header": _bytes(LINK_HEADER_SIZE),
    "half-a-message": _bytes(25),
    "message": _asked,
    "reply": _answered,
    "half-a-ticket": _half_a_ticket,
}
"""How far a link comes before it ends."""


def _begin(client: SuiteClient, step: Callable[[SuiteClient, Ask], ClientWire], ask: Ask) -> ClientWire | None:
    """A link up to a step; None where the server closes it before, for how many it takes at once is SPICE-LINK-064's matter."""
    try:
        return step(client, ask)
    except Failure as failure:
        client.step(f"the server lets it come less far: {failure.actual}")
        return None


@server_case("SPICE-ROBUST-001/link-stage-of-main", ChannelType.MAIN, channel="main")
@server_case("SPICE-ROBUST-001/link-stage-of-inputs", ChannelType.INPUTS, channel="inputs")
def in_the_link_stage(client: SuiteClient, kind: ChannelType) -> None:
    """A link that ends behind each step of the link stage, beside a session: that goes on. Channel."""
    need_listed(client, ChannelType.INPUTS)
    talk = client.main_talk
    for what, step in _STEPS.items():
        client.step(f"a link that ends behind: {what}")
        wire = _begin(client, step, Ask(kind))
        if wire is not None:
            wire.close()
    client.alive(talk, _WHY)


@server_case("SPICE-ROBUST-001/half-closed", channel="main", needs=("half-close",))
def half_closed(client: SuiteClient) -> None:
    """The same, and only the direction of the client ends."""
    with client.preparing("a session"):
        talk, _ = client.session()
    for what, step in _STEPS.items():
        client.step(f"a link that the client ends on its side behind: {what}")
        wire = _begin(client, step, Ask())
        if wire is not None:
            wire.stream.half_close()
    client.wait_quiet()
    client.alive(talk, _WHY)


def _cut(talk: Talk, size: int) -> None:
    """A part of a message, and the end."""
    whole = talk.frame(common.Pong(1, PATTERN))
    talk.send_bytes(whole[:size], f"{min(size, len(whole) - 1)} bytes of {len(whole)}")
    talk.wire.close()


@server_case("SPICE-ROBUST-001/inside-a-message-of-main", "main", channel="main")
@server_case("SPICE-ROBUST-001/inside-a-message-of-inputs", "inputs", channel="inputs")
@server_case("SPICE-ROBUST-001/inside-a-message-of-display", "display", channel="display")
@server_case("SPICE-ROBUST-001/inside-a-message-of-cursor", "cursor", channel="cursor")
def inside_a_message(client: SuiteClient, table: str) -> None:
    """A channel that ends inside a header, and one inside a body: the rest goes on. Channel."""
    for size in (1, -3):
        talk = begun(client, table)
        _cut(talk, size)
        client.wait_quiet()
        rest_lives(client, talk)


@server_case("SPICE-ROBUST-001/beside-another", channel="main", needs=("many-sessions",))
def beside_another(client: SuiteClient) -> None:
    """Two sessions, and main of one ends inside a message: the other goes on."""
    with client.preparing("two sessions"):
        other, _ = client.session()
        talk = client.main()
    _cut(talk, -3)
    client.alive(other, _WHY)


_ORDERS: Final[dict[str, Callable[[list[Talk]], list[Talk]]]] = {
    "main-first": lambda talks: talks,
    "main-last": lambda talks: talks[::-1],
    "main-between": lambda talks: [*talks[2:], *talks[:2]],
}


@server_case("SPICE-ROBUST-001/main-first", "main-first", requires=_ONE_BY_ONE)
@server_case("SPICE-ROBUST-001/main-last", "main-last", requires=_ONE_BY_ONE)
@server_case("SPICE-ROBUST-001/main-between", "main-between", requires=_ONE_BY_ONE)
def all_of_them(client: SuiteClient, order: str) -> None:
    """All channels of a session end at once, two sessions long: a third is served. Order."""
    for _ in range(2):
        talks = whole_session(client)
        for talk in talks:
            if until := greeting(talk.table).kept_until:
                let_begin(client, talk, until=until)
        for talk in _ORDERS[order](talks):
            talk.wire.close()
    client.alive(client.main(), "all channels of an earlier session have ended")


@server_case("SPICE-ROBUST-001/unanswered", channel="display")
def unanswered(client: SuiteClient) -> None:
    """A display whose SET_ACK and PING nobody answers, and which ends: the session goes on."""
    need_listed(client, ChannelType.DISPLAY)
    with client.preparing("display, linked"):
        screen = client.link(Ask(ChannelType.DISPLAY, answers=False))
    client.greet(screen)
    let_begin(client, screen, until=greeting("display").kept_until)
    screen.wire.close()
    client.alive(client.main_talk, _WHY)
