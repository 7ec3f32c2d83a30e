"""Every machine of both references is the golden one, and faults change it; in memory."""

from __future__ import annotations

import pytest

from conformance.address import open_target
from conformance.learn.golden import golden
from conformance.learn.learner import Walks
from conformance.learn.machines import MACHINES
from conformance.learn.study import Study, study
from spiceproto import extras

pytestmark = pytest.mark.skipif(not extras.present("aalpy"), reason=f"needs {extras.install('aalpy')}")

_NONE = Walks(0)


def _studied(machine: str, fault: str = "", *, without: tuple[str, ...] = ()) -> Study:
    alphabet = MACHINES[machine]
    target = open_target(f"ref:{alphabet.role}" + (f"?fault={fault}" if fault else ""))
    return study(target, alphabet, walks=_NONE, without=without)


@pytest.mark.parametrize("machine", MACHINES)
def test_a_reference_is_the_golden_model(machine: str) -> None:
    found = _studied(machine)
    assert found.learned is not None and found.learned.model is not None
    assert not found.learned.cut and not found.learned.unsteady and not found.learned.unasked
    assert not found.differences and not found.broken and not found.left_out
    known = golden(machine)
    assert known is not None and len(found.learned.model.states) == len(known.states) > 1


def test_every_golden_model_has_a_machine() -> None:
    for machine in MACHINES.values():
        known = golden(machine.name)
        assert known is not None and known.letters == machine.names
