"""Five verdicts, and how much of the specification each is about."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from conformance.advice import advice
from conformance.report.jsonl import Run
from conformance.report.verdict import KINDS, verdict
from conformance.requirements import requirements
from conformance.tests.result_samples import (
    blocked,
    client_run,
    missing_acks,
    no_sasl,
    run_of,
    suite_error,
    waived,
    whole_stage,
)

ALL = [item for item in requirements().values() if item.role in ("server", "both")]


def with_footer(run: Run, **values: Any) -> Run:
    return msgspec.structs.replace(run, footer=msgspec.structs.replace(run.footer, **values))


def whole() -> Run:
    """A case for every sentence that binds a server."""
    cases = [
        msgspec.structs.replace(whole_stage(), id=f"{item.id}/x", requirement=item.id, verifies=(item.id,)) for item in ALL
    ]
    return with_footer(run_of(*cases), every=len(cases))


def with_a_bad_moment(run: Run) -> Run:
    """The first case passed only when it was played again."""
    first, *others = run.cases
    return msgspec.structs.replace(run, cases=(msgspec.structs.replace(first, unsteady="expected this; found that"), *others))


@pytest.mark.parametrize(
    ("run", "kind", "reason"),
    [
        (whole(), "conforms", "at level MAY"),
        (with_footer(whole(), slow=1, every=len(ALL) + 1), "conforms in scope", "at level MAY"),
        (with_a_bad_moment(whole()), "conforms in scope", "at level MAY"),
        (run_of(whole_stage()), "conforms in scope", "at level MAY"),
        (run_of(whole_stage(), waived()), "conforms in scope", "at level MAY"),
        (run_of(whole_stage(), no_sasl()), "conforms in scope", "at level MAY"),
        (run_of(missing_acks()), "does not conform", "1 of 1 executed case failed"),
        (client_run(), "does not conform", "2 of 3 executed cases failed"),
        (with_footer(run_of(whole_stage()), exit_status=1, problems=("stale",)), "does not conform", "stale"),
        (with_footer(run_of(whole_stage(), blocked()), exit_status=1), "does not conform", "1 case is blocked"),
        (run_of(whole_stage(), suite_error()), "cannot be tested", "the suite itself failed over 1 of 2"),
        (run_of(), "cannot be tested", "no case was executed"),
        (with_footer(run_of(blocked()), unusable="nobody listens", exit_status=3), "cannot be tested", "nobody listens"),
        (with_footer(run_of(missing_acks()), interrupted="SIGTERM", planned=9, missing=8), "interrupted", "by SIGTERM"),
    ],
)
def test_kinds(run: Run, kind: str, reason: str) -> None:
    found = verdict(run)
    assert found.kind == kind and found.kind in KINDS and found.reasons[0].startswith(reason)


def test_every_sentence_is_counted_once() -> None:
    for run in (whole(), run_of(whole_stage(), no_sasl(), blocked(), missing_acks())):
        found = verdict(run).scope
        parts = (found.executed, found.not_applicable, found.untestable, found.unbound, found.blocked, found.left_out)
        assert sum(parts) == found.sentences == len(ALL)
    # The case of missing acknowledgements decides two sentences: its own is broken, and the other not told apart from it.
    assert (found.executed, found.not_applicable, found.blocked) == (2, 1, 2) and found.left_out > 50
    assert found.areas == ("LINK", "MOUSE") and len(found.every) > 3
    assert "2 of the " in found.line() and "(LINK, MOUSE)" in found.line()


def test_every_case_is_counted_once() -> None:
    run = run_of(whole_stage(), missing_acks(), no_sasl(), blocked())
    run = with_footer(run, every=20, planned=7, missing=3, slow=2)
    rest = "1 not applicable, 1 blocked, 3 without a result, 2 left out because they wait long, 11 not selected"
    assert verdict(run).reasons[-1] == f"2 of 20 cases executed, {rest}"
    assert verdict(run_of(missing_acks())).reasons[-1] == "1 of 1 case executed"


def test_what_is_done_is_said_of_an_interrupted_run() -> None:
    run = with_footer(run_of(missing_acks()), interrupted="SIGTERM", planned=9, missing=8)
    assert verdict(run).reasons[1] == "1 of 9 cases have a result, 1 of them failed"


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("expected link result OK (0); found link result PERMISSION_DENIED (7)", "--password-file"),
        ("found error NEED_SECURED (5)", "spice+tls://"),
        ("cannot connect to h:1: [Errno 111] Connection refused", "--wait 30"),
        ("cannot connect to h:1: [SSL: CERTIFICATE_VERIFY_FAILED]", "--ca-file"),
        ("cannot connect to h:1: [Errno -2] Name or service not known", "nobody knows this host"),
        ("not installed: spicy", "install"),
        ("bytes that are no answer: 485454502f312e30", "another protocol"),
        ("found closed without an answer", "spice+tls://"),
        ("found nothing for 5 s", "look at the port"),
    ],
)
def test_what_to_do(why: str, words: str) -> None:
    assert words in advice(why, password=False)


def test_a_password_that_was_given_is_wrong() -> None:
    assert "does not take this password" in advice("PERMISSION_DENIED (7)", password=True)
    assert advice("something new", password=False) == ""
