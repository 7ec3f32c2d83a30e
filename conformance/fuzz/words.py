"""What stands behind the word of a step: a number, digits, JSON."""

from __future__ import annotations

import json
from typing import Any

from spiceproto.errors import LocalError

__all__ = ["digits_of", "number_of", "words_of"]


def number_of(text: str, most: int, least: int = 0) -> int:
    """A number. Raises LocalError."""
    if not text.isdecimal() or len(text) > 9 or not least <= int(text) <= most:
        raise LocalError("no number", expected=f"{least} to {most}", actual=text[:40])
    return int(text)


def digits_of(text: str) -> bytes:
    """The bytes that hexadecimal digits say. Raises LocalError."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise LocalError("no bytes", expected="hexadecimal digits", actual=text[:40]) from None


def words_of(text: str) -> dict[str, Any]:
    """A JSON object. Raises LocalError."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise LocalError("no words", expected="a JSON object", actual=text[:80])
    return found
