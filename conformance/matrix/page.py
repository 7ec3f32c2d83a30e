"""One page over all implementations: no other file, no network, whole without its script. It is a function of ``matrix.json``.

A chapter has a row in the table of its role, and below it every sentence with its state at each implementation; a sentence
opens to its cases. Whatever a peer can choose is escaped by Jinja.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from markupsafe import Markup

from conformance.matrix.badge import badge
from conformance.matrix.record import Implementation, Matrix, Pair
from conformance.matrix.table import NO_RESULT, binding, counts
from conformance.report import html
from conformance.report.html import STATE_WORDS, VERDICTS, environment

__all__ = ["page"]

_HERE: Final = Path(__file__).parent
_TITLES: Final = {"server": "Servers", "client": "Clients"}

_WORDS: Final[Mapping[str, str]] = {**{str(state): word for state, word in STATE_WORDS.items()}, "no-result": "no result"}
"""States as people say them."""

_COLOURS: Final[Mapping[str, str]] = {"failed": "fail", "passed": "pass", "no-result": "not-run"}

_DECIDED: Final = ("passed", "tolerated", "failed", "waived")
"""States that say something of an implementation."""

_LISTED: Final = 40
"""Changes of a kind that are listed."""


class Cell(msgspec.Struct, frozen=True):
    """A chapter at an implementation: ``bar`` as colours with shares, ``said`` in words."""

    bar: tuple[tuple[str, int, float], ...]
    said: str
    words: str


class Row(msgspec.Struct, frozen=True):
    """A sentence. ``marks``: for each implementation name, colour, word and reason; ``cases``: id to their outcomes."""

    id: str
    level: str
    text: str
    marks: tuple[tuple[str, str, str, str], ...]
    cases: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


class Chapter(msgspec.Struct, frozen=True):
    """A chapter with its cells, and its sentences by section."""

    name: str
    size: int
    cells: tuple[Cell, ...]
    sections: tuple[tuple[str, tuple[Row, ...]], ...]


class Part(msgspec.Struct, frozen=True):
    """All of one role."""

    role: str
    title: str
    items: tuple[Implementation, ...]
    chapters: tuple[Chapter, ...]


def page(matrix: Matrix, reports: Collection[str] = ()) -> str:
    """The page as text. ``reports``: slugs of implementations whose report stands beside it."""
    styles = (Path(html.__file__).parent / "page.css", _HERE / "page.css")
    style = "\n".join([path.read_text(encoding="utf-8") for path in styles])
    script = (_HERE / "page.js").read_text(encoding="utf-8")
    template = environment().from_string((_HERE / "page.html").read_text(encoding="utf-8"))
    parts = tuple([_part(matrix, role) for role in _TITLES if any(item.role == role for item in matrix.implementations)])
    good = [item for item in matrix.implementations if item.verdict in ("conforms", "conforms in scope")]
    return template.render(
        matrix=matrix,
        parts=parts,
        reports=reports,
        said=f"{len(good)} of {len(matrix.implementations)} implementations conform in what was executed.",
        verdicts={**VERDICTS, NO_RESULT: ("not-run", "No result")},
        badges={item.slug: Markup(badge(item)) for item in matrix.implementations},
        started=html.when(matrix.started),
        words=_WORDS,
        colours={state: colour(state) for state in _WORDS},
        changed=_changed,
        listed=_LISTED,
        pairs=_grid(matrix.pairs),
        style=Markup(style),
        script=Markup(script),
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
    )


def colour(state: str) -> str:
    """The class of a state in the style."""
    return _COLOURS.get(state, state)


def _part(matrix: Matrix, role: str) -> Part:
    items = tuple([item for item in matrix.implementations if item.role == role])
    found = []
    for name, sections in binding(matrix.sentences, role).items():
        ids = [id for section in sections.values() for id in section]
        rows = tuple([(title, tuple([_row(matrix, id, items) for id in part])) for title, part in sections.items()])
        found.append(Chapter(name, len(ids), tuple([_cell(item, ids) for item in items]), rows))
    return Part(role, _TITLES[role], items, tuple(found))


def _cell(item: Implementation, ids: list[str]) -> Cell:
    found = counts(item, ids)
    order = [state for state in _WORDS if found[state]]
    kept, decided = found["passed"] + found["tolerated"], sum(found[state] for state in _DECIDED)
    said = f"{kept} of {decided}" if decided else _WORDS[max(order, key=lambda state: found[state])]
    words = ", ".join([f"{found[state]} {_WORDS[state]}" for state in order])
    bar = tuple([(colour(state), found[state], round(found[state] * 100 / len(ids), 3)) for state in order])
    return Cell(bar, said, words)


def _row(matrix: Matrix, id: str, items: tuple[Implementation, ...]) -> Row:
    sentence = matrix.sentences[id]
    marks, cases = [], dict[str, list[tuple[str, str]]]()
    for item in items:
        state = item.sentences.get(id)
        name = state.state if state is not None else "no-result"
        reason = state.reason if state is not None else item.reasons[0]
        marks.append((item.name, colour(name), _WORDS.get(name, name), reason))
    every = dict.fromkeys([case for item in items if id in item.sentences for case in item.sentences[id].cases])
    for case in every:
        cases[case] = [
            (colour(outcome), _WORDS.get(outcome, outcome)) if (outcome := item.cases.get(case, "")) else ("not-run", "–")
            for item in items
        ]
    return Row(id, sentence.level, sentence.text, tuple(marks), tuple([(case, tuple(found)) for case, found in cases.items()]))


def _changed(item: Implementation) -> list[tuple[str, int]]:
    """How many cases have changed in which way."""
    if item.changes is None:
        return []
    names = ("broken", "fixed", "new", "gone", "manner", "other", "revised")
    return [(name, count) for name in names if (count := len(getattr(item.changes, name)))]


def _grid(pairs: tuple[Pair, ...]) -> tuple[list[str], list[tuple[str, list[Pair]]]]:
    """Names of clients, and each server with its pairs in that order."""
    clients = list(dict.fromkeys([pair.client for pair in pairs]))
    servers = list(dict.fromkeys([pair.server for pair in pairs]))
    found = {(pair.client, pair.server): pair for pair in pairs}
    return clients, [(server, [found[client, server] for client in clients]) for server in servers]
