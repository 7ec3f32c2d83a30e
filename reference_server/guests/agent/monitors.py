"""Monitors as a client wants them: the displays of the guest get their sizes, or one display gets so many heads.

Of one display, each monitor is a head, and the primary surface is as large as all of them; of several, each monitor is a
display. Without positions heads stand side by side. A monitor of 0 by 0 is off.
"""

from __future__ import annotations

from typing import Final

import msgspec

from reference_server.guest import Guest
from spiceproto import limits
from spiceproto.enums.agent import MonitorsConfigFlags
from spiceproto.messages.agent import MonConfig, MonitorsConfig
from spiceproto.messages.display import Head

__all__ = ["Monitor", "Monitors", "MonitorsSet"]

_SIDE: Final = 16384
"""Longest side of a surface."""


class Monitor(msgspec.Struct, frozen=True):
    """One monitor that is on; pixels, and millimetres (0 if the client did not say)."""

    number: int
    width: int
    height: int
    x: int
    y: int
    width_mm: int = 0
    height_mm: int = 0


class MonitorsSet(msgspec.Struct, frozen=True):
    """The client has other monitors."""

    monitors: tuple[Monitor, ...]


class Monitors:
    """``now`` are the monitors that were set up last; empty until a client has said what it wants."""

    def __init__(self, guest: Guest, displays: int) -> None:
        self.now: tuple[Monitor, ...] = ()
        self._guest = guest
        self._displays = displays

    def set(self, value: MonitorsConfig) -> bool:
        """Have these monitors; whether that could be done. What can not is left as it is."""
        wanted = _read(value)
        if not wanted or len(value.monitors) > limits.MONITORS:
            return False
        done = self._set_heads(wanted) if self._displays == 1 else self._set_displays(wanted)
        if done:
            self.now = wanted
        return done

    def _set_heads(self, wanted: tuple[Monitor, ...]) -> bool:
        width = max(monitor.x + monitor.width for monitor in wanted)
        height = max(monitor.y + monitor.height for monitor in wanted)
        if max(width, height) > _SIDE or width * height > limits.IMAGE_PIXELS:
            return False
        screen = self._guest.screens[0]
        if screen.size != (width, height):
            screen.resize(width, height, screen.format)
        heads = [
            Head(
                monitor_id=monitor.number,
                surface_id=0,
                width=monitor.width,
                height=monitor.height,
                x=monitor.x,
                y=monitor.y,
                flags=0,
            )
            for monitor in wanted
        ]
        if tuple(heads) != screen.heads:
            screen.set_heads(*heads)
        return True

    def _set_displays(self, wanted: tuple[Monitor, ...]) -> bool:
        if sum(monitor.width * monitor.height for monitor in wanted) > limits.IMAGE_PIXELS:
            return False
        if max(max(monitor.width, monitor.height) for monitor in wanted) > _SIDE:
            return False
        for monitor in wanted:
            screen = self._guest.screens[monitor.number] if monitor.number < self._displays else None
            if screen is not None and screen.size != (monitor.width, monitor.height):
                screen.resize(monitor.width, monitor.height, screen.format)
        return True


def _read(value: MonitorsConfig) -> tuple[Monitor, ...]:
    """The monitors that are on, from (0, 0) on."""
    placed = bool(value.flags & MonitorsConfigFlags.USE_POS)
    on = [(number, each) for number, each in enumerate(value.monitors) if each.width and each.height]
    if not on:
        return ()
    left = min(each.x for _, each in on) if placed else 0
    top = min(each.y for _, each in on) if placed else 0
    found, right = [], 0
    for number, each in on:
        x, y = (each.x - left, each.y - top) if placed else (right, 0)
        right += each.width
        found.append(_monitor(value, number, each, x, y))
    return tuple(found)


def _monitor(value: MonitorsConfig, number: int, each: MonConfig, x: int, y: int) -> Monitor:
    size = value.physical_sizes[number] if value.physical_sizes else None
    return Monitor(
        number=number,
        width=each.width,
        height=each.height,
        x=x,
        y=y,
        width_mm=size.width if size else 0,
        height_mm=size.height if size else 0,
    )
