"""``spiceconf faults``: the faults of the references, and with ``--check`` whether the suite catches each.

Exit status 1 if one is not caught, or something unrelated is reported with it.
"""

from __future__ import annotations

import argparse

from conformance.faults import caught, faults
from spiceproto.errors import LocalError
from spiceproto.suggestion import expected

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="some of them only")
    parser.add_argument("--check", action="store_true", help="run all cases against each")


def run(options: argparse.Namespace) -> int:
    """Print them."""
    every = list(faults())
    known = [item[1] for item in every]
    for name in options.names:
        if name not in known:
            raise LocalError(
                "no such fault", expected=expected(name, known, listing="spiceconf faults prints them"), actual=name
            )
    found = [item for item in every if not options.names or item[1] in options.names]
    bad = 0
    for role, name, fault in found:
        verdict = ""
        if options.check:
            result = caught(role, name, fault)
            wrong = result.missed or bool(result.unrelated)
            bad += wrong
            verdict = "MISSED  " if result.missed else "CAUGHT  "
            if result.unrelated:
                verdict += f"(and reported: {', '.join(sorted(result.unrelated))}) "
        print(f"{verdict}{fault.requirement}  ref:{role}?fault={name}  {fault.title}")
    if options.check:
        print(f"{len(found) - bad} of {len(found)} faults are caught by their sentence and by nothing unrelated")
    return 1 if bad else 0
