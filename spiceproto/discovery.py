"""Packages that are what their files are: a new file belongs to them without being listed anywhere."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType

__all__ = ["modules"]


def modules(package: ModuleType) -> tuple[ModuleType, ...]:
    """Every module below ``package``, imported, in the order of their names; no packages, no tests."""
    found = [
        item.name
        for item in walk_packages(package.__path__, f"{package.__name__}.")
        if not item.ispkg and ".tests." not in item.name
    ]
    return tuple([import_module(name) for name in sorted(found)])
