"""One run: which target, which cases, what is made of the results, and the exit status.

    Options     what the command line or pytest said
    Run         opened from them; the cases, the runner, and the end of it

:mod:`conformance.conclusion` has the exit status.
"""

from __future__ import annotations

import math
import platform
import shlex
import time
from collections.abc import Callable, Container
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import msgspec

from conformance.adapters.executed import least_executed
from conformance.address import Login, open_target, read_settings
from conformance.advice import advice
from conformance.case import Case
from conformance.cases import all_cases, load
from conformance.conclusion import Found, Interruption, conclude
from conformance.places import look_at_folder
from conformance.report.files import check
from conformance.requirements import described, fingerprint, requirements, unbound, untestable
from conformance.results import CaseResult, Footer, Header, Part
from conformance.runner import Runner, finish, unusable
from conformance.selection import likely, select
from conformance.shard import Shard, slim
from conformance.target import Target
from conformance.transcript import Chunk
from conformance.waivers import Waivers, baseline
from spiceproto.errors import LocalError
from spiceproto.suggestion import expected

__all__ = ["LEVELS", "Options", "Run", "installed"]

LEVELS: Final = ("must", "should", "may")
"""From the strictest on: with a level go those before it."""


_PATIENCE: Final = 5.0


class Options(msgspec.Struct, frozen=True):
    """What was asked for.

    * ``password_file``, ``ca_file``: what stands in them goes before what ``config`` says
    * ``wait``: seconds in which a server may begin to listen
    * ``select``: see :mod:`conformance.selection`; ``level``: cases of this level and stricter ones
    * ``waivers``: a file, or "builtin" or the name of one that comes with the suite
    * ``min_executed``: with fewer cases executed the run fails; None for what is known of such a target
    * ``patience``: cases that have to wait longer than this on the target's clock are left out (in memory none are)
    * ``piece``: send in pieces of this size
    * ``shard``: which part of the cases, as in "2/3"; "" for all
    * ``cases``: a file, or a folder of files, with cases of the caller's own
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
    shard: str = ""
    cases: Path | None = None


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
        if options.cases is not None:
            load(options.cases)
        login = Login.read(options.password_file, options.ca_file, options.wait)
        self.target = target or open_target(
            options.target, read_settings(options.config), login=login, piece=options.piece, seed=options.seed
        )
        today = today or datetime.now(UTC).date()
        self.waivers: Waivers | None = None
        if options.waivers is not None:
            self.waivers = Waivers.named(options.waivers, address=options.target, today=today)
        self.every = [case for case in all_cases() if case.role == self.target.role]
        self.shard = Shard.read(options.shard) if options.shard else None
        fits = select(options.select)
        self.levels = wanted = LEVELS[: LEVELS.index(options.level) + 1]
        chosen = [case for case in self.every if fits(case) and requirements()[case.requirement].level.lower() in wanted]
        self.nearest = likely(options.select, self.every) if not chosen else ""
        self._chosen = len(chosen)
        if self.shard is not None:
            chosen = [case for case in chosen if self.shard.has(case)]
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
                look_at_folder(path)
        if options.report is not None:
            check(options.report)

    def _command(self) -> str:
        options = self.options
        files = {
            "config": options.config,
            "password-file": options.password_file,
            "ca-file": options.ca_file,
            "cases": options.cases,
        }
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

    @property
    def planned(self) -> int:
        """How many cases were chosen, for all parts of the run."""
        return self._chosen

    def narrow(self, ids: Container[str]) -> None:
        """Whoever runs the cases has left some out: only these are to come."""
        left = [case for case in self.cases if case.id in ids]
        self._chosen -= len(self.cases) - len(left)
        self.cases = left

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
            shard=options.shard,
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
        chosen = {case.id for case in self.cases}
        finished = finish(results, observed, self.runner.waived)
        self.finished = {id: result for id, result in finished.items() if id in chosen}
        why = trouble or self.unusable(results)
        todo = advice(why, password=bool(self.target.password)) if why else ""
        beside = {id: result for id, result in self.runner.results.items() if id not in self.finished}
        least = self._least()
        part = None
        if self.shard is not None:
            late = [id for id, result in self.finished.items() if result.outcome != results[id].outcome]
            known = tuple([slim(result) for result in beside.values()])
            part = Part(least, why, todo, bool(trouble), stopped, self.runner.held(), tuple(late), known)
        footer = conclude(
            Found(
                planned=len(chosen),
                every=len(self.every),
                slow=len(self.too_slow),
                seconds=self.seconds,
                ended=datetime.now(UTC).isoformat(timespec="seconds"),
                finished=self.finished,
                beside=beside,
                levels=self.levels,
                problems=self.waivers.problems(self.every, self.finished) if self.waivers is not None else (),
                wanted=self.options.min_executed,
                least=least if part is None else 0,
                why=why,
                advice=todo,
                trouble=bool(trouble),
                stopped=stopped,
                nearest=self.nearest,
                interrupted=interrupted,
                part=part,
            )
        )
        self.problems = footer.problems
        return footer

    def _least(self) -> int:
        """How many cases are usual for a run of all of them; 0 for one that leaves any out by itself."""
        options = self.options
        whole = self._chosen == len(self.every) and options.patience >= _PATIENCE and options.min_executed is None
        return least_executed(options.target, self.target.role) if whole else 0

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
    if options.shard and options.min_executed is not None:
        raise LocalError("--min-executed is about a whole run: give it to spiceconf merge", actual=f"--shard {options.shard}")
    least = {"patience": 0.0, "wait": 0.0, "min_executed": 0, "piece": 0, "seed": 0}
    for name, value in least.items():
        found = getattr(options, name)
        if found is not None and (not math.isfinite(found) or found < value):
            option = f"--{name.replace('_', '-')}"
            raise LocalError(f"a value without sense for {option}", expected=f"{value} or more", actual=str(found))
