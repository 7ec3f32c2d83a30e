"""Values as they are written in a Python program.

message        a value of a message: ``main.MouseModeRequest(mouse_mode=2)``
raw            bytes: ``bytes.fromhex("...") + bytes(100)``
capabilities   ``Capabilities(0xD, 0xF)``
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from spiceproto.capabilities import Capabilities

__all__ = ["INDENT", "capabilities", "indented", "message", "raw"]

INDENT: Final = "    "

_LINE: Final = 100
"""Columns that a value may have in one line, and digits of a longer one in each."""

_ZEROS: Final = 16
"""So many zero bytes at an end are written as their number."""


def capabilities(value: Capabilities) -> str:
    """As their two words."""
    return f"Capabilities(0x{value.common:X}, 0x{value.channel:X})"


def raw(data: bytes) -> str:
    """An expression that has these bytes, on several lines if they are many."""
    kept = data.rstrip(b"\0")
    zeros = len(data) - len(kept)
    if zeros < _ZEROS:
        kept, zeros = data, 0
    tail = f"bytes({zeros})" if zeros else ""
    if not kept:
        return tail or 'b""'
    digits = kept.hex()
    parts = [f'"{digits[at : at + _LINE]}"' for at in range(0, len(digits), _LINE)]
    head = parts[0] if len(parts) == 1 else "".join([f"\n{INDENT}{part}" for part in parts]) + "\n"
    between = " + " if len(parts) == 1 else "\n+ "
    return f"bytes.fromhex({head})" + (f"{between}{tail}" if tail else "")


def indented(text: str, times: int = 1) -> str:
    """Each of its lines further to the right."""
    return "\n".join([INDENT * times + line for line in text.splitlines()])


def message(value: Any, bound: Mapping[str, str]) -> tuple[str, set[str]] | None:
    """An expression, and the modules of ``spiceproto.messages`` that it names; None for one with a field that is long.

    ``bound`` has expressions for fields of the message itself.
    """
    modules: set[str] = set()
    name, fields = _parts(value, modules, bound)
    text = f"{name}({', '.join(fields)})"
    if len(text) <= _LINE:
        return text, modules
    if max(map(len, fields)) > _LINE:
        return None
    return f"{name}(" + "".join([f"\n{INDENT}{field}," for field in fields]) + "\n)", modules


def _parts(value: Any, modules: set[str], bound: Mapping[str, str]) -> tuple[str, list[str]]:
    """The class, and its fields."""
    module = type(value).__module__.rpartition(".")[2]
    modules.add(module)
    names = value.__struct_fields__
    fields = [f"{name}={bound.get(name) or _value(getattr(value, name), modules)}" for name in names]
    return f"{module}.{type(value).__name__}", fields


def _value(value: Any, modules: set[str]) -> str:
    if isinstance(value, msgspec.Struct):
        name, fields = _parts(value, modules, {})
        return f"{name}({', '.join(fields)})"
    if isinstance(value, tuple):
        items = [_value(item, modules) for item in value]
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(int(value))
    return _quoted(repr(value)) if isinstance(value, bytes) else repr(value)


def _quoted(text: str) -> str:
    """A literal with double quotes, where that needs no more."""
    body = text[2:-1]
    return f'b"{body}"' if '"' not in body and text[1] == "'" else text
