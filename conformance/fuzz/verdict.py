"""What a conversation shows. A verdict needs a sentence, or a process that has come to its end.

In this order: an exception left the target; its process has ended, or cannot be borne; the session goes on, or another one
begins; no channel was closed that nobody has hurt; what the rules have found; what is owed. Who is asked on main and does not
answer is asked by a new session before anybody says that the target hangs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Final, Literal

import msgspec

from conformance.fuzz.ends import MAIN, Place, name_of
from conformance.fuzz.layer_steps import CUTS
from conformance.fuzz.owed import debts
from conformance.fuzz.play import Escape, Mistake, Play
from conformance.fuzz.survival import lives_with
from conformance.outcome import Blocked, Failure, NotApplicable, TargetUnusable
from spiceproto import migration
from spiceproto.compared import ACROSS
from spiceproto.rules import MACHINES

__all__ = ["Finding", "Kind", "conclude", "of_escape", "of_process"]

Kind = Literal["exception", "ended", "gone", "sanitizer", "memory", "busy", "hang", "deaf", "closed", "refused", "rule", "owed"]

_WORDS: Final[dict[Kind, str]] = {
    "exception": "an exception left the target",
    "ended": "peer process ended",
    "gone": "nobody listens any more",
    "sanitizer": "a sanitizer has reported something",
    "memory": "the target takes more memory than it may",
    "busy": "the target is busy and answers nobody",
    "hang": "the target answers nobody any more",
    "deaf": "main does not answer any more",
    "closed": "a channel was closed that nobody has hurt",
    "refused": "a channel that was listed was not linked",
    "rule": "a rule was broken",
    "owed": "an answer is missing",
}

_TRIES: Final = 2
"""New sessions that are tried before a target is said to hang."""

_ANSWER: Final = {"server": "SPICE-MAIN-012", "client": "SPICE-FRAME-028"}
_OTHERS: Final = "SPICE-MAIN-020"
_ALL: Final = "SPICE-MAIN-019"
_LINK: Final = "SPICE-MAIN-018"
_DRAWS: Final = ("DRAW_", "STREAM_DATA")
_IMAGE: Final = "SPICE-IMAGE-003"

_IDS: Final = frozenset({"SPICE-LINK-030", "SPICE-LINK-032"})
"""Sentences about the id of a session, which the suite may have said wrong."""

_PIECES: Final = "SPICE-FRAME-004"

_GENERATION: Final = "SPICE-FRAME-027"
"""The sentence about an answer to nothing: of two SET_ACK that are alike, nobody can tell which was answered."""

_STRAY: Final = {"server": "SPICE-MIG-027", "client": "SPICE-MIG-026"}
_UNREAD: Final = {
    "server": {
        "SPICE-FRAME-041": "SPICE-FRAME-009",
        "SPICE-FRAME-012": "SPICE-FRAME-013",
        "SPICE-FRAME-007": "SPICE-FRAME-008",
    },
    "client": {"SPICE-FRAME-041": "SPICE-FRAME-010", "SPICE-FRAME-012": "SPICE-FRAME-014"},
}
"""What the suite has broken, and the sentence that says what a target does then: it does not end."""


class Finding(msgspec.Struct, frozen=True):
    """Something that a target should not do.

    * ``sentence``: the one that is broken
    * ``channel``: on which it was seen
    * ``message``, ``state``: of the step to which it is put down: its word, the tables before it
    * ``where``: the function of the target that an exception left, or how its process ended
    * ``detail``: what was seen, with values; two findings that differ in this alone are one
    * ``guessed``: the suite made no mistake, and the sentence is that of the last thing it said
    """

    kind: Kind
    sentence: str
    channel: str = ""
    message: str = ""
    state: str = ""
    where: str = ""
    detail: str = ""
    guessed: bool = False

    @property
    def signature(self) -> tuple[str, ...]:
        """What makes two findings one: never a value, a size, a text, or on which of several channels it was."""
        return (self.kind, self.sentence, self.where, self.message, self.state)

    @property
    def cause(self) -> tuple[str, ...]:
        """What stays the same while a conversation is made smaller."""
        return (self.kind, self.sentence, self.where)

    def is_again(self, other: Finding) -> bool:
        """Whether ``other``, of a conversation that was made smaller, is still this one.

        The sentence of a guess, and that of the end of a process, may be another one once there are fewer steps.
        """
        loose = self.guessed or self.kind in ("ended", "sanitizer")
        return self.cause == other.cause or (loose and (self.kind, self.where) == (other.kind, other.where))

    @property
    def outline(self) -> str:
        """One line that names no step of the conversation."""
        if self.kind == "ended":
            return f"{self.sentence}: {_WORDS[self.kind]}"
        place = f" on {self.channel}" if self.channel else ""
        return f"{self.sentence}: {_WORDS[self.kind]}{place}"

    def __str__(self) -> str:
        said = f" behind {self.message}" if self.message else ""
        state = f" in {self.state}" if self.state else ""
        more = "; ".join([text for text in (self.where, self.detail) if text])
        return f"{self.outline}{said}{state}" + (f": {more}" if more else "")


def of_escape(play: Play, escape: Escape, role: str) -> Finding:
    """An exception that left an end in this process."""
    return _blamed("exception", _of_end(play, role), play, f"{escape.kind} in {escape.function}", escape.said)


def of_process(play: Play, kind: Kind, role: str, how: str) -> Finding:
    """What became of a process."""
    return _blamed(kind, _of_end(play, role), play, how, "")


def _blamed(kind: Kind, sentence: str, play: Play, where: str, detail: str) -> Finding:
    channel, message, state = "", "", ""
    if (mistake := _last(play)) is not None:
        channel, message, state = name_of(mistake.place), mistake.message, mistake.state
    elif play.steps:
        channel, message = play.steps[-1].channel, play.steps[-1].word
    return Finding(kind, sentence, channel, message, state, where, detail, guessed=all(item.by for item in play.mistakes))


def _last(play: Play) -> Mistake | None:
    return play.mistakes[-1] if play.mistakes else None


def _of_end(play: Play, role: str) -> str:
    """The sentence by which a target would have gone on behind what the suite did last."""
    mistake = _last(play)
    if _in_pieces(play) and all(item.by for item in play.mistakes):
        return _PIECES
    if mistake is None:
        return _of_legal(play, role)
    if mistake.by:
        return mistake.by
    if mistake.message.startswith("MIGRATE"):
        return _STRAY[role]
    if role == "client" and mistake.message.startswith(_DRAWS):
        return _IMAGE
    for sentence in mistake.sentences:
        if sentence in _UNREAD[role]:
            return _UNREAD[role][sentence]
    return _OTHERS if mistake.place != MAIN else _ANSWER[role]


def _in_pieces(play: Play) -> bool:
    return any(step.word in ("pieces", "together", *CUTS) for step in play.steps)


def _of_legal(play: Play, role: str) -> str:
    """The sentence about the last message, none of which was wrong."""
    for step in reversed(play.steps):
        if step.is_message:
            if by := lives_with(play.end.own, step.table, step.word):
                return by
            if role == "client" and step.word.startswith(_DRAWS):
                return _IMAGE
            return _of_tables(step.table, play.end.own, step.word) or _ANSWER[role]
    return _ANSWER[role]


def _of_tables(table: str, sender: str, word: str) -> str:
    """The sentence by which a table lets a message be said; "" where none knows it."""
    for name, known in MACHINES.concerned(table, sender, word):
        for rule in MACHINES[name].rules:
            if rule.sender == sender and rule.message.partition(" ")[0] == known:
                return rule.requirement
    return ""


def conclude(play: Play, role: str) -> list[Finding]:
    """What a conversation has shown whose steps are over. Raises Escape."""
    play.flush()
    why = _try(play, play.end.alive) if MAIN not in play.hurt and not play.over else ""
    found = [*_closings(play, role), *_refusals(play), *_debts(play, role)]
    if MAIN in play.hurt or play.over or why:
        found += _anew(play, role, "" if play.over else why)
    return [*found, *_rules(play)]


def _try(play: Play, act: Callable[[], None]) -> str:
    """Why it did not work; "" if it did. Raises Escape."""
    with play.guarded():
        try:
            act()
        except (Failure, Blocked, NotApplicable, TargetUnusable) as error:
            return str(error) or type(error).__name__
    return ""


def _anew(play: Play, role: str, deaf: str) -> Iterator[Finding]:
    """Another session begins; if so, ``deaf`` says why this one does not go on."""
    for _ in range(_TRIES):
        why = _try(play, play.end.alive_anew)
        if not why:
            break
    if why:
        yield _blamed("hang", _of_end(play, role), play, "", why)
    elif deaf:
        pieces = _in_pieces(play) and all(item.by for item in play.mistakes)
        yield _blamed("deaf", _PIECES if pieces else _ANSWER[role], play, "", deaf)


def _closings(play: Play, role: str) -> Iterator[Finding]:
    main = play.talks[MAIN]
    if main.closed and MAIN not in play.hurt:
        yield _closing(play, MAIN, role)
        return
    if play.over:
        # When main is gone, the others are to go, too.
        left = [place for place, talk in play.talks.items() if talk.stream.open and place not in play.hurt and place != MAIN]
        if left and not play.end.peer.run(lambda: not [p for p in left if play.talks[p].stream.open]):
            yield Finding("rule", _ALL, name_of(left[0]), detail="open, though main is closed")
        return
    for place, talk in play.talks.items():
        if place != MAIN and place not in play.hurt:
            if not talk.closed:
                _try(play, lambda talk=talk: play.end.answers(talk))  # type: ignore[misc]
            if talk.closed and not play.over:
                yield _closing(play, place, role)


def _closing(play: Play, place: Place, role: str) -> Finding:
    """A channel that nobody has hurt was closed: put down to the last mistake that may be why."""
    channel = name_of(place)
    if _in_pieces(play) and all(item.by for item in play.mistakes):
        return Finding("closed", _PIECES, channel, guessed=True)
    own = [mistake for mistake in play.mistakes if mistake.place == place and mistake.by]
    lost = [mistake for mistake in play.mistakes if mistake.place != place and not mistake.by]
    for mistake in reversed(own or lost or play.mistakes):
        sentence = mistake.by or _OTHERS
        return Finding("closed", sentence, channel, mistake.message, mistake.state, detail=f"on {name_of(mistake.place)}")
    step = next((step for step in reversed(play.steps) if step.is_message), None)
    return Finding("closed", _of_legal(play, role), channel, "" if step is None else step.word, guessed=True)


def _refusals(play: Play) -> Iterator[Finding]:
    if play.over or play.hurt:
        return
    for place, why in play.refused.items():
        yield Finding("refused", _LINK, name_of(place), detail=why)


@cache
def _session_wide() -> frozenset[str]:
    """Sentences that several channels of a session decide: a mistake of the suite on one of them may be why."""
    of_tables = [set(machine.requirements()) for machine in MACHINES.values() if machine.scope == "session"]
    return frozenset(_IDS.union(ACROSS, migration.REQUIREMENTS, *of_tables))


def _rules(play: Play) -> Iterator[Finding]:
    unsure = set(_session_wide()) if any(not mistake.by for mistake in play.mistakes) else set()
    windows = [(step.channel, step.value) for step in play.steps if step.word == "SET_ACK"]
    if len(set(windows)) < len(windows):
        unsure.add(_GENERATION)
    for sentence, text in play.answers:
        yield Finding("rule", sentence, "", "link", detail=text)
    for seen in play.network.transcript.seen:
        if not seen.tolerated and seen.requirement not in unsure:
            expected = f"; expected {seen.expected}" if seen.expected else ""
            detail = f"{seen.text}{expected}" + (f"; found {seen.actual}" if seen.actual else "")
            yield Finding("rule", seen.requirement, seen.channel.removesuffix(":0"), detail=detail)


def _debts(play: Play, role: str) -> Iterator[Finding]:
    if play.over:
        return
    for place, talk in play.talks.items():
        if place in play.hurt or not talk.stream.open:
            continue
        if any(debts(talk, role)):
            play.end.peer.run(lambda talk=talk: not any(debts(talk, role)) or talk.closed)  # type: ignore[misc]
        for sentence, message, text in debts(talk, role):
            yield Finding("owed", sentence, name_of(place), message, detail=text)
