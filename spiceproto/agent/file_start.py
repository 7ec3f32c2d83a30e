"""What FILE_XFER_START says of a file: a GLib key file with its name and size, and a zero byte behind it.

    [vdagent-file-xfer]
    name=letter.txt
    size=12

GLib writes some characters of a value as ``\\s`` (space at its front), ``\\n``, ``\\t``, ``\\r`` and ``\\\\``. The name comes
from somewhere else and is no path: who receives it makes a name of it with :func:`file_name`.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from spiceproto import limits
from spiceproto.errors import LimitError, LocalError, RemoteError

__all__ = ["FileStart", "build", "file_name", "parse"]

_GROUP: Final = "vdagent-file-xfer"
_ESCAPES: Final = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_MEANINGS: Final = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
_NUMBER = re.compile(r"[0-9]{1,20}")
_DEVICE = re.compile("(?:con|prn|aux|nul|conin\\$|conout\\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])", re.IGNORECASE)
"""Names that open a device on Windows, whatever folder they stand in and whatever ending they have."""
_ESCAPED = re.compile(r"\\(.?)")
_LARGEST: Final = (1 << 64) - 1


class FileStart(msgspec.Struct, frozen=True):
    """``name`` as its sender wrote it; ``size`` in bytes."""

    name: str
    size: int


def build(start: FileStart) -> bytes:
    """The ``data`` of a FILE_XFER_START. Raises LocalError for a size that is none, and for a name that is too long."""
    if not 0 <= start.size <= _LARGEST:
        raise LocalError("a file has no such size", expected="0 to 2^64 - 1", actual=str(start.size))
    name = "".join([_ESCAPES.get(letter, letter) for letter in start.name.replace("\0", "")])
    if name.startswith(" "):
        name = "\\s" + name[1:]
    text = f"[{_GROUP}]\nname={name}\nsize={start.size}\n".encode("utf-8", "surrogateescape") + b"\0"
    if len(text) > limits.FILE_START:
        raise LocalError("the name of a file is too long", expected=f"at most {limits.FILE_START} bytes", actual=str(len(text)))
    return text


def parse(data: bytes) -> FileStart:
    """What ``data`` says: UTF-8, of the group ``vdagent-file-xfer``; other groups, keys and comments are passed over.

    Raises RemoteError if there is no name or no size, and LimitError above ``limits.FILE_START`` bytes.
    """
    if len(data) > limits.FILE_START:
        raise LimitError(
            "a file is described at too great a length",
            path="data",
            expected=f"at most {limits.FILE_START} bytes",
            actual=str(len(data)),
        )
    keys: dict[str, str] = {}
    group = ""
    for line in data.partition(b"\0")[0].decode("utf-8", "surrogateescape").split("\n"):
        line = line.rstrip("\r")
        if line.startswith("["):
            group = line.rstrip(" \t")[1:-1]
        elif group == _GROUP and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            keys[key.strip(" \t")] = _ESCAPED.sub(lambda found: _MEANINGS.get(found[1], found[0]), value.lstrip(" \t"))
    name, size = keys.get("name", ""), keys.get("size", "")
    if not name:
        raise RemoteError("a file without a name", path="data", expected="name=", actual=repr(sorted(keys))[:80])
    if not _NUMBER.fullmatch(size) or int(size) > _LARGEST:
        raise RemoteError("a file without a size", path="data", expected="size= and a number of bytes", actual=repr(size)[:80])
    return FileStart(name, int(size))


def file_name(name: str, fallback: str = "file") -> str:
    """A name that is no path, for a folder of the receiver.

    Only what stands behind the last ``/`` or ``\\`` is left, without control characters, without ``:`` (streams and drives of
    Windows), without spaces at its front and without spaces and dots at its end; at most ``limits.FILE_NAME`` bytes of UTF-8,
    with its ending kept. What is a device on Windows (``CON``, ``lpt1.txt``) has ``_`` in front. ``fallback`` where nothing is
    left.
    """
    last = re.split(r"[/\\]", name)[-1]
    clean = "".join([letter for letter in last if letter.isprintable() and letter != ":"]).lstrip(" ").rstrip(" .")
    if not clean:
        return fallback
    if _DEVICE.fullmatch(clean.partition(".")[0].rstrip(" ")):
        clean = "_" + clean
    raw = clean.encode()
    if len(raw) <= limits.FILE_NAME:
        return clean
    stem, dot, ending = clean.rpartition(".")
    tail = (dot + ending).encode() if stem else b""
    if len(tail) > 32:
        tail = b""
    return raw[: limits.FILE_NAME - len(tail)].decode("utf-8", "ignore").rstrip(" .") + tail.decode()
