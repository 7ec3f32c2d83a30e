"""FILE_XFER_STATUS: how a transfer goes, and the details that stand behind some results."""

from __future__ import annotations

from struct import Struct
from typing import Final

from spiceproto.agent.terms import Terms
from spiceproto.enums.agent import FileXferErrorType, FileXferStatus
from spiceproto.messages.agent import FileXferStatusMessage

__all__ = ["error_code", "error_detail", "free_space", "space_detail", "status"]

_SPACE: Final = Struct("<Q")
_ERROR: Final = Struct("<BL")


def status(terms: Terms, id: int, result: int, detail: bytes = b"") -> FileXferStatusMessage:
    """The message as the client understands it: without FILE_XFER_DETAILED_ERRORS, results above SUCCESS are a bare ERROR."""
    if not terms.detailed_errors:
        detail = b""
        if result > FileXferStatus.SUCCESS:
            result = FileXferStatus.ERROR
    return FileXferStatusMessage(id, result, detail)


def space_detail(free: int) -> bytes:
    """Detail of NOT_ENOUGH_SPACE: bytes that are free, as uint64."""
    return _SPACE.pack(min(free, (1 << 64) - 1))


def error_detail(code: int) -> bytes:
    """Detail of ERROR: a code of GLib's I/O errors (1 not found, 14 no permission, 12 no space, 31 too many open files)."""
    return _ERROR.pack(FileXferErrorType.GLIB_IO, code)


def free_space(value: FileXferStatusMessage) -> int | None:
    """Free bytes in the guest; None if the message does not say."""
    if value.result != FileXferStatus.NOT_ENOUGH_SPACE or len(value.data) != _SPACE.size:
        return None
    return int(_SPACE.unpack(value.data)[0])


def error_code(value: FileXferStatusMessage) -> int | None:
    """The code of GLib's I/O errors; None if the message does not say."""
    if value.result != FileXferStatus.ERROR or len(value.data) != _ERROR.size:
        return None
    kind, code = _ERROR.unpack(value.data)
    return int(code) if kind == FileXferErrorType.GLIB_IO else None
