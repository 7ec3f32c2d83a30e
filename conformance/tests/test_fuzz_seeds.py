"""``spiceconf fuzz --seeds N``, here and with ``--dask``."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.command import main

FAULT = "ref:server?fault=unknown-message-kills-session"
COUNT = 25


def test_campaigns_of_a_command_have_one_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, corpus = tmp_path / "report", tmp_path / "corpus"
    arguments = ["fuzz", FAULT, "--count", str(COUNT), "--kind", "unknown", "--seed", "4", "--seeds", "2"]
    assert main([*arguments, "--report", str(report), "--corpus", str(corpus)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("seeds 4 to 5") and lines[1].startswith("seed 4: server spice-reference-server")
    assert any(line.startswith("seed 5: ") for line in lines)
    assert lines[-2].startswith("kinds of messages that were said: ")
    assert f"{2 * COUNT} conversations in" in lines[-1] and "corpus: 0 conversations," in lines[-3]
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
