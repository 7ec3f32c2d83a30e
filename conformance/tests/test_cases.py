"""The cases as a whole: every sentence is decided by one, ids are in order, and nothing hangs loose."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import conformance
from conformance import judge
from conformance.case import NEEDS, SANITY, Case, ordered
from conformance.cases import all_cases
from conformance.faults import held_against
from conformance.requirements import by_rules, requirements, unbound, untestable
from conformance.selection import keywords, select

CASES = all_cases()


def test_ids() -> None:
    for case in CASES:
        assert re.fullmatch(r"SPICE-[A-Z]+-\d{3}/[a-z0-9]+(-[a-z0-9]+)*", case.id), case.id
        assert case.requirement in requirements(), case.id
        assert set(case.also) <= set(requirements()), case.id


def test_a_case_is_for_whom_its_sentence_binds() -> None:
    for case in CASES:
        for id in case.verifies:
            assert requirements()[id].role in (case.role, "both"), (case.id, id)


@pytest.mark.parametrize("role", ["server", "client"])
def test_every_sentence_is_decided(role: str) -> None:
    decided = {id for case in CASES if case.role == role for id in case.verifies}
    binding = {id for id, sentence in requirements().items() if sentence.role in (role, "both")}
    assert binding - decided - set(untestable()) - set(unbound(role)) == set()


def test_what_is_decided_is_not_called_unbound() -> None:
    for role in ("server", "client"):
        assert {id for case in CASES if case.role == role for id in case.verifies} & set(unbound(role)) == set()


def test_a_sentence_with_a_test_note_has_a_case_of_its_own() -> None:
    """What the rules happen to see is not enough where the text says how it is tested."""
    direct = {id for case in CASES if not case.from_rules for id in case.verifies}
    assert {id for id, sentence in requirements().items() if sentence.tests} - direct == set()


def test_observed_cases_are_those_of_the_rules() -> None:
    assert {case.requirement for case in CASES if case.from_rules} == by_rules().union(judge.REQUIREMENTS)


def test_needs_and_prerequisites_exist() -> None:
    ids = {case.id: case for case in CASES}
    used = {need for case in CASES for need in case.needs}
    assert used <= set(NEEDS)
    for case in CASES:
        for id in case.requires:
            assert id in ids and ids[id].role == case.role, case.id
        first = case.role == "client" or case.id == SANITY["server"] or SANITY[case.role] in case.requires
        assert first, case.id


def test_a_need_is_of_the_role() -> None:
    for case in CASES:
        for need in case.needs:
            assert not (case.role == "server" and need.startswith(("act:", "client-"))), case.id
            assert not (case.role == "client" and need.startswith("control:")), case.id


def test_titles_are_for_people() -> None:
    """Bytes among the values of a case are digits."""
    assert [case.id for case in CASES if "b'" in case.title or 'b"' in case.title] == []


def test_every_case_can_be_selected_by_its_id() -> None:
    for case in CASES:
        assert [other.id for other in CASES if select(case.id)(other)] == [case.id]
        assert f"role:{case.role}" in keywords(case)


def test_cases_that_the_suite_names_exist() -> None:
    """A misspelled id that a conversation relies on would never block anything."""
    ids = {case.id for case in CASES}
    folder = Path(conformance.__file__).parent
    for path in [*folder.glob("*.py"), *(folder / "cases").rglob("*.py")]:
        if path.name == "case.py":  # its docstring has an example
            continue
        text = path.read_text(encoding="utf-8")
        for id in re.findall(r'"(SPICE-[A-Z]+-\d{3}/[a-z0-9-]+)"', text):
            assert id in ids, (path.name, id)


def test_circles() -> None:
    one = Case("SPICE-LINK-001/a", "server", lambda client: None, "x", requires=("SPICE-LINK-001/b",))
    two = Case("SPICE-LINK-001/b", "server", lambda client: None, "x", requires=("SPICE-LINK-001/a",))
    with pytest.raises(ValueError, match="requires itself"):
        ordered([one, two])


@pytest.mark.parametrize("role", ["server", "client"])
def test_what_cases_rely_on_exists_and_does_not_run_in_circles(role: str) -> None:
    """Ids that are put together while a case runs are seen here, and each case rests on others only."""
    _, run = held_against(role)
    ids = {case.id: case for case in CASES if case.role == role}

    def required(id: str) -> set[str]:
        direct = set(ids[id].requires)
        return direct.union(*[required(one) for one in direct])

    rests: dict[str, set[str]] = {}
    for id, relied_on in run.runner.relied_on.items():
        assert set(relied_on) <= set(ids), id
        # What requires this case says nothing of it, and is not asked.
        rests[id] = set(ids[id].requires) | {one for one in relied_on if one != id and id not in required(one)}
    TopologicalSorter(rests).prepare()
