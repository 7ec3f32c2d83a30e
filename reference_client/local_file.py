"""Files of the client's user: sent to the guest, copied to its clipboard, and written from it.

These are the verbs ``copy``, ``paste`` and ``send-file`` of :mod:`spiceproto.controls`, for whoever drives a client: the client
itself knows no files.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import msgspec

from reference_client.agent.clipboard import FORMATS, LARGEST, format_of, selection_named
from reference_client.client import Client
from spiceproto import regular_file
from spiceproto.errors import LocalError

__all__ = ["LocalFile", "content_of", "copy", "local_file", "paste", "send_file"]


class LocalFile(msgspec.Struct, frozen=True):
    """What is offered to a guest: a name that is no path, a size in bytes, and what gives bytes: from where on, how many."""

    name: str
    size: int
    read: Callable[[int, int], bytes]


def local_file(path: str, name: str | None = None) -> LocalFile:
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
    return regular_file.read(path, LARGEST)


def copy(client: Client, text: str | None, path: str | None, selection: str) -> None:
    """The user copies a text, or what is in a file. Raises LocalError, OSError."""
    if (text is None) == (path is None):
        raise LocalError("nothing was copied", expected="either text or path")
    content = content_of(path) if path is not None else (text or "").encode()
    client.main.agent.clipboard.copy({format_of(content): content}, selection_named(selection))


def paste(client: Client, path: str, format: str, selection: str, failed: Callable[[Exception], None]) -> None:
    """The user pastes into a file, which is written when the content comes; ``failed`` is called if it can not be.

    Raises LocalError where there is nothing to be pasted, or the path is of no regular file; OSError.
    """
    regular_file.check(path)

    def then(kind: int, content: bytes) -> None:
        try:
            if kind:
                regular_file.write(path, content)
        except (LocalError, OSError) as error:
            failed(error)

    client.main.agent.clipboard.paste(then, selection_named(selection), FORMATS.get(format))


def send_file(client: Client, path: str, name: str | None) -> int:
    """The user sends a file; its number. Raises LocalError, OSError."""
    file = local_file(path, name)
    return client.main.agent.files.send(file.name, file.size, file.read)
