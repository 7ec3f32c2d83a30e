"""Files that the command writes when a session has begun: what is wrong with their names and places is said before that."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

from spiceproto import file_endings

__all__ = ["ENDINGS", "check", "words"]

ENDINGS: Final = {"--screenshot": ".png", "--record-video": ".mp4", "--record-wav": ".wav"}
"""Option to what its files end in, as that is what they are; a name without an ending is anybody's."""

_PLACES: Final = ("{display}", "{head}")
"""What numbers stand in for in the name of a screenshot."""


def check(option: str, path: str) -> None:
    """Whether a file of this name can be written. Nothing is changed in one that is there.

    Raises LocalError for an ending of something else, and OSError, whose ``filename`` is the name.
    """
    file_endings.check(option, path, ENDINGS[option])
    for place in _PLACES if option == "--screenshot" else ():
        path = path.replace(place, "0")
    file = Path(os.path.realpath(path))  # where a link leads to nothing, nothing is to become of the link
    try:
        there = file.exists()
        if there and not file.is_file() and not file.is_dir():
            if not os.access(file, os.W_OK):  # who opens a pipe waits for its reader
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        file.open("ab").close()
        if not there:
            file.unlink()
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None


def words(error: object) -> str:
    """What went wrong, for people."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)
