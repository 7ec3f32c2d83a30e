"""``spiceconf merge DIR... -o DIR``: one report of the parts of a run (``spiceconf run --shard I/N``).

The exit status is that of the whole run; 4 for files that are no results, or no parts of one run.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from spiceproto.errors import LocalError

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    add = parser.add_argument
    add("parts", metavar="DIR", type=Path, nargs="+", help="the report of a part, or its results.jsonl")
    add("-o", "--output", metavar="DIR", type=Path, required=True, help="where the report of the whole goes")
    add("--min-executed", metavar="N", type=int, help="fail if fewer cases were executed; else what is usual")
    add("--partial", action="store_true", help="take what there is where parts are missing or were killed")
    add("-q", "--quiet", action="store_true", help="print failures and the end only")
    add("-v", "--verbose", action="store_true", help="say which messages of which channels the rules have seen")
    add("--show-waived", action="store_true", help="print failures that a waiver expects, too")


def run(options: argparse.Namespace) -> int:
    """Make it."""
    from conformance.conclusion import ERROR
    from conformance.merge import merge, results_of
    from conformance.report import write_again
    from conformance.report.console import Console

    beside = [results_of(path).parent for path in options.parts]
    if options.output.resolve() in [path.resolve() for path in beside]:
        raise LocalError("the report of a part would be overwritten", where=str(options.output), expected="another folder")
    if options.min_executed is not None and options.min_executed < 0:
        raise LocalError("a value without sense for --min-executed", expected="0 or more", actual=str(options.min_executed))
    try:
        whole = merge(options.parts, min_executed=options.min_executed, partial=options.partial)
    except LocalError as error:
        print(f"spiceconf: {error}", file=sys.stderr)
        return ERROR
    whole = write_again(options.output, whole, *beside)
    console = Console(folder=str(options.output), quiet=options.quiet, verbose=options.verbose, waived=options.show_waived)
    console.begin(whole.header)
    for case in whole.cases:
        console.case(case)
    console.end(whole)
    return whole.footer.exit_status
