"""DRAW_COMPOSITE: what is sampled where, and commands without meaning."""

from __future__ import annotations

import numpy as np
import pytest

from spiceproto.canvas import operators
from spiceproto.canvas.operators import Operator
from spiceproto.enums.display import CompositeFlags, SurfaceFmt
from spiceproto.messages import display as messages
from spiceproto.messages.draw import Composite
from spiceproto.messages.geometry import Point16, Rect, Transform
from spiceproto.tests import canvas_messages as make
from spiceproto.tests import canvas_samples as samples
from spiceproto.tests.canvas_messages import rect

S, M, D = (samples.picture(48, 40, seed) for seed in (1, 2, 3))


def draw(
    flags: int, *, mask: bool = False, transform: Transform | None = None, clip: Rect | None = None
) -> messages.DrawComposite:
    return messages.DrawComposite(
        make.base(rect(4, 5, 44, 35), make.NO_CLIP if clip is None else make.clip(clip)),
        Composite(
            flags=CompositeFlags(flags),
            src_bitmap=make.bitmap(S, alpha=True),
            mask_bitmap=make.bitmap(M, alpha=True) if mask else None,
            src_transform=transform,
            mask_transform=None,
            src_origin=Point16(2, 3),
            mask_origin=Point16(1, 1),
        ),
    )


def test_command_places_source_and_mask_under_the_box() -> None:
    shown = make.display(48, 40, SurfaceFmt._32_ARGB)
    make.pixels(shown)[...] = D
    shown.draw(draw(Operator.OVER | CompositeFlags.HAS_MASK, mask=True))
    expected = D.copy()
    expected[5:35, 4:44] = operators.combined(Operator.OVER, S[3:33, 2:42], M[1:31, 1:41], D[5:35, 4:44])
    assert not shown.problems and (make.pixels(shown) == expected).all()


def test_command_is_clipped() -> None:
    shown = make.display(48, 40, SurfaceFmt._32_ARGB)
    shown.draw(draw(Operator.SRC, clip=rect(10, 10, 12, 12)))
    assert not shown.problems
    found = make.pixels(shown)
    assert (found[10:12, 10:12] == S[8:10, 8:10]).all()
    found[10:12, 10:12] = 0
    assert not found.any()


def test_command_transforms_with_signed_numbers() -> None:
    shown = make.display(48, 40, SurfaceFmt._32_ARGB)
    mirror = Transform(t00=0xFFFF0000, t01=0, t02=48 << 16, t10=0, t11=1 << 16, t12=0)  # x becomes 48 - x
    shown.draw(draw(Operator.SRC | 3 << 8 | CompositeFlags.HAS_SRC_TRANSFORM, transform=mirror))
    assert not shown.problems
    expected = np.zeros_like(D)
    expected[5:35, 4:44] = S[3:33, ::-1][:, 2:42]
    assert (make.pixels(shown)[:, :44] == expected[:, :44]).all()


@pytest.mark.parametrize("flags", [0x0E, 0x1C, 0x3F, 0xFF, Operator.OVER | 5 << 8, Operator.OVER | 7 << 8])
def test_command_without_meaning(flags: int) -> None:
    shown = make.display(48, 40, SurfaceFmt._32_ARGB, fill=1)
    before = make.pixels(shown).copy()
    shown.draw(draw(flags))
    assert [problem.code for problem in shown.problems] == ["bad-command"]
    assert (make.pixels(shown) == before).all()


def test_opaque_source_must_be_a_surface() -> None:
    shown = make.display(48, 40, SurfaceFmt._32_ARGB)
    shown.draw(messages.SurfaceCreate(surface_id=3, width=1, height=1, format=SurfaceFmt._32_ARGB, flags=0))
    make.pixels(shown, 3)[...] = 0x10203040
    for flags, expected in ((Operator.SRC, 0x10203040), (Operator.SRC | CompositeFlags.SOURCE_OPAQUE, 0xFF203040)):
        command = Composite(
            flags=CompositeFlags(flags),
            src_bitmap=make.of_surface(3),
            mask_bitmap=None,
            src_transform=None,
            mask_transform=None,
            src_origin=Point16(0, 0),
            mask_origin=Point16(0, 0),
        )
        shown.draw(messages.DrawComposite(make.base(rect(0, 0, 1, 1)), command))
        assert make.pixels(shown)[0, 0] == expected
