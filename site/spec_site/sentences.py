"""A sentence of a chapter is a target, and has below it what the suite knows of it."""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

from conformance.requirements import requirements
from spec_site.known import Program, Requirement, programs, requirement

__all__ = ["Sentences", "counted", "deviation"]


def counted(known: Requirement) -> str:
    """What there is, in a few words."""
    numbers = {
        "case": len(known.cases),
        "fault": len(known.faults),
        "deviation": len(known.results),
        "page of results": len(known.pages),
    }
    words = []
    for noun, number in numbers.items():
        several = noun.replace("page", "pages") if " " in noun else f"{noun}s"
        words += [f"{number} {noun if number == 1 else several}"] * bool(number)
    if known.untestable:
        words.append("no test can decide it")
    if known.unbound:
        words.append("nothing decides it yet")
    if known.observed_by_rules:
        words.append("read off any conversation")
    return " · ".join(words) or "nothing bound"


def deviation(text: str, reason: str, *, outcome: str, sometimes: bool, bug: str) -> nodes.paragraph:
    """What a program does, in a line; ``text`` is who."""
    made = nodes.paragraph("", "", nodes.strong("", text), nodes.Text(f", {outcome}{' at times' * sometimes}: {reason}"))
    if bug.startswith("http"):
        made += [nodes.Text(" ("), nodes.reference("", "reported", refuri=bug), nodes.Text(")")]
    return made


class Sentences(SphinxTransform):
    """Runs on chapters, before what links to them."""

    default_priority = 210

    def apply(self, **_: Any) -> None:
        folder, _, chapter = self.env.docname.rpartition("/")
        if folder != "spec":
            return
        here = {id for id, sentence in requirements().items() if sentence.chapter == chapter}
        for paragraph in list(self.document.findall(nodes.paragraph)):
            first = next((child for child in paragraph.children if child.astext()), None)  # MyST puts an empty text before
            if isinstance(first, nodes.strong) and first.astext() in here:
                here.discard(first.astext())
                self._make(paragraph, first)

    def _make(self, paragraph: nodes.paragraph, strong: nodes.strong) -> None:
        known = requirement(strong.astext())
        box = nodes.container(classes=["sentence", known.level.lower()], ids=[known.id], names=[known.id.lower()])
        self.document.note_explicit_target(box, box)
        parent = paragraph.parent
        at = parent.index(paragraph)
        notes = [node for node in parent.children[at + 1 : at + 2] if isinstance(node, nodes.bullet_list)]
        parent.remove(paragraph)
        for node in notes:
            parent.remove(node)
        strong.replace_self(nodes.reference("", "", nodes.strong("", known.id), refid=known.id, internal=True))
        box += [paragraph, *notes, *self._bound(known)]
        parent.insert(at, box)

    def _bound(self, known: Requirement) -> list[nodes.Node]:
        """What is folded below the sentence."""
        summary = escape(counted(known))
        opens = f'<details class="bound"><summary>{summary}</summary>'
        found: list[nodes.Node] = [nodes.raw("", opens, format="html")]
        for title, reason in (("No test can decide it", known.untestable), ("What can judge it", known.unbound)):
            if reason:
                found.append(nodes.paragraph("", f"{title}: {reason}"))
        if known.rules:
            found.append(nodes.paragraph("", f"Tables of states that name it: {', '.join(known.rules)}"))
        cases = [self._named(case.id, f" ({case.role}): {case.title}") for case in known.cases]
        faults = [self._named(f"ref:{fault.role}?fault={fault.name}", f": {fault.title}") for fault in known.faults]
        results = [self._result(programs()[one.program], one) for one in known.results]
        pages = [self._page(page.path, page.title) for page in known.pages]
        for title, rows in (("Cases", cases), ("Faults", faults), ("Real programs", results), ("Results", pages)):
            if rows:
                found.append(nodes.paragraph("", "", nodes.strong("", title)))
                found.append(nodes.bullet_list("", *[nodes.list_item("", row) for row in rows]))
        found.append(nodes.raw("", "</details>", format="html"))
        return [nodes.container("", *found, classes=["no-mentions"])]

    def _named(self, name: str, text: str) -> nodes.paragraph:
        return nodes.paragraph("", "", nodes.literal("", name), nodes.Text(text))

    def _result(self, program: Program, one: Any) -> nodes.paragraph:
        who = f"{program.name} ({one.date})"
        return deviation(who, one.reason, outcome=one.outcome, sometimes=one.sometimes, bug=one.bug)

    def _page(self, path: str, title: str) -> nodes.paragraph:
        made = addnodes.pending_xref(
            "", refdoc=self.env.docname, refdomain="std", reftype="doc", reftarget=f"/{path}", refexplicit=True, refwarn=True
        )
        made += nodes.inline("", title)
        return nodes.paragraph("", "", made)
