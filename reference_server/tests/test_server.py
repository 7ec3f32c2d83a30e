"""Sessions begin and end, and whatever a client sends raises nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_server.tests.memory import COMMON, serve, small
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.messages import common, main


def test_a_second_client_takes_over_once_it_has_logged_in() -> None:
    wire = serve(small(), password=b"sesame")
    first, _ = wire.main(password="sesame")
    keys = wire.link(ChannelType.INPUTS, password="sesame")
    first.read()
    wire.link(password="wrong")
    assert not first.closed
    _, init = wire.main(password="sesame")
    assert first.closed and keys.closed and list(wire.server.sessions) == [init.session_id]
    assert first.read() == [common.Disconnecting(0, LinkErr.ERROR)]


def test_many_sessions() -> None:
    wire = serve(small(), multi_client=True)
    lines = [wire.main() for _ in range(5)]
    assert len({init.session_id for _, init in lines}) == 5
    assert not any(line.closed for line, _ in lines)
    lines[2][0].hang_up()
    assert lines[2][1].session_id not in wire.server.sessions and len(wire.server.sessions) == 4


def test_losing_main_ends_all_and_losing_another_does_not() -> None:
    wire = serve(small())
    line, _ = wire.main()
    pointer, screen = wire.link(ChannelType.CURSOR), wire.display()
    pointer.hang_up()
    line.send(main.AttachChannels())
    assert "ChannelsList" in line.names() and not screen.closed
    line.hang_up()
    assert screen.closed and not wire.server.sessions


def test_shutdown() -> None:
    wire = serve(small())
    line, _ = wire.main()
    keys, half = wire.link(ChannelType.INPUTS), wire.connect()
    wire.server.shutdown()
    assert line.read()[-1] == common.Disconnecting(0, LinkErr.OK)
    assert line.closed and keys.closed and half.closed and wire.server.deadline is None


def test_many_links_are_open_and_another_one_is_served() -> None:
    wire = serve(small(), unfinished_links=20)
    crowd = [wire.connect() for _ in range(50)]
    for line in crowd:
        if not line.closed:
            line.write(b"REDQ")
    assert sum(not line.closed for line in crowd) == 20
    line, _ = wire.main()
    assert not line.closed


_garbage = st.one_of(
    st.binary(max_size=300),
    st.tuples(st.integers(0, 300), st.binary(max_size=40)).map(
        lambda pair: pair[0].to_bytes(2, "little") + len(pair[1]).to_bytes(4, "little") + pair[1]
    ),
)


@pytest.mark.parametrize("kind", (ChannelType.MAIN, ChannelType.INPUTS, ChannelType.CURSOR, ChannelType.DISPLAY))
@pytest.mark.parametrize("message", ((250, b""), (200, bytes(10)), (4, b"x" * 1025), (3, b"short")), ids=str)
def test_messages_that_close_a_channel(kind: ChannelType, message: tuple[int, bytes]) -> None:
    wire = serve(small())
    line, _ = wire.main()
    victim = line if kind == ChannelType.MAIN else wire.link(kind)
    other = wire.link(ChannelType.CURSOR if kind != ChannelType.CURSOR else ChannelType.INPUTS)
    assert victim.channel is not None
    victim.write(victim.channel.send_raw(*message))
    assert victim.closed
    assert line.closed == other.closed == (kind == ChannelType.MAIN)


@settings(max_examples=150)
@given(
    kind=st.sampled_from([ChannelType.MAIN, ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR]),
    pieces=st.lists(_garbage, max_size=8),
    full=st.booleans(),
)
def test_garbage_in_messages_raises_nothing(kind: ChannelType, pieces: list[bytes], full: bool) -> None:
    wire = serve(small(pointer="absolute"))
    bits = COMMON.without(CommonCapability.MINI_HEADER) if full else COMMON
    line, _ = wire.main(common=bits)
    victim = line if kind == ChannelType.MAIN else wire.link(kind, common=bits)
    for piece in pieces:
        victim.write(piece)
    wire.wait(100)
    another, _ = wire.main()
    another.send(main.AttachChannels())
    assert "ChannelsList" in another.names()


@settings(max_examples=150)
@given(
    data=st.one_of(
        st.binary(max_size=400),
        st.binary(max_size=400).map(lambda rest: b"REDQ\2\0\0\0\2\0\0\0" + rest),
        st.binary(min_size=18, max_size=60).map(lambda body: b"REDQ\2\0\0\0\2\0\0\0" + len(body).to_bytes(4, "little") + body),
    )
)
def test_garbage_in_links_raises_nothing(data: bytes) -> None:
    whole, pieces = serve(small()), serve(small(), piece=1)
    lines = [wire.connect() for wire in (whole, pieces)]
    for line in lines:
        line.write(data)
    assert lines[0].closed == lines[1].closed
    # A good beginning is answered with a key, which is another one each time.
    assert len(lines[0].data) == len(lines[1].data)
    if lines[0].closed:
        assert lines[0].data == lines[1].data
    for wire in (whole, pieces):
        wire.wait(300)
    assert all(line.closed for line in lines)
