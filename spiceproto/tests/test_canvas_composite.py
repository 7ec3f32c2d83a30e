"""Operators and sampling against pixman's own results (digests) and against the formulas of the books."""

from __future__ import annotations

import numpy as np
import pytest

from spiceproto.canvas import composite, scale
from spiceproto.canvas.composite import Operator
from spiceproto.canvas.region import Box
from spiceproto.enums.display import CompositeFlags, SurfaceFmt
from spiceproto.messages import display as messages
from spiceproto.messages.draw import Composite
from spiceproto.messages.geometry import Point16, Rect, Transform
from spiceproto.tests import canvas_messages as make
from spiceproto.tests import canvas_samples as samples
from spiceproto.tests.canvas_messages import rect

REFERENCE = samples.reference()
S, M, D = (samples.picture(48, 40, seed) for seed in (1, 2, 3))
MAPS = [
    (65536, 0, 0, 0, 65536, 0), (30000, 0, 100000, 0, 90000, -70000), (-65536, 0, 1300000, 0, 65536, 5),
    (50000, 20000, -300000, -20000, 50000, 400000), (131072, 0, 0, 0, 131072, 0), (65537, -3, 32768, 9, 65535, 32767),
]  # fmt: skip


@pytest.mark.parametrize("mode", ["none", "alpha", "component"])
@pytest.mark.parametrize("operator", sorted(composite.OPERATORS))
def test_operator_is_pixmans(operator: int, mode: str) -> None:
    out = composite.combined(operator, S, None if mode == "none" else M, D, component_alpha=mode == "component")
    assert samples.digest(out) == REFERENCE[f"composite {int(operator):#04x} {mode}"]


@pytest.mark.parametrize("operator", sorted(composite.PORTER_DUFF))
def test_porter_duff_is_near_the_formula(operator: int) -> None:
    s, d, m = (composite.planes(words) / 255 for words in (S, D, M))
    s = s * m[:1]
    factors = [0, 1, s[:1], d[:1], 1 - s[:1], 1 - d[:1]]
    a, b = composite.PORTER_DUFF[operator]
    expected = np.minimum(s * factors[a] + d * factors[b], 1) * 255
    found = composite.planes(composite.combined(operator, S, M, D))
    assert np.abs(found - expected).max() < 1.6


@pytest.mark.parametrize("filter", [0, 1, 3, 4])
@pytest.mark.parametrize("number", range(len(MAPS)))
def test_sampling_is_pixmans(number: int, filter: int) -> None:
    for repeat in scale.Repeat:
        out = scale.sample(samples.picture(21, 17, 7), scale.Map(*MAPS[number]), Box(0, 0, 33, 30), filter, repeat)
        assert samples.digest(out) == REFERENCE[f"sample {number} {filter} {int(repeat)}"]


def test_sampling_in_strips_is_sampling(monkeypatch: pytest.MonkeyPatch) -> None:
    for filter in (3, 4):
        whole = scale.sample(S, scale.Map(*MAPS[3]), Box(-5, -6, 33, 30), filter, 3)
        monkeypatch.setattr(scale, "STRIP", 100)
        assert (scale.sample(S, scale.Map(*MAPS[3]), Box(-5, -6, 33, 30), filter, 3) == whole).all()
        monkeypatch.undo()


def draw(
    flags: int, *, mask: bool = False, transform: Transform | None = None, clip: Rect | None = None
) -> messages.DrawComposite:
    return messages.DrawComposite(
        make.base(rect(4, 5, 44, 35), make.NO_CLIP if clip is None else make.clip(clip)),
        Composite(
            CompositeFlags(flags), make.bitmap(S, alpha=True), make.bitmap(M, alpha=True) if mask else None, transform,
            None, Point16(2, 3), Point16(1, 1),
        ),
    )  # fmt: skip


def test_command_places_source_and_mask_under_the_box() -> None:
    shown = make.display(48, 40, SurfaceFmt._32_ARGB)
    make.pixels(shown)[...] = D
    shown.draw(draw(Operator.OVER | CompositeFlags.HAS_MASK, mask=True))
    expected = D.copy()
    expected[5:35, 4:44] = composite.combined(Operator.OVER, S[3:33, 2:42], M[1:31, 1:41], D[5:35, 4:44])
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
    mirror = Transform(0xFFFF0000, 0, 48 << 16, 0, 1 << 16, 0)  # x becomes 48 - x
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
    shown.draw(messages.SurfaceCreate(3, 1, 1, SurfaceFmt._32_ARGB, 0))
    make.pixels(shown, 3)[...] = 0x10203040
    for flags, expected in ((Operator.SRC, 0x10203040), (Operator.SRC | CompositeFlags.SOURCE_OPAQUE, 0xFF203040)):
        command = Composite(CompositeFlags(flags), make.of_surface(3), None, None, None, Point16(0, 0), Point16(0, 0))
        shown.draw(messages.DrawComposite(make.base(rect(0, 0, 1, 1)), command))
        assert make.pixels(shown)[0, 0] == expected
