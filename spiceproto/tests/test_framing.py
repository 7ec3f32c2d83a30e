"""Headers and sub-messages."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto import dispatch, limits
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.framing import (
    FULL_HEADER_SIZE,
    LIST,
    MINI_HEADER_SIZE,
    Frame,
    Reader,
    Writer,
    list_body,
    sub_messages,
    with_sub_messages,
)
from spiceproto.generated.catalogue import TABLES
from spiceproto.size_limits import _COMMON, _OWN, SizeLimit, SizeLimits, named_limit, size_limit, size_limits

messages = st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=64)), max_size=8)
headers = pytest.mark.parametrize("mini", [True, False])


def stream(mini: bool, content: list[tuple[int, bytes]]) -> bytes:
    writer = Writer(mini)
    return b"".join([writer.frame(type, body) for type, body in content])


def expected(mini: bool, content: list[tuple[int, bytes]]) -> list[Frame]:
    found = []
    at = 0
    for index, (type, body) in enumerate(content):
        found.append((type, body, index + 1, at, 0))
        at += (MINI_HEADER_SIZE if mini else FULL_HEADER_SIZE) + len(body)
    return found


def read(reader: Reader, pieces: list[bytes]) -> list[Frame]:
    return [frame for piece in pieces for frame in reader.feed(piece)]


def cuts(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *[place % (len(data) + 1) for place in places]})
    return [data[start:end] for start, end in pairwise(edges)]


@given(messages, st.booleans())
def test_stream_complete(content: list[tuple[int, bytes]], mini: bool) -> None:
    reader = Reader(mini)
    assert read(reader, [stream(mini, content)]) == expected(mini, content)
    reader.finish()


@given(messages, st.booleans())
def test_stream_byte_by_byte(content: list[tuple[int, bytes]], mini: bool) -> None:
    data = stream(mini, content)
    assert read(Reader(mini), [data[at : at + 1] for at in range(len(data))]) == expected(mini, content)


@given(messages, st.booleans(), st.lists(st.integers(0, 10000)))
def test_stream_cut_anyhow(content: list[tuple[int, bytes]], mini: bool, places: list[int]) -> None:
    assert read(Reader(mini), cuts(stream(mini, content), places)) == expected(mini, content)


@given(messages.filter(bool), st.booleans(), st.data())
def test_stream_truncated(content: list[tuple[int, bytes]], mini: bool, data: st.DataObject) -> None:
    whole = stream(mini, content)
    start = expected(mini, content)[-1][3]
    end = data.draw(st.integers(start + 1, len(whole) - 1))
    reader = Reader(mini)
    assert read(reader, [whole[:end]]) == expected(mini, content)[:-1]
    assert reader.pending == end - start
    with pytest.raises(RemoteError, match="ends inside"):
        reader.finish()


@headers
def test_need_more(mini: bool) -> None:
    data = stream(mini, [(7, b"abc")])
    reader = Reader(mini)
    assert reader.pending == 0
    for at in range(len(data) - 1):
        assert reader.feed(data[at : at + 1]) == []
        assert reader.pending == at + 1
    assert reader.feed(data[-1:]) == [(7, b"abc", 1, 0, 0)]
    assert reader.feed(b"") == []


@headers
def test_offset_and_serial_go_on(mini: bool) -> None:
    reader = Reader(mini, offset=206, serial=40)
    data = Writer(mini, serial=40).frame(7, b"abc")
    assert reader.feed(data) == [(7, b"abc", 41, 206, 0)]
    assert reader.offset == 206 + len(data)


def test_the_wire_tells_full_serials() -> None:
    assert Reader(False).feed(struct.pack("<QHLL", 99, 7, 2, 1) + b"ab") == [(7, b"ab", 99, 0, 1)]


@given(st.lists(st.binary(max_size=40), max_size=12), st.booleans())
def test_garbage_raises_only_remote_errors(pieces: list[bytes], mini: bool) -> None:
    reader = Reader(mini, size_limits("inputs", "client"))
    try:
        read(reader, pieces)
        reader.finish()
    except RemoteError:
        pass


sizes = SizeLimits({7: SizeLimit(10, "ten"), 8: SizeLimit(1000, "many")}, SizeLimit(20, "others"))


@headers
@pytest.mark.parametrize(("type", "most"), [(7, 10), (8, 1000), (9, 20)])
def test_too_long(mini: bool, type: int, most: int) -> None:
    good = stream(mini, [(type, bytes(most))])
    bad = stream(mini, [(type, bytes(most + 1))])
    assert len(Reader(mini, sizes).feed(good)) == 1
    for pieces in ([bad], [bad[at : at + 1] for at in range(len(bad))], [bad[:18]]):
        reader = Reader(mini, sizes)
        with pytest.raises(LimitError) as caught:
            read(reader, pieces)
        assert sizes.of(type).reason in caught.value.expected
        with pytest.raises(LimitError):
            reader.feed(b"")


@given(messages, st.booleans(), st.lists(st.integers(0, 10000)))
def test_what_came_before_a_broken_rule_is_handed_out(content: list[tuple[int, bytes]], mini: bool, places: list[int]) -> None:
    size = limits.MESSAGE_BODY + 1
    bad = struct.pack("<HL", 7, size) if mini else struct.pack("<QHLL", 99, 7, size, 0)
    data = stream(mini, content) + bad
    reader = Reader(mini)
    found: list[Frame] = []
    for piece in cuts(data, places):
        try:
            found += reader.feed(piece)
        except LimitError:
            break
    assert found == expected(mini, content)
    assert isinstance(reader.error, LimitError)
    with pytest.raises(LimitError):
        reader.finish()


def test_large_body_in_small_pieces() -> None:
    body = bytes(range(256)) * 4096
    data = Writer(True).frame(304, body)
    reader = Reader(True, size_limits("display", "server"))
    for size in (1, 100, 511, 512, 1024, 65536):
        found = read(reader, [data[at : at + size] for at in range(0, len(data), size)])
        assert [frame[1] for frame in found] == [body]


@headers
def test_a_writer_counts_upwards(mini: bool) -> None:
    """Under mini headers nobody sees the serials: both ends have to count the same."""
    writer, reader = Writer(mini), Reader(mini)
    assert writer.serial == reader.serial == 0
    for number in (1, 2, 3):
        ((_, _, serial, _, _),) = reader.feed(writer.frame(7, b"abc"))
        assert serial == writer.serial == reader.serial == number
    assert Writer(mini, serial=40).serial == 40


@headers
def test_a_message_that_is_refused_is_not_counted(mini: bool) -> None:
    writer = Writer(mini)
    for type, body, sub_list in ((0x10000, b"", 0), (-1, b"", 0), (8, bytes(4), 9)):
        with pytest.raises(LocalError):
            writer.frame(type, body, sub_list)
    assert writer.serial == 0
    writer.frame(0xFFFF, b"")
    writer.frame(0, b"")
    assert writer.serial == 2


def test_full_headers_as_bytes() -> None:
    assert Writer(False, serial=4).frame(7, b"abc", 2) == struct.pack("<QHLL", 5, 7, 3, 2) + b"abc"
    assert Writer(True).frame(7, b"abc") == struct.pack("<HL", 7, 3) + b"abc"


class Long(bytes):
    """Says that it is longer than memory allows a test."""

    length = 0

    def __len__(self) -> int:
        return self.length


@headers
def test_a_body_is_as_long_as_a_header_can_say(mini: bool) -> None:
    body = Long()
    body.length = 0xFFFFFFFF
    assert Writer(mini).frame(7, body)[-4 if mini else -8 :][:4] == b"\xff" * 4
    body.length += 1
    with pytest.raises(LocalError):
        Writer(mini).frame(7, body)


def test_writer_refuses() -> None:
    for mini in (True, False):
        with pytest.raises(LocalError):
            Writer(mini).frame(0x10000, b"")
        with pytest.raises(LocalError):
            Writer(mini).frame(-1, b"")
    with pytest.raises(LocalError):
        Writer(True).frame(8, bytes(4), 2)
    with pytest.raises(LocalError):
        Writer(False).frame(8, bytes(4), 4)


# -- sub-messages


@given(messages, st.binary(min_size=1, max_size=20))
def test_sub_messages_complete(content: list[tuple[int, bytes]], body: bytes) -> None:
    whole, at = with_sub_messages(body, content)
    assert whole.startswith(body)
    assert [found[:2] for found in sub_messages(whole, at)] == content
    assert [found[:2] for found in sub_messages(list_body(content), 0)] == content


def test_sub_messages_trailing() -> None:
    assert [found[:2] for found in sub_messages(list_body([(4, b"ab")]) + b"behind", 0)] == [(4, b"ab")]


def test_sub_messages_need_a_body() -> None:
    with pytest.raises(LocalError):
        with_sub_messages(b"", [(4, b"")])


@given(messages.filter(bool), st.data())
def test_sub_messages_truncated(content: list[tuple[int, bytes]], data: st.DataObject) -> None:
    body = list_body(content)
    with pytest.raises(RemoteError):
        sub_messages(body[: data.draw(st.integers(0, len(body) - 1))], 0)


@pytest.mark.parametrize("offset", [4, 5, 6, 100, 0xFFFFFFFF])
def test_list_outside(offset: int) -> None:
    with pytest.raises(RemoteError):
        sub_messages(bytes(5), offset)


@pytest.mark.parametrize("at", [7, 11, 12, 0xFFFFFFFF])
def test_sub_message_outside(at: int) -> None:
    body = struct.pack("<HLHL", 1, at, 4, 0)
    with pytest.raises(RemoteError):
        sub_messages(body, 0)


def test_sub_messages_too_long() -> None:
    assert len(sub_messages(list_body([(4, b"")] * limits.SUB_MESSAGES), 0)) == limits.SUB_MESSAGES
    with pytest.raises(LimitError):
        sub_messages(list_body([(4, b"")] * (limits.SUB_MESSAGES + 1)), 0)


@pytest.mark.parametrize("left", range(4))
def test_a_list_that_ends_outside(left: int) -> None:
    body = b"before" + struct.pack("<H", 2) + bytes(4 + left)
    with pytest.raises(RemoteError, match="list ends outside"):
        sub_messages(body, 6)


def test_sub_messages_may_be_as_long_as_their_body_together() -> None:
    body = struct.pack("<H2L", 2, 10, 10) + struct.pack("<HL", 4, 4) + b"twice"[:4]
    assert [content for _, content, _ in sub_messages(body, 0)] == [b"twic", b"twic"]
    with pytest.raises(LimitError, match="overlap"):
        sub_messages(struct.pack("<H2L", 2, 10, 10) + struct.pack("<HL", 4, 5) + b"twice", 0)


def test_sub_messages_must_not_overlap() -> None:
    body = struct.pack("<H8L", 8, *[34] * 8) + struct.pack("<HL", 4, 1000) + bytes(1000)
    with pytest.raises(LimitError, match="overlap"):
        sub_messages(body, 0)


@given(st.binary(max_size=80), st.integers(0, 90))
def test_sub_message_garbage(body: bytes, offset: int) -> None:
    try:
        found = sub_messages(body, offset)
    except RemoteError:
        return
    assert sum(len(content) + MINI_HEADER_SIZE for _, content, _ in found) <= len(body)


# -- the table of limits


def test_every_message_has_a_limit_and_no_limit_is_left_over() -> None:
    for channel, senders in _OWN.items():
        for sender in ("server", "client"):
            names = {row.name for row in dispatch.rows(channel, sender).values()}
            assert names == set(senders[sender]) | set(_COMMON[sender]), (channel, sender)
            assert all(named_limit(channel, sender, name) is not None for name in names)
    channels = {name for name in TABLES if not name.startswith(("agent", "vsc", "migration")) and name != "usb"}
    assert set(_OWN) == channels


def test_limits_of_interest() -> None:
    assert size_limit("main", "server", 109).size == limits.AGENT_CHUNK
    assert size_limit("main", "server", 4).size > 256012
    assert size_limit("inputs", "client", 104).size == 2048
    assert size_limit("display", "server", 304).size == limits.MESSAGE_BODY
    assert size_limit("display", "client", 101).size == 1024
    assert size_limit("main", "client", 60000).reason.startswith("an unknown message")
    assert size_limits("channel-77", "server").of(5).size == limits.MESSAGE_BODY
    assert size_limits("main", "server").least == 1024
    assert LIST == 8
