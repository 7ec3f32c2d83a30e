"""The cursor channel: every message is accepted; the shape of the pointer has its chapter to come."""

from __future__ import annotations

from reference_client.part import Part

__all__ = ["Cursor"]


class Cursor(Part):
    """Takes what comes."""
