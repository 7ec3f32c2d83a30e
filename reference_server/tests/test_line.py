"""One connection: patience in the link stage, headers, and what waits for acknowledgements."""

from __future__ import annotations

from reference_server.channels.display import DisplayChannel
from reference_server.tests.memory import COMMON, PIECES, serve, small
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.cursor import CursorFlags
from spiceproto.enums.link import ChannelType
from spiceproto.messages import cursor, display, main
from spiceproto.messages.geometry import Point16


def test_silent_links_are_given_up() -> None:
    wire = serve(small(), link_timeout=60.0)
    silent = wire.connect()
    slow = wire.connect()
    for _ in range(7):
        wire.wait(40)
        if not slow.closed:
            slow.write(b"R" if wire.now < 80 else b"")
        assert silent.closed == (wire.now >= 60)
    assert slow.closed


def test_a_byte_now_and_then_does_not_hold_a_link_for_ever() -> None:
    wire = serve(small(), link_timeout=60.0)
    slow = wire.connect()
    message = b"REDQ\2\0\0\0\2\0\0\0\0\1\0\0" + bytes(200)
    for byte in message:
        if slow.closed:
            break
        slow.write(bytes([byte]))
        wire.wait(30)
    assert slow.closed and wire.now <= 300


@PIECES
def test_full_headers(piece: int) -> None:
    wire = serve(small(), piece=piece)
    line, _ = wire.main(common=COMMON.without(CommonCapability.MINI_HEADER))
    line.send(main.AttachChannels())
    assert line.names() == ["ChannelsList"]


def test_the_window_is_respected_and_nothing_is_lost() -> None:
    guest = small()
    wire = serve(guest)
    wire.main()
    screen = wire.display()
    wire.collect()
    received = screen.data
    guest.screens[0].animate(60)
    wire.collect()
    # 5 messages of the beginning are under way, and as many as make 41 may follow.
    channel = wire.server.lines[screen.connection].channel
    assert isinstance(channel, DisplayChannel)
    assert len(screen.data) > len(received) and len(channel.pipe) == 60 - 36
    for _ in range(6):
        screen.read()
    assert sum(isinstance(value, display.DrawCopy) for value in screen.values) == 61
    assert len(channel.pipe) == 0


def test_a_client_that_does_not_acknowledge_is_given_up() -> None:
    wire = serve(small(), queue=1 << 20)
    line, _ = wire.main()
    pointer = wire.link(ChannelType.CURSOR)
    shape = cursor.Set(Point16(0, 0), 1, cursor.Cursor(CursorFlags.NONE, None, b""))
    for _ in range(40 + (1 << 12)):
        wire.server.lines[pointer.connection].send(shape)
    wire.collect()
    assert not pointer.closed
    wire.server.lines[pointer.connection].send(shape)
    wire.collect()
    assert pointer.closed and not line.closed
