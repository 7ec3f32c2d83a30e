"""``spiceconf schema``: the JSON Schema of results.jsonl, of matrix.json, or of a control protocol."""

from __future__ import annotations

import argparse
import json
from typing import Any

__all__ = ["configure", "run"]

_OF = ("results", "matrix", "control-client", "control-server")


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("of", nargs="?", choices=_OF, default="results", help="of what; results.jsonl unless said")


def run(options: argparse.Namespace) -> int:
    """Print it."""
    print(json.dumps(_schema(options.of), indent=2))
    return 0


def _schema(of: str) -> dict[str, Any]:
    if of == "matrix":
        from conformance.matrix.record import schema as matrix

        return matrix()
    if of.startswith("control-"):
        from spiceproto.controls.schema import schema as controls

        return controls("client" if of == "control-client" else "server")
    from conformance.report.jsonl import schema as results

    return results()
