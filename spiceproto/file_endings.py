"""What the name of a file says that is to be written."""

from __future__ import annotations

from pathlib import Path

from spiceproto.errors import LocalError

__all__ = ["check"]


def check(what: str, path: str, ending: str) -> None:
    """Whether a file that ``what`` writes may have this name; one without an ending is anybody's.

    Raises LocalError for an ending of something else.
    """
    there = Path(path).suffix
    if there.lower() not in ("", ending):
        raise LocalError(f"{what} writes no {there} file", expected=f"a name that ends in {ending}", actual=path)
