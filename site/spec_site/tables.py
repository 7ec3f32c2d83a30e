"""Wide tables on a narrow screen: rows become blocks whose cells say the name of their column."""

from __future__ import annotations

from html import escape
from typing import Any, Final

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

__all__ = ["Labels", "Translator"]

_COLUMNS: Final = 4
"""From so many on a table is wide."""


class Labels(SphinxTransform):
    """Tells each cell of a wide table the name of its column."""

    default_priority = 240

    def apply(self, **_: Any) -> None:
        for table in self.document.findall(nodes.table):
            head = table.next_node(nodes.thead)
            body = table.next_node(nodes.tbody)
            names = [entry.astext() for entry in head.findall(nodes.entry)] if head is not None else []
            if len(names) < _COLUMNS or body is None:
                continue
            table["classes"].append("wide")
            for row in body.findall(nodes.row):
                for entry, name in zip(row.children, names, strict=False):
                    if isinstance(entry, nodes.entry):
                        entry["label"] = name
                        entry["classes"] += ["empty"] * (not entry.astext().strip())


class Translator(HTML5Translator):
    """Writes that name as an attribute, for the style sheet."""

    def visit_entry(self, node: nodes.Element) -> None:
        super().visit_entry(node)
        at = next(number for number in reversed(range(len(self.body))) if self.body[number].startswith(("<td", "<th")))
        if "label" in node:
            tag = self.body[at]
            self.body[at] = f'{tag[:3]} data-label="{escape(node["label"])}"{tag[3:]}'
