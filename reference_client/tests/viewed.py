"""A view over a session that is none, and pages that a test plays: for the rules of the view itself."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import Any, cast

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from reference_client.channels.display import Damaged, SurfaceSize
from reference_client.channels.inputs import InputsChannel
from reference_client.pointing import Pointing
from reference_client.view.feature import Session
from reference_client.view.view import View
from spiceproto.canvas.damage import Damage
from spiceproto.canvas.region import Box
from spiceproto.canvas.surface import Surface, create
from spiceproto.enums.display import SurfaceFmt
from spiceproto.errors import LocalError
from spiceproto.page_access import SOCKET, Place
from spiceproto.tests.peers import PATIENCE


class Screen:
    """What the view sees of a display channel: its canvas, and what has changed there."""

    def __init__(self, format: SurfaceFmt, width: int, height: int) -> None:
        self.id = 0
        self.canvas = self
        self.primary: Surface = create(format, width, height)
        self.surfaces = {0: SurfaceSize(width, height, True)}
        self.damage = Damage()

    def take_damage(self, surface: int) -> tuple[Box, ...]:
        return self.damage.take(surface)


class FakeClient:
    """A client with one display. ``inputs`` is None for no such channel."""

    def __init__(self, screen: Screen, inputs: InputsChannel | None = None) -> None:
        self.displays = {0: screen}
        self.pointing = Pointing()
        self._inputs = inputs

    @property
    def inputs(self) -> InputsChannel:
        if self._inputs is None:
            raise LocalError("there is no inputs channel")
        return self._inputs


class Viewed:
    """A view that listens, of a screen of 200 x 100 pixels unless another is given."""

    def __init__(self, screen: Screen | None = None, inputs: InputsChannel | None = None) -> None:
        self.screen = screen or Screen(SurfaceFmt._32_xRGB, 200, 100)
        self.client = FakeClient(self.screen, inputs)
        self.view = View(Place("127.0.0.1", 0))
        self.pumped = 0

    def pump(self) -> None:
        self.pumped += 1

    async def begin(self) -> None:
        self.view.show(cast(Session, self))
        await self.view.listen()

    @property
    def port(self) -> int:
        assert self.view.access is not None
        return self.view.access.port

    @property
    def token(self) -> str:
        assert self.view.access is not None
        return self.view.access.token

    def draw(self, box: Box, colour: int, *, told: Box | None = None) -> None:
        """Fill a box of the screen; ``told`` is the damage, the same without it."""
        box.view(self.screen.primary.pixels)[...] = colour
        self.screen.damage.add(0, (told or box,))
        self.view.on_event(Damaged(0, 0))

    def open(self, **changed: Any) -> contextlib.AbstractAsyncContextManager[ClientConnection]:
        """The WebSocket of a page that is as it should be, but for what is changed."""
        values: dict[str, Any] = {
            "origin": f"http://127.0.0.1:{self.port}",
            "subprotocols": [f"t.{self.token}"],
            "compression": None,
            "max_size": None,
            "open_timeout": PATIENCE,
        }
        scheme = "wss" if "ssl" in changed else "ws"
        return connect(f"{scheme}://127.0.0.1:{self.port}{SOCKET}", **(values | changed))


async def said(page: ClientConnection, event: str) -> dict[str, Any]:
    """The next text message that is this event; everything before it is passed over."""
    while True:
        message = await page.recv()
        if isinstance(message, str) and (found := json.loads(message))["event"] == event:
            return dict(found)


async def frame_of(page: ClientConnection) -> bytes:
    """The next frame."""
    while True:
        message = await page.recv()
        if isinstance(message, bytes):
            return message


async def say(page: ClientConnection, do: str, **values: object) -> None:
    """A text message of the page."""
    message: Mapping[str, object] = {"do": do, **values}
    await page.send(json.dumps(message))


def run(body: Callable[[Viewed], Coroutine[Any, Any, None]], viewed: Callable[[], Viewed] = Viewed) -> None:
    """A test with a view that listens."""

    @contextlib.asynccontextmanager
    async def listening() -> AsyncIterator[Viewed]:
        found = viewed()
        await found.begin()
        try:
            yield found
        finally:
            await found.view.stop()

    async def whole() -> None:
        async with asyncio.timeout(PATIENCE), listening() as found:
            await body(found)

    asyncio.run(whole())


def pixels_of(frame: bytes) -> np.ndarray:
    """The pixels ``uint32`` of a frame that is one rectangle, without LZ4 or with it."""
    from lz4 import block

    count = int.from_bytes(frame[2:4], "little")
    assert count == 1
    width, height = int.from_bytes(frame[20:22], "little"), int.from_bytes(frame[22:24], "little")
    size, encoding = int.from_bytes(frame[24:28], "little"), int.from_bytes(frame[28:32], "little")
    data = frame[32 : 32 + size]
    if encoding:
        data = block.decompress(data, uncompressed_size=width * height * 4)
    return np.frombuffer(data, "<u4").reshape(height, width)
