"""Diagrams of a page, drawn where the page has their text."""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform

from spec_site import mermaid, sequences, states
from spiceproto.errors import SpiceError

__all__ = ["Drawings"]


class Drawings(SphinxTransform):
    """A block in the language ``mermaid`` becomes SVG in the page."""

    default_priority = 230

    def apply(self, **_: Any) -> None:
        for block in list(self.document.findall(nodes.literal_block)):
            if block.get("language") != "mermaid":
                continue
            try:
                drawn = self._drawn(mermaid.parse(block.astext()), block)
            except SpiceError as error:
                raise ExtensionError(f"{self.env.docname}:{block.line}: {error}") from None
            block.replace_self(nodes.raw("", f'<div class="drawing">{drawn}</div>', format="html"))

    def _drawn(self, diagram: mermaid.States | mermaid.Sequence, block: nodes.literal_block) -> str:
        if isinstance(diagram, mermaid.Sequence):
            return sequences.draw(diagram)
        section = block.parent
        while section is not None and not isinstance(section, nodes.section):
            section = section.parent
        title = section.next_node(nodes.title).astext() if section is not None else "states"
        return states.draw(diagram, self.config.dot or states.program(), escape(f"States: {title}"))
