"""Cases of chapter 19 at pairs of real servers: nobody is accused, but of what is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.adapters.programs.qemu import Qemu
from conformance.run import Options, Run
from spiceproto.tests.peers import absent

WAIVERS = Path(__file__).parents[1] / "waivers" / "qemu.toml"

#: Address to the least number of cases that pass, and some that have to be among them.
PAIRS: dict[str, tuple[int, set[str]]] = {
    "qemu:?migrate=switch-host&ticket=sesame&tls=1&over=tls": (15, {"SPICE-MIG-059/switch-host-picture"}),
    "qemu:?migrate=semi-seamless": (35, {"SPICE-MIG-033/session-id", "SPICE-MIG-059/semi-seamless-sound"}),
    "qemu:?migrate=seamless&agent=1": (70, {"SPICE-MIG-052/answered", "SPICE-MIG-059/seamless-agent"}),
    "qemu:?migrate=seamless&guest=640x480x32&video=1": (70, {"SPICE-MIG-047/a-film", "SPICE-MIG-059/seamless-held-key"}),
}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("address", PAIRS)
def test_chapter_of_migrations(address: str) -> None:
    if missing := Qemu.missing():
        absent(missing)
    least, wanted = PAIRS[address]
    run = Run(Options(address, select="chapter:migration !tag:observed", waivers=str(WAIVERS)))
    run.start()
    try:
        results = {case.id: run.runner.run(case) for case in run.cases}
    finally:
        run.stop()
    run.finish(results)
    found = run.finished.values()
    assert not [(item.id, item.actual) for item in found if item.outcome in ("fail", "error")]
    passed = {item.id for item in found if item.outcome == "pass"}
    assert wanted <= passed and len(passed) >= least
