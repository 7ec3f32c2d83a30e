"""A conversation made small by Hypothesis, for what has to vanish together; the reducer goes first, for it is faster.

Each step is there or not, and each number in it is 0, 1 or what it was: so what Hypothesis draws first is mostly the
conversation itself, and what it shrinks to is the least of it. Only public parts of Hypothesis are used.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from hypothesis.strategies import DrawFn, SearchStrategy

from conformance.fuzz.reduce import Reproduces
from conformance.fuzz.steps import Step
from conformance.fuzz.value_text import compact

__all__ = ["shrunk"]

_KEEP: Final = 24
"""A step is left out at first in one of so many draws."""

_WHOLE: Final = 24
"""A number is another one in so many draws."""


def shrunk(steps: Sequence[Step], reproduces: Reproduces, tries: int = 300) -> tuple[Step, ...]:
    """The smallest conversation that Hypothesis finds; ``steps`` themselves where it finds none."""
    choose = settings(
        max_examples=tries,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    try:
        return tuple(find(_parts(tuple(steps)), reproduces, settings=choose))
    except HypothesisException:
        return tuple(steps)


def _parts(steps: tuple[Step, ...]) -> SearchStrategy[list[Step]]:
    @st.composite
    def drawn(draw: DrawFn) -> list[Step]:
        return [_smaller(draw, step) for step in steps if draw(st.integers(0, _KEEP))]

    return drawn()


def _smaller(draw: DrawFn, step: Step) -> Step:
    if not step.is_message or not step.value:
        return step
    return Step(step.channel, step.word, compact(_json(draw, json.loads(step.value))), step.change)


def _json(draw: DrawFn, data: Any) -> Any:
    """JSON of the same shape: whatever a count says stays right."""
    match data:
        case bool() | None | str():
            return data
        case int():
            return draw(st.integers(0, _WHOLE)) and data
        case list():
            return [_json(draw, item) for item in data]
        case dict():
            counted = {len(item) for item in data.values() if isinstance(item, list)}
            counted |= {len(item) // 2 for item in data.values() if isinstance(item, str)}
            return {key: item if isinstance(item, int) and item in counted else _json(draw, item) for key, item in data.items()}
    return data
