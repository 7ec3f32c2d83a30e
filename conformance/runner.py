"""Runs cases against a target, one at a time, each once; a second time where the target could not be told its part.

Over sockets a case that fails is played a second time, too, before anybody is accused: programs on a busy machine have bad
moments. What passes then is told as :attr:`CaseResult.unsteady`.

    GONE       how it is said that there is no target any more
    Runner     holds the target and the results so far
    finish     what only the whole run shows: sentences that the rules saw broken in any conversation

A case whose prerequisites have not passed is blocked, and they are run first if nobody has run them yet: so a part of
the cases can be run, in any order, in several processes.
"""

from __future__ import annotations

import gc
import shlex
import time
import traceback
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any, Final

import msgspec

from conformance.as_client import SuiteClient
from conformance.as_server import SuiteServer
from conformance.case import SANITY, SIGN_OF_LIFE, Case
from conformance.network import ClientNetwork, ServerNetwork
from conformance.outcome import Blocked, Failure, NotApplicable, TargetUnusable, Unreadable, undriven
from conformance.requirements import channels_of, requirements
from conformance.results import CaseResult, Entry, Held, Seen
from conformance.target import Target
from conformance.transcript import Chunk
from conformance.waivers import Waiver, Waivers

__all__ = ["GONE", "Runner", "finish", "unusable", "with_waivers"]

GONE: Final = "the target is gone since "
"""How :attr:`Runner.gone` begins."""

_BULK: Final = 8 << 20
"""Bytes of a conversation behind which memory is tidied."""

_TWICE: Final = 12
"""Failures of a run that are looked at twice. A target with more of them has more than a bad moment."""

_READABLE: Final = "SPICE-FRAME-041"
"""The sentence about bodies that cannot be parsed."""

Kept = Callable[[CaseResult, list[Chunk]], CaseResult]


class Runner:
    """Runs what it is asked for, and what that rests on.

    ``results``    by id
    ``levels``     of sentences that the run is about; what rests on a sentence of another level is played all the same
    ``keep``       if set, is given each result with all bytes of its conversation, and may add to it (files of a report)
    ``relied_on``  id of a case to the cases on which its conversation relied
    ``gone``       "" or why nobody can be reached any more, and which case was the last that had an answer
    """

    def __init__(
        self,
        target: Target,
        cases: Iterable[Case],
        *,
        waivers: Waivers | None = None,
        manners: Iterable[Waivers] = (),
        command: str = "spiceconf run",
        levels: Container[str] = ("must", "should", "may"),
    ) -> None:
        self.target = target
        self.cases = {case.id: case for case in cases}
        self.results: dict[str, CaseResult] = {}
        self._tours: dict[Any, tuple[CaseResult, list[Chunk]]] = {}
        self._missed: dict[str, Mapping[str, Exception]] = {}
        self._busy: set[str] = set()
        self._bulk = False
        self._twice = 0
        """Cases that were played a second time because they had failed."""
        self.relied_on: dict[str, tuple[str, ...]] = {}
        self.gone = ""
        self._keys: set[bytes] = set()
        """Of all links of the run."""
        self._answered = ""
        """Id of the last case in which the target said anything."""
        self.keep: Kept | None = None
        self._waivers = waivers
        self._manners = (*manners, *([waivers] if waivers is not None else ()))
        for known in self._manners:
            known.meets = target.meets
        self._command = command
        self._levels = levels

    def run(self, case: Case) -> CaseResult:
        """The result of a case; it is run if it was not yet."""
        found = self.results.get(case.id)
        if found is None:
            self._busy.add(case.id)
            found = self._run(case)
            self._busy.discard(case.id)
            if self._bulk:
                # A conversation is a circle of objects, few and large: nobody else would look for them in time.
                gc.collect()
                self._bulk = False
            self.results[case.id] = found
        return found

    def _run(self, case: Case) -> CaseResult:
        if self.gone:
            return self.result(case, "blocked", reason=self.gone)
        blocked = self._blocked(case)
        if blocked:
            return self.result(case, "blocked", blocked_by=blocked)
        lacks = self.target.lacks(case)
        if lacks:
            return self.result(case, "not-applicable", reason=lacks)
        self._look_for_life(case)
        result, chunks = self._from_rules(case) if case.from_rules else self._conversation(case)
        result = self.waived(result)
        if self.keep is not None:
            result = self.keep(result, chunks)
        return result

    def waived(self, result: CaseResult) -> CaseResult:
        """A result, with what a waiver has to say if it is a failure.

        What the rules saw and others live with is a failure of a target of which it is not known.
        """
        case = self.cases[result.id]
        waiver = self._waivers.match(case) if self._waivers is not None else None
        return with_waivers(result, waiver, unknown=case.from_rules and not self._tolerates(case))

    def _tolerates(self, case: Case) -> bool:
        """Whether the manners that a case tolerates are known of this target."""
        return any(known.tolerates(case) for known in self._manners)

    def _blocked(self, case: Case) -> tuple[str, ...]:
        others = [self.cases[id] for id in case.requires if id in self.cases and self.in_level(id)]
        return self._causes([other.id for other in others if self.run(other).outcome not in ("pass", "not-applicable")])

    def _look_for_life(self, case: Case) -> None:
        """Find out how the target can be seen to go on, before a conversation would end where it does not show that."""
        sign, sanity = SIGN_OF_LIFE.get(case.role), self.results.get(SANITY[case.role])
        if sign in self.cases and sign not in self._busy and sanity is not None and sanity.outcome == "pass":
            self.run(self.cases[sign])

    def _broken(self, ids: Iterable[str]) -> tuple[str, ...]:
        """What is behind it that cases on which a conversation relied do not pass; they are run if they were not yet.

        A case that itself rests on what is being run says nothing: it would run in a circle.
        """
        others = [self.cases[id] for id in ids if id in self.cases and not self._rests_on_busy(id)]
        broken = [other.id for other in others if self.run(other).outcome in ("fail", "waived", "error", "blocked")]
        return tuple([id for id in self._causes(broken) if id not in self._busy])

    def _causes(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The cases at the beginning: what is blocked by another one is no cause."""
        found: dict[str, None] = {}
        for id in ids:
            found |= dict.fromkeys(self.results[id].blocked_by or (id,))
        return tuple(found)

    def held(self) -> tuple[Held, ...]:
        """The waivers that hold, and the manners that are known of the target."""
        own = self._waivers.held(self.cases.values(), own=True) if self._waivers is not None else ()
        others = [known for known in self._manners if known is not self._waivers]
        return (*own, *[held for known in others for held in known.held(self.cases.values(), own=False) if held.tolerated])

    def in_level(self, id: str) -> bool:
        """Whether a case decides a sentence of a level that the run is about."""
        return any(requirements()[sentence].level.lower() in self._levels for sentence in self.cases[id].verifies)

    def _rests_on_busy(self, id: str) -> bool:
        """Whether a case is being run, or requires one that is."""
        return id in self._busy or any(self._rests_on_busy(one) for one in self.cases[id].requires if one in self.cases)

    def _known_broken(self, id: str) -> bool:
        """Whether a case was run and failed. What is waived is known, and what rests on it is tried all the same."""
        known = self.results.get(id)
        return known is not None and known.outcome in ("fail", "error") and self.in_level(id)

    def _known_to_fail(self, id: str) -> bool:
        """Whether a case was run and did not pass, waived or not."""
        known = self.results.get(id)
        return known is not None and known.outcome in ("fail", "error", "waived", "blocked")

    def _expected_to_fail(self, id: str) -> bool:
        """Whether a case did not pass, or was not run yet and has a waiver."""
        if id in self.results or id not in self.cases:
            return self._known_to_fail(id)
        return self._waivers is not None and self._waivers.match(self.cases[id]) is not None

    def _accuses_nobody(self, case: Case) -> bool:
        """Whether a failure of a case would say nothing new: a waiver expects it, or its sentence is known to be broken."""
        if self._waivers is not None and self._waivers.match(case) is not None:
            return True
        known = [result for result in self.results.values() if result.requirement == case.requirement]
        return any(result.outcome == "fail" for result in known)

    def result(self, case: Case, outcome: str, **more: Any) -> CaseResult:
        """A result with what is known of a case before it is run."""
        sentence = requirements()[case.requirement]
        facts: dict[str, Any] = {
            "title": case.title,
            "verifies": case.verifies,
            "level": sentence.level,
            "role": case.role,
            "source": sentence.source,
            "channel": case.channel,
            "chapter": sentence.chapter,
            "section": sentence.section,
            "sentence": sentence.text,
            "revision": case.revision,
            "repro": f"{self._command} {shlex.quote(self.target.address)} --select {case.id}",
        }
        return CaseResult(case.id, case.requirement, outcome, **(facts | more))  # type: ignore[arg-type]

    # -- one conversation

    def _conversation(self, case: Case) -> tuple[CaseResult, list[Chunk]]:
        """What a conversation shows, or a second one where something outside of the target failed: a window without focus."""
        result, chunks = self._converse(case)
        if result.outcome == "blocked" and undriven(result.reason) and not self.gone:
            # What the rules saw in the first is seen all the same.
            seen = result.seen
            result, chunks = self._converse(case)
            result = msgspec.structs.replace(result, seen=(*seen, *result.seen))
        if self._may_be_a_bad_moment(case, result):
            self._twice += 1
            again, _ = self._converse(case)
            if again.outcome == "pass":
                unsteady = f"expected {result.expected}; found {result.actual}"
                seen = (*result.seen, *again.seen)
                return msgspec.structs.replace(again, unsteady=unsteady, seen=seen, transcript=result.transcript), chunks
        return result, chunks

    def _may_be_a_bad_moment(self, case: Case, result: CaseResult) -> bool:
        """Whether a failure is to be looked at twice: nobody expects it, and the target is still there."""
        if result.outcome != "fail" or self.target.virtual or self.gone or self.target.ended or self._twice >= _TWICE:
            return False
        return not case.from_rules and not self._accuses_nobody(case)

    def _converse(self, case: Case) -> tuple[CaseResult, list[Chunk]]:
        began = time.perf_counter()
        try:
            network = self.target.open(case)
        except TargetUnusable as error:
            return self.result(case, "fail", expected="a target that can be reached", actual=str(error)), []
        peer: Any = SuiteClient(network, self.target) if isinstance(network, ServerNetwork) else None
        if peer is None:
            assert isinstance(network, ClientNetwork)
            peer = SuiteServer(network, self.target)
        network.transcript.judge.keys = self._keys
        peer.known_broken = self._known_broken
        peer.known_to_fail = self._known_to_fail
        peer.expected_to_fail = self._expected_to_fail
        peer.manner_is_known = self._tolerates(case)
        # What is required of another level does not block beforehand, and explains a failure like what is relied on.
        peer.relied_on += [id for id in case.requires if id in self.cases and not self.in_level(id)]
        if self._accuses_nobody(case):
            network.hurry()
        outcome, more = self._play(case, peer)
        virtual = network.now
        peer.finish()
        self.target.close(network)
        ended = self.target.ended
        outcome, more = self._death(ended, outcome, more)
        transcript = network.transcript
        if any(chunk.sender == self.target.role for chunk in transcript.chunks):
            self._answered = case.id
        if outcome in ("fail", "blocked") and self._answered and not self.gone:
            why = self.target.gone()
            self.gone = f"{GONE}{self._answered}: {why}" if why else ""
        if self.gone:
            # Whether this case was too much for it, or somebody has ended it, nobody can see from here.
            return self.result(case, "blocked", reason=self.gone, steps=transcript.steps), transcript.chunks
        self.relied_on[case.id] = tuple(peer.relied_on)
        if case.from_rules:
            self._missed[case.id] = peer.missed
        own = [manner for manner, against in peer.tolerated.items() if _is_about(case, against)]
        unknown = outcome == "pass" and bool(own) and not self._tolerates(case)
        if unknown:
            outcome, more = "fail", {"expected": requirements()[case.requirement].text, "actual": "; ".join(own)}
        # Whatever else is wrong with a target, that its process ended is said where it did.
        blocked: tuple[str, ...] = ()
        if outcome == "fail" and not ended:
            blocked = self._broken(peer.relied_on)
        elif outcome == "blocked":
            blocked = self._broken(more.get("blocked_by", peer.relied_on))
        if blocked:
            outcome, more = "blocked", more | {"blocked_by": blocked, "reason": "", "pictures": (), "place": ""}
        if peer.tolerated and not unknown:
            more |= {"manner": "tolerated", "tolerated": "; ".join(peer.tolerated)}
        entries: tuple[Entry, ...] = ()
        if outcome in ("fail", "error") or more.get("manner") == "tolerated" or transcript.seen:
            entries = transcript.entries()
        result = self.result(
            case,
            outcome,
            steps=transcript.steps,
            seconds=round(time.perf_counter() - began, 4),
            virtual=round(virtual, 3),
            seen=tuple(transcript.seen),
            undecided={id: why for id, why in peer.undecided.items() if id in case.also},
            heard=transcript.heard() if case.from_rules else {},
            transcript=entries,
            **more,
        )
        self._bulk = sum([len(chunk.data) for chunk in transcript.chunks]) > _BULK
        return result, transcript.chunks

    def _play(self, case: Case, peer: Any) -> tuple[str, dict[str, Any]]:
        try:
            case.run(peer, *case.values)
        except Unreadable as failure:
            by = (f"{_READABLE}/observed-{case.role}",)
            if any(item.requirement == _READABLE and not item.tolerated for item in peer.network.transcript.seen):
                return "blocked", {"blocked_by": by}
            return "fail", {"expected": failure.expected, "actual": failure.actual, "differences": failure.differences}
        except Failure as failure:
            seen = {"pictures": failure.pictures, "place": failure.place}
            return "fail", {"expected": failure.expected, "actual": failure.actual, "differences": failure.differences, **seen}
        except Blocked as found:
            return "blocked", {"blocked_by": found.by} if found.by else {"reason": str(found)}
        except NotApplicable as found:
            return "not-applicable", {"reason": str(found) + _evidence(peer)}
        except TargetUnusable as error:
            return "fail", {"expected": "a target that can be reached", "actual": str(error)}
        except Exception as error:  # a mistake of the suite must not look like one of the target
            where = traceback.extract_tb(error.__traceback__)[-1]
            text = f"{type(error).__name__}: {error} ({where.filename.rpartition('/')[2]}:{where.lineno})"
            return "error", {"reason": text}
        return "pass", {}

    def _death(self, ended: str, outcome: str, more: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """A program that ended during a case, whatever the case thought of it, unless it says so itself."""
        if not ended or outcome == "error" or ended in more.get("actual", ""):
            return outcome, more
        crashed = ended.startswith("killed by ")
        if self.target.role == "client" and outcome in ("pass", "not-applicable") and not crashed:
            return outcome, more  # a client may leave when its session is over
        return "fail", {"expected": more.get("expected", "the target goes on"), "actual": f"peer process ended: {ended}"}

    # -- sentences that the rules read off every conversation

    def _from_rules(self, case: Case) -> tuple[CaseResult, list[Chunk]]:
        first = case.run not in self._tours
        if first:
            self._tours[case.run] = self._conversation(case)
        tour, chunks = self._tours[case.run]
        if self.gone:
            return self.result(case, "blocked", reason=self.gone), chunks
        facts = self.result(case, tour.outcome, heard=tour.heard if first else {})
        kept = ("expected", "actual", "differences", "steps", "reason", "seconds", "virtual", "seen", "transcript")
        result = msgspec.structs.replace(facts, **{name: getattr(tour, name) for name in kept})
        if result.outcome in ("not-applicable", "error"):
            return result, chunks
        found = [item for item in result.seen if item.requirement == case.requirement]
        if result.outcome in ("fail", "blocked") and not any(not item.tolerated for item in found):
            # Something else is wrong, and has cases of its own.
            why = tour.reason or f"expected {tour.expected}; found {tour.actual}"
            reason = "" if tour.blocked_by else f"an ordinary session did not come to its end: {why}"
            return msgspec.structs.replace(result, outcome="blocked", reason=reason, blocked_by=tour.blocked_by), chunks
        missed = [why for table, why in self._missed[tour.id].items() if table in channels_of(case.requirement)]
        if missed and not found:
            return self._left_out(result, missed[0], self.relied_on[tour.id]), chunks
        if not found:
            result = msgspec.structs.replace(result, transcript=())
        return _judged(result, found), chunks

    def _left_out(self, result: CaseResult, why: Exception, relied_on: Iterable[str]) -> CaseResult:
        """A sentence about a channel that the tour could not see to the end."""
        if isinstance(why, NotApplicable):
            return msgspec.structs.replace(result, outcome="not-applicable", reason=str(why), transcript=())
        by = self._broken(why.by if isinstance(why, Blocked) and why.by else relied_on)
        return msgspec.structs.replace(result, outcome="blocked", reason="" if by else str(why), blocked_by=by, transcript=())


def _is_about(case: Case, against: str) -> bool:
    """Whether a manner against this sentence is decided by a case: others are judged where they have their case."""
    return against in ("", case.requirement) and bool(requirements()[case.requirement].tolerated)


def _evidence(peer: Any) -> str:
    seen = [f"{table}: common {bits.common:#x}, channel {bits.channel:#x}" for table, bits in peer.capabilities_seen.items()]
    return f" (announced: {'; '.join(seen)})" if seen else ""


def _judged(result: CaseResult, found: list[Seen]) -> CaseResult:
    broken = [item for item in found if not item.tolerated]
    if broken:
        first = broken[0]
        return msgspec.structs.replace(
            result,
            outcome="fail",
            expected=first.expected or result.sentence,
            actual=f"{first.channel}: {first.text}" + (f"; found {first.actual}" if first.actual else ""),
        )
    if found:
        first = found[0]
        return msgspec.structs.replace(result, manner="tolerated", tolerated=f"{first.channel}: {first.text}")
    return result


def with_waivers(result: CaseResult, waiver: Waiver | Held | None, *, unknown: bool) -> CaseResult:
    """A result, with what a waiver has to say if it is a failure.

    ``unknown``: what others live with is not known of the target.
    """
    if unknown and result.outcome == "pass" and result.manner == "tolerated":
        result = msgspec.structs.replace(
            result, outcome="fail", expected=result.sentence, actual=result.tolerated, manner="exact", tolerated=""
        )
    if waiver is None or result.outcome != "fail":
        return result
    return msgspec.structs.replace(result, outcome="waived", reason=waiver.reason, bug=waiver.bug)


def finish(
    results: Mapping[str, CaseResult], observed: Container[str], waived: Callable[[CaseResult], CaseResult]
) -> dict[str, CaseResult]:
    """Results in which a sentence that was seen broken in *any* conversation fails its observed case.

    ``observed`` are ids of such cases; ``waived`` is :meth:`Runner.waived`.
    """
    seen: dict[str, list[Seen]] = {}
    where: dict[str, str] = {}
    for result in results.values():
        for item in result.seen:
            seen.setdefault(item.requirement, []).append(item)
            where.setdefault(item.requirement, result.id)
    found = dict(results)
    for id, result in results.items():
        if id not in observed or result.requirement not in seen:
            continue
        if result.outcome not in ("pass", "not-applicable", "blocked"):
            continue
        judged = waived(_judged(msgspec.structs.replace(result, outcome="pass", reason=""), seen[result.requirement]))
        if judged.outcome in ("fail", "waived"):
            place = where[result.requirement]
            actual, transcript = f"{judged.actual} (in {place})", results[place].transcript
            judged = msgspec.structs.replace(judged, actual=actual, transcript=transcript)
        found[id] = judged
    return found


def unusable(results: Mapping[str, CaseResult], role: str) -> str:
    """Why the target cannot be tested at all; "" if it can."""
    sanity = results.get(SANITY[role])
    if sanity is None or sanity.outcome in ("pass", "waived", "not-applicable"):
        return ""
    if sanity.differences:
        return ""  # it was talked to, and something is wrong with what it said
    if sanity.blocked_by:
        return f"{sanity.id}: blocked by {', '.join(sanity.blocked_by)}"
    if sanity.actual.startswith("cannot connect"):
        return sanity.actual
    return f"{sanity.id}: expected {sanity.expected or 'an end in peace'}; found {sanity.actual or sanity.reason}"
