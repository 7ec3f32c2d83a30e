"""The parts of the view: each is made with the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reference_client.view.cursor import Cursor
from reference_client.view.displays import Displays
from reference_client.view.feature import Feature, Session
from reference_client.view.inputs import Inputs

__all__ = ["PARTS"]

PARTS: Final[tuple[Callable[[Session], Feature], ...]] = (Inputs, Displays, Cursor)
"""In the order in which they are told."""
