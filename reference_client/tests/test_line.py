"""One connection: its link stage, its time limits, and whatever bytes come on it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_client import Client, Options, events
from reference_client.options import COMMON_CAPABILITIES
from reference_client.tests.hand import KEY, Hand, header, reply, short_refusal
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, SESSION, ScriptedServer, session
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.errors import LocalError
from spiceproto.link import mechanisms
from spiceproto.messages import common
from spiceproto.transport import Close, Open


def test_unknown_and_malformed_messages_are_told_and_skipped() -> None:
    server = session(Client())
    for line in server.lines.values():
        line.send_raw(250, b"?")
        line.send_raw(4, b"short")
        line.take()
        line.send(common.Ping(3, 3, b""))
        assert line.take() == [common.Pong(3, 3)]
    assert len(server.told(events.MessageSkipped)) == 8


def test_who_watches_is_told_of_each_message_both_ways_on_channels_that_come_later_too() -> None:
    seen: list[tuple[str, int, str, int, bytes, int]] = []
    server = ScriptedServer(Client())

    def watch(type: int, id: int, sender: str, number: int, body: bytes, serial: int) -> None:
        seen.append((ChannelType(type).name, id, sender, number, body, serial))

    server.init()
    server.client.watch(watch)
    server.listing(*LISTED)
    assert [row[0] for row in seen if row[2:4] == ("server", 104)] == ["MAIN"]
    server.inputs.take()
    seen.clear()
    server.inputs.send(common.Ping(7, 9, b"x"))
    server.inputs.send_raw(250, b"?")
    assert [row[:5] for row in seen] == [
        ("INPUTS", 0, "server", 4, (7).to_bytes(4, "little") + (9).to_bytes(8, "little") + b"x"),
        ("INPUTS", 0, "client", 3, (7).to_bytes(4, "little") + (9).to_bytes(8, "little")),
        ("INPUTS", 0, "server", 250, b"?"),
    ]
    assert seen[2][5] == seen[0][5] + 1
    server.client.watch(None)
    server.inputs.send(common.Ping(8, 9, b""))
    assert len(seen) == 3 and server.inputs.take()


def test_a_message_that_is_too_large_closes_its_channel_alone() -> None:
    server = session(Client())
    server.deliver(server.inputs.connection, b"\x66\0\xff\xff\xff\xff")
    assert server.inputs.closed_by_client
    assert len(server.open) == 3
    server.deliver(server.main.connection, b"\x66\0\xff\xff\xff\xff")
    assert not server.open and server.told(events.Ended)


def test_a_channel_names_the_session_and_its_capabilities() -> None:
    own = COMMON_CAPABILITIES.with_(CommonCapability.AUTH_SASL)
    server = session(Client(Options(capabilities={ChannelType.INPUTS: own})))
    found = server.inputs.established
    assert found is not None
    assert (found.message.connection_id, found.client) == (SESSION, own)


@pytest.mark.parametrize("password", ["", "sesame", "ä" * 30, b"\xff" * 60])
def test_a_ticket_is_the_password(password: str | bytes) -> None:
    hand = Hand(Client(Options(password=password)))
    hand.taken()
    hand.give(reply())
    data = password.encode() if isinstance(password, str) else password
    assert KEY.decrypt_plaintext(hand.taken()[4:]) == data + b"\0"


def test_a_wrong_password_is_refused_and_told() -> None:
    server = ScriptedServer(Client(Options(password="wrong")), password=b"sesame")
    assert server.told(events.ChannelRefused)[0].error == LinkErr.PERMISSION_DENIED
    assert server.told(events.Ended) == [events.Ended(False, "the server refuses the login: PERMISSION_DENIED")]


@pytest.mark.parametrize("password", ["x" * 61, "ä" * 31, "a\0b"])
def test_a_password_that_no_ticket_can_hold_is_refused_here(password: str) -> None:
    with pytest.raises(LocalError):
        Client(Options(password=password))


def test_a_long_password_with_sasl_is_refused_when_the_server_wants_a_ticket() -> None:
    hand = Hand(Client(Options(password="x" * 61, username="u", sasl=True)))
    hand.taken()
    hand.give(reply())
    assert hand.taken() == b"" and hand.closes == [0]
    refused = hand.client.take_events()[0]
    assert isinstance(refused, events.ChannelRefused) and refused.error is None


@pytest.mark.parametrize("error", [1, 7, 8, 99, 0x51444552])
def test_every_result_but_ok_is_a_refusal(error: int) -> None:
    hand = Hand(Client())
    hand.give(reply())
    hand.give(error.to_bytes(4, "little"))
    assert not hand.established() and hand.closes == [0]
    refused = hand.client.take_events()[0]
    assert isinstance(refused, events.ChannelRefused) and refused.error == error


@pytest.mark.parametrize("error", [code for code in LinkErr if code])
def test_nothing_follows_a_refusal_long_or_short(error: LinkErr) -> None:
    for answer in (short_refusal(error), reply(error=error, key=bytes(162), common=())):
        hand = Hand(Client())
        hand.taken()
        hand.give(answer)
        assert hand.taken() == b"" and hand.closes == [0] and len(hand.opens) == 1


def test_a_connection_that_cannot_be_had_is_told() -> None:
    server = ScriptedServer(Client(), begin=False)
    server.refuse_connections = True
    server.client.start(0.0)
    server.run()
    assert server.told(events.ChannelRefused) == [events.ChannelRefused("main", 0, None, "connect", "refused")]


def test_both_stages_have_a_time_limit() -> None:
    client = Client(Options(connect_timeout=3.0, link_timeout=5.0))
    client.start(10.0)
    assert client.deadline == 13.0
    [opening] = client.take_actions()
    assert isinstance(opening, Open)
    client.tick(12.9)
    assert client.take_actions() == []
    client.opened(opening.connection, 12.9)
    assert client.deadline == 17.9
    client.tick(17.9)
    assert isinstance(client.take_actions()[-1], Close)
    assert client.deadline is None and client.ended is not None


def test_a_client_that_never_gets_a_connection_gives_up() -> None:
    client = Client(Options(connect_timeout=3.0))
    client.start(0.0)
    client.tick(3.0)
    assert isinstance(client.take_actions()[-1], Close)
    refused = client.take_events()[0]
    assert isinstance(refused, events.ChannelRefused) and refused.stage == "connect"


@pytest.mark.parametrize("mechanism", mechanisms.MECHANISMS)
@pytest.mark.parametrize("password", ["sesame", "wrong"])
def test_sasl(mechanism: str, password: str) -> None:
    channels: dict[tuple[int, int], Capabilities] = {
        key: value.without(CommonCapability.AUTH_SPICE).with_(CommonCapability.AUTH_SASL) for key, value in CHANNELS.items()
    }
    options = Options(sasl=True, username="suite", password=password)
    server = ScriptedServer(
        Client(options), channels=channels, piece=1, sasl=lambda: mechanisms.server({"suite": "sesame"}, [mechanism])
    )
    linked = server.told(events.ChannelLinked)
    if password == "sesame":
        assert [event.mechanism for event in linked] == [AuthMechanism.SASL]
    else:
        assert not linked and server.told(events.Ended)


def test_sasl_under_a_name_that_no_mechanism_takes_is_a_refusal() -> None:
    hand = Hand(Client(Options(sasl=True, username="", password="")))
    for data in (reply(common=(COMMON.with_(CommonCapability.AUTH_SASL).common,)), b"\x0d\0\0\0SCRAM-SHA-256"):
        hand.give(data)
    hand.give(b"\x05\0\0\0\xff\xff\xff\xff\0\1")
    assert not hand.established()


@settings(max_examples=150)
@given(chunks=st.lists(st.binary(max_size=300), max_size=6))
def test_garbage_instead_of_a_link_reply_raises_nothing(chunks: list[bytes]) -> None:
    hand = Hand(Client(Options(tls=True, sasl=True, username="u", password="p")))
    for chunk in chunks:
        hand.give(chunk)


@settings(max_examples=150)
@given(common_caps=st.integers(0, 15), chunks=st.lists(st.binary(max_size=300), max_size=6))
def test_garbage_behind_a_link_reply_raises_nothing(common_caps: int, chunks: list[bytes]) -> None:
    hand = Hand(Client(Options(sasl=True, username="u", password="p")))
    hand.give(reply(common=(common_caps,)))
    for chunk in chunks:
        hand.give(chunk)


def test_a_reply_that_is_too_long_is_not_waited_for() -> None:
    hand = Hand(Client())
    hand.give(header(0xFFFFFFF0))
    assert hand.closes == [0]
