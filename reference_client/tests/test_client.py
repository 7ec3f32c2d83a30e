"""A session in memory: what the client links, says and lives through."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_client import Client, Options, events
from reference_client.client import WAITING_BYTES
from reference_client.options import COMMON_CAPABILITIES, channel_types
from reference_client.tests.hand import KEY, OK, Hand, header, reply, short_refusal
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, SESSION, ScriptedServer, session
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.channel import Channel
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.errors import LocalError
from spiceproto.link import mechanisms
from spiceproto.messages import common, display, main
from spiceproto.transport import Close, Open, Send


@pytest.mark.parametrize("piece", [0, 1, 7])
def test_a_session_is_the_same_in_pieces_of_any_size(piece: int) -> None:
    whole, cut = session(Client()), session(Client(), piece=piece)
    assert set(cut.lines) == {(1, 0), *[(int(kind), number) for kind, number in LISTED]}
    assert {key: line.raw for key, line in cut.lines.items() if key != (1, 0)}.keys() == whole.lines.keys() - {(1, 0)}
    for key, line in cut.lines.items():
        assert line.got == whole.lines[key].got


def test_main_says_attach_channels_and_asks_for_client_mode() -> None:
    server = session(Client())
    assert server.main.got == [main.AttachChannels(), main.MouseModeRequest(2)]
    assert server.line(ChannelType.DISPLAY).got == [display.Init(1, 1 << 22, 1, 1 << 22)]
    assert server.inputs.got == server.line(ChannelType.CURSOR).got == []


@pytest.mark.parametrize(("supported", "current", "prefers"), [(1, 1, True), (3, 2, True), (3, 1, False)])
def test_client_mode_is_asked_for_only_where_it_is_wanted_and_not_there(supported: int, current: int, prefers: bool) -> None:
    server = session(Client(Options(prefer_client_mode=prefers)), supported=supported, current=current)
    assert server.main.got == [main.AttachChannels()]


def test_client_mode_is_asked_for_again_when_it_becomes_possible() -> None:
    server = session(Client(), supported=1)
    server.main.take()
    server.main.send(main.MouseModeMessage(3, 1))
    assert server.main.take() == [main.MouseModeRequest(2)]
    server.main.send(main.MouseModeMessage(3, 2))
    assert server.main.take() == []
    assert [event.mode for event in server.told(events.MouseModeChanged)] == [1, 2]


def test_the_mode_that_the_user_asks_for_is_not_given_up() -> None:
    server = session(Client(), current=2)
    server.client.request_mouse_mode("server")
    server.run()
    server.main.take()
    server.main.send(main.MouseModeMessage(3, 1))
    assert server.main.take() == []
    server.main.send(main.MouseModeMessage(3, 2))
    assert server.main.take() == [main.MouseModeRequest(1)]


def test_nothing_is_said_on_main_before_init_not_even_a_pong() -> None:
    server = ScriptedServer(Client())
    server.main.send(common.Ping(1, 2, b""))
    assert server.main.got == []
    server.init()
    assert server.main.got[:2] == [common.Pong(1, 2), main.AttachChannels()]


def test_a_second_init_changes_nothing() -> None:
    server = session(Client(), supported=1)
    server.main.take()
    server.main.send(main.Init(77, 1, 3, 2, 0, 0, 0, 0))
    assert server.main.take() == []
    assert server.client.session_id == SESSION
    assert len(server.told(events.Initialised)) == 1


def test_a_channel_that_is_added_later_is_linked_and_nothing_is_linked_twice() -> None:
    server = session(Client(), channels={**CHANNELS, (ChannelType.DISPLAY, 1): COMMON})
    server.listing((ChannelType.DISPLAY, 1), (ChannelType.DISPLAY, 1), (ChannelType.DISPLAY, 0), (ChannelType.MAIN, 0))
    assert len(server.connections) == 5
    assert (2, 1) in server.lines


def test_a_channel_that_was_lost_is_not_linked_again() -> None:
    server = session(Client())
    server.line(ChannelType.CURSOR).close()
    server.listing((ChannelType.CURSOR, 0))
    assert len(server.connections) == 4


def test_unwanted_and_unknown_types_are_not_linked() -> None:
    server = ScriptedServer(Client(Options(channels=(ChannelType.INPUTS,))))
    server.init()
    server.listing((0, 0), (99, 0), (ChannelType.PLAYBACK, 0), *LISTED)
    assert sorted(server.lines) == [(1, 0), (3, 0)]


def test_there_is_an_end_to_links() -> None:
    server = ScriptedServer(Client(Options(most_channels=10)))
    server.init()
    server.listing(*[(ChannelType.DISPLAY, number) for number in range(200)])
    assert len(server.connections) == 10


@pytest.mark.parametrize(("data", "name"), [(b"guest\0", "guest"), (b"guest", "guest"), (b"", ""), (b"\xff\0x", "\ufffd")])
def test_names_come_with_and_without_a_zero_byte(data: bytes, name: str) -> None:
    server = session(Client())
    server.main.send(main.Name(data))
    assert server.told(events.Named) == [events.Named(name)]


@pytest.mark.parametrize("end", [b"", b"\0"])
def test_a_notify_is_told_up_to_its_length_on_every_channel(end: bytes) -> None:
    server = session(Client())
    for line in server.lines.values():
        line.send(common.Notify(0, 2, 1, 3, b"read me", end))
    assert server.told(events.Notified) == [
        events.Notified(name, 2, 1, 3, "read me") for name in ("main", "display", "inputs", "cursor")
    ]


def test_the_multimedia_clock_goes_on_modulo_2_to_the_32() -> None:
    server = session(Client(), clock=0xFFFFFF00)
    part = server.client.main
    assert part is not None
    server.client.tick(1.0)
    assert part.multi_media_time() == (0xFFFFFF00 + 1000) & 0xFFFFFFFF
    server.main.send(main.MultiMediaTime(5))
    assert part.multi_media_time() in (5, 4)


def test_the_loss_of_main_ends_all_and_that_of_another_channel_does_not() -> None:
    server = session(Client())
    server.inputs.close()
    assert not server.told(events.Ended) and len(server.open) == 3
    assert [event.channel for event in server.told(events.ChannelClosed)] == ["inputs"]
    server.main.close()
    assert not server.open
    assert server.told(events.Ended)[0].orderly
    assert all(line.closed_by_client for key, line in server.lines.items() if key not in ((1, 0), (3, 0)))


def test_who_leaves_says_so_on_main_and_nothing_after_it() -> None:
    client = Client()
    server = session(client)
    client.disconnect()
    client.disconnect()
    actions = client.take_actions()
    assert [type(action) for action in actions] == [Send] + [Close] * 4
    for action in actions:
        server.carry_out(action)
    assert isinstance(server.main.got[-1], common.Disconnecting)
    assert client.take_events() == [events.Ended(True, "the user left")]
    with pytest.raises(LocalError):
        client.motion(1, 1)


def test_who_leaves_before_init_says_nothing() -> None:
    server = ScriptedServer(Client())
    server.client.disconnect()
    server.run()
    assert server.main.got == [] and not server.open
    assert not server.told(events.Ended)[0].orderly


def test_messages_of_every_channel_that_mean_nothing_here_are_lived_through() -> None:
    server = session(Client())
    server.main.send(
        main.AgentConnectedTokens(10), main.AgentConnected(), main.AgentData(b"x"), main.AgentToken(1),
        main.AgentDisconnected(0), main.MigrateCancel(), main.MigrateEnd(), main.Uuid(bytes(16)), common.Migrate(3),
        common.MigrateData(b"state"), main.MigrateBegin(main.DstInfo(1, 2, b"host\0")),
    )  # fmt: skip
    server.main.send(main.MigrateSwitchHost(5900, 5901, b"other\0", b"CN=x\0"))
    assert server.told(events.SwitchHost) == [events.SwitchHost("other", 5900, 5901, "CN=x")]
    server.main.take()
    server.main.send(common.Ping(1, 1, b""))
    assert server.main.take() == [common.Pong(1, 1)]


def test_unknown_and_malformed_messages_are_told_and_skipped() -> None:
    server = session(Client())
    for line in server.lines.values():
        line.send_raw(250, b"?")
        line.send_raw(4, b"short")
        line.take()
        line.send(common.Ping(3, 3, b""))
        assert line.take() == [common.Pong(3, 3)]
    assert len(server.told(events.MessageSkipped)) == 8


def test_a_message_that_is_too_large_closes_its_channel_alone() -> None:
    server = session(Client())
    server.deliver(server.inputs.connection, b"\x66\0\xff\xff\xff\xff")
    assert server.inputs.closed_by_client
    assert len(server.open) == 3
    server.deliver(server.main.connection, b"\x66\0\xff\xff\xff\xff")
    assert not server.open and server.told(events.Ended)


def test_a_channel_waits_for_another_and_goes_on() -> None:
    server = session(Client())
    serial = server.main.channel.sent_serial  # type: ignore[union-attr]
    wait = common.WaitForChannels((common.ChannelWait(ChannelType.MAIN, 0, serial + 2),))
    server.inputs.send(wait, common.Ping(1, 1, b""))
    assert server.client.paused(server.inputs.connection)
    server.main.send(common.Ping(2, 2, b""))
    assert server.inputs.got == []
    server.main.send(common.Ping(3, 3, b""))
    assert server.inputs.got == [common.Pong(1, 1)]
    assert not server.client.paused(server.inputs.connection)


def test_channels_that_wait_for_one_another_in_a_row_all_go_on() -> None:
    server = session(Client())
    cursor = server.line(ChannelType.CURSOR)
    serial = server.main.channel.sent_serial  # type: ignore[union-attr]
    cursor.send(common.WaitForChannels((common.ChannelWait(ChannelType.INPUTS, 0, 2),)), common.Ping(1, 1, b""))
    server.inputs.send(common.WaitForChannels((common.ChannelWait(ChannelType.MAIN, 0, serial + 1),)), common.Ping(2, 2, b""))
    assert cursor.got == server.inputs.got == []
    server.main.send(common.Ping(3, 3, b""))
    assert (cursor.got, server.inputs.got) == ([common.Pong(1, 1)], [common.Pong(2, 2)])


@pytest.mark.parametrize("channel", [(2, 99), (99, 0), (3, 0)])
def test_nobody_waits_for_a_channel_that_is_not_there_or_for_itself(channel: tuple[int, int]) -> None:
    server = session(Client())
    server.inputs.send(common.WaitForChannels((common.ChannelWait(*channel, 1000),)), common.Ping(1, 1, b""))
    assert server.inputs.got == [common.Pong(1, 1)]


def test_the_end_of_a_channel_ends_the_wait_for_it() -> None:
    server = session(Client())
    server.inputs.send(common.WaitForChannels((common.ChannelWait(4, 0, 1000),)), common.Ping(1, 1, b""))
    assert server.inputs.got == []
    server.line(ChannelType.CURSOR).close()
    assert server.inputs.got == [common.Pong(1, 1)]


def test_a_channel_that_waits_does_not_pile_up_without_bound() -> None:
    client = Client()
    server = session(client)
    server.inputs.send(common.WaitForChannels((common.ChannelWait(4, 0, 1000),)))
    assert server.inputs.channel is not None
    for _ in range(WAITING_BYTES // 250000 + 1):
        client.receive(server.inputs.connection, server.inputs.channel.send(common.Ping(1, 1, bytes(250000))), 0.0)
    assert not client.paused(server.inputs.connection)
    assert [type(event) for event in client.take_events()] == [events.ChannelClosed]


# -- link stage


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


def test_need_secured_is_answered_with_tls_once() -> None:
    hand = Hand(Client(Options(tls=True)))
    hand.give(short_refusal(LinkErr.NEED_SECURED))
    assert [connection.secure for connection in hand.opens] == [False, True]
    hand.give(short_refusal(LinkErr.NEED_SECURED), 1)
    assert len(hand.opens) == 2
    assert hand.client.ended is not None


def test_what_main_needs_tls_for_the_others_begin_with() -> None:
    server = session(Client(Options(tls=True)), secured={ChannelType.MAIN})
    assert [connection.secure for connection in server.connections] == [False, True, True, True, True]


def test_one_channel_may_need_tls_alone() -> None:
    server = session(Client(Options(tls=True)), secured={ChannelType.INPUTS})
    assert sorted(key for key, line in server.lines.items() if line.connection.secure) == [(3, 0)]


def test_secure_channels_begin_with_tls() -> None:
    server = session(Client(Options(tls=True, secure_channels=channel_types("inputs;main"))))
    assert sorted(key for key, line in server.lines.items() if line.connection.secure) == [(1, 0), (3, 0)]


def test_need_unsecured_is_the_end_for_a_channel_with_tls() -> None:
    server = session(Client(Options(tls=True, secure_channels=channel_types("inputs"))), unsecured={ChannelType.INPUTS})
    assert len(server.connections) == 4 and (3, 0) not in server.lines
    assert server.told(events.ChannelRefused)[0].error == LinkErr.NEED_UNSECURED


def test_tls_that_there_is_no_way_for_is_refused_without_a_connection() -> None:
    server = ScriptedServer(Client(Options(secure_channels=channel_types("main"))))
    assert not server.connections and not server.told(events.Ended)[0].orderly


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


def test_a_linked_session_has_no_time_limit() -> None:
    assert session(Client()).client.deadline is None


def test_a_client_has_one_session() -> None:
    client = Client()
    client.start(0.0)
    with pytest.raises(LocalError):
        client.start(1.0)


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


# -- whatever comes


@settings(max_examples=150, deadline=None)
@given(chunks=st.lists(st.binary(max_size=300), max_size=6))
def test_garbage_instead_of_a_link_reply_raises_nothing(chunks: list[bytes]) -> None:
    hand = Hand(Client(Options(tls=True, sasl=True, username="u", password="p")))
    for chunk in chunks:
        hand.give(chunk)


@settings(max_examples=150, deadline=None)
@given(common_caps=st.integers(0, 15), chunks=st.lists(st.binary(max_size=300), max_size=6))
def test_garbage_behind_a_link_reply_raises_nothing(common_caps: int, chunks: list[bytes]) -> None:
    hand = Hand(Client(Options(sasl=True, username="u", password="p")))
    hand.give(reply(common=(common_caps,)))
    for chunk in chunks:
        hand.give(chunk)


_TYPES = st.one_of(st.integers(0, 12), st.integers(100, 130), st.integers(300, 320), st.integers(0, 0xFFFF))
_MESSAGES = st.lists(st.tuples(st.sampled_from([(1, 0), (2, 0), (3, 0), (4, 0)]), _TYPES, st.binary(max_size=80)), max_size=12)


@settings(max_examples=300, deadline=None)
@given(messages=_MESSAGES, canvas=st.booleans())
def test_messages_of_any_content_raise_nothing(messages: list[tuple[tuple[int, int], int, bytes]], canvas: bool) -> None:
    server = session(Client(Options(canvas=canvas)))
    for key, type, body in messages:
        line = server.lines[key]
        if line.connection in server.open:
            line.send_raw(type, body)
    server.client.disconnect()
    server.run()
    assert not server.open


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_a_session_with_flipped_bits_raises_nothing(seed: int) -> None:
    random = Random(seed)
    talk = Channel("server", "main", True)
    good = reply() + OK + talk.send(main.Init(SESSION, 1, 3, 1, 0, 0, 0, 0))
    data = bytearray(good + talk.send(main.ChannelsList((main.ChannelId(ChannelType.DISPLAY, 0),))))
    for _ in range(random.randrange(1, 6)):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    hand = Hand(Client())
    hand.give(bytes(data), piece=random.choice((0, 1, 13)))


def test_bytes_after_the_end_and_for_strangers_mean_nothing() -> None:
    server = session(Client())
    client, connection = server.client, server.main.connection
    client.disconnect()
    client.take_actions()
    client.take_events()
    client.receive(connection, b"x", 0.0)
    client.closed(connection, 0.0)
    client.opened(connection, 0.0)
    client.failed(connection, 0.0, "")
    client.tick(99.0)
    assert client.take_actions() == [] and client.take_events() == []


def test_a_reply_that_is_too_long_is_not_waited_for() -> None:
    hand = Hand(Client())
    hand.give(header(0xFFFFFFF0))
    assert hand.closes == [0]


def test_options_that_lead_nowhere_are_errors() -> None:
    for options in (Options(plain=False), Options(password=b"x" * 61)):
        with pytest.raises(LocalError):
            Client(options)
    with pytest.raises(LocalError):
        channel_types("main,no-such")
    assert channel_types("all") >= {ChannelType.MAIN, ChannelType.WEBDAV}
    assert Options(sasl=True).announced(99) == Capabilities(COMMON.with_(CommonCapability.AUTH_SASL).common, NONE.channel)


def test_what_is_told_can_be_written_as_json() -> None:
    server = session(Client())
    server.main.send(common.Notify(0, 1, 2, 3, b"x", b"\0"))
    found: list[dict[str, Any]] = [events.as_json(event) for event in server.events]
    assert {item["event"] for item in found} == {"linked", "init", "channels", "notify"}
