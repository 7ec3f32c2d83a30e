"""What the rules have looked at, as reports say it."""

from __future__ import annotations

import io

import msgspec
from rich.console import Console as Terminal

from conformance.report import console, html
from conformance.report.heard import details, heard, line, silent
from conformance.report.jsonl import Run
from conformance.tests.result_samples import server_run

HEARD = {"cursor:0": {"INIT": 2, "PING": 1, "<b>": 1}, "playback:0": {}, "unknown:0": {}}


def run() -> Run:
    """A run with a tour."""
    found = server_run()
    first, *others = found.cases
    return msgspec.structs.replace(found, cases=(msgspec.structs.replace(first, heard=HEARD), *others))


def printed(*, quiet: bool = False, verbose: bool = False) -> str:
    out = io.StringIO()
    shown = console.Console(Terminal(file=out, width=300, highlight=False), quiet=quiet, verbose=verbose)
    shown.end(run())
    return out.getvalue()


def test_what_came_and_what_did_not() -> None:
    cursor, playback, unknown = heard(run())
    assert cursor.missing == ("RESET", "SET", "MOVE", "HIDE", "TRAIL", "INVAL_ONE", "INVAL_ALL") and cursor.kinds == 8
    assert playback.messages == {} and "START" in playback.missing
    assert unknown.kinds == 0
    assert "playback" in silent(heard(run())) and "cursor" not in silent(heard(run()))


def test_one_line_or_one_for_each_channel() -> None:
    said = line(run())
    assert said.startswith(
        "the rules looked at these kinds of messages: cursor:0 1 of 8; in the tour no message of the server came "
    )
    *others, last = silent(heard(run()))
    assert f" came on {', '.join(others)} and {last}: nothing is known of what it would say there" in said
    assert details(run())[1].startswith("the tour saw playback:0: nothing; not seen: ")


def test_a_run_without_a_tour() -> None:
    assert heard(server_run()) == () and line(server_run()) == "" and details(server_run()) == []


def test_the_console() -> None:
    assert "cursor:0 1 of 8" in printed() and "the tour saw" not in printed()
    assert "the tour saw cursor:0: INIT 2, PING 1" in printed(verbose=True)
    assert "cursor:0" not in printed(quiet=True)


def test_the_page() -> None:
    page = html.page(run())
    assert 'id="heard"' in page and "INIT&nbsp;2" in page and "In the tour no message of the server came on" in page
    assert "<b>&nbsp;" not in page, "what a peer says is escaped"
    assert 'id="heard"' not in html.page(server_run())
