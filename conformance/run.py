"""One run: which target, which cases, what is made of the results, and the exit status.

    Options     what the command line or pytest said
    Run         opened from them; the cases, the runner, and the end of it

Exit status: 0 nothing unexpected, 1 a failure that no waiver expects or too little executed, 2 usage, 3 the target cannot
be tested, 4 a mistake in the suite itself.
"""

from __future__ import annotations

import platform
import shlex
from collections.abc import Callable, Container
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import msgspec

from conformance.address import open_target, read_settings
from conformance.case import SANITY, Case
from conformance.cases import all_cases
from conformance.requirements import described, fingerprint, requirements, untestable
from conformance.results import OUTCOMES, CaseResult, Footer, Header
from conformance.runner import Runner, finish, unusable
from conformance.selection import select
from conformance.transcript import Chunk
from conformance.waivers import Waivers, baseline
from spiceproto.errors import LocalError

__all__ = ["ERROR", "FAILED", "LEVELS", "OK", "UNUSABLE", "USAGE", "Options", "Run"]

OK, FAILED, USAGE, UNUSABLE, ERROR = range(5)

LEVELS: Final = ("must", "should", "may")
"""From the strictest on: with a level go those before it."""


class Options(msgspec.Struct, frozen=True):
    """What was asked for.

    * ``select``: see :mod:`conformance.selection`; ``level``: cases of this level and stricter ones
    * ``min_executed``: with fewer cases executed the run fails
    * ``patience``: cases that have to wait longer than this on the target's clock are left out (in memory none are)
    * ``piece``: send in pieces of this size
    """

    target: str
    config: Path | None = None
    select: str = ""
    level: str = "may"
    report: Path | None = None
    waivers: Path | None = None
    write_baseline: Path | None = None
    min_executed: int = 0
    patience: float = 5.0
    piece: int = 0
    seed: int = 0


class Run:
    """Raises LocalError where the options make no sense."""

    def __init__(self, options: Options, *, today: date | None = None) -> None:
        self.options = options
        if options.level not in LEVELS:
            raise LocalError("an unknown level", expected=", ".join(LEVELS), actual=options.level)
        self.target = open_target(options.target, read_settings(options.config), piece=options.piece, seed=options.seed)
        today = today or datetime.now(UTC).date()
        self.waivers: Waivers | None = None
        if options.waivers is not None:
            self.waivers = Waivers.read(options.waivers, address=options.target, today=today)
        self.every = [case for case in all_cases() if case.role == self.target.role]
        fits = select(options.select)
        wanted = LEVELS[: LEVELS.index(options.level) + 1]
        memory = options.target.startswith("ref:")
        chosen = [case for case in self.every if fits(case) and requirements()[case.requirement].level.lower() in wanted]
        self.too_slow = [] if memory else [case for case in chosen if case.slow > options.patience]
        self.cases = [case for case in chosen if case not in self.too_slow]
        self.runner = Runner(self.target, self.every, waivers=self.waivers, command=self._command())
        self.began = datetime.now(UTC)
        self.finished: dict[str, CaseResult] = {}
        self.problems: tuple[str, ...] = ()

    def _command(self) -> str:
        options = self.options
        more = f" --config {shlex.quote(str(options.config))}" if options.config is not None else ""
        more += f" --seed {options.seed}" if options.seed else ""
        return f"spiceconf run{more}" + (f" --piece {options.piece}" if options.piece else "")

    def keep(self, function: Callable[[CaseResult, list[Chunk]], CaseResult]) -> None:
        """Have ``function`` see each result with its bytes."""
        self.runner._keep = function

    def narrow(self, ids: Container[str]) -> None:
        """Whoever runs the cases has left some out: only these are to come."""
        self.cases = [case for case in self.cases if case.id in ids]

    def start(self) -> None:
        """Start the target. Raises TargetUnusable."""
        self.target.start()

    def stop(self) -> None:
        """End what was started."""
        self.target.stop()

    # -- the end

    def header(self) -> Header:
        """How the run was made."""
        options = self.options
        return Header(
            options.target, self.target.role, len(self.cases), self.began.isoformat(timespec="seconds"),
            version=installed(), python=platform.python_version(), specification=fingerprint(), selection=options.select,
            level=options.level, seed=options.seed, identity=self.target.identity, sentences=described(),
            untestable=untestable(),
        )  # fmt: skip

    def finish(self, results: dict[str, CaseResult]) -> Footer:
        """The whole run, once every case that was asked for has a result. ``finished`` and ``problems`` are set."""
        waived = self._waived
        self.finished = finish(results, waived)
        chosen = {case.id for case in self.cases}
        self.finished = {id: result for id, result in self.finished.items() if id in chosen}
        problems: list[str] = []
        if self.waivers is not None:
            problems += self.waivers.problems(self.every, self.finished)
        outcomes: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
        for result in self.finished.values():
            outcomes[result.outcome] += 1
        executed = outcomes["pass"] + outcomes["fail"] + outcomes["waived"] + outcomes["error"]
        missing = len(chosen) - len(self.finished)
        if missing:
            problems.append(f"the run did not end: {missing} cases have no result")
        if executed < self.options.min_executed:
            problems.append(f"too few cases: {executed} executed, at least {self.options.min_executed} wanted")
        if not chosen:
            problems.append("no case is selected")
        elif not executed:
            problems.append("nothing was executed: this run says nothing about the target")
        self.problems = tuple(problems)
        status = self._status(results, outcomes)
        return Footer(len(chosen), executed, outcomes, datetime.now(UTC).isoformat(timespec="seconds"), status, self.problems)

    def _waived(self, id: str) -> bool:
        case = self.runner.cases.get(id)
        return self.waivers is not None and case is not None and self.waivers.match(case) is not None

    def _status(self, results: dict[str, CaseResult], outcomes: dict[str, int]) -> int:
        if not self.cases:
            return USAGE
        if self.unusable(results):
            return UNUSABLE
        if outcomes["error"]:
            return ERROR
        blocked = any(result.outcome == "blocked" and not self._expected(result) for result in self.finished.values())
        return FAILED if outcomes["fail"] or blocked or self.problems else OK

    def _expected(self, result: CaseResult) -> bool:
        """Whether a case is blocked by nothing but failures that are waived."""
        if result.outcome != "blocked":
            return result.outcome == "waived"
        every = self.runner.results | self.finished
        # Prerequisites make no circles; what has no result is nothing that anybody expected.
        return bool(result.blocked_by) and all(id in every and self._expected(every[id]) for id in result.blocked_by)

    def unusable(self, results: dict[str, CaseResult]) -> str:
        """Why the target cannot be tested; "" if it can."""
        return unusable(self.runner.results | results, self.target.role)

    def baseline(self) -> str:
        """A waiver file for the failures."""
        return baseline(self.finished)

    @property
    def sanity(self) -> Case:
        """The case without which no other makes sense."""
        return self.runner.cases[SANITY[self.target.role]]


def installed() -> str:
    """Version of the suite."""
    try:
        return version("spiceproto")
    except PackageNotFoundError:
        return "unknown"
