"""``spiceconf list``: every case, one a line."""

from __future__ import annotations

import argparse
import json

from spiceproto.errors import LocalError

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("select", nargs="*", metavar="EXPR", help="which cases; see `spiceconf run --help`")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(options: argparse.Namespace) -> int:
    """Print them."""
    from conformance.cases import all_cases
    from conformance.requirements import requirements
    from conformance.selection import likely, select

    text = " ".join(options.select)
    fits = select(text)
    cases = [case for case in all_cases() if fits(case)]
    if not cases:
        near = likely(text, all_cases())
        raise LocalError("no case is selected" + (f"; {near}" if near else ""), actual=text)
    for case in cases:
        sentence = requirements()[case.requirement]
        if options.json:
            print(
                json.dumps(
                    {
                        "id": case.id,
                        "role": case.role,
                        "level": sentence.level,
                        "channel": case.channel,
                        "title": case.title,
                        "verifies": case.verifies,
                        "needs": case.needs,
                        "requires": case.requires,
                        "slow": case.slow,
                        "revision": case.revision,
                        "tags": case.tags,
                    }
                )
            )
        else:
            print(f"{case.id:<62} {sentence.level:<6} {case.role:<6} {case.channel:<8} {case.title}".rstrip())
    if not options.json:
        print(f"{len(cases)} cases about {len({case.requirement for case in cases})} sentences")
    return 0
