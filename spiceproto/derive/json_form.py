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
and must otherwise be right: change the list, not the number. (Where a null pointer may announce bytes, their number alone
says that it does.) So ``from_json(record, to_json(value)) == value``, always.

With a limit, longer bytes become ``{"bytes": size, "hex": beginning}``, which is for reading only.

One plan of closures is made for every structure when it is first met; nothing is looked up by name afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

from spiceproto import schema, wire
from spiceproto.derive.json_decode import decode_structure, plain_name
from spiceproto.errors import LocalError
from spiceproto.unsent import Unsent, announced
from spiceproto.walk import Bytes, Handle, Items, Member, Node, Reference, Scalar, Structure, walk

__all__ = ["encoder", "from_json", "to_json"]

Encode = Callable[[Any], Any]


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
    return decode_structure(record)(data, "")


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
            get = _sent(member) if isinstance(member.node, Reference) and member.node.announced else attrgetter(member.name)
            plan.append((member.name, get, _encode(member.node, limit)))

    if all(
        member.condition is None and isinstance(member.node, Scalar | Structure) and not member.counts
        for member in item.members
    ):
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
        return announced(counted) if counted is None or isinstance(counted, Unsent) else len(counted)

    if condition is None:
        return count
    on, holds = attrgetter(condition.on), condition.holds
    return lambda value: count(value) if holds(on(value)) else None


def _sent(member: Member) -> Callable[[Any], Any]:
    """What a pointer leads to; of bytes that are announced and not there the count says enough."""
    get = attrgetter(member.name)

    def sent(value: Any) -> Any:
        found = get(value)
        return None if isinstance(found, Unsent) else found

    return sent


def _chooser(variants: list[Member], limit: int | None) -> Callable[[Any], Any]:
    """A field that several members can give: each is conditional, and the first whose condition holds gives it."""
    get = attrgetter(variants[0].name)
    choices = [
        (attrgetter(item.condition.on), item.condition.holds, _encode(item.node, limit))
        for item in variants
        if item.condition is not None
    ]

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


def _encode_enum(node: Scalar) -> Encode:
    assert node.table is not None
    names = {int(item): plain_name(item.name or "") for item in node.table}
    get = names.get
    return lambda value: get(value) or int(value)


def _encode_flags(node: Scalar) -> Encode:
    assert node.table is not None
    members = [(int(item), plain_name(item.name or "")) for item in node.table]
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
