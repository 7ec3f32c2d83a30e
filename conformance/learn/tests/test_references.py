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
_WRONG = "link another main, wrong password"
_LEFT_OUT = {
    "mouse": ("(pointer relative)", "(pointer absolute)"),
    "session": ("link another main", "link inputs, no such session", "close inputs"),
}
"""Letters that no fault here needs."""
_NO_DATA = "result INVALID_DATA, closed"
_ACK = "inputs: MOUSE_MOTION_ACK"


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


_FAULTS = [
    ("link", "any-magic", ("header, another magic",), "reply INVALID_MAGIC, closed", "-", ""),
    (
        "link",
        "takes-any-mechanism-for-the-ticket",
        ("header", "message main", "header"),
        "result INVALID_DATA, closed",
        "-",
        "",
    ),
    ("link", "greets-first", ("a minute",), "closed", "bytes, closed", "SPICE-LINK-001"),
    ("link", "waits-for-ever", ("a minute",), "closed", "-", "SPICE-LINK-063"),
    ("mouse", "does-not-count-the-wrong-movement", (*["MOUSE_MOTION"] * 3, "MOUSE_POSITION"), _ACK, "-", "SPICE-MOUSE-018"),
    ("mouse", "motion-ack-every-three", ("MOUSE_MOTION",) * 3, "guest: motion", f"{_ACK}; guest: motion", "SPICE-MOUSE-019"),
    ("mouse", "closes-for-a-bad-mode", ("MOUSE_MODE_REQUEST other",), "-", "inputs: closed; main: closed", ""),
    ("session", "takeover-before-the-login", ("link main", _WRONG), "-", "main: DISCONNECTING, closed", ""),
    ("session", "channels-outlive-main", ("link main", "link inputs", "close main"), "inputs: closed", "-", ""),
    ("mouse", "grants-no-mode", ("MOUSE_MODE_REQUEST CLIENT",), "main: MOUSE_MODE 3 2", "-", ""),
]
"""Machine and fault, the shortest conversation, what its last letter brings of the reference and here, and the sentence."""


@pytest.mark.parametrize(("machine", "fault", "word", "golden_answer", "answer", "sentence"), _FAULTS)
def test_a_fault_is_a_short_conversation(
    machine: str, fault: str, word: tuple[str, ...], golden_answer: str, answer: str, sentence: str
) -> None:
    found = _studied(machine, fault, without=_LEFT_OUT.get(machine, ()))
    first = found.differences[0]
    assert (first.difference.word, first.difference.golden, first.difference.learned) == (word, golden_answer, answer)
    assert (sentence in first.broken) if sentence else not first.wrong
