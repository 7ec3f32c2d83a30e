"""Displays that were running before somebody looked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spiceproto.canvas import joined as joining
from spiceproto.canvas.joined import JoinedDisplay
from spiceproto.codecs import jpeg
from spiceproto.command import main
from spiceproto.enums.display import SurfaceFlags, SurfaceFmt
from spiceproto.enums.image import ImageFlags, ImageType
from spiceproto.messages import display as messages
from spiceproto.messages.geometry import Point
from spiceproto.messages.image import Image, ImageDescriptor
from spiceproto.tests import canvas_messages as make
from spiceproto.tests.canvas_messages import rect
from spiceproto.tests.cut_recordings import Blocks
from spiceproto.tests.recorded import recording

RED = make.fill(rect(0, 0, 10, 8), make.solid(0xFF0000))


def test_surface_is_made_up_and_grows() -> None:
    """It holds what is drawn; what nobody drew is hatched, and stays when it grows."""
    shown = JoinedDisplay()
    shown.draw(RED)
    assert shown.primary is not None and shown.primary.pixels.shape == (8, 10)
    assert (make.pixels(shown) == 0xFF0000).all()
    shown.draw(make.fill(rect(100, 90, 110, 95), make.solid(0x00FF00)))
    pixels = make.pixels(shown)
    assert pixels.shape[0] >= 95 and pixels.shape[1] >= 110
    assert (pixels[:8, :10] == 0xFF0000).all() and (pixels[90:95, 100:110] == 0x00FF00).all()
    assert len(np.unique(pixels[20:80, 20:80])) == 2
    assert not shown.problems and not shown.lacking and shown.supplied == {0}


@pytest.mark.parametrize("same", [False, True])
def test_created_surfaces_replace_what_was_made_up(same: bool) -> None:
    """SURFACE_CREATE settles the size; a primary surface of the size that it had keeps its pixels, as a client does."""
    shown = JoinedDisplay()
    shown.draw(RED)
    size = (10, 8) if same else (64, 48)
    shown.draw(
        messages.SurfaceCreate(
            surface_id=0, width=size[0], height=size[1], format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY
        )
    )
    assert shown.supplied == set()
    assert make.pixels(shown).shape == (size[1], size[0]) and bool((make.pixels(shown) == 0xFF0000).any()) == same
    shown.draw(make.fill(rect(0, 0, 100, 100), make.solid(1)))
    assert make.pixels(shown).shape == (size[1], size[0])


def test_heads_say_how_large() -> None:
    """MONITORS_CONFIG gives a surface the size of what it shows."""
    shown = JoinedDisplay()
    head = messages.Head(monitor_id=0, surface_id=0, width=320, height=200, x=0, y=0, flags=0)
    shown.draw(messages.MonitorsConfig(max_allowed=1, heads=(head,)))
    assert make.pixels(shown).shape == (200, 320)


def test_16_bits() -> None:
    """An image of 16 bits is drawn on a surface of 16 bits."""
    shown = JoinedDisplay()
    words = np.full((4, 4), 0x7C00, np.uint16)
    shown.draw(make.copy(rect(0, 0, 4, 4), make.bitmap(words), rect(0, 0, 4, 4)))
    assert shown.surfaces[0].format == SurfaceFmt._16_555 and (make.pixels(shown) == 0x7C00).all()


def test_other_surfaces() -> None:
    """A surface that an image names, one that bits are copied from, one that is destroyed."""
    shown = JoinedDisplay()
    shown.draw(make.copy(rect(0, 0, 4, 4), make.of_surface(7), rect(0, 0, 4, 4)))
    assert shown.supplied == {0, 7}
    shown.draw(messages.CopyBits(make.base(rect(0, 0, 4, 4)), Point(30, 40)))
    assert make.pixels(shown).shape[0] >= 44 and make.pixels(shown).shape[1] >= 34
    shown.draw(messages.SurfaceDestroy(7))
    shown.draw(messages.SurfaceDestroy(8))
    assert shown.supplied == {0} and not shown.problems


def test_what_is_missing_is_counted_and_no_problem() -> None:
    """A cached image and a stream of before; broken bytes are a problem as ever."""
    shown = JoinedDisplay()
    cached = Image(descriptor=ImageDescriptor(id=5, type=ImageType.FROM_CACHE, flags=ImageFlags(0), width=4, height=4))
    for _ in range(3):
        shown.draw(make.copy(rect(0, 0, 4, 4), cached, rect(0, 0, 4, 4)))
    shown.draw(messages.StreamData(messages.StreamDataHeader(1, 0), jpeg.encode(np.zeros((8, 8), np.uint32), fast=True)))
    assert dict(shown.lacking) == {"images of the pixmap cache": 3, "video streams": 1} and not shown.problems
    shown.draw(make.fill(rect(0, 0, 4, 4), make.solid(0), rop=0))
    shown.draw(make.copy(rect(0, 0, 4, 4), None, rect(0, 0, 4, 4)))
    assert len(shown.problems) == shown.problem_count > 0


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Boxes far out make no surface of that size."""
    monkeypatch.setattr(joining, "SURFACE_PIXELS", 100_000)
    shown = JoinedDisplay()
    shown.draw(RED)
    shown.draw(make.fill(rect(0, 0, 60_000, 60_000), make.solid(1)))
    assert make.pixels(shown).shape == (8, 10) and (make.pixels(shown) == 1).all()
    for number in range(1, 200):
        shown.draw(make.fill(rect(0, 0, 100, 100), make.solid(1), surface_id=number))
    assert shown.pixels <= 100_000


@pytest.mark.parametrize("name", ["xspice-clients-auto_glz", "qemu-draw-lz"])
def test_second_half_of_a_recording(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is missing is said once a cause; the rest is drawn."""
    blocks = Blocks(recording(name).read_bytes())
    cut = tmp_path / "cut.pcapng"
    cut.write_bytes(blocks.cut(blocks.packets // 2))
    assert main(["render", str(cut), "-o", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().err.splitlines()
    assert sum("unknown pixels are hatched: surface 0" in line for line in said) == 1
    assert sum("GLZ window from before" in line for line in said) == (name == "xspice-clients-auto_glz")
    assert len(said) <= 4
    assert (tmp_path / "out" / "session1-display0.png").exists()
