"""``spiceconf learn`` as people use it: what makes no sense is said first, and how it ends where nothing begins."""

from __future__ import annotations

import pytest

from conformance.command import main
from spiceproto import extras

pytestmark = pytest.mark.skipif(not extras.present("aalpy"), reason=f"needs {extras.install('aalpy')}")


@pytest.mark.parametrize("machine", ["link", "main"])
def test_a_target_with_which_nothing_begins_is_not_learned(machine: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "127.0.0.1:1", "--machine", machine, "--machine", "session"]) == 3
    said = capsys.readouterr()
    assert said.out.count("not learned: cannot begin: ") == 1 and "session" not in said.out
    assert "--wait 30 waits until it listens" in said.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--machine", "lnik"], "link"),
        (["--machine", "main", "--without", "ATACH_CHANNELS"], "--without: no such letter; expected ATTACH_CHANNELS?"),
        (["--json", "/dev/null/x"], "/dev/null/x: nothing can be written there"),
        (["--markdown", "/dev/null/x"], "/dev/null/x: nothing can be written there"),
    ],
)
def test_what_makes_no_sense(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "ref:server", *arguments]) == 2
    found = capsys.readouterr()
    assert said in found.err and found.out == ""
