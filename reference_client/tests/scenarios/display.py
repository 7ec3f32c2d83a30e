"""Faults on the display channel (spec/07-display.md)."""

from __future__ import annotations

from collections.abc import Callable

from reference_client.tests.conversations import Make, alive
from reference_client.tests.scripted import CHANNELS, session
from spiceproto.enums.display import ClipType, MaskFlags, ResourceType, SurfaceFlags, SurfaceFmt
from spiceproto.enums.link import ChannelType
from spiceproto.messages import display, main
from spiceproto.messages.draw import Blackness, Clip, DisplayBase, QMask
from spiceproto.messages.geometry import Point, Rect


def _says_init_and_nothing_else(make: Make) -> bool:
    server = session(make())
    line = server.line(ChannelType.DISPLAY)
    line.send(
        display.SurfaceCreate(surface_id=0, width=8, height=8, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY),
        display.Mark(),
    )
    return [type(value) for value in line.got] == [display.Init]


def _leaves_out_what_is_not_there(make: Make) -> bool:
    server = session(make())
    base = DisplayBase(7, Rect(top=0, left=0, bottom=8, right=8), Clip(ClipType.NONE))
    server.line(ChannelType.DISPLAY).send(
        display.DrawBlackness(base, Blackness(QMask(MaskFlags(0), Point(0, 0)))),
        display.InvalList((display.ResourceID(ResourceType.PIXMAP, 7),)),
    )
    return alive(server)


def _says_the_same_on_each_display(make: Make) -> bool:
    second = (ChannelType.DISPLAY, 1)
    server = session(make(), channels={**CHANNELS, second: CHANNELS[ChannelType.DISPLAY, 0]})
    server.main.send(main.ChannelsList((main.ChannelId(*second),)))
    return server.line(ChannelType.DISPLAY).got == server.line(*second).got != []


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "display-asks-before-init": _says_init_and_nothing_else,
    "display-init-twice": _says_init_and_nothing_else,
    "prefers-a-compression-unasked": _says_init_and_nothing_else,
    "prefers-codecs-unasked": _says_init_and_nothing_else,
    "wrong-opcode-for-codecs": _says_init_and_nothing_else,
    "unknown-surface-fatal": _leaves_out_what_is_not_there,
    "unknown-image-fatal": _leaves_out_what_is_not_there,
    "caches-of-two-sizes": _says_the_same_on_each_display,
}
