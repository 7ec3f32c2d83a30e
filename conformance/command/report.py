"""``spiceconf report RESULTS -o DIR``: JUnit and HTML again, from results.jsonl alone.

Exit status 4 for a file that is no result: without header or footer, or with other counts than it says.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from conformance.report import write_all
from conformance.report.jsonl import read
from spiceproto.errors import LocalError

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("results", metavar="RESULTS", type=Path, help="results.jsonl of a run")
    parser.add_argument("-o", "--output", metavar="DIR", type=Path, required=True, help="where the reports go")


def run(options: argparse.Namespace) -> int:
    """Write them."""
    try:
        found = read(options.results)
    except LocalError as error:
        print(f"spiceconf: {error}", file=sys.stderr)
        return 4
    write_all(options.output, found)
    print(options.output / "index.html")
    return 0
