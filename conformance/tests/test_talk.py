"""The words in which a case talks: structures of the link stage, wires and talks against an end that plays a part."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.memory import MemoryServerNetwork
from conformance.talk import (
    MESSAGE_SIZE,
    REPLY_SIZE,
    Failure,
    Peer,
    Talk,
    Wire,
    error_name,
    header,
    link_message,
    link_reply,
    named,
)
from conformance.tests.test_memory import Echo
from spiceproto import capabilities as caps
from spiceproto import dispatch, framing
from spiceproto.capabilities import NONE
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.errors import RemoteError
from spiceproto.link.structures import parse_header, parse_message, parse_reply
from spiceproto.messages import common, main
from spiceproto.transport import Close, Connection, Send

BOTH = MouseMode.SERVER | MouseMode.CLIENT
SERVER_MODE = main.MouseModeMessage(MouseMode.SERVER, MouseMode.SERVER)
CLIENT_MODE = main.MouseModeMessage(BOTH, MouseMode.CLIENT)


# -- the builders


def test_a_link_message_is_what_the_library_reads() -> None:
    data = link_message(ChannelType.INPUTS, 3, 77, common_caps=0b1001, channel_caps=1 << 33)
    head = parse_header(data[:16])
    assert head.magic.to_bytes(4, "little") == b"REDQ"
    assert (head.major_version, head.minor_version, head.size) == (2, 2, len(data) - 16)
    body = data[16:]
    found = parse_message(body)
    assert (found.connection_id, found.channel_type, found.channel_id, found.caps_offset) == (77, ChannelType.INPUTS, 3, 18)
    read = caps.read(body, MESSAGE_SIZE, found.num_common_caps, found.num_channel_caps, found.caps_offset)
    assert (read.common, read.channel) == (0b1001, 1 << 33)


def test_a_link_reply_is_what_the_library_reads() -> None:
    data = link_reply(b"key", error=LinkErr.PERMISSION_DENIED, common_caps=(1, 2), channel_caps=5)
    body = data[16:]
    assert parse_header(data[:16]).size == len(body)
    found = parse_reply(body)
    assert found.error == LinkErr.PERMISSION_DENIED and bytes(found.pub_key) == b"key".ljust(162, b"\0")
    read = caps.read(body, REPLY_SIZE, found.num_common_caps, found.num_channel_caps, found.caps_offset)
    assert (read.common, read.channel) == (1 | 2 << 32, 5)


def test_capabilities_behind_a_gap() -> None:
    data = link_message(1, common_caps=6, offset=22, gap=b"gap!", padding=b"behind")[16:]
    found = parse_message(data)
    assert caps.read(data, MESSAGE_SIZE, found.num_common_caps, found.num_channel_caps, 22).common == 6
    assert data.endswith(b"behind")


def test_what_is_said_need_not_be_so() -> None:
    data = link_message(1, common_caps=1, counts=(9, 9), size=1000, magic=b"XXXX", major=7, minor=8)
    assert data[:16] == header(1000, magic=b"XXXX", major=7, minor=8)
    found = parse_message(data[16:])
    assert (found.num_common_caps, found.num_channel_caps) == (9, 9)
    with pytest.raises(RemoteError):
        caps.read(data[16:], MESSAGE_SIZE, 9, 9, found.caps_offset)


def test_numbers_as_people_write_them() -> None:
    assert named(LinkErr, 7) == "PERMISSION_DENIED (7)" and named(LinkErr, 4711) == "4711"
    assert error_name(None) == "nothing" and "second link reply" in error_name(int.from_bytes(b"REDQ", "little"))


# -- a wire


class Player(Echo):
    """An end that answers as it was told; no answer is to close."""

    def __init__(self, answer: Callable[[bytes], bytes | None] = lambda data: b"", *, deadline: float | None = None) -> None:
        super().__init__(deadline=deadline)
        self.answer = answer

    def receive(self, connection: Connection, data: bytes, now: float) -> None:
        self.got.append(data)
        answer = self.answer(data)
        if answer is None:
            self._actions.append(Close(connection))
        elif answer:
            self._actions.append(Send(connection, answer))


def wired(end: Player) -> Wire:
    network = MemoryServerNetwork(end)
    return Wire(Peer(network), network.connect())


def test_bytes_are_taken_in_order() -> None:
    wire = wired(Player(lambda data: data))
    wire.send(b"abcdef")
    assert (wire.take(2), wire.take(3)) == (b"ab", b"cde")
    assert wire.take(2) is None and "1 bytes unread" in wire.state()
    with pytest.raises(Failure, match=r"a thing; found nothing for 5 s, 1 bytes unread"):
        wire.need(2, "a thing")


def test_a_byte_at_a_time() -> None:
    end = Player()
    wired(end).send_apart(b"abc", "three letters")
    assert end.got == [b"a", b"b", b"c"]


def test_expect_closed() -> None:
    wire = wired(Player(lambda data: None))
    wire.send(b"x")
    wire.expect_closed()
    with pytest.raises(Failure, match="nothing for 5 s"):
        wired(Player()).expect_closed()
    end = Player(lambda data: b"bye" if data == b"a" else None)
    wire = wired(end)
    wire.send(b"a")
    wire.send(b"b")
    with pytest.raises(Failure, match="without another byte; found 3 bytes: 627965"):
        wire.expect_closed()
    wire.expect_closed(rest=True)


def test_expect_silence() -> None:
    wired(Player()).expect_silence("why")
    wire = wired(Player(deadline=0.5))
    with pytest.raises(Failure, match=r"no byte \(why\)"):
        wire.expect_silence("why")
    assert not wire.silent()


# -- a talk


def message(value: object, writer: framing.Writer) -> bytes:
    return writer.frame(*dispatch.build("main", "server", value))


def talking(*values: object, answers: bool = True) -> tuple[Talk, Player]:
    """A main channel on which a server sends these as soon as it is sent anything."""
    writer = framing.Writer(True)
    said = b"".join([message(value, writer) for value in values])
    end = Player(lambda data: said if not end.got[:-1] else b"")
    wire = wired(end)
    talk = Talk(wire, "main", 0, True, client=NONE, server=NONE, answers=answers)
    wire.send(b"go")
    return talk, end


def test_messages_are_passed_over_until_the_right_one_comes() -> None:
    talk, _ = talking(common.Ping(1, 1, b""), SERVER_MODE, CLIENT_MODE)
    found = talk.expect("MOUSE_MODE", where=lambda value: value.supported_modes == BOTH)
    assert found == CLIENT_MODE and talk.heard["MOUSE_MODE"] == 2 and not talk.inbox


def test_what_came_instead_is_said() -> None:
    talk, _ = talking(SERVER_MODE)
    with pytest.raises(Failure, match="INIT; found nothing like it for 5 s; passed over: MOUSE_MODE"):
        talk.expect("INIT")


def test_pings_and_set_ack_are_answered() -> None:
    talk, end = talking(common.SetAck(9, 2), common.Ping(4, 5, b""), SERVER_MODE, SERVER_MODE)
    talk.count("PING")
    sent = [number for data in end.got[1:] for number, *_ in framing.Reader(True).feed(data)]
    names = [row.name for number in sent if (row := dispatch.row("main", "client", number)) is not None]
    assert names.count("ACK_SYNC") == 1 and names.count("PONG") == 1 and names.count("ACK") == 1


def test_nothing_is_answered_if_the_case_does_it_itself() -> None:
    talk, end = talking(common.SetAck(9, 2), common.Ping(4, 5, b""), answers=False)
    assert talk.count("PING") == 1 and end.got == [b"go"]


def test_expect_none() -> None:
    talk, _ = talking(SERVER_MODE)
    talk.expect_none("INIT", why="it came already")
    talk.drop()
    end = Player(deadline=0.1)
    late = Talk(wired(end), "main", 0, True, client=NONE, server=NONE)
    late.expect_none("MOUSE_MODE", why="x")
    with pytest.raises(Failure, match="main:0 stays open"):
        late.expect_open()


def test_bytes_that_are_no_message() -> None:
    end = Player(lambda data: b"\x01\x00\xff\xff\xff\xff")
    talk = Talk(wired(end), "main", 0, True, client=NONE, server=NONE)
    talk.wire.send(b"go")
    with pytest.raises(Failure, match="bytes that are no message"):
        talk.expect("INIT")


def test_a_channel_that_is_closed() -> None:
    talk = Talk(wired(Player(lambda data: None)), "main", 0, True, client=NONE, server=NONE)
    talk.expect_open()
    with pytest.raises(Failure, match="it is open after 2 s"):
        talk.expect_closed(2)
    talk.wire.send(b"go")
    talk.expect_closed()
    with pytest.raises(Failure, match="main:0 was closed"):
        talk.expect("INIT")
