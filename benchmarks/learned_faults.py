"""Which named faults of the references change a learned machine: ``python benchmarks/learned_faults.py [--area MOUSE ...]``.

Each fault is held against the machines of its area, one after the other until one differs from the golden model. Most faults
are of numbers, sizes and values, which no machine has a letter for: those are the matter of the cases.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

from conformance.address import open_target
from conformance.faults import faults
from conformance.learn.learner import Walks
from conformance.learn.machines import MACHINES
from conformance.learn.study import Study, study
from conformance.learn.tree import Budget

AREAS = {
    "LINK": ("link", "session"),
    "MAIN": ("session", "main"),
    "MOUSE": ("mouse", "inputs"),
    "KEY": ("inputs",),
    "AGENT": ("agent",),
    "DISPLAY": ("display",),
    "STREAM": ("display",),
    "FRAME": ("session",),
    "MIG": ("main",),
}
"""Machines of servers by the area of a sentence; a client has one for all."""

SECONDS = 60.0


def learned(machine: str, fault: str) -> Study:
    alphabet = MACHINES[machine]
    target = open_target(f"ref:{alphabet.role}?fault={fault}")
    return study(target, alphabet, budget=Budget(SECONDS, 0), walks=Walks(0))


def changed(role: str, fault: str, area: str) -> str:
    """The machine that the fault changes, with how far the two are the same; "" for none."""
    for machine in AREAS.get(area, ()) if role == "server" else ("client",):
        found = learned(machine, fault)
        if found.differences or found.broken:
            shortest = min((len(one.difference.word) for one in found.differences), default=0)
            sentences = sorted({*found.broken, *[id for one in found.differences for id in one.broken]})
            return f"{machine}, {len(found.differences)} differences from {shortest} letters on, {', '.join(sentences)}"
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--area", action="append", help="areas of sentences; otherwise all that have a machine")
    options = parser.parse_args()
    tried, found, began = Counter[str](), Counter[str](), time.process_time()
    for role, name, fault in faults():
        area = fault.requirement.split("-")[1]
        if area not in (options.area or AREAS):
            continue
        tried[role] += 1
        if said := changed(role, name, area):
            found[role] += 1
            print(f"{role:6} {name:36} {fault.requirement:18} {said}", flush=True)
    for role in tried:
        print(f"{role}: {found[role]} of {tried[role]} faults change a machine")
    print(f"{time.process_time() - began:.0f} s of processor time")


if __name__ == "__main__":
    main()
