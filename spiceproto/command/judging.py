"""Who holds captures against the specification: the suite's lint. It is found by its place, and nothing here imports it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from spiceproto.siblings import package

__all__ = ["lint_of_the_suite"]


def lint_of_the_suite() -> Any:
    """What ``spiceconf lint`` judges with."""
    return import_module(f"{package('conformance').__name__}.lint").Lint()
