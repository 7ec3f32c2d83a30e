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

from conformance.report.coverage import anchor, coverage
from conformance.report.jsonl import Run
from conformance.results import OUTCOMES, CaseResult, Footer, Header, Seen

__all__ = ["Console", "failure", "failure_text", "plain", "progress", "reasons", "summary", "summary_parts", "waived_line"]

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

_PLAIN_WIDTH: Final = 160
_WIDTH: Final = 46
"""Of the id in the first line of a block; longer ids push the rest to the right."""


def plain(text: str) -> str:
    """``text`` on one line, without what a terminal would obey."""
    return "".join([letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text])


def _last_message(case: CaseResult) -> str:
    named = [entry for entry in case.transcript if entry.kind == "message" and entry.sender == case.role]
    if not named:
        return ""
    count = sum(entry.name == named[-1].name for entry in named)
    return f"last message: {named[-1].name}" + (f" #{count}" if count > 1 else "")


def _actual(case: CaseResult) -> str:
    about = [f"step {case.step} of {case.steps}"] if case.step else []
    about += [_last_message(case)] if _last_message(case) else []
    return case.actual + (f"   ({'; '.join(about)})" if about else "")


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
        rows += [("expected", case.expected + manner), ("actual", _actual(case))]
        rows += [("waived", case.reason + (f" ({case.bug})" if case.bug else ""))] if case.outcome == "waived" else []
    rows += [("rules", _seen(seen)) for seen in case.seen if not seen.tolerated]
    rows += [("repro", case.repro), ("script", _beside(folder, case.reproducer)), ("capture", _beside(folder, case.capture))]
    for name, value in rows:
        if value:
            text.append("\n      " + (f"{name:<9} " if name else ""), style="bright_black")
            text.append(plain(value))
    return text


def _seen(seen: Seen) -> str:
    return f"{seen.requirement}: {seen.text.rstrip('.')}; expected {seen.expected or '-'}; found {seen.actual or '-'}"


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
    """Table by chapter and outcome, why cases were not run, share of the specification, and verdict, one below the other."""
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
            parts.append(Text(f"{outcome}: {count} × {reason}", style=_COLOURS[outcome]))
        if len(found) > _REASONS:
            rest = sum(count for _, count in found[_REASONS:])
            parts.append(Text(f"{outcome}: {rest} × for {len(found) - _REASONS} other reasons", style=_COLOURS[outcome]))
    parts.append(Text(coverage(run).line()))
    parts.append(_verdict(run))
    return parts


def _verdict(run: Run) -> Text:
    bad = [name for name in ("fail", "error") if run.footer.outcomes.get(name)]
    seconds = sum(case.seconds for case in run.cases)
    tail = f"{run.footer.executed} of {run.footer.planned} cases in {seconds:.1f} s, seed {run.header.seed}"
    if not run.footer.executed:
        return Text(f"NO VERDICT: {tail}", style=_COLOURS["blocked"])
    if bad or run.footer.exit_status:
        said = ", ".join([f"{run.footer.outcomes[name]} × {name}" for name in bad]) or f"exit status {run.footer.exit_status}"
        return Text(f"NOT CONFORMING: {said}; {tail}", style=_COLOURS["fail"])
    return Text(f"CONFORMING at level {run.header.level.upper()}: {tail}", style="bold green")


def progress(done: int, planned: int, failed: int, id: str, width: int) -> str:
    """One line of at most ``width`` columns: how far, how many failed, what runs."""
    share = done * 100 // planned if planned else 100
    text = f"{share:3} %  {done}/{planned}" + (f"  {failed} failed" if failed else "") + f"  {plain(id)}"
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


class Console:
    """Prints a run while it goes on. ``folder`` is where the report will be, "" for none.

    ``quiet`` leaves everything out but failures and the end; ``waived`` shows expected failures as blocks.
    """

    def __init__(
        self, terminal: Terminal | None = None, *, folder: str = "", quiet: bool = False, waived: bool = False
    ) -> None:
        self.terminal = terminal or Terminal(highlight=False)
        self.folder = folder
        self.quiet = quiet
        self._waived = waived
        self._planned = self._done = self._failed = 0
        self._drawn = False

    def begin(self, header: Header) -> None:
        """A run begins."""
        self._planned = header.planned
        if not self.quiet:
            self._print(Text(f"spiceconf {header.version}: {header.role} {plain(header.target)}, {header.planned} cases,"
                             f" specification {header.specification or '?'}, seed {header.seed}"))  # fmt: skip

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
            self._print(failure_text(result, self.folder))
            self._print(Text())

    def end(self, run: Run) -> None:
        """The run is over."""
        for text in run.footer.problems:
            self.trouble(text)
        line = None if self._waived else waived_line(run.cases)
        if line is not None:
            self._print(line)
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
