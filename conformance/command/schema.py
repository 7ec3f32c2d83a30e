"""``spiceconf schema``: the JSON Schema of results.jsonl."""

from __future__ import annotations

import argparse
import json

from conformance.report.jsonl import schema

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(options: argparse.Namespace) -> int:
    """Print it."""
    print(json.dumps(schema(), indent=2))
    return 0
