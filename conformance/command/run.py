"""``spiceconf run TARGET``: a thin door to pytest, which is the engine; see :mod:`conformance.plugin`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from conformance.conclusion import ERROR, UNWRITABLE, USAGE, Interruption
from conformance.naming import counted
from conformance.plugin import Engine
from conformance.run import Options, Run
from conformance.waivers import known_failures
from spiceproto.errors import LocalError

__all__ = ["configure", "execute", "run"]

_INTERRUPTED: Final = 130
_CLOSED_PIPE: Final = 141
_BEGAN: Final = 19
"""Which word behind the name of the program in Linux's table of processes says when it was started."""
"""What a shell gives for a program that SIGPIPE has ended."""

_STATUS: Final = {
    pytest.ExitCode.INTERRUPTED: _INTERRUPTED,
    pytest.ExitCode.INTERNAL_ERROR: ERROR,
    pytest.ExitCode.USAGE_ERROR: USAGE,
    pytest.ExitCode.NO_TESTS_COLLECTED: USAGE,
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument(
        "target",
        metavar="TARGET",
        help="HOST:PORT, spice://HOST:PORT, spice+tls://HOST:PORT, FILE.vv, tcp:HOST:PORT, tls:HOST:PORT, unix:PATH,"
        " ws:HOST:PORT, ref:server[?fault=NAME], ref:client, client:COMMAND, server:COMMAND, or a program that the suite"
        " starts, such as qemu: (an unknown one is answered with a list of all)",
    )
    add = parser.add_argument
    add("--password-file", metavar="FILE", type=Path, help="its first line is the password of the target")
    add("--ca-file", metavar="FILE", type=Path, help="certificates (PEM) of who signed the target's; else any is taken")
    add("--wait", metavar="S", type=float, default=0.0, help="wait so long until the server listens")
    add("--config", metavar="FILE", type=Path, help="TOML file with credentials and options of the target")
    add(
        "--select",
        metavar="EXPR",
        default="",
        help="which cases: ids, channel:main, level:must, section:1.4, "
        "tag:..., with spaces (and), commas (or), ! (not) and brackets",
    )
    add("--cases", metavar="PATH", type=Path, help="cases of your own, too: a Python file, or a folder of them")
    add("--level", metavar="LEVEL", default="may", help="cases of this level and stricter ones: must, should, may")
    add("--report", metavar="DIR", type=Path, help="write results.jsonl, junit.xml, index.html, captures")
    add("--waivers", metavar="FILE", help="TOML file with failures that are known; builtin or qemu, ... for the suite's own")
    add("--write-baseline", metavar="FILE", type=Path, help="write this run's failures as waivers")
    add("--min-executed", metavar="N", type=int, help="fail if fewer cases were executed; else what is usual")
    add("--max-failures", metavar="N", type=int, default=0, help="stop after so many failures; 0, as usual, for never")
    add("--fail-fast", action="store_true", help="stop after the first failure")
    add("--patience", metavar="S", type=float, default=5.0, help="leave out cases that have to wait longer (not in memory)")
    add("--piece", metavar="N", type=int, default=0, help="send in pieces of N bytes")
    add("--seed", metavar="N", type=int, default=0, help="seed of what is drawn")
    add(
        "--shard", metavar="I/N", default="", help="run part I of N of the cases; spiceconf merge makes one report of all parts"
    )
    add("-n", "--processes", metavar="N", type=int, default=0, help="run cases in so many processes (needs pytest-xdist)")
    add("-q", "--quiet", action="store_true", help="print failures and the end only")
    add("-v", "--verbose", action="store_true", help="say which messages of which channels the rules have seen")
    add("--show-waived", action="store_true", help="print failures that a waiver expects, too")


def run(options: argparse.Namespace) -> int:
    """Run it."""
    values = {name: getattr(options, name) for name in Options.__struct_fields__ if name != "target"}
    return execute(
        options.target,
        values,
        quiet=options.quiet,
        verbose=options.verbose,
        waived=options.show_waived,
        processes=options.processes,
        most=1 if options.fail_fast else options.max_failures,
        age=_process_age(),
    )


def _process_age() -> float:
    """Seconds since this process was started; 0.0 where the system does not tell."""
    try:
        began = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[_BEGAN]
        return time.clock_gettime(time.CLOCK_BOOTTIME) - int(began) / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError, IndexError):
        return 0.0


def execute(
    target: str,
    values: dict[str, Any],
    *,
    quiet: bool = False,
    brief: bool = False,
    verbose: bool = False,
    waived: bool = False,
    processes: int = 0,
    most: int = 0,
    age: float = 0.0,
) -> int:
    """A run with pytest, printed by our own console; the exit status. After ``most`` failures it stops.

    ``age``: seconds that are to be told with those of the run.
    """
    began = time.monotonic() - age
    run = Run(Options(target, **values))  # whatever makes no sense is said here, in our words
    if not run.cases and (run.shard is None or not run.planned):
        slow = f"{len(run.too_slow)} would wait longer than --patience {run.options.patience:g} s" if run.too_slow else ""
        why = "; ".join([text for text in ("no case is selected", run.nearest, slow) if text])
        raise LocalError(why, actual=run.options.select)
    _check("--processes", processes)
    _check("--max-failures", most)
    printer = Printer(began, folder=str(values.get("report") or ""), quiet=quiet, brief=brief, verbose=verbose, waived=waived)
    if processes and not run.target.copies:
        printer.remarks.append("-n is not used: what stands at one address is asked by one process")
        processes = 0
    if processes and find_spec("xdist") is None:
        raise LocalError("several processes need pytest-xdist", expected="pip install pytest-xdist", actual=f"-n {processes}")
    arguments = [
        "-p",
        "no:terminal",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:spice-conformance",
        "-p",
        "spiceproto.pytest_plugin",
        "-c",
        os.devnull,
        "--spice-target",
        target,
    ]
    arguments += ["--maxfail", str(most)] if most else []
    for name, value in values.items():
        if value not in (None, ""):
            arguments += [f"--spice-{name.replace('_', '-')}", str(value)]
    if processes:
        arguments += ["-n", str(processes)]
    with tempfile.TemporaryDirectory(prefix="spiceconf-") as empty, _without("PYTEST_ADDOPTS"):
        status = pytest.main([*arguments, "--rootdir", empty, empty], plugins=[printer])
    return printer.status(status)


@contextmanager
def _without(name: str) -> Iterator[None]:
    """Without this variable of the environment: it is meant for tests, and a run is none of them."""
    kept = os.environ.pop(name, None)
    try:
        yield
    finally:
        if kept is not None:
            os.environ[name] = kept


def _check(option: str, value: int) -> None:
    if value < 0:
        raise LocalError(f"a value without sense for {option}", expected="0 or more", actual=str(value))


class Printer:
    """Prints a run in place of pytest's own reporter. ``remarks`` are printed when it begins.

    ``began``: when the run did, for whoever waits for it
    """

    def __init__(self, began: float, *, folder: str, quiet: bool, brief: bool, verbose: bool, waived: bool) -> None:
        from conformance.report.console import Console

        self.remarks: list[str] = []
        self._began = began
        self._console = Console(folder=folder, quiet=quiet, brief=brief, verbose=verbose, waived=waived)
        self._engine: Engine | None = None
        self._lost: Interruption | None = None
        """Why nothing is printed any more."""

    def _print(self, what: Callable[..., None], *values: Any) -> None:
        """Print; whoever cannot be told any more ends the run."""
        if self._lost is not None:
            return
        try:
            what(*values)
        except BrokenPipeError:
            self._lost = Interruption("its output: nobody reads it any more", _CLOSED_PIPE)
        except OSError as error:
            self._lost = Interruption(f"its output, which cannot be written: {error.strerror}", UNWRITABLE)
        if self._lost is not None:
            # What lies in the buffer would fail again at the end of the process.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            print(f"spiceconf: interrupted by {self._lost.by}", file=sys.stderr)
            if self._engine is not None:
                self._engine.interrupt(self._lost.by, self._lost.status)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        found = config.pluginmanager.get_plugin("spice-engine")
        assert isinstance(found, Engine)
        self._engine = found
        found.run.count_from(self._began)
        self.remarks += [found.folder.said] if found.folder is not None and found.folder.said else []

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self) -> None:
        assert self._engine is not None
        self._print(self._console.begin, self._engine.run.header())
        for text in self.remarks:
            self._print(self._console.remark, text)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._print(self._console.working, nodeid.rpartition("::")[2])

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        if getattr(report, "spice", None) is not None and self._engine is not None:
            self._print(self._console.case, self._engine.results[report.nodeid.rpartition("::")[2]])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        from conformance.report.jsonl import Run as Records

        engine = self._engine
        if engine is None or not hasattr(engine, "footer"):
            return
        cases = tuple(engine.run.finished.values())
        for result in cases:
            if result.outcome == "fail" and engine.results[result.id].outcome != "fail":
                self._print(self._console.case, result)  # what only the whole run has shown
        if engine.run.too_slow:
            text = (
                f"{counted(len(engine.run.too_slow), 'case')} left out, for a wait of more than "
                f"{engine.run.options.patience:g} s; --patience brings them in"
            )
            self._print(self._console.remark, text)
        hint = known_failures(engine.run.options.target)
        if hint and engine.run.waivers is None and engine.footer.outcomes.get("fail") and not engine.footer.unusable:
            self._print(self._console.remark, hint)
        footer = msgspec.structs.replace(engine.footer, seconds=engine.run.seconds)  # with the reports
        self._print(self._console.end, Records(engine.run.header(), cases, footer))

    def status(self, found: int | pytest.ExitCode) -> int:
        """The exit status of the command."""
        engine = self._engine
        if engine is not None and hasattr(engine, "footer"):
            # What was written and found counts, whoever heard of it.
            return self._lost.status if self._lost is not None else engine.footer.exit_status
        if engine is not None and engine.interrupted is not None:
            return engine.interrupted.status
        return _STATUS.get(pytest.ExitCode(int(found)), ERROR)
