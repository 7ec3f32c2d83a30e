"""A model for people: a state diagram as Mermaid text, and the table of its answers in Markdown.

Letters that bring the same along the same way are one line; what brings nothing and leads nowhere is not drawn.
"""

from __future__ import annotations

from typing import Final

from conformance.learn.model import NOTHING, OVER, Model

__all__ = ["diagram", "table"]

_MOST: Final = 4
"""Letters that are named on an arrow; of more it is said how many there are."""


def _plain(text: str) -> str:
    """Mermaid takes a semicolon for the end of a line, and a colon for the beginning of a text."""
    return text.replace(";", " /").replace("#", "").replace(": ", " ")


def _over(model: Model) -> set[int]:
    return {at for at, state in enumerate(model.states) if all(edge.answer == OVER for edge in state.values())}


def diagram(model: Model) -> str:
    """``stateDiagram-v2`` of a model."""
    over = _over(model)
    arrows: dict[tuple[int, int, str], list[str]] = {}
    for here, state in enumerate(model.states):
        for letter, edge in state.items():
            if edge.answer != OVER and (here, edge.answer) != (edge.there, NOTHING):
                arrows.setdefault((here, edge.there, edge.answer), []).append(letter)
    lines = ["stateDiagram-v2", "    [*] --> s0"]
    for (here, there, answer), letters in arrows.items():
        named = ", ".join(letters[:_MOST]) + (f" and {len(letters) - _MOST} more" if len(letters) > _MOST else "")
        target = "[*]" if there in over else f"s{there}"
        lines.append(f"    s{here} --> {target} : {_plain(named)} | {_plain(answer)}")
    return "\n".join(lines) + "\n"


def table(model: Model) -> str:
    """A row for each letter, a column for each state: what comes, and the next state if it is another one."""
    over = _over(model)
    shown = [at for at in range(len(model.states)) if at not in over]
    lines = ["| letter | " + " | ".join([f"s{at}" for at in shown]) + " |", "| --- " * (len(shown) + 1) + "|"]
    for letter in model.letters:
        cells = []
        for at in shown:
            edge = model.states[at][letter]
            there = "" if edge.there == at else " → end" if edge.there in over else f" → s{edge.there}"
            cells.append(edge.answer.replace("|", "/") + there)
        lines.append(f"| {letter} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
