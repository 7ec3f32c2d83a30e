"""Which sentences of the specification the peers of a capture broke, and with which message.

Who judges is another consumer of the same capture, told the same things at the same time: the suite's lint, which this package
does not know. It may take back what it has found, so rows are kept for findings, and looked up at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from spiceproto.capture.consumer import Consumer
from spiceproto.capture.migrations import Moved
from spiceproto.finding import Finding

__all__ = ["Broken", "Judging", "sentences"]

_MOST: Final = 20_000
"""Findings that a page lists."""


class Judging(Consumer, Protocol):
    """A consumer that holds what it is told against the rules. What it has found may become less again."""

    @property
    def findings(self) -> Sequence[Finding]:
        """All of it so far."""

    def ended(self, frames: int, last_ns: int) -> None:
        """The capture has so many frames, and the last one has this time."""

    def went(self, moved: Sequence[Moved]) -> None:
        """Sessions that went to another server, or should have."""


class Broken:
    """Findings and their rows. Without a judge there are none."""

    def __init__(self, judge: Judging | None) -> None:
        self.judge = judge
        self._known = 0
        self._rows: dict[int, tuple[Finding, int, int]] = {}

    def heard(self, row: int, connection: int) -> None:
        """The judge has heard the row, or what came with it: what it has found since the last time is about that."""
        if self.judge is None:
            return
        findings = self.judge.findings
        if len(findings) == self._known:
            return
        for item in findings[min(self._known, len(findings)) :]:
            self._rows.setdefault(id(item), (item, row, connection))
        self._known = len(findings)

    @property
    def left(self) -> int:
        """Findings that are not listed."""
        return max(len(self.judge.findings) - _MOST, 0) if self.judge is not None else 0

    def as_dicts(self) -> list[dict[str, Any]]:
        """What is left of them, in the order of the capture."""
        return [self.as_dict(item) for item in (self.judge.findings if self.judge is not None else ())[:_MOST]]

    def as_dict(self, item: Finding) -> dict[str, Any]:
        """One of them, with its row: -1 where there is none."""
        _, row, connection = self._rows.get(id(item), (item, -1, 0))
        return {
            "row": row,
            "connection": connection,
            "sentence": item.requirement,
            "sender": item.sender,
            "text": item.text,
            "expected": item.expected,
            "actual": item.actual,
            "tolerated": item.tolerated,
        }


def sentences(wanted: set[str], folder: Path) -> dict[str, dict[str, str]]:
    """Those of the specification in ``folder`` that are wanted, by id: level, role, text, chapter, section."""
    from spiceproto.derive.sentences import read

    found = read(folder) if wanted else {}
    return {
        id: {"level": item.level, "role": item.role, "text": item.text, "chapter": item.chapter, "section": item.section}
        for id, item in found.items()
        if id in wanted
    }
