"""Operators against pixman's own results (digests) and against the formulas of the books."""

from __future__ import annotations

import numpy as np
import pytest

from spiceproto.canvas import operators
from spiceproto.tests import canvas_samples as samples

REFERENCE = samples.reference()
S, M, D = (samples.picture(48, 40, seed) for seed in (1, 2, 3))


@pytest.mark.parametrize("mode", ["none", "alpha", "component"])
@pytest.mark.parametrize("operator", sorted(operators.OPERATORS))
def test_operator_is_pixmans(operator: int, mode: str) -> None:
    out = operators.combined(operator, S, None if mode == "none" else M, D, component_alpha=mode == "component")
    assert samples.digest(out) == REFERENCE[f"composite {int(operator):#04x} {mode}"]


@pytest.mark.parametrize("operator", sorted(operators.PORTER_DUFF))
def test_porter_duff_is_near_the_formula(operator: int) -> None:
    s, d, m = (operators.planes(words) / 255 for words in (S, D, M))
    s = s * m[:1]
    factors = [0, 1, s[:1], d[:1], 1 - s[:1], 1 - d[:1]]
    a, b = operators.PORTER_DUFF[operator]
    expected = np.minimum(s * factors[a] + d * factors[b], 1) * 255
    found = operators.planes(operators.combined(operator, S, M, D))
    assert np.abs(found - expected).max() < 1.6
