"""What runs inside a guest: what it shows, and what it does when keys and the mouse are used."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from reference_server import GUESTS, Guest
from reference_server.guest import Shape
from reference_server.guest.command import DRAWN
from reference_server.guests.gallery import commands
from reference_server.guests.gallery.cursors import shapes
from reference_server.tests.memory import serve
from reference_server.tests.viewer import Caches, Viewer, differs
from spiceproto.enums.cursor import CursorType
from spiceproto.enums.display import BrushType, ClipType, ImageScaleMode, SurfaceFmt
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageType
from spiceproto.enums.link import ChannelType
from spiceproto.image_places import images
from spiceproto.messages import display, inputs
from spiceproto.scan_codes import KEYS

CODES = {name: code.to_bytes(3, "little").rstrip(b"\0") for code, name in KEYS.items()}


def typed(guest: Guest, *names: str) -> None:
    for name in names:
        guest.keyboard.key(CODES[name], True)
        guest.keyboard.key(CODES[name], False)


@pytest.mark.parametrize("name", GUESTS)
@pytest.mark.parametrize("displays", (1, 2))
def test_every_guest_begins_and_is_shown(name: str, displays: int) -> None:
    guest = Guest(size=(200, 150))
    GUESTS[name](guest, displays)
    wire = serve(guest, displays=displays, image_compression="lz")
    wire.main()
    caches = Caches()
    viewers = [Viewer(wire, number, caches=caches) for number in range(displays)]
    for number, viewer in enumerate(viewers):
        assert differs(viewer, guest.screens[number], *viewers) == []
    guest.pointer.motion(5, 5, 0)
    guest.pointer.button(1, True)
    guest.pointer.button(1, False)
    typed(guest, "A")
    for number, viewer in enumerate(viewers):
        assert differs(viewer, guest.screens[number], *viewers) == []


# -- the gallery


def test_the_gallery_has_one_of_everything() -> None:
    found = list(commands())
    assert {type(command) for command in found} == {*DRAWN, display.SurfaceCreate, display.SurfaceDestroy}
    bitmaps = [image.bitmap for command in found for image in images(command) if image.bitmap is not None]
    assert {body.format for body in bitmaps} == set(BitmapFmt) - {BitmapFmt.INVALID}
    assert {bool(body.flags & BitmapFlags.TOP_DOWN) for body in bitmaps} == {True, False}
    created = {command.format for command in found if isinstance(command, display.SurfaceCreate)}
    assert created == set(SurfaceFmt) - {SurfaceFmt.INVALID, SurfaceFmt._1_A}
    data = [command.data for command in found if hasattr(command, "data")]
    assert {part.scale_mode for part in data if hasattr(part, "scale_mode")} == set(ImageScaleMode)
    assert {part.brush.type for part in data if hasattr(part, "brush")} >= {BrushType.SOLID, BrushType.PATTERN}
    assert {command.base.clip.type for command in found if hasattr(command, "base")} == set(ClipType)
    masked = [type(part).__name__ for part in data if getattr(getattr(part, "mask", None), "bitmap", None) is not None]
    assert set(masked) >= {"Fill", "Copy", "Opaque", "Rop3", "Blackness", "Whiteness", "Invers"}
    assert {image.descriptor.type for command in found for image in images(command)} == {ImageType.BITMAP, ImageType.SURFACE}
    assert {shape.type for shape in shapes()} == set(CursorType)


def test_clicks_show_every_pointer() -> None:
    guest = Guest()
    GUESTS["gallery"](guest, 1)
    seen: list[Shape | None] = [guest.cursors[0].shape]
    for _ in range(len(CursorType)):
        guest.pointer.button(1, True)
        guest.pointer.button(1, False)
        seen.append(guest.cursors[0].shape)
    assert [None if shape is None else shape.type for shape in seen] == [*CursorType, None]


# -- the desktop


def dark(guest: Guest, left: int, top: int) -> int:
    """Pixels of ink in a letter's place."""
    part = guest.screens[0].picture[top : top + 9, left : left + 6, :3]
    return int((part.max(axis=2) < 0x40).sum())


def test_what_is_typed_appears() -> None:
    guest = Guest(size=(200, 150))
    GUESTS["desktop"](guest, 1)
    typed(guest, "A", "Space", "B")
    assert dark(guest, 8, 8) > 8 and dark(guest, 14, 8) == 0 and dark(guest, 20, 8) > 8
    typed(guest, "Backspace", "Enter", "LeftShift", "1")
    assert dark(guest, 20, 8) == 0 and dark(guest, 8, 17) > 5
    first = guest.screens[0].picture[8:17, 8:14].copy()
    typed(guest, *["Enter"] * 6)
    before = guest.screens[0].picture[17:26, 8:14].copy()
    typed(guest, "Enter")
    assert (guest.screens[0].picture[8:17, 8:14] == before).all() and (first != before).any(), "the page moves up"
    typed(guest, *["Q"] * 100)
    assert guest.screens[0].picture.shape == (150, 200, 4)


def test_buttons_paint_where_the_pointer_is() -> None:
    guest = Guest(size=(200, 150))
    GUESTS["desktop"](guest, 1)
    guest.pointer.position(50, 120, 0, 0)
    assert (guest.cursors[0].x, guest.cursors[0].y) == (50, 120)
    guest.pointer.button(1, True)
    assert guest.screens[0].picture[120, 50, :3].tolist() == [0x30, 0x30, 0xE0]
    guest.pointer.motion(40, 0, 1)
    assert guest.screens[0].picture[120, 80, :3].tolist() == [0x30, 0x30, 0xE0]
    guest.pointer.button(1, False)
    guest.pointer.motion(0, -10, 0)
    assert guest.screens[0].picture[112, 90, :3].tolist() == [0x80, 0x50, 0x20]
    guest.pointer.motion(-1000, 1000, 0)
    assert (guest.cursors[0].x, guest.cursors[0].y) == (0, 149)


def test_a_client_sees_what_it_types() -> None:
    guest = Guest(size=(200, 150))
    GUESTS["desktop"](guest, 1)
    wire = serve(guest)
    wire.main()
    viewer = Viewer(wire)
    keys = wire.link(ChannelType.INPUTS)
    viewer.look()
    keys.send(inputs.KeyDown(0x1E), inputs.KeyUp(0x9E))
    assert [type(value).__name__ for value in viewer.look()] == ["DrawText"]
    assert differs(viewer, guest.screens[0]) == []


# -- two displays


def test_two_heads_or_two_displays() -> None:
    one, two = Guest(size=(100, 60)), Guest(size=(100, 60))
    GUESTS["two-displays"](one, 1)
    GUESTS["two-displays"](two, 2)
    assert one.screens[0].size == (200, 60)
    assert [(head.monitor_id, head.x, head.width) for head in one.screens[0].heads] == [(0, 0, 100), (1, 100, 100)]
    assert [len(two.screens[number].heads) for number in (0, 1)] == [1, 1]
    assert (np.concatenate([two.screens[0].picture, two.screens[1].picture], axis=1) == one.screens[0].picture).all()


def test_the_pointer_goes_to_the_next_display() -> None:
    guest = Guest(size=(100, 60))
    GUESTS["two-displays"](guest, 2)
    guest.pointer.motion(40, 0, 0)
    assert (guest.cursors[0].x, guest.cursors[0].visible) == (90, True)
    guest.pointer.motion(20, 5, 0)
    assert (guest.cursors[0].visible, guest.cursors[1].x, guest.cursors[1].y, guest.cursors[1].visible) == (False, 0, 35, True)
    guest.pointer.motion(-1, 0, 0)
    assert (guest.cursors[0].x, guest.cursors[0].visible, guest.cursors[1].visible) == (99, True, False)


# -- how fast a server starts that only talks


def test_a_server_that_only_talks_imports_no_canvas_and_no_codec() -> None:
    code = (
        "import sys, reference_server\n"
        "reference_server.make_server().guest.screens[0].animate(3)\n"
        "wanted = ('spiceproto.canvas', 'spiceproto.codecs', 'numba')\n"
        "print([name for name in sys.modules if name.startswith(wanted)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_program_ends_when_another_one_begins() -> None:
    guest = Guest(size=(200, 150))
    watchers = guest.pointer.watchers, guest.keyboard.watchers
    for name in ("gallery", "desktop", "two-displays", "desktop"):
        GUESTS[name](guest, 1)
    guest.pointer.motion(3, 0, 0)
    assert guest.cursors[0].x == guest.screens[0].size[0] // 2 + 3
    before = guest.screens[0].picture.copy()
    GUESTS["chart"](guest, 1)
    typed(guest, "A")
    guest.pointer.button(1, True)
    assert (guest.screens[0].picture == before).all()
    assert (guest.pointer.watchers, guest.keyboard.watchers) == watchers
