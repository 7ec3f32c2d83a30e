"""Servers: ping (2.6)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.framing.server_steps import PATTERN, goes_on, opened
from conformance.client_wire import Ask
from conformance.expectation import at_least, check_value
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto.messages import common, main

# -- PONG that was not asked for


_IGNORED: Final = "a PONG that was not asked for is ignored"


@server_case("SPICE-FRAME-032/not-asked-for-on-main", channel="main")
def unasked_on_main(client: SuiteClient) -> None:
    """A PONG on main that answers no PING."""
    _unasked_pong(client, "main")


@server_case("SPICE-FRAME-032/not-asked-for-on-inputs", channel="inputs")
def unasked_on_inputs(client: SuiteClient) -> None:
    """A PONG on inputs that answers no PING."""
    _unasked_pong(client, "inputs")


def _unasked_pong(client: SuiteClient, table: str) -> None:
    talk = opened(client, table)
    talk.send(common.Pong(0xFFFFFFFE, PATTERN))
    goes_on(client, talk, _IGNORED)


@server_case("SPICE-FRAME-032/twice", "the same", channel="main")
@server_case("SPICE-FRAME-032/other-time-stamp", "another time stamp", channel="main")
def twice(client: SuiteClient, changed: str) -> None:
    """A PING that is answered twice, the second time as it was or with another time stamp."""
    talk = opened(client, "main", answers=False)
    ping = _ping(client, talk, 12.0 if client.network.virtual else 4 * client.network.quiet)
    talk.send(common.Pong(ping.id, ping.timestamp))
    talk.send(common.Pong(ping.id, ping.timestamp ^ (changed == "another time stamp")))
    client.alive(talk, _IGNORED)


def _ping(client: SuiteClient, talk: Talk, within: float) -> common.Ping:
    """A PING of the server, the first that stands in the inbox. Raises NotApplicable if it sends none."""
    client.step(f"{talk.name}: wait for a PING", talk.wire.number)
    client.run(lambda: talk.count("PING") > 0 or talk.closed, within)
    if not talk.count("PING"):
        raise NotApplicable(f"the server sent no PING for {within:g} s")
    found: common.Ping = talk.expect("PING")
    return found


# -- silence


_SILENCE: Final = 30.0
_GRACE: Final = 0.5
"""Between what the client has sent and what the server knows of it."""


@server_case("SPICE-FRAME-033/silence-after-a-ping", channel="main", slow=40.0)
def silence(client: SuiteClient) -> None:
    """A client that answers no PING and says nothing: the session does not end before 30 seconds."""
    talk = _session(client, answers=False)
    client.step("say nothing for 40 s")
    began = client.now
    if client.run(lambda: talk.closed, _SILENCE + 10):
        why = f"the client is silent; main was {talk.stream.ended}"
        check_value("session", "seconds to the end", client.now - began, at_least(_SILENCE - _GRACE), why=why)
    client.note("the server ended the session" if talk.closed else "the server did not end the session")


@server_case("SPICE-FRAME-033/no-pong-but-other-messages", channel="main", slow=60.0)
def silence_broken(client: SuiteClient) -> None:
    """A client that answers no PING and asks for the list every ten seconds: the session goes on."""
    talk = _session(client, answers=False)
    for _ in range(6):
        client.step("wait 10 s")
        client.run(lambda: talk.closed, 10.0)
        talk.send(main.AttachChannels())
        client.alive(talk, "the client is not silent")


@server_case("SPICE-FRAME-033/pongs-and-nothing-else", channel="main", slow=70.0)
def only_pongs(client: SuiteClient) -> None:
    """A client that answers every PING and says nothing else: the session goes on."""
    talk = _session(client)
    client.step("answer pings for 70 s")
    client.run(lambda: talk.closed, 70.0)
    talk.expect_open("the client answers")
    client.alive(talk)


def _session(client: SuiteClient, *, answers: bool = True) -> Talk:
    with client.preparing("a session"):
        talk, _ = client.session(Ask(answers=answers))
        return talk
