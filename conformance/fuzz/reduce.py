"""A conversation made small: steps that are not needed go, and what is left says as little as it can.

Every try is played. Blocks of steps go first, from the end and of every size, then pairs; then changes, channels and values
become simpler.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any, Final

from conformance.fuzz.steps import WORDS, Step
from conformance.fuzz.value_text import compact

__all__ = ["Reproduces", "fewer", "reduced"]

Reproduces = Callable[[Sequence[Step]], bool]
"""Whether a conversation still shows the same."""

_TRIES: Final = 400
_PAIRS: Final = 12
"""Steps of a conversation at most of which all pairs are tried."""


class _Budget:
    """Counts tries, and remembers what was tried."""

    def __init__(self, reproduces: Reproduces, tries: int) -> None:
        self._reproduces = reproduces
        self._left = tries
        self._tried: set[tuple[Step, ...]] = set()

    def shows(self, steps: Sequence[Step]) -> bool:
        key = tuple(steps)
        if key in self._tried or self._left <= 0:
            return False
        self._tried.add(key)
        self._left -= 1
        return self._reproduces(key)


def reduced(steps: Sequence[Step], reproduces: Reproduces, tries: int = _TRIES) -> tuple[Step, ...]:
    """The smallest conversation found that still shows the same, which ``steps`` do."""
    budget = _Budget(reproduces, tries)
    found = tuple(steps)
    before: tuple[Step, ...] = ()
    while before != found:
        before = found
        found = _fewer(found, budget)
        found = _simpler(found, budget)
    return found


def fewer(steps: Sequence[Step], reproduces: Reproduces, tries: int = _TRIES) -> tuple[Step, ...]:
    """As few of the steps as were found that still show the same; they stay as they are."""
    return _fewer(tuple(steps), _Budget(reproduces, tries))


def _fewer(steps: tuple[Step, ...], budget: _Budget) -> tuple[Step, ...]:
    found = steps
    size = len(found)
    while size:
        at = len(found) - size
        while at >= 0:
            rest = found[:at] + found[at + size :]
            if budget.shows(rest):
                found = rest
                at = min(at, len(found) - size)
            else:
                at -= 1 if size <= 2 else max(size // 2, 1)
        size = min(size // 2 if size > 4 else size - 1, len(found))
    if 2 < len(found) <= _PAIRS:
        for one, other in combinations(range(len(found)), 2):
            rest = tuple([step for index, step in enumerate(found) if index not in (one, other)])
            if budget.shows(rest):
                return _fewer(rest, budget)
    return found


def _simpler(steps: tuple[Step, ...], budget: _Budget) -> tuple[Step, ...]:
    found = steps
    for index in range(len(found)):
        moved = True
        while moved:
            moved = False
            for other in _simpler_steps(found[index]):
                tried = (*found[:index], other, *found[index + 1 :])
                if budget.shows(tried):
                    found, moved = tried, True
                    break
    return found


def _simpler_steps(step: Step) -> Iterator[Step]:
    """Steps that say less: without the change, on the first channel of its type, with smaller values."""
    if step.change:
        yield Step(step.channel, step.word, step.value)
    if step.channel != step.table:
        yield Step(step.table, step.word, step.value, step.change)
    if step.word == "type":
        number, _, digits = step.value.partition(" ")
        if digits:
            yield Step(step.channel, step.word, number)
            yield Step(step.channel, step.word, f"{number} {digits[: len(digits) // 4 * 2]}".rstrip())
    elif step.word == "bytes":
        yield Step(step.channel, step.word, step.value[: len(step.value) // 4 * 2])
    elif step.word not in WORDS and step.value:
        for data in _smaller(json.loads(step.value)):
            yield Step(step.channel, step.word, compact(data), step.change)


def _smaller(data: Any) -> Iterator[Any]:
    """The same JSON with one thing smaller; numbers go to 0, to 1, to their half; lists lose elements; digits go."""
    match data:
        case bool() | None:
            return
        case int():
            for number in dict.fromkeys((0, 1, data // 2)):
                if abs(number) < abs(data):
                    yield number
        case str():
            if data and set(data) <= set("0123456789abcdef"):
                yield ""
                yield data[: len(data) // 4 * 2] if len(data) > 2 else ""
                if set(data) != {"0"}:
                    yield "0" * len(data)
        case list():
            if data:
                yield []
            for index in range(len(data)):
                yield data[:index] + data[index + 1 :]
            for index, item in enumerate(data):
                for smaller in _smaller(item):
                    yield [*data[:index], smaller, *data[index + 1 :]]
        case dict():
            for key, item in data.items():
                for smaller in _smaller(item):
                    yield _with(data, key, smaller)


def _with(data: dict[str, Any], key: str, item: Any) -> dict[str, Any]:
    """With another item; numbers beside a list that say how long it was are left out, they follow from it."""
    found = dict(data)
    if isinstance(item, (list, str)) and len(item) != len(data[key]):
        size = len(data[key]) // 2 if isinstance(item, str) else len(data[key])
        found = {name: value for name, value in found.items() if name == key or value != size or not isinstance(value, int)}
    found[key] = item
    return found
