"""One conversation: what a run says of messages, numbers, questions and time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability, MainCapability
from spiceproto.errors import LocalError
from spiceproto.machine import (
    ANY,
    CLOSE,
    EVERY,
    Announced,
    Counter,
    Deadline,
    Echo,
    Forbidden,
    Machine,
    Rule,
    Run,
    Split,
)
from spiceproto.rules import MACHINES

NAMED = Announced(client=(MainCapability.NAME_AND_UUID,))
EVERYTHING = Capabilities((1 << 32) - 1, (1 << 32) - 1)

DOOR = Machine(
    "door",
    channels=("main",),
    states={"shut": "Nobody knocked.", "asked": "Somebody did.", "open": "It is open.", "over": "The house is gone."},
    rules=(
        Rule("shut", "client", "KNOCK", "asked", "R-1"),
        Rule("asked", "server", "ANSWER yes", "open", "R-2"),
        Rule("asked", "server", "ANSWER no", "shut", "R-2"),
        Rule("open", "server", "NAME", "open", "R-3", when=NAMED),
        Rule("open", "client", ANY, "open", "R-4"),
        Rule("open", "server", CLOSE, "over", "R-5", tolerated=True),
    ),
    final=("over",),
    splits=(Split("server", "ANSWER", ("yes",), (((1,), "yes"),), "no"),),
    forbidden=(
        Forbidden("client", "KNOCK", "R-6"),
        Forbidden("client", ANY, "R-7"),
        Forbidden("server", "ANSWER yes", "R-8", then="open"),
        Forbidden("server", "ANSWER no", "R-8"),
        Forbidden("server", "NAME", "R-9", state="over"),
        Forbidden("server", "NAME", "R-10"),
        Forbidden("server", CLOSE, "R-11", then="over"),
    ),
    deadlines=(Deadline("asked", "server", 5.0, "R-12"),),
)

OPEN = (Rule("open", "client", "X", "open", "R-1"), Rule("open", "server", "Y", "open", "R-2"))
WINDOWED = Machine(
    "windowed",
    channels=EVERY,
    states={"open": "The only one."},
    rules=(*OPEN, Rule("open", "server", "SET", "open", "R-3")),
    counters=(
        Counter("fixed", (("client", "X"),), (("server", "Y"),), "R-ABOVE", "R-BELOW", most=2, unit=2),
        Counter(
            "set",
            (("client", ANY),),
            (("server", "Y"),),
            "R-HIGH",
            "R-LOW",
            most=1,
            more=1,
            unit_from=("server", "SET", "size"),
            states=("open",),
        ),
    ),
)


def broken(run: Run, sender: str, message: str, value: object = None, **more: bool) -> list[str]:
    """Sentences that a message breaks."""
    return [item.requirement for item in run.feed(sender, message, value, **more).breaches]


# -- what a run says


def test_legal_run() -> None:
    run = Run(DOOR, client=EVERYTHING)
    assert run.feed("client", "KNOCK").legal
    verdict = run.feed("server", "ANSWER", {"yes": 1})
    assert (verdict.letter, verdict.before, verdict.after, verdict.legal) == ("ANSWER yes", "asked", "open", True)
    assert run.feed("server", "NAME").legal
    assert run.feed("client", "ANYTHING").letter == ANY
    assert run.feed("server", "NOTHING OF ITS CONCERN").letter == ""
    verdict = run.feed("server", CLOSE)
    assert verdict.legal and verdict.tolerated and run.finished


def test_values_may_be_objects() -> None:
    class Answer:
        yes = 1

    run = Run(DOOR, state="asked")
    assert run.feed("server", "ANSWER", Answer()).after == "open"


def test_illegal_messages_name_their_sentence() -> None:
    run = Run(DOOR)
    verdict = run.feed("client", "ANYTHING")
    assert [item.requirement for item in verdict.breaches] == ["R-7"]
    assert verdict.breaches[0].expected == "KNOCK" and verdict.after == "shut"
    assert broken(run, "server", "ANSWER", {"yes": 1}) == ["R-8"]
    assert run.state == "open"  # where the table says an observer goes on
    assert broken(run, "client", "KNOCK") == ["R-6"]
    assert broken(Run(DOOR, state="over"), "server", "NAME") == ["R-9"]
    assert broken(Run(DOOR, state="shut"), "server", "NAME") == ["R-10"]


def test_capabilities() -> None:
    for client, wanted in ((NONE, ["R-3"]), (EVERYTHING, []), (None, [])):
        assert broken(Run(DOOR, state="open", client=client), "server", "NAME") == wanted


@given(client=st.sampled_from([None, NONE, EVERYTHING]), server=st.sampled_from([None, NONE, EVERYTHING]))
def test_announced_and_its_negation(client: Capabilities | None, server: Capabilities | None) -> None:
    both = (CommonCapability.MINI_HEADER,)
    plain = Announced(client=both, server=both)
    negated = Announced(client=both, server=both, negated=True)
    known = client is not None and server is not None
    assert plain.holds(client, server) or negated.holds(client, server)
    if known:
        assert plain.holds(client, server) != negated.holds(client, server)


def test_deadlines() -> None:
    run = Run(DOOR)
    assert run.deadline is None
    run.feed("client", "KNOCK", now=10.0)
    assert run.deadline == 15.0
    assert not run.overdue(15.0)
    assert [item.requirement for item in run.overdue(15.1)] == ["R-12"]


def test_counter_bounds() -> None:
    run = Run(WINDOWED)
    assert not any(broken(run, "client", "X") for _ in range(4))
    assert broken(run, "client", "X") == ["R-ABOVE"]
    assert broken(run, "server", "Y") == [] and run.counts["fixed"] == 3
    assert broken(run, "server", "Y") == []
    assert broken(run, "server", "Y") == ["R-BELOW"] and run.counts["fixed"] == 0


def test_counter_with_a_unit_from_the_wire() -> None:
    run = Run(WINDOWED)
    run.feed("server", "SET", {"size": 3})
    assert run.units["set"] == 3
    for _ in range(4):
        assert "R-HIGH" not in broken(run, "client", "UNNAMED")
    assert broken(run, "client", "UNNAMED") == ["R-HIGH"]
    assert broken(run, "client", "UNNAMED", inside=True) == []
    run.feed("server", "SET", {"size": 0})
    assert "R-LOW" in broken(run, "server", "Y")


def test_a_run_that_is_not_whole_is_not_held_to_its_past() -> None:
    assert Run(WINDOWED, whole=False).feed("server", "Y").legal


def test_echo() -> None:
    machine = Machine(
        "m",
        channels=EVERY,
        states={"open": "The only one."},
        rules=OPEN,
        echoes=(Echo("e", ("client", "X"), ("server", "Y"), ("id",), "R-E"),),
    )
    run = Run(machine)
    for number in (1, 2, 2):
        run.feed("client", "X", {"id": number})
    assert len(run.asked["e"]) == 3
    assert broken(run, "server", "Y", {"id": 2}) == []
    assert broken(run, "server", "Y", {"id": 2}) == []
    assert broken(run, "server", "Y", {"id": 2}) == ["R-E"]
    assert broken(run, "server", "Y", {"id": 1}) == []


def test_echo_letters_follow_the_newest_question() -> None:
    run = Run(MACHINES["acknowledgement"])
    for number in (1, 2, 3):
        run.feed("server", "SET_ACK", {"generation": number, "window": 5})
    assert run.feed("client", "ACK_SYNC", {"generation": 1}).letter == "ACK_SYNC older"
    assert run.feed("client", "ACK_SYNC", {"generation": 3}).after == "agreed"
    assert not run.asked["generation"]
    assert broken(run, "client", "ACK_SYNC", {"generation": 2}) == ["SPICE-FRAME-027"]


def test_what_was_asked_twice_is_answered_twice() -> None:
    """A server may name one generation again."""
    run = Run(MACHINES["acknowledgement"])
    for _ in range(2):
        run.feed("server", "SET_ACK", {"generation": 1, "window": 5})
    assert run.feed("client", "ACK_SYNC", {"generation": 1}).after == "asked"
    assert run.feed("client", "ACK_SYNC", {"generation": 1}).after == "agreed"
    assert broken(run, "client", "ACK_SYNC", {"generation": 1}) == ["SPICE-FRAME-027"]


def test_copies_are_independent() -> None:
    run = Run(WINDOWED)
    run.feed("client", "X")
    other = run.copy()
    other.feed("client", "X")
    assert (run.counts["fixed"], other.counts["fixed"]) == (1, 2)


def test_unknown_state() -> None:
    with pytest.raises(LocalError):
        Run(DOOR, state="ajar")
