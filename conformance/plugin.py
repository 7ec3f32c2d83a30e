"""pytest as the engine: ``pytest --spice-target=ADDRESS`` collects the cases in anybody's run.

Each case is an item. Results travel with pytest's own reports, so that ``-n`` (pytest-xdist) works; the process that
collects them ends the run, writes the reports and decides the exit status.

This module is loaded by every pytest in whose environment the suite is installed: without a target it does nothing and
imports nothing.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.case import Case
    from conformance.results import CaseResult
    from conformance.run import Run

__all__: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("spice", "SPICE conformance")
    group.addoption("--spice-target", metavar="ADDRESS", help="what to test, as in `spiceconf run ADDRESS`")
    group.addoption("--spice-config", metavar="FILE", type=Path, help="TOML file with credentials and options of the target")
    group.addoption("--spice-select", metavar="EXPR", default="", help="which cases: ids, channel:, level:, section:, ...")
    group.addoption("--spice-level", choices=("must", "should", "may"), default="may", help="how strict")
    group.addoption("--spice-report", metavar="DIR", type=Path, help="write results.jsonl, junit.xml, index.html, captures")
    group.addoption("--spice-waivers", metavar="FILE", type=Path, help="TOML file with failures that are known")
    group.addoption("--spice-write-baseline", metavar="FILE", type=Path, help="write the failures of this run as waivers")
    group.addoption("--spice-min-executed", metavar="N", type=int, default=0, help="fail if fewer cases were executed")
    group.addoption("--spice-patience", metavar="S", type=float, default=5.0, help="leave out cases that wait longer")
    group.addoption("--spice-piece", metavar="N", type=int, default=0, help="send in pieces of N bytes")
    group.addoption("--spice-seed", metavar="N", type=int, default=0, help="seed of what is drawn")


def pytest_configure(config: pytest.Config) -> None:
    address = config.getoption("--spice-target")
    if not address:
        return
    from conformance.run import Options, Run
    from spiceproto.errors import LocalError

    option = config.getoption
    options = Options(
        address, config=option("--spice-config"), select=option("--spice-select"), level=option("--spice-level"),
        report=option("--spice-report"), waivers=option("--spice-waivers"),
        write_baseline=option("--spice-write-baseline"), min_executed=option("--spice-min-executed"),
        patience=option("--spice-patience"), piece=option("--spice-piece"), seed=option("--spice-seed"),
    )  # fmt: skip
    try:
        run = Run(options)
    except LocalError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(Engine(config, run), "spice-engine")


class Engine:
    """The hooks of a run with a target."""

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self.config = config
        self.run = run
        self.worker = hasattr(config, "workerinput")
        self.results: dict[str, CaseResult] = {}
        self.trouble = ""
        self._started = False
        if run.options.report is not None:
            from conformance.report import Folder

            self.folder: Any = Folder(run.options.report)
            run.keep(self.folder.keep)
        else:
            self.folder = None

    # -- collection

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        parent = CaseCollector.from_parent(session, name="spice", nodeid="spice")
        items += [CaseItem.make(parent, case, self) for case in self.run.cases]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """What -k and the like have left out is not missing at the end."""
        self.run.narrow({item.case.id for item in session.items if isinstance(item, CaseItem)})

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: list[str]) -> None:
        """The same for a process that has others collect."""
        self.run.narrow({id.removeprefix("spice::") for id in ids})

    # -- running

    def result_of(self, case: Case) -> CaseResult:
        """Run a case; the target is started first."""
        from conformance.outcome import TargetUnusable

        if not self._started and not self.trouble:
            try:
                self.run.start()
                self._started = True
            except TargetUnusable as error:
                self.trouble = str(error)
        if self.trouble:
            return self.run.runner._result(case, "blocked", reason=self.trouble)
        return self.run.runner.run(case)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        report: Any = yield
        if isinstance(item, CaseItem) and call.when == "call" and item.result is not None:
            import msgspec

            report.spice = msgspec.to_builtins(item.result)
            report.spice_trouble = self.trouble
        return report

    def pytest_runtest_logreport(self, report: Any) -> None:
        found = getattr(report, "spice", None)
        if found is None or self.worker:
            return
        import msgspec

        from conformance.results import CaseResult

        result = msgspec.convert(found, CaseResult)
        self.trouble = self.trouble or report.spice_trouble
        self.results[result.id] = result

    # -- the end

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self._started:
            self.run.stop()
        if self.worker or self.config.option.collectonly:
            return
        self.footer = self.run.finish(self.results)
        if self.trouble:
            import msgspec

            from conformance.run import UNUSABLE

            self.footer = msgspec.structs.replace(self.footer, exit_status=UNUSABLE)
        if self.folder is not None:
            self.folder.finish(self.run.header(), list(self.run.finished.values()), self.footer)
        if self.run.options.write_baseline is not None:
            self.run.options.write_baseline.write_text(self.run.baseline(), encoding="utf-8")
        if self.footer.exit_status and not exitstatus:
            session.exitstatus = self.footer.exit_status

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.worker or not hasattr(self, "footer"):
            return
        from conformance.report import console

        terminalreporter.section("SPICE conformance")
        terminalreporter.write_line(console.summary(self.run.header(), list(self.run.finished.values()), self.footer))


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
        from conformance.selection import keywords

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
            from conformance.report import console

            return console.failure(self.result)
        return super().repr_failure(excinfo, *args, **kwargs)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.case.id
