"""Sizes of surfaces and heads, and images whose headers disagree."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from spiceproto.codecs import lz, quic
from spiceproto.descriptors import agree
from spiceproto.enums.display import ClipType, StreamFlags, SurfaceFlags, SurfaceFmt
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType, LzImageType, QuicImageType
from spiceproto.extents import Extents
from spiceproto.messages import display
from spiceproto.messages.draw import Clip
from spiceproto.messages.geometry import Rect
from spiceproto.messages.image import BinaryData, BitmapData, Image, ImageDescriptor, LZPLTData, Palette
from spiceproto.tests.test_shares import copy, numbered

SIDE = 8


def head(number: int = 0, width: int = 64, height: int = 48, x: int = 0, y: int = 0, surface: int = 0) -> display.Head:
    return display.Head(monitor_id=number, surface_id=surface, width=width, height=height, x=x, y=y, flags=0)


def created(number: int = 0, flags: int = SurfaceFlags.PRIMARY) -> display.SurfaceCreate:
    return display.SurfaceCreate(surface_id=number, width=64, height=48, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags(flags))


def heads(*found: display.Head, extents: Extents | None = None) -> list[str]:
    if extents is None:
        extents = Extents((2, 0))
        assert list(extents.judge("server", "SURFACE_CREATE", created(), 0.0)) == []
    value = display.MonitorsConfig(len(found), found)
    return [item.requirement for item in extents.judge("server", "MONITORS_CONFIG", value, 0.0)]


def test_heads() -> None:
    assert heads(head()) == [] == heads(head(width=32), head(1, width=32, x=32))
    assert heads(head(x=1)) == heads(head(y=1)) == heads(head(width=65)) == ["SPICE-MONITOR-005"]
    assert heads(head(), head()) == ["SPICE-MONITOR-006"]
    assert heads() == ["SPICE-MONITOR-003"]
    assert heads(head(width=0)) == heads(head(height=0)) == ["SPICE-MONITOR-004"]
    assert heads(head(width=0xFFFFFFFF, x=2)) == ["SPICE-MONITOR-005"]


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ((0, 0, 64, 48), 0),
        ((10, 10, 11, 11), 0),
        ((-1, 0, 8, 8), 1),
        ((0, 0, 65, 48), 1),
        ((0, 0, 64, 49), 1),
        ((8, 8, 8, 9), 1),
    ],
)
def test_streams_are_on_their_surface(place: tuple[int, int, int, int], wanted: int) -> None:
    left, top, right, bottom = place
    create = display.StreamCreate(
        surface_id=0,
        id=1,
        flags=StreamFlags.TOP_DOWN,
        codec_type=1,
        stamp=0,
        stream_width=8,
        stream_height=8,
        src_width=8,
        src_height=8,
        dest=Rect(top=top, left=left, bottom=bottom, right=right),
        clip=Clip(ClipType.NONE),
    )
    extents = Extents((2, 0))
    assert list(extents.judge("server", "STREAM_CREATE", create, 0.0)) == []
    list(extents.judge("server", "SURFACE_CREATE", created(), 0.0))
    found = [item.requirement for item in extents.judge("server", "STREAM_CREATE", create, 0.0)]
    assert found == ["SPICE-STREAM-029"] * wanted


def test_sizes_that_nobody_saw() -> None:
    extents = Extents((2, 0))
    assert heads(head(width=9999), extents=extents) == []
    assert list(extents.judge("server", "MODE", display.Mode(32, 32, 32), 0.0)) == []
    assert heads(head(), extents=extents) == ["SPICE-MONITOR-005"]
    list(extents.judge("server", "SURFACE_DESTROY", display.SurfaceDestroy(0), 0.0))
    assert heads(head(width=9999), extents=extents) == []
    list(extents.judge("server", "SURFACE_CREATE", msgspec.structs.replace(created(), width=0), 0.0))
    assert heads(head(width=9999), extents=extents) == []
    list(extents.judge("server", "SURFACE_CREATE", created(), 0.0))
    extents.forget("server")
    assert heads(head(width=9999), extents=extents) == []


@pytest.mark.parametrize(("number", "flags", "wanted"), [(0, 1, 0), (0, 3, 0), (5, 0, 0), (5, 1, 1), (0, 0, 1), (0, 2, 1)])
def test_the_primary_surface_has_the_number_0(number: int, flags: int, wanted: int) -> None:
    found = list(Extents((2, 0)).judge("server", "SURFACE_CREATE", created(number, flags), 0.0))
    assert [item.requirement for item in found] == ["SPICE-DISPLAY-006"] * wanted


def images(width: int) -> dict[str, Image]:
    """An image of each kind that says its size twice, with ``width`` in the descriptor."""

    def descriptor(kind: ImageType) -> ImageDescriptor:
        return ImageDescriptor(id=0, type=kind, flags=ImageFlags(0), width=width, height=SIDE)

    pixels = np.zeros((SIDE, SIDE), np.uint32)
    bitmap = BitmapData(
        format=BitmapFmt._32BIT,
        flags=BitmapFlags.TOP_DOWN,
        x=SIDE,
        y=SIDE,
        stride=4 * SIDE,
        palette_id=None,
        palette=None,
        data=bytes(4 * SIDE * SIDE),
    )
    plt = lz.encode(np.zeros((SIDE, SIDE), np.uint8), LzImageType.PLT8)
    glz = numbered(0, 0).data.src_bitmap
    return {
        "bitmap": Image(descriptor=descriptor(ImageType.BITMAP), bitmap=bitmap),
        "quic": Image(descriptor=descriptor(ImageType.QUIC), quic=BinaryData(quic.encode(pixels, QuicImageType.RGB32))),
        "lz": Image(descriptor=descriptor(ImageType.LZ_RGB), lz_rgb=BinaryData(lz.encode(pixels, LzImageType.RGB32))),
        "glz": Image(descriptor=descriptor(ImageType.GLZ_RGB), lz_rgb=glz.lz_rgb),
        "lz_plt": Image(
            descriptor=descriptor(ImageType.LZ_PLT),
            lz_plt=LZPLTData(flags=BitmapFlags(0), palette_id=None, palette=Palette(0, (0,)), data=plt),
        ),
    }


@pytest.mark.parametrize("kind", images(SIDE))
def test_an_image_says_its_size_twice(kind: str) -> None:
    def found(width: int) -> list[str]:
        return [item.requirement for item in agree((2, 0), "DRAW_COPY", copy(images(width)[kind]), 0.0)]

    assert found(SIDE) == [] and found(SIDE + 1) == ["SPICE-IMAGE-002"]


def test_streams_that_are_cut_short_say_nothing() -> None:
    for kind, image in images(SIDE + 1).items():
        for stream in (b"", b"QUIC", bytes(40)):
            data = BinaryData(stream)
            damaged = {
                "quic": Image(descriptor=image.descriptor, quic=data),
                "lz": Image(descriptor=image.descriptor, lz_rgb=data),
                "glz": Image(descriptor=image.descriptor, lz_rgb=data),
            }.get(kind)
            if damaged is not None and not (kind == "quic" and len(stream) == 40):
                assert list(agree((2, 0), "DRAW_COPY", copy(damaged), 0.0)) == []
