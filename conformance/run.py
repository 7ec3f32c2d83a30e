"""One run: which target, which cases, what is made of the results, and the exit status.

    Options     what the command line or pytest said
    Run         opened from them; the cases, the runner, and the end of it

Exit status: 0 nothing unexpected, 1 a failure that no waiver expects or less executed than was asked for, 2 usage, 3 the
target cannot be tested, or less of it than is usual, 4 a mistake in the suite itself, 5 what was found cannot be written; 128
and the number of the signal for a run that was interrupted.
"""

from __future__ import annotations

import math
import platform
import shlex
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Container, Mapping
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import msgspec

from conformance.adapters.executed import least_executed
from conformance.address import Login, open_target, read_settings
from conformance.advice import advice
from conformance.case import Case
from conformance.cases import all_cases
from conformance.naming import counted
from conformance.outcome import untried
from conformance.report.files import check
from conformance.report.jsonl import counts
from conformance.requirements import described, fingerprint, requirements, unbound, untestable
from conformance.results import CaseResult, Footer, Header
from conformance.runner import GONE, Runner, finish, unusable
from conformance.selection import likely, select
from conformance.target import Target
from conformance.transcript import Chunk
from conformance.waivers import Waivers, baseline
from spiceproto.errors import LocalError
from spiceproto.suggestion import expected

__all__ = ["ERROR", "FAILED", "LEVELS", "OK", "UNUSABLE", "UNWRITABLE", "USAGE", "Interruption", "Options", "Run"]

OK, FAILED, USAGE, UNUSABLE, ERROR, UNWRITABLE = range(6)

LEVELS: Final = ("must", "should", "may")
"""From the strictest on: with a level go those before it."""


_PATIENCE: Final = 5.0

_ENDED: Final[Mapping[str, str]] = {
    "fail": "which failed: look at that first",
    "waived": "which failed as a waiver expects",
    "error": "over which the suite itself failed",
}
"""What became of a case that others wait for."""


class Interruption(msgspec.Struct, frozen=True):
    """What ended a run before its end: ``by`` for people, and the exit status."""

    by: str
    status: int


class Options(msgspec.Struct, frozen=True):
    """What was asked for.

    * ``password_file``, ``ca_file``: what stands in them goes before what ``config`` says
    * ``wait``: seconds in which a server may begin to listen
    * ``select``: see :mod:`conformance.selection`; ``level``: cases of this level and stricter ones
    * ``waivers``: a file, or "builtin" or the name of one that comes with the suite
    * ``min_executed``: with fewer cases executed the run fails; None for what is known of such a target
    * ``patience``: cases that have to wait longer than this on the target's clock are left out (in memory none are)
    * ``piece``: send in pieces of this size
    """

    target: str
    config: Path | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    wait: float = 0.0
    select: str = ""
    level: str = "may"
    report: Path | None = None
    waivers: str | Path | None = None
    write_baseline: Path | None = None
    min_executed: int | None = None
    patience: float = _PATIENCE
    piece: int = 0
    seed: int = 0


class Run:
    """One run of cases against a target: the one that the address of the options stands for, or ``target``.

    ``every``     all cases for its role; ``cases``: those that were chosen; ``too_slow``: those that would wait too long
    ``runner``    runs them
    ``finished``  results by id, once the run is over; ``problems``: what else is wrong with it

    Raises LocalError where the options make no sense.
    """

    def __init__(self, options: Options, *, target: Target | None = None, today: date | None = None) -> None:
        self.options = options
        _check(options)
        login = Login.read(options.password_file, options.ca_file, options.wait)
        self.target = target or open_target(
            options.target, read_settings(options.config), login=login, piece=options.piece, seed=options.seed
        )
        today = today or datetime.now(UTC).date()
        self.waivers: Waivers | None = None
        if options.waivers is not None:
            self.waivers = Waivers.named(options.waivers, address=options.target, today=today)
        self.every = [case for case in all_cases() if case.role == self.target.role]
        fits = select(options.select)
        wanted = LEVELS[: LEVELS.index(options.level) + 1]
        chosen = [case for case in self.every if fits(case) and requirements()[case.requirement].level.lower() in wanted]
        self.nearest = likely(options.select, self.every) if not chosen else ""
        self.too_slow = [] if self.target.virtual else [case for case in chosen if case.slow > options.patience]
        self.cases = [case for case in chosen if case not in self.too_slow]
        manners = (Waivers.packaged(options.target),)
        self.runner = Runner(
            self.target, self.every, waivers=self.waivers, manners=manners, command=self._command(), levels=wanted
        )
        self.began = datetime.now(UTC)
        self._clock = time.monotonic()
        self.finished: dict[str, CaseResult] = {}
        self.problems: tuple[str, ...] = ()
        for path in (options.report, options.write_baseline and options.write_baseline.parent):
            if path is not None:
                _look_at(path)
        if options.report is not None:
            check(options.report)

    def _command(self) -> str:
        options = self.options
        files = {"config": options.config, "password-file": options.password_file, "ca-file": options.ca_file}
        more = "".join([f" --{name} {shlex.quote(str(path))}" for name, path in files.items() if path is not None])
        more += f" --seed {options.seed}" if options.seed else ""
        return f"spiceconf run{more}" + (f" --piece {options.piece}" if options.piece else "")

    @property
    def seconds(self) -> float:
        """Since it began."""
        return round(time.monotonic() - self._clock, 2)

    def count_from(self, moment: float) -> None:
        """It began at this moment of the monotonic clock, for whoever waits for the command."""
        self._clock = moment

    def keep(self, function: Callable[[CaseResult, list[Chunk]], CaseResult]) -> None:
        """Have ``function`` see each result with its bytes."""
        self.runner.keep = function

    def narrow(self, ids: Container[str]) -> None:
        """Whoever runs the cases has left some out: only these are to come."""
        self.cases = [case for case in self.cases if case.id in ids]

    def start(self) -> None:
        """Start the target. Raises TargetUnusable."""
        self.target.start()

    def stop(self) -> None:
        """End what was started."""
        self.target.stop()

    def so_far(self, case: Case) -> CaseResult:
        """The result of a case. Where the rules decide, it is read off all conversations that this process has had."""
        result = self.runner.run(case)
        if not case.from_rules:
            return result
        chosen = {case.id for case in self.cases}
        known = {id: found for id, found in self.runner.results.items() if id in chosen} | {case.id: result}
        return finish(known, {case.id}, self.runner.waived)[case.id]

    # -- the end

    def header(self) -> Header:
        """How the run was made."""
        options = self.options
        return Header(
            self.target.address,
            self.target.role,
            len(self.cases),
            self.began.isoformat(timespec="seconds"),
            version=installed(),
            python=platform.python_version(),
            specification=fingerprint(),
            selection=options.select,
            level=options.level,
            seed=options.seed,
            every=len(self.every),
            identity=self.target.identity,
            sentences=described(),
            untestable=untestable(),
            unbound=unbound(self.target.role),
        )

    def finish(
        self, results: dict[str, CaseResult], *, trouble: str = "", interrupted: Interruption | None = None, stopped: str = ""
    ) -> Footer:
        """The end of a run. ``finished`` and ``problems`` are set.

        ``trouble`` is why the target could not be started or is gone, ``interrupted`` and ``stopped`` why cases have no result.
        """
        observed = {case.id for case in self.every if case.from_rules}
        self.finished = finish(results, observed, self.runner.waived)
        chosen = {case.id for case in self.cases}
        self.finished = {id: result for id, result in self.finished.items() if id in chosen}
        problems: list[str] = []
        if self.waivers is not None:
            problems += self.waivers.problems(self.every, self.finished)
        outcomes, executed = counts(self.finished.values())
        missing = len(chosen) - len(self.finished)
        if missing and interrupted is None:
            problems.append(f"{stopped or 'the run did not end'}: {counted(missing, 'case')} without a result")
        wanted = self.options.min_executed
        if wanted is not None and executed < wanted and interrupted is None:
            cause = trouble or (stopped if missing else "") or self._behind(executed, wanted)
            text = f"too few cases: {executed} executed, at least {wanted} wanted"
            problems.append(f"{text}: {cause}" if cause else text)
        if not chosen:
            problems.append("no case is selected" + (f"; {self.nearest}" if self.nearest else ""))
        elif not executed and interrupted is None:
            problems.append("nothing was executed: this run says nothing about the target")
        self.problems = tuple(problems)
        why = trouble or self.unusable(results)
        todo = advice(why, password=bool(self.target.password)) if why else ""
        if trouble.startswith(GONE) and outcomes["fail"]:
            # What failed before that stands by itself.
            self.problems += (f"{trouble}; {todo}",)
            why = todo = ""
        status = interrupted.status if interrupted is not None else self._status(why, outcomes, executed)
        few = "" if trouble or stopped else self._too_few(executed)
        unplayed = [result.reason for result in self.finished.values() if _untried(result)]
        if unplayed and status == OK:
            blocked = outcomes["blocked"]
            why = f"{counted(blocked, 'case')} could not be played, and nothing else is wrong: {unplayed[0]}"
            todo, status = advice(why, password=False), UNUSABLE
        elif few and status == OK:
            why, status = few, UNUSABLE
        elif few and status == FAILED:
            self.problems += (few,)
        return Footer(
            planned=len(chosen),
            executed=executed,
            outcomes=outcomes,
            ended=datetime.now(UTC).isoformat(timespec="seconds"),
            exit_status=status,
            problems=self.problems,
            every=len(self.every),
            slow=len(self.too_slow),
            seconds=self.seconds,
            unusable=why,
            advice=todo,
            interrupted=interrupted.by if interrupted is not None else "",
            missing=missing,
        )

    def _too_few(self, executed: int) -> str:
        """What is to be said if fewer cases were executed than usual, in a run that left out none of them by itself."""
        options = self.options
        whole = len(self.cases) + len(self.too_slow) == len(self.every) and options.patience >= _PATIENCE
        least = least_executed(options.target, self.target.role) if whole and options.min_executed is None else 0
        if executed >= least:
            return ""
        text = f"too few cases: {executed} executed, {least} are usual for such a target"
        cause = self._behind(executed, least)
        return f"{text}: {cause}" if cause else f"{text}; if it has no more, say so with --min-executed {executed}"

    def _behind(self, executed: int, least: int) -> str:
        """What keeps cases from being executed, in words, if without that there would be enough; "" if not."""
        blocked = [result for result in self.finished.values() if result.outcome == "blocked"]
        if executed + len(blocked) < least:
            return ""
        said = f"{len(blocked)} more {'is' if len(blocked) == 1 else 'are'} blocked"
        causes = Counter([id for result in blocked for id in result.blocked_by])
        if not causes:
            ((reason, _),) = Counter([result.reason for result in blocked]).most_common(1)
            return f"{said}: {reason}"
        ((id, count),) = causes.most_common(1)
        found = (self.runner.results | self.finished).get(id)
        ending = _ENDED.get(found.outcome if found is not None else "", "which did not pass")
        return f"{said}, {count} of them by {id}, {ending}"

    def _status(self, why: str, outcomes: dict[str, int], executed: int) -> int:
        if not self.cases:
            return USAGE
        if why:
            return UNUSABLE
        if outcomes["error"]:
            return FAILED if outcomes["fail"] else ERROR
        if not executed:
            return UNUSABLE
        blocked = any(result.outcome == "blocked" and not self._expected(result) for result in self.finished.values())
        return FAILED if outcomes["fail"] or blocked or self.problems else OK

    def _expected(self, result: CaseResult) -> bool:
        """Whether a case is blocked by nothing but failures that are waived, or that this level is not about.

        A target that could not be told something says nothing of itself by that.
        """
        if _untried(result):
            return True
        if result.outcome != "blocked":
            return result.outcome == "waived" or not self.runner.in_level(result.id)
        every = self.runner.results | self.finished
        # Prerequisites make no circles; what has no result is nothing that anybody expected.
        return bool(result.blocked_by) and all(id in every and self._expected(every[id]) for id in result.blocked_by)

    def unusable(self, results: dict[str, CaseResult]) -> str:
        """Why the target cannot be tested; "" if it can."""
        return unusable(self.runner.results | results, self.target.role)

    def out_of_reach(self) -> str:
        """Why nobody can talk to the target, where that is no sentence's matter: it is not there, gone, or wants a password."""
        if self.runner.gone:
            return self.runner.gone
        why = self.unusable({})
        return why if not self.target.virtual and advice(why, password=bool(self.target.password)) else ""

    def baseline(self) -> str:
        """A waiver file for the failures."""
        return baseline(self.finished)


def _untried(result: CaseResult) -> bool:
    return result.outcome == "blocked" and untried(result.reason)


def installed() -> str:
    """Version of the suite."""
    try:
        return version("spiceproto")
    except PackageNotFoundError:
        return "unknown"


def _check(options: Options) -> None:
    """Raise LocalError for values without sense."""
    if options.level not in LEVELS:
        raise LocalError("an unknown level", expected=expected(options.level, LEVELS), actual=options.level)
    least = {"patience": 0.0, "wait": 0.0, "min_executed": 0, "piece": 0, "seed": 0}
    for name, value in least.items():
        found = getattr(options, name)
        if found is not None and (not math.isfinite(found) or found < value):
            option = f"--{name.replace('_', '-')}"
            raise LocalError(f"a value without sense for {option}", expected=f"{value} or more", actual=str(found))


def _look_at(folder: Path) -> None:
    """Raise LocalError if nothing can be written in a folder; it is made if it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
    except OSError as error:
        raise LocalError("nothing can be written there", where=str(folder), actual=error.strerror or str(error)) from None
