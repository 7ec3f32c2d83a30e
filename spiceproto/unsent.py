"""Bytes that are announced and not there: what a null pointer gives whose count is not 0.

Programs in use take such a pointer for no bytes at all, and so does everybody who looks at the value: it is empty. Only
the count is kept beside it, so that what is built from the value are the bytes that were parsed.
"""

from __future__ import annotations

from typing import Any, Final

from spiceproto.errors import LocalError

__all__ = ["UNSENT", "Unsent", "announced"]

UNSENT: Final = "SPICE-FRAME-046"
"""The sentence that such a pointer breaks."""


class Unsent(bytes):
    """No bytes, behind a null pointer.

    * ``size``: how many are announced, at least 1
    """

    size: int

    def __new__(cls, size: int) -> Unsent:
        """Raises LocalError for a count that announces nothing."""
        if size < 1:
            raise LocalError("a null pointer that announces nothing is None", expected="at least 1", actual=str(size))
        made = super().__new__(cls)
        made.size = size
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unsent) and other.size == self.size

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((Unsent, self.size))

    def __repr__(self) -> str:
        return f"Unsent({self.size})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Unsent, (self.size,)


def announced(value: bytes | None) -> int:
    """What the count of a pointer says that leads to ``value``."""
    if value is None:
        return 0
    return value.size if isinstance(value, Unsent) else len(value)
