"""Clients: movements of both kinds (4.2)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import BOTH_MODES, SuiteServer
from conformance.case import client_case
from conformance.cases.mouse.pointer import KIND, WINDOW, Pointer, expect_kind, how_far_went, in_mode, used
from conformance.expectation import check_value
from conformance.naming import named
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Message
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import SurfaceFlags, SurfaceFmt
from spiceproto.enums.inputs import MouseButton
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import display, main

_SERVER: Final = MouseMode.SERVER
_CLIENT: Final = MouseMode.CLIENT

_WIDTH: Final = 800
_HEIGHT: Final = 600
"""Of a head."""


@client_case("SPICE-MOUSE-012/in-server-mode", _SERVER.value, channel="inputs", needs=("act:motion",))
@client_case("SPICE-MOUSE-013/in-client-mode", _CLIENT.value, channel="inputs", needs=("act:position",))
def one_kind(server: SuiteServer, mode: int) -> None:
    """Movements between buttons, with each the kind of the mode."""
    pointer = in_mode(server, mode)
    found: list[Message] = []
    buttons = server.target.meets("act:press") and server.target.meets("act:release")
    for turn in range(3):
        found += pointer.acted(mode, 3, first=3 * turn)
        if buttons:
            server.act("press" if turn != 1 else "release", button=MouseButton.LEFT.value)
    found += pointer.gather()
    expect_kind(server, found, mode, fresh=True)


@client_case("SPICE-MOUSE-013/where-it-is", channel="inputs", needs=("act:position",))
def where_it_is(server: SuiteServer) -> None:
    """A position is that of the pointer, in pixels from the top left corner."""
    pointer = in_mode(server, _CLIENT)
    for x, y in ((5, 9), (1, 2), (638, 477), (300, 3)):
        pointer.expect_at(x, y)


@client_case("SPICE-MOUSE-012/how-far", channel="inputs", needs=("act:motion",))
def how_far(server: SuiteServer) -> None:
    """Each movement says how far the mouse went, right and down, and left and up."""
    pointer = used(server)
    for dx, dy in ((5, 0), (0, 7), (-3, -4), (120, -90)):
        server.act("motion", dx=dx, dy=dy)
        found = how_far_went(pointer.gather(1, server.network.patience))
        check_value("MOUSE_MOTION", "sum of dx and of dy", found, (dx, dy))
        pointer.acknowledge_all()


@client_case(
    "SPICE-MOUSE-012/after-a-change", _CLIENT.value, _SERVER.value, channel="inputs", needs=("act:motion", "act:position")
)
@client_case(
    "SPICE-MOUSE-013/after-a-change", _SERVER.value, _CLIENT.value, channel="inputs", needs=("act:motion", "act:position")
)
def new_kind(server: SuiteServer, before: int, behind: int) -> None:
    """The mode changes between movements: before, behind. Some of what follows is of the new kind."""
    pointer = in_mode(server, before)
    pointer.acted(before, 3)
    server.wait_quiet()
    pointer.gather()
    pointer.tell_mode(behind)
    kinds = [message.name for message in pointer.acted(behind, 6, first=3) + pointer.gather()]
    if KIND[MouseMode(behind)] not in kinds:
        raise Failure(f"{KIND[MouseMode(behind)]}, now that the mode is {named(MouseMode, behind)}", ", ".join(kinds))


@client_case(
    "SPICE-MOUSE-015/server-to-client",
    _SERVER.value,
    _CLIENT.value,
    also=("SPICE-MOUSE-013",),
    channel="inputs",
    needs=("act:motion", "act:position"),
)
@client_case(
    "SPICE-MOUSE-015/client-to-server",
    _CLIENT.value,
    _SERVER.value,
    also=("SPICE-MOUSE-012",),
    channel="inputs",
    needs=("act:motion", "act:position"),
)
def one_change(server: SuiteServer, before: int, behind: int) -> None:
    """The mode changes between movements: before, behind. What the client sends when it has heard of it is of the new kind."""
    server.relies_on(f"SPICE-MOUSE-0{12 if behind == _SERVER else 13}/after-a-change")
    pointer = in_mode(server, before)
    found = pointer.acted(before, 3)
    # What the client has still to say in the old mode must not count for the new one.
    server.wait_quiet()
    expect_kind(server, found + pointer.gather(), before, fresh=True)
    pointer.tell_mode(behind)
    expect_kind(server, pointer.acted(behind, 6, first=3) + pointer.gather(), behind, fresh=False)


@client_case("SPICE-MOUSE-015/full-window", channel="inputs", needs=("act:motion", "act:position"))
def change_with_full_window(server: SuiteServer) -> None:
    """The mode changes to CLIENT while movements wait for an acknowledgement: once a position has come, no motion follows."""
    pointer = in_mode(server, _SERVER)
    pointer.act_often(_SERVER, range(12))
    pointer.gather(WINDOW)
    pointer.tell_mode(_CLIENT)
    pointer.act(_CLIENT, 1)
    pointer.acknowledge()
    pointer.acknowledge()
    found = pointer.gather(1)
    pointer.act_often(_CLIENT, range(2, 6))
    found += pointer.gather(1)
    kinds = [message.name for message in found]
    if "MOUSE_POSITION" not in kinds:
        raise Failure("MOUSE_POSITION, now that the mode is CLIENT", ", ".join(kinds) or "no movement")
    if "MOUSE_MOTION" in kinds[kinds.index("MOUSE_POSITION") :]:
        raise Failure("no MOUSE_MOTION once MOUSE_POSITION has come after the change to CLIENT", ", ".join(kinds))


@client_case(
    "SPICE-MOUSE-016/two-displays", channel="inputs", needs=("act:position",), requires=("SPICE-MOUSE-013/in-client-mode",)
)
def two_displays(server: SuiteServer) -> None:
    """The pointer on one display and the other: display_id is that of the channel."""
    wanted = ((ChannelType.DISPLAY, 0), (ChannelType.DISPLAY, 1), (ChannelType.INPUTS, 0))
    talk = server.session(*wanted, listed=wanted, init=server.init(hint=2))
    pointer = Pointer(server, server.talks[ChannelType.INPUTS, 0])
    server.alive(pointer.mouse)
    talk.send(main.MouseModeMessage(BOTH_MODES, _CLIENT))
    server.alive(talk)
    for id in (1, 0, 1):
        server.act("position", x=30 + id, y=40, display=id)
        pointer.expect_last("MOUSE_POSITION", display_id=id)


@client_case(
    "SPICE-MOUSE-016/two-heads", channel="inputs", needs=("act:position",), requires=("SPICE-MOUSE-013/in-client-mode",)
)
def two_heads(server: SuiteServer) -> None:
    """Two heads on one display channel: display_id is that of the head, and positions count from its edges."""
    wanted = ((ChannelType.DISPLAY, 0), (ChannelType.INPUTS, 0))
    talk = server.session(*wanted, listed=wanted)
    screen, pointer = server.talks[ChannelType.DISPLAY, 0], Pointer(server, server.talks[ChannelType.INPUTS, 0])
    if not screen.client.has(DisplayCapability.MONITORS_CONFIG):
        raise NotApplicable("the client did not announce MONITORS_CONFIG")
    heads = [
        display.Head(monitor_id=number, surface_id=0, width=_WIDTH, height=_HEIGHT, x=number * _WIDTH, y=0, flags=0)
        for number in range(2)
    ]
    surface = display.SurfaceCreate(
        surface_id=0, width=2 * _WIDTH, height=_HEIGHT, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY
    )
    screen.send(surface, display.MonitorsConfig(2, tuple(heads)), display.Mark())
    server.alive(screen)
    talk.send(main.MouseModeMessage(BOTH_MODES, _CLIENT))
    server.alive(talk)
    for id in (1, 0, 1):
        server.act("position", x=30 + id, y=40, display=id)
        pointer.expect_last("MOUSE_POSITION", x=30 + id, y=40, display_id=id)
