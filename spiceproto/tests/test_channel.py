"""The message layer."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiceproto import dispatch, framing
from spiceproto.channel import Channel, Event, MalformedMessage, MessageReceived, StreamLost, UnknownMessage
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.messages import common, inputs, main

PING = common.Ping(1, 2, b"")
PONG = common.Pong(1, 2)
headers = pytest.mark.parametrize("mini", [True, False])


def events(channel: Channel) -> list[Event]:
    found = []
    while (event := channel.next_event()) is not None:
        found.append(event)
    return found


def values(channel: Channel) -> list[Any]:
    return [event.value if isinstance(event, MessageReceived) else event for event in events(channel)]


def pair(table: str = "main", mini: bool = True) -> tuple[Channel, Channel]:
    return Channel("client", table, mini), Channel("server", table, mini)


@headers
def test_conversation(mini: bool) -> None:
    client, server = pair("main", mini)
    client.receive(server.set_ack(2) + server.ping(1.0, 100) + server.send(main.MouseModeMessage(3, 1)))
    received = events(client)
    names = [event.row.name for event in received if isinstance(event, MessageReceived)]
    assert names == ["SET_ACK", "PING", "MOUSE_MODE"]
    assert [event.serial for event in received if isinstance(event, MessageReceived)] == [1, 2, 3]
    server.receive(client.bytes_to_send(), 1.25)
    assert values(server) == [common.AckSync(1), common.Pong(1, 1_000_000), common.Ack()]
    assert server.round_trip == 0.25
    assert client.bytes_to_send() == b""


def test_ack_goes_out_before_its_message_is_handled() -> None:
    client, server = pair("display")
    client.receive(server.set_ack(1) + server.send(PING))
    client.next_event()
    client.bytes_to_send()
    client.next_event()
    reader = framing.Reader(True)
    assert [frame[0] for frame in reader.feed(client.bytes_to_send())] == [2, 3]


def test_answers_can_be_left_to_the_caller() -> None:
    client = Channel("client", "main", True, answers=False)
    server = Channel("server", "main", True)
    client.receive(server.set_ack(1) + server.send(PING))
    assert len(values(client)) == 2
    assert client.bytes_to_send() == b""
    assert client.acks.window == 1


def test_server_blocks_and_goes_on() -> None:
    client, server = pair("display")
    data = server.set_ack(2)
    while not server.blocked:
        data += server.send(PING)
    client.receive(data)
    assert len(values(client)) == 6
    server.receive(client.bytes_to_send())
    events(server)
    assert not server.blocked and server.ack_sender.open == 1


@headers
def test_sub_messages_come_first_in_order(mini: bool) -> None:
    client, server = pair("main", mini)
    inside = (common.Ping(1, 0, b""), common.Ping(2, 0, b""))
    if mini:
        client.receive(server.send_list(*inside))
    else:
        client.receive(server.send(main.MouseModeMessage(3, 1), inside=inside))
    received = [event for event in events(client) if isinstance(event, MessageReceived)]
    assert [event.inside for event in received] == [True, True, False]
    assert [event.value for event in received[:2]] == list(inside)
    assert {event.serial for event in received} == {1}
    server.receive(client.bytes_to_send())
    assert values(server) == [common.Pong(1, 0), common.Pong(2, 0)]


def test_sub_messages_count_once_and_before_they_are_handled() -> None:
    client, server = pair("display")
    client.receive(server.set_ack(2) + server.send_list(PING, PING, PING) + server.send(PING))
    events(client)
    types = [frame[0] for frame in framing.Reader(True).feed(client.bytes_to_send())]
    assert types == [1, 3, 3, 3, 2, 3]


@pytest.mark.parametrize("body", [b"", b"\1\0", b"\1\0\xff\0\0\0", struct.pack("<HLHL", 1, 6, 4, 1)])
def test_bad_lists(body: bytes) -> None:
    writer = framing.Writer(True)
    client = Channel("client", "main", True)
    client.receive(writer.frame(framing.LIST, body) + writer.frame(4, struct.pack("<LQ", 1, 2)))
    first, second = events(client)
    assert isinstance(first, MalformedMessage) and "LIST" in first.error.where
    assert isinstance(second, MessageReceived)


def test_unknown_message() -> None:
    writer = framing.Writer(True)
    data = writer.frame(250, b"abc") + writer.frame(4, struct.pack("<LQ", 1, 2))
    client = Channel("client", "main", True)
    client.receive(data)
    assert values(client) == [UnknownMessage(250, b"abc", "server", 1, 0), PING]
    server = Channel("server", "main", True)
    server.receive(data)
    with pytest.raises(RemoteError, match="unknown message") as caught:
        server.next_event()
    assert "type 250" in str(caught.value) and "main" in str(caught.value)
    assert server.next_event() is None


def test_malformed_message() -> None:
    client = Channel("client", "main", True)
    client.receive(framing.Writer(True).frame(3, b"abc"))
    (event,) = events(client)
    assert isinstance(event, MalformedMessage)
    assert "main SET_ACK, from server" in str(event.error)
    server = Channel("server", "inputs", True)
    server.receive(framing.Writer(True).frame(111, b"abc"))
    with pytest.raises(RemoteError, match=r"inputs MOUSE_MOTION, from client, dx"):
        server.next_event()


def test_trailing() -> None:
    server = Channel("server", "main", True)
    server.receive(framing.Writer(True).frame(3, struct.pack("<LQ", 1, 2) + b"behind"))
    (event,) = events(server)
    assert isinstance(event, MessageReceived)
    assert (event.value, event.size, event.tail) == (PONG, 18, 6)


def test_a_list_is_not_behind_the_last_field() -> None:
    """Bytes that belong neither to the fields nor to the list are, wherever they stand."""
    uuid = bytes(range(16))
    body, place = framing.with_sub_messages(uuid + b"gap", [(4, bytes(12))])
    for stuffed, tail in ((body, 3), (body + b"end", 6), (framing.with_sub_messages(uuid, [(4, bytes(12))])[0], 0)):
        observer = Channel("observer", "main", False)
        offset = place if tail else place - 3
        observer.receive(framing.Writer(False).frame(114, stuffed, offset), sender="server")
        ping, whole = events(observer)
        assert isinstance(ping, MessageReceived) and isinstance(whole, MessageReceived)
        assert (ping.tail, whole.row.name, whole.tail) == (0, "UUID", tail)


def test_too_long() -> None:
    server = Channel("server", "inputs", True)
    good = framing.Writer(True).frame(101, bytes(2048))
    bad = struct.pack("<HL", 101, 2049)
    server.receive(good + bad)
    assert isinstance(server.next_event(), MessageReceived)
    with pytest.raises(LimitError, match="inputs, from client"):
        server.next_event()
    server.receive(good)
    assert server.next_event() is None


def test_truncated() -> None:
    server = Channel("server", "inputs", True)
    server.receive(framing.Writer(True).frame(101, bytes(4)) + b"\1")
    server.closed()
    assert isinstance(server.next_event(), MessageReceived)
    with pytest.raises(RemoteError, match="ends inside a message"):
        server.next_event()


def test_need_more() -> None:
    client, server = pair()
    data = server.send(PING)
    client.receive(data[:-1])
    assert client.next_event() is None
    client.receive(data[-1:])
    assert values(client) == [PING]


def test_waiting_for_other_channels() -> None:
    client, server = pair("display")
    wait = common.WaitForChannels((common.ChannelWait(4, 0, 7), common.ChannelWait(9, 9, 1)))
    client.receive(server.send(wait) + server.send(PING))
    assert values(client) == [wait]
    assert client.next_event() is None
    assert not client.proceed(lambda kind, number: 6 if (kind, number) == (4, 0) else None)
    assert client.next_event() is None
    assert client.handled_serial == 1
    assert client.proceed(lambda kind, number: 7 if (kind, number) == (4, 0) else None)
    assert values(client) == [PING]
    assert client.handled_serial == 2


def test_disconnecting_is_remembered() -> None:
    client, server = pair()
    message = common.Disconnecting(1, 0)
    client.receive(server.send(message))
    events(client)
    assert client.disconnecting == message
    server.receive(client.send(message))
    events(server)
    assert server.disconnecting == message


def test_observer_sees_both_directions() -> None:
    client, server = pair()
    observer = Channel("observer", "main", True, client_offset=174, server_offset=206)
    observer.receive(server.send(PING), sender="server")
    observer.receive(client.send(PONG), sender="client")
    first, second = events(observer)
    assert isinstance(first, MessageReceived) and isinstance(second, MessageReceived)
    assert (first.sender, first.offset, first.value) == ("server", 206, PING)
    assert (second.sender, second.offset, second.value) == ("client", 174, PONG)
    assert observer.bytes_to_send() == b""
    with pytest.raises(LocalError):
        observer.send(PING)


def test_observer_loses_one_direction_only() -> None:
    client, _ = pair()
    observer = Channel("observer", "main", True)
    observer.receive(struct.pack("<HL", 3, 1 << 30), sender="server")
    lost = observer.next_event()
    assert isinstance(lost, StreamLost) and isinstance(lost.error, LimitError)
    assert (lost.sender, lost.type, lost.size) == ("server", 3, 1 << 30)
    observer.receive(bytes(100), sender="server")
    observer.receive(client.send(PONG), sender="client")
    assert values(observer) == [PONG]


def test_observer_is_told_of_a_message_that_its_sender_cut_off() -> None:
    client, server = pair()
    observer = Channel("observer", "main", True)
    observer.receive(server.send(PING)[:9], sender="server")
    observer.receive(client.send(PONG)[:4], sender="client")
    observer.closed(sender="server")
    lost = observer.next_event()
    assert isinstance(lost, StreamLost) and lost.type == -1
    assert (lost.sender, lost.have, lost.wanted) == ("server", 9, 6 + len(dispatch.build("main", "server", PING)[1]))
    assert observer.next_event() is None  # what the client had not sent yet is not its fault
    observer.closed(sender="client")
    half = observer.next_event()
    assert isinstance(half, StreamLost) and (half.have, half.wanted) == (4, 6)


def test_an_observer_tells_lists_from_bodies() -> None:
    observer = Channel("observer", "main", True)
    writer = framing.Writer(True)
    observer.receive(writer.frame(framing.LIST, b"\1\0\xff\0\0\0") + writer.frame(4, b"\0"), sender="server")
    first, second = observer.next_event(), observer.next_event()
    assert isinstance(first, MalformedMessage) and first.lists
    assert isinstance(second, MalformedMessage) and not second.lists


def test_local_errors() -> None:
    client, server = pair("inputs")
    with pytest.raises(LocalError):
        client.send(PING)
    with pytest.raises(LocalError):
        server.send(inputs.MouseMotion(1, 1, 0))
    with pytest.raises(LocalError):
        client.receive(b"", sender="client")
    with pytest.raises(LocalError):
        Channel("client", "channel-77", True)


def test_raw_messages_for_bad_peers() -> None:
    client, server = pair("inputs", False)
    server.receive(client.send_raw(101, b"\1\0\0\0"))
    assert values(server) == [inputs.KeyDown(1)]


def test_serials_go_on_after_migration() -> None:
    client = Channel("client", "main", True, received_serial=10, sent_serial=3)
    server = Channel("server", "main", True, sent_serial=10, received_serial=3)
    client.receive(server.send(PING))
    (event,) = events(client)
    assert isinstance(event, MessageReceived) and event.serial == 11
    server.receive(client.bytes_to_send())
    answer = events(server)[0]
    assert isinstance(answer, MessageReceived) and answer.serial == 4


def transcript(channel: Channel, pieces: list[tuple[str, bytes]]) -> list[str]:
    """Everything that comes out, in order; the answers as well, since they depend on what was handled."""
    found = []

    def drain() -> None:
        try:
            while (event := channel.next_event()) is not None:
                found.append(repr(event))
        except RemoteError as error:
            found.append(f"{type(error).__name__}: {error}")

    for sender, piece in pieces:
        channel.receive(piece, sender=sender)
        drain()
    channel.closed()
    drain()
    drain()
    return [*found, channel.bytes_to_send().hex()]


types = st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 101, 103, 111, 113, 250])
bodies = st.binary(max_size=24) | st.sampled_from([struct.pack("<LQ", 1, 2), struct.pack("<LL", 1, 2)])


contents = st.lists(st.tuples(types, bodies), max_size=6)


@settings(max_examples=60)
@given(st.sampled_from(["client", "server"]), st.booleans(), contents, st.binary(max_size=8), st.lists(st.integers(0, 500)))
def test_any_cutting_gives_the_same_events(
    role: str, mini: bool, content: list[tuple[int, bytes]], rest: bytes, places: list[int]
) -> None:
    writer = framing.Writer(mini)
    data = b"".join([writer.frame(type, body) for type, body in content]) + rest
    peer = "server" if role == "client" else "client"
    edges = sorted({0, len(data), *[place % (len(data) + 1) for place in places]})
    cuttings = [
        [data],
        [data[start:end] for start, end in pairwise(edges)],
        [data[at : at + 1] for at in range(len(data))],
    ]
    results = [
        transcript(Channel(role, "inputs", mini), [(peer, piece) for piece in pieces])  # type: ignore[arg-type]
        for pieces in cuttings
    ]
    assert results[0] == results[1] == results[2]


class EndsAtAck(Channel):
    """A peer that is to be tried: it has had enough once its client acknowledges something."""

    def note(self, value: Any) -> None:
        super().note(value)
        if isinstance(value, common.Ack):
            self.end()


def handed_out(channel: Channel, pieces: list[bytes]) -> list[str]:
    """What :meth:`Channel.values` gives, and the error that ends it."""
    found = []
    for piece in pieces:
        try:
            for value in channel.values(piece):
                found.append(repr(value))
        except RemoteError as error:
            found.append(f"{type(error).__name__}: {error}")
    return found


@settings(max_examples=60)
@given(st.booleans(), contents, st.binary(max_size=8), st.lists(st.integers(0, 500)))
def test_values_of_any_cutting_end_with_the_channel(
    mini: bool, content: list[tuple[int, bytes]], rest: bytes, places: list[int]
) -> None:
    writer = framing.Writer(mini)
    ack, pong = (2, b""), (3, struct.pack("<LQ", 1, 2))
    content = [pong, *content, ack, *content, pong]
    data = b"".join([writer.frame(type, body) for type, body in content]) + rest
    edges = sorted({0, len(data), *[place % (len(data) + 1) for place in places]})
    cuttings = [[data], [data[start:end] for start, end in pairwise(edges)], [data[at : at + 1] for at in range(len(data))]]
    one_by_one = EndsAtAck("server", "inputs", mini)
    expected = []
    try:
        one_by_one.receive(data)
        while (event := one_by_one.next_event()) is not None:
            assert isinstance(event, MessageReceived)
            expected.append(repr(event.value))
    except RemoteError as error:
        expected.append(f"{type(error).__name__}: {error}")
    assert all(handed_out(EndsAtAck("server", "inputs", mini), pieces) == expected for pieces in cuttings)
    assert repr(common.Ack()) not in expected[:-1]


roles = st.sampled_from(["client", "server", "observer"])
tables = st.sampled_from(["main", "display", "cursor", "usbredir"])


@given(roles, tables, st.booleans(), st.lists(st.tuples(st.booleans(), st.binary(max_size=60)), max_size=10))
def test_garbage_raises_only_remote_errors(role: str, table: str, mini: bool, pieces: list[tuple[bool, bytes]]) -> None:
    channel = Channel(role, table, mini)  # type: ignore[arg-type]
    own = {"client": "server", "server": "client"}
    transcript(channel, [(own.get(role) or ("client" if side else "server"), piece) for side, piece in pieces])


@headers
def test_numbers_go_on_where_another_connection_ended(mini: bool) -> None:
    """What came before counts as well; under full headers the peer has numbers of its own."""
    client, server = pair("main", mini)
    client.receive(server.send(PING))
    assert client.has_come(common.Ping) and not client.has_come(common.SetAck)
    client.go_on(sent_serial=7, received_serial=40)
    assert (client.handled_serial, client.sent_serial) == (40, 7)
    client.receive(server.send(PING))
    found = [event.serial for event in events(client) if isinstance(event, MessageReceived)]
    assert found == ([41, 42] if mini else [1, 2])
    assert client.sent_serial == 9  # the two PONGs
    assert not client.has_come(common.Ping)
