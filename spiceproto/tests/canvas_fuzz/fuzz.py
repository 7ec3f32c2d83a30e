"""Scene after scene, until there were enough commands or it took long enough; of each kind of difference the smallest case.

A scene is made by the seed and its number. The first difference of a kind is made smaller; later ones are counted.
A difference in pixels is tried again on a canvas whose memory is filled with other bytes: one that shows something else
then has shown what nobody wrote.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from spiceproto.tests.canvas_fuzz.choices import Choices
from spiceproto.tests.canvas_fuzz.commands import Scene, scene
from spiceproto.tests.canvas_fuzz.comparison import Difference, What, compare, ours
from spiceproto.tests.canvas_fuzz.peer import Peer
from spiceproto.tests.canvas_fuzz.sample import Sample, of_difference
from spiceproto.tests.canvas_fuzz.shrinking import shrunk

__all__ = ["Found", "Outcome", "fuzz", "smallest"]

FILLED: Final = (0x5A, 0xC3)
"""What malloc fills memory with, in the canvas that is compared and in the one that is asked again."""

Kind = tuple[str, ...]


@dataclass(slots=True)
class Found:
    """Differences of one kind: how many scenes had one, the number of the first, and its smallest case."""

    scene: int
    sample: Sample
    times: int = 1


@dataclass(slots=True)
class Outcome:
    """What a run was about: scenes, commands by name, excuses that were needed, differences by kind."""

    scenes: int = 0
    commands: Counter[str] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    found: dict[Kind, Found] = field(default_factory=dict)


def _made(seed: int, number: int) -> Choices:
    return Choices(random.Random(f"{seed}/{number}"))


def _fewer(whole: Scene) -> Iterator[Scene]:
    """A scene without one of its messages, or without a surface that no message of it needs."""
    for number in range(len(whole.steps) - 1, -1, -1):
        yield whole._replace(steps=whole.steps[:number] + whole.steps[number + 1 :])
    for number in range(len(whole.starts) - 1, -1, -1):
        yield whole._replace(starts=whole.starts[:number] + whole.starts[number + 1 :])


def _is_whole(whole: Scene) -> bool:
    """Whether every message can be drawn, so that none names an image that a message left out has brought."""
    display = ours(whole.starts)
    for step in whole.steps:
        display.draw(step.value)
    return not display.problem_count


def smallest(made: list[int], holds: Callable[[Scene], bool], tries: int) -> Scene:
    """A small scene for which it holds, as for the one of these choices. If that can be drawn here, so can the small one."""
    drawable = _is_whole(scene(Choices(replayed=made)))
    found = scene(Choices(replayed=shrunk(made, lambda numbers: holds(scene(Choices(replayed=numbers))), tries)))
    again = True
    while again:
        again = False
        for fewer in _fewer(found):
            if fewer.starts and (not drawable or _is_whole(fewer)) and holds(fewer):
                found, again = fewer, True
                break
    return found


def _settled(difference: Difference, whole: Scene, other: Peer) -> Difference:
    """The difference, or that it is one of memory which nobody wrote."""
    theirs = difference.theirs
    if difference.what != What.PIXELS or theirs is None:
        return difference
    again = compare(whole, other)
    if again is not None and again.theirs is not None and np.array_equal(again.theirs, theirs):
        return difference
    return difference._replace(what=What.MEMORY)


def fuzz(
    opened: Callable[[int], Peer], seed: int, count: int, *, enough: Callable[[], bool] = lambda: False, tries: int = 1500
) -> Outcome:
    """Compare scenes until they had ``count`` commands or it is ``enough``.

    ``opened`` starts a canvas whose malloc fills memory with a byte. A case is made smaller by so many ``tries`` at most.
    """
    outcome = Outcome()
    with ExitStack() as peers:
        peer, other = (peers.enter_context(opened(byte)) for byte in FILLED)

        def judged(whole: Scene, excused: Counter[str] | None = None) -> Difference | None:
            difference = compare(whole, peer, excused)
            return difference and _settled(difference, whole, other)

        while outcome.commands.total() < count and not enough():
            choices = _made(seed, outcome.scenes)
            whole = scene(choices)
            difference = judged(whole, outcome.excused)
            drawn = whole.steps if difference is None else whole.steps[: difference.number + 1]
            outcome.commands.update(type(step.value).__name__ for step in drawn)
            outcome.scenes += 1
            if difference is None:
                continue
            kind = difference.kind
            if kind in outcome.found:
                outcome.found[kind].times += 1
                continue

            def holds(candidate: Scene, kind: Kind = kind) -> bool:
                found = judged(candidate)
                return found is not None and found.kind == kind

            small = smallest(choices.made, holds, tries)
            left = judged(small)
            assert left is not None
            name = f"seed-{seed}-scene-{outcome.scenes - 1}"
            outcome.found[kind] = Found(outcome.scenes - 1, of_difference(small, left, name))
    return outcome
