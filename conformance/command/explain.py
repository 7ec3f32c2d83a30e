"""``spiceconf explain ID``: a sentence with all that is known about it."""

from __future__ import annotations

import argparse
import textwrap

from conformance.case import NEEDS
from conformance.cases import all_cases
from conformance.faults import faults
from conformance.requirements import anchor, by_rules, requirements, untestable
from spiceproto.errors import LocalError
from spiceproto.rules import MACHINES

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("id", metavar="ID", help="a sentence (SPICE-LINK-006), or a case of it")


def run(options: argparse.Namespace) -> int:
    """Print it."""
    id = options.id.partition("/")[0].upper()
    sentence = requirements().get(id)
    if sentence is None:
        near = [known for known in requirements() if known.startswith(id.rpartition("-")[0])]
        raise LocalError("no such sentence", expected=f"for example {near[0]}" if near else "SPICE-LINK-001", actual=options.id)
    print(f"{sentence.id} ({sentence.level}, {sentence.role}, {sentence.source})   {anchor(sentence)}")
    print(textwrap.fill(sentence.text, 100, initial_indent="  ", subsequent_indent="  "))
    for name, notes in (("test", sentence.tests), ("tolerated", sentence.tolerated), ("observed", sentence.observed)):
        for note in notes:
            print(textwrap.fill(note, 100, initial_indent=f"  {name:<10}", subsequent_indent=" " * 12))
    if id in untestable():
        print(f"  nobody can test it: {untestable()[id]}")
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
    return 0
