"""pytest as the engine: what :mod:`spiceproto.pytest_plugin` loads when pytest is given a target.

Each case is an item. Results travel with pytest's own reports, so that ``-n`` (pytest-xdist) works; the process that
collects them ends the run, writes the reports and decides the exit status.
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from conformance.asked_to_end import when_asked
from conformance.case import Case
from conformance.cases import all_cases
from conformance.conclusion import UNWRITABLE, Interruption
from conformance.naming import in_words
from conformance.outcome import TargetUnusable
from conformance.report import Folder, console
from conformance.results import CaseResult
from conformance.run import Options, Run
from conformance.selection import keywords
from conformance.transcript import Chunk
from spiceproto.errors import LocalError

__all__ = ["Engine", "begin"]

_OPTION: Final = re.compile(r"--(?=(?:password-file|ca-file|config|wait|min-executed|patience|waivers)\b)")
"""Options of the command that pytest has with another name."""


def begin(config: pytest.Config) -> None:
    """Open the run that the options of pytest ask for, and give pytest the engine for it."""
    option = config.getoption
    options = Options(
        option("--spice-target"),
        config=option("--spice-config"),
        password_file=option("--spice-password-file"),
        ca_file=option("--spice-ca-file"),
        wait=option("--spice-wait"),
        select=option("--spice-select"),
        level=option("--spice-level"),
        report=option("--spice-report"),
        waivers=option("--spice-waivers"),
        write_baseline=option("--spice-write-baseline"),
        min_executed=option("--spice-min-executed"),
        patience=option("--spice-patience"),
        piece=option("--spice-piece"),
        seed=option("--spice-seed"),
        shard=option("--spice-shard"),
        cases=option("--spice-cases"),
    )
    try:
        run = Run(options)
    except LocalError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(Engine(config, run), "spice-engine")


class Engine:
    """The hooks of a run with a target.

    ``results``      by id, of all processes
    ``trouble``      why the target could not be started, or nobody can talk to it
    ``interrupted``  what ended the run before its end, None for nothing
    """

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self.config = config
        self.run = run
        self.worker = hasattr(config, "workerinput")
        self.results: dict[str, CaseResult] = {}
        self.trouble = ""
        self.interrupted: Interruption | None = None
        self.unwritable = ""
        self._started = self._ending = False
        self._signals: dict[int, Any] = {}
        self.folder: Any = None
        if run.options.report is not None:
            ids = [case.id for case in all_cases()]
            self.folder = Folder(run.options.report, whole=not self.worker, ids=ids)
            run.keep(self._keep)

    def _keep(self, result: CaseResult, chunks: list[Chunk]) -> CaseResult:
        try:
            kept: CaseResult = self.folder.keep(result, chunks, self.run.target.reach())
        except OSError as error:
            self.unwritable = self.unwritable or in_words(error)
            return result
        return kept

    def pytest_report_header(self) -> str:
        """What was in the folder of the report."""
        return self.folder.said if self.folder is not None else ""

    # -- what ends a run before its end

    def pytest_sessionstart(self) -> None:
        """From here on, who asks the process to end gets the report of what was done."""
        if self.worker or threading.current_thread() is not threading.main_thread():
            return
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) in (signal.SIG_DFL, when_asked):
                self._signals[number] = signal.signal(number, self._asked_to_end)

    def _asked_to_end(self, number: int, frame: object) -> None:
        self.interrupt(signal.Signals(number).name, 128 + number)

    def interrupt(self, by: str, status: int) -> None:
        """End the run; what is known by now is its result."""
        if self.interrupted is None and not self._ending:
            self.interrupted = Interruption(by, status)
            raise KeyboardInterrupt(by)

    def pytest_keyboard_interrupt(self) -> None:
        self.interrupted = self.interrupted or Interruption("SIGINT", 128 + signal.SIGINT)

    def _disk_is_full(self, text: str) -> None:
        self.interrupt(f"its report, which cannot be written: {text}", UNWRITABLE)

    @property
    def stopped(self) -> str:
        """Why pytest itself has run no more cases; "" for no reason of its own."""
        most = self.config.getoption("maxfail", 0)
        failed = sum(result.outcome in ("fail", "error") for result in self.results.values())
        return f"stopped after {failed} failure{'s'[: failed != 1]}" if most and failed >= most else ""

    # -- collection

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        parent = CaseCollector.from_parent(session, name="spice", nodeid="spice")
        # What the rules see in any conversation is known when the conversations are over.
        cases = sorted(self.run.cases, key=lambda case: case.from_rules)
        items += [CaseItem.make(parent, case, self) for case in cases]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """What -k and the like have left out is not missing at the end."""
        self.run.narrow({item.case.id for item in session.items if isinstance(item, CaseItem)})

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: list[str]) -> None:
        """The same for a process that has others collect."""
        self.run.narrow({id.removeprefix("spice::") for id in ids})

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """What stands at one address is asked by one process: two would disturb each other's cases."""
        if self.run.target.copies:
            return None
        from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped, unused-ignore]

        class OneProcess(LoadScopeScheduling):  # type: ignore[misc, unused-ignore]
            def _split_scope(self, nodeid: str) -> str:
                return "spice" if nodeid.startswith("spice::") else nodeid

        return OneProcess(config, log)

    # -- running

    def result_of(self, case: Case) -> CaseResult:
        """Run a case; the target is started first."""
        if not self._started and not self.trouble:
            try:
                self.run.start()
                self._started = True
            except TargetUnusable as error:
                self.trouble = str(error)
        if self.trouble:
            return self.run.runner.result(case, "blocked", reason=self.trouble)
        result = self.run.so_far(case)
        self.trouble = self.run.out_of_reach()
        if not self.trouble:
            return result

        # What the sentence says was not tried, and what the rules make of such a conversation says nothing either.
        return msgspec.structs.replace(result, outcome="blocked", reason=self.trouble, blocked_by=(), seen=())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        report: Any = yield
        if isinstance(item, CaseItem) and call.when == "call" and item.result is not None:
            report.spice = msgspec.to_builtins(item.result)
            report.spice_trouble = self.trouble
            report.spice_unwritable = self.unwritable
            report.spice_identity = msgspec.to_builtins(self.run.target.identity)
        return report

    def pytest_runtest_logreport(self, report: Any) -> None:
        found = getattr(report, "spice", None)
        if found is None or self.worker:
            return

        result = msgspec.convert(found, CaseResult)
        self.trouble = self.trouble or report.spice_trouble
        self.results[result.id] = result
        self.run.target.identity |= report.spice_identity
        if self.folder is not None:
            try:
                self.folder.record(self.run.header(), result)
            except OSError as error:
                self._disk_is_full(in_words(error))
            if report.spice_unwritable:
                self._disk_is_full(report.spice_unwritable)

    # -- the end

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        self._ending = True
        if self._signals:
            # The report is written in a moment; who cannot wait for that has SIGKILL.
            self._signals[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self._started:
            self.run.stop()
        if self.worker or self.config.option.collectonly:
            return
        self.footer = self.run.finish(self.results, trouble=self.trouble, interrupted=self.interrupted, stopped=self.stopped)
        self._say_late_failures()
        try:
            if self.folder is not None:
                self.folder.finish(self.run.header(), list(self.run.finished.values()), self.footer)
            if self.run.options.write_baseline is not None:
                self.run.options.write_baseline.write_text(self.run.baseline(), encoding="utf-8")
        except OSError as error:
            by = self.footer.interrupted or f"its report, which cannot be written: {in_words(error)}"
            self.footer = msgspec.structs.replace(self.footer, exit_status=UNWRITABLE, interrupted=by)
        if self.footer.exit_status and (self.footer.interrupted or exitstatus in (0, 1)):
            session.exitstatus = self.footer.exit_status

    def _say_late_failures(self) -> None:
        """Items that pytest took for passed, of sentences that turned out to be broken in a conversation of another process."""
        for id, result in self.run.finished.items():
            if result.outcome == "fail" and self.results[id].outcome != "fail":
                self.config.hook.pytest_runtest_logreport(
                    report=pytest.TestReport(
                        nodeid=f"spice::{id}",
                        location=(str(self.config.rootpath), None, id),
                        keywords={},
                        outcome="failed",
                        longrepr=console.failure(result),
                        when="call",
                    )
                )

    def pytest_unconfigure(self) -> None:
        for number, handler in self._signals.items():
            signal.signal(number, handler)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.worker or not hasattr(self, "footer"):
            return

        terminalreporter.section("SPICE conformance")
        text = console.summary(self.run.header(), list(self.run.finished.values()), self.footer)
        terminalreporter.write_line(_OPTION.sub("--spice-", text))


class CaseCollector(pytest.Collector):
    """What the items of cases hang on."""

    def collect(self) -> list[pytest.Item]:
        return []


class Unexpected(Exception):
    """A case that failed, or an error of the suite."""


class CaseItem(pytest.Item):
    """One case as pytest sees it."""

    case: Case
    engine: Engine
    result: CaseResult | None = None

    @classmethod
    def make(cls, parent: CaseCollector, case: Case, engine: Engine) -> CaseItem:
        """An item for a case."""

        item: CaseItem = cls.from_parent(parent, name=case.id)
        item.case = case
        item.engine = engine
        item.extra_keyword_matches |= keywords(case)
        return item

    def runtest(self) -> None:
        result = self.result = self.engine.result_of(self.case)
        if result.outcome in ("fail", "error"):
            raise Unexpected(result.id)
        if result.outcome != "pass":
            pytest.skip(f"{result.outcome}: {result.reason or ', '.join(result.blocked_by)}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kwargs: Any) -> Any:
        if isinstance(excinfo.value, Unexpected) and self.result is not None:
            return console.failure(self.result)
        return super().repr_failure(excinfo, *args, **kwargs)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.case.id
