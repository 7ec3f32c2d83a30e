"""The command ``spice-proxy``: ``spiceconf proxy``, which is ``spiceproto proxy`` with the rules of the specification."""

from __future__ import annotations

import sys
from importlib import import_module

from spiceproto.siblings import package

__all__ = ["main"]


def main() -> int:
    """Run the command line; returns the exit status."""
    return int(import_module(f"{package('conformance').__name__}.command").proxy_alone(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
