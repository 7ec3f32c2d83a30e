"""A sequence diagram as SVG, narrow enough for a telephone. Colours are those of the page around it."""

from __future__ import annotations

import textwrap
from html import escape
from typing import Final

from spec_site.mermaid import Message, Note, Sequence

__all__ = ["draw"]

_GAPS: Final = {2: 250, 3: 150}
"""Participants to pixels between their lines."""

_SIDE: Final = 52
"""Pixels beside the outermost lines."""

_LINE: Final = 15
"""Pixels from a line of text to the next."""

_CHARACTER: Final = 6.4
"""Pixels of a character of 12 pixels, on average."""


class _Paper:
    """What is drawn, from top to bottom. ``y`` is where it goes on."""

    def __init__(self, sequence: Sequence) -> None:
        self.gap = _GAPS.get(len(sequence.participants), 150)
        self.x = {id: _SIDE + number * self.gap for number, id in enumerate(sequence.participants)}
        self.width = 2 * _SIDE + self.gap * (len(self.x) - 1)
        self.y = 0.0
        self.parts: list[str] = []

    def text(self, x: float, lines: list[str], *, bold: bool = False) -> None:
        """Lines around ``x``, downwards from where it goes on."""
        for line in lines:
            self.y += _LINE
            weight = ' font-weight="bold"' * bold
            self.parts.append(f'<text x="{x:g}" y="{self.y - 3:g}" text-anchor="middle"{weight}>{escape(line)}</text>')

    def wrapped(self, text: str, pixels: float) -> list[str]:
        return textwrap.wrap(text, max(int(pixels / _CHARACTER), 8), break_on_hyphens=False)

    def message(self, step: Message) -> None:
        here, there = self.x[step.sender], self.x[step.receiver]
        self.y += 6
        self.text((here + there) / 2, self.wrapped(step.text, abs(there - here) - 14))
        self.y += 3
        tip = 7 if there > here else -7
        self.parts.append(f'<path d="M{here} {self.y:g}H{there - tip}" stroke="currentColor" fill="none"/>')
        self.parts.append(f'<path d="M{there} {self.y:g}l{-tip} -4v8z" fill="currentColor"/>')
        self.y += 4

    def note(self, step: Note) -> None:
        left, right = sorted((self.x[step.left], self.x[step.right]))
        lines = self.wrapped(step.text, right - left + 40)
        height = _LINE * len(lines) + 6
        self.y += 6
        place = f'x="{left - 26}" y="{self.y:g}" width="{right - left + 52}" height="{height}"'
        self.parts.append(f'<rect class="note" {place} rx="4"/>')
        self.y += 2
        self.text((left + right) / 2, lines)
        self.y += 8


def draw(sequence: Sequence) -> str:
    """SVG to stand in a page."""
    paper = _Paper(sequence)
    paper.text(paper.width / 2, paper.wrapped(sequence.title, paper.width), bold=True)
    paper.y += 6
    top = paper.y
    for id, name in sequence.participants.items():
        paper.y = top
        wide = len(name) * _CHARACTER + 14
        paper.parts.append(
            f'<rect class="participant" x="{paper.x[id] - wide / 2:g}" y="{top}" width="{wide:g}" height="21" rx="4"/>'
        )
        paper.y += 3
        paper.text(paper.x[id], [name])
    top += 21
    paper.y = top + 2
    for step in sequence.steps:
        if isinstance(step, Message):
            paper.message(step)
        else:
            paper.note(step)
    bottom = paper.y + 8
    lines = "".join([f'<path class="line" d="M{x} {top}V{bottom:g}"/>' for x in paper.x.values()])
    size = f'width="{paper.width}" height="{bottom:g}" viewBox="0 0 {paper.width} {bottom:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" class="sequence" {size} font-size="12" fill="currentColor">'
    return f"{head}<title>{escape(sequence.title)}</title>{lines}{''.join(paper.parts)}</svg>"
