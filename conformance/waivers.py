"""Failures and manners that are known: a TOML file.

    also = ["spice-gtk"]                 # optional: entries that come with the suite for these programs hold as well
    [[waiver]]
    select = "SPICE-LINK-013"            # which cases, in the grammar of conformance.selection
    reason = "waits for whatever the server announces"
    bug = "https://example.org/issues/1" # or "none filed"
    expires = 2027-06-30                 # optional
    needs = ["!unix-socket"]             # optional: what the target has and has not, in the words of conformance.case.NEEDS
    target = ["qemu:*"]                  # optional: addresses it is for, or with ! not for
    sometimes = true                     # optional: the failure comes and goes
    tolerated = true                     # optional: no failure, but a manner that others live with

What a case tolerates is tolerated of targets that have such an entry, and a failure of all others. Entries that come with the
suite for a program hold whenever the suite starts it: it is a manner of this program, whoever asks.

A waiver that nothing needs any more is a failure, like one that is expired, has no reason or no bug, or means no case:
so the file never says less than the truth.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import msgspec

from conformance.case import NEEDS, Case
from conformance.naming import in_words
from conformance.results import CaseResult, Held
from conformance.selection import Selection, likely, select
from spiceproto.errors import LocalError
from spiceproto.suggestion import expected

__all__ = ["PACKAGED", "Waiver", "Waivers", "baseline", "known_failures", "problems"]

PACKAGED: Final = Path(__file__).parent / "waivers"
"""Files that come with the suite, named after the scheme of the addresses that they are for."""


class Waiver(msgspec.Struct, frozen=True):
    """One entry of the file.

    * ``tolerated``: it is about a manner with which cases pass, and waives no failure
    """

    select: str
    reason: str
    bug: str
    expires: date | None = None
    needs: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    sometimes: bool = False
    tolerated: bool = False

    def concerns(self, address: str) -> bool:
        """Whether it is for this target."""
        wanted = [item for item in self.target if not item.startswith("!")]
        unwanted = [item[1:] for item in self.target if item.startswith("!")]
        fits = not wanted or any(fnmatchcase(address, item) for item in wanted)
        return fits and not any(fnmatchcase(address, item) for item in unwanted)

    def fits(self, meets: Callable[[str], bool]) -> bool:
        """Whether the target has what it needs, and has not what it must not have."""
        return all(meets(need.removeprefix("!")) != need.startswith("!") for need in self.needs)


class _File(msgspec.Struct, frozen=True):
    """What a file has. ``also``: names of files that come with the suite, whose entries hold as well."""

    waiver: tuple[Waiver, ...] = ()
    also: tuple[str, ...] = ()


def _read(path: Path) -> _File:
    """A file. Raises LocalError."""
    try:
        data: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        file = msgspec.convert(data, _File, strict=True)
    except (OSError, UnicodeDecodeError) as error:
        raise LocalError("a waiver file that cannot be read", where=str(path), actual=in_words(error)) from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise LocalError(f"a waiver file with a mistake: {error}", where=str(path)) from None
    unknown = set(data) - {"waiver", "also"}
    if unknown:
        raise LocalError("a waiver file has also, [[waiver]] and nothing else", where=str(path), actual=", ".join(unknown))
    return file


class Waivers:
    """The waivers of a run against ``address``. Raises LocalError for a file with a mistake.

    ``meets``  says whether the target has what an entry needs; that may be known only once it was started
    """

    def __init__(
        self, entries: Iterable[Waiver], *, address: str = "", today: date | None = None, where: str = "waivers"
    ) -> None:
        self.entries: list[tuple[Waiver, Selection]] = []
        self.meets: Callable[[str], bool] = lambda need: False
        for entry in entries:
            for name in ("select", "reason", "bug"):
                if not str(getattr(entry, name)).strip():
                    raise LocalError(f"a waiver without {name}", where=where, actual=entry.select)
            for need in [need.removeprefix("!") for need in entry.needs]:
                if need not in NEEDS:
                    raise LocalError("a waiver with an unknown need", where=where, expected=expected(need, NEEDS), actual=need)
            if entry.expires is not None and today is not None and entry.expires < today:
                raise LocalError(
                    "a waiver that has expired",
                    where=where,
                    expected=f"not before {today}",
                    actual=f"{entry.select}: {entry.expires}",
                )
            selection = select(entry.select)
            if entry.concerns(address):
                self.entries.append((entry, selection))
        self._where = where

    @classmethod
    def packaged(cls, address: str) -> Waivers:
        """Those that come with the suite for the program that it starts for an address; none for other addresses."""
        path = PACKAGED / f"{address.partition(':')[0]}.toml"
        return cls.read(path, address=address) if path.exists() else cls(())

    @classmethod
    def named(cls, name: str | Path, *, address: str = "", today: date | None = None) -> Waivers:
        """A file; or those that come with the suite: "builtin", or one by its name: "qemu".

        "builtin" stands for those that are for programs of the kind of ``address``. Raises LocalError.
        """
        packaged = {path.stem: path for path in sorted(PACKAGED.glob("*.toml"))}
        if str(name) == "builtin":
            scheme = address.partition(":")[0]
            if scheme not in packaged:
                kinds = ", ".join([f"{stem}:" for stem in packaged])
                raise LocalError(
                    "no waivers come with the suite for this target", expected=f"{kinds} or a file", actual=address
                )
            return cls.read(packaged[scheme], address=address, today=today)
        path, stem = Path(name), str(name).removesuffix(":")
        if not path.exists() and stem in packaged:
            return cls.read(packaged[stem], address=address, today=today)
        if not path.exists():
            known = ["builtin", *packaged]
            raise LocalError(
                "a waiver file that cannot be read", expected=f"a file, or {expected(str(name), known)}", actual=str(name)
            )
        return cls.read(path, address=address, today=today)

    @classmethod
    def read(cls, path: Path, *, address: str = "", today: date | None = None) -> Waivers:
        """A file. Raises LocalError."""
        file = _read(path)
        entries = list(file.waiver)
        for name in file.also:
            other = PACKAGED / f"{name}.toml"
            if other not in PACKAGED.glob("*.toml"):
                known = sorted([found.stem for found in PACKAGED.glob("*.toml")])
                raise LocalError("an unknown file in also", where=str(path), expected=expected(name, known), actual=name)
            entries += _read(other).waiver
        return cls(entries, address=address, today=today, where=str(path))

    def match(self, case: Case) -> Waiver | None:
        """The waiver for the failure of a case."""
        return next((entry for entry, fits in self._held() if not entry.tolerated and fits(case)), None)

    def tolerates(self, case: Case) -> bool:
        """Whether what others live with is known in a case."""
        return any(entry.tolerated and fits(case) for entry, fits in self._held())

    def _held(self) -> list[tuple[Waiver, Selection]]:
        """Those whose needs the target meets."""
        return [(entry, fits) for entry, fits in self.entries if entry.fits(self.meets)]

    def problems(self, cases: Iterable[Case], results: Mapping[str, CaseResult]) -> tuple[str, ...]:
        """What :func:`problems` says of them."""
        cases = list(cases)
        return problems(self.held(cases, own=True), cases, results)

    def held(self, cases: Iterable[Case], *, own: bool) -> tuple[Held, ...]:
        """Those whose needs the target meets, with the cases they mean; ``own``: whether somebody asked for them."""
        cases = list(cases)
        return tuple(
            [
                Held(
                    entry.select,
                    entry.reason,
                    entry.bug,
                    tuple([case.id for case in cases if fits(case)]),
                    sometimes=entry.sometimes,
                    tolerated=entry.tolerated,
                    own=own,
                    where=self._where,
                )
                for entry, fits in self._held()
            ]
        )


def problems(entries: Iterable[Held], cases: Iterable[Case], results: Mapping[str, CaseResult]) -> tuple[str, ...]:
    """Entries that mean no case, and those whose cases all ran to their end and none failed."""
    found = []
    cases = list(cases)
    for held in entries:
        if not held.cases:
            near = likely(held.select, cases)
            found.append(f"{held.where}: {held.select} means no case" + (f"; {near}" if near else ""))
        elif _stale(held, results):
            said = "is done" if held.tolerated else "fails"
            found.append(f"{held.where}: stale waiver {held.select}: nothing it means {said} any more")
    return tuple(found)


def _stale(held: Held, results: Mapping[str, CaseResult]) -> bool:
    """Whether all cases that an entry means ran to their end, and none needs it any more."""
    there = [results[id] for id in held.cases if id in results]
    outcomes = [result.outcome for result in there]
    whole = bool(outcomes) and len(outcomes) == len(held.cases) and "blocked" not in outcomes
    needed = any(result.manner == "tolerated" for result in there) if held.tolerated else "waived" in outcomes
    return whole and not held.sometimes and not needed and "pass" in outcomes


def known_failures(address: str) -> str:
    """How the failures that are known of some programs are told apart from others; "" for the references, who have none."""
    names = sorted([path.stem for path in PACKAGED.glob("*.toml")])
    if address.startswith("ref:"):
        return ""
    if address.partition(":")[0] in names:
        return "--waivers builtin tells the failures that are known of this program from others"
    return f"is this one of {', '.join(names)}? --waivers NAME tells the failures that are known of it from others"


def baseline(results: Mapping[str, CaseResult]) -> str:
    """A waiver file for every failure of a run, to be completed by hand."""
    lines = ["# Failures of a run; reason and bug are to be filled in."]
    for result in results.values():
        if result.outcome == "fail":
            reason = f"expected {result.expected}; found {result.actual}".replace("\\", "\\\\").replace('"', '\\"')
            lines += ["", "[[waiver]]", f'select = "{result.id}"', f'reason = "{reason}"', 'bug = "none filed"']
    return "\n".join(lines) + "\n"
