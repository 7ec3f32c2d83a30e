"""From the JSON form back to values; see :mod:`spiceproto.derive.json_form` for what it looks like.

Everything is checked on the way, for people write it: an error is a LocalError with the path of the field.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

from spiceproto import wire
from spiceproto.enums.base import EnumTable, FlagsTable
from spiceproto.errors import LocalError
from spiceproto.unsent import Unsent, announced
from spiceproto.walk import Bytes, Condition, Handle, Items, Member, Node, Reference, Scalar, Structure, walk

__all__ = ["Decode", "decode_structure", "plain_name"]

Decode = Callable[[Any, str], Any]


def plain_name(name: str) -> str:
    return name.removeprefix("_")


def _wrong(path: str, expected: str, actual: Any) -> LocalError:
    return LocalError("JSON that does not describe the field", path=path, expected=expected, actual=repr(actual)[:80])


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


@cache
def decode_structure(record: wire.Record) -> Decode:
    item = walk(record)
    make = record.value_class
    names = frozenset(member.name for member in item.members)
    parts = {str(part.name): part for part in wire.parts(record)}
    plan = [
        (member.name, _test(member.condition), _optional(member), _decode(member.node, parts))
        for member in item.members
        if not member.counts
    ]
    counting = [(member.name, member.counts) for member in item.members if member.counts]
    bounds = {
        member.name: member.node.bounds[1] for member in item.members if member.counts and isinstance(member.node, Scalar)
    }
    fields = item.value_fields
    unsent = [
        (counter, counted)
        for counter, counted in counting
        if counted and isinstance(node := item.member(counted).node, Reference) and node.announced
    ]

    def decode(data: Any, path: str) -> Any:
        if not isinstance(data, dict):
            raise _wrong(path, f"an object with the fields of {item.class_name}", data)
        for name in data:
            if name not in names:
                raise LocalError(
                    "an unknown field",
                    path=_join(path, str(name)),
                    expected="one of " + ", ".join(sorted(names)) if names else "none",
                )
        made: dict[str, Any] = {}
        for name, test, optional, convert in plan:
            if made.get(name) is not None:
                continue
            found = data.get(name)
            if test is not None and not test(made):
                made.setdefault(name, None)
            elif found is not None:
                made[name] = convert(found, _join(path, name))
            elif optional:
                made[name] = None
            else:
                raise LocalError("a field is missing", path=_join(path, name))
        for name, counted in unsent:
            given = data.get(name)
            if made[counted] is None and type(given) is int and given > 0:
                made[counted] = Unsent(given)
        for name in fields:
            if made[name] is None and data.get(name) is not None:
                raise LocalError(
                    "a value for a field that the fields before it exclude",
                    path=_join(path, name),
                    expected="null",
                    actual=repr(data[name])[:80],
                )
        for name, counted in counting:
            given, value = data.get(name), made[counted or ""]
            length = announced(value) if value is None or isinstance(value, Unsent) else len(value)
            if given is not None and (type(given) is not int or given != length):
                raise LocalError(
                    "a count that differs from what it counts",
                    path=_join(path, name),
                    expected=f"{length}, or nothing",
                    actual=repr(given)[:80],
                )
            if length > bounds[name]:
                raise LocalError(
                    "more than its count can say",
                    path=_join(path, counted or ""),
                    expected=f"at most {bounds[name]}",
                    actual=str(length),
                )
        return make(*[made[name] for name in fields])

    return decode


def _test(condition: Condition | None) -> Callable[[dict[str, Any]], bool] | None:
    """Whether a field is there, given the fields before it."""
    if condition is None:
        return None
    first, _, rest = condition.on.partition(".")
    holds = condition.holds
    if not rest:
        return lambda made: holds(made[first])
    get = attrgetter(rest)
    return lambda made: holds(get(made[first]))


def _optional(member: Member) -> bool:
    node = member.node
    return isinstance(node, Handle) or (isinstance(node, Reference) and node.nullable)


def _decode(node: Node, parts: dict[str, wire.Record]) -> Decode:
    match node:
        case Scalar(table=None):
            return _decode_number(node)
        case Scalar():
            return _decode_flags(node) if node.is_flags else _decode_enum(node)
        case Bytes():
            return _decode_text if node.text else _decode_bytes
        case Items():
            return _decode_items(_decode(node.element, parts))
        case Reference():
            return _decode(node.target, parts)
        case Structure():
            return decode_structure(parts[node.name])
        case Handle():
            return _decode_handle


def _decode_number(node: Scalar) -> Decode:
    low, high = node.bounds
    expected = f"a number from {low} to {high}"

    def decode(data: Any, path: str) -> int:
        if type(data) is not int or not low <= data <= high:
            raise _wrong(path, expected, data)
        return data

    return decode


def _names(node: Scalar) -> dict[str, int]:
    assert node.table is not None
    return {plain_name(name): int(item) for name, item in node.table.__members__.items()}


def _decode_enum(node: Scalar) -> Decode:
    names, number = _names(node), _decode_number(node)
    table = EnumTable(node.table)  # type: ignore[arg-type]

    def decode(data: Any, path: str) -> int:
        if isinstance(data, str):
            found = names.get(data)
            if found is None:
                raise _wrong(path, "one of " + ", ".join(names), data)
            data = found
        return table[number(data, path)]

    return decode


def _decode_flags(node: Scalar) -> Decode:
    names, number = _names(node), _decode_number(node)
    table = FlagsTable(node.table)  # type: ignore[arg-type]

    def decode(data: Any, path: str) -> int:
        if type(data) is int:
            return table[number(data, path)]
        if not isinstance(data, list):
            raise _wrong(path, "a list of names", data)
        bits = 0
        for item in data:
            found = names.get(item) if isinstance(item, str) else number(item, path)
            if found is None:
                raise _wrong(path, "names among " + ", ".join(names), item)
            bits |= found
        return table[number(bits, path)]

    return decode


def _decode_bytes(data: Any, path: str) -> bytes:
    if isinstance(data, dict):
        if "bytes" in data:
            raise _wrong(path, "all bytes, not an abbreviation", data)
        data = data.get("hex")
    if isinstance(data, str):
        try:
            return bytes.fromhex(data)
        except ValueError:
            pass
    raise _wrong(path, "hexadecimal digits", data)


def _decode_text(data: Any, path: str) -> bytes:
    if isinstance(data, str):
        try:
            return data.encode()
        except UnicodeEncodeError:
            raise _wrong(path, "a string that UTF-8 can say", data) from None
    if isinstance(data, dict):
        return _decode_bytes(data, path)
    raise _wrong(path, "a string", data)


def _decode_items(element: Decode) -> Decode:
    def decode(data: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(data, list | tuple):
            raise _wrong(path, "a list", data)
        return tuple([element(item, f"{path}[{index}]") for index, item in enumerate(data)])

    return decode


def _decode_handle(data: Any, path: str) -> None:
    raise _wrong(path, "null, since a file descriptor has no bytes", data)
