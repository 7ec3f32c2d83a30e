"""Questions as people type them, ``mouse-mode client`` or ``key code=30 down=false``, and what there is to type.

A word is ``NAME=VALUE``, or a value alone, which is the next one that has no name. Numbers may be hexadecimal (0x1E), a boolean
is on, off, true, false, yes or no, and ``null`` is what is not given. Who has JSON writes JSON.
"""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

from spiceproto.controls.verb import REQUIRED, Control, Value
from spiceproto.errors import LocalError
from spiceproto.suggestion import expected

__all__ = ["explained", "listed", "question", "split"]

_YES: Final = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}

_WIDTH: Final = 100


def split(line: str) -> list[str]:
    """The words of a line, as a shell has them. Raises LocalError."""
    try:
        return shlex.split(line)
    except ValueError as error:
        raise LocalError(f"not words: {error}", actual=line[:80]) from None


def question(words: Sequence[str], table: Mapping[str, Control]) -> dict[str, Any]:
    """The question of a verb and its values. Raises LocalError for a verb or a value that there is not."""
    verb, *rest = words
    row = table.get(verb)
    if row is None:
        raise LocalError(f"there is no verb {verb}", expected=expected(verb, table, listing="--list prints them"))
    found: dict[str, Any] = {}
    names = {value.name: value for value in row.values}
    for word in rest:
        name, sign, text = word.partition("=")
        if not sign or name not in names:
            name, text = next((name for name in names if name not in found), name), word
        if name not in names:
            raise LocalError(f"more values than {verb} has", expected=", ".join(names) or "none", actual=word)
        if name in found:
            raise LocalError(f"{name} is said twice", actual=word)
        value = _of_text(names[name], text)
        if value is not None:
            found[name] = value
    row.read(found)
    return {"do": verb} | found


def _of_text(value: Value, text: str) -> Any:
    """The JSON value that was meant. What can not be one is left as it is, and refused by :meth:`Value.read`."""
    if value.default is None and text == "null":
        return None
    if value.kind == "boolean":
        return _YES.get(text.lower(), text)
    if value.kind in ("integer", "number"):
        try:
            return int(text, 0) if value.kind == "integer" else float(text)
        except ValueError:
            return text
    return text


def _use(row: Control) -> str:
    words = [
        f"{value.name}={value.kind.upper() if not value.choices else '|'.join(value.choices)}"
        if value.default is REQUIRED
        else f"[{value.name}={'|'.join(value.choices) or value.kind.upper()}]"
        for value in row.values
    ]
    return " ".join([row.verb, *words])


def listed(table: Mapping[str, Control]) -> str:
    """Every verb in a line, with what it does."""
    width = max(map(len, table))
    return "\n".join([f"{row.verb:{width}}  {row.meaning}" for row in table.values()])


def explained(row: Control) -> str:
    """What a verb does, and what its values are."""
    lines = [f"usage: {_use(row)}", "", *textwrap.wrap(row.meaning, _WIDTH)]
    if row.values:
        lines.append("")
    for value in row.values:
        default = "" if value.default is REQUIRED else f"; {_shown(value.default)} unless said otherwise"
        text = f"{value.meaning} ({value.described}{default})"
        lines += textwrap.wrap(f"{value.name}: {text}", _WIDTH, initial_indent="  ", subsequent_indent="      ")
    return "\n".join(lines)


def _shown(default: Any) -> str:
    if default is None or default == "":
        return "nothing"
    return str(default).lower() if isinstance(default, bool) else str(default)
