"""What a project that writes its own target, cases or report finds in the package itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

import conformance
from conformance.faults import held_against
from conformance.memory import MemoryServerNetwork
from conformance.reference_target import MemoryServer


@pytest.mark.parametrize("name", conformance.__all__)
def test_each_name_is_there_and_in_the_essay(name: str) -> None:
    found = getattr(conformance, name)
    assert found.__name__ == name and name in dir(conformance)


def test_a_name_that_is_none() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        conformance.Nothing  # noqa: B018


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    code = "import conformance, sys; sys.exit(any(name.startswith('conformance.') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_run_with_a_target_of_ones_own() -> None:
    """As the essay has it."""

    class Mine(MemoryServer):
        opened = 0

        def open(self, case: conformance.Case) -> MemoryServerNetwork:
            self.opened += 1
            network = super().open(case)
            assert isinstance(network, MemoryServerNetwork)
            return network

    mine = Mine("ref:server")
    run = conformance.Run(conformance.Options("my server", select="SPICE-LINK-006"), target=mine)
    run.start()
    results = {case.id: run.runner.run(case) for case in run.cases}
    run.stop()
    footer = run.finish(results)
    assert footer.exit_status == 0 and footer.executed == len(run.cases) and mine.opened >= len(run.cases)
    assert set(results) == set(held_against("server", select="SPICE-LINK-006")[0])
