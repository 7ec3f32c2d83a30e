"""Sampling against pixman's own results (digests)."""

from __future__ import annotations

import pytest

from spiceproto.canvas import scale
from spiceproto.canvas.region import Box
from spiceproto.tests import canvas_samples as samples

REFERENCE = samples.reference()
S = samples.picture(48, 40, 1)

MAPS = [
    (65536, 0, 0, 0, 65536, 0),
    (30000, 0, 100000, 0, 90000, -70000),
    (-65536, 0, 1300000, 0, 65536, 5),
    (50000, 20000, -300000, -20000, 50000, 400000),
    (131072, 0, 0, 0, 131072, 0),
    (65537, -3, 32768, 9, 65535, 32767),
]


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
