"""The cases as a whole: every sentence is decided by one, ids are in order, and nothing hangs loose."""

from __future__ import annotations

import re

import pytest

from conformance.case import NEEDS, SANITY, Case, ordered
from conformance.cases import all_cases
from conformance.requirements import by_rules, requirements, untestable
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
    assert binding - decided - set(untestable()) == set()


def test_a_sentence_with_a_test_note_has_a_case_of_its_own() -> None:
    """What the rules happen to see is not enough where the text says how it is tested."""
    direct = {id for case in CASES if not case.observed for id in case.verifies}
    assert {id for id, sentence in requirements().items() if sentence.tests} - direct == set()


def test_observed_cases_are_those_of_the_rules() -> None:
    assert {case.requirement for case in CASES if case.observed} == by_rules()


def test_needs_and_prerequisites_exist() -> None:
    ids = {case.id: case for case in CASES}
    used = {need for case in CASES for need in case.needs}
    assert used <= set(NEEDS)
    for case in CASES:
        for id in case.after:
            assert id in ids and ids[id].role == case.role, case.id
        assert case.role == "client" or case.id == SANITY[case.role] or SANITY[case.role] in case.after


def test_a_need_is_of_the_role() -> None:
    for case in CASES:
        for need in case.needs:
            assert not (case.role == "server" and need.startswith(("act:", "client-"))), case.id
            assert not (case.role == "client" and need.startswith("control:")), case.id


def test_every_case_can_be_selected_by_its_id() -> None:
    for case in CASES:
        assert [other.id for other in CASES if select(case.id)(other)] == [case.id]
        assert f"role:{case.role}" in keywords(case)


def test_circles() -> None:
    one = Case("SPICE-LINK-001/a", "server", lambda client: None, "x", after=("SPICE-LINK-001/b",))
    two = Case("SPICE-LINK-001/b", "server", lambda client: None, "x", after=("SPICE-LINK-001/a",))
    with pytest.raises(ValueError, match="after itself"):
        ordered([one, two])
