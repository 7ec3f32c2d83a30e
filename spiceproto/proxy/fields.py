"""Fields of messages by their paths: ``dx``, ``base.box.top``, ``channels[0].type``.

check       whether a message has such a field
found       its value
fits        whether that is what somebody wrote: a number, a name, a list of alternatives, a range
changed     a value with other values for some of its fields
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum, IntFlag
from typing import Any, Final

from spiceproto import wire
from spiceproto.derive.json_decode import plain_name
from spiceproto.derive.json_form import from_json, to_json
from spiceproto.errors import LocalError
from spiceproto.suggestion import expected
from spiceproto.walk import Items, Node, Reference, Scalar, Structure, walk

__all__ = ["changed", "check", "fits", "found", "steps"]

_STEP: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]|\.")
_RANGE: Final = frozenset({"min", "max"})


def steps(path: str) -> tuple[str | int, ...]:
    """A path in pieces. Raises LocalError."""
    made: list[str | int] = []
    at = 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise LocalError("not the path of a field", expected="as base.box.top or channels[0].type", actual=repr(path))
        if match[1]:
            made.append(match[1])
        elif match[2]:
            made.append(int(match[2]))
        at = match.end()
    if not made:
        raise LocalError("not the path of a field", actual=repr(path))
    return tuple(made)


def check(record: wire.Record, path: str, wanted: Any = None) -> Node:
    """What a field is. Raises LocalError if messages of this record have no such field, or the field no such name."""
    node: Node = walk(record)
    for step in steps(path):
        while isinstance(node, Reference):
            node = node.target
        if isinstance(step, int):
            if not isinstance(node, Items):
                raise LocalError("no list", path=path)
            node = node.element
            continue
        if not isinstance(node, Structure):
            raise LocalError("nothing is inside of this field", path=path, actual=step)
        members = [item for item in node.members if item.name == step]
        if not members:
            names = list(dict.fromkeys(item.name for item in node.members))
            raise LocalError("no such field", path=path, expected=expected(step, names) if names else "no fields", actual=step)
        node = members[0].node
    if isinstance(node, Scalar) and node.table is not None:
        names = [plain_name(item.name or "") for item in node.table]
        for word in wanted if isinstance(wanted, list) else [wanted]:
            if isinstance(word, str) and word not in names:
                raise LocalError("no such value", path=path, expected=expected(word, names), actual=word)
    elif isinstance(node, Scalar) and isinstance(wanted, str):
        raise LocalError("not a value of this field", path=path, expected="a number", actual=repr(wanted))
    return node


def found(value: Any, path: tuple[str | int, ...]) -> Any:
    """What a value has there; None where it has nothing."""
    for step in path:
        try:
            value = value[step] if isinstance(step, int) else getattr(value, step)
        except (AttributeError, IndexError, TypeError):
            return None
    return value


def fits(value: Any, wanted: Any) -> bool:
    """Whether a field has the value that somebody wrote.

    A table has ``min`` and ``max``; a list is of alternatives, or the members of flags or of a list.
    """
    if isinstance(wanted, dict) and _RANGE.issuperset(wanted):
        number = isinstance(value, int) and not isinstance(value, bool)
        return number and wanted.get("min", value) <= value <= wanted.get("max", value)
    if isinstance(value, IntFlag):
        names = {plain_name(item.name or "") for item in type(value) if item in value}
        if isinstance(wanted, list):
            return names == set(wanted)
        return wanted in names if isinstance(wanted, str) else bool(value == wanted)
    if isinstance(value, tuple):
        return isinstance(wanted, list) and len(wanted) == len(value) and all(map(fits, value, wanted))
    if isinstance(wanted, list):
        return any(fits(value, item) for item in wanted)
    if isinstance(value, IntEnum) and isinstance(wanted, str):
        return plain_name(value.name) == wanted
    if isinstance(value, bytes):
        text = value.removesuffix(b"\0").decode("utf-8", "replace")
        return wanted in (text, value.hex())
    return bool(value == wanted)


def changed(record: wire.Record, value: Any, fields: Mapping[str, Any]) -> Any:
    """A value with these fields set, in the JSON form. Raises LocalError."""
    data = to_json(value, record)
    for path, new in fields.items():
        node = check(record, path)
        if isinstance(node, Scalar) and node.is_flags and isinstance(new, str):
            new = [new]
        place: Any = data
        *before, last = steps(path)
        try:
            for step in before:
                place = place[step]
            if isinstance(last, int) or isinstance(place, dict):
                place[last] = new
            else:
                raise TypeError
        except (KeyError, IndexError, TypeError):
            raise LocalError("this message has no such field", path=path) from None
    return from_json(record, _uncounted(walk(record), data))


def _uncounted(node: Node, data: Any) -> Any:
    """The JSON form without fields that count others which are there."""
    while isinstance(node, Reference):
        node = node.target
    if isinstance(node, Items) and isinstance(data, list):
        return [_uncounted(node.element, item) for item in data]
    if not isinstance(node, Structure) or not isinstance(data, dict):
        return data
    counting = {item.name for item in node.members if item.counts and data.get(item.counts) is not None}
    made = {}
    for name, inner in data.items():
        if name not in counting:
            nodes = [item.node for item in node.members if item.name == name]
            made[name] = _uncounted(nodes[0], inner) if len(nodes) == 1 else inner
    return made
