"""Real programs: bounded, and what is known of them is found."""

from __future__ import annotations

import pytest

from conformance.address import open_target
from conformance.learn.learner import Walks
from conformance.learn.machines import MACHINES
from conformance.learn.study import Study, study
from conformance.learn.tree import Budget
from spiceproto import extras
from spiceproto.tests.peers import absent, need

pytestmark = pytest.mark.skipif(not extras.present("aalpy"), reason=f"needs {extras.install('aalpy')}")

_SECONDS = 40.0


def _studied(address: str, machine: str) -> Study:
    target = open_target(address)
    target.start()
    try:
        return study(target, MACHINES[machine], budget=Budget(_SECONDS), walks=Walks(0))
    finally:
        target.stop()


def test_qemu_link_stage() -> None:
    need("qemu-system-x86_64")
    found = _studied("qemu:", "link")
    assert found.learned is not None and found.learned.model is not None
    shown = {(item.difference.golden, item.difference.learned) for item in found.differences}
    # It refuses a mechanism with a second link reply, which is tolerated.
    assert ("result INVALID_DATA, closed", "second reply INVALID_DATA, closed") in shown
    assert not found.wrong


def test_spice_gtk_as_a_client() -> None:
    target = open_target("spice-gtk:")
    why = target.adapter.missing()  # type: ignore[attr-defined]
    if why:
        absent(why)
    found = _studied("spice-gtk:", "client")
    assert found.learned is not None and found.learned.model is not None
    # It takes a list of channels before INIT, where the reference waits.
    assert found.learned.model.answers(["INIT SERVER"]) == ["ATTACH_CHANNELS, MOUSE_MODE_REQUEST"]
    assert "links" in found.learned.model.answers(["INIT SERVER", "CHANNELS_LIST"])[-1]
