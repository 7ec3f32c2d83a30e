"""Everything that can be drawn, for clients of all kinds: what they show is the guest's own picture, pixel by pixel."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from reference_server import Guest
from reference_server.compression import COMPRESSIONS
from reference_server.guest import Screen
from reference_server.guest.image import NO_MASK, put, surface_image
from reference_server.guests.gallery import SIZE, commands
from reference_server.guests.gallery.areas import solid
from reference_server.guests.gallery.pictures import icon, photo, words
from reference_server.guests.gallery.tile import rect
from reference_server.tests.memory import Wire, serve
from reference_server.tests.viewer import ALL, Caches, Viewer, differs
from spiceproto.capabilities import NONE
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ImageScaleMode, SurfaceFlags, SurfaceFmt
from spiceproto.enums.image import ImageType
from spiceproto.messages import display
from spiceproto.messages.draw import Rop3

COMPRESSED = {
    "off": {ImageType.BITMAP},
    "quic": {ImageType.QUIC},
    "lz": {ImageType.LZ_RGB, ImageType.LZ_PLT},
    "glz": {ImageType.GLZ_RGB, ImageType.LZ_PLT},
    "lz4": {ImageType.LZ4},
    "auto_lz": {ImageType.QUIC, ImageType.LZ_RGB},
    "auto_glz": {ImageType.QUIC, ImageType.GLZ_RGB},
}
KEPT = {ImageType.FROM_CACHE, ImageType.SURFACE}


def begun(guest: Guest, **options: Any) -> Wire:
    wire = serve(guest, **options)
    wire.main()
    return wire


def hang(screen: Screen, *viewers: Viewer) -> None:
    """Push all of the gallery, while the clients keep pace."""
    screen.resize(*SIZE)
    for command in commands():
        screen.push(command)
        for viewer in viewers:
            viewer.look()


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_every_compression(name: str) -> None:
    guest = Guest(size=(32, 32))
    viewer = Viewer(begun(guest, image_compression=name))
    hang(guest.screens[0], viewer)
    assert differs(viewer, guest.screens[0]) == []
    assert viewer.types.keys() >= COMPRESSED[name] | KEPT


def test_zlib_around_glz() -> None:
    guest = Guest(size=(32, 32))
    viewer = Viewer(begun(guest, image_compression="glz", zlib_glz=True))
    hang(guest.screens[0], viewer)
    assert differs(viewer, guest.screens[0]) == []
    assert viewer.types[ImageType.ZLIB_GLZ_RGB] and viewer.types[ImageType.GLZ_RGB], "small streams go without zlib"


@pytest.mark.parametrize("format", (SurfaceFmt._32_xRGB, SurfaceFmt._16_555), ids=("32", "16"))
def test_a_late_client_gets_all_there_is(format: SurfaceFmt) -> None:
    guest = Guest(size=(32, 32))
    screen = guest.screens[0]
    screen.resize(*SIZE, format)
    for command in commands():
        screen.push(command)
    viewer = Viewer(begun(guest, image_compression="lz"))
    assert differs(viewer, screen) == []
    assert viewer.canvas.surfaces.keys() == {surface.surface_id for surface in screen.surfaces}


def test_a_screen_of_sixteen_bits() -> None:
    guest = Guest(size=(32, 32))
    screen = guest.screens[0]
    viewer = Viewer(begun(guest, image_compression="lz"))
    screen.resize(*SIZE, SurfaceFmt._16_555)
    viewer.look()
    screen.draw(5, 5, Guest(size=(20, 20)).screens[0].picture)
    assert differs(viewer, screen) == []
    assert viewer.canvas.primary is not None and viewer.canvas.primary.format == SurfaceFmt._16_555


@pytest.mark.parametrize("pixels", (0, 300, 5000), ids=("none", "one-icon", "some"))
def test_small_caches_overflow_never(pixels: int) -> None:
    guest = Guest(size=(32, 32))
    viewer = Viewer(begun(guest, image_compression="glz"), caches=Caches(pixels, 5000))
    hang(guest.screens[0], viewer)
    assert differs(viewer, guest.screens[0]) == []
    assert bool(viewer.types[ImageType.FROM_CACHE]) == bool(pixels)
    assert bool(viewer.names["InvalList"]) == bool(pixels)


@pytest.mark.parametrize("missing", (DisplayCapability.COMPOSITE, DisplayCapability.A8_SURFACE, None), ids=str)
def test_clients_that_can_less_show_the_same(missing: DisplayCapability | None) -> None:
    guest = Guest(size=(32, 32))
    wire = begun(guest, image_compression="lz4")
    own = NONE if missing is None else ALL.without(missing)
    viewer = Viewer(wire, own=own)
    hang(guest.screens[0], viewer)
    assert differs(viewer, guest.screens[0]) == []
    assert bool(viewer.names["DrawComposite"]) == own.has(DisplayCapability.COMPOSITE)
    formats = {surface.format for surface in viewer.canvas.surfaces.values()}
    assert (SurfaceFmt._8_A in formats) == own.has(DisplayCapability.A8_SURFACE)
    assert bool(viewer.types[ImageType.LZ4]) == own.has(DisplayCapability.LZ4_COMPRESSION)


@pytest.mark.parametrize("name", ("off", "glz"))
def test_two_displays_share_what_the_client_keeps(name: str) -> None:
    guest = Guest(size=(32, 32))
    wire = begun(guest, image_compression=name, displays=2)
    caches = Caches(6000, 6000)
    viewers = [Viewer(wire, number, caches=caches) for number in (0, 1)]
    for number in (0, 1):
        guest.screens[number].resize(*SIZE)
    for command in commands():
        for number in (0, 1):
            guest.screens[number].push(command)
            viewers[number].look(viewers[1 - number])
    assert [differs(viewers[number], guest.screens[number], viewers[1 - number]) for number in (0, 1)] == [[], []]
    first, second = viewers
    assert (
        second.types[ImageType.BITMAP] + second.types[ImageType.GLZ_RGB]
        < first.types[ImageType.BITMAP] + first.types[ImageType.GLZ_RGB]
    )
    assert first.names["WaitForChannels"] + second.names["WaitForChannels"], "what is dropped may be needed elsewhere"


def test_a_slow_client_gets_less_and_shows_the_same_and_holds_nobody_up() -> None:
    guest = Guest(size=(32, 32))
    wire = begun(guest, multi_client=True, image_compression="lz")
    slow = Viewer(wire)
    slow.look()
    wire.main()
    fast = Viewer(wire)
    hang(guest.screens[0], fast)
    for turn in range(1500):
        guest.screens[0].push(put(icon(turn % 5), turn % 7 * 20, 20))
        fast.look()
    assert differs(fast, guest.screens[0]) == []
    assert differs(slow, guest.screens[0]) == []
    assert sum(slow.names.values()) < sum(fast.names.values())


def test_what_ends_spice_gtk_comes_as_a_picture() -> None:
    """Operations that ignore an operand, and copies between surfaces of other depths."""
    guest = Guest(size=(64, 48))
    screen = guest.screens[0]
    viewer = Viewer(begun(guest))
    source = words(photo(10, 10))
    area = put(source, 0, 0).data.src_area
    for rop3 in range(256):
        command = Rop3(
            src_bitmap=source, src_area=area, brush=solid(0x123456), rop3=rop3, scale_mode=ImageScaleMode.NEAREST, mask=NO_MASK
        )
        screen.push(display.DrawRop3(put(source, rop3 % 50, rop3 % 30).base, command))
        viewer.look()
    scaled = Rop3(
        src_bitmap=source,
        src_area=rect(0, 0, 9, 10),
        brush=solid(1),
        rop3=0xCA,
        scale_mode=ImageScaleMode.NEAREST,
        mask=NO_MASK,
    )
    for data in (scaled, msgspec.structs.replace(scaled, src_area=rect(1, 0, 9, 10))):
        screen.push(display.DrawRop3(put(source, 3, 3).base, data))
    viewer.look()
    assert viewer.names["DrawRop3"] == 218 and viewer.names["DrawCopy"] == 1 + 38 + 2
    narrow = display.SurfaceCreate(surface_id=1, width=10, height=10, format=SurfaceFmt._16_555, flags=SurfaceFlags(0))
    screen.push(narrow)
    screen.push(put(source, 0, 0, 1))
    viewer.look()
    viewer.types.clear()
    screen.push(put(surface_image(1, 10, 10), 4, 4))
    assert differs(viewer, screen) == [] and set(viewer.types) == {ImageType.BITMAP}
