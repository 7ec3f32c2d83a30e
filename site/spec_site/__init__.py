"""What the site has besides pages: drawn diagrams, a target for each sentence with what is known of it, ``requirements.json``.

anchors     names that chapters give to their tables become targets
mermaid     diagrams as values, read from the text in the chapters
states      a state diagram as SVG, placed by Graphviz
sequences   a sequence diagram as SVG
drawings    diagrams of a page
known       what the suite's registries know of each sentence, as records
sentences   sentences of a page, with that
mentions    ids of sentences become links
tables      wide tables on a narrow screen
programs    what is known of each program, as a page
docstrings  what they mean where Sphinx would not know
commands    manual pages and completion of the commands
"""

from __future__ import annotations

from typing import Any

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

from spec_site import anchors, docstrings, drawings, known, mentions, programs, sentences, tables

__all__ = ["setup"]


def _write_requirements(app: Sphinx, failure: Exception | None) -> None:
    if failure is None and app.builder.format == "html":
        known.write(app.outdir)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register all of it."""
    app.add_lexer("hex", TextLexer)
    app.add_transform(anchors.Anchors)
    app.add_transform(sentences.Sentences)
    app.add_transform(mentions.Mentions)
    app.add_transform(drawings.Drawings)
    app.add_transform(tables.Labels)
    app.set_translator("html", tables.Translator)
    app.add_directive("programs", programs.Programs)
    app.add_config_value("dot", "", "env", types=[str])
    docstrings.connect(app)
    app.connect("build-finished", _write_requirements)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
