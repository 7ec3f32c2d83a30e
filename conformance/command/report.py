"""``spiceconf report RESULTS -o DIR``: JUnit and HTML again, from results.jsonl alone.

Exit status 4 for a file that is no result: without header or footer, or with other counts than it says. With ``--partial``
a file without its footer, of a run that was killed, gives a report whose verdict is "interrupted".
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from conformance.report import write_again
from conformance.report.jsonl import partial, read
from spiceproto.errors import LocalError

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("results", metavar="RESULTS", type=Path, help="results.jsonl of a run")
    parser.add_argument("-o", "--output", metavar="DIR", type=Path, required=True, help="where the reports go")
    parser.add_argument("--partial", action="store_true", help="take what there is of a run that was killed")


def run(options: argparse.Namespace) -> int:
    """Write them."""
    try:
        found = (partial if options.partial else read)(options.results)
    except LocalError as error:
        print(f"spiceconf: {error}", file=sys.stderr)
        return 4
    write_again(options.output, found, options.results.parent)
    print(options.output / "index.html")
    return 0
