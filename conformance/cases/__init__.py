"""The cases, a file a chapter and role. They are loaded when somebody first asks for them."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from conformance.case import Case, declared

__all__ = ["MODULES", "all_cases"]

MODULES: Final = (
    "server_link",
    "server_login",
    "server_framing",
    "server_main",
    "server_mouse",
    "client_link",
    "client_login",
    "client_framing",
    "client_main",
    "client_mouse",
    "observed",
)


def all_cases() -> tuple[Case, ...]:
    """Every case, those that others come after first."""
    for name in MODULES:
        import_module(f"{__name__}.{name}")
    return declared()
