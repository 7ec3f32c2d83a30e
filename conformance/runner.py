"""Runs cases against a target, one at a time, each at most once.

    Runner     holds the target and the results so far
    finish     what only the whole run shows: sentences that the rules saw broken in any conversation

A case whose prerequisites have not passed is blocked, and they are run first if nobody has run them yet: so a part of
the cases can be run, in any order, in several processes.
"""

from __future__ import annotations

import shlex
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from conformance.as_client import SuiteClient
from conformance.as_server import SuiteServer
from conformance.case import SANITY, Case
from conformance.network import ClientNetwork, ServerNetwork
from conformance.outcome import Failure, NotApplicable, TargetUnusable
from conformance.requirements import requirements
from conformance.results import CaseResult, Entry, Seen
from conformance.target import Target
from conformance.transcript import Chunk
from conformance.waivers import Waivers
from spiceproto.errors import SpiceError

__all__ = ["Runner", "finish", "unusable"]

Kept = Callable[[CaseResult, list[Chunk]], CaseResult]


class Runner:
    """``keep`` is given each result with all bytes of its conversation, and may add to it (files of a report)."""

    def __init__(
        self,
        target: Target,
        cases: Iterable[Case],
        *,
        waivers: Waivers | None = None,
        keep: Kept | None = None,
        command: str = "spiceconf run",
    ) -> None:
        self.target = target
        self.cases = {case.id: case for case in cases}
        self.results: dict[str, CaseResult] = {}
        self._tours: dict[Any, tuple[CaseResult, list[Chunk]]] = {}
        self._busy: set[str] = set()
        self._waivers = waivers
        self._keep = keep
        self._command = command

    def run(self, case: Case) -> CaseResult:
        """The result of a case; it is run if it was not yet."""
        found = self.results.get(case.id)
        if found is None:
            self._busy.add(case.id)
            found = self._run(case)
            self._busy.discard(case.id)
            self.results[case.id] = found
        return found

    def _run(self, case: Case) -> CaseResult:
        blocked = self._blocked(case)
        if blocked:
            return self._result(case, "blocked", blocked_by=blocked)
        lacks = self.target.lacks(case)
        if lacks:
            return self._result(case, "not-applicable", reason=lacks)
        result, chunks = self._observed(case) if case.observed else self._converse(case)
        if result.outcome == "fail" and self._waivers is not None:
            waiver = self._waivers.match(case)
            if waiver is not None:
                result = msgspec.structs.replace(result, outcome="waived", reason=waiver.reason, bug=waiver.bug)
        if self._keep is not None:
            result = self._keep(result, chunks)
        return result

    def _blocked(self, case: Case) -> tuple[str, ...]:
        missing = []
        for id in case.after:
            other = self.cases.get(id)
            if other is None:
                continue
            result = self.run(other)
            if result.outcome not in ("pass", "not-applicable"):
                missing.append(id)
        return tuple(missing)

    def _leant_on(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Those of the cases on which a conversation relied that do not pass."""
        others = [self.cases[id] for id in ids if id in self.cases and id not in self._busy]
        return tuple([other.id for other in others if self.run(other).outcome in ("fail", "waived", "error", "blocked")])

    def _result(self, case: Case, outcome: str, **more: Any) -> CaseResult:
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

    def _converse(self, case: Case) -> tuple[CaseResult, list[Chunk]]:
        began = time.perf_counter()
        try:
            network = self.target.open(case)
        except TargetUnusable as error:
            return self._result(case, "fail", expected="a target that can be reached", actual=str(error)), []
        peer: Any = SuiteClient(network, self.target) if isinstance(network, ServerNetwork) else None
        if peer is None:
            assert isinstance(network, ClientNetwork)
            peer = SuiteServer(network, self.target)
        outcome, more = self._play(case, peer)
        virtual = network.now
        peer.leave()
        self.target.close(network)
        outcome, more = self._death(case, outcome, more)
        transcript = network.transcript
        blocked = self._leant_on(peer.leans_on) if outcome == "fail" else ()
        if blocked:
            outcome, more = "blocked", more | {"blocked_by": blocked}
        if peer.tolerated:
            more |= {"manner": "tolerated", "tolerated": "; ".join(peer.tolerated)}
        entries: tuple[Entry, ...] = ()
        if outcome in ("fail", "error") or more.get("manner") == "tolerated" or transcript.seen:
            entries = transcript.entries()
        result = self._result(
            case, outcome, step=transcript.steps, steps=transcript.steps, seconds=round(time.perf_counter() - began, 4),
            virtual=round(virtual, 3), seen=tuple(transcript.seen), transcript=entries, **more,
        )  # fmt: skip
        return result, transcript.chunks

    def _play(self, case: Case, peer: Any) -> tuple[str, dict[str, Any]]:
        try:
            case.run(peer, *case.values)
        except Failure as failure:
            return "fail", {"expected": failure.expected, "actual": failure.actual}
        except NotApplicable as found:
            return "not-applicable", {"reason": str(found) + _evidence(peer)}
        except TargetUnusable as error:
            return "fail", {"expected": "a target that can be reached", "actual": str(error)}
        except (SpiceError, Exception) as error:  # a mistake of the suite must not look like one of the target
            where = traceback.extract_tb(error.__traceback__)[-1]
            text = f"{type(error).__name__}: {error} ({where.filename.rpartition('/')[2]}:{where.lineno})"
            return "error", {"reason": text}
        return "pass", {}

    def _death(self, case: Case, outcome: str, more: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """A program that ended during a case, whatever the case thought of it."""
        ended = self.target.ended
        if not ended or outcome == "error":
            return outcome, more
        crashed = ended.startswith("exit status -")
        if self.target.role == "client" and outcome in ("pass", "not-applicable") and not crashed:
            return outcome, more  # a client may leave when its session is over
        return "fail", {"expected": more.get("expected", "the target goes on"), "actual": f"peer process ended: {ended}"}

    # -- sentences that the rules read off every conversation

    def _observed(self, case: Case) -> tuple[CaseResult, list[Chunk]]:
        if case.run not in self._tours:
            self._tours[case.run] = self._converse(case)
        tour, chunks = self._tours[case.run]
        facts = self._result(case, tour.outcome)
        kept = ("tolerated", "expected", "actual", "step", "steps", "reason", "seconds", "virtual", "seen", "transcript")
        result = msgspec.structs.replace(facts, **{name: getattr(tour, name) for name in kept})
        if result.outcome in ("not-applicable", "error"):
            return result, chunks
        found = [item for item in result.seen if item.requirement == case.requirement]
        if result.outcome in ("fail", "blocked") and not any(not item.tolerated for item in found):
            # Something else is wrong, and has cases of its own.
            reason = f"an ordinary session did not come to its end: expected {tour.expected}; found {tour.actual}"
            return msgspec.structs.replace(result, outcome="blocked", reason=reason, blocked_by=tour.blocked_by), chunks
        if not found:
            result = msgspec.structs.replace(result, transcript=())
        return _judged(result, found), chunks


def _evidence(peer: Any) -> str:
    seen = [f"{table}: common {bits.common:#x}, channel {bits.channel:#x}" for table, bits in peer.capabilities_seen.items()]
    return f" (announced: {'; '.join(seen)})" if seen else ""


def _judged(result: CaseResult, found: list[Seen]) -> CaseResult:
    broken = [item for item in found if not item.tolerated]
    if broken:
        first = broken[0]
        return msgspec.structs.replace(
            result, outcome="fail", expected=first.expected or result.sentence,
            actual=f"{first.channel}: {first.text}" + (f"; found {first.actual}" if first.actual else ""),
        )  # fmt: skip
    if found:
        first = found[0]
        return msgspec.structs.replace(result, manner="tolerated", tolerated=f"{first.channel}: {first.text}")
    return result


def finish(results: Mapping[str, CaseResult], waived: Callable[[str], bool] = lambda id: False) -> dict[str, CaseResult]:
    """Results in which a sentence that was seen broken in *any* conversation fails its observed case."""
    seen: dict[str, list[Seen]] = {}
    where: dict[str, str] = {}
    for result in results.values():
        for item in result.seen:
            seen.setdefault(item.requirement, []).append(item)
            where.setdefault(item.requirement, result.id)
    found = dict(results)
    for id, result in results.items():
        slug = id.partition("/")[2]
        if not slug.startswith("observed") or result.requirement not in seen:
            continue
        if result.outcome not in ("pass", "not-applicable", "blocked"):
            continue
        judged = _judged(msgspec.structs.replace(result, outcome="pass"), seen[result.requirement])
        if judged.outcome == "fail":
            place = where[result.requirement]
            judged = msgspec.structs.replace(judged, actual=f"{judged.actual} (in {place})",
                                             transcript=results[place].transcript,
                                             outcome="waived" if waived(id) else "fail")  # fmt: skip
        found[id] = judged
    return found


def unusable(results: Mapping[str, CaseResult], role: str) -> str:
    """Why the target cannot be tested at all; "" if it can."""
    sanity = results.get(SANITY[role])
    if sanity is None or sanity.outcome in ("pass", "waived", "not-applicable"):
        return ""
    return f"{sanity.id}: expected {sanity.expected or 'an end in peace'}; found {sanity.actual or sanity.reason}"

