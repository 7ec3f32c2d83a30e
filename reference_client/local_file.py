"""Files of the client's user: sent to the guest, copied to its clipboard, and written from it."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import msgspec

from reference_client.agent.clipboard import LARGEST
from spiceproto.errors import LocalError

__all__ = ["LocalFile", "content_of", "local_file"]


class LocalFile(msgspec.Struct, frozen=True):
    """What is offered to a guest: a name that is no path, a size in bytes, and what gives bytes: from where on, how many."""

    name: str
    size: int
    read: Callable[[int, int], bytes]


def local_file(path: str, name: str = "") -> LocalFile:
    """A file to be sent, under its own name unless there is another. Raises LocalError for what is no file; OSError."""
    place = Path(path)
    found = place.stat()
    if not stat.S_ISREG(found.st_mode):
        raise LocalError("only a file can be sent", expected="no folder, and no device", actual=path)
    place.open("rb").close()

    def read(offset: int, size: int) -> bytes:
        # Opened each time: files that wait for their turn need no descriptor.
        with place.open("rb", buffering=0) as file:
            file.seek(offset)
            return file.read(size)

    return LocalFile(name or place.name, found.st_size, read)


def content_of(path: str) -> bytes:
    """What is to be copied. Raises LocalError for more than a clipboard can carry; OSError."""
    with Path(path).open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise LocalError("too much for a clipboard", expected=f"at most {LARGEST} bytes", actual=path)
    return content
