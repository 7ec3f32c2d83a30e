"""A value in a few words, for one line of a report.

:func:`line` prints chosen fields of any value; generated ``summary_NAME`` functions do the same straight from the bytes
of messages of fixed size, and come here for all others.
"""

from __future__ import annotations

from typing import Any

from spiceproto.enums.base import NameTable, WireEnum, WireFlags

__all__ = ["line", "show"]

_names: dict[type, NameTable] = {}


def show(value: Any) -> str:
    """One value: names of enums and flags, coordinates of points and rectangles, text or size of bytes."""
    kind = type(value)
    if kind is int:
        return str(value)
    if value is None:
        return "-"
    if kind is bytes or kind is memoryview:
        return show_bytes(value)
    if kind is tuple:
        if len(value) > 4:
            return f"[{len(value)}]"
        return f"[{', '.join([show(item) for item in value])}]"
    if isinstance(value, WireEnum | WireFlags):
        table = _names.get(kind)
        if table is None:
            table = _names[kind] = NameTable(kind)
        return table[int(value)]
    fields = getattr(kind, "__struct_fields__", None)
    if fields is None:
        return repr(value)
    if fields == ("x", "y"):
        return f"({value.x},{value.y})"
    if fields == ("top", "left", "bottom", "right"):
        return f"({value.left},{value.top})-({value.right},{value.bottom})"
    return "{" + ", ".join([f"{name}={show(getattr(value, name))}" for name in fields]) + "}"


def show_bytes(value: bytes | memoryview) -> str:
    """Short printable text in quotes, otherwise the size."""
    if len(value) <= 64:
        text = bytes(value).rstrip(b"\0")
        if text and text.isascii() and text.decode("ascii").isprintable():
            return f"'{text.decode('ascii')}'"
    return f"{len(value)} bytes"


def line(value: Any, paths: tuple[str, ...]) -> str:
    """``name=value`` for each dotted path; what is absent on the way is left out."""
    parts = []
    for path in paths:
        found = value
        name = path
        for name in path.split("."):
            found = getattr(found, name, None)
            if found is None:
                break
        else:
            parts.append(f"{name}={show(found)}")
    return " ".join(parts)
