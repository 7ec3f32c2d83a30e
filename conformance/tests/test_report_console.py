"""What a terminal shows."""

from __future__ import annotations

import io

import msgspec
import pytest
from rich.console import Console as Terminal

from conformance.report import console
from conformance.results import Seen
from conformance.tests.result_samples import (
    blocked,
    broken_rules,
    hostile,
    missing_acks,
    no_control,
    run_of,
    server_run,
    suite_error,
    waived,
    whole_stage,
    wrong_picture,
)


def printed(
    *, terminal: bool = False, columns: int = 200, quiet: bool = False, brief: bool = False, waived: bool = False
) -> str:
    """A whole run, as text."""
    out = io.StringIO()
    screen = Terminal(file=out, force_terminal=terminal, width=columns, highlight=False, legacy_windows=False)
    found = console.Console(screen, folder="report", quiet=quiet, brief=brief, waived=waived)
    run = server_run()
    found.begin(run.header)
    for case in run.cases:
        found.working(case.id)
        found.case(case)
    found.end(run)
    return out.getvalue()


def test_the_first_line_says_of_how_many_cases_some_were_chosen() -> None:
    for every, said in ((0, "11 cases,"), (11, "11 cases,"), (618, "11 of 618 cases,")):
        out = io.StringIO()
        console.Console(Terminal(file=out, width=200)).begin(msgspec.structs.replace(server_run().header, every=every))
        assert f" tcp:127.0.0.1:5930, {said} specification" in out.getvalue()


def test_a_wrong_picture_is_named_with_what_was_there_last() -> None:
    case = wrong_picture()
    assert "pictures" not in console.failure(case, "report"), "no report, no files"
    pictures = [msgspec.structs.replace(each, file=f"x.{each.kind}.png") for each in case.pictures]
    lines = console.failure(msgspec.structs.replace(case, pictures=tuple(pictures)), "report").splitlines()
    assert [line.split()[0] for line in lines[2:]] == ["expected", "actual", "place", "repro", "pictures"]
    assert lines[4].strip() == f"place     {case.place}"
    assert lines[6].strip() == "pictures  report/x.expected.png, report/x.shown.png, report/x.difference.png"


def test_the_block_of_a_failure() -> None:
    case = msgspec.structs.replace(missing_acks(), capture="x.pcapng", reproducer="repro_x.py")
    lines = console.failure(case, "report").splitlines()
    assert lines[0].split() == [
        "FAIL",
        "SPICE-MOUSE-018/eight-motions",
        "MUST",
        "server",
        "inputs",
        "spec/04-mouse.md#43-acknowledgement-of-movements",
    ]
    assert lines[1].strip().startswith("A server MUST send one `MOUSE_MOTION_ACK`")
    assert [line.split()[0] for line in lines[2:]] == ["expected", "actual", "repro", "script", "capture"]
    assert lines[2] == "      expected  MOUSE_MOTION_ACK within 4 movements"
    assert lines[3].endswith("(step 13; last message: PING #2)")
    assert lines[4].endswith("--select SPICE-MOUSE-018/eight-motions --seed 7")
    assert lines[6] == "      capture   report/x.pcapng"


def test_an_error_of_the_suite_and_findings_of_the_rules() -> None:
    assert "IndexError" in console.failure(suite_error()) and console.failure(suite_error()).startswith("ERROR")
    assert "rules     SPICE-MAIN-002" in console.failure(broken_rules())


def test_what_a_peer_does_again_and_again_is_said_once() -> None:
    seen = [Seen("SPICE-MOUSE-020", "inputs:0", "too much", "at most 8", str(count)) for count in range(9, 36)]
    case = msgspec.structs.replace(missing_acks(), seen=(*seen, seen[0]), actual="PING, PING, PING")
    lines = [line.strip() for line in console.failure(case).splitlines()]
    assert [line for line in lines if line.startswith("rules")] == [
        "rules     SPICE-MOUSE-020: too much; expected at most 8; found 9 (28 times)"
    ]
    case = msgspec.structs.replace(case, seen=tuple(seen))
    assert "found 9 (27 times, in the end 35)" in console.failure(case)
    assert "actual    PING, 3 times " in console.failure(case)


def test_a_peer_cannot_write_to_the_terminal() -> None:
    case = msgspec.structs.replace(hostile(), actual="\x1b[2J\r\nPASS \u202e", sentence="[bold]x[/bold]")
    text = console.failure(case)
    assert "\x1b" not in text and "\r" not in text and "\u202e" not in text and "[bold]x[/bold]" in text
    assert len(text.splitlines()) == len(console.failure(missing_acks()).splitlines())


def test_a_whole_run() -> None:
    text = printed()
    assert text.count("FAIL ") == 3 and text.count("ERROR ") == 1
    assert "1 expected failure, not shown: SPICE-LINK-008/major-0" in text
    assert "not-applicable: 1 × nobody can do this to the target: pointer" in text
    assert "blocked: 1 × after SPICE-MOUSE-018/eight-motions" in text
    assert "DOES NOT CONFORM: 3 of 8 executed cases failed\n  the suite itself failed over 1 of 8" in text
    table = [line.split() for line in text.splitlines() if line.startswith(("chapter", "01-", "04-", "all"))]
    rows = {name: columns for name, *columns in table}
    assert rows["chapter"] == ["pass", "tolerated", "fail", "blocked", "not-applicable", "waived", "error"]
    assert rows["04-mouse"] == ["·", "·", "3", "1", "1", "·", "·"]
    assert rows["all"] == ["2", "1", "3", "1", "2", "1", "1"]


def test_without_a_terminal_there_is_nothing_but_text() -> None:
    text = printed()
    assert "\x1b" not in text and "\r" not in text


def test_a_terminal_gets_colours_and_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    text = printed(terminal=True)
    assert "\x1b[1;31mFAIL" in text and "\r\x1b[2K" in text
    assert " 36 %  4/11  1 failed  SPICE-LINK-060/wrong-password" in text
    monkeypatch.setenv("NO_COLOR", "1")
    assert "31m" not in printed(terminal=True)


def test_quiet_leaves_out_what_is_no_failure() -> None:
    text = printed(terminal=True, quiet=True)
    assert "11 cases, specification" not in text and "\r" not in text and "DOES NOT CONFORM" in text


def test_in_brief_there_is_the_first_failure_and_the_verdict() -> None:
    text = printed(brief=True)
    assert text.count("FAIL ") + text.count("ERROR ") == 1 and "and 3 more failures\nDOES NOT CONFORM: " in text
    assert "chapter" not in text


def test_waived_failures_can_be_shown() -> None:
    text = printed(waived=True)
    assert "WAIVED SPICE-LINK-008/major-0" in text and "https://example.org/bugs/12" in text
    assert "not shown" not in text


def test_a_clean_run_conforms() -> None:
    run = run_of(whole_stage())
    text = console.summary(run.header, run.cases, run.footer)
    assert "CONFORMS IN SCOPE: at level MAY: 1 of the " in text and "NOT" not in text


def test_what_passed_only_when_it_was_played_again_is_said() -> None:
    run = run_of(msgspec.structs.replace(whole_stage(), unsteady="expected PONG; found nothing\x1b[1m"))
    text = console.summary(run.header, run.cases, run.footer)
    assert f"unsteady: {run.cases[0].id} passed when it was played again; when it was first played: expected PONG" in text
    assert "1 case passed only when played again" in text and "\x1b" not in text


def test_a_run_with_problems_does_not_conform() -> None:
    run = run_of(whole_stage())
    footer = msgspec.structs.replace(run.footer, exit_status=1, problems=("stale",))
    assert "DOES NOT CONFORM: stale" in console.summary(run.header, run.cases, footer)


def test_what_was_waived_or_blocked_is_counted_by_reason() -> None:
    assert console.reasons([blocked(), blocked()], "blocked") == [("after SPICE-MOUSE-018/eight-motions", 2)]
    assert console.waived_line([whole_stage()]) is None
    line = console.waived_line([waived()] * 5)
    assert line is not None and line.plain.startswith("5 expected failures") and line.plain.endswith("and 2 more")


def test_many_reasons_are_folded() -> None:
    case = no_control()
    cases = [msgspec.structs.replace(case, id=f"SPICE-MOUSE-003/{index}", reason=f"reason {index}") for index in range(9)]
    run = run_of(*cases, msgspec.structs.replace(cases[8], id="SPICE-MOUSE-003/9"))
    text = console.summary(run.header, run.cases, run.footer)
    lines = [line for line in text.splitlines() if line.startswith("not-applicable:")]
    assert lines[0] == "not-applicable: 2 × reason 8" and lines[-1] == "not-applicable: 3 × for 3 other reasons"
    assert len(lines) == 7


def test_progress_fits_the_width() -> None:
    assert console.progress(5, 10, 2, "a" * 80, 30) == " 50 %  5/10  2 failed  aaaaaa…"
    assert console.progress(0, 0, 0, "", 30).startswith("100 %")
