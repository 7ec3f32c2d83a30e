"""Another size of an X display, by RANDR: of the one monitor that it has."""

from __future__ import annotations

from typing import Any, Final

from Xlib.ext import randr

__all__ = ["resize"]

_REFRESH: Final = 60
"""Pictures a second of a mode that is made."""

_MILLIMETRES: Final = 25.4 / 96
"""Of a pixel."""


def resize(display: Any, width: int, height: int) -> None:
    """Have this size, with a mode that is there or is made. Raises XError if the X server does not want that."""
    root = display.screen().root
    limits, found = root.xrandr_get_screen_size_range(), root.xrandr_get_screen_resources()
    here = root.get_geometry()
    possible = limits.min_width <= width <= limits.max_width and limits.min_height <= height <= limits.max_height
    if not possible or (width, height) == (here.width, here.height):
        return
    used = [crtc for crtc in found.crtcs if display.xrandr_get_crtc_info(crtc, found.config_timestamp).mode]
    if len(used) != 1:
        return
    [crtc] = used
    outputs = display.xrandr_get_crtc_info(crtc, found.config_timestamp).outputs
    mode = _mode(display, found, outputs, width, height)
    display.grab_server()
    try:
        display.xrandr_set_crtc_config(crtc, found.config_timestamp, 0, 0, 0, randr.Rotate_0, [])
        root.xrandr_set_screen_size(width, height, round(width * _MILLIMETRES), round(height * _MILLIMETRES))
        display.xrandr_set_crtc_config(crtc, found.config_timestamp, 0, 0, mode, randr.Rotate_0, outputs)
    finally:
        display.ungrab_server()
        display.flush()


def _mode(display: Any, found: Any, outputs: Any, width: int, height: int) -> int:
    """One of this size that the outputs have."""
    mode = {(each["width"], each["height"]): each["id"] for each in found.modes}.get((width, height))
    if mode is None:
        name = f"{width}x{height}"
        timing = (0, width, height, width * height * _REFRESH, width, width, width, 0, height, height, height, len(name), 0)
        mode = display.screen().root.xrandr_create_mode(timing, name).mode
        for output in outputs:
            display.xrandr_add_output_mode(output, mode)
    return int(mode)
