"""The cursor channel: which pointer is drawn into a picture, and where."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from reference_client import Client, Options
from reference_client.channels import CursorChannel
from reference_client.events import NotDrawn
from reference_client.tests.scripted import ScriptedServer, session
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import cursor, display, main
from spiceproto.messages.draw import Whiteness
from spiceproto.messages.geometry import Point16
from spiceproto.tests.canvas_messages import NO_MASK, base, rect

WIDTH, HEIGHT = 8, 6
RED, GREEN = 0xFFFF0000, 0xFF00FF00


def dot(colour: int, *, unique: int = 1, flags: int = 0) -> cursor.Cursor:
    """A shape of one pixel."""
    header = cursor.CursorHeader(unique=unique, type=CursorType.ALPHA, width=1, height=1, hot_spot_x=0, hot_spot_y=0)
    return cursor.Cursor(CursorFlags(flags), header, colour.to_bytes(4, "little"))


def kept(unique: int) -> cursor.Cursor:
    return cursor.Cursor(CursorFlags.FROM_CACHE, dot(0, unique=unique).header, b"")


def showing(mode: int = 1) -> ScriptedServer:
    """A black display in one mouse mode."""
    client = Client(Options(canvas=True, prefer_client_mode=False))
    server = session(client, current=mode)
    server.line(ChannelType.DISPLAY).send(
        display.SurfaceCreate(surface_id=0, width=WIDTH, height=HEIGHT, format=32, flags=1), display.Mark()
    )
    return server


def say(server: ScriptedServer, *values: object) -> None:
    server.line(ChannelType.CURSOR).send(*values)


def init(shape: cursor.Cursor, x: int = 1, y: int = 2, visible: int = 1) -> cursor.Init:
    return cursor.Init(position=Point16(x, y), trail_length=0, trail_frequency=0, visible=visible, cursor=shape)


def shape_set(shape: cursor.Cursor, x: int = 1, y: int = 2) -> cursor.Set:
    return cursor.Set(position=Point16(x, y), visible=1, cursor=shape)


def whiteness() -> display.DrawWhiteness:
    return display.DrawWhiteness(base(rect(0, 0, WIDTH, HEIGHT)), Whiteness(NO_MASK))


def seen(server: ScriptedServer) -> dict[tuple[int, int], tuple[int, ...]]:
    """The pixels of the picture that are not black, by x and y."""
    picture: NDArray[np.uint8] = server.client.displays[0].picture(cursor=True)
    return {(x, y): tuple(picture[y, x].tolist()) for y, x in np.argwhere(picture.any(axis=2)).tolist()}


def test_a_picture_has_the_pointer_if_it_is_asked_for() -> None:
    server = showing()
    say(server, init(dot(RED)))
    assert seen(server) == {(1, 2): (255, 0, 0)}
    assert not server.client.displays[0].picture().any()  # the pointer is over the surface, not in it


def test_in_mode_server_it_is_where_the_server_says() -> None:
    server = showing()
    say(server, init(dot(RED)))
    server.client.inputs.position(7, 5)
    assert list(seen(server)) == [(1, 2)]
    say(server, cursor.Move(Point16(3, 4)))
    assert list(seen(server)) == [(3, 4)]


def test_in_mode_client_it_is_where_the_user_has_it() -> None:
    server = showing(mode=2)
    say(server, init(dot(RED)))
    assert list(seen(server)) == [(1, 2)]  # the user has not moved it yet
    server.client.inputs.position(7, 5)
    say(server, cursor.Move(Point16(3, 4)))
    assert list(seen(server)) == [(7, 5)]
    server.client.inputs.position(7, 5, display=1)
    assert seen(server) == {}


def test_the_mode_changes_under_the_pointer() -> None:
    server = showing()
    say(server, init(dot(RED)))
    server.client.inputs.position(7, 5)
    for mode, place in ((MouseMode.CLIENT, (7, 5)), (MouseMode.SERVER, (1, 2))):
        server.main.send(main.MouseModeMessage(MouseMode.SERVER | MouseMode.CLIENT, mode))
        assert list(seen(server)) == [place]


@pytest.mark.parametrize("mode", [1, 2])
def test_it_is_hidden_and_comes_back(mode: int) -> None:
    server = showing(mode=mode)
    say(server, init(dot(RED)), cursor.Hide())
    assert seen(server) == {}
    say(server, cursor.Move(Point16(1, 2)))
    assert seen(server) == {(1, 2): (255, 0, 0)}
    say(server, cursor.Reset())
    assert seen(server) == {}


def test_shapes_are_kept_and_dropped() -> None:
    server = showing()
    say(server, init(dot(RED, flags=CursorFlags.CACHE_ME)), shape_set(dot(GREEN, unique=2, flags=CursorFlags.CACHE_ME)))
    say(server, shape_set(kept(1)))
    assert seen(server) == {(1, 2): (255, 0, 0)}
    say(server, cursor.InvalOne(2), shape_set(kept(2)))
    assert seen(server) == {}
    [told] = server.told(NotDrawn)
    assert (told.channel, told.display, told.message, told.code) == ("cursor", 0, "Set", "missing-cursor")
    say(server, init(kept(1)))
    assert seen(server) == {}
    assert len(server.told(NotDrawn)) == 2


def test_a_shape_inverts_the_screen_and_has_no_edge_of_its_own() -> None:
    server = showing()
    header = cursor.CursorHeader(unique=1, type=CursorType.MONO, width=3, height=3, hot_spot_x=1, hot_spot_y=1)
    flips = bytes([0xFF] * 3) + bytes([0, 0b01000000, 0])
    say(server, init(cursor.Cursor(CursorFlags(0), header, flips), x=4, y=3))
    assert seen(server) == {(4, 3): (255, 255, 255)}
    server.line(ChannelType.DISPLAY).send(whiteness())
    picture = server.client.displays[0].picture(cursor=True)
    assert picture[3, 4].tolist() == [0, 0, 0] and (picture == 0).all(axis=2).sum() == 1


def test_who_does_not_draw_takes_what_comes() -> None:
    server = session(Client())
    say(server, init(kept(1)))
    assert server.client.channel(CursorChannel).pointer is None and server.told(NotDrawn) == []
