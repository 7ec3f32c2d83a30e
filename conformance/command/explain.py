"""``spiceconf explain ID``: a sentence with all that is known about it; or what a case needs, and which cases need it.

A fault is explained by the sentence that it breaks, a message by the sentences that name it.
"""

from __future__ import annotations

import argparse
import textwrap

from conformance.case import NEEDS
from conformance.cases import all_cases
from conformance.faults import faults
from conformance.requirements import anchor, by_rules, requirements, unbound, untestable
from spiceproto.controls import CONTROLS, REQUIRED
from spiceproto.errors import LocalError
from spiceproto.rules import MACHINES
from spiceproto.suggestion import nearest

__all__ = ["configure", "run"]


def _needs(text: str) -> list[str]:
    """Needs of cases with this name, or with this verb."""
    return [need for need in NEEDS if text in (need, need.partition(":")[2])]


def _known(text: str, id: str) -> str:
    """What could have been meant, or what can be explained at all."""
    words = [word for need in NEEDS for word in (need, need.partition(":")[2]) if word]
    words += [name for _, name, _ in faults()]
    near = nearest(id, list(requirements())) if "-" in text and text[-1:].isdigit() else nearest(text, words)
    near = near or [known for known in requirements() if known.startswith(id.rpartition("-")[0] or id)][:1]
    everything = (
        f"a sentence ({next(iter(requirements()))}), a case of it, a message, a fault, a verb ({CONTROLS[0].verb})"
        " or another need (tls)"
    )
    return f"{' or '.join(near)}? Or {everything}" if near else everything


def _explain_need(need: str) -> None:
    print(f"{need}: {NEEDS[need]}")
    for row in CONTROLS:
        if row.need == need:
            for value in row.values:
                absent = "" if value.default is REQUIRED else f"; {value.default} if it is not given"
                print(f"  {value.name:<14} {value.described}: {value.meaning}{absent}")
    for case in all_cases():
        if need in case.needs:
            print(f"  case       {case.id} ({case.role}): {case.title}")


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument(
        "id",
        metavar="ID",
        help="a sentence (SPICE-LINK-006), a case, a message (PING), a fault, a verb (motion), another need (tls)",
    )


def run(options: argparse.Namespace) -> int:
    """Print it."""
    needs = _needs(options.id)
    if needs:
        for need in needs:
            _explain_need(need)
        return 0
    for role, name, fault in faults():
        if name == options.id:
            print(f"ref:{role}?fault={name}: {fault.title}")
            _explain_sentence(fault.requirement)
            return 0
    id = options.id.partition("/")[0].upper()
    if id in requirements():
        _explain_sentence(id)
        return 0
    about = [one for one, sentence in requirements().items() if f"`{options.id.upper()}`" in sentence.text]
    if not about:
        raise LocalError("nothing to explain has this name", expected=_known(options.id, id), actual=options.id)
    for one in about:
        print(f"{one}: {requirements()[one].text}")
    return 0


def _explain_sentence(id: str) -> None:
    sentence = requirements()[id]
    print(f"{sentence.id} ({sentence.level}, {sentence.role}, {sentence.source})   {anchor(sentence)}")
    print(textwrap.fill(sentence.text, 100, initial_indent="  ", subsequent_indent="  "))
    for name, notes in (("test", sentence.tests), ("tolerated", sentence.tolerated), ("observed", sentence.observed)):
        for note in notes:
            print(textwrap.fill(note, 100, initial_indent=f"  {name:<10}", subsequent_indent=" " * 12))
    if id in untestable():
        print(f"  nobody can test it: {untestable()[id]}")
    if id in unbound():
        print(f"  nothing is bound to it yet; what can judge it: {unbound()[id]}")
    tables = [machine.name for machine in MACHINES.values() if id in machine.requirements()]
    if id in by_rules():
        print(f"  read off every conversation by the rules: {', '.join(tables) or 'link observer, session'}")
    cases = [case for case in all_cases() if id in case.verifies]
    for case in cases:
        print(f"  case       {case.id} ({case.role}): {case.title}")
        for need in case.needs:
            print(f"             needs {need}: {NEEDS[need]}")
    for role, name, fault in faults():
        if fault.requirement == id:
            print(f"  fault      ref:{role}?fault={name}: {fault.title}")
