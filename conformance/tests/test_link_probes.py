"""Link stages that were recorded with two servers: the suite, asking the same today, gets and reports the same answers.

``data/link_probes.json`` has 36 raw cases and what was answered: by libspice-server 0.15.1 as error of the link reply, link
result, and what came then; by andris 0.1.0 as the number of its answer, or "closed" for none.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.cases import all_cases
from conformance.results import CaseResult
from conformance.run import Options, Run
from conformance.transcript import Chunk
from spiceproto.tests.peers import need

PROBES: dict[str, dict[str, dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "data" / "link_probes.json").read_text(encoding="utf-8")
)
LIBSPICE, ANDRIS = "libspice-server 0.15.1", "andris 0.1.0"

DEVIATES = {"auth-mech-sasl-unoffered"}
"""Answers of libspice-server that nothing tolerates: the suite reports them as failures, and the recording has them too."""


def tagged() -> dict[str, list[str]]:
    """Name of a probe to the cases that do the same."""
    found: dict[str, list[str]] = {}
    for case in all_cases():
        for tag in case.tags:
            if tag.startswith("probe:"):
                found.setdefault(tag.removeprefix("probe:"), []).append(case.id)
    return found


def answer_of(data: bytes) -> tuple[int | None, int | None]:
    """Error of the link reply and link result in what a server sent on one connection; None for what is not there."""
    if len(data) < 20 or data[:4] != b"REDQ":
        return None, None
    size = int.from_bytes(data[12:16], "little")
    error = int.from_bytes(data[16:20], "little")
    rest = data[16 + size :]
    return error, int.from_bytes(rest[:4], "little") if not error and len(rest) >= 4 else None


def asked(address: str) -> tuple[dict[str, CaseResult], dict[str, list[tuple[int | None, int | None]]]]:
    """Results of all tagged cases, and the answers on each of their connections."""
    answers: dict[str, list[tuple[int | None, int | None]]] = {}

    def keep(result: CaseResult, chunks: list[Chunk]) -> CaseResult:
        streams: dict[int, bytes] = {}
        for chunk in chunks:
            streams[chunk.connection] = streams.get(chunk.connection, b"") + (chunk.data if chunk.sender == "server" else b"")
        answers[result.id] = [answer_of(data) for _, data in sorted(streams.items())]
        return result

    ids = sorted({id for names in tagged().values() for id in names})
    run = Run(Options(address, select=", ".join(ids)))
    run.keep(keep)
    run.start()
    try:
        results = {case.id: run.runner.run(case) for case in run.cases}
    finally:
        run.stop()
    return results, answers


def test_every_probe_is_a_case() -> None:
    assert set(tagged()) == set(PROBES)


@pytest.mark.timeout(240)
def test_libspice_server() -> None:
    need("qemu-system-x86_64")
    results, answers = asked("qemu:?ticket=sesame")
    for name, ids in tagged().items():
        recorded = PROBES[name][LIBSPICE]
        wanted = (recorded.get("error"), recorded.get("auth_result"))
        for id in ids:
            result = results[id]
            expected = "fail" if name in DEVIATES else "pass"
            assert result.outcome == expected, (id, result.actual, result.reason)
            if name in ("byte-by-byte", "half-header-1.5s"):
                continue  # the recording ends before the answer
            found = answers[id]
            if wanted[0] == 0 and wanted[1] is not None:
                assert wanted in found, (name, id, found)
            else:
                assert wanted[0] in [error for error, _ in found], (name, id, found)


@pytest.mark.timeout(240)
def test_andris() -> None:
    need("andris")
    results, answers = asked("andris:?ticket=sesame")
    for name, ids in tagged().items():
        recorded = PROBES[name].get(ANDRIS)
        if recorded is None:
            continue
        for id in ids:
            result = results[id]
            assert result.outcome in ("pass", "blocked", "fail"), (id, result.outcome, result.reason)
            said = {number for pair in answers[id] for number in pair if number is not None}
            closed = (None, None) in answers[id] or any(error == 0 and login is None for error, login in answers[id])
            assert closed if recorded["answer"] == "closed" else recorded["answer"] in said, (name, id, answers[id])
