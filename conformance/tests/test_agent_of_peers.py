"""Cases about the guest agent at real programs: nobody is accused, but of what is known."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.adapters.programs.libspice_server import LibspiceServer
from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.programs.spice_gtk import SpiceGtk
from conformance.run import Options, Run
from spiceproto.tests.peers import absent

#: Address to its program, the least cases of the chapter that are executed, and those that are known to fail.
PEERS: dict[str, tuple[Any, int, set[str]]] = {
    "libspice-server:?agent=1": (LibspiceServer, 28, set()),
    "qemu:?agent=1": (Qemu, 18, set()),
    "spice-gtk:": (
        SpiceGtk,
        65,
        {"SPICE-AGENT-013/content", "SPICE-AGENT-013/grab", "SPICE-AGENT-052/unknown-result"},
    ),
}


@pytest.mark.parametrize("address", PEERS)
def test_chapter_of_the_agent(address: str) -> None:
    program, least, known = PEERS[address]
    missing = program.missing()
    if missing:
        absent(missing)
    run = Run(Options(address, select="chapter:agent"))
    run.start()
    try:
        results = {case.id: run.runner.run(case) for case in run.cases}
    finally:
        run.stop()
    run.finish(results)
    found = run.finished.values()
    assert {item.id for item in found if item.outcome in ("fail", "error")} <= known
    assert sum(item.outcome in ("pass", "tolerated", "fail") for item in found) >= least
