"""Campaigns in memory: by a seed, against references with faults, and against those without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from conformance.address import open_target
from conformance.fuzz import streams
from conformance.fuzz.campaign import Campaign
from conformance.fuzz.chance import Chance
from conformance.fuzz.said import said
from conformance.fuzz.stage import Shown, Stage
from conformance.fuzz.steps import Step, parse, text
from conformance.fuzz.value_text import encoded
from conformance.fuzz.verdict import Finding

CLEAN = 500


def campaign(address: str, *, seed: int = 0, kinds: Sequence[str] = ()) -> Campaign:
    stage = Stage(open_target(address, seed=seed))
    stage.start()
    return Campaign(stage, seed=seed, kinds=kinds)


class _Late(Stage):
    """The port is closed for DATA without a byte, which is seen once something else was said, or when it is waited for."""

    def converse(self, *args: Any, **named: Any) -> Shown:
        shown = super().converse(*args, **named)
        empty = [at for at, step in enumerate(shown.steps) if (step.channel, step.word) == ("port", "DATA")]
        last = shown.steps[-1:]
        if not empty or not (named.get("again") or empty[0] < len(shown.steps) - 1):
            return shown
        sentence = "SPICE-VMC-002" if len(shown.steps) == 1 else "SPICE-FRAME-011"
        return msgspec.structs.replace(shown, findings=(Finding("closed", sentence, "port", last[0].word),))


@pytest.mark.parametrize(
    "lines",
    [
        ('port: DATA {"data": ""}', 'port: EVENT {"event": "BREAK"}'),
        ('main: MOUSE_MODE_REQUEST {"mode": ["CLIENT"]} ! set mode 9', 'port: DATA {"data": ""}'),
    ],
)
def test_a_channel_that_is_closed_is_put_down_to_the_one_step_that_is_why(lines: Sequence[str]) -> None:
    stage = _Late(open_target("ref:server"))
    stage.start()
    found = Campaign(stage)
    found.play([parse(line) for line in lines], again=True)
    (item,) = found.found
    assert (item.finding.sentence, [step.word for step in item.steps]) == ("SPICE-VMC-002", ["DATA"])


@pytest.mark.parametrize("role", ["server", "client"])
def test_one_seed_says_the_same_twice_and_another_something_else(role: str) -> None:
    def said(seed: int) -> list[str]:
        found = campaign(f"ref:{role}", seed=seed)
        return [text(found.once().steps) for _ in range(20)]

    assert said(7) == said(7) != said(8)


@pytest.mark.parametrize("role", ["server", "client"])
@pytest.mark.timeout(900)
def test_a_clean_reference_is_never_accused(role: str) -> None:
    found = campaign(f"ref:{role}", seed=3)
    found.run(count=CLEAN)
    assert [str(item.finding) for item in found.found] == [] and found.conversations == CLEAN
    assert len(found.pairs) > 100


@pytest.mark.parametrize(
    ("fault", "sentence", "steps"),
    [
        ("server?fault=unknown-message-kills-session", "SPICE-MAIN-020", 1),
        ("server?fault=grants-any-mode", "SPICE-MOUSE-001", 1),
        ("server?fault=list-only-once", "SPICE-MAIN-012", 1),
        ("server?fault=closes-for-the-wrong-movement", "SPICE-MOUSE-014", 1),
        ("server?fault=closes-for-an-early-ack", "SPICE-FRAME-039", 1),
        ("server?fault=motion-ack-every-five", "SPICE-MOUSE-018", 4),
        ("client?fault=unknown-type-fatal", "SPICE-FRAME-006", 1),
        ("client?fault=no-ack-sync", "SPICE-FRAME-019", 1),
    ],
)
@pytest.mark.timeout(900)
def test_faults_are_found_and_made_small(fault: str, sentence: str, steps: int) -> None:
    found = campaign(f"ref:{fault}", seed=1)

    def is_there() -> bool:
        return any(item.finding.sentence == sentence for item in found.found)

    found.run(count=4000, until=is_there)
    assert is_there(), [str(item.finding) for item in found.found]
    item = next(item for item in found.found if item.finding.sentence == sentence)
    assert not item.unsteady and len(item.steps) <= steps + 2, text(item.steps)


def test_findings_are_one_that_differ_in_values_and_channels_alone() -> None:
    one = Finding("closed", "SPICE-MAIN-020", "main", "type", "common=open", detail="on inputs")
    other = Finding("closed", "SPICE-MAIN-020", "inputs", "type", "common=open", detail="on port: 3")
    assert one.signature == other.signature
    assert Finding("closed", "SPICE-MAIN-020", "main", "type", "common=over").signature != one.signature


def test_the_end_of_a_process_is_the_same_whatever_sentence_fewer_steps_show() -> None:
    found = Finding("ended", "SPICE-STREAM-008", "display", "STREAM_DESTROY", where="killed by SIGSEGV")
    assert found.is_again(Finding("ended", "SPICE-IMAGE-003", "display", "DRAW_COPY", where="killed by SIGSEGV"))
    assert not found.is_again(Finding("ended", "SPICE-STREAM-008", "display", "STREAM_DESTROY", where="killed by SIGABRT"))
    rule = Finding("closed", "SPICE-MOUSE-014", "inputs", "MOUSE_POSITION")
    assert not rule.is_again(Finding("closed", "SPICE-KEY-003", "inputs", "KEY_UP"))


def test_the_end_of_a_process_is_told_in_three_words() -> None:
    found = Finding("ended", "SPICE-MIG-027", "main", "MIGRATE_END", "main=listed", "killed by SIGABRT")
    assert found.outline == "SPICE-MIG-027: peer process ended"


def test_streams_of_pictures_are_whole_but_for_some_bytes() -> None:
    chance = Chance(4)
    codecs = {item.codec for item in streams.streams()}
    assert codecs == {"QUIC", "LZ", "LZ4", "JPEG"}
    stage = Stage(open_target("ref:client"))
    stage.start()
    for _ in range(12):
        fields, stream = streams.drawn(chance)
        step = Step("display", "DRAW_COPY", fields)
        assert stream in encoded("display", "server", "DRAW_COPY", fields)[1]
        shown = stage.replay([step])
        assert not shown.findings and shown.steps == (step,)


def test_kinds_and_channels_are_those_that_were_asked_for() -> None:
    stage = Stage(open_target("ref:server"))
    stage.start()
    found = Campaign(stage, seed=2, kinds=["unknown"], channels=["inputs"])
    steps = [step for _ in range(40) for step in found.once().steps]
    assert {step.table for step in steps} == {"main", "inputs"}
    words = {step.word for step in steps if step.change or not step.is_message}
    assert words <= {"type", "do"} and "type" in words


def test_a_target_that_is_gone_ends_a_campaign_with_what_was_said_to_it_last(monkeypatch: pytest.MonkeyPatch) -> None:
    found = campaign("ref:server", seed=3)
    last = found.once()
    while not last.steps:
        last = found.once()
    refused = Shown((), (Finding("hang", "SPICE-LINK-001", detail="refused"),), frozenset(), frozenset(), last.transcript)
    monkeypatch.setattr(found.stage, "converse", lambda *values, **more: refused)
    monkeypatch.setattr(found.stage.target, "gone", lambda: "nobody listens")
    found.run(count=100)
    (item,) = found.found
    assert (item.finding.kind, item.finding.detail, item.unsteady) == ("gone", "nobody listens", False)
    assert item.steps == last.steps and item.finding.message == last.steps[-1].word
    assert found.gone == "nobody listens" and sum(found.counts.values()) == 1


def test_what_does_not_come_back_since_nobody_is_there_any_more_is_no_unsteady_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    found = campaign("ref:server", seed=3)
    closed = Finding("closed", "SPICE-MAIN-020", "inputs", "KEY_DOWN", "common=open")
    steps = (Step("inputs", "KEY_DOWN", '{"code": 1}'),)
    once = [Shown(steps, (closed,), frozenset(), frozenset(), found.once().transcript)]
    none = Shown((), (), frozenset(), frozenset(), once[0].transcript)
    monkeypatch.setattr(found.stage, "converse", lambda *values, **more: once.pop() if once else none)
    monkeypatch.setattr(found.stage.target, "gone", lambda: "nobody listens")
    found.run(count=100)
    assert [(item.finding.kind, item.steps, item.unsteady) for item in found.found] == [("gone", steps, False)]


def test_what_was_said_is_counted_by_channels() -> None:
    pairs = ["inputs begun=yes KEY_DOWN", "inputs  KEY_DOWN!", "inputs common=open pieces", "main main=listed ATTACH_CHANNELS"]
    assert said(pairs, "client") == "inputs 1 of 14, main 1 of 18"
