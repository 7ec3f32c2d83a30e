"""A file of rules and faults:

    [[rule]]
    when = { channel = "inputs", message = "MOUSE_MOTION", dx = 3 }
    do = "drop"

    [[fault]]
    name = "slice"
    sender = "server"

See :class:`~spiceproto.proxy.rules.TableRule` and :class:`~spiceproto.proxy.faults.Fault` for what they may say.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from spiceproto.errors import LocalError
from spiceproto.proxy.faults import Fault, make_fault
from spiceproto.proxy.rules import TableRule

__all__ = ["parse_rules", "read_rules"]

_LARGEST: Final = 1 << 20
_MOST: Final = 1000


def read_rules(path: str | Path) -> tuple[list[TableRule], list[Fault]]:
    """A file. Raises LocalError for what makes no sense, OSError for one that cannot be read."""
    with open(path, "rb") as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise LocalError("this is no file of rules", where=str(path), expected=f"at most {_LARGEST} bytes")
    try:
        return parse_rules(data.decode("utf-8"), str(path))
    except UnicodeDecodeError:
        raise LocalError("this is no file of rules", where=str(path), expected="UTF-8") from None


def parse_rules(text: str, name: str = "rules") -> tuple[list[TableRule], list[Fault]]:
    """The text of a file. Raises LocalError."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LocalError("this is no TOML", where=name, actual=str(error)) from None
    for key in found:
        if key not in ("rule", "fault"):
            raise LocalError("an unknown table", where=name, expected="[[rule]] or [[fault]]", actual=key)
    rules, faults = found.get("rule", []), found.get("fault", [])
    for key, items in (("rule", rules), ("fault", faults)):
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise LocalError("a table that is one of many", where=name, expected=f"[[{key}]]", actual=f"[{key}]")
        if len(items) > _MOST:
            raise LocalError("too many", where=name, expected=f"at most {_MOST} of [[{key}]]", actual=str(len(items)))
    made = [TableRule(item, f"{name}, rule {number}") for number, item in enumerate(rules, 1)]
    return made, [make_fault(item, f"{name}, fault {number}") for number, item in enumerate(faults, 1)]
