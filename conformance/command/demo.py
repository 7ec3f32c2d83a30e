"""``spiceconf demo``: what the suite is, in some seconds, without any other program.

Both references are held against the specification, then references with five faults that real programs had against the area
of it that each breaks. Exit status 0 if the clean references conform and each fault is caught under its sentence.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Final

from conformance.faults import faults
from conformance.report import jsonl, overview

__all__ = ["FAULTS", "configure", "run"]

FAULTS: Final = (
    ("client", "position-in-server-mode", "a Kotlin client moved the pointer by MOUSE_POSITION in SERVER mode: it was dead"),
    ("client", "ignores-motion-ack", "the same client sent as many movements as it liked"),
    ("client", "unknown-type-fatal", "a browser client stopped at a message that it did not know"),
    ("client", "double-connect", "a client library linked its sound again and again after an upgrade of QEMU"),
    ("server", "silent-takeover", "a second client took the session over, and the first was never told"),
)
"""Role, name, and which field report it re-enacts."""

_RUNS: Final = (
    ("server", "", "the reference server, which keeps the specification"),
    ("client", "", "the reference client, which keeps the specification"),
    *FAULTS,
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("-o", "--output", metavar="DIR", type=Path, default=Path("spiceconf-demo"), help="where the reports go")


def run(options: argparse.Namespace) -> int:
    """Run it."""
    from conformance.command.run import execute

    broken = {(role, name): fault.requirement for role, name, fault in faults()}
    began = time.perf_counter()
    reports, wrong = [], []
    for role, fault, story in _RUNS:
        name = fault or role
        address = f"ref:{role}" + (f"?fault={fault}" if fault else "")
        print(f"== {address}: {story} ==", flush=True)
        sentence = broken[role, fault] if fault else ""
        area = {"select": sentence.rpartition("-")[0]} if fault else {}
        status = execute(address, {"report": options.output / name, **area}, brief=True)
        print()
        found = jsonl.read(options.output / name / "results.jsonl")
        reports.append(overview.Report(f"{story} ({sentence})" if fault else story, name, found))
        failed = {case.requirement for case in found.cases if case.outcome == "fail"}
        if status != bool(fault) or (fault and sentence not in failed):
            wrong.append(address)
    text = (
        f"{' and '.join(wrong)} did not end as they should."
        if wrong
        else (f"Both references conform, and each of the {len(FAULTS)} faults is caught under the sentence that it breaks.")
    )
    page = options.output / "index.html"
    overview.write(page, "Demonstration: both references, and faults that real programs had", text, reports)
    print(f"{text} {time.perf_counter() - began:.1f} s; all reports:")
    print(page)
    return 1 if wrong else 0
