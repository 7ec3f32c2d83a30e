"""Standard input as asyncio reads it, whatever it is: a terminal, a pipe, a socket, or a file."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import threading
from typing import IO, Any

__all__ = ["standard_input"]


def standard_input() -> IO[Any]:
    """For ``loop.connect_read_pipe``, which takes no file: the bytes of one come through a pipe, from a thread."""
    mode = os.fstat(sys.stdin.fileno()).st_mode
    if stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        return sys.stdin
    end, other = os.pipe()
    threading.Thread(target=_copy, args=(os.dup(sys.stdin.fileno()), other), name="standard input", daemon=True).start()
    return os.fdopen(end, "rb", buffering=0)


def _copy(source: int, target: int) -> None:
    """All of it, or as much as somebody wants."""
    with os.fdopen(source, "rb") as file, os.fdopen(target, "wb", buffering=0) as pipe:
        try:
            shutil.copyfileobj(file, pipe)
        except OSError:
            return
