"""A disc that the guest reads, written into a file: anew whenever the first block comes."""

from __future__ import annotations

from pathlib import Path

__all__ = ["DiscFile"]


class DiscFile:
    """``path`` is written as blocks come, in their order."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def write(self, first: int, data: bytes) -> None:
        """Blocks from this one on. Raises OSError."""
        with self._path.open("ab" if first else "wb") as file:
            file.write(data)
