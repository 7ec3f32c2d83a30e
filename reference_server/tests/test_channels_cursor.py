"""The pointer: shapes of each type, the client's cache of them, and movements in both mouse modes."""

from __future__ import annotations

import pytest

from reference_server import Guest
from reference_server.guest import Shape
from reference_server.guests.gallery.cursors import shapes
from reference_server.tests.memory import PIECES, Line, Wire, serve, small
from spiceproto.canvas.cursor import Pointer
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, cursor, main


def linked(guest: Guest, piece: int = 0) -> tuple[Wire, Line]:
    wire = serve(guest, piece=piece)
    wire.main()
    line = wire.link(ChannelType.CURSOR)
    assert line.refused is None
    return wire, line


def one(unique: int) -> Shape:
    return Shape(type=CursorType.ALPHA, width=1, height=1, hot_spot=(0, 0), data=bytes(4), unique=unique)


@PIECES
def test_every_type_arrives(piece: int) -> None:
    guest = small()
    _, line = linked(guest, piece)
    pointer = Pointer()
    kinds = []
    for turn in range(2):
        for shape in shapes():
            guest.cursors[0].set(shape)
            for value in line.read():
                pointer.handle(value)
                if isinstance(value, cursor.Set):
                    kept = value.cursor.flags
            assert not pointer.problems and pointer.shape is not None and pointer.visible
            assert (pointer.shape.type, pointer.shape.hot_spot_x) == (shape.type, shape.hot_spot[0])
            kinds.append(pointer.shape.type)
            expected = (CursorFlags.FROM_CACHE if turn else CursorFlags.CACHE_ME) if shape.unique else CursorFlags(0)
            assert kept == expected
    assert set(kinds) == set(CursorType)
    guest.cursors[0].set(None)
    (value,) = line.read()
    assert value.cursor.flags == CursorFlags.NONE


def test_init_has_the_shape_and_place_that_there_are() -> None:
    guest = small()
    shown = guest.cursors[0]
    shown.move(7, 9)
    shown.set(one(5))
    shown.set_trail(3, 20)
    _, line = linked(guest)
    ack, init = line.read()
    assert isinstance(ack, common.SetAck)
    assert (init.position.x, init.position.y, init.visible) == (7, 9, 1)
    assert (init.trail_length, init.trail_frequency) == (3, 20)
    assert init.cursor.flags == CursorFlags.CACHE_ME and init.cursor.header.unique == 5
    shown.set(one(5))
    (again,) = line.read()
    assert again.cursor.flags == CursorFlags.FROM_CACHE and again.cursor.data == b""


def test_movements_in_both_modes() -> None:
    guest = small(pointer="absolute")
    wire = serve(guest)
    first, _ = wire.main()
    line = wire.link(ChannelType.CURSOR)
    shown = guest.cursors[0]
    shown.set(one(1))
    line.read()
    shown.move(3, 4)
    shown.move(3, 4)
    assert line.names() == ["Move"]
    first.send(main.MouseModeRequest(MouseMode.CLIENT))
    shown.move(5, 6)
    assert line.names() == [], "the client knows best"
    shown.hide()
    shown.hide()
    assert line.names() == ["Hide"]
    shown.move(7, 8)
    (value,) = line.read()
    assert value == cursor.Move(value.position) and (value.position.x, value.position.y) == (7, 8), "it is seen again"
    shown.set(one(2))
    assert line.names() == ["Set"]
    shown.move(9, 9)
    first.send(main.MouseModeRequest(MouseMode.SERVER))
    (value,) = line.read()
    assert (value.position.x, value.position.y) == (9, 9), "the server moves it from here on"


def test_a_shape_that_is_set_while_it_is_hidden_is_hidden() -> None:
    guest = small()
    _, line = linked(guest)
    line.read()
    guest.cursors[0].hide()
    guest.cursors[0].shape = one(1)
    assert line.names() == ["Hide"]


def test_more_shapes_than_a_client_keeps() -> None:
    guest = small()
    _, line = linked(guest)
    kept: set[int] = set()
    most = 0
    for number in [*range(1, 400), *range(1, 10), *range(390, 400)]:
        guest.cursors[0].set(one(number))
        for value in line.read():
            if isinstance(value, cursor.InvalOne):
                kept.remove(value.id)
            elif isinstance(value, cursor.Set):
                if value.cursor.flags & CursorFlags.FROM_CACHE:
                    assert number in kept
                else:
                    kept.add(number)
        most = max(most, len(kept))
    assert most == 256


def test_a_slow_client_gets_the_last_of_it() -> None:
    guest = small()
    wire, line = linked(guest)
    for number in range(1, 5000):
        guest.cursors[0].move(number, number)
        if number % 7 == 0:
            guest.cursors[0].set(one(number % 13 + 1))
    assert wire.server.lines[line.connection].waiting < 5
    pointer = Pointer()
    while values := line.read():
        for value in values:
            pointer.handle(value)
    assert not pointer.problems and (pointer.x, pointer.y) == (4999, 4999)
    assert len(line.values) < 60


@pytest.mark.parametrize("place", ((-100_000, 5), (5, 100_000)))
def test_places_beyond_what_a_message_can_say(place: tuple[int, int]) -> None:
    guest = small()
    _, line = linked(guest)
    guest.cursors[0].move(*place)
    (value,) = line.read()[2:]
    assert max(abs(value.position.x), abs(value.position.y)) == 0x7FFF
