"""Servers: the shapes of the pointer, and what a client keeps of them (9.1, 9.2)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.display.server_steps import animated, begin, check_kept
from conformance.cases.display.server_steps import linked as display_linked
from conformance.client_wire import Ask
from conformance.expectation import check, lacking
from conformance.outcome import NotApplicable
from conformance.talk import Talk
from spiceproto.enums.cursor import CursorFlags
from spiceproto.enums.inputs import MouseButton
from spiceproto.enums.link import ChannelType
from spiceproto.messages import inputs

_CLICKS: Final = 20
"""Each shows the next shape of the gallery, which has fewer than ten."""


def _cursor(client: SuiteClient) -> Talk:
    """Cursor, linked, with what a server says at once in its inbox. Raises NotApplicable if no list names it."""
    client.relies_on("SPICE-MAIN-029/init")
    with client.preparing("cursor, linked"):
        if client.listed is None:
            client.session()
        client.need_listed(client.listed or (), (ChannelType.CURSOR, 0))
        talk = client.link(Ask(ChannelType.CURSOR))
        talk.wait_count("INIT")
        client.wait_quiet()
        return talk


@server_case("SPICE-CURSOR-006/first-shape", channel="cursor")
def first_shape(client: SuiteClient) -> None:
    """Cursor is linked: the shape in INIT is not one from the cache, which is empty."""
    talk = _cursor(client)
    for message in talk.unread("INIT")[:1]:
        check("INIT", message.parsed.cursor, flags=lacking(CursorFlags.FROM_CACHE), why="the cache of a new link is empty")


@server_case("SPICE-CURSOR-006/linked-again", channel="cursor", requires=("SPICE-CURSOR-006/first-shape",))
def linked_again(client: SuiteClient) -> None:
    """Cursor is closed and linked again: no shape is taken from the cache that came on the old link."""
    client.relies_on("SPICE-MAIN-020/cursor")
    talk = _cursor(client)
    talk.close()
    client.alive(client.main_talk, "only a cursor was lost")
    _cursor(client)
    check_kept(client, "SPICE-CURSOR-006")


@server_case("SPICE-CURSOR-009/drawn", channel="cursor")
def drawn(client: SuiteClient) -> None:
    """The guest draws: no more shapes are to be kept than there may be."""
    _cursor(client)
    screen = display_linked(client)
    begin(client, screen)
    animated(client, screen)
    check_kept(client, "SPICE-CURSOR-009")


def _shown_in_turn(client: SuiteClient) -> Talk:
    """A cursor that has shown all shapes of the gallery, twice."""
    talk = _cursor(client)
    client.control("guest", "gallery")
    with client.preparing("a mouse"):
        mouse = client.channel(Ask(ChannelType.INPUTS))
    for _ in range(_CLICKS):
        mouse.send(inputs.MousePress(MouseButton.LEFT, 1), inputs.MouseRelease(MouseButton.LEFT, 0))
    client.wait_quiet()
    return talk


@server_case("SPICE-CURSOR-006/shown-in-turn", channel="cursor", needs=("control:guest",))
def shown_in_turn(client: SuiteClient) -> None:
    """The guest shows one shape after another, each twice: what is taken from the cache was kept."""
    _shown_in_turn(client)
    check_kept(client, "SPICE-CURSOR-006")


@server_case("SPICE-CURSOR-024/hot-spots", channel="cursor")
def hot_spots(client: SuiteClient) -> None:
    """Every shape that comes has its hot spot inside; a guest that can be given something to show shows one after another."""
    shows = client.target.meets("control:guest")
    talk = _shown_in_turn(client) if shows else _cursor(client)
    headers = [message.parsed.cursor.header for message in talk.unread("INIT", "SET")]
    shapes = [header for header in headers if header is not None and header.width and header.height]
    if not shapes:
        raise NotApplicable("no shape has come")
    for shape in shapes:
        if shape.hot_spot_x >= shape.width or shape.hot_spot_y >= shape.height:
            client.tolerate("the hot spot of a shape is outside of it")
