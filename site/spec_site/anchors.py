"""``<a id="...">`` in a chapter is a target, so that links to it are resolved, and found to be broken."""

from __future__ import annotations

import re
from typing import Any, Final

from docutils import nodes
from sphinx.transforms import SphinxTransform

__all__ = ["Anchors"]

_BEGINS: Final = re.compile(r'<a id="([^"]+)">')


class Anchors(SphinxTransform):
    """Runs before links are looked at."""

    default_priority = 200

    def apply(self, **_: Any) -> None:
        for raw in list(self.document.findall(nodes.raw)):
            begins = _BEGINS.fullmatch(raw.astext())
            if begins is not None:
                target = nodes.target("", "", ids=[begins[1]], names=[begins[1]])
                self.document.note_explicit_target(target, target)
                parent, at = raw.parent, raw.parent.index(raw)
                raw.replace_self(target)
                if at + 1 < len(parent) and parent[at + 1].astext() == "</a>":
                    del parent[at + 1]
