"""Files that a command makes of a capture: never the capture itself, and all of one or nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spiceproto.command.interruption import when_interrupted
from spiceproto.errors import LocalError

__all__ = ["check", "whole"]


def check(capture: str, target: str | Path) -> None:
    """Whether what is made of ``capture`` may be written to ``target``. Raises LocalError if they are one file."""
    try:
        same = os.path.samefile(capture, target) if capture != "-" else os.path.samestat(os.fstat(0), os.stat(target))
    except OSError:
        return  # one of them is not there, which is said where it is opened
    if same and os.path.isfile(target):
        raise LocalError(f"{target} is the capture itself")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where the content of the file ``path`` may be written: beside it, and in its place when the context is left.

    If it is left by an error or an interruption, ``path`` is what it was, and so it is if nothing was written, or what was is
    removed again. A device or a pipe is written to as it is. Raises OSError, whose ``filename`` is the path.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        yield path
        return
    part = target.with_name(f".spiceproto-{os.getpid()}")
    try:
        if target.exists():
            target.open("ab").close()  # it may be written to
        with when_interrupted(_end):
            yield part
            if part.exists():
                if target.exists():
                    shutil.copymode(target, part)
                os.replace(part, target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        part.unlink(missing_ok=True)


def _end() -> None:
    raise KeyboardInterrupt
