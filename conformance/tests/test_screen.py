"""Pictures of clients beside the suite's own: what differs is said, and where."""

from __future__ import annotations

import re
import struct
from typing import Any

import numpy as np
import pytest

from conformance.cases.display.aside import ASIDE, placed, placed_raw
from conformance.cases.display.drawing import copy, fill, of_surface, patch, pattern, picture, surface
from conformance.cases.display.screen import differences
from conformance.cases.display.vectors import golden, sequence
from conformance.likeness import Likeness, likeness
from conformance.outcome import NotApplicable
from conformance.reference_target import MemoryClient
from conformance.results import Difference
from conformance.run import Options, Run
from spiceproto import dispatch, png
from spiceproto.enums.image import ImageType
from spiceproto.messages import display

_WANTED = np.full((4, 6, 3), 0x20, np.uint8)


def test_the_same_picture() -> None:
    assert differences(_WANTED, _WANTED.copy(), None) is None


def test_another_size() -> None:
    found = differences(_WANTED, _WANTED[:, :5], None)
    assert found == ("a picture of 5 x 4", Difference("picture", "size", "6 x 4", "5 x 4"))


def test_the_first_pixel_that_is_wrong_and_the_box_around_all() -> None:
    wrong = _WANTED.copy()
    wrong[1, 4] = (1, 2, 3)
    wrong[3, 2] = 0
    found = differences(_WANTED, wrong, None)
    assert found == (
        "#010203; 2 pixels are wrong, from 2, 1 to 4, 3",
        Difference("picture", "pixel 4, 1", "#202020", "#010203"),
    )


def test_lossy_pictures_are_near_enough_or_not() -> None:
    floor = Likeness(40.0, 0.9)
    near, far = _WANTED + np.uint8(1), _WANTED + np.uint8(60)
    assert differences(_WANTED, near, floor) is None
    found = differences(_WANTED, far, floor)
    said = str(likeness(_WANTED, far))
    assert found is not None and found[1] == Difference("picture", "PSNR and SSIM", "at least 40.0 dB, SSIM 0.900", said)


def test_golden_images_have_the_descriptor_of_their_pixels() -> None:
    image = golden("lz/plt8-text-33x17")
    assert (image.descriptor.type, image.descriptor.width, image.descriptor.height) == (ImageType.LZ_PLT, 33, 17)
    assert [each.descriptor.type for each in sequence("zlib_glz/with_glz")][:2] == [ImageType.GLZ_RGB, ImageType.ZLIB_GLZ_RGB]


@pytest.mark.parametrize("once", [False, True])
def test_a_failure_has_pictures_and_the_command_that_was_there_last(once: bool) -> None:
    run = Run(Options("ref:client?fault=no-brush-is-white", select="SPICE-DISPLAY-033/fill"))
    run.start()
    run.runner.target.one_picture = once
    (case,) = run.cases
    result = run.runner.run(case)
    run.stop()
    (difference,) = result.differences
    x, y = [int(each) for each in difference.field.removeprefix("pixel ").split(", ")]
    expected, shown, marked = [png.decode(picture.data) for picture in result.pictures]
    assert [f"#{bytes(each[y, x]).hex()}" for each in (expected, shown)] == [difference.expected, difference.actual]
    assert (marked[y, x, 0] >= 127) and not marked[y, x, 1:].any()
    assert result.place.startswith(f"pixel {x}, {y} of the screen: last under DRAW_FILL, draw command ")
    box = [int(each) for each in re.findall(r"(?:left|top|right|bottom) (-?\d+)", result.place)]
    assert box[0] <= x < box[2] and box[1] <= y < box[3]


def test_what_is_blocked_has_no_pictures() -> None:
    run = Run(Options("ref:client?fault=lz-red-first", select="SPICE-CODEC-042, SPICE-CODEC-048"))
    run.start()
    found = {case.id: run.runner.run(case) for case in run.cases}
    run.stop()
    assert {result.outcome for result in found.values()} == {"fail", "blocked"}
    for result in found.values():
        assert bool(result.pictures) == bool(result.place) == (result.outcome == "fail")


# -- a client that takes one picture and leaves

_BOX = (1, 2, 9, 8)


def test_what_is_about_the_screen_is_about_the_surface_beside_it() -> None:
    image = picture(patch(8, 6))
    assert placed(fill(_BOX, 0x123456)) == fill(_BOX, 0x123456, surface=ASIDE)
    assert placed(copy(of_surface(0), _BOX)).data.src_bitmap.surface.surface_id == ASIDE
    assert placed(fill(_BOX, pattern(of_surface(0)))).data.brush.pattern.pat.surface.surface_id == ASIDE
    for same in (surface(3, 8, 6), copy(image, _BOX, surface=3), display.InvalAllPixmaps(())):
        assert placed(same) is same
    number, body = dispatch.build("display", "server", fill(_BOX, 0x123456))
    assert dispatch.build("display", "server", fill(_BOX, 0x123456, surface=ASIDE)) == (number, placed_raw(body))
    assert placed_raw(struct.pack("<I", 3) + body[4:]) == struct.pack("<I", 3) + body[4:]


@pytest.mark.parametrize("value", [surface(0, 8, 6), display.SurfaceDestroy(0), display.MonitorsConfig(1, ())])
def test_what_only_the_screen_can_be_told(value: Any) -> None:
    with pytest.raises(NotApplicable, match="takes one picture"):
        placed(value)


def outcomes(fault: str) -> dict[str, str]:
    """Of a case with one picture, and one about the screen itself."""
    cases = ("SPICE-DISPLAY-033/fill", "SPICE-MONITOR-009/another-resolution")
    run = Run(Options(f"ref:client{fault}", select=", ".join(cases)))
    run.start()
    run.runner.target.one_picture = True
    found: dict[str, str] = {case.id: run.runner.run(case).outcome for case in run.cases}
    run.stop()
    return found


def test_a_client_that_takes_one_picture_is_tried() -> None:
    assert outcomes("") == {"SPICE-DISPLAY-033/fill": "pass", "SPICE-MONITOR-009/another-resolution": "not-applicable"}
    assert outcomes("?fault=no-brush-is-white")["SPICE-DISPLAY-033/fill"] == "fail"


@pytest.mark.parametrize(
    ("ended", "picture", "outcome"),
    [
        ("", False, "fail"),
        ("exit status 0", False, "not-applicable"),
        ("exit status 0", True, "fail"),
        ("exit status 1", False, "fail"),
    ],
)
def test_a_client_that_leaves_content_after_a_drawing(ended: str, picture: bool, outcome: str) -> None:
    """A program that nobody has described may be one that takes a picture, and has ended as it should."""

    class Leaving(MemoryClient):
        @property
        def ended(self) -> str:
            return ended

        def meets(self, need: str) -> bool:
            return super().meets(need) and (picture or need != "act:picture")

    run = Run(Options("ref:client", select="SPICE-IMAGE-005/bitmaps"), target=Leaving("ref:client", fault="malformed-fatal"))
    run.start()
    (case,) = run.cases
    assert run.runner.run(case).outcome == outcome
    run.stop()
