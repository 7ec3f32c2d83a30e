"""What a run says on a terminal: one block a failure, one line for what was expected to fail, a table at the end.

    failure, summary    plain texts, for whoever prints by himself
    progress            the line that is overwritten while cases run
    Console             prints all of it in time and in colour, given header, cases and footer

Text that comes from a peer goes through :func:`plain`: no target may move the cursor of whoever tests it. Colours and the
line of progress are for terminals only; rich looks at ``NO_COLOR``, ``FORCE_COLOR`` and ``TERM``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import PurePath
from typing import Final

from rich.console import Console as Terminal
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from conformance.naming import counted
from conformance.report import heard
from conformance.report.coverage import anchor, coverage
from conformance.report.findings import Finding, findings, folded
from conformance.report.jsonl import Run
from conformance.report.verdict import Kind, verdict
from conformance.results import OUTCOMES, CaseResult, Footer, Header

__all__ = [
    "Console",
    "failure",
    "failure_text",
    "plain",
    "progress",
    "reasons",
    "summary",
    "summary_parts",
    "verdict_text",
    "waived_line",
]

_COLOURS: Final[Mapping[str, str]] = {
    "pass": "green",
    "tolerated": "yellow",
    "fail": "bold red",
    "error": "bold magenta",
    "blocked": "cyan",
    "waived": "yellow",
    "not-applicable": "bright_black",
}
_REASONS: Final = 6
"""Reasons of one outcome that are printed; the report has all."""

_SHOWN: Final = 3
"""Blocked cases that are named behind their reason."""

_PLAIN_WIDTH: Final = 160
_WIDTH: Final = 46
"""Of the id in the first line of a block; longer ids push the rest to the right."""


def plain(text: str) -> str:
    """``text`` on one line, without what a terminal would obey."""
    return "".join([letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text])


def _lines(text: str) -> str:
    """``text`` without what a terminal would obey; its further lines, which are a program's, are indented."""
    return "\n      ".join([plain(line) for line in text.splitlines()])


def _last_message(case: CaseResult) -> str:
    named = [entry for entry in case.transcript if entry.kind == "message" and entry.sender == case.role]
    if not named:
        return ""
    count = sum(entry.name == named[-1].name for entry in named)
    return f"last message: {named[-1].name}" + (f" #{count}" if count > 1 else "")


def _actual(case: CaseResult) -> str:
    about = [f"step {case.steps}"] if case.steps else []
    about += [_last_message(case)] if _last_message(case) else []
    return folded(case.actual) + (f"   ({'; '.join(about)})" if about else "")


def failure(case: CaseResult, folder: str = "") -> str:
    """The block of a case that failed, or over which the suite failed. ``folder`` is where the report will be."""
    return failure_text(case, folder).plain


def failure_text(case: CaseResult, folder: str = "") -> Text:
    """The same with colours."""
    word = {"fail": "FAIL", "error": "ERROR", "waived": "WAIVED"}.get(case.outcome, case.outcome.upper())
    place = anchor(case.chapter, case.section)
    head = f"{plain(case.id):<{_WIDTH}}  {case.level:<6}  {case.role:<6}  {plain(case.channel):<9}  {place}"
    text = Text(f"{word:<5} ", style=_COLOURS.get(case.outcome, ""))
    text.append(head.rstrip(), style="bold")
    rows = [("", case.sentence)]
    if case.outcome == "error":
        rows += [("suite", case.reason)]
    else:
        manner = f" (or: {case.tolerated} - tolerated)" if case.tolerated else ""
        expected = "" if case.expected == case.sentence else case.expected  # which is said above
        rows += [("expected", expected + manner), ("actual", _actual(case))]
        rows += [("place", case.place)]
        rows += [("waived", case.reason + (f" ({case.bug})" if case.bug else ""))] if case.outcome == "waived" else []
    rows += [("rules", _seen(finding)) for finding in findings(case.seen) if not finding.first.tolerated]
    rows += [("repro", case.repro), ("script", _beside(folder, case.reproducer)), ("capture", _beside(folder, case.capture))]
    rows += [("pictures", ", ".join([_beside(folder, picture.file) for picture in case.pictures if picture.file]))]
    for name, value in rows:
        if value:
            text.append("\n      " + (f"{name:<9} " if name else ""), style="bright_black")
            text.append(plain(value))
    return text


def _seen(finding: Finding) -> str:
    seen = finding.first
    times = f" ({finding.times()})" if finding.times() else ""
    return f"{seen.requirement}: {seen.text.rstrip('.')}; expected {seen.expected or '-'}; found {seen.actual or '-'}{times}"


def _beside(folder: str, name: str) -> str:
    return str(PurePath(folder) / name) if name and folder else name


def waived_line(cases: Iterable[CaseResult]) -> Text | None:
    """All expected failures in one line; None if there are none."""
    ids = [case.id for case in cases if case.outcome == "waived"]
    if not ids:
        return None
    shown = ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
    return Text(f"{len(ids)} expected failure{'s'[: len(ids) != 1]}, not shown: {plain(shown)}", style=_COLOURS["waived"])


def reasons(cases: Iterable[CaseResult], outcome: str) -> list[tuple[str, int]]:
    """Why cases were not applicable or blocked, the most frequent reason first."""
    counts: Counter[str] = Counter()
    for case in cases:
        if case.outcome == outcome:
            counts[plain(case.reason or f"after {', '.join(case.blocked_by)}")] += 1
    return counts.most_common()


def _planned(header: Header) -> str:
    if header.every <= header.planned:
        return counted(header.planned, "case")
    return f"{header.planned} of {counted(header.every, 'case')}"


def _named(ids: list[str]) -> str:
    """Cases in brackets, not too many of them; "" for none."""
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return f" ({', '.join(map(plain, ids[:_SHOWN]))}{more})" if ids else ""


def _columns(run: Run) -> dict[str, list[CaseResult]]:
    """Outcomes that occur, with "tolerated" beside "pass"."""
    found: dict[str, list[CaseResult]] = {}
    for outcome in OUTCOMES:
        cases = [case for case in run.cases if case.outcome == outcome]
        tolerated = [case for case in cases if case.outcome == "pass" and case.manner == "tolerated"]
        if outcome == "pass":
            found["pass"] = [case for case in cases if case.manner == "exact"]
            found["tolerated"] = tolerated
        else:
            found[outcome] = cases
    return {name: cases for name, cases in found.items() if cases or name in ("pass", "fail")}


def summary(header: Header, cases: Iterable[CaseResult], footer: Footer) -> str:
    """What stands at the end, as plain text."""
    out = StringIO()
    terminal = Terminal(file=out, width=_PLAIN_WIDTH, color_system=None, highlight=False)
    for part in summary_parts(Run(header, tuple(cases), footer)):
        terminal.print(part, soft_wrap=isinstance(part, Text))
    return out.getvalue().rstrip("\n")


def summary_parts(run: Run) -> list[RenderableType]:
    """Table by chapter and outcome, why cases were not run, share of the specification, and verdict, one below the other.

    Where the target cannot be tested, the verdict alone: a table would only say that nothing could be done.
    """
    if run.footer.unusable:
        return [verdict_text(run)]
    columns = _columns(run)
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=True, footer_style="bold")
    table.add_column("chapter", footer="all")
    for name, cases in columns.items():
        table.add_column(name, justify="right", style=_COLOURS[name], footer=str(len(cases)))
    for chapter in sorted({case.chapter for case in run.cases}):
        counts = [sum(case.chapter == chapter for case in cases) for cases in columns.values()]
        table.add_row(chapter or "-", *[str(count) if count else "·" for count in counts])
    parts: list[RenderableType] = [table, Text()]
    for outcome in ("not-applicable", "blocked"):
        found = reasons(run.cases, outcome)
        for reason, count in found[:_REASONS]:
            ids = _named([case.id for case in run.cases if case.outcome == "blocked" and plain(case.reason) == reason])
            parts.append(Text(f"{outcome}: {count} × {reason}{ids}", style=_COLOURS[outcome]))
        if len(found) > _REASONS:
            rest = sum(count for _, count in found[_REASONS:])
            parts.append(
                Text(f"{outcome}: {rest} × for {counted(len(found) - _REASONS, 'other reason')}", style=_COLOURS[outcome])
            )
    for case in run.cases:
        if case.unsteady:
            said = f"unsteady: {case.id} passed when it was played again; when it was first played: {case.unsteady}"
            parts.append(Text(plain(said), style=_COLOURS["tolerated"]))
    parts.append(Text(coverage(run).line()))
    parts.append(verdict_text(run))
    return parts


_VERDICTS: Final[Mapping[Kind, str]] = {
    "conforms": "bold green",
    "conforms in scope": "bold green",
    "does not conform": "bold red",
    "cannot be tested": "bold magenta",
    "interrupted": "bold yellow",
}


def verdict_text(run: Run) -> Text:
    """The verdict, its first reason beside it and the others below."""
    found = verdict(run)
    seconds = run.footer.seconds or sum(case.seconds for case in run.cases)
    first, *others = found.reasons
    text = Text(f"{found.kind.upper()}: ", style=_VERDICTS[found.kind])
    text.append(_lines(first), style="default")
    for reason in [*others, f"{seconds:.1f} s, seed {run.header.seed}"]:
        text.append(f"\n  {_lines(reason)}", style="default")
    return text


def progress(done: int, planned: int, failed: int, id: str, width: int) -> str:
    """One line of at most ``width`` columns: how far, how many failed, what runs."""
    share = done * 100 // planned if planned else 100
    text = f"{share:3} %  {done}/{planned}" + (f"  {failed} failed" if failed else "") + f"  {plain(id)}"
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


class _Screen(Terminal):
    """Says it to the caller when nobody reads any more, where rich would end the process."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError("nobody reads any more")


class Console:
    """Prints a run while it goes on. ``folder`` is where the report will be, "" for none.

    ``quiet`` leaves everything out but failures and the end; ``brief`` of these all but the first failure and the verdict;
    ``waived`` shows expected failures as blocks; ``verbose`` says what was looked at message by message.
    """

    def __init__(
        self,
        terminal: Terminal | None = None,
        *,
        folder: str = "",
        quiet: bool = False,
        brief: bool = False,
        waived: bool = False,
        verbose: bool = False,
    ) -> None:
        self.terminal = terminal or _Screen(highlight=False)
        self.folder = folder
        self.quiet = quiet or brief
        self._brief = brief
        self._waived = waived
        self._verbose = verbose
        self._planned = self._done = self._failed = 0
        self._drawn = False

    def begin(self, header: Header) -> None:
        """A run begins."""
        self._planned = header.planned
        if not self.quiet:
            self._print(
                Text(
                    f"spiceconf {header.version}: {header.role} {plain(header.target)}, {_planned(header)},"
                    f" specification {header.specification or '?'}, seed {header.seed}"
                )
            )

    def working(self, id: str) -> None:
        """A case begins."""
        terminal = self.terminal
        if terminal.is_terminal and not terminal.is_dumb_terminal and not self.quiet:
            line = progress(self._done, self._planned, self._failed, id, terminal.width - 1)
            terminal.file.write(f"\r\x1b[2K{line}")
            terminal.file.flush()
            self._drawn = True

    def case(self, result: CaseResult) -> None:
        """A case is over."""
        self._done += 1
        if result.outcome in ("fail", "error") or (self._waived and result.outcome == "waived"):
            self._failed += result.outcome != "waived"
            if not self._brief or self._failed == 1:
                self._print(failure_text(result, self.folder))
                self._print(Text())

    def end(self, run: Run) -> None:
        """The run is over."""
        if self._brief and self._failed > 1:
            self._print(Text(f"and {self._failed - 1} more failure{'s'[: self._failed != 2]}"))
        if run.footer.unusable or self._brief:
            self._print(verdict_text(run))
            return
        for text in run.footer.problems:
            self.trouble(text)
        line = None if self._waived else waived_line(run.cases)
        if line is not None:
            self._print(line)
        for text in heard.details(run) if self._verbose else [heard.line(run)]:
            if text:
                self.remark(text)
        for part in summary_parts(run):
            self._print(part)

    def trouble(self, text: str) -> None:
        """Something that is wrong with the run: a stale waiver, a target that cannot be tested."""
        self._print(Text("ERROR ", style=_COLOURS["error"]).append(plain(text), style="default"))

    def remark(self, text: str) -> None:
        """Something that is good to know."""
        if not self.quiet:
            self._print(Text(plain(text), style="bright_black"))

    def _print(self, item: RenderableType) -> None:
        if self._drawn:
            self.terminal.file.write("\r\x1b[2K")
            self._drawn = False
        self.terminal.print(item, soft_wrap=isinstance(item, Text))
