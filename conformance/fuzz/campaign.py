"""Many conversations with one target: what is said in them, and what they have found.

Each is a legal walk with one mutation in it, or two, now and then none; or one of a corpus with something changed. What is
found is played three times more, on a fresh process where it has ended one, and made small; then it is one with what is alike.
"""

from __future__ import annotations

import gc
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from conformance.fuzz.chance import Chance
from conformance.fuzz.corpus import name_for
from conformance.fuzz.ends import MAIN, Place
from conformance.fuzz.mutation import KINDS, Mutations
from conformance.fuzz.play import Play
from conformance.fuzz.reduce import reduced
from conformance.fuzz.stage import Shown, Stage
from conformance.fuzz.steps import Step
from conformance.fuzz.verdict import Finding
from conformance.fuzz.walk import Walk

__all__ = ["Campaign", "Found"]

_RUNS: Final = 3
"""How often a finding is played again."""

_MOST_STEPS: Final = 14
_WITHOUT: Final = 0.1
_TWO: Final = 0.2
"""Shares of conversations without a mutation, and with two."""

_OF_CORPUS: Final = 0.3
_REMEMBERED: Final = 20
"""Conversations that may have been the end of a process, the last ones."""

_ALIKE: Final = 4
"""Findings of one cause that are made small; more are counted."""

_ENDS: Final = ("ended", "sanitizer", "memory", "busy", "hang")
"""Kinds of findings behind which a target is started anew."""

_WARM: Final = 5
_WARMING, _LEAST = 0.5, 0.1
"""The share of the time for which a corpus is played at most, and seconds that are left at least."""

_TRIES_OVER_SOCKETS: Final = 60


class Found(msgspec.Struct):
    """A finding, and the smallest conversation that shows it.

    * ``again``: in how many of the runs that were made again it came back; unsteady if that is not all
    * ``times``: how often it came in all
    * ``at``: the number of the conversation in which it came first; ``seconds`` after the beginning
    * ``first``: the steps of that one, before they were made fewer
    """

    finding: Finding
    steps: tuple[Step, ...]
    shown: Shown
    again: int
    at: int
    seconds: float
    first: tuple[Step, ...]
    times: int = 1

    @property
    def unsteady(self) -> bool:
        """Whether it does not come each time. Behind what has left nobody to ask, nothing could come again."""
        return self.again < _RUNS and self.finding.kind != "gone"


class Campaign:
    """``stage`` is started; ``channels`` are names of the only ones besides main that are spoken on, all if there are none.

    * ``found``: what was found, in that order; ``counts``: how often each cause came
    * ``kept``: conversations that came where no other had come
    * ``pairs``: what was said in which states
    * ``gone``: why nobody can be reached any more, which ends it; "" while somebody can
    """

    def __init__(
        self,
        stage: Stage,
        *,
        seed: int = 0,
        kinds: Sequence[str] = (),
        channels: Sequence[str] = (),
        corpus: Sequence[Sequence[Step]] = (),
        tell: Callable[[Found], None] = lambda found: None,
        small: bool = True,
    ) -> None:
        self.stage = stage
        self.chance = Chance(seed)
        self.found: list[Found] = []
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.pairs: set[str] = set()
        self.kept: list[tuple[Step, ...]] = []
        self.replayed = 0
        self.gone = ""
        self._said: Shown | None = None
        """The last conversation in which anything was said."""
        self._channels = channels
        spoken = {"main", *channels}
        self._corpus = [tuple(item) for item in corpus if not channels or spoken.issuperset(step.table for step in item)]
        self._mutations = Mutations(self.chance, stage.own, tuple(kinds or KINDS), stage.layers)
        self._tell = tell
        self._small = small
        self._ends: set[str] = set()
        """Messages that were the end of a target."""
        self._last: deque[tuple[Step, ...]] = deque(maxlen=_REMEMBERED)
        self._began = time.monotonic()
        for finding, shown in stage.at_start:
            self.counts[finding.cause] += 1
            self.found.append(Found(finding, shown.steps, shown, _RUNS, 0, 0.0, shown.steps))
            tell(self.found[-1])

    @property
    def conversations(self) -> int:
        """How many were made up."""
        return self.stage.conversations - self.replayed

    def run(self, *, seconds: float = 0.0, count: int = 0, until: Callable[[], bool] = lambda: False) -> None:
        """Conversations until so many seconds are over, or so many were held, or ``until`` holds."""
        self._began = began = time.monotonic()
        held = 0
        while not (seconds and time.monotonic() - began >= seconds) and not (count and held >= count):
            if self.gone or until():
                return
            self.once()
            held += 1
            if held == _WARM:
                # What is loaded by now stays: nobody need look through it again for garbage.
                gc.collect()
                gc.freeze()

    def once(self) -> Shown:
        """One conversation, and what follows from it."""
        shown = self._hold()
        self._last.append(shown.steps)
        if shown.pairs - self.pairs:
            self.pairs |= shown.pairs
            self.kept.append(shown.steps)
        self._judge(shown)
        return shown

    def hold(self, seconds: float = 0.0, count: int = 0) -> None:
        """Play the corpus, and make up conversations: for so many seconds in all, or so many of them; 0 is no bound."""
        began = time.monotonic()
        self.warm(seconds * _WARMING)
        left = max(seconds - (time.monotonic() - began), _LEAST) if seconds else 0.0
        self.run(seconds=left, count=count)

    def warm(self, seconds: float = 0.0) -> None:
        """Play the corpus, as far as so many seconds go: what it reaches is not new, what it finds is told."""
        began = time.monotonic()
        for steps in self._corpus:
            if self.gone or (seconds and time.monotonic() - began >= seconds):
                return
            self.replayed += 1
            self.play(steps, again=False)

    def play(self, steps: Sequence[Step], *, again: bool = True) -> Shown:
        """One conversation that is given, and what follows from it."""
        shown = self.stage.replay(steps, again=again)
        self._last.append(shown.steps)
        self.pairs |= shown.pairs
        self._judge(shown)
        return shown

    @property
    def new(self) -> dict[str, tuple[Step, ...]]:
        """Conversations that came where none of the corpus had come, by their names."""
        return {name_for(steps): steps for steps in self.kept if steps}

    # -- one conversation

    def _places(self) -> list[Place]:
        from spiceproto.channels import channel_name

        return [place for place in self.stage.places if not self._channels or channel_name(place[0]) in self._channels]

    def _hold(self) -> Shown:
        walk = Walk(self.chance, self.stage.own, [MAIN, *self._places()], self.stage.verbs)
        if self._corpus and self.chance.happens(_OF_CORPUS):
            steps = self._edited(self.chance.one_of(self._corpus))
            wanted = dict.fromkeys([*walk.places, *[step.place for step in steps]])
            return self.stage.converse(lambda play: self._vary(play, walk, steps), wanted, known=self._known)
        return self.stage.converse(lambda play: self._say(play, walk), walk.places, known=self._known)

    def _say(self, play: Play, walk: Walk) -> None:
        """A legal walk, with mutations in it."""
        random = self.chance.random
        count = random.randint(1, _MOST_STEPS)
        many = 0 if self.chance.happens(_WITHOUT) else 2 if self.chance.happens(_TWO) else 1
        wrong = {random.randrange(count) for _ in range(many)}
        for number in range(count):
            if play.over:
                return
            step = self._mutation(walk, play) if number in wrong else None
            step = step or walk.step(play)
            if step is not None:
                play.do(step)

    def _mutation(self, walk: Walk, play: Play) -> Step | None:
        """A mutation, but none that was the end of a target before: others are to be found, too."""
        step = self._mutations.step(walk, play)
        return None if step is not None and play.message(step) in self._ends else step

    def _vary(self, play: Play, walk: Walk, steps: Sequence[Step]) -> None:
        """A conversation of the corpus, with a mutation somewhere, and a legal end."""
        at = self.chance.random.randrange(len(steps) + 1)
        for number, step in enumerate(steps):
            if number == at and (other := self._mutation(walk, play)) is not None:
                play.do(other)
            if play.message(step) not in self._ends:
                play.do(step)
        for _ in range(self.chance.random.randint(0, 3)):
            if not play.over and (legal := walk.step(play)) is not None:
                play.do(legal)

    def _edited(self, steps: Sequence[Step]) -> list[Step]:
        """The steps of a conversation, one perhaps left out, said twice, or in another place."""
        found, random = list(steps), self.chance.random
        edit = random.randrange(4)
        if len(found) > 1 and edit:
            one = random.randrange(len(found))
            step = found[one]
            if edit == 1:
                del found[one]
            elif edit == 2:
                found.insert(one, step)
            else:
                del found[one]
                found.insert(random.randrange(len(found) + 1), step)
        return found

    # -- what was found

    def _judge(self, shown: Shown) -> None:
        """Take what a conversation has shown. Where it has left nobody to ask, all else follows from that."""
        for finding in shown.findings:
            if finding.kind == "hang" and self._lost(finding, shown):
                return
        self._said = shown if shown.steps else self._said
        for finding in shown.findings:
            if self.gone:
                return
            self._take(finding, shown)

    def _lost(self, finding: Finding, shown: Shown) -> bool:
        """Whether nobody listens any more, whom the suite could start anew: that is found, and the last thing that is."""
        self.gone = self.stage.target.gone()
        if not self.gone:
            return False
        shown = shown if shown.steps else self._said or shown
        last = next((step for step in reversed(shown.steps)), None)
        if not finding.message and last is not None:
            finding = msgspec.structs.replace(finding, channel=last.channel, message=last.word)
        finding = msgspec.structs.replace(finding, kind="gone", detail=self.gone)
        self.counts[finding.cause] += 1
        seconds = time.monotonic() - self._began
        self.found.append(Found(finding, shown.steps, shown, 0, self.conversations, seconds, shown.steps))
        self._tell(self.found[-1])
        return True

    def _like(self, finding: Finding) -> Found | None:
        """The one among those found as which this counts; None if it is to be looked at."""
        alike = [item for item in self.found if item.finding.cause == finding.cause]
        same = [item for item in alike if item.finding.signature == finding.signature]
        return (same or alike)[0] if same or len(alike) >= _ALIKE else None

    def _known(self, finding: Finding) -> bool:
        return self._like(finding) is not None

    def _take(self, finding: Finding, shown: Shown) -> None:
        self.counts[finding.cause] += 1
        if (like := self._like(finding)) is not None:
            like.times += 1
            return
        before, seconds, at = self.stage.conversations, time.monotonic() - self._began, self.conversations
        found = self._confirmed(finding, shown, at, seconds)
        self.replayed += self.stage.conversations - before
        if found.unsteady and self._lost(finding, shown):
            return
        known = next((item for item in self.found if item.finding.signature == found.finding.signature), None)
        if known is not None:
            known.times += 1
            return
        self.found.append(found)
        if found.finding.kind in _ENDS:
            self._ends.add(found.finding.message)
        self._tell(found)

    def _again(self, steps: Sequence[Step], finding: Finding) -> tuple[Finding, Shown] | None:
        """The finding, if these steps show it."""
        shown = self.stage.replay(steps)
        return next(((item, shown) for item in shown.findings if finding.is_again(item)), None)

    def _confirmed(self, finding: Finding, shown: Shown, at: int, seconds: float) -> Found:
        """Played again, and made small if it came back each time."""
        first, again, process = shown.steps, 0, finding.kind in _ENDS
        for steps in [first, *reversed(list(self._last)[:-1])] if process else [first]:
            again = self._runs(steps, finding, fresh=process)
            if again:
                first = steps
                break
        if again < _RUNS or not self._small:
            return Found(finding, first, shown, again, at, seconds, first)
        tries = {} if self.stage.target.virtual else {"tries": _TRIES_OVER_SOCKETS}
        small = reduced(first, lambda steps: self._again(steps, finding) is not None, **tries)
        best = self._again(small, finding)
        if best is None:  # what is small does not come back each time
            return Found(finding, first, shown, again, at, seconds, first)
        small, best = self._rooted(small, best)
        return Found(best[0], small, best[1], again, at, seconds, first)

    def _rooted(self, steps: tuple[Step, ...], best: tuple[Finding, Shown]) -> tuple[tuple[Step, ...], tuple[Finding, Shown]]:
        """As few steps as were found behind which that channel is closed, whatever they are put down to.

        A target may close a channel late, when something else was said; and a mistake that it does not mind may stand before
        the one that it does.
        """
        wanted = (best[0].kind, best[0].channel)
        at = len(steps)
        while best[0].kind == "closed" and len(steps) > 1 and at > 0:
            at -= 1
            fewer = steps[:at] + steps[at + 1 :]
            shown = self.stage.replay(fewer)
            same = next((item for item in shown.findings if (item.kind, item.channel) == wanted), None)
            if same is not None:
                steps, best, at = fewer, (same, shown), len(fewer)
        return steps, best

    def _runs(self, steps: Sequence[Step], finding: Finding, *, fresh: bool) -> int:
        """In how many of the runs it comes back; if it is not in the first, nobody looks further."""
        again = 0
        for number in range(_RUNS):
            if fresh:
                self.stage.renew()
            again += self._again(steps, finding) is not None
            if number == 0 and not again and fresh:
                break
        return again
