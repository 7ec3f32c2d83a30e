"""What changes between two runs."""

from __future__ import annotations

import msgspec
import pytest

from conformance import compare
from conformance.report.jsonl import Run
from conformance.results import CaseResult
from conformance.tests.result_samples import MARKUP, Story, run_of, server_run


def case(id: str, outcome: str, **more: object) -> CaseResult:
    return Story().result(id, outcome, **more)


def found(old: CaseResult | None, new: CaseResult | None) -> compare.Diff:
    before, after = [[item] if item is not None else [] for item in (old, new)]
    return compare.diff(run_of(*before), run_of(*after))


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("pass", "fail", "broken"),
        ("pass", "error", "broken"),
        ("not-applicable", "fail", "broken"),
        ("waived", "fail", "broken"),
        ("fail", "pass", "fixed"),
        ("error", "pass", "fixed"),
        ("fail", "error", "other"),
        ("fail", "waived", "other"),
        ("fail", "not-applicable", "other"),
        ("pass", "blocked", "other"),
        ("pass", "pass", ""),
        ("fail", "fail", ""),
        (None, "pass", "new"),
        ("pass", None, "gone"),
    ],
)
def test_each_change_has_its_list(old: str | None, new: str | None, kind: str) -> None:
    id = "SPICE-LINK-006/x"
    result = found(case(id, old) if old else None, case(id, new) if new else None)
    lists = {name: getattr(result, name) for name in compare.Diff.__struct_fields__ if name != "notes"}
    filled = {name: [change.id for change in changes] for name, changes in lists.items() if changes}
    assert filled == ({kind: [id]} if kind else {})
    assert result.same is (kind == "") and result.worse is (kind == "broken")


def test_another_manner() -> None:
    id = "SPICE-LINK-006/x"
    result = found(case(id, "pass"), case(id, "pass", manner="tolerated", tolerated="closed"))
    assert [(change.old, change.new, change.detail) for change in result.manner] == [("pass", "tolerated", "exact, now closed")]
    assert not result.worse


def test_what_is_tolerated_now_is_not_fixed() -> None:
    id = "SPICE-LINK-006/x"
    result = found(case(id, "fail"), case(id, "pass", manner="tolerated", tolerated="closed"))
    assert not result.fixed and [(change.old, change.new) for change in result.other] == [("fail", "tolerated")]


def test_a_new_case_that_fails_is_worse() -> None:
    assert found(None, case("SPICE-LINK-006/x", "fail")).worse


def test_a_revised_case_is_named_beside_its_change() -> None:
    id = "SPICE-LINK-006/x"
    result = found(case(id, "pass"), case(id, "fail", revision=2))
    assert [change.id for change in result.broken] == [id]
    assert [change.detail for change in result.revised] == ["revision 1, now 2"]


def test_the_text() -> None:
    old = server_run()
    fixed = [
        msgspec.structs.replace(item, outcome="pass") if item.id == "SPICE-MOUSE-018/eight-motions" else item
        for item in old.cases[1:]
    ]
    new = run_of(
        *fixed,
        case("SPICE-LINK-009/minor-99", "fail", expected="a reply", actual=f"{MARKUP}\x1b[2J"),
        target="tcp:127.0.0.1:5931",
    )
    lines = compare.text(compare.diff(old, new)).splitlines()
    assert lines == [
        "note      target: tcp:127.0.0.1:5930, now tcp:127.0.0.1:5931",
        "fixed     SPICE-MOUSE-018/eight-motions  fail -> pass",
        rf"new       SPICE-LINK-009/minor-99  fail  (expected a reply; found {MARKUP}\x1b[2J)",
        "gone      SPICE-LINK-001/whole-stage  pass",
        "1 fixed, 1 new, 1 gone",
    ]


def test_nothing_has_changed() -> None:
    run: Run = server_run()
    assert compare.text(compare.diff(run, run)) == "no case has changed\n"
