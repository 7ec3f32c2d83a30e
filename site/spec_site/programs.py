"""``{programs}``: every real program with what is known of it, by sentence."""

from __future__ import annotations

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from conformance.requirements import requirements
from spec_site.known import Result, everything
from spec_site.mentions import link
from spec_site.sentences import deviation

__all__ = ["Programs"]


class Programs(SphinxDirective):
    """Sections, one for each program, the newest results first."""

    def run(self) -> list[nodes.Node]:
        whole = everything()
        found: list[nodes.Node] = []
        for name, program in sorted(whole.programs.items(), key=lambda item: (max(item[1].dates), item[0]), reverse=True):
            rows = [(one.id, result) for one in whole.requirements for result in one.results if result.program == name]
            section = nodes.section("", nodes.title("", program.name), ids=[f"program-{name}"], names=[f"program-{name}"])
            self.state.document.note_explicit_target(section, section)
            dates = ", ".join(program.dates)
            sentences = len({id for id, _ in rows})
            section += nodes.paragraph(
                "", f"Looked at on {dates}. It deviates from {sentences} of {len(requirements())} sentences:"
            )
            section += nodes.bullet_list("", *[self._row(id, result) for id, result in rows])
            found.append(section)
        return found

    def _row(self, id: str, result: Result) -> nodes.list_item:
        line = deviation("", result.reason, outcome=result.outcome, sometimes=result.sometimes, bug=result.bug)
        line.pop(0)
        line.insert(0, link(id, self.env.docname, nodes.Text(id)))
        return nodes.list_item("", line)
