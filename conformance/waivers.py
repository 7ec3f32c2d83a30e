"""Failures that are known: a TOML file.

    [[waiver]]
    select = "SPICE-LINK-013"            # which cases, in the grammar of conformance.selection
    reason = "waits for whatever the server announces"
    bug = "https://example.org/issues/1" # or "none filed"
    expires = 2027-06-30                 # optional
    target = ["qemu:*", "!*over=unix*"]  # optional: addresses it is for, and not for
    sometimes = true                     # optional: the failure comes and goes

A waiver that nothing needs any more is a failure, like one that is expired, has no reason or no bug, or means no case:
so the file never says less than the truth.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec

from conformance.case import Case
from conformance.results import CaseResult
from conformance.selection import Selection, select
from spiceproto.errors import LocalError

__all__ = ["Waiver", "Waivers", "baseline"]


class Waiver(msgspec.Struct, frozen=True):
    """One entry of the file."""

    select: str
    reason: str
    bug: str
    expires: date | None = None
    target: tuple[str, ...] = ()
    sometimes: bool = False

    def concerns(self, address: str) -> bool:
        """Whether it is for this target."""
        wanted = [item for item in self.target if not item.startswith("!")]
        unwanted = [item[1:] for item in self.target if item.startswith("!")]
        fits = not wanted or any(fnmatchcase(address, item) for item in wanted)
        return fits and not any(fnmatchcase(address, item) for item in unwanted)


class Waivers:
    """The waivers of a run against ``address``. Raises LocalError for a file with a mistake."""

    def __init__(
        self, entries: Iterable[Waiver], *, address: str = "", today: date | None = None, where: str = "waivers"
    ) -> None:
        self.entries: list[tuple[Waiver, Selection]] = []
        for entry in entries:
            for name in ("select", "reason", "bug"):
                if not str(getattr(entry, name)).strip():
                    raise LocalError(f"a waiver without {name}", where=where, actual=entry.select)
            if entry.expires is not None and today is not None and entry.expires < today:
                raise LocalError("a waiver that has expired", where=where, expected=f"not before {today}",
                                 actual=f"{entry.select}: {entry.expires}")  # fmt: skip
            selection = select(entry.select)
            if entry.concerns(address):
                self.entries.append((entry, selection))
        self._where = where

    @classmethod
    def read(cls, path: Path, *, address: str = "", today: date | None = None) -> Waivers:
        """A file. Raises LocalError."""
        try:
            data: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
            entries = msgspec.convert(data.get("waiver", []), list[Waiver], strict=True)
        except OSError as error:
            raise LocalError("a waiver file that cannot be read", where=str(path), actual=error.strerror or "") from None
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise LocalError(f"a waiver file with a mistake: {error}", where=str(path)) from None
        unknown = set(data) - {"waiver"}
        if unknown:
            raise LocalError("a waiver file has [[waiver]] and nothing else", where=str(path), actual=", ".join(unknown))
        return cls(entries, address=address, today=today, where=str(path))

    def match(self, case: Case) -> Waiver | None:
        """The waiver for a case."""
        return next((entry for entry, fits in self.entries if fits(case)), None)

    def problems(self, cases: Iterable[Case], results: Mapping[str, CaseResult]) -> tuple[str, ...]:
        """Entries that mean no case, and those whose cases all ran and none failed."""
        found = []
        cases = list(cases)
        for entry, fits in self.entries:
            meant = [case.id for case in cases if fits(case)]
            if not meant:
                found.append(f"{self._where}: {entry.select} means no case")
                continue
            outcomes = [results[id].outcome for id in meant if id in results]
            whole = bool(outcomes) and len(outcomes) == len(meant)
            if whole and not entry.sometimes and "waived" not in outcomes and "pass" in outcomes:
                found.append(f"{self._where}: stale waiver {entry.select}: nothing it means fails any more")
        return tuple(found)


def baseline(results: Mapping[str, CaseResult]) -> str:
    """A waiver file for every failure of a run, to be completed by hand."""
    lines = ["# Failures of a run; reason and bug are to be filled in."]
    for result in results.values():
        if result.outcome == "fail":
            reason = f"expected {result.expected}; found {result.actual}".replace("\\", "\\\\").replace('"', '\\"')
            lines += ["", "[[waiver]]", f'select = "{result.id}"', f'reason = "{reason}"', 'bug = "none filed"']
    return "\n".join(lines) + "\n"
