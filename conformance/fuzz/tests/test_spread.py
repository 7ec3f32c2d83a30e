"""Campaigns with several seeds: what they find is the same wherever they are held, and in which order they are done."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from conformance.command import main
from conformance.fuzz.spread import Held, Job, Together, hold, spread
from conformance.fuzz.steps import text
from conformance.outcome import TargetUnusable
from conformance.pool import Here

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


def test_campaigns_of_a_command_have_one_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, corpus = tmp_path / "report", tmp_path / "corpus"
    arguments = ["fuzz", FAULT, "--count", str(COUNT), "--kind", "unknown", "--seed", "4", "--seeds", "2"]
    assert main([*arguments, "--report", str(report), "--corpus", str(corpus)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("seeds 4 to 5") and lines[1].startswith("seed 4: server spice-reference-server")
    assert any(line.startswith("seed 5: ") for line in lines)
    assert f"{2 * COUNT} conversations in" in lines[-1] and "corpus: 0 conversations," in lines[-2]
    steps = sorted(report.glob("01-*.steps"))
    assert {path.suffix for path in report.glob("01-*")} == {".steps", ".pcapng", ".py"}
    assert list(corpus.glob("*.steps"))
    assert main(["fuzz", FAULT, "--replay", str(steps[0])]) == 1


def test_a_command_on_a_cluster_says_what_it_says_here(capsys: pytest.CaptureFixture[str]) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed (the extra dask)")
    arguments = ["fuzz", FAULT, "--count", str(COUNT), "--kind", "unknown", "--seeds", "3"]

    def lines() -> list[str]:
        found = capsys.readouterr().out.splitlines()
        return [line for line in found[1:-1] if not line.startswith("  conversation")]  # these have seconds

    assert main(arguments) == 1
    here = lines()
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", memory_limit=None
    ) as cluster:
        assert main([*arguments, "--dask", cluster.scheduler_address]) == 1
    assert lines() == here


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seeds", "0"], "--seeds"),
        (["--seeds", "1000000"], "100000"),
        (["--seeds", "2", "--replay", "x"], "--replay"),
        (["--dask", "127.0.0.1:port", "--count", "1"], "no scheduler of Dask"),
    ],
)
def test_what_makes_no_sense(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed (the extra dask)")
    assert main(["fuzz", "ref:server", *arguments]) == 2
    assert said in capsys.readouterr().err
