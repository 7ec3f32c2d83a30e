"""One case at a time: what it rests on, what its end is called, and what only the whole run shows."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from conformance.as_client import SuiteClient
from conformance.case import Case
from conformance.expectation import check_value
from conformance.outcome import Blocked, Failure, NotApplicable, Undriven
from conformance.reference_target import MemoryServer
from conformance.results import CaseResult, Difference, Seen
from conformance.run import LEVELS
from conformance.runner import Runner, finish
from conformance.waivers import Waiver, Waivers

BAD, GOOD = "SPICE-LINK-006/bad", "SPICE-LINK-006/good"


def case(id: str, run: Callable[[SuiteClient], None], **more: object) -> Case:
    return Case(id, "server", run, "x", **more)  # type: ignore[arg-type]


def fails(client: SuiteClient) -> None:
    raise Failure("this", "that")


def passes(client: SuiteClient) -> None:
    client.main()


def relies(client: SuiteClient) -> None:
    client.relies_on(BAD, GOOD)
    raise Failure("more", "less")


class Dying(MemoryServer):
    """A server whose process has ended."""

    @property
    def ended(self) -> str:
        return "killed by SIGSEGV"


def runner(*cases: Case, target: MemoryServer | None = None, waivers: Waivers | None = None, level: str = "may") -> Runner:
    levels = LEVELS[: LEVELS.index(level) + 1]
    return Runner(target or MemoryServer("ref:server"), cases, waivers=waivers, levels=levels)


def test_what_a_case_requires_is_run_first_and_blocks_it() -> None:
    later = case("SPICE-LINK-008/later", passes, requires=(BAD,))
    found = runner(later, case(BAD, fails))
    assert (found.run(later).outcome, found.run(later).blocked_by) == ("blocked", (BAD,))
    assert found.results[BAD].outcome == "fail"


@pytest.mark.parametrize(("failures", "outcome"), [(0, "pass"), (1, "pass"), (2, "blocked")])
def test_what_the_target_could_not_be_told_is_tried_a_second_time(failures: int, outcome: str) -> None:
    played = []

    def needs_focus(client: SuiteClient) -> None:
        played.append(client)
        if len(played) <= failures:
            raise Undriven("motion", "error: the window does not grab the pointer")

    one = case(GOOD, needs_focus)
    assert runner(one).run(one).outcome == outcome
    assert len(played) == (1 if failures == 0 else 2)


class OnABusyMachine(MemoryServer):
    """A server whose clock is that of the machine."""

    virtual = False


def fails_at_first(failures: int, played: list[SuiteClient]) -> Callable[[SuiteClient], None]:
    def run(client: SuiteClient) -> None:
        played.append(client)
        client.main()
        if len(played) <= failures:
            raise Failure("this", "that")

    return run


@pytest.mark.parametrize(("failures", "outcome", "plays"), [(0, "pass", 1), (1, "pass", 2), (2, "fail", 2)])
def test_nobody_is_accused_of_a_bad_moment(failures: int, outcome: str, plays: int) -> None:
    played: list[SuiteClient] = []
    one = case(GOOD, fails_at_first(failures, played))
    found = runner(one, target=OnABusyMachine("ref:server")).run(one)
    assert (found.outcome, len(played)) == (outcome, plays)
    assert found.unsteady == ("expected this; found that" if failures == 1 else "")
    assert bool(found.transcript) == (failures > 0), "what happened when it failed is kept"


def test_who_fails_at_many_things_has_more_than_a_bad_moment() -> None:
    played: list[list[SuiteClient]] = [[] for _ in range(20)]
    cases = [case(f"SPICE-LINK-{number + 1:03}/one", fails_at_first(9, played[number])) for number in range(20)]
    found = runner(*cases, target=OnABusyMachine("ref:server"))
    assert {found.run(item).outcome for item in cases} == {"fail"}
    assert [len(item) for item in played] == [2] * 12 + [1] * 8


def test_with_a_clock_that_only_counts_nothing_is_a_bad_moment() -> None:
    played: list[SuiteClient] = []
    one = case(GOOD, fails_at_first(1, played))
    assert runner(one).run(one).outcome == "fail" and len(played) == 1


def test_what_is_blocked_names_what_is_behind_it() -> None:
    one = case("SPICE-LINK-008/one", passes, requires=(BAD,))
    two = case("SPICE-LINK-008/two", passes, requires=("SPICE-LINK-008/one",))
    found = runner(two, one, case(BAD, fails))
    assert (found.run(two).outcome, found.run(two).blocked_by) == ("blocked", (BAD,))


def test_a_preparation_that_failed_names_what_it_relied_on() -> None:
    def prepares(client: SuiteClient) -> None:
        with client.preparing("a session"):
            client.relies_on(BAD)
            raise Failure("INIT", "nothing")

    one = case(GOOD, prepares)
    found = runner(one, case(BAD, fails)).run(one)
    assert (found.outcome, found.blocked_by, found.reason) == ("blocked", (BAD,), "")


def test_what_another_level_is_about_does_not_block_what_can_be_played() -> None:
    """SPICE-LINK-010 is a SHOULD: what requires it, or relies on it, is played, and blocked if it fails itself."""
    should = case("SPICE-LINK-010/should", fails)

    def fails_by_it(client: SuiteClient) -> None:
        client.relies_on(should.id)
        raise Failure("this", "that")

    def passes_with_it(client: SuiteClient) -> None:
        client.relies_on(should.id)

    cases = {
        name: case(f"SPICE-LINK-008/{name}", run, requires=requires)
        for name, run, requires in (
            ("required", passes, (should.id,)),
            ("required-and-fails", fails, (should.id,)),
            ("relied-on", passes_with_it, ()),
            ("relied-on-and-fails", fails_by_it, ()),
        )
    }
    outcomes = {}
    for level in ("must", "should"):
        found = runner(should, *cases.values(), level=level)
        assert found.run(should).outcome == "fail"
        outcomes[level] = [found.run(item).outcome for item in cases.values()]
    assert outcomes == {"must": ["pass", "blocked", "pass", "blocked"], "should": ["blocked"] * 4}


def test_a_tour_that_misses_a_channel_says_nothing_of_its_sentences() -> None:
    """What is about that channel is blocked by the cause; all else is decided by the rest of the tour."""

    def tour(client: SuiteClient) -> None:
        client.main()
        with client.visiting("inputs"):
            client.relies_on(BAD)
            raise Failure("INIT", "nothing")

    ids = ("SPICE-INPUTS-001/observed", "SPICE-MAIN-002/observed")
    observed = [case(id, tour, from_rules=True) for id in ids]
    found = runner(*observed, case(BAD, fails))
    results = [found.run(item) for item in observed]
    assert [(result.outcome, result.blocked_by) for result in results] == [("blocked", (BAD,)), ("pass", ())]


def test_what_a_case_relies_on_blocks_it_only_if_it_fails_itself() -> None:
    one, other = case("SPICE-LINK-008/one", relies), case("SPICE-LINK-008/other", passes)
    found = runner(one, other, case(BAD, fails), case(GOOD, passes))
    assert (found.run(one).outcome, found.run(one).blocked_by) == ("blocked", (BAD,))
    assert found.run(other).outcome == "pass"


def test_what_rests_on_a_known_failure_is_not_played() -> None:
    played: list[SuiteClient] = []

    def rests(client: SuiteClient) -> None:
        client.relies_on(BAD)
        played.append(client)

    one = case("SPICE-LINK-008/one", rests)
    found = runner(one, case(BAD, fails))
    assert found.run(one).outcome == "pass" and len(played) == 1, "nobody knows yet"
    found = runner(one, case(BAD, fails))
    found.run(found.cases[BAD])
    assert (found.run(one).outcome, found.run(one).blocked_by) == ("blocked", (BAD,)) and len(played) == 1


def test_what_blocks_another_case_is_not_blocked_by_it() -> None:
    """A case that fails, and relies on one that is blocked by it."""
    other = "SPICE-LINK-006/other"

    def relying(client: SuiteClient) -> None:
        client.relies_on(other)
        raise Failure("this", "that")

    def blocked(client: SuiteClient) -> None:
        raise Blocked("not seen", (BAD,))

    one, two = case(BAD, relying), case(other, blocked)
    found = runner(one, two)
    assert [found.run(item).outcome for item in (one, two)] == ["fail", "blocked"]
    assert found.run(two).blocked_by == (BAD,)


def test_what_a_case_relies_on_does_not_run_in_a_circle() -> None:
    """Two cases that rely on each other, and one that requires what relies on it: one failure each."""
    other = "SPICE-LINK-006/other"

    def relying_on(id: str) -> Callable[[SuiteClient], None]:
        def run(client: SuiteClient) -> None:
            client.relies_on(id)
            raise Failure("this", "that")

        return run

    one, two = case(BAD, relying_on(other)), case(other, relying_on(BAD))
    found = runner(one, two)
    assert [found.run(item).outcome for item in (one, two)] == ["blocked", "fail"]
    requires = case(other, passes, requires=(BAD,))
    found = runner(one, requires)
    assert [found.run(item).outcome for item in (one, requires)] == ["fail", "blocked"]


def test_a_preparation_that_failed_blocks() -> None:
    def prepares(client: SuiteClient) -> None:
        with client.preparing("a session"):
            raise Failure("INIT", "nothing")

    one = case(GOOD, prepares)
    result = runner(one).run(one)
    assert (result.outcome, result.reason, result.blocked_by) == ("blocked", "a session: expected INIT; found nothing", ())


def test_a_failure_keeps_what_differs() -> None:
    def differs(client: SuiteClient) -> None:
        check_value("header", "size", 1, 2)

    one = case(GOOD, differs)
    assert runner(one).run(one).differences == (Difference("header", "size", "2", "1"),)


def test_a_process_that_ended_is_said_where_it_did() -> None:
    """Whatever else is wrong: an end of the target's process is never a case that something else has blocked."""
    one = case("SPICE-LINK-008/one", relies)
    result = runner(one, case(BAD, fails), target=Dying("ref:server")).run(one)
    assert (result.outcome, result.actual) == ("fail", "peer process ended: killed by SIGSEGV")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(Failure("a", "b"), "fail"), (NotApplicable("no"), "not-applicable"), (KeyError("x"), "error")],
)
def test_ends(error: Exception, outcome: str) -> None:
    def ends(client: SuiteClient) -> None:
        raise error

    one = case(GOOD, ends)
    assert runner(one).run(one).outcome == outcome


def test_a_case_is_run_once() -> None:
    times: list[SuiteClient] = []
    one = case(GOOD, times.append)
    found = runner(one)
    assert found.run(one) is found.run(one) and len(times) == 1


def test_what_the_rules_saw_anywhere_fails_the_observed_case_and_can_be_waived() -> None:
    observed, other = "SPICE-MAIN-002/observed", "SPICE-LINK-006/other"
    seen = Seen("SPICE-MAIN-002", "main:0", "INIT twice", "one", "two")
    results = {
        observed: CaseResult(observed, "SPICE-MAIN-002", "pass"),
        other: CaseResult(other, "SPICE-LINK-006", "pass", seen=(seen,)),
    }
    found = finish(results, {observed}, lambda result: result)
    assert found[observed].outcome == "fail" and other in found[observed].actual and found[other].outcome == "pass"
    waivers = Waivers([Waiver("SPICE-MAIN-002", "known", "none filed")])
    waived = finish(results, {observed}, runner(case(observed, passes), waivers=waivers).waived)[observed]
    assert (waived.outcome, waived.reason, waived.bug) == ("waived", "known", "none filed")
    only_tolerated = msgspec.structs.replace(seen, tolerated=True)
    results[other] = msgspec.structs.replace(results[other], seen=(only_tolerated,))
    assert finish(results, {observed}, lambda result: result)[observed].manner == "tolerated"


def closes(client: SuiteClient) -> None:
    client.tolerate("closing without an answer")


def poor(client: SuiteClient) -> None:
    client.tolerate("the error VERSION_MISMATCH", against="SPICE-LINK-021")


KNOWN = Waivers([Waiver("SPICE-LINK-006", "closes", "none filed", tolerated=True)])


def test_a_manner_is_tolerated_of_those_of_whom_it_is_known() -> None:
    """The same conversation and the same evidence: of anybody else it is a failure of the sentence."""
    one = case("SPICE-LINK-006/closes", closes)
    known = Runner(MemoryServer("ref:server"), (one,), manners=(KNOWN,)).run(one)
    assert (known.outcome, known.manner, known.tolerated) == ("pass", "tolerated", "closing without an answer")
    unknown = runner(one).run(one)
    assert (unknown.outcome, unknown.manner, unknown.actual) == ("fail", "exact", "closing without an answer")
    assert unknown.expected == unknown.sentence and len(unknown.transcript) == len(known.transcript)


def test_a_manner_against_another_sentence_is_judged_there() -> None:
    one = case("SPICE-LINK-006/poor", poor)
    assert (runner(one).run(one).outcome, runner(one).run(one).manner) == ("pass", "tolerated")
    two = case("SPICE-LINK-021/poor", poor)
    assert runner(two).run(two).outcome == "fail"


def test_a_known_manner_waives_no_failure() -> None:
    one = case("SPICE-LINK-006/x", fails)
    assert runner(one, waivers=KNOWN).run(one).outcome == "fail"


def test_what_the_rules_tolerate_fails_the_observed_case_of_a_stranger() -> None:
    id = "SPICE-MOUSE-012/observed"
    observed = msgspec.structs.replace(case(id, passes), from_rules=True)
    seen = Seen("SPICE-MOUSE-012", "inputs:0", "MOUSE_POSITION in state server-fresh", "", "", tolerated=True)
    results = {id: CaseResult(id, "SPICE-MOUSE-012", "pass", seen=(seen,), sentence="the sentence")}
    stranger = finish(results, {id}, runner(observed).waived)[id]
    assert (stranger.outcome, stranger.expected, stranger.manner) == ("fail", "the sentence", "exact")
    assert "server-fresh" in stranger.actual
    manners = (Waivers([Waiver("SPICE-MOUSE-012", "says 0, 0", "none filed", tolerated=True)]),)
    known = finish(results, {id}, Runner(MemoryServer("ref:server"), (observed,), manners=manners).waived)[id]
    assert (known.outcome, known.manner) == ("pass", "tolerated")
