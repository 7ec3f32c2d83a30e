"""The state of every sentence."""

from __future__ import annotations

import msgspec
import pytest

from conformance.report.coverage import STATES, anchor, coverage
from conformance.report.jsonl import Run
from conformance.requirements import anchor as anchor_of_sentence
from conformance.requirements import requirements
from conformance.results import CaseResult, Seen
from conformance.tests.result_samples import Story, client_run, run_of, server_run, waived


def states(run: Run) -> dict[str, str]:
    return {item.id: item.state for item in coverage(run).sentences}


def test_every_sentence_has_one_state() -> None:
    found = coverage(server_run())
    assert [item.id for item in found.sentences] == list(requirements())
    assert sum(found.count(state) for state in STATES) == len(requirements())


@pytest.mark.parametrize(
    ("id", "state"),
    [
        ("SPICE-LINK-001", "passed"),
        ("SPICE-LINK-006", "tolerated"),
        ("SPICE-LINK-008", "waived"),
        ("SPICE-LINK-044", "error"),
        ("SPICE-LINK-060", "not-applicable"),
        ("SPICE-MOUSE-014", "blocked"),
        ("SPICE-MOUSE-018", "failed"),
        ("SPICE-MOUSE-019", "failed"),  # also decided by a case about another one
        ("SPICE-MAIN-002", "failed"),  # by the rules, in a case that passed
        ("SPICE-FRAME-002", "tolerated"),  # likewise
        ("SPICE-LINK-055", "untestable"),
        ("SPICE-LINK-011", "other-role"),
        ("SPICE-LINK-002", "not-run"),
    ],
)
def test_states(id: str, state: str) -> None:
    assert states(server_run())[id] == state


def test_the_other_role_is_that_of_the_target() -> None:
    found = states(client_run())
    assert found["SPICE-LINK-002"] == "other-role" and found["SPICE-LINK-011"] == "not-run"


def test_reasons_and_cases_go_with_a_sentence() -> None:
    found = {item.id: item for item in coverage(server_run()).sentences}
    assert "SASL is offered" in found["SPICE-LINK-060"].reason
    assert found["SPICE-LINK-055"].reason.startswith("The differences are below")
    assert found["SPICE-MOUSE-014"].reason == "blocked by SPICE-MOUSE-018/eight-motions"
    assert "SPICE-MOUSE-018/eight-motions" in found["SPICE-MOUSE-019"].cases


def passing(id: str) -> CaseResult:
    return Story().result(f"{id}/x", "pass")


def test_a_run_without_holes_says_100_percent() -> None:
    bound = [item.id for item in coverage(run_of()).bound if item.state != "untestable"]
    full = coverage(run_of(*[passing(id) for id in bound]))
    assert not full.holes and full.line().startswith("100 %")


def test_a_hole_is_named_and_never_rounded_away() -> None:
    bound = [item.id for item in coverage(run_of()).bound if item.state != "untestable"]
    found = coverage(run_of(*[passing(id) for id in bound[1:]]))
    assert [item.id for item in found.holes] == [bound[0]]
    assert bound[0] in found.line() and not found.line().startswith("100")


def test_a_waiver_covers_what_the_rules_saw_but_no_other_failure() -> None:
    seen = Seen("SPICE-LINK-008", "main:0", "broken")
    again = msgspec.structs.replace(passing("SPICE-LINK-001"), seen=(seen,))
    assert states(run_of(waived(), again))["SPICE-LINK-008"] == "waived"
    failing = Story().result("SPICE-LINK-008/other", "fail")
    assert states(run_of(waived(), failing))["SPICE-LINK-008"] == "failed"


def test_anchors_are_those_of_the_chapters() -> None:
    for sentence in requirements().values():
        assert anchor(sentence.chapter, sentence.section) == anchor_of_sentence(sentence)
    assert anchor("", "") == ""
