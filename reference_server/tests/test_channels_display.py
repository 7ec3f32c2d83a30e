"""The display and cursor channels."""

from __future__ import annotations

from reference_server.tests.memory import PIECES, serve, small
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common, cursor, display


@PIECES
def test_display_and_cursor(piece: int) -> None:
    guest = small()
    wire = serve(guest, piece=piece, displays=2)
    wire.main()
    line = wire.link(ChannelType.DISPLAY, 1)
    assert line.read() == [], "nothing before the client's INIT"
    line.send(
        display.Init(pixmap_cache_id=1, pixmap_cache_size=1 << 20, glz_dictionary_id=1, glz_dictionary_window_size=1 << 20)
    )
    ack, palettes, surface, copy, monitors, mark = line.read()
    assert ack == common.SetAck(1, 20) and palettes == display.InvalAllPalettes() and mark == display.Mark()
    assert (surface.surface_id, surface.width, surface.height) == (0, 64, 48)
    assert copy.data.src_bitmap.bitmap.data == guest.screens[1].picture.tobytes()
    assert [(head.width, head.height) for head in monitors.heads] == [(64, 48)]
    pointer = wire.link(ChannelType.CURSOR, 1)
    assert [type(value) for value in pointer.read()] == [common.SetAck, cursor.Init]


def test_display_init_does_not_come() -> None:
    wire = serve(small(), ping_interval=None)
    line, _ = wire.main()
    screen = wire.link(ChannelType.DISPLAY)
    wire.wait(29.5)
    assert not screen.closed
    wire.wait(1)
    assert screen.closed and not line.closed


def test_another_size() -> None:
    guest = small()
    wire = serve(guest)
    wire.main()
    screen = wire.display()
    screen.read()
    guest.screens[0].paint(guest.screens[0].picture[:20, :30])
    assert screen.names() == ["SurfaceDestroy", "SurfaceCreate", "DrawCopy", "MonitorsConfig", "Mark"]
    assert screen.values[-4].width == 30
