"""The folder that a client is to share when a case needs one: what is in it, and what lies beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["FILES", "OUTSIDE", "SECRET", "write"]

FILES: Final = {
    "hello.txt": b"hello from the folder\n",
    "empty": b"",
    "large": bytes(range(256)) * 781 + b"the end of two hundred thousand bytes\n",
}
"""Name to content."""

OUTSIDE: Final = "outside.txt"
"""A file beside the folder; the symbolic link ``link`` of the folder leads to it."""

SECRET: Final = b"this lies outside of the folder"
"""What is in it."""


def write(place: Path) -> Path:
    """Make the folder inside of ``place``, if it is not there, and give its path."""
    folder = place / "shared"
    if not folder.is_dir():
        folder.mkdir(parents=True)
        for name, content in FILES.items():
            (folder / name).write_bytes(content)
        (place / OUTSIDE).write_bytes(SECRET)
        (folder / "link").symlink_to(place / OUTSIDE)
    return folder
