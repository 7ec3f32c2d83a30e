"""Pixmap caches and GLZ dictionaries of a session: what is counted, for one channel and for several."""

from __future__ import annotations

from typing import Any

import numpy as np

from spiceproto.codecs import glz, zlib_glz
from spiceproto.descriptors import glz_header
from spiceproto.enums.display import ClipType, ImageScaleMode, MaskFlags, ResourceType, Ropd
from spiceproto.enums.image import ImageFlags, ImageType, LzImageType
from spiceproto.enums.link import ChannelType
from spiceproto.finding import Finding
from spiceproto.messages import display
from spiceproto.messages.draw import Clip, Copy, DisplayBase, QMask
from spiceproto.messages.geometry import Point, Rect
from spiceproto.messages.image import BinaryData, Image, ImageDescriptor, ZlibGlzRGBData
from spiceproto.session import Session
from spiceproto.shares import Shares

FIRST, SECOND = (2, 0), (2, 1)
SIDE = 8
BOX = Rect(top=0, left=0, bottom=SIDE, right=SIDE)


def init(cache: int = 1, size: int = 100, window: int = 1000) -> display.Init:
    return display.Init(pixmap_cache_id=cache, pixmap_cache_size=size, glz_dictionary_id=1, glz_dictionary_window_size=window)


def copy(image: Image) -> display.DrawCopy:
    what = Copy(
        src_bitmap=image,
        src_area=BOX,
        rop_descriptor=Ropd.OP_PUT,
        scale_mode=ImageScaleMode.NEAREST,
        mask=QMask(MaskFlags(0), Point(0, 0)),
    )
    return display.DrawCopy(DisplayBase(0, BOX, Clip(ClipType.NONE)), what)


def kept(key: int, flags: ImageFlags = ImageFlags.CACHE_ME, side: int = SIDE, kind: ImageType = ImageType.JPEG) -> Any:
    return copy(
        Image(descriptor=ImageDescriptor(id=key, type=kind, flags=flags, width=side, height=side), jpeg=BinaryData(b""))
    )


def numbered(number: int, distance: int) -> Any:
    stream = bytearray(glz.encode(np.zeros((SIDE, SIDE), np.uint32), LzImageType.RGB32, glz.Dictionary(SIDE * SIDE)))
    stream[21:29], stream[29:33] = number.to_bytes(8, "big"), distance.to_bytes(4, "big")
    head = ImageDescriptor(id=0, type=ImageType.GLZ_RGB, flags=ImageFlags(0), width=SIDE, height=SIDE)
    return copy(Image(descriptor=head, lz_rgb=BinaryData(bytes(stream))))


def broken(shares: Shares, *values: Any, channel: tuple[int, int] = FIRST, now: float = 0.0) -> list[str]:
    """The sentences that these break; INIT is the client's."""
    names: dict[type, str] = {
        display.Init: "INIT",
        display.InvalList: "INVAL_LIST",
        display.InvalAllPixmaps: "INVAL_ALL_PIXMAPS",
    }
    found: list[Finding] = []
    for value in values:
        sender = "client" if isinstance(value, display.Init) else "server"
        found += shares.judge(channel, sender, names.get(type(value), "DRAW_COPY"), value, now)
    return [item.requirement for item in found]


def drop(*keys: int) -> display.InvalList:
    return display.InvalList(tuple([display.ResourceID(ResourceType.PIXMAP, key) for key in keys]))


def test_pixels_of_a_cache_are_counted() -> None:
    shares = Shares()
    assert broken(shares, init(size=128), kept(1), kept(2)) == []
    assert broken(shares, kept(3)) == ["SPICE-CACHE-003"]
    assert broken(shares, drop(1, 3, 99), kept(4), kept(2)) == []
    assert broken(shares, display.InvalAllPixmaps(()), kept(5), kept(6)) == []
    assert broken(shares, kept(7, ImageFlags(0)), kept(8, kind=ImageType.FROM_CACHE)) == []


def test_an_image_in_place_of_another_is_counted_once() -> None:
    shares = Shares()
    assert broken(shares, init(size=64), kept(1), kept(1, ImageFlags.CACHE_REPLACE_ME), kept(1)) == []
    assert broken(shares, kept(1, side=9)) == ["SPICE-CACHE-003"]


def test_what_was_missed_is_not_held_against_a_server() -> None:
    shares = Shares()
    assert broken(shares, init(size=64), kept(1)) == []
    shares.forget(FIRST)
    assert broken(shares, kept(2), kept(3), numbered(9, 0), numbered(10, 0)) == []
    assert broken(shares, numbered(12, 0)) == ["SPICE-CACHE-015"]
    assert broken(shares, display.InvalAllPixmaps(()), kept(4)) == []
    assert broken(shares, kept(5)) == ["SPICE-CACHE-003"]


def test_a_message_that_nobody_can_read_may_have_kept_something() -> None:
    shares = Shares()
    broken(shares, init(size=64), kept(1))
    assert list(shares.judge(FIRST, "server", "DRAW_COPY", None, 0.0)) == []
    assert broken(shares, kept(2)) == []


def test_a_channel_without_init_is_not_judged() -> None:
    assert broken(Shares(), kept(1), numbered(5, 0)) == []


def test_a_cache_of_two_channels_has_no_order_and_one_size() -> None:
    shares = Shares()
    assert broken(shares, init(size=64)) == [] == broken(shares, init(size=64), channel=SECOND)
    assert shares.shared(FIRST) == {FIRST, SECOND}
    assert broken(shares, kept(1)) == [] == broken(shares, kept(2), channel=SECOND)
    assert broken(shares, init(size=65), channel=SECOND) == ["SPICE-CACHE-020"]
    assert broken(shares, init(cache=2, size=65), channel=SECOND) == []
    assert shares.shared(FIRST) == frozenset()


def test_what_never_comes_to_a_cache_of_two_channels() -> None:
    shares = Shares()
    broken(shares, init())
    broken(shares, init(), channel=SECOND)
    wanted = kept(1, kind=ImageType.FROM_CACHE)
    assert broken(shares, wanted, now=1.0) == [] == broken(shares, kept(2), channel=SECOND, now=11.0)
    assert broken(shares, kept(2), channel=SECOND, now=11.1) == ["SPICE-CACHE-001"]
    assert broken(shares, wanted, kept(2), now=30.0) == []  # once is enough


def test_what_comes_late_or_was_there_is_not_missed() -> None:
    shares = Shares()
    broken(shares, init())
    broken(shares, init(), kept(2), drop(2), channel=SECOND)
    assert broken(shares, *[kept(number, kind=ImageType.FROM_CACHE) for number in (1, 2)], now=1.0) == []
    assert broken(shares, kept(1), channel=SECOND, now=2.0) == [] == broken(shares, kept(3), now=60.0)
    broken(shares, kept(4, kind=ImageType.FROM_CACHE), now=61.0)
    shares.forget(SECOND)
    assert broken(shares, kept(3), now=99.0) == []


def test_numbers_of_glz_images() -> None:
    shares = Shares()
    assert broken(shares, init(), numbered(0, 0), numbered(1, 1), numbered(2, 1)) == []
    assert broken(shares, numbered(3, 3)) == ["SPICE-CACHE-016"]
    assert broken(shares, numbered(5, 0)) == ["SPICE-CACHE-015"]
    assert broken(Shares(), init(), numbered(1, 0)) == ["SPICE-CACHE-015"]


def test_the_window_of_glz_images() -> None:
    shares = Shares()
    assert broken(shares, init(window=128), numbered(0, 0), numbered(1, 1), numbered(2, 1)) == []
    assert broken(shares, numbered(3, 2)) == ["SPICE-CACHE-017"]
    assert broken(shares, numbered(4, 1)) == []


def test_numbers_of_two_channels_rise_on_each() -> None:
    shares = Shares()
    broken(shares, init())
    broken(shares, init(), channel=SECOND)
    assert broken(shares, numbered(1, 1), numbered(2, 2)) == [] == broken(shares, numbered(0, 0), channel=SECOND)
    assert broken(shares, numbered(2, 0)) == ["SPICE-CACHE-015"]
    assert broken(shares, numbered(3, 0), channel=SECOND) == []


def test_a_dictionary_begins_anew_with_its_channel() -> None:
    shares = Shares()
    assert broken(shares, init(), numbered(0, 0)) == []
    shares.closed(FIRST)
    assert broken(shares, init(), numbered(0, 0)) == []


def test_a_header_inside_zlib() -> None:
    stream, size = zlib_glz.encode(np.zeros((SIDE, SIDE), np.uint32), LzImageType.RGB32, glz.Dictionary(SIDE * SIDE))
    head = ImageDescriptor(id=0, type=ImageType.ZLIB_GLZ_RGB, flags=ImageFlags(0), width=SIDE, height=SIDE)
    found = glz_header(Image(descriptor=head, zlib_glz=ZlibGlzRGBData(size, stream)))
    assert found is not None and (found.image_id, found.window_head_distance, found.width, found.height) == (0, 0, SIDE, SIDE)
    for damaged in (b"", b"\0" * 40, stream[:6]):
        assert glz_header(Image(descriptor=head, zlib_glz=ZlibGlzRGBData(size, damaged))) is None


def test_a_session_does_not_judge_what_several_displays_find_in_a_cache() -> None:
    session = Session(id=7)
    session.link(ChannelType.MAIN, 0, 0)
    displays = [session.link(ChannelType.DISPLAY, number, 7) for number in range(2)]
    again = copy(
        Image(descriptor=ImageDescriptor(id=1, type=ImageType.FROM_CACHE, flags=ImageFlags(0), width=SIDE, height=SIDE))
    )
    session.message(displays[0], "client", "INIT", init())
    session.message(displays[0], "server", "DRAW_COPY", again)
    assert "SPICE-CACHE-001" in [item.requirement for item in session.take_findings()]
    session.message(displays[1], "client", "INIT", init())
    for member in displays:
        session.message(member, "server", "DRAW_COPY", again)
    assert "SPICE-CACHE-001" not in [item.requirement for item in session.take_findings()]
