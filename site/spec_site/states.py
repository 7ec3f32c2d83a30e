"""A state diagram as SVG. Graphviz places it; colours are those of the page around it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import textwrap
from typing import Final

from spec_site.mermaid import END, START, States
from spiceproto.errors import LocalError

__all__ = ["as_dot", "draw", "program"]

_PROGRAMS: Final = ("dot", "graphviz-pure")
"""Graphviz, and a port of it that pip installs; both take the same words."""

_CHARACTERS: Final = 22
"""Of a line on an arrow: narrow drawings are for narrow screens."""

_SCALE: Final = 1.1
"""Pixels a point."""

_SIZES: Final = {"12.50": "11", "11.00": "9.5"}
"""Size of letters for which places are made to that in which they are drawn: fonts of a page may be wider than Graphviz's."""

_HEAD: Final = """\
    graph [bgcolor=transparent, nodesep=0.2, ranksep=0.3, margin=0, pad=0.15]
    node [shape=box, style=rounded, fontname=Arial, fontsize=12.5, height=0.3, margin="0.1,0.04"]
    edge [fontname=Arial, fontsize=11, arrowsize=0.6]
"""


def program() -> str:
    """The program that places: Graphviz where it is installed. Raises LocalError."""
    found = next((path for name in _PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        raise LocalError("no Graphviz", expected=f"{' or '.join(_PROGRAMS)}: pip install 'spiceproto[docs]'", actual="neither")
    return found


def _lines(label: str) -> str:
    """A label in short lines, each alternative on its own."""
    lines = [line for part in label.split(", ") for line in textwrap.wrap(part, _CHARACTERS, break_on_hyphens=False)]
    return "\n".join(lines)


def as_dot(states: States) -> str:
    """The diagram in Graphviz's language."""
    lines = [
        f"    {json.dumps(id)} [shape=point, width=0.12]"
        if id == START
        else f'    {json.dumps(id)} [shape=doublecircle, label="", width=0.12, style=filled, fillcolor=black]'
        if id == END
        else f"    {json.dumps(id)} [label={json.dumps(name)}]"
        for id, name in states.names.items()
    ]
    lines += [
        f"    {json.dumps(one.here)} -> {json.dumps(one.there)} [label={json.dumps(_lines(one.label))}]"
        for one in states.arrows
    ]
    return "digraph {\n" + _HEAD + "\n".join(lines) + "\n}\n"


def draw(states: States, dot: str, title: str) -> str:
    """SVG to stand in a page. ``dot``: path of the program. Raises LocalError if it fails."""
    try:
        done = subprocess.run([dot, "-Tsvg"], input=as_dot(states), capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LocalError("Graphviz cannot draw", where=dot, actual=str(error)) from None
    found = re.search(
        r'<svg width="([\d.]+)pt" height="([\d.]+)pt"\s+viewBox="([^"]+)"[^>]*>(.*)</svg>', done.stdout, re.DOTALL
    )
    if done.returncode != 0 or found is None:
        raise LocalError("Graphviz cannot draw", where=dot, actual=done.stderr.strip() or "no SVG")
    width, height = float(found[1]) * _SCALE, float(found[2]) * _SCALE
    body = re.sub(r"<title>.*?</title>|<!--.*?-->", "", found[4], flags=re.DOTALL)
    body = re.sub(r' id="[^"]*"', "", body)
    body = re.sub(r'(fill|stroke)="black"', r'\1="currentColor"', body)
    body = re.sub(r"<text (?![^>]*fill=)", '<text fill="currentColor" ', body)
    body = re.sub(r' font-family="[^"]*"', "", body)
    body = re.sub(r'font-size="([\d.]+)"', lambda size: f'font-size="{_SIZES.get(size[1], size[1])}"', body)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width:.0f}" height="{height:.0f}" viewBox="{found[3]}">'
    return f"{head}<title>{title}</title>{body.strip()}</svg>"
