"""Mistakes of programs: devices tell them at the call, whether a client is there or not, and stay as they were."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from reference_server import Guest
from reference_server.guest import Shape, colour_chart
from reference_server.guest.cursor import Shaped
from reference_server.heads import heads_of
from spiceproto.canvas.cursor import decode
from spiceproto.canvas.problem import DrawError
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.messages.cursor import Cursor, CursorHeader

ARROW = Shape(type=CursorType.ALPHA, width=2, height=2, hot_spot=(0, 0), data=bytes(16))


def shaped(**changes: Any) -> Callable[[Any], Any]:
    return lambda guest: guest.cursors[0].set(msgspec.structs.replace(ARROW, **changes))


MISTAKES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "shape of nothing": (lambda guest: guest.cursors[0].set(7), "a pointer has a Shape or None, not int"),
    "short shape": (shaped(data=bytes(15)), "a shape ALPHA of 2 x 2 has 16 bytes, and none more than 4194240, not 15"),
    "long shape": (shaped(data=bytes(4 << 20)), "none more than 4194240, not 4194304"),
    "type of a shape": (shaped(type=77), "a shape has a type of CursorType, not 77"),
    "width of a shape": (shaped(width=1 << 16), "the width of a shape is from 0 to 65535, not 65536"),
    "hot spot": (shaped(hot_spot=(0, -1)), "hot_spot is from 0 to 65535, not -1"),
    "no hot spot": (shaped(hot_spot=None), "hot_spot is a pair, not None"),
    "pixels of a shape": (shaped(data=np.zeros(16, np.uint8)), "data of a shape are bytes, not ndarray"),
    "pointer far away": (lambda guest: guest.cursors[0].move(1 << 31, 0), "is from -2147483648 to 2147483647, not"),
    "pointer between": (lambda guest: guest.cursors[0].move(0, 0.5), "y of a pointer is an integer, not float"),
    "trail": (lambda guest: guest.cursors[0].set_trail(1, 1 << 16), "the frequency of a trail is from 0 to 65535"),
    "locks": (lambda guest: guest.keyboard.set_locks(99999), "a sum of lock keys is from 0 to 7, not 99999"),
    "volume": (lambda guest: guest.speaker.set_level((70000, -1)), "a volume is from 0 to 65535, not 70000"),
    "one volume": (lambda guest: guest.microphone.set_level(7), "a volume is of 2 channels, not 7"),
    "source": (lambda guest: guest.speaker.play(7), "what plays is called for sound, not int"),
    "text copied": (lambda guest: guest.clipboard.copy({1: "a text"}), "what is copied is bytes, not str"),
    "type copied": (lambda guest: guest.clipboard.copy({"x": 5}), "a type is an integer, not str"),
    "nothing copied": (lambda guest: guest.clipboard.copy(b"a text"), "a mapping of types to bytes, not bytes"),
    "selection": (lambda guest: guest.clipboard.copy({1: b""}, 256), "a selection is from 0 to 255, not 256"),
    "paste": (lambda guest: guest.clipboard.paste("text"), "a type is an integer, not str"),
    "text written": (lambda guest: guest.ports.add("x").write("text"), "what is written is bytes, not str"),
    "no name": (lambda guest: guest.ports.add(""), "a port has a name without U+0000, not ''"),
    "long name": (lambda guest: guest.ports.add("x" * 1025), "a name of at most 1024 bytes, not 1025"),
    "ports": (lambda guest: [guest.ports.add("x") for _ in range(257)], "there are 256 ports already"),
    "colours": (lambda guest: guest.screens[0].draw(0, 0, np.zeros((2, 2, 4))), "not float64 (2, 2, 4)"),
    "planes": (lambda guest: guest.screens[0].draw(0, 0, np.zeros((2, 2, 3), np.uint8)), "not uint8 (2, 2, 3)"),
    "list": (lambda guest: guest.screens[0].draw(0, 0, [[1]]), "a picture is uint8 of height x width x 4, not list"),
    "place": (lambda guest: guest.screens[0].draw(0.5, 0, np.zeros((2, 2, 4), np.uint8)), "left is an integer, not float"),
    "size": (lambda guest: guest.screens[0].resize(7.0, 5), "a width is an integer, not float"),
    "head": (
        lambda guest: guest.screens[0].set_heads(*heads_of("8x8,640x480+1+0")),
        "monitor 1, 640x480+1+0, is outside of surface 0, which is 640x480",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_at_the_call(name: str) -> None:
    act, said = MISTAKES[name]
    guest = Guest(size=(640, 480))
    news: list[Any] = []
    for device in (guest.cursors[0], guest.keyboard, guest.speaker, guest.microphone, guest.clipboard, guest.screens[0]):
        device.watch(news.append)
    with pytest.raises(ValueError) as caught:
        act(guest)
    assert said in str(caught.value) and len(str(caught.value)) < 200 and not news


@pytest.mark.parametrize("type", CursorType)
@pytest.mark.parametrize("size", [(1, 1), (9, 3), (32, 32)])
def test_the_shortest_shape_is_what_clients_can_draw(type: CursorType, size: tuple[int, int]) -> None:
    width, height = size
    least = next(count for count in range(8 << 10) if drawn(type, width, height, bytes(count)))
    guest = Guest()
    for count, good in ((least, True), (least - 1, False)):
        shape = Shape(type=type, width=width, height=height, hot_spot=(0, 0), data=bytes(count))
        if good:
            guest.cursors[0].set(shape)
        else:
            with pytest.raises(ValueError, match=f"has {least} bytes"):
                guest.cursors[0].set(shape)


def drawn(type: CursorType, width: int, height: int, data: bytes) -> bool:
    header = CursorHeader(unique=0, type=type, width=width, height=height, hot_spot_x=0, hot_spot_y=0)
    try:
        decode(Cursor(flags=CursorFlags(0), header=header, data=data))
    except DrawError:
        return False
    return True


def test_what_numpy_counts_is_a_number() -> None:
    guest: Any = Guest()
    news: list[Any] = []
    guest.cursors[0].watch(news.append, Shaped)
    guest.cursors[0].move(np.int64(3), np.int16(4))
    guest.cursors[0].set(ARROW)
    guest.screens[0].draw(np.int64(-1), np.int32(0), np.zeros((2, 2, 4), np.uint8))
    guest.clipboard.copy({1: bytearray(b"x")})
    assert len(news) == 1 and guest.clipboard.contents() == {1: b"x"}


def test_a_large_chart_takes_little_more_than_itself_and_is_not_kept() -> None:
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        size = colour_chart(4096, 2048).nbytes
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < 1.2 * size and after - before < 0.1 * size
    assert colour_chart(64, 48) is colour_chart(64, 48)
