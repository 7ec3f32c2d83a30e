"""Waivers: strict in both directions."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import msgspec
import pytest

from conformance.address import open_target
from conformance.case import Case
from conformance.results import CaseResult
from conformance.runner import Runner
from conformance.waivers import PACKAGED, Waivers, baseline
from spiceproto.errors import LocalError

GOOD = """
[[waiver]]
select = "SPICE-LINK-006"
reason = "closes"
bug = "none filed"
expires = 2027-01-01
"""
CASE = Case("SPICE-LINK-006/zero-bytes", "server", lambda client: None, "x")
LATER = Case("SPICE-LINK-006/later", "server", lambda client: None, "x")
SASL_ONLY = Case("SPICE-LINK-042/no-auth-selection", "server", lambda client: None, "x")
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


def test_entries_of_another_program_hold_as_well(tmp_path: Path) -> None:
    path = tmp_path / "waivers.toml"
    path.write_text(f'also = ["spice-gtk"]\n{GOOD}')
    library = [entry.select for entry, _ in Waivers.named("spice-gtk", address="spicy:").entries]
    both = [entry.select for entry, _ in Waivers.read(path, address="spicy:").entries]
    assert library and both == ["SPICE-LINK-006", *library]
    path.write_text('also = ["spice-gkt"]')
    with pytest.raises(LocalError, match="an unknown file in also") as error:
        Waivers.read(path)
    assert "spice-gtk" in str(error.value)


def test_no_file_that_others_name_names_others() -> None:
    named = {name for path in PACKAGED.glob("*.toml") for name in tomllib.loads(path.read_text()).get("also", ())}
    assert named and not any(tomllib.loads((PACKAGED / f"{name}.toml").read_text()).get("also") for name in named)


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


@pytest.mark.parametrize("address", ["qemu:", "127.0.0.1:5900", "console.vv", "unix:/socket", "qemu:?over=unix"])
def test_waivers_of_a_program_fit_wherever_it_listens(address: str) -> None:
    """What is known of QEMU is known of one that somebody else has started; only a Unix socket makes a difference."""
    waivers = Waivers.named("qemu", address=address)
    assert all(not entry.target for path in PACKAGED.glob("*.toml") for entry, _ in Waivers.read(path).entries)
    case = Case("SPICE-LINK-040/sasl-not-announced", "server", lambda client: None, "x")
    assert waivers.match(case) is not None
    if "unix" in address:
        target = open_target(address)
        Runner(target, [], waivers=waivers)
        assert waivers.match(case) is None and waivers.match(SASL_ONLY) is not None


def test_needs_of_a_waiver(tmp_path: Path) -> None:
    waivers = read(tmp_path, GOOD + 'needs = ["tls", "!sasl"]\n')
    for has, wanted in (({"tls"}, True), ({"tls", "sasl"}, False), (set(), False)):
        waivers.meets = has.__contains__
        assert (waivers.match(CASE) is not None) == wanted
        assert waivers.problems([CASE], {CASE.id: result(CASE, "pass")}) == () or wanted
    with pytest.raises(LocalError, match="an unknown need"):
        read(tmp_path, GOOD + 'needs = ["!unix-soket"]\n')


def test_what_was_blocked_makes_no_waiver_stale(tmp_path: Path) -> None:
    both = {CASE.id: result(CASE, "pass"), LATER.id: result(LATER, "blocked")}
    assert read(tmp_path, GOOD).problems([CASE, LATER], both) == ()


def test_failures_that_come_and_go_are_never_stale(tmp_path: Path) -> None:
    waivers = read(tmp_path, GOOD + "sometimes = true\n")
    assert waivers.problems([CASE], {CASE.id: result(CASE, "pass")}) == ()


def test_a_baseline_can_be_read_again(tmp_path: Path) -> None:
    failed = CaseResult(CASE.id, CASE.requirement, "fail", expected='a "reply"', actual="C:\\ nothing")
    waivers = read(tmp_path, baseline({CASE.id: failed, OTHER.id: result(OTHER, "pass")}))
    found = waivers.match(CASE)
    assert found is not None and found.reason == 'expected a "reply"; found C:\\ nothing'
    assert waivers.match(OTHER) is None


MANNER = GOOD + "tolerated = true\n"


def test_a_manner_is_no_waiver(tmp_path: Path) -> None:
    waivers = read(tmp_path, MANNER)
    assert waivers.match(CASE) is None and waivers.tolerates(CASE) and not waivers.tolerates(OTHER)
    assert not read(tmp_path, GOOD).tolerates(CASE)


def test_a_manner_that_nobody_has_any_more(tmp_path: Path) -> None:
    waivers, done = read(tmp_path, MANNER), msgspec.structs.replace(result(CASE, "pass"), manner="tolerated")
    assert waivers.problems([CASE], {CASE.id: done}) == ()
    (problem,) = waivers.problems([CASE], {CASE.id: result(CASE, "pass")})
    assert "stale" in problem and "is done" in problem


def test_manners_of_the_programs_that_the_suite_starts() -> None:
    case = Case("SPICE-LINK-029/type-7", "server", lambda client: None, "x")
    assert Waivers.packaged("qemu:?displays=2").tolerates(case)
    assert not Waivers.packaged("127.0.0.1:5900").tolerates(case)
    assert not Waivers.packaged("ref:server").entries


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "waivers.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(LocalError, match="a waiver file that cannot be read"):
        Waivers.read(tmp_path / "waivers.toml")
