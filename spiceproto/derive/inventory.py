"""The inventory: everything the schemas declare as one JSON object, for programs in other languages.

    schema_version   of this form: the first number grows when a reader must change, the second when something is added
    version          of spiceproto
    tables           name -> channel type (null for a layer inside a channel), documentation, messages of both senders
    structures       "module.Class" -> fields in order
    enums, flags     name -> {value, name, doc} in order of declaration
    capabilities     name of the group -> the same
    agent            which table holds for which common capabilities

A field has ``name``, ``doc`` and ``type``, and where it applies ``offset`` (bytes from the first byte of the structure,
while that is fixed), ``size``, ``unit``, ``when`` (condition), ``counts`` (the field whose length it holds, and nothing
else), ``expect`` (the only right value) and ``domain``. A type is an object whose ``kind`` is one of

    integer     signed, size, order ("little" or "big"); enum or flags names the meaning; alias "fixed28_4"
    bytes       count; text is true if people read them
    array       count, element
    pointer     target, nullable: a little-endian uint32 offset from the first byte of the message body
    struct      name
    descriptor  a file descriptor beside the bytes

and a count is one of

    {"kind": "constant", "number"}
    {"kind": "field", "field"}
    {"kind": "product", "fields"}
    {"kind": "packed-rows", "bits", "width", "height"}   bytes of rows that are filled up to whole bytes
    {"kind": "rest"}
    {"kind": "zero-terminated"}

A domain, what values a sender may send, has ``sentence``, the id of the one that demands it, and is one of

    {"kind": "among", "values"}              {"kind": "range", "least", "most"}   either may be null
    {"kind": "mask", "mask"}                 {"kind": "not-below", "field"}
    {"kind": "zero-free", "last"}            no zero byte, but for the last one if ``last`` is true
    {"kind": "room", "of", "width", "height", "planes"}
        at least the bytes of a picture: for each plane of its kind, whose number the field ``of`` has, rows of so many
        bits a pixel that are filled up to whole bytes, and ``more`` bytes; one row if ``height`` is empty; nothing is
        demanded of other kinds, nor with a bit of the mask in ``unless``

A condition is {"field", "is" or "is_not": names, "mask" for flags or "values"}: a flags field must have one of
the bits. Keys stand in a fixed order, so that two inventories can be compared as text.
"""

from __future__ import annotations

import json
from inspect import getmembers, isclass
from typing import Any, Final

from spiceproto import dispatch, schema, wire
from spiceproto.derive.domains import names as listed
from spiceproto.derive.tables import member_docs
from spiceproto.domain import Among, Bits, Domain, Named, NotBelow, Range, Room, ZeroFree
from spiceproto.enums import capabilities
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.errors import SchemaError
from spiceproto.message import Message, Sender, Table
from spiceproto.schema import codec, link
from spiceproto.version import __version__
from spiceproto.walk import Bytes, Condition, Handle, Items, Member, Node, Reference, Scalar, Structure, walk

__all__ = ["SCHEMA_VERSION", "inventory", "text"]

SCHEMA_VERSION: Final = "1.1"

_SENDERS: tuple[Sender, ...] = ("server", "client")

Kinds = dict[str, type[WireEnum] | type[WireFlags]]


def text() -> str:
    """The inventory as JSON text."""
    return json.dumps(inventory(), indent=1, ensure_ascii=False) + "\n"


def inventory() -> dict[str, Any]:
    """The inventory as plain values."""
    kinds: Kinds = {}
    every = {item.name: item for item in map(walk, (*schema.records().values(), *link.RECORDS, *codec.RECORDS))}
    found = {name: _structure(item, kinds) for name, item in every.items()}
    groups = [kind for _, kind in getmembers(capabilities, isclass) if issubclass(kind, WireEnum)]
    return {
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "tables": {name: _table(name, table) for name, table in schema.channels().items()},
        "structures": found,
        "enums": {name: _kind(kind) for name, kind in sorted(kinds.items()) if not issubclass(kind, WireFlags)},
        "flags": {name: _kind(kind) for name, kind in sorted(kinds.items()) if issubclass(kind, WireFlags)},
        "capabilities": {
            kind.__name__.removesuffix("Capability").lower(): _kind(kind) for kind in groups if kind is not WireEnum
        },
        "agent": {
            "agent": [],
            "agent_selection": ["CLIPBOARD_SELECTION"],
            "agent_serial": ["CLIPBOARD_GRAB_SERIAL"],
            "agent_selection_serial": ["CLIPBOARD_SELECTION", "CLIPBOARD_GRAB_SERIAL"],
        },
    }


def _table(name: str, table: Table) -> dict[str, Any]:
    return {
        "type": int(table.type) if table.type is not None else None,
        "doc": table.doc,
        "messages": {
            sender: [_message(name, sender, number, row) for number, row in sorted(schema.rows(name, sender).items())]
            for sender in _SENDERS
        },
    }


def _message(name: str, sender: Sender, number: int, row: Message) -> dict[str, Any]:
    found = dispatch.row(name, sender, number)
    if found is None:
        raise SchemaError("the generated catalogue lacks a message", path=f"{name}.{sender}.{row.name}")
    out: dict[str, Any] = {"number": number, "name": row.name, "constant": found.constant}
    out |= {"structure": walk(row.body).name, "status": row.status, "doc": row.doc}
    if row.capability is not None:
        out["capability"] = row.capability.name
    if row.absent is not None:
        out["absent"] = row.absent.name
    if row.instead:
        out["instead"] = row.instead
    if row.requires:
        out["requires"] = list(row.requires)
    return out


def _structure(item: Structure, kinds: Kinds) -> dict[str, Any]:
    fields = []
    offset: int | None = 0
    for member in item.members:
        fields.append(_field(member, offset, kinds))
        size = member.node.size
        offset = None if offset is None or size is None or member.condition is not None else offset + size
    return {"doc": item.doc, "size": item.size, "smallest": item.smallest, "fields": fields}


def _field(member: Member, offset: int | None, kinds: Kinds) -> dict[str, Any]:
    out: dict[str, Any] = {"name": member.name, "doc": member.doc, "type": _type(member.node, kinds)}
    if offset is not None:
        out["offset"] = offset
    if member.node.size is not None:
        out["size"] = member.node.size
    if member.unit:
        out["unit"] = member.unit
    if member.condition is not None:
        out["when"] = _condition(member.condition)
    if member.counts:
        out["counts"] = member.counts
    if member.expect is not None:
        out["expect"] = member.expect
    if member.domain is not None:
        out["domain"] = _domain(member.domain, member.node)
    return out


def _domain(domain: Domain, node: Node) -> dict[str, Any]:
    out: dict[str, Any] = {"sentence": domain.sentence}
    match domain:
        case Bits():
            out |= {"kind": "mask", "mask": sum(listed(domain, node))}
        case Among() | Named():
            out |= {"kind": "among", "values": list(listed(domain, node))}
        case Range():
            out |= {"kind": "range", "least": domain.least, "most": domain.most}
        case NotBelow():
            out |= {"kind": "not-below", "field": domain.name}
        case ZeroFree():
            out |= {"kind": "zero-free", "last": domain.last}
        case Room():
            planes = [{"value": int(kind), "bits": list(bits), "more": more} for kind, (bits, more) in domain.planes.items()]
            out |= {"kind": "room", "of": domain.kind, "width": domain.width, "height": domain.height, "planes": planes}
            if domain.unless is not None:
                out["unless"] = {"field": domain.unless[0], "mask": int(domain.unless[1])}
        case _:
            raise SchemaError("a domain outside the vocabulary", path=repr(domain))
    return out


def _condition(condition: Condition) -> dict[str, Any]:
    names = [str(item.name) for item in condition.members]
    out: dict[str, Any] = {"field": condition.on, "is_not" if condition.negated else "is": names}
    if condition.is_flags:
        out["mask"] = condition.mask
    else:
        out["values"] = [int(item) for item in condition.members]
    return out


def _type(node: Node, kinds: Kinds) -> dict[str, Any]:
    match node:
        case Scalar():
            out: dict[str, Any] = {
                "kind": "integer",
                "signed": node.code.islower(),
                "size": node.size,
                "order": "big" if node.order == ">" else "little",
            }
            if node.table is not None:
                if kinds.setdefault(node.table.__name__, node.table) is not node.table:
                    raise SchemaError("two enumerations have one name", path=node.table.__name__)
                out["flags" if node.is_flags else "enum"] = node.table.__name__
            if node.alias:
                out["alias"] = node.alias
            return out
        case Bytes():
            return {"kind": "bytes", "count": _count(node.count), "text": node.text}
        case Items():
            return {"kind": "array", "count": _count(node.count), "element": _type(node.element, kinds)}
        case Reference():
            return {"kind": "pointer", "target": _type(node.target, kinds), "nullable": node.nullable}
        case Handle():
            return {"kind": "descriptor"}
        case Structure():
            return {"kind": "struct", "name": node.name}


def _count(count: wire.Count) -> dict[str, Any]:
    match count:
        case wire.Fixed():
            return {"kind": "constant", "number": count.number}
        case wire.By():
            return {"kind": "field", "field": count.name}
        case wire.Product():
            return {"kind": "product", "fields": list(count.names)}
        case wire.PackedRows():
            return {"kind": "packed-rows", "bits": count.bits, "width": count.width, "height": count.height}
        case wire.Rest():
            return {"kind": "rest"}
        case wire.ZeroTerminated():
            return {"kind": "zero-terminated"}
    raise SchemaError("a count outside the vocabulary", path=repr(count))


def _kind(kind: type[WireEnum] | type[WireFlags]) -> list[dict[str, Any]]:
    docs = member_docs(kind)
    members: list[WireEnum | WireFlags] = list(kind)
    return [
        {"value": int(item), "name": str(item.name).removeprefix("_"), "doc": docs.get(str(item.name), "")} for item in members
    ]
