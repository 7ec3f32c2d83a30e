"""Clients link their channels as they like: in no order does one of them fail where it is right."""

from __future__ import annotations

import pytest

from conformance.faults import held_against
from conformance.program_target import AdapterClient
from conformance.run import Options, Run
from conformance.runner import Runner
from conformance.tests.one_after_another_program import OneAfterAnother


@pytest.mark.parametrize("order", ["reversed", "sequential"])
def test_the_reference_client_in_other_orders(order: str) -> None:
    run = Run(Options(f"ref:client?link={order}"))
    run.start()
    results = {case.id: run.runner.run(case) for case in run.cases}
    run.stop()
    run.finish(results)
    assert [
        f"{id}: {result.actual}" for id, result in run.finished.items() if result.outcome not in ("pass", "not-applicable")
    ] == []
    left = {id for id, result in run.finished.items() if result.outcome == "not-applicable"}
    assert left <= {id for id, result in held_against("client")[0].items() if result.outcome == "not-applicable"}


def test_a_stranger_that_links_one_channel_after_another() -> None:
    target = AdapterClient("one-after-another:", OneAfterAnother(), quiet=0.1)
    target.start()
    cases = Run(Options("ref:client")).cases
    runner = Runner(target, cases)
    results = [runner.run(case) for case in cases]
    target.stop()
    assert [f"{result.id}: {result.actual} {result.reason}" for result in results if result.outcome in ("fail", "error")] == []
    assert sum(result.outcome == "pass" for result in results) > 300
