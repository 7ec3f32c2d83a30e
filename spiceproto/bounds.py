"""The ways in which bytes can fail to be a value, each said once.

The plain construct parser (:mod:`spiceproto.wire`) and the generated parsers raise these same errors, so they can be
compared word for word. Offsets count from the first byte of what is parsed.
"""

from __future__ import annotations

from spiceproto.errors import RemoteError

__all__ = ["Layout", "crowded", "null", "null_with_count", "outside", "short", "unterminated"]

Layout = tuple[tuple[int, int, str], ...]
"""A run of fixed-size fields: (offset in the run, size in bytes, path)."""


def short(layout: Layout, start: int, end: int) -> RemoteError:
    """A run of fixed-size fields that begins at ``start`` does not fit before ``end``."""
    offset, size, path = next(field for field in layout if start + field[0] + field[1] > end)
    offset += start
    left = end - offset
    return RemoteError(
        "the message ends inside a field",
        path=path,
        offset=offset,
        expected=f"{size} byte{'s'[: size != 1]}",
        actual=f"{left} byte{'s'[: left != 1]} left",
    )


def crowded(path: str, offset: int, count: int, size: int, end: int) -> RemoteError:
    """``count`` elements of at least ``size`` bytes each do not fit between ``offset`` and ``end``."""
    left = end - offset
    what = f"{count} bytes" if size == 1 else f"{count} elements of at least {size} bytes"
    return RemoteError(
        "the announced count does not fit in the message",
        path=path,
        offset=offset,
        expected=what,
        actual=f"{left} byte{'s'[: left != 1]} left",
    )


def null(path: str, offset: int) -> RemoteError:
    """A pointer that must not be null is null."""
    return RemoteError(
        "a null pointer where the message needs a value",
        path=path,
        offset=offset,
        expected="an offset into the message",
        actual="0",
    )


def null_with_count(path: str, offset: int, count: int) -> RemoteError:
    """A pointer is null although its count says that something is there."""
    return RemoteError(
        "a null pointer to elements that are announced",
        path=path,
        offset=offset,
        expected=f"an offset to {count} elements",
        actual="0",
    )


def outside(path: str, offset: int, target: int, end: int) -> RemoteError:
    """A pointer leads out of the message."""
    return RemoteError(
        "a pointer leads out of the message", path=path, offset=offset, expected=f"an offset below {end}", actual=str(target)
    )


def unterminated(path: str, offset: int, end: int) -> RemoteError:
    """A zero-terminated string has no zero byte."""
    return RemoteError(
        "a string without its zero byte",
        path=path,
        offset=offset,
        expected="a zero byte",
        actual=f"none in {end - offset} bytes",
    )
