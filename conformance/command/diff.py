"""``spiceconf diff OLD NEW``: what has changed between two results. Exit status 1 if something broke."""

from __future__ import annotations

import argparse
from pathlib import Path

from conformance import compare
from conformance.report.jsonl import read

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("old", metavar="OLD", type=Path, help="results.jsonl of the earlier run, or the folder of its report")
    parser.add_argument("new", metavar="NEW", type=Path, help="the same of the later run")


def run(options: argparse.Namespace) -> int:
    """Print it."""
    found = compare.diff(*[read(path / "results.jsonl" if path.is_dir() else path) for path in (options.old, options.new)])
    print(compare.text(found), end="")
    return 1 if found.broken else 0
