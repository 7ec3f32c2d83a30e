"""The command ``spiceconf``, and ``python -m spiceproto.spiceconf``: the suite's, wherever its name leads to something else."""

from __future__ import annotations

import sys
from importlib import import_module

from spiceproto.siblings import package

__all__ = ["main"]


def main() -> int:
    """Run the command line; returns the exit status."""
    return int(import_module(f"{package('conformance').__name__}.command").main())


if __name__ == "__main__":
    sys.exit(main())
