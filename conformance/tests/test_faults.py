"""The suite is held against itself: every fault of a reference is caught by its sentence, and by nothing unrelated."""

from __future__ import annotations

import pytest

from conformance.faults import caught, faults, held_against
from conformance.requirements import requirements, untestable

FAULTS = list(faults())

WITHOUT_A_LAYER = {
    "SPICE-LINK-004/result-with-init-in-a-layer", "SPICE-LINK-061/digest-md5", "SPICE-LINK-061/layer-of-digest-md5",
}  # fmt: skip
"""The references know no mechanism with a security layer; these were seen to pass at QEMU and spice-gtk."""


@pytest.mark.parametrize("role", ["server", "client"])
def test_the_clean_reference_passes_everything(role: str) -> None:
    results, run = held_against(role)
    wrong = [f"{result.id}: {result.outcome}: {result.expected} / {result.actual} / {result.reason}"
             for result in results.values() if result.outcome not in ("pass", "not-applicable")]  # fmt: skip
    assert wrong == []
    assert run.problems == ()
    tolerated = [result.id for result in results.values() if result.manner == "tolerated"]
    assert tolerated == [], "the reference does what the sentence asks, not what is tolerated"


@pytest.mark.parametrize("role", ["server", "client"])
def test_nothing_is_left_out_at_the_clean_reference(role: str) -> None:
    """A case that the reference cannot do was never seen to pass."""
    results, _ = held_against(role)
    assert {result.id for result in results.values() if result.outcome == "not-applicable"} <= WITHOUT_A_LAYER


@pytest.mark.parametrize(("role", "name", "fault"), FAULTS, ids=[f"{role}-{name}" for role, name, _ in FAULTS])
def test_caught(role: str, name: str, fault: object) -> None:
    found = caught(role, name, fault)
    said = [f"{result.id}: {result.outcome}: {result.expected} / {result.actual} / {result.reason}" for result in found.failed]
    assert not found.missed, said
    assert not found.unrelated, said
    assert not [result for result in found.failed if result.outcome == "error"], said


def test_there_are_enough_faults() -> None:
    assert len(FAULTS) >= 40


@pytest.mark.parametrize("role", ["server", "client"])
def test_every_must_has_a_fault(role: str) -> None:
    broken = {id for kind, _, fault in FAULTS if kind == role for id in (fault.requirement,)}
    binding = {id for id, sentence in requirements().items() if sentence.level == "MUST" and sentence.role == role}
    assert binding - broken - set(untestable()) == set()


def test_every_must_for_both_has_a_fault_somewhere() -> None:
    broken = {fault.requirement for _, _, fault in FAULTS}
    binding = {id for id, sentence in requirements().items() if sentence.level == "MUST" and sentence.role == "both"}
    assert binding - broken - set(untestable()) == set()


def test_a_fault_breaks_what_binds_its_role() -> None:
    for role, name, fault in FAULTS:
        assert fault.breaks[0] == fault.requirement, name
        for id in fault.breaks:
            assert requirements()[id].role in (role, "both"), (name, id)
