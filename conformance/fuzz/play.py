"""Plays steps against a target, and keeps what verdicts rest on.

A channel is *hurt* once the target may close it, or wait on it for ever: the suite has broken a sentence there that no
target has to live with, has sent a part of a message, or has left. What a target has to live with is in
:mod:`conformance.fuzz.survival`.
"""

from __future__ import annotations

import math
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec

from conformance.client_wire import Ask
from conformance.fuzz.ends import MAIN, AsClient, End, Place
from conformance.fuzz.layer_steps import LAYER_WORDS, act, connect_raw
from conformance.fuzz.link_answer import of_link
from conformance.fuzz.link_words import bare_words, link_words
from conformance.fuzz.steps import Step
from conformance.fuzz.survival import UNKNOWN, may_close, may_wait, survived
from conformance.fuzz.value_text import encoded
from conformance.fuzz.words import digits_of, number_of, words_of
from conformance.outcome import Blocked, Failure, NotApplicable, TargetUnusable
from conformance.talk import Talk
from spiceproto import dispatch
from spiceproto.enums.main import MouseMode
from spiceproto.errors import LocalError
from spiceproto.machine import Run

__all__ = ["Escape", "Mistake", "Play"]

_LONGEST_WAIT: Final = 60.0
_OF_MODE: Final = {"motion": MouseMode.SERVER, "position": MouseMode.CLIENT}
"""Verbs that make sense in one mouse mode: in the other, some clients do what they are told."""

_MOST_TOGETHER: Final = 100


class Mistake(msgspec.Struct, frozen=True):
    """Something that the suite did in ``step``, the number of which is ``index``.

    * ``place``: the channel; ``message``: what was said, as far as its number says so; ``state``: of the tables before
    * ``sentences``: those that it broke
    * ``by``: the sentence by which the target has to live with it; "" for none
    """

    index: int
    step: Step
    place: Place
    message: str
    state: str
    sentences: tuple[str, ...]
    by: str = ""


class Escape(Exception):
    """An exception left an end in this process. ``kind`` is its type, ``function`` the innermost one of the target."""

    def __init__(self, error: BaseException, function: str) -> None:
        super().__init__("".join(traceback.format_exception(error)))
        self.kind = type(error).__name__
        self.function = function
        self.said = str(error)


class Play:
    """One conversation.

    * ``steps``: those that were played; steps that make no sense where they stand are passed over
    * ``mistakes``: what the suite did that is not as it should be
    * ``hurt``: place to the mistake that has hurt it
    * ``refused``: places whose link the target has refused, and how
    * ``pairs``: what was said in which state
    * ``answers``: what was wrong with answers to links: sentence and text
    """

    def __init__(self, end: End, package: str = "") -> None:
        self.end = end
        self.network = end.peer.network
        self.steps: list[Step] = []
        self.mistakes: list[Mistake] = []
        self.hurt: dict[Place, Mistake] = {}
        self.refused: dict[Place, str] = {}
        self.talks: dict[Place, Talk] = {}
        self.pairs: set[str] = set()
        self.answers: list[tuple[str, str]] = []
        self._package = package
        self._gathered: dict[Place, _Gathered] = {}

    # -- what is known

    @property
    def over(self) -> bool:
        """Whether main is closed, by whomever, or by half."""
        main = self.talks.get(MAIN)
        return main is not None and (not main.stream.open or main.stream.line.half_closed)

    def whole(self, place: Place) -> bool:
        """Whether a channel is linked, open, and not hurt."""
        talk = self.talks.get(place)
        return talk is not None and talk.stream.open and not talk.broken and place not in self.hurt

    def state(self, place: Place, word: str) -> str:
        """The states of the tables that a message concerns, of its channel and its session."""
        talk = self.talks.get(place)
        member = None if talk is None else talk.stream.line.member
        session = None if talk is None else talk.stream.line.session
        if member is None or session is None:
            return ""
        named = session.machines.concerned(member.table, self.end.own, word)
        runs = [member.held.get(name) for name, _ in named]
        return " ".join([f"{run.machine.name}={run.state}" for run in runs if isinstance(run, Run)])

    # -- playing

    def begin(self, wanted: Iterable[Place] = ()) -> None:
        """A session. Raises Failure, Blocked, NotApplicable, Escape."""
        with self.guarded():
            self.end.begin(wanted)
        self.talks[MAIN] = self.end.main

    def play(self, steps: Iterable[Step]) -> None:
        """All of these. Raises Escape."""
        for step in steps:
            self.do(step)

    def do(self, step: Step) -> bool:
        """One step; whether it was played. Raises Escape."""
        place = step.place
        with self.guarded():
            try:
                talk = self._talk(place, step)
            except (Failure, Blocked, NotApplicable) as error:
                self.refused.setdefault(place, str(error))
                return False
            except LocalError:
                return False
            if talk is None or not talk.stream.open:
                return False
            state = self.state(place, self.message(step))
            known = len(talk.stream.line.broken)
            try:
                why = self._act(talk, place, step)
            except (LocalError, NotImplementedError, NotApplicable):
                return False  # a step for another target, or one that a change of the list has made senseless
            except (Failure, Blocked, TargetUnusable):
                why = ""
            self.steps.append(step)
            self.pairs.add(f"{step.table} {state} {step.word}{'!' if step.change else ''}")
            self._note(talk, step, state, tuple(talk.stream.line.broken[known:]), why)
        return True

    def _note(self, talk: Talk, step: Step, state: str, broken: tuple[str, ...], why: str) -> None:
        """Whether a step was a mistake, and has hurt its channel; ``why`` if it has for a reason that no table knows."""
        message, place = self.message(step), step.place
        if message == "type" and self.end.own == "server":
            broken = (*broken, UNKNOWN)  # which the rules let pass: servers may be newer than they are
        if may_wait(message, step.value, step.change):
            why = why or "the channel may wait for others"
        if broken or why or not talk.whole or may_close(step.table, message, state):
            by = "" if why or not talk.whole else survived(self.end.own, step.table, message, broken)
            mistake = Mistake(len(self.steps) - 1, step, place, message, state, broken or (why,), by)
            self.mistakes.append(mistake)
            if not by:
                self.hurt.setdefault(place, mistake)

    def reach(self, place: Place) -> bool:
        """Link a channel before anything is said on it; whether it is linked and open. Raises Escape."""
        with self.guarded():
            try:
                talk = self._talk(place, None)
            except (Failure, Blocked, NotApplicable) as error:
                self.refused.setdefault(place, str(error))
                return False
        return talk is not None and talk.stream.open

    def _talk(self, place: Place, step: Step | None) -> Talk | None:
        found = self.talks.get(place)
        if found is not None:
            return found
        if self.over or place in self.refused:
            return None
        bare = bare_words(words_of(step.value)) if step is not None and step.word == "bare" else None
        found = self.end.talk(place, bare)
        if found is not None:
            self.talks[place] = found
        return found

    def message(self, step: Step) -> str:
        """What a step says, by its name or its number; its word where that says no message."""
        if step.word == "type":
            number = step.value.partition(" ")[0]
            row = dispatch.row(step.table, self.end.own, int(number)) if number.isdecimal() else None
        elif step.word == "bytes":
            row = dispatch.row(step.table, self.end.own, int.from_bytes(digits_of(step.value)[:2], "little"))
        else:
            return step.word
        return step.word if row is None else row.name

    def guarded(self) -> _Guard:
        return _Guard(self._package)

    # -- what steps do

    def _act(self, talk: Talk, place: Place, step: Step) -> str:
        """Do it; why it has hurt the channel, where no table will know. Raises LocalError for a step without sense."""
        if step.is_message:
            number, body = encoded(step.table, self.end.own, step.word, step.value, step.change)
            self._send(talk, place, number, body, step.word)
            return ""
        if step.word in LAYER_WORDS:
            return act(talk, step)
        play = getattr(self, f"_{step.word.replace('-', '_')}")
        return str(play(talk, place, step) or "")

    def _send(self, talk: Talk, place: Place, number: int, body: bytes, text: str) -> None:
        gathered = self._gathered.get(place)
        if gathered is None:
            talk.send_raw(number, body, text=text)
            return
        gathered.data += talk.frame_raw(number, body)
        gathered.missing -= 1
        if gathered.missing <= 0:
            del self._gathered[place]
            talk.send_bytes(bytes(gathered.data), "messages together")

    def flush(self) -> None:
        """Send what still waits to be sent together. Raises Escape."""
        with self.guarded():
            for place, gathered in self._gathered.items():
                talk = self.talks[place]
                known = len(talk.stream.line.broken)
                talk.send_bytes(bytes(gathered.data), "messages together")
                step = next((step for step in reversed(self.steps) if step.place == place), None)
                if step is not None:
                    self._note(talk, step, "", tuple(talk.stream.line.broken[known:]), "")
            self._gathered.clear()

    def _type(self, talk: Talk, place: Place, step: Step) -> None:
        number, _, digits = step.value.partition(" ")
        self._send(talk, place, number_of(number, 0xFFFF), digits_of(digits), "")

    def _bytes(self, talk: Talk, place: Place, step: Step) -> None:
        talk.send_bytes(digits_of(step.value), "bytes as they are")

    def _pieces(self, talk: Talk, place: Place, step: Step) -> None:
        self.network.piece = number_of(step.value, 1 << 20)

    def _together(self, talk: Talk, place: Place, step: Step) -> None:
        self._gathered.setdefault(place, _Gathered(number_of(step.value, _MOST_TOGETHER)))

    def _silent(self, talk: Talk, place: Place, step: Step) -> str:
        talk.answers = False
        return "nothing is answered"

    def _close(self, talk: Talk, place: Place, step: Step) -> str:
        talk.close()
        return "closed by the suite"

    def _half_close(self, talk: Talk, place: Place, step: Step) -> str:
        talk.stream.half_close()
        return "half closed by the suite"

    def _reset(self, talk: Talk, place: Place, step: Step) -> str:
        reset = getattr(talk.stream, "reset", talk.stream.close)
        reset()
        return "reset by the suite"

    def _bare(self, talk: Talk, place: Place, step: Step) -> str:
        return "not greeted" if self.end.own == "client" and step.table == "display" else ""

    def _wait(self, talk: Talk, place: Place, step: Step) -> None:
        try:
            seconds = float(step.value)
        except ValueError:
            raise LocalError("no time", actual=step.value[:40]) from None
        if math.isnan(seconds):
            raise LocalError("no time", actual=step.value[:40])
        self.end.peer.wait(min(max(seconds, 0.0), _LONGEST_WAIT))

    def _do(self, talk: Talk, place: Place, step: Step) -> None:
        verb, _, values = step.value.partition(" ")
        session = self.talks[MAIN].stream.line.session
        wanted = _OF_MODE.get(verb)
        if wanted is not None and (session is None or session.mouse_mode != wanted):
            raise LocalError("a verb of another mouse mode", actual=verb)
        try:
            self.end.target.tell(self.end.peer, verb, words_of(values))
        except OSError as error:  # it has ended meanwhile, which is seen by its process
            raise TargetUnusable(f"cannot be told {verb}: {error}") from error
        self.end.peer.pump_all()

    def _link(self, talk: Talk, place: Place, step: Step) -> str:
        """Another link of a channel: a client's link message is wrong about something, or it is linked twice."""
        if not isinstance(self.end, AsClient):
            raise LocalError("only a client links")
        words = words_of(step.value)
        connection_id, freedom = link_words(words)
        words.pop("connection_id", None)
        wire = self.end.client.ask(Ask(*place, connection_id=connection_id), **freedom)
        if not words and connection_id is None:
            wire.conclude()
            return "linked a second time"
        found = wire.answer()
        self.answers += of_link(words, place != MAIN and connection_id is not None, found)
        wire.close()
        return ""

    def _raw_link(self, talk: Talk, place: Place, step: Step) -> None:
        if not isinstance(self.end, AsClient):
            raise LocalError("only a client links")
        wire = self.end.client.connect(Ask(*place))
        wire.spoil("what is sent is no link message")
        wire.send(digits_of(step.value), "bytes in place of a link message")
        wire.take(16, self.network.quiet if self.network.virtual else 0.02)
        wire.close()

    def _raw_connect(self, talk: Talk, place: Place, step: Step) -> None:
        connect_raw(talk, step)


class _Gathered:
    """Messages that go out in one write: ``missing`` are still to come."""

    def __init__(self, missing: int) -> None:
        self.missing = missing
        self.data = bytearray()


class _Guard:
    """Turns what leaves a target in this process into an Escape."""

    def __init__(self, package: str) -> None:
        self._package = package

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if not isinstance(error, Exception) or isinstance(error, (Failure, Blocked, NotApplicable, TargetUnusable, Escape)):
            return
        where = innermost(error, self._package)
        if where:
            raise Escape(error, where) from error


def innermost(error: BaseException, package: str) -> str:
    """The innermost function of a package in a traceback, as in "reference_server.line.receive"; "" for none."""
    found = ""
    for frame in traceback.extract_tb(error.__traceback__):
        parts = Path(frame.filename).with_suffix("").parts
        if package and package in parts:
            found = ".".join([*parts[parts.index(package) :], frame.name])
    return found
