"""One page over several reports: what each run was about, its verdict, and where its page is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from markupsafe import Markup

from conformance.report.html import VERDICTS, environment
from conformance.report.jsonl import Run
from conformance.report.verdict import verdict

__all__ = ["Report", "page", "write"]

_HERE: Final = Path(__file__).parent


class Report(msgspec.Struct, frozen=True):
    """One run: ``title`` says what it is about, ``folder`` is that of its page, beside this one."""

    title: str
    folder: str
    run: Run


def page(title: str, said: str, reports: Sequence[Report]) -> str:
    """The page as text; ``said`` stands below its title."""
    rows = []
    for report in reports:
        found = verdict(report.run)
        colour, headline = VERDICTS[found.kind]
        rows.append((report, colour, headline, found.reasons[0]))
    style = (_HERE / "page.css").read_text(encoding="utf-8")
    template = environment().from_string((_HERE / "page.overview.html").read_text(encoding="utf-8"))
    return template.render(title=title, said=said, rows=rows, style=Markup(style))


def write(path: Path, title: str, said: str, reports: Sequence[Report]) -> None:
    """The page as a file."""
    path.write_text(page(title, said, reports), encoding="utf-8")
