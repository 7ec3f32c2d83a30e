"""``spiceconf lint --filter``: everything is judged, and what was found at messages that fit is shown."""

from __future__ import annotations

import json

import pytest

from conformance.command import main
from conformance.lint import lint
from spiceproto.filters import Filter, Selection
from spiceproto.tests.recorded import HERE

KEYS = HERE / "zero-scancodes.pcap"


def requirements(expression: str) -> list[str]:
    found = lint(KEYS, selection=Selection(Filter(expression)))
    return [finding.requirement for finding in found.shown(found.findings)]


def test_findings_at_messages_that_fit() -> None:
    everything = [finding.requirement for finding in lint(KEYS).findings]
    assert requirements("name == KEY_SCANCODE") == ["SPICE-KEY-007"]
    assert requirements("name == KEY_UP") == ["SPICE-MOUSE-025", "SPICE-MOUSE-026"]
    assert requirements("channel == inputs and direction == client") == everything
    assert requirements("channel == main") == []
    assert sorted(requirements("code >= 0") + requirements("name == KEY_SCANCODE")) == sorted(everything)


def test_verdicts_are_those_of_the_whole() -> None:
    found, whole = lint(KEYS, selection=Selection(Filter("channel == main"))), lint(KEYS)
    assert [(item.requirement, item.verdict) for item in found.rulings()] == [
        (item.requirement, item.verdict) for item in whole.rulings()
    ]


def test_what_is_not_shown_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(KEYS), "--filter", "name == KEY_SCANCODE"]) == 1
    out = capsys.readouterr().out
    assert "SPICE-KEY-007" in out and "SPICE-MOUSE" not in out and "3 broken" in out
    assert "  not shown: 3 findings at messages that do not fit" in out
    assert main(["lint", str(KEYS), "--filter", "name == KEY_SCANCODE", "--json"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    broken = {line["requirement"]: len(line["findings"]) for line in lines if line.get("verdict") == "broken"}
    assert broken == {"SPICE-KEY-007": 1, "SPICE-MOUSE-025": 0, "SPICE-MOUSE-026": 0}


def test_a_filter_that_means_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(KEYS), "--filter", "name == KEY_SCANCODES"]) == 2
    assert "no such message; expected KEY_SCANCODE" in capsys.readouterr().err
