"""One page that is open: what waits for it has an end. And the pointer, as pages are told of it."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from reference_client.view.cursor import _shape
from reference_client.view.open_page import TOO_SLOW, OpenPage
from spiceproto.canvas.cursor import Shape
from spiceproto.enums.cursor import CursorType


class Slow:
    """A socket that takes one message and no other before it is told to."""

    def __init__(self) -> None:
        self.taken: list[str | bytes] = []
        self.closed = 0
        self.room = asyncio.Event()

    async def send(self, message: str | bytes) -> None:
        self.taken.append(message)
        await self.room.wait()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.closed = code


def test_the_oldest_sound_goes_and_everything_else_stays() -> None:
    async def body() -> list[str | bytes]:
        socket = Slow()
        page = OpenPage(socket)
        saying = asyncio.create_task(page.say())
        page.send_json({"event": "first"})
        await asyncio.sleep(0)
        for number in range(100):
            page.send_bytes(bytes((1, number)))
        page.send_bytes(b"\0frame")
        socket.room.set()
        await asyncio.sleep(0.01)
        saying.cancel()
        return socket.taken

    taken = asyncio.run(body())
    assert taken == ['{"event": "first"}', *[bytes((1, number)) for number in range(75, 100)], b"\0frame"]


def test_a_page_that_takes_too_little_is_closed() -> None:
    async def body() -> None:
        socket = Slow()
        page = OpenPage(socket)
        saying = asyncio.create_task(page.say())
        for _ in range(2):
            page.send_bytes(bytes(100 << 20))  # frames, which do not count
        for _ in range(20):
            page.send_bytes(b"\2" + bytes(1 << 20))
        await asyncio.sleep(0)
        socket.room.set()
        await saying
        assert socket.closed == TOO_SLOW and len(socket.taken) <= 1

    asyncio.run(body())


def _picture(text: Any) -> np.ndarray:
    with Image.open(BytesIO(b64decode(text))) as image:
        assert image.mode == "RGBA"
        return np.asarray(image)


def test_a_shape_is_a_file_and_what_it_inverts_another() -> None:
    pixels = np.array([[0xFF102030, 0x80402010], [0x00000000, 0xC0303030]], np.uint32)
    inverts = np.array([[False, False], [False, True]])
    message: Any = _shape(3, Shape(pixels, 1, 0, CursorType.COLOR32, inverts))
    assert message["display"] == 3 and message["shape"]["x"] == 1 and message["shape"]["width"] == 2
    assert _picture(message["shape"]["png"]).tolist() == [
        [[0x10, 0x20, 0x30, 0xFF], [0x80, 0x40, 0x20, 0x80]],  # colours without alpha in them
        [[0, 0, 0, 0], [0, 0, 0, 0]],
    ]
    assert _picture(message["shape"]["inverts"]).tolist() == [[[0] * 4, [0] * 4], [[0] * 4, [255] * 4]]
    plain: Any = _shape(0, Shape(pixels, 0, 0, CursorType.ALPHA, np.zeros((2, 2), bool)))
    assert plain["shape"]["inverts"] is None
    nothing: Any = _shape(0, None)
    assert nothing["shape"] is None
