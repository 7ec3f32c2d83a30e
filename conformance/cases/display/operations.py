"""Raster operations by short names, for cases that need many of them."""

from __future__ import annotations

from typing import Final

from spiceproto.enums.display import Ropd

__all__ = ["AND", "BLACK", "OPERATIONS", "OPPOSITE", "OR", "PUT", "WHITE", "XOR"]

PUT, OR, AND, XOR = Ropd.OP_PUT, Ropd.OP_OR, Ropd.OP_AND, Ropd.OP_XOR
BLACK, WHITE, OPPOSITE = Ropd.OP_BLACKNESS, Ropd.OP_WHITENESS, Ropd.OP_INVERS

OPERATIONS: Final = (PUT, OR, AND, XOR, BLACK, WHITE, OPPOSITE)
"""All of them, without inversions."""
