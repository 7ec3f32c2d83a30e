"""Campaigns with several seeds: what they find is the same wherever they are held, and in which order they are done."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import pytest

from conformance.fuzz.spread import Held, Job, Together, hold, spread
from conformance.fuzz.steps import text
from conformance.outcome import TargetUnusable
from spiceproto.pool import Here

A = TypeVar("A")
B = TypeVar("B")

FAULT = "ref:server?fault=unknown-message-kills-session"
COUNT = 25


class Backwards:
    """Does the last job first, and sends everything as bytes, as a cluster may."""

    workers = 3

    def map(self, function: Callable[[A], B], jobs: Sequence[A]) -> Iterator[B]:
        done = {
            number: pickle.dumps(function(pickle.loads(pickle.dumps(jobs[number])))) for number in reversed(range(len(jobs)))
        }
        return iter([pickle.loads(done[number]) for number in range(len(jobs))])


def jobs(count: int = COUNT, **more: Any) -> list[Job]:
    return [Job(address=FAULT, seed=seed, count=count, kinds=("unknown",), **more) for seed in (4, 5, 6)]


def said(together: Together) -> list[Any]:
    found = [(str(item.finding), text(item.steps), item.at, item.times, item.again) for item in together.found]
    return [found, sorted(together.counts.items()), sorted(together.pairs), together.conversations, list(together.new)]


def test_the_same_is_found_in_any_order() -> None:
    told: list[tuple[int, int]] = []

    def tell(held: Held, fresh: Sequence[Any]) -> None:
        told.append((held.seed, len(fresh)))

    one = spread(Here(), jobs(), tell)
    other = spread(Backwards(), jobs(), tell)
    assert said(one) == said(other)
    assert one.conversations == 3 * COUNT and one.found[0].finding.sentence == "SPICE-MAIN-020"
    assert told[:3] == told[3:] and [seed for seed, _ in told[:3]] == [4, 5, 6]
    assert sum(number for _, number in told[:3]) == len(one.found)


def test_findings_that_are_alike_are_one() -> None:
    together = Together()
    held = hold(jobs()[0])
    assert together.add(held) == list(held.found) and held.found
    before = together.found[0].times
    assert together.add(held) == []
    assert together.found[0].times == 2 * before and len(together.found) == len(held.found)
    assert together.conversations == 2 * COUNT


def test_a_target_that_cannot_be_tested() -> None:
    with pytest.raises(TargetUnusable, match="127"):
        spread(Here(), [Job(address="127.0.0.1:1", count=1)], lambda held, fresh: None)
