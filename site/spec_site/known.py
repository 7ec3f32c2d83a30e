"""What is known of each sentence, as records: ``requirements.json`` and its JSON Schema.

Cases and faults are those that the suite has, results those that come with it for real programs, and pages those of
``docs/results`` that name the sentence. A program that is not named with a sentence has no known deviation from it; the pages
have how much of the suite it ran.
"""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from conformance.cases import all_cases
from conformance.faults import faults
from conformance.requirements import SPEC, anchor, by_rules, fingerprint, requirements, unbound, untestable
from conformance.selection import select
from conformance.waivers import PACKAGED, Waiver
from spiceproto.derive import sentences
from spiceproto.errors import SchemaError
from spiceproto.rules import MACHINES
from spiceproto.version import __version__

__all__ = ["FORM", "Program", "Requirement", "Requirements", "Result", "everything", "requirement", "schema", "write"]

FORM: Final = "spiceproto-requirements/1"
"""Name of the form; another number if a reader of the old one would be wrong."""

_ROOT: Final = SPEC.parent
_SEEN: Final = re.compile(r"# (.+?), seen on (.+?)[.:]", re.DOTALL)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_ID: Final = re.compile(r"SPICE-[A-Z]+-\d{3}")


class CaseOf(msgspec.Struct, frozen=True):
    """A case of the suite. ``role``: what the target is."""

    id: str
    role: Literal["server", "client"]
    title: str


class FaultOf(msgspec.Struct, frozen=True):
    """A fault of a reference, that of the suite's target ``ref:ROLE?fault=NAME``."""

    role: Literal["server", "client"]
    name: str
    title: str


class Result(msgspec.Struct, frozen=True):
    """What a real program does that the sentence does not say.

    * ``program``: key of ``programs``; ``date``: when it was last looked at
    * ``outcome``: "fails", or "tolerated": others live with it
    * ``cases``: ids of the cases in which it is seen
    * ``sometimes``: it comes and goes
    * ``needs``, ``targets``: it is seen of targets that have (``!``: have not) this, and have such an address
    """

    program: str
    date: str
    outcome: Literal["fails", "tolerated"]
    cases: tuple[str, ...]
    reason: str
    bug: str
    sometimes: bool
    needs: tuple[str, ...]
    targets: tuple[str, ...]


class Page(msgspec.Struct, frozen=True):
    """A page of results; ``path`` from the folder of the checkout, without suffix."""

    date: str
    path: str
    title: str


class Requirement(msgspec.Struct, frozen=True):
    """A sentence.

    * ``anchor``: the file of its chapter, and the place of its section
    * ``rules``: tables of states that name it; ``observed_by_rules``: whether it is read off any conversation
    * ``untestable``: why nobody can tell whether it is kept; ``unbound``: what can judge it, where nothing does yet
    * ``pages``: pages of results that name it
    """

    id: str
    revision: int
    level: sentences.Level
    role: Literal["client", "server", "both"]
    source: Literal["normative", "de facto", "quirk"]
    chapter: str
    section: str
    anchor: str
    text: str
    tests: tuple[str, ...]
    tolerated: tuple[str, ...]
    observed: tuple[str, ...]
    vectors: tuple[str, ...]
    rules: tuple[str, ...]
    observed_by_rules: bool
    untestable: str | None
    unbound: str | None
    cases: tuple[CaseOf, ...]
    faults: tuple[FaultOf, ...]
    results: tuple[Result, ...]
    pages: tuple[Page, ...]


class Program(msgspec.Struct, frozen=True):
    """A real program. ``dates``: when it was looked at."""

    name: str
    dates: tuple[str, ...]


class Requirements(msgspec.Struct, frozen=True):
    """The whole specification, and what is known of it. ``specification``: a hash over all sentences."""

    form: Literal["spiceproto-requirements/1"]
    version: str
    specification: str
    programs: dict[str, Program]
    requirements: tuple[Requirement, ...]


class _File(msgspec.Struct, frozen=True):
    waiver: tuple[Waiver, ...] = ()
    also: tuple[str, ...] = ()


@cache
def programs() -> dict[str, Program]:
    """Name of a file of known failures to the program that it is about. Raises SchemaError for one that does not say when."""
    found = {}
    for path in sorted(PACKAGED.glob("*.toml")):
        head = path.read_text(encoding="utf-8").partition("\n")[0]
        seen = _SEEN.match(head)
        if seen is None or not _DATE.search(seen[2]):
            raise SchemaError("known failures of nobody knows when", where=path.name, expected="# PROGRAM, seen on DATE")
        found[path.stem] = Program(seen[1], tuple([date.fromisoformat(day).isoformat() for day in _DATE.findall(seen[2])]))
    return found


@cache
def pages() -> tuple[Page, ...]:
    """Pages of results, the newest first; none where there is no checkout."""
    found = []
    for path in (_ROOT / "docs" / "results").rglob("*.md"):
        day = _DATE.match(path.name)
        title = path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        found.append(Page(day[0] if day else "", path.relative_to(_ROOT).with_suffix("").as_posix(), title))
    return tuple(sorted(found, key=lambda page: (page.date, page.path), reverse=True))


@cache
def _named() -> dict[str, tuple[Page, ...]]:
    """Sentence to the pages of results that name it."""
    found: dict[str, list[Page]] = {}
    for page in pages():
        for id in set(_ID.findall((_ROOT / f"{page.path}.md").read_text(encoding="utf-8"))):
            found.setdefault(id, []).append(page)
    return {id: tuple(those) for id, those in found.items()}


@cache
def _results() -> dict[str, tuple[Result, ...]]:
    """Sentence to what real programs do instead, the newest first."""
    found: dict[str, list[Result]] = {}
    for name, program in programs().items():
        file = _read(name)
        for waiver in [*file.waiver, *[entry for other in file.also for entry in _read(other).waiver]]:
            fits = select(waiver.select)
            by_sentence: dict[str, list[str]] = {}
            for case in all_cases():
                if fits(case):
                    for id in case.verifies:
                        by_sentence.setdefault(id, []).append(case.id)
            for id, cases in by_sentence.items():
                found.setdefault(id, []).append(_result(name, program, waiver, cases))
    return {id: tuple(sorted(those, key=lambda one: one.date, reverse=True)) for id, those in found.items()}


def _read(name: str) -> _File:
    return msgspec.convert(tomllib.loads((PACKAGED / f"{name}.toml").read_text(encoding="utf-8")), _File)


def _result(name: str, program: Program, waiver: Waiver, cases: list[str]) -> Result:
    return Result(
        program=name,
        date=max(program.dates),
        outcome="tolerated" if waiver.tolerated else "fails",
        cases=tuple(cases),
        reason=waiver.reason,
        bug=waiver.bug,
        sometimes=waiver.sometimes,
        needs=waiver.needs,
        targets=waiver.target,
    )


@cache
def _cases() -> dict[str, tuple[CaseOf, ...]]:
    found: dict[str, list[CaseOf]] = {}
    for case in all_cases():
        for id in case.verifies:
            found.setdefault(id, []).append(CaseOf(case.id, case.role, case.title))  # type: ignore[arg-type]  # one of two
    return {id: tuple(those) for id, those in found.items()}


@cache
def _faults() -> dict[str, tuple[FaultOf, ...]]:
    found: dict[str, list[FaultOf]] = {}
    for role, name, fault in faults():
        found.setdefault(fault.requirement, []).append(FaultOf(role, name, fault.title))  # type: ignore[arg-type]
    return {id: tuple(those) for id, those in found.items()}


@cache
def requirement(id: str) -> Requirement:
    """All that is known of a sentence."""
    item = requirements()[id]
    lock = sentences.parse_lock((SPEC / "requirements.lock").read_text(encoding="utf-8"))
    return Requirement(
        id=id,
        revision=lock[id][0],
        level=item.level,
        role=item.role,  # type: ignore[arg-type]  # parsed as one of these
        source=item.source,  # type: ignore[arg-type]
        chapter=item.chapter,
        section=item.section,
        anchor=anchor(item),
        text=item.text,
        tests=item.tests,
        tolerated=item.tolerated,
        observed=item.observed,
        vectors=item.vectors,
        rules=tuple([machine.name for machine in MACHINES.values() if id in machine.requirements()]),
        observed_by_rules=id in by_rules(),
        untestable=untestable().get(id),
        unbound=unbound().get(id),
        cases=_cases().get(id, ()),
        faults=_faults().get(id, ()),
        results=_results().get(id, ()),
        pages=_named().get(id, ()),
    )


@cache
def everything() -> Requirements:
    """The whole."""
    return Requirements(FORM, __version__, fingerprint(), programs(), tuple(map(requirement, requirements())))


def schema() -> dict[str, Any]:
    """JSON Schema of :class:`Requirements`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": FORM,
        **msgspec.json.schema(Requirements, ref_template="#/$defs/{name}"),
    }


def write(folder: Path) -> None:
    """``requirements.json`` and ``requirements.schema.json``."""
    data = msgspec.json.format(msgspec.json.encode(everything()), indent=1)
    (Path(folder) / "requirements.json").write_bytes(data + b"\n")
    (Path(folder) / "requirements.schema.json").write_text(json.dumps(schema(), indent=1) + "\n", encoding="utf-8")
