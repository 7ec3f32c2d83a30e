"""The state of every sentence."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from conformance.report import verdict
from conformance.report.coverage import STATES, anchor, coverage
from conformance.report.jsonl import Run
from conformance.requirements import anchor as anchor_of_sentence
from conformance.requirements import requirements
from conformance.results import CaseResult, Seen
from conformance.tests.result_samples import Story, blocked, client_run, run_of, server_run, waived


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
    bound = [item.id for item in coverage(run_of()).bound if item.state == "not-run"]
    full = coverage(run_of(*[passing(id) for id in bound]))
    assert not full.holes and full.line().startswith("100 %")


def test_a_hole_is_named_and_never_rounded_away() -> None:
    bound = [item.id for item in coverage(run_of()).bound if item.state == "not-run"]
    found = coverage(run_of(*[passing(id) for id in bound[1:]]))
    assert [item.id for item in found.holes] == [bound[0]]
    assert bound[0] in found.line() and not found.line().startswith("100")
    decided, of = len(bound) - 1, len(found.bound)
    assert found.line().startswith(f"Of {of} sentences")
    unbound = sum(item.state == "unbound" for item in found.bound)
    said = f"{of - len(bound) - unbound} untestable, {f'{unbound} unbound, ' if unbound else ''}1 not run ({bound[0]})."
    assert found.line().endswith(f" {decided} decided, {said}")


def made(run: Run, *, selection: str = "", level: str = "may", **more: int) -> Run:
    """A run that was asked for so."""
    header = msgspec.structs.replace(run.header, selection=selection, level=level)
    return Run(header, run.cases, msgspec.structs.replace(run.footer, **more))


@pytest.mark.parametrize(
    ("more", "said", "named"),
    [
        ({"selection": "chapter:link", "every": 600}, "left out by the selection", False),
        ({"every": 600}, "left out by the selection", False),  # pytest -k
        ({"level": "must", "every": 600}, "left out by the level MUST", False),
        ({"selection": "x", "level": "should"}, "left out by the selection or by the level SHOULD", False),
        ({"every": 7, "slow": 6}, "left out because their cases wait long", True),
        ({"planned": 7, "missing": 6, "every": 7}, "left out because the run did not come to them", True),
        ({}, "not run", True),
    ],
)
def test_what_has_left_sentences_out_is_said(more: dict[str, Any], said: str, named: bool) -> None:
    found = coverage(made(run_of(passing("SPICE-LINK-001")), **more))
    count = len(found.holes)
    names = f" ({', '.join(item.id for item in found.holes[:8])} and {count - 8} more)" if named else ""
    assert found.line().endswith(f", {count} {said}{names}.") and count > 50
    assert f"{count} left out {found.why}".rstrip() in verdict.scope(found).line()


def test_what_is_blocked_is_named_apart_from_what_was_left_out() -> None:
    found = coverage(made(run_of(blocked()), selection="SPICE-MOUSE-014", every=600))
    assert f", 1 blocked (SPICE-MOUSE-014), {len(found.holes) - 1} left out by the selection." in found.line()


def test_a_waiver_covers_what_the_rules_saw_but_no_other_failure() -> None:
    seen = Seen("SPICE-LINK-008", "main:0", "broken")
    again = msgspec.structs.replace(passing("SPICE-LINK-001"), seen=(seen,))
    assert states(run_of(waived(), again))["SPICE-LINK-008"] == "waived"
    failing = Story().result("SPICE-LINK-008/other", "fail")
    assert states(run_of(waived(), failing))["SPICE-LINK-008"] == "failed"


def test_what_a_failed_case_decides_besides_is_not_told_apart() -> None:
    both = ("SPICE-LINK-001", "SPICE-LINK-002")
    failed = Story().result("SPICE-LINK-001/x", "fail", verifies=both)
    found = {item.id: item for item in coverage(run_of(failed)).sentences}
    assert [found[id].state for id in both] == ["failed", "blocked"]
    assert "not told apart from SPICE-LINK-001" in found[both[1]].reason
    again = states(run_of(failed, passing(both[1])))
    assert again[both[1]] == "passed", "another case has told it apart"


def test_what_a_conversation_showed_nothing_of_is_not_applicable() -> None:
    both = ("SPICE-LINK-001", "SPICE-LINK-002")
    passed = Story().result("SPICE-LINK-001/x", "pass", verifies=both, undecided={both[1]: "nothing came"})
    found = {item.id: item for item in coverage(run_of(passed)).sentences}
    assert [found[id].state for id in both] == ["passed", "not-applicable"]
    assert found[both[1]].reason == "nothing came"


def test_anchors_are_those_of_the_chapters() -> None:
    for sentence in requirements().values():
        assert anchor(sentence.chapter, sentence.section) == anchor_of_sentence(sentence)
    assert anchor("", "") == ""
