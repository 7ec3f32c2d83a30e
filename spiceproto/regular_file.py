"""Files that somebody names while a program of ours runs: regular ones alone, so that nothing waits for a pipe or a device,
and no more of one than there is room for.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from spiceproto.errors import LocalError

__all__ = ["check", "read", "write"]

_FLAGS: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
"""Whoever opens a pipe does not wait for its other end: what is there may change behind our back."""


def check(path: str | Path, *, there: bool = False) -> None:
    """Whether it is a regular file, or nothing, unless it has to be ``there``. Raises LocalError; OSError."""
    if not str(path):
        raise LocalError("no file is named", expected="a path", actual="nothing")
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        if there:
            raise
        return
    _check(path, mode)


def _check(path: str | Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe" if stat.S_ISFIFO(mode) else "a device or a socket"
        raise LocalError(f"{path} can not be used", expected="a regular file", actual=kind)


def read(path: str | Path, most: int) -> bytes:
    """All of a file. Raises LocalError for what is no regular one, and one of more than ``most`` bytes; OSError."""
    check(path, there=True)
    with open(os.open(path, os.O_RDONLY | _FLAGS), "rb") as file:
        _check(path, os.fstat(file.fileno()).st_mode)
        data = file.read(most + 1)
    if len(data) > most:
        raise LocalError(f"{path} is too long", expected=f"at most {most} bytes")
    return data


def write(path: str | Path, data: bytes) -> None:
    """Have a file with this content. Raises LocalError for what is no regular one; OSError, whose ``filename`` is the path."""
    check(path)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | _FLAGS, 0o666), "wb") as file:
        _check(path, os.fstat(file.fileno()).st_mode)
        try:
            file.truncate()
            file.write(data)
            file.flush()
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from None
