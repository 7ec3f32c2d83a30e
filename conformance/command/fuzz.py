"""``spiceconf fuzz TARGET``: conversations made up at random, and what a target makes of them.

Exit status 0 if nothing new was found that comes back each time, 1 if something was, 3 if the target cannot be tested.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.naming import channel_names, counted
from spiceproto.errors import LocalError

if TYPE_CHECKING:
    from conformance.fuzz.campaign import Campaign, Found
    from conformance.fuzz.corpus import Corpus
    from conformance.fuzz.known import Known
    from conformance.fuzz.spread import Held, Together
    from conformance.fuzz.stage import Stage
    from conformance.fuzz.steps import Step
    from conformance.target import Reach
    from spiceproto.message import Sender

__all__ = ["configure", "run"]

_SECONDS: Final = 60.0
_NONE: Final = "none"
_SHOWN: Final = 20
_MOST_SEEDS: Final = 100_000
_MOST_SECONDS, _MOST_COUNT = 1e7, 1_000_000_000
_WIDTH: Final = 200
"""Steps of a finding that are printed, and letters of each."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    add = parser.add_argument
    add("target", metavar="TARGET", help="as in `spiceconf run`: a server or a client, best one that the suite starts itself")
    add("--time", metavar="S", type=float, help=f"so many seconds; {_SECONDS:g} if there is no --count either")
    add("--count", metavar="N", type=int, help="so many conversations")
    add("--seed", metavar="N", type=int, default=0, help="seed of what is drawn")
    add("--seeds", metavar="N", type=int, default=1, help="so many campaigns, each as long, with this seed and those behind it")
    add("--dask", metavar="ADDRESS", help="have them held by the workers of a Dask cluster, whose scheduler this is")
    add("--channel", metavar="NAME", action="append", default=[], help="speak on this channel, besides main; may come again")
    add("--kind", metavar="NAME", action="append", default=[], help="make mistakes of this kind; may come again")
    add(
        "--corpus",
        metavar="DIR",
        help="begin with these conversations, and keep what reaches anything new; none: begin with nothing (the suite's own)",
    )
    add("--report", metavar="DIR", type=Path, help="write each finding: steps, capture, script")
    add("--replay", metavar="FILE", type=Path, action="append", default=[], help="play these conversations, and no others")
    add("--tls", action="store_true", help="a client is told of a port with TLS, and of no other")
    add("--waivers", metavar="FILE", help="TOML file with failures that are known; builtin or qemu, ... for the suite's own")
    add("--config", metavar="FILE", type=Path, help="TOML file with credentials and options of the target")
    add("--password-file", metavar="FILE", type=Path, help="its first line is the password of the target")
    add("--ca-file", metavar="FILE", type=Path, help="certificates (PEM) of who signed the target's; else any is taken")
    add("--wait", metavar="S", type=float, default=0.0, help="wait so long until the server listens")
    add("-q", "--quiet", action="store_true", help="print findings and the end only")


def run(options: argparse.Namespace) -> int:
    """Run it."""
    from conformance.address import Login, open_target, read_settings
    from conformance.fuzz.campaign import Campaign
    from conformance.fuzz.corpus import read
    from conformance.fuzz.known import Known
    from conformance.fuzz.stage import Stage
    from conformance.outcome import TargetUnusable

    _check(options)
    if options.seeds > 1 or options.dask:
        return _many(options)
    login = Login.read(options.password_file, options.ca_file, options.wait)
    target = open_target(options.target, read_settings(options.config), login=login, seed=options.seed)
    known = Known(options.waivers, options.target)
    _look_at(options)
    corpus, conversations = _corpus(options, target.role)
    replays = {path: read(path) for path in options.replay}
    stage = Stage(target, secure=options.tls)
    printer = Printer(options, known)
    campaign: Campaign | None = None
    status = 0
    try:
        stage.start()
        printer.begin(stage)
        campaign = Campaign(
            stage,
            seed=options.seed,
            kinds=options.kind,
            channels=options.channel,
            corpus=list(conversations.values()),
            tell=printer.found,
        )
        if replays:
            for path, steps in replays.items():
                printer.passed_over(path, steps, campaign.play(steps).steps)
        else:
            campaign.hold(_seconds(options), options.count or 0)
    except TargetUnusable as error:
        status = _unusable(error, password=bool(target.password))
    finally:
        stage.stop()
        if campaign is not None:  # whatever has ended it: what was found is kept
            if corpus is not None:
                _keep(corpus, campaign.new, len(conversations), f"made up for a {stage.role}, seed {options.seed}")
            found = printer.end(campaign)
    return status or found


def _unusable(error: Exception, *, password: bool) -> int:
    """Say why a target cannot be tested, and what to do; the exit status."""
    from conformance.advice import advice
    from conformance.conclusion import UNUSABLE

    print(f"spiceconf: the target cannot be tested: {error}", file=sys.stderr)
    if text := advice(str(error), password=password):
        print(text, file=sys.stderr)
    return UNUSABLE


def _seconds(options: argparse.Namespace) -> float:
    """How long it lasts; 0 where the number of conversations says that."""
    return float(options.time or (0.0 if options.count else _SECONDS))


def _look_at(options: argparse.Namespace) -> None:
    """Raise LocalError where what is found could not be written."""
    from conformance.places import look_at_folder

    if options.report is not None:
        look_at_folder(options.report)
    if options.corpus not in (None, _NONE):
        look_at_folder(Path(options.corpus))


def _corpus(options: argparse.Namespace, role: str) -> tuple[Corpus | None, dict[str, tuple[Step, ...]]]:
    """The folder that keeps what is new, None for none; and what a campaign begins with."""
    from conformance.fuzz.corpus import Corpus, own

    if options.corpus == _NONE:
        return None, {}
    kept = Corpus(Path(options.corpus)) if options.corpus else None
    return kept, (kept or own(role)).read(role)


def _keep(corpus: Corpus, new: Mapping[str, Sequence[Step]], known: int, comment: str) -> None:
    for name, steps in new.items():
        corpus.write(name, steps, comment)
    print(f"corpus: {counted(known, 'conversation')}, {len(new)} new")


def _many(options: argparse.Namespace) -> int:
    """Campaigns with several seeds, here or on a cluster."""
    from conformance.address import Login, open_target, read_settings
    from conformance.fuzz.known import Known
    from conformance.fuzz.spread import Job, Together, spread
    from conformance.outcome import TargetUnusable
    from spiceproto.pool import open_pool

    settings, login = read_settings(options.config), Login.read(options.password_file, options.ca_file, options.wait)
    role = open_target(options.target, settings, login=login).role
    _look_at(options)
    corpus, conversations = _corpus(options, role)
    jobs = [
        Job(
            address=options.target,
            settings=settings,
            login=login,
            seed=seed,
            kinds=tuple(options.kind),
            channels=tuple(options.channel),
            count=options.count or 0,
            seconds=_seconds(options),
            corpus=tuple(conversations.values()),
            secure=options.tls,
            files=options.report is not None,
        )
        for seed in range(options.seed, options.seed + options.seeds)
    ]
    printer = Printer(options, Known(options.waivers, options.target))
    together, status, begun = Together(), 0, False
    try:
        with open_pool(options.dask) as pool:
            printer.pool(pool.workers)
            begun = True
            spread(pool, jobs, printer.held, together)
    except TargetUnusable as error:
        status = _unusable(error, password=bool(login.password or settings.password))
    finally:
        if begun:
            if corpus is not None:
                _keep(corpus, together.new, len(conversations), f"made up with the seeds {jobs[0].seed} to {jobs[-1].seed}")
            found = printer.end(together)
    return status or found


def _check(options: argparse.Namespace) -> None:
    from conformance.fuzz.mutation import KINDS
    from spiceproto.size_limits import CHANNELS
    from spiceproto.suggestion import expected

    for name, value, most in (("--time", options.time, _MOST_SECONDS), ("--count", options.count, _MOST_COUNT)):
        if value is not None and not 0 < value <= most:
            raise LocalError(f"a value without sense for {name}", expected=f"more than 0, at most {most:g}", actual=str(value))
    if not 1 <= options.seeds <= _MOST_SEEDS:
        raise LocalError("a value without sense for --seeds", expected=f"1 to {_MOST_SEEDS}", actual=str(options.seeds))
    if options.replay and (options.seeds > 1 or options.dask):
        raise LocalError("--replay has no seeds", expected="neither --seeds nor --dask")
    for what, values, all_of in (("channel", options.channel, CHANNELS), ("kind", options.kind, KINDS)):
        for value in values:
            if value not in all_of:
                raise LocalError(f"no such {what}", expected=expected(value, tuple(all_of)), actual=value)


class Printer:
    """Prints a campaign, and writes its report."""

    def __init__(self, options: argparse.Namespace, known: Known) -> None:
        self._options = options
        self._known = known
        self._began = time.monotonic()
        self._new = 0
        self._number = 0
        self._target: tuple[str, str, Reach] | None = None
        """Address, role, and how it is reached by scripts."""

    def begin(self, stage: Stage) -> None:
        """What is tried."""
        from conformance.fuzz.ends import MAIN

        self._target = stage.target.address, stage.target.role, stage.target.reach()
        if not self._options.quiet:
            program = stage.target.identity.get("program") or stage.role
            print(f"spiceconf fuzz: {stage.role} {stage.target.address}, {program}; seed {self._options.seed}")
            print(f"  on {channel_names([MAIN, *stage.places])}", flush=True)

    def passed_over(self, path: Path, steps: Sequence[Step], played: Sequence[Step]) -> None:
        """Steps of a file that make no sense at this target, or where they stand: they were not said."""
        left = list(played)
        lost = [step for step in steps if not (left and left[0] == step and left.pop(0))]
        if lost:
            print(f"{path}: {len(lost)} of {counted(len(steps), 'step')} not said, for they make no sense there:")
            for step in lost[:_SHOWN]:
                print(f"    {str(step)[:_WIDTH]}")

    def pool(self, workers: int) -> None:
        """Who tries it."""
        if not self._options.quiet:
            who = f" on {counted(workers, 'worker')}" if self._options.dask else ""
            last = self._options.seed + self._options.seeds - 1
            print(f"spiceconf fuzz: {self._options.target}, seeds {self._options.seed} to {last}{who}", flush=True)

    def held(self, held: Held, fresh: Sequence[Found]) -> None:
        """One more of several campaigns, and those of its findings that are new."""
        self._target = self._options.target, held.role, held.reach
        if not self._options.quiet:
            number = counted(held.conversations, "conversation")
            print(f"seed {held.seed}: {held.role} {held.program}, {number}, {counted(len(held.found), 'finding')}", flush=True)
        for found in fresh:
            self.found(found, held.seed)

    def found(self, found: Found, seed: int | None = None) -> None:
        """One more finding."""
        from conformance.fuzz.written import write

        self._number += 1
        known = self._known.of(found.finding)
        self._new += not known and not found.unsteady
        mark = "KNOWN" if known else "UNSTEADY" if found.unsteady else "FOUND"
        print(f"{mark} {self._number}: {found.finding}" + (f" (known: {known})" if known else ""))
        steps = counted(len(found.first), "step")
        print(f"  conversation {found.at}, after {found.seconds:.1f} s; {steps}, made {len(found.steps)}")
        for step in found.steps[:_SHOWN]:
            print(f"    {str(step)[:_WIDTH]}")
        if self._options.report and self._target is not None:
            address, role, reach = self._target
            seed = self._options.seed if seed is None else seed
            for path in write(self._options.report, self._number, found, target=address, role=role, seed=seed, reach=reach):
                print(f"  {path}")
        sys.stdout.flush()

    def end(self, campaign: Campaign | Together) -> int:
        """How it ended; the exit status."""
        from conformance.fuzz.said import said

        seconds = time.monotonic() - self._began
        number = campaign.conversations
        rate = f", {60 * number / seconds:,.0f} a minute" if seconds else ""
        times = sum(campaign.counts.values())
        if campaign.gone:
            print(f"ended early: {campaign.gone}; what it ended by is the last finding, as far as anybody could see")
            print(f"start it again, and play that: spiceconf fuzz {shlex.quote(self._options.target)} --replay FILE.steps")
        if campaign.pairs and self._target is not None and not self._options.quiet:
            own: Sender = "client" if self._target[1] == "server" else "server"
            print(f"kinds of messages that were said: {said(campaign.pairs, own)}")
        print(
            f"{counted(number, 'conversation')} in {seconds:.1f} s{rate}; {len(campaign.pairs)} messages in their states;"
            f" {counted(len(campaign.found), 'finding')}, {self._new} of them new, seen {counted(times, 'time')}"
        )
        return 1 if self._new else 0
