"""Faults of displays that share a cache and a dictionary (spec/08-caches.md): one overtakes the other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from reference_client.tests.conversations import Make
from reference_client.tests.scripted import CHANNELS, session
from spiceproto.codecs import glz
from spiceproto.enums.display import SurfaceFlags, SurfaceFmt
from spiceproto.enums.image import ImageFlags, ImageType, LzImageType
from spiceproto.enums.link import ChannelType
from spiceproto.messages import display, main
from spiceproto.messages.image import BinaryData, Image, ImageDescriptor
from spiceproto.tests.canvas_messages import bitmap, cached, copy, rect

_SIDE = 32
_AREA = rect(0, 0, 16, 12)
_WHERE = rect(2, 2, 18, 14)
_PIXELS = np.arange(16 * 12, dtype=np.uint32).reshape(12, 16) * np.uint32(4099) & np.uint32(0xFFFFFF)
_SECOND = (ChannelType.DISPLAY, 1)


def _glz(dictionary: glz.Dictionary) -> Image:
    size = ImageDescriptor(id=3, type=ImageType.GLZ_RGB, flags=ImageFlags(0), width=16, height=12)
    return Image(descriptor=size, lz_rgb=BinaryData(glz.encode(_PIXELS, LzImageType.RGB32, dictionary)))


def _two(make: Make) -> tuple[Any, Any, Any]:
    """A server, and two displays with screens."""
    server = session(make(canvas=True), channels={**CHANNELS, _SECOND: CHANNELS[ChannelType.DISPLAY, 0]})
    server.main.send(main.ChannelsList((main.ChannelId(*_SECOND),)))
    made = display.SurfaceCreate(
        surface_id=0, width=_SIDE, height=_SIDE, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY
    )
    lines = (server.line(ChannelType.DISPLAY), server.line(*_SECOND))
    for line in lines:
        line.send(made)
    return server, *lines


def _overtaken(first_image: Image, late_image: Image, make: Make) -> bool:
    """Whether the second display shows its image when the first has brought what it needs, and nothing of it before."""
    server, first, second = _two(make)
    second.send(copy(_WHERE, late_image, _AREA))
    if server.client.displays[1].picture().any():
        return False
    first.send(copy(_WHERE, first_image, _AREA))
    return np.array_equal(server.client.displays[0].picture(), server.client.displays[1].picture())


def _kept_until_then(make: Make) -> bool:
    """Whether an image is there as long as the wait list says."""
    server, first, second = _two(make)
    first.send(copy(_WHERE, _KEPT, _AREA))
    assert first.channel is not None
    second.send(display.InvalAllPixmaps((display.WaitForChannel(ChannelType.DISPLAY, 0, 3),)))
    first.send(copy(rect(2, 18, 18, 30), cached(5), _AREA))
    picture = server.client.displays[0].picture()
    return np.array_equal(picture[2:14, 2:18], picture[18:30, 2:18])


_KEPT = bitmap(_PIXELS, id=5, flags=ImageFlags.CACHE_ME)
_DICTIONARY = glz.Dictionary(4096)
_FIRST, _LATER = _glz(_DICTIONARY), _glz(_DICTIONARY)
_SWAPPED = partial(_overtaken, _FIRST, _LATER)

SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "missing-images-left-out": partial(_overtaken, _KEPT, cached(5)),
    "wait-list-ignored": _kept_until_then,
    "missing-glz-images-left-out": _SWAPPED,
    "glz-shown-before-its-reference": _SWAPPED,
}
