"""The guest's pointer: its shape, and where the server has it.

A shape goes as PNG files, whose pixels come out of a browser as they went in, also where they are half transparent. Where it
inverts the screen there is a second one, white there and nothing elsewhere: the page shows the difference of it and the screen.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from reference_client.channels.cursor import CursorChannel
from reference_client.events import ChannelLinked, Event
from reference_client.picture import Pointers
from reference_client.view.feature import Page, Session
from spiceproto import png
from spiceproto.canvas.cursor import Pointer, Shape
from spiceproto.errors import LocalError

__all__ = ["Cursor"]

Message = Mapping[str, object]


class Cursor:
    """The pointers of all displays."""

    verbs: tuple[str, ...] = ()
    kinds: tuple[int, ...] = ()

    def __init__(self, session: Session) -> None:
        self._client = session.client
        self._pages: list[Page] = []
        self._moved: set[int] = set()
        self._shapes: dict[int, Shape | None] = {}
        self._told: dict[int, tuple[Message, Message]] = {}
        """Number of a display to what pages were told last of its pointer: shape and place."""

    def opened(self, page: Page) -> None:
        self._pages.append(page)
        for messages in self._told.values():
            for message in messages:
                page.send_json(message)

    def closed(self, page: Page) -> None:
        self._pages.remove(page)

    def told(self, page: Page, verb: str, values: Mapping[str, object]) -> None:
        raise LocalError("the pointer is told nothing")

    def received(self, page: Page, kind: int, data: memoryview) -> None:
        raise LocalError("the pointer has no bytes")

    def event(self, event: Event) -> None:
        """A channel begins: from then on its pointer is followed, at another server another one."""
        if isinstance(event, ChannelLinked) and event.channel == "cursor":
            followers = self._client.shared(Pointers).followers
            if self._look_soon not in followers:
                followers.append(self._look_soon)
            self._look_soon(event.id)

    def _look_soon(self, display: int) -> None:
        if not self._moved:
            asyncio.get_running_loop().call_soon(self._look)
        self._moved.add(display)

    def _look(self) -> None:
        moved, self._moved = self._moved, set()
        for display in sorted(moved & set(self._client.channels_of(CursorChannel))):
            pointer = self._client.shared(Pointers).pointer(display)
            old = self._told.get(display)
            fresh = old is None or self._shapes.get(display) is not pointer.shape
            self._shapes[display] = pointer.shape
            shape = _shape(display, pointer.shape) if old is None or fresh else old[0]
            new = self._told[display] = (shape, _place(display, pointer))
            for number, message in enumerate(new):
                if old is None or message != old[number]:
                    for page in self._pages:
                        page.send_json(message)


def _place(display: int, pointer: Pointer) -> Message:
    return {"event": "pointer", "display": display, "x": pointer.x, "y": pointer.y, "visible": pointer.visible}


def _shape(display: int, shape: Shape | None) -> Message:
    message: dict[str, object] = {"event": "pointer-shape", "display": display, "shape": None}
    if shape is not None and shape.pixels.size:
        pixels = shape.pixels.copy()
        pixels[shape.inverts] = 0
        if shape.edge is not None:
            pixels[shape.edge] = 0
        white = np.where(shape.inverts, np.uint32(0xFFFFFFFF), np.uint32(0))
        message["shape"] = {
            "x": shape.hot_spot_x,
            "y": shape.hot_spot_y,
            "width": shape.width,
            "height": shape.height,
            "png": _png(pixels),
            "inverts": _png(white) if shape.inverts.any() else None,
        }
    return message


def _png(pixels: NDArray[np.uint32]) -> str:
    """Words 0xAARRGGBB whose colours are multiplied by alpha, as a file whose colours are not."""
    planes = np.stack([pixels >> np.uint32(shift) & np.uint32(0xFF) for shift in (16, 8, 0, 24)], axis=2)
    alpha = np.maximum(planes[..., 3:], 1)
    planes[..., :3] = np.minimum((planes[..., :3] * 255 + alpha // 2) // alpha, 255)
    return b64encode(png.encode(planes.astype(np.uint8))).decode()
