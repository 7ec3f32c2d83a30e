"""A session in memory: which channels are linked, with TLS or not, and how it ends."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_client import Client, Options, events
from reference_client.options import channel_types
from reference_client.tests.hand import OK, Hand, reply, short_refusal
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, ScriptedServer, init, session
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.channel import Channel, MessageReceived
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.errors import LocalError
from spiceproto.messages import common, display, main
from spiceproto.transport import Close, Send

_TYPES = st.one_of(st.integers(0, 12), st.integers(100, 130), st.integers(300, 320), st.integers(0, 0xFFFF))
_MESSAGES = st.lists(st.tuples(st.sampled_from([(1, 0), (2, 0), (3, 0), (4, 0)]), _TYPES, st.binary(max_size=80)), max_size=12)


@pytest.mark.parametrize("piece", [0, 1, 7])
def test_a_session_is_the_same_in_pieces_of_any_size(piece: int) -> None:
    whole, cut = session(Client()), session(Client(), piece=piece)
    assert set(cut.lines) == {(1, 0), *[(int(kind), number) for kind, number in LISTED]}
    assert {key: line.raw for key, line in cut.lines.items() if key != (1, 0)}.keys() == whole.lines.keys() - {(1, 0)}
    for key, line in cut.lines.items():
        assert line.got == whole.lines[key].got


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


@pytest.mark.parametrize("end", [b"", b"\0"])
def test_a_notify_is_told_up_to_its_length_on_every_channel(end: bytes) -> None:
    server = session(Client())
    for line in server.lines.values():
        line.send(common.Notify(time_stamp=0, severity=2, visibilty=1, what=3, message=b"read me", terminator=end))
    assert server.told(events.Notified) == [
        events.Notified(name, 2, 1, 3, "read me") for name in ("main", "display", "inputs", "cursor")
    ]


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
    server.line(ChannelType.DISPLAY).send(display.Mark())
    client.disconnect(0.0)
    client.disconnect(0.0)
    actions = client.take_actions()
    assert [type(action) for action in actions] == [Send] + [Close] * 4
    for action in actions:
        server.carry_out(action)
    assert isinstance(server.main.got[-1], common.Disconnecting)
    assert client.take_events() == [events.Ended(True, "the user left")]
    with pytest.raises(LocalError):
        client.inputs.motion(1, 1)


def test_who_leaves_before_init_says_nothing() -> None:
    server = ScriptedServer(Client())
    server.client.disconnect(0.0)
    server.run()
    assert server.main.got == [] and not server.open
    assert not server.told(events.Ended)[0].orderly


def gone(server: ScriptedServer) -> bool:
    """Whether the client has left in order, with DISCONNECTING as the last word on main."""
    return not server.open and isinstance(server.main.got[-1], common.Disconnecting)


def test_who_leaves_keeps_a_display_that_has_no_mark() -> None:
    server = session(Client())
    server.client.disconnect(server.now)
    server.run()
    assert len(server.open) == 4 and server.client.ended is None
    server.listing((ChannelType.DISPLAY, 1))
    assert len(server.connections) == 4
    server.line(ChannelType.DISPLAY).send(display.Mark())
    assert gone(server)
    assert server.told(events.Ended) == [events.Ended(True, "the user left")] and server.client.deadline is None


def test_a_display_without_a_mark_is_kept_for_a_bounded_time() -> None:
    server = session(Client(Options(leave_timeout=4.0)))
    server.client.disconnect(server.now)
    server.client.disconnect(server.now)
    server.run()
    assert server.client.deadline == 4.0
    server.wait(3.9)
    assert len(server.open) == 4
    server.wait(0.2)
    assert gone(server)


def test_a_display_that_the_server_closes_is_not_waited_for() -> None:
    server = session(Client())
    server.client.disconnect(server.now)
    server.run()
    server.line(ChannelType.DISPLAY).close()
    assert gone(server)


def test_who_leaves_while_a_display_is_linked_says_init_first() -> None:
    hand = Hand(Client())
    talk = hand.begin((ChannelType.DISPLAY, 0), (ChannelType.INPUTS, 0))
    hand.give(reply(), 1)
    hand.give(reply(), 2)
    hand.client.disconnect(0.0)
    hand.run()
    assert hand.closes == []
    hand.taken(1)
    hand.give(OK, 1)
    server = Channel("server", "display", True)
    server.receive(hand.taken(1))
    event = server.next_event()
    assert isinstance(event, MessageReceived) and isinstance(event.value, display.Init)
    assert hand.closes == []
    hand.give(server.send(display.Mark()), 1)
    assert sorted(hand.closes) == [0, 1, 2]
    talk.receive(hand.taken())
    said = []
    while isinstance(found := talk.next_event(), MessageReceived):
        said.append(found.value)
    assert isinstance(said[-1], common.Disconnecting)


def test_who_leaves_before_a_connection_is_there_drops_it() -> None:
    client = Client()
    client.start(0.0)
    [opening] = client.take_actions()
    client.disconnect(0.0)
    assert client.take_actions() == [Close(opening.connection)]
    assert client.ended == events.Ended(False, "the user left")


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


def test_a_linked_session_has_no_time_limit() -> None:
    assert session(Client()).client.deadline is None


def test_a_client_has_one_session() -> None:
    client = Client()
    client.start(0.0)
    with pytest.raises(LocalError):
        client.start(1.0)


@settings(max_examples=300)
@given(messages=_MESSAGES, canvas=st.booleans())
def test_messages_of_any_content_raise_nothing(messages: list[tuple[tuple[int, int], int, bytes]], canvas: bool) -> None:
    server = session(Client(Options(canvas=canvas)))
    for key, type, body in messages:
        line = server.lines[key]
        if line.connection in server.open:
            line.send_raw(type, body)
    server.leave()
    assert not server.open


@settings(max_examples=100)
@given(seed=st.integers(0, 1 << 32))
def test_a_session_with_flipped_bits_raises_nothing(seed: int) -> None:
    random = Random(seed)
    talk = Channel("server", "main", True)
    good = reply() + OK + talk.send(init())
    data = bytearray(good + talk.send(main.ChannelsList((main.ChannelId(ChannelType.DISPLAY, 0),))))
    for _ in range(random.randrange(1, 6)):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    hand = Hand(Client())
    hand.give(bytes(data), piece=random.choice((0, 1, 13)))


def test_bytes_after_the_end_and_for_strangers_mean_nothing() -> None:
    server = session(Client())
    client, connection = server.client, server.main.connection
    server.leave()
    client.take_actions()
    client.take_events()
    client.receive(connection, b"x", 0.0)
    client.closed(connection, 0.0)
    client.opened(connection, 0.0)
    client.failed(connection, 0.0, "")
    client.tick(99.0)
    assert client.take_actions() == [] and client.take_events() == []


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
    server.main.send(common.Notify(time_stamp=0, severity=1, visibilty=2, what=3, message=b"x", terminator=b"\0"))
    found: list[dict[str, Any]] = [events.as_json(event) for event in server.events]
    assert {item["event"] for item in found} == {"linked", "init", "channels", "notify"}
