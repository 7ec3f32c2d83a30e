"""The JSON form of values: what reports print, and what people write to say what should be sent.

    a record       an object, fields by their wire names in wire order; fields that only count are there as well
    an enum        the name of the member, without the underscore that Python asks for: ``"1BIT_LE"``; a number without
                   a name is that number
    flags          a list of names, and one number for the bits without a name
    bytes          hexadecimal digits
    text           a string if it is UTF-8, with its zero byte if it has one; otherwise ``{"hex": "..."}``
    a sequence     a list
    a number       a number, whatever its width

A field that is absent is left out; on the way back ``null`` means the same. A field that counts another may be left out
and must otherwise be right: change the list, not the number. So ``from_json(record, to_json(value)) == value``, always.

With a limit, longer bytes become ``{"bytes": size, "hex": beginning}``, which is for reading only.

One plan of closures is made for every structure when it is first met; nothing is looked up by name afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

from spiceproto import schema, wire
from spiceproto.enums.base import EnumTable, FlagsTable
from spiceproto.errors import LocalError
from spiceproto.walk import Bytes, Condition, Handle, Items, Member, Node, Reference, Scalar, Structure, walk

__all__ = ["encoder", "from_json", "to_json"]

Encode = Callable[[Any], Any]
Decode = Callable[[Any, str], Any]


def to_json(value: Any, record: wire.Record | None = None, *, limit: int | None = None) -> dict[str, Any]:
    """``value`` as dicts, lists, strings and numbers.

    ``record`` is needed only for values of records that are not part of this package.
    Raises LocalError if ``value`` is not a value of the record.
    """
    kind = type(value)
    if record is None:
        known = _by_class.get((kind, limit))
        if known is None:
            record = _record_of(kind)
            known = _by_class[kind, limit] = encoder(record, limit=limit)
    else:
        known = encoder(record, limit=limit)
    try:
        return known(value)  # type: ignore[no-any-return]
    except (AttributeError, TypeError, ValueError) as error:
        wire.build(record or _record_of(kind), value)
        raise LocalError("a value that has no JSON form", actual=repr(value)[:80]) from error


def encoder(record: wire.Record, *, limit: int | None = None) -> Encode:
    """What :func:`to_json` does to values of ``record``, without checks: for those who have many."""
    return _encode_structure(walk(record), limit)


def from_json(record: wire.Record, data: Any) -> Any:
    """The value that ``data`` says. Raises LocalError, with the path of the field."""
    return _decode_structure(record)(data, "")


_by_class: dict[tuple[type, int | None], Encode] = {}


_records: dict[type, wire.Record] = {}


def _record_of(kind: type) -> wire.Record:
    if kind in _records:
        return _records[kind]
    name = f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"
    found = schema.records().get(name)
    if found is None or found.value_class is not kind:
        raise LocalError("not a value of a record of this package", actual=kind.__name__)
    _records[kind] = found
    return found


# -- values to JSON ----------------------------------------------------------------------------------------------------


@cache
def _encode_structure(item: Structure, limit: int | None) -> Encode:
    plan: list[tuple[str, Callable[[Any], Any], Encode | None]] = []
    seen: set[str] = set()
    for member in item.members:
        if member.name in seen:
            continue
        seen.add(member.name)
        variants = [other for other in item.members if other.name == member.name]
        if member.counts:
            plan.append((member.name, _counter(item, member), None))
        elif len(variants) > 1:
            plan.append((member.name, _chooser(variants, limit), None))
        else:
            plan.append((member.name, attrgetter(member.name), _encode(member.node, limit)))

    if all(member.condition is None and isinstance(member.node, Scalar | Structure) and not member.counts
           for member in item.members):  # fmt: skip
        return _encode_plain(plan)

    def encode(value: Any) -> dict[str, Any]:
        out = {}
        for name, get, convert in plan:
            found = get(value)
            if found is not None:
                out[name] = found if convert is None else convert(found)
        return out

    return encode


def _encode_plain(plan: list[tuple[str, Callable[[Any], Any], Encode | None]]) -> Encode:
    """Every field is always there."""
    if not plan:
        return lambda value: {}
    names = [name for name, _, _ in plan]
    converted = [(name, convert) for name, _, convert in plan if convert is not None]
    get = attrgetter(*names)
    if len(names) == 1:
        (name,) = names
        if not converted:
            return lambda value: {name: get(value)}
        convert = converted[0][1]
        return lambda value: {name: convert(get(value))}
    if not converted:
        return lambda value: dict(zip(names, get(value), strict=True))

    def encode(value: Any) -> dict[str, Any]:
        out = dict(zip(names, get(value), strict=True))
        for name, convert in converted:
            out[name] = convert(out[name])
        return out

    return encode


def _counter(item: Structure, member: Member) -> Callable[[Any], int | None]:
    """The number that a counting field holds; None if the field is absent."""
    get = attrgetter(member.counts or "")
    condition = member.condition

    def count(value: Any) -> int | None:
        counted = get(value)
        return 0 if counted is None else len(counted)

    if condition is None:
        return count
    on, holds = attrgetter(condition.on), condition.holds
    return lambda value: count(value) if holds(on(value)) else None


def _chooser(variants: list[Member], limit: int | None) -> Callable[[Any], Any]:
    """A field that several members can give: each is conditional, and the first whose condition holds gives it."""
    get = attrgetter(variants[0].name)
    choices = [(attrgetter(item.condition.on), item.condition.holds, _encode(item.node, limit))
               for item in variants if item.condition is not None]  # fmt: skip

    def choose(value: Any) -> Any:
        found = get(value)
        if found is None:
            return None
        for on, holds, convert in choices:
            if holds(on(value)):
                return found if convert is None else convert(found)
        raise ValueError

    return choose


def _encode(node: Node, limit: int | None) -> Encode | None:
    """None for what is its own JSON form."""
    match node:
        case Scalar(table=None) | Handle():
            return None
        case Scalar():
            return _encode_flags(node) if node.is_flags else _encode_enum(node)
        case Bytes():
            return _encode_bytes(node, limit)
        case Items():
            convert = _encode(node.element, limit)
            return list if convert is None else lambda value: [convert(item) for item in value]
        case Reference():
            return _encode(node.target, limit)
        case Structure():
            return _encode_structure(node, limit)


def _plain_name(name: str) -> str:
    return name.removeprefix("_")


def _encode_enum(node: Scalar) -> Encode:
    assert node.table is not None
    names = {int(item): _plain_name(item.name or "") for item in node.table}
    get = names.get
    return lambda value: get(value) or int(value)


def _encode_flags(node: Scalar) -> Encode:
    assert node.table is not None
    members = [(int(item), _plain_name(item.name or "")) for item in node.table]
    met: dict[int, list[str | int]] = {}

    def encode(value: int) -> list[str | int]:
        found = met.get(value)
        if found is None:
            number = int(value)
            found = []
            for bit, name in members:
                if number & bit:
                    found.append(name)
                    number &= ~bit
            if number:
                found.append(number)
            if len(met) >= 4096:  # a peer may send any number of combinations
                met.clear()
            met[int(value)] = found
        return found.copy()

    return encode


def _encode_bytes(node: Bytes, limit: int | None) -> Encode:
    def text(value: bytes) -> Any:
        try:
            return str(value, "utf-8")
        except UnicodeDecodeError:
            return {"hex": value.hex()}

    def hexadecimal(value: bytes) -> str:
        return value.hex()

    whole = text if node.text else hexadecimal
    if limit is None:
        return whole

    def abbreviated(value: bytes) -> Any:
        if len(value) > limit:
            return {"bytes": len(value), "hex": value[:limit].hex()}
        return whole(value)

    return abbreviated


# -- JSON to values ----------------------------------------------------------------------------------------------------


def _wrong(path: str, expected: str, actual: Any) -> LocalError:
    return LocalError("JSON that does not describe the field", path=path, expected=expected, actual=repr(actual)[:80])


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


@cache
def _decode_structure(record: wire.Record) -> Decode:
    item = walk(record)
    make = record.value_class
    names = frozenset(member.name for member in item.members)
    parts = {str(part.name): part for part in wire.parts(record)}
    plan = [(member.name, _test(member.condition), _optional(member), _decode(member.node, parts))
            for member in item.members if not member.counts]  # fmt: skip
    counting = [(member.name, member.counts) for member in item.members if member.counts]
    bounds = {member.name: member.node.bounds[1] for member in item.members
              if member.counts and isinstance(member.node, Scalar)}  # fmt: skip
    fields = item.value_fields

    def decode(data: Any, path: str) -> Any:
        if not isinstance(data, dict):
            raise _wrong(path, f"an object with the fields of {item.class_name}", data)
        for name in data:
            if name not in names:
                raise LocalError("an unknown field", path=_join(path, str(name)),
                                 expected="one of " + ", ".join(sorted(names)) if names else "none")  # fmt: skip
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
        for name in fields:
            if made[name] is None and data.get(name) is not None:
                raise LocalError("a value for a field that the fields before it exclude", path=_join(path, name),
                                 expected="null", actual=repr(data[name])[:80])  # fmt: skip
        for name, counted in counting:
            given, value = data.get(name), made[counted or ""]
            length = 0 if value is None else len(value)
            if given is not None and (type(given) is not int or given != length):
                raise LocalError("a count that differs from what it counts", path=_join(path, name),
                                 expected=f"{length}, or nothing", actual=repr(given)[:80])  # fmt: skip
            if length > bounds[name]:
                raise LocalError("more than its count can say", path=_join(path, counted or ""),
                                 expected=f"at most {bounds[name]}", actual=str(length))  # fmt: skip
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
            return _decode_structure(parts[node.name])
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
    return {_plain_name(name): int(item) for name, item in node.table.__members__.items()}


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
