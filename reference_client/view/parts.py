"""The parts of the view: each is made with the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reference_client.view.feature import Feature, Session

__all__ = ["PARTS"]

PARTS: Final[tuple[Callable[[Session], Feature], ...]] = ()
"""In the order in which they are told."""
