"""What the reference does, as models that were learned of it: ``python -m conformance.learn.golden`` learns them anew."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from conformance.learn.model import Model

__all__ = ["FOLDER", "golden"]

FOLDER: Final = Path(__file__).parent


def golden(machine: str) -> Model | None:
    """The model of a machine; None if there is none."""
    path = FOLDER / f"{machine}.json"
    return Model.read(path) if path.exists() else None
