"""Steps played against the reference server: what they do, and whom they hurt."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.address import open_target
from conformance.fuzz.stage import Shown, Stage
from conformance.fuzz.steps import parse_all


@pytest.fixture
def stage() -> Iterator[Stage]:
    found = Stage(open_target("ref:server"))
    found.start()
    yield found
    found.stop()


def played(stage: Stage, lines: str) -> Shown:
    return stage.replay(parse_all(lines))


MOTION = 'inputs: MOUSE_MOTION {"dx": 1, "dy": 0, "buttons_state": []}\n'


@pytest.mark.parametrize(
    "lines",
    [
        MOTION * 8,
        "inputs: type 999 00\n" + MOTION,
        'inputs: MOUSE_POSITION {"x": 1, "y": 1, "buttons_state": [], "display_id": 0}\n' + MOTION,
        "inputs: pieces 1\n" + MOTION,
        "inputs: together 3\n" + MOTION * 2,
        "main: together 5\nmain: type 65535\n",
        "inputs: bytes 70\ninputs: close\n",
        "main: bytes 70000000ff\n",
        "main: half-close\ninputs: close\n",
        MOTION + "main: close\n" + MOTION,
        "inputs: silent\ninputs: reset\n",
        'main: link {"magic": "00000000"}\nmain: link {"minor": 9}\nmain: raw-link 5245\n' + MOTION,
        "main: link\n",
        'display: bare {"common_caps": 9}\n',
        "main: wait 100\n" + MOTION,
        'main: do pointer {"kind": "absolute"}\nmain: MOUSE_MODE_REQUEST {"mode": ["CLIENT"]}\n',
    ],
)
def test_the_reference_is_not_accused(stage: Stage, lines: str) -> None:
    shown = played(stage, lines)
    assert not shown.findings and shown.steps


@pytest.mark.parametrize("asked", ['SET_ACK {"generation": 3, "window": 5}', 'PING {"id": 3, "timestamp": 9, "data": ""}'])
def test_what_is_asked_on_main_outlives_the_agent(asked: str) -> None:
    stage = Stage(open_target("ref:client"))
    stage.start()
    lines = f'main: together 2\nmain: {asked}\nmain: AGENT_DISCONNECTED {{"error_code": "OK"}}\n'
    shown = played(stage, lines)
    assert not shown.findings and len(shown.steps) == 3


def test_a_client_that_waits_for_another_channel_owes_nothing_meanwhile() -> None:
    stage = Stage(open_target("ref:client"))
    stage.start()
    wait = '{"channel_type": "MAIN", "channel_id": 0, "message_serial": 7}'
    ping = 'display: PING {"id": 1, "timestamp": 2, "data": ""}\n'
    shown = played(stage, f'display: INVAL_ALL_PIXMAPS {{"wait_count": 1, "wait_list": [{wait}]}}\n{ping}')
    assert not shown.findings and len(shown.steps) == 2


def test_steps_without_sense_are_passed_over(stage: Stage) -> None:
    lines = (
        'display:9: INIT\nmain: do fly\nmain: do pointer {"kind": 3}\nmain: wait x\ninputs: pieces -1\nmain: ATTACH_CHANNELS\n'
    )
    assert [step.word for step in played(stage, lines).steps] == ["ATTACH_CHANNELS"]


def test_what_is_said_in_which_state_and_the_rows_that_were_used(stage: Stage) -> None:
    shown = stage.replay(parse_all(MOTION), count_rows=True)
    assert shown.pairs == {"inputs common=open leaving=here motion=open mouse=server-fresh MOUSE_MOTION"}
    assert "motion: open client MOUSE_MOTION" in shown.rows


def test_an_exception_that_leaves_an_end_is_a_finding_and_one_of_the_suite_is_none(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object, value: object, now: float) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("reference_server.channels.inputs.InputsChannel.handle", broken)
    (finding,) = played(stage, MOTION).findings
    assert finding.kind == "exception" and "ZeroDivisionError in reference_server." in finding.where
    assert "by nothing" in str(finding) and "by nothing" not in finding.signature
    monkeypatch.undo()
    monkeypatch.setattr("conformance.talk.Talk.send_raw", broken)
    with pytest.raises(TypeError):
        played(stage, MOTION)


@pytest.mark.parametrize(
    "words",
    [
        '{"minor": "x"}',
        '{"minor": 1099511627776}',
        '{"size": -1}',
        '{"counts": 3}',
        '{"counts": [1, -1]}',
        '{"common_caps": "x"}',
        '{"common_caps": [1099511627776]}',
        '{"common_caps": 1e400}',
        '{"connection_id": "x"}',
        '{"gap": 3}',
        '{"gap": "x"}',
        '{"speed": 3}',
    ],
)
def test_a_link_that_makes_no_sense_is_passed_over(stage: Stage, words: str) -> None:
    assert not played(stage, f"main: link {words}\n").steps


@pytest.mark.parametrize(
    "words", ['{"common_caps": "x"}', '{"common_caps": [9]}', '{"channel_caps": -1}', '{"common_caps": 1e400}']
)
def test_a_bare_link_that_makes_no_sense_is_passed_over(stage: Stage, words: str) -> None:
    assert not played(stage, f"display: bare {words}\n").steps


def test_a_time_that_is_none_is_passed_over(stage: Stage) -> None:
    assert [step.value for step in played(stage, "main: wait nan\nmain: wait soon\nmain: wait inf\n").steps] == ["inf"]
