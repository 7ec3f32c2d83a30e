"""Wherever a page names a sentence, there is a link to it."""

from __future__ import annotations

import re
from typing import Any, Final

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

from conformance.requirements import requirements

__all__ = ["ID", "Mentions", "link"]

ID: Final = re.compile(r"SPICE-[A-Z]+-\d{3}")

_NOT_IN: Final = (nodes.reference, nodes.title, nodes.literal_block, nodes.raw, addnodes.pending_xref)


def link(id: str, docname: str, content: nodes.Node) -> addnodes.pending_xref:
    """A link to a sentence, from the page ``docname``."""
    made = addnodes.pending_xref(
        "", refdoc=docname, refdomain="std", reftype="ref", reftarget=id.lower(), refexplicit=True, refwarn=True
    )
    made += nodes.inline("", "", content, classes=["mention"])
    return made


class Mentions(SphinxTransform):
    """Runs behind what makes the sentences targets."""

    default_priority = 220

    def apply(self, **_: Any) -> None:
        for text in list(self.document.findall(nodes.Text)):
            if "SPICE-" in text and not self._within(text):
                if isinstance(text.parent, nodes.literal):
                    self._literal(text.parent)
                elif text.parent is not None:
                    self._plain(text)

    def _within(self, node: nodes.Node) -> bool:
        parent = node.parent
        while parent is not None:
            if isinstance(parent, _NOT_IN) or (
                isinstance(parent, nodes.Element) and "no-mentions" in parent.get("classes", ())
            ):
                return True
            parent = parent.parent
        return False

    def _literal(self, literal: nodes.literal) -> None:
        """A whole literal that begins with an id: a sentence, or a case of it."""
        found = ID.match(literal.astext())
        if found is not None and found[0] in requirements() and " " not in literal.astext():
            literal.replace_self(link(found[0], self.env.docname, literal.deepcopy()))

    def _plain(self, text: nodes.Text) -> None:
        made: list[nodes.Node] = []
        at = 0
        for found in ID.finditer(text):
            if found[0] in requirements():
                made += [nodes.Text(text[at : found.start()])] * (found.start() > at)
                made.append(link(found[0], self.env.docname, nodes.Text(found[0])))
                at = found.end()
        if made:
            made += [nodes.Text(text[at:])] * (at < len(text))
            text.parent.replace(text, made)
