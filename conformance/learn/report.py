"""What was learned, as text: one machine after the other, each difference as a conversation with its verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import shorten

from conformance.learn.diagram import diagram, table
from conformance.learn.machines import MACHINES
from conformance.learn.study import Study
from conformance.learn.verdict import Judged
from conformance.requirements import requirements

__all__ = ["markdown", "text"]

_WIDTH = 110


def _said(word: Iterable[str]) -> str:
    return " > ".join(word) or "(greeting)"


def _sentence(id: str, how: str) -> str:
    known = requirements().get(id)
    said = f" {shorten(known.text, _WIDTH, placeholder=' ...')}" if known is not None else ""
    return f"{id}: {how}.{said}"


def _difference(item: Judged) -> Iterator[str]:
    found = item.difference
    places = f" (in {found.places} places)" if found.places > 1 else ""
    yield f"{'WRONG' if item.wrong else 'DIFFERS'}  {_said(found.word)}{places}"
    yield f"    reference  {found.golden}"
    yield f"    this one   {found.learned}"
    yield from [f"    {_sentence(id, how)}" for id, how in item.broken.items()]


def _lines(study: Study) -> Iterator[str]:
    learned = study.learned
    if learned is None:
        yield f"{study.machine}: not learned: {study.reason}"
        return
    states = 0 if learned.model is None else len(learned.model.states)
    of = f", the reference {len(study.golden.states)}" if study.golden is not None else ""
    yield f"{study.machine}: {states} states{of}; {learned.resets} conversations, {study.seconds:.1f} s"
    if study.left_out:
        yield f"    not said: {', '.join(study.left_out)}"
    if learned.cut:
        yield f"    not all was asked: {learned.cut}; {learned.unasked} of the golden words are open"
    for word, tally in learned.unsteady.items():
        answers = "; ".join([f"{answer} ({count} times)" for answer, count in tally.items()])
        yield f"    not always the same: {word}: {answers}"
    for item in study.differences:
        yield from [f"    {line}" for line in _difference(item)]
    told = {id for item in study.differences for id in item.broken}
    for id, (broken_by, how) in study.broken.items():
        if id not in told:
            yield f"    WRONG  {_said(broken_by)}"
            yield f"        {_sentence(id, how)}"
    if learned.model is not None and not study.differences and study.golden is not None:
        yield f"    no difference to the golden model{' in what was asked' if learned.cut else ''}"


def text(studies: Iterable[Study]) -> str:
    """All of it, for a terminal."""
    return "".join([f"{line}\n" for study in studies for line in _lines(study)])


def markdown(studies: Iterable[Study]) -> Iterator[str]:
    """The lines of a page: what is above, a diagram of each machine beside the golden one, and the table of answers."""
    for study in studies:
        yield from [f"## {study.machine}", "", MACHINES[study.machine].doc, "", "```text", *_lines(study), "```", ""]
        if study.learned is None or study.learned.model is None:
            continue
        yield from ["What it does:", "", "```mermaid", diagram(study.learned.model).rstrip(), "```", ""]
        if study.golden is not None and study.differences:
            yield from ["What the reference does:", "", "```mermaid", diagram(study.golden).rstrip(), "```", ""]
        yield from [table(study.learned.model), ""]
