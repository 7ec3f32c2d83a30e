"""``spiceconf run TARGET``: a thin door to pytest, which is the engine; see :mod:`conformance.plugin`."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any, Final

import pytest

from conformance.plugin import CaseItem, Engine
from conformance.run import ERROR, LEVELS, OK, UNUSABLE, USAGE
from spiceproto.errors import LocalError

__all__ = ["configure", "execute", "run"]

_INTERRUPTED: Final = 130

_STATUS: Final = {pytest.ExitCode.INTERRUPTED: _INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR: ERROR,
                  pytest.ExitCode.USAGE_ERROR: USAGE, pytest.ExitCode.NO_TESTS_COLLECTED: USAGE}  # fmt: skip


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("target", metavar="TARGET",
                        help="ref:server[?fault=NAME], ref:client, tcp:HOST:PORT, tls:HOST:PORT, unix:PATH, ws:HOST:PORT,"
                             " qemu:, andris:, client:COMMAND, spice-gtk:, spicy-screenshot:, remote-viewer:, ryll:")
    parser.add_argument("--config", metavar="FILE", type=Path, help="TOML file with credentials and options of the target")
    parser.add_argument("--select", metavar="EXPR", default="", help="which cases: ids, channel:main, level:must, section:1.4, "
                        "tag:..., with spaces (and), commas (or), ! (not) and brackets")  # fmt: skip
    parser.add_argument("--level", choices=LEVELS, default="may", help="cases of this level and stricter ones")
    parser.add_argument("--report", metavar="DIR", type=Path, help="write results.jsonl, junit.xml, index.html, captures")
    parser.add_argument("--waivers", metavar="FILE", type=Path, help="TOML file with failures that are known")
    parser.add_argument("--write-baseline", metavar="FILE", type=Path, help="write this run's failures as waivers")
    parser.add_argument("--min-executed", metavar="N", type=int, default=0, help="fail if fewer cases were executed")
    parser.add_argument("--patience", metavar="S", type=float, default=5.0,
                        help="leave out cases that have to wait longer (not in memory)")  # fmt: skip
    parser.add_argument("--piece", metavar="N", type=int, default=0, help="send in pieces of N bytes")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="seed of what is drawn")
    parser.add_argument("-n", "--processes", metavar="N", type=int, default=0,
                        help="run cases in so many processes (needs pytest-xdist)")  # fmt: skip
    parser.add_argument("-q", "--quiet", action="store_true", help="print failures and the end only")
    parser.add_argument("--show-waived", action="store_true", help="print failures that a waiver expects, too")


def run(options: argparse.Namespace) -> int:
    """Run it."""
    values = {name: getattr(options, name) for name in ("config", "select", "level", "report", "waivers", "write_baseline",
                                                        "min_executed", "patience", "piece", "seed")}  # fmt: skip
    return execute(options.target, values, quiet=options.quiet, waived=options.show_waived, processes=options.processes)


def execute(target: str, values: dict[str, Any], *, quiet: bool = False, waived: bool = False, processes: int = 0) -> int:
    """A run with pytest, printed by our own console; the exit status."""
    from conformance.run import Options, Run

    Run(Options(target, **values))  # whatever makes no sense is said here, in our words
    arguments = ["-p", "no:terminal", "-p", "no:cacheprovider", "-p", "spice-conformance", "-c", os.devnull,
                 "--spice-target", target]  # fmt: skip
    for name, value in values.items():
        if value not in (None, ""):
            arguments += [f"--spice-{name.replace('_', '-')}", str(value)]
    if processes:
        arguments += ["-n", str(processes)]
    printer = Printer(folder=str(values.get("report") or ""), quiet=quiet, waived=waived)
    with tempfile.TemporaryDirectory(prefix="spiceconf-") as empty:
        status = pytest.main([*arguments, "--rootdir", empty, empty], plugins=[printer])
    return printer.status(status)


class Printer:
    """Prints a run in place of pytest's own reporter."""

    def __init__(self, *, folder: str, quiet: bool, waived: bool) -> None:
        from conformance.report.console import Console

        self._console = Console(folder=folder, quiet=quiet, waived=waived)
        self._engine: Engine | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        found = config.pluginmanager.get_plugin("spice-engine")
        assert isinstance(found, Engine)
        self._engine = found
        self._console.begin(found.run.header())

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._console.working(nodeid.rpartition("::")[2])

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        if getattr(report, "spice", None) is not None and self._engine is not None:
            result = self._engine.results[report.nodeid.rpartition("::")[2]]
            self._console.case(result)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        from conformance.report.jsonl import Run as Records

        engine = self._engine
        if engine is None or not hasattr(engine, "footer"):
            return
        trouble = engine.trouble or engine.run.unusable(engine.results)
        if trouble:  # the table would only say that nothing could be done
            self._console.trouble(f"the target cannot be tested: {trouble}")
            return
        cases = tuple(engine.run.finished.values())
        for result in cases:
            if result.outcome == "fail" and engine.results[result.id].outcome != "fail":
                self._console.case(result)  # what only the whole run has shown
        if engine.run.too_slow and not self._console.quiet:
            self._console.remark(f"{len(engine.run.too_slow)} cases are left out because they wait longer than "
                                 f"{engine.run.options.patience:g} s; --patience brings them in")  # fmt: skip
        self._console.end(Records(engine.run.header(), cases, engine.footer))

    def status(self, found: int | pytest.ExitCode) -> int:
        """The exit status of the command."""
        engine = self._engine
        if engine is None:
            return _STATUS.get(pytest.ExitCode(int(found)), ERROR)
        if hasattr(engine, "footer"):
            if found == pytest.ExitCode.INTERRUPTED:
                return _INTERRUPTED
            return engine.footer.exit_status
        return _STATUS.get(pytest.ExitCode(int(found)), OK if not found else ERROR)


__all__ += ["UNUSABLE", "CaseItem", "LocalError"]
