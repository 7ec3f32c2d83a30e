"""A picture from a file, on every display."""

from __future__ import annotations

import numpy as np

from reference_server.guest import Guest, Picture
from spiceproto import extras

__all__ = ["picture", "read"]


def read(path: str) -> Picture:
    """A picture file. Raises MissingExtraError without Pillow, OSError for a file that is none."""
    with extras.load("PIL.Image", "--picture").open(path) as image:
        found: Picture = np.asarray(image.convert("RGB"), np.uint8)[..., ::-1]
        return np.dstack([found, np.zeros(found.shape[:2], np.uint8)])


def picture(guest: Guest, displays: int, path: str) -> None:
    """Show it."""
    for number in range(displays):
        guest.screens[number].paint(read(path))
