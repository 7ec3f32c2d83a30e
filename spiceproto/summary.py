"""A value in a few words, for one line of a report.

:func:`line` prints chosen fields of any value; generated ``summary_NAME`` functions do the same straight from the bytes
of messages of fixed size, and come here for all others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any, Final

from spiceproto.enums.base import NameTable, WireEnum, WireFlags

__all__ = ["line", "show"]

_PLAIN: Final[Mapping[str, Callable[[Any], str]]] = {}

_Place = tuple[str, tuple[str, ...] | None, str]

_fields: dict[tuple[str, ...], list[_Place]] = {}

_SHORT, _LONG = 4, 16
"""Elements that are shown one by one: of any sequence, and of monitors."""

_MONITORS: Final = (("height", "width", "depth", "x", "y"), ("height", "width"))


def show(value: Any) -> str:
    """One value: names of enums and flags, coordinates of points, rectangles and monitors, text or size of bytes."""
    kind = type(value)
    way = _ways.get(kind)
    if way is None:
        way = _ways[kind] = _way(kind)
    return way(value)


def show_bytes(value: bytes | memoryview) -> str:
    """Short printable text in quotes, otherwise the size."""
    if len(value) <= 64:
        text = bytes(value).rstrip(b"\0")
        if text and text.isascii() and text.decode("ascii").isprintable():
            return f"'{text.decode('ascii')}'"
    return f"{len(value)} bytes"


def _show_tuple(value: tuple[Any, ...]) -> str:
    if len(value) > _SHORT and (len(value) > _LONG or getattr(type(value[0]), "__struct_fields__", None) not in _MONITORS):
        return f"[{len(value)}]"
    return f"[{', '.join([show(item) for item in value])}]"


_ways: dict[type, Callable[[Any], str]] = {
    int: str,
    NoneType: lambda value: "-",
    bytes: show_bytes,
    memoryview: show_bytes,
    tuple: _show_tuple,
}


def _way(kind: type) -> Callable[[Any], str]:
    """How values of a type are shown."""
    if issubclass(kind, WireEnum | WireFlags):
        table = NameTable(kind)
        return lambda value: table[int(value)]
    fields = getattr(kind, "__struct_fields__", None)
    if fields is None:
        return repr
    if fields == ("x", "y"):
        return lambda value: f"({value.x},{value.y})"
    if fields == ("top", "left", "bottom", "right"):
        return lambda value: f"({value.left},{value.top})-({value.right},{value.bottom})"
    if fields in _MONITORS:
        if "x" in fields:
            return lambda value: f"{value.width}x{value.height}{value.x:+}{value.y:+} {value.depth} bits"
        return lambda value: f"{value.width}x{value.height} mm"
    return lambda value: "{" + ", ".join([f"{name}={show(getattr(value, name))}" for name in fields]) + "}"


def line(value: Any, paths: tuple[str, ...], forms: Mapping[str, Callable[[Any], str]] = _PLAIN) -> str:
    """``name=value`` for each dotted path; what is absent on the way is left out. ``forms`` say how some are shown."""
    parts = []
    holder = value
    for path, steps, name in _fields.get(paths) or _places(paths):
        if steps is not None:
            holder = value
            for step in steps:
                holder = getattr(holder, step, None)
        found = getattr(holder, name, None)
        if found is not None:
            way = forms.get(path) or _ways.get(type(found)) or show
            parts.append(f"{name}={way(found)}")
    return " ".join(parts)


def _places(paths: tuple[str, ...]) -> list[_Place]:
    """Each path with what is before its last dot, in parts, None where that is as before, and what is behind it.

    Paths are those of schemas.
    """
    found: list[_Place] = []
    last = ""
    for path in paths:
        before, _, name = path.rpartition(".")
        found.append((path, None if before == last else tuple(before.split(".")) if before else (), name))
        last = before
    _fields[paths] = found
    return found
