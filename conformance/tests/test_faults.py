"""The suite is held against itself: every fault of a reference is caught by its sentence, and by nothing unrelated."""

from __future__ import annotations

from functools import cache
from zlib import crc32

import pytest

from conformance.case import SANITY
from conformance.faults import caught, faults, held_against
from conformance.requirements import requirements, unbound, untestable
from conformance.run import Options, Run
from spiceproto.fault import Fault

FAULTS = list(faults())

WITHOUT_A_LAYER = {
    "SPICE-LINK-004/result-with-init-in-a-layer",
    "SPICE-LINK-061/digest-md5",
    "SPICE-LINK-061/layer-of-digest-md5",
}
"""The references know no mechanism with a security layer; these were seen to pass at QEMU and spice-gtk."""

ANNOUNCED = {"SPICE-SOUND-010/celt", "SPICE-SOUND-032/celt"}
"""Both references announce CELT; what is done without it was seen to pass at spice-gtk and QEMU."""


@pytest.mark.parametrize("role", ["server", "client"])
def test_the_clean_reference_passes_everything(role: str) -> None:
    results, run = held_against(role)
    wrong = [
        f"{result.id}: {result.outcome}: {result.expected} / {result.actual} / {result.reason}"
        for result in results.values()
        if result.outcome not in ("pass", "not-applicable")
    ]
    assert wrong == []
    assert run.problems == ()
    tolerated = [result.id for result in results.values() if result.manner == "tolerated"]
    assert tolerated == [], "the reference does what the sentence asks, not what is tolerated"


@pytest.mark.parametrize("role", ["server", "client"])
def test_nothing_is_left_out_at_the_clean_reference(role: str) -> None:
    """A case that the reference cannot do was never seen to pass."""
    results, _ = held_against(role)
    allowed = WITHOUT_A_LAYER | ANNOUNCED
    assert {result.id for result in results.values() if result.outcome == "not-applicable"} <= allowed


@cache
def every(role: str) -> list[str]:
    """The ids of all cases."""
    return [case.id for case in Run(Options(f"ref:{role}")).cases]


def sample(role: str, name: str, fault: Fault) -> str:
    """The cases of a fault's sentence, and a thirtieth of all others: other ones for each fault, the same each time."""
    cases = [id for id in every(role) if crc32(f"{name} {id}".encode()) % 30 == 0]
    return ", ".join([f"{fault.requirement}/*", *cases])


@pytest.mark.parametrize(("role", "name", "fault"), FAULTS, ids=[f"{role}-{name}" for role, name, _ in FAULTS])
def test_caught(role: str, name: str, fault: Fault) -> None:
    """A fault is held against the cases of its sentence and a thirtieth of all others; if none catches it, against all.

    ``spiceconf faults --check`` holds every fault against every case.
    """
    found = caught(role, name, fault, sample(role, name, fault))
    if found.missed:
        found = caught(role, name, fault)
    said = [f"{result.id}: {result.outcome}: {result.expected} / {result.actual} / {result.reason}" for result in found.failed]
    assert not found.missed, said
    assert not found.unrelated, said
    assert not [result for result in found.failed if result.outcome == "error"], said


CASCADES = [
    ("server", "empty-list"),
    ("server", "list-of-unknown-types"),
    ("server", "list-without-display-and-inputs"),
    ("server", "list-with-a-channel-twice"),
    ("server", "no-inputs-init"),
    ("server", "no-cursor-init"),
    ("server", "list-only-once"),
    ("client", "never-attaches"),
]
"""Faults of what other cases stand on."""

ON_MAIN_ALONE = {"server": "SPICE-FRAME-009/main-pong-11", "client": "SPICE-FRAME-028/on-main"}


@pytest.mark.parametrize(("role", "name"), CASCADES)
def test_what_many_cases_stand_on_is_one_failure(role: str, name: str) -> None:
    """One failure of a case and one that the rules see at most; the rest names the sentence, and what can go on does."""
    results, run = held_against(role, name)
    failed = [result for result in results.values() if result.outcome == "fail"]
    blocked = [result for result in results.values() if result.outcome == "blocked"]
    sentence = next(fault.requirement for kind, other, fault in FAULTS if (kind, other) == (role, name))
    assert {result.requirement for result in failed} == {sentence} and len(failed) <= 2
    assert {id.partition("/")[0] for result in blocked for id in result.blocked_by} == {sentence}
    assert blocked and all(result.blocked_by for result in blocked)
    assert results[SANITY[role]].outcome == results[ON_MAIN_ALONE[role]].outcome == "pass"
    assert not run.unusable(results)


@pytest.mark.parametrize(("role", "name"), CASCADES)
def test_not_applicable_is_nothing_that_a_bad_list_makes(role: str, name: str) -> None:
    """What is not applicable with the fault is so without it, too, but for types that only the bad list names."""
    found, clean = held_against(role, name)[0], held_against(role)[0]
    more = {id for id, result in found.items() if result.outcome == "not-applicable" != clean[id].outcome}
    assert more <= {"SPICE-LINK-029/type-99", "SPICE-LINK-029/type-200"}


def test_a_list_that_comes_once_blocks_what_asks_twice() -> None:
    """A server can be seen to go on without it."""
    results = held_against("server", "list-only-once")[0]
    blocked = [result.id for result in results.values() if result.outcome == "blocked"]
    assert len(blocked) <= len(results) / 20, blocked


IN_ANOTHER_ORDER = ["mechanism-before-the-reply", "sasl-list-before-the-reply", "result-with-the-reply", "mechanism-then-reply"]


@pytest.mark.parametrize("name", IN_ANOTHER_ORDER)
def test_another_order_of_the_link_stage_is_no_target_that_cannot_be_tested(name: str) -> None:
    results, run = held_against("server", name)
    assert {result.requirement for result in results.values() if result.outcome == "fail"} == {"SPICE-LINK-001"}
    assert not run.unusable(results)


def test_there_are_enough_faults() -> None:
    assert len(FAULTS) >= 40


@pytest.mark.parametrize("role", ["server", "client"])
def test_every_must_has_a_fault(role: str) -> None:
    broken = {id for kind, _, fault in FAULTS if kind == role for id in (fault.requirement,)}
    binding = {id for id, sentence in requirements().items() if sentence.level == "MUST" and sentence.role == role}
    assert binding - broken - set(untestable()) - set(unbound()) == set()


def test_every_must_for_both_has_a_fault_somewhere() -> None:
    broken = {fault.requirement for _, _, fault in FAULTS}
    binding = {id for id, sentence in requirements().items() if sentence.level == "MUST" and sentence.role == "both"}
    assert binding - broken - set(untestable()) - set(unbound()) == set()


def test_a_fault_breaks_what_binds_its_role() -> None:
    for role, name, fault in FAULTS:
        assert fault.breaks[0] == fault.requirement, name
        for id in fault.breaks:
            assert requirements()[id].role in (role, "both"), (name, id)
