"""A verdict as a picture for other pages: an SVG file of two fields, without a font, a script or a link of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from conformance.matrix.record import Implementation

__all__ = ["badge", "said"]

_COLOURS: Final[Mapping[str, str]] = {
    "conforms": "#126b32",
    "conforms in scope": "#126b32",
    "does not conform": "#b3201f",
    "cannot be tested": "#7a1d8a",
    "interrupted": "#8f4505",
    "no result": "#4a5058",
}
_LABEL: Final = "#3a4049"
_WIDTH: Final = 6.0
"""Of a letter at 11 pixels, on the average; ``textLength`` makes it true for any font."""

_ROOM: Final = 12.0
_HEIGHT: Final = 20


def said(item: Implementation) -> str:
    """The verdict, and how many cases it rests on."""
    passed, failed = item.outcomes.get("pass", 0), item.outcomes.get("fail", 0)
    if item.verdict == "does not conform" and failed:
        return f"{failed} failed, {passed} passed"
    return f"{item.verdict}, {passed} passed" if passed else item.verdict


def badge(item: Implementation) -> str:
    """The file as text."""
    left, right = f"SPICE {item.role}".strip(), said(item)
    widths = [round(len(text) * _WIDTH, 1) for text in (left, right)]
    first, second = [width + _ROOM for width in widths]
    title = f"{item.name}: {left}: {right}"
    fields = [(0.0, first, widths[0], left, _LABEL), (first, second, widths[1], right, _COLOURS[item.verdict])]
    rows = [
        f'<rect x="{x:g}" width="{width:g}" height="{_HEIGHT}" fill="{colour}"/>'
        f'<text x="{x + _ROOM / 2:g}" y="14" textLength="{text_width:g}">{escape(text)}</text>'
        for x, width, text_width, text, colour in fields
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{first + second:g}" height="{_HEIGHT}" role="img" '
        f"aria-label={quoteattr(title)}>\n<title>{escape(title)}</title>\n"
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">\n' + "\n".join(rows) + "\n</g>\n</svg>\n"
    )
