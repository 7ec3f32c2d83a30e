"""Waivers: strict in both directions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from conformance.case import Case
from conformance.results import CaseResult
from conformance.waivers import Waivers, baseline
from spiceproto.errors import LocalError

GOOD = """
[[waiver]]
select = "SPICE-LINK-006"
reason = "closes"
bug = "none filed"
expires = 2027-01-01
"""
CASE = Case("SPICE-LINK-006/zero-bytes", "server", lambda client: None, "x")
OTHER = Case("SPICE-LINK-008/major", "server", lambda client: None, "x")


def read(tmp_path: Path, text: str, today: date = date(2026, 12, 1)) -> Waivers:
    path = tmp_path / "waivers.toml"
    path.write_text(text)
    return Waivers.read(path, today=today)


def result(case: Case, outcome: str) -> CaseResult:
    return CaseResult(case.id, case.requirement, outcome)  # type: ignore[arg-type]


def test_match(tmp_path: Path) -> None:
    waivers = read(tmp_path, GOOD)
    found = waivers.match(CASE)
    assert found is not None and found.reason == "closes"
    assert waivers.match(OTHER) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace('"closes"', '" "'), "without reason"),
        (GOOD.replace('"none filed"', '""'), "without bug"),
        (GOOD.replace("reason", "raison"), "reason"),
        (GOOD.replace('select = "SPICE-LINK-006"', 'select = "colour:red"'), "unknown key"),
        ("[[waiver", "mistake"),
        ("[other]\nx = 1\n", "nothing else"),
    ],
)
def test_mistakes_in_the_file(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(LocalError, match=words):
        read(tmp_path, text)


def test_an_expired_waiver(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="expired"):
        read(tmp_path, GOOD, today=date(2027, 1, 2))
    read(tmp_path, GOOD, today=date(2027, 1, 1))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="cannot be read"):
        Waivers.read(tmp_path / "none.toml")


def test_stale_and_unknown(tmp_path: Path) -> None:
    waivers = read(tmp_path, GOOD)
    assert waivers.problems([CASE, OTHER], {CASE.id: result(CASE, "waived")}) == ()
    (stale,) = waivers.problems([CASE, OTHER], {CASE.id: result(CASE, "pass")})
    assert "stale" in stale and "SPICE-LINK-006" in stale
    (unknown,) = waivers.problems([OTHER], {})
    assert "means no case" in unknown


def test_waivers_for_some_targets(tmp_path: Path) -> None:
    path = tmp_path / "waivers.toml"
    path.write_text(GOOD + 'target = ["qemu:*", "!*over=unix*"]\n')
    for address, wanted in (("qemu:?ticket=x", True), ("qemu:?over=unix", False), ("andris:", False)):
        assert (Waivers.read(path, address=address).match(CASE) is not None) == wanted


def test_failures_that_come_and_go_are_never_stale(tmp_path: Path) -> None:
    waivers = read(tmp_path, GOOD + "sometimes = true\n")
    assert waivers.problems([CASE], {CASE.id: result(CASE, "pass")}) == ()


def test_a_baseline_can_be_read_again(tmp_path: Path) -> None:
    failed = CaseResult(CASE.id, CASE.requirement, "fail", expected='a "reply"', actual="C:\\ nothing")
    waivers = read(tmp_path, baseline({CASE.id: failed, OTHER.id: result(OTHER, "pass")}))
    found = waivers.match(CASE)
    assert found is not None and found.reason == 'expected a "reply"; found C:\\ nothing'
    assert waivers.match(OTHER) is None
