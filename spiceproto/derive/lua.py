"""A Wireshark dissector in Lua: the schemas as Lua tables inside an interpreter.

The interpreter is written by hand and knows what a schema cannot say: how the link stage goes, where messages begin,
what an earlier message means for a later one, how pieces of agent messages are joined. It lies in ``dissector/*.lua``, which
become one file. Everything that the schemas do say comes as four tables, a line for each field, enumeration and message:

    ENUMS       name -> number -> text; for flags a list of {mask, text} under the key ``bits``
    STRUCTURES  name -> members; a member is {name, node, doc = text, when = condition, expect = number}
    MESSAGES    table -> sender -> number -> {name, wire constant, structure, fields for the information column}
    CAPS        channel -> names of capabilities by bit

A node is a table whose first item is its kind:

    {"u4"}, {"i2"}, {"U4"}        an integer: i is signed, U is big-endian; ``table`` names its values
    {"bytes", count}, {"text", count}
    {"array", count, node}
    {"pointer", node}
    {"struct", name}
    {"handle"}

and a count is a number, the name of an earlier field, ``"*"`` for the rest, ``"0"`` for up to a zero byte, {"a", "b"}
for a product, {bits = 4, "width", "height"} for packed rows.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from spiceproto import dispatch, schema, wire
from spiceproto.enums import capabilities
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.errors import SchemaError
from spiceproto.message import Sender
from spiceproto.schema import codec, link
from spiceproto.walk import (
    Bytes,
    Condition,
    Handle,
    Items,
    Member,
    Node,
    Reference,
    Scalar,
    Structure,
    structures,
    walk,
)

__all__ = ["dissector", "tables"]

_PARTS: Final = ("head", "protocol", "structures", "contents", "connection", "tree", "entry")
"""Files of the interpreter, in an order in which each comes after those it uses; the tables stand behind the head."""

_SENDERS: Final[tuple[Sender, ...]] = ("server", "client")


def dissector() -> str:
    """The whole Lua file."""
    folder = files("spiceproto.derive").joinpath("dissector")
    head, *parts = [folder.joinpath(f"{name}.lua").read_text(encoding="utf-8") for name in _PARTS]
    return "\n".join((head, tables(), *parts))


def tables() -> str:
    """The four tables as Lua text."""
    everything: dict[str, Structure] = {}
    for record in (*schema.records().values(), *link.RECORDS, *codec.RECORDS):
        for item in structures(walk(record)):
            everything.setdefault(item.name, item)
    kinds: dict[str, type[WireEnum] | type[WireFlags]] = {}
    for item in everything.values():
        for member in item.members:
            _note(member.node, kinds)
    lines = ["local ENUMS = {"]
    lines += [f"  {name} = {_kind(kinds[name])}," for name in sorted(kinds)]
    lines += ["}", "", "local STRUCTURES = {"]
    for name, item in everything.items():
        lines.append(f"  [{_text(name)}] = {{doc = {_text(item.doc)},")
        lines += [f"    {_member(member)}," for member in item.members]
        lines.append("  },")
    lines += ["}", "", "local MESSAGES = {"]
    for table in schema.channels():
        lines.append(f"  {table} = {{")
        for sender in _SENDERS:
            lines.append(f"    {sender} = {{")
            found = schema.rows(table, sender)
            for number, row in sorted(dispatch.rows(table, sender).items()):
                summary = found[number].summary
                fields = f", {{{', '.join(map(_text, summary))}}}" if summary else ""
                body = f"{row.module}.{row.class_name}"
                lines.append(f"      [{number}] = {{{_text(row.name)}, {_text(row.constant)}, {_text(body)}{fields}}},")
            lines.append("    },")
        lines.append("  },")
    lines += ["}", "", "local CAPS = {"]
    for channel in ("common", *schema.CHANNELS):
        kind = getattr(capabilities, f"{channel.capitalize()}Capability", None)
        if channel in ("usbredir", "port", "webdav"):
            kind = capabilities.SpicevmcCapability
        if kind is not None:
            lines.append(f"  {channel} = {_kind(kind)},")
    lines += ["}", ""]
    return "\n".join(lines)


def _note(node: Node, kinds: dict[str, type[WireEnum] | type[WireFlags]]) -> None:
    """Add the enumerations that ``node`` itself uses."""
    match node:
        case Scalar() if node.table is not None:
            name = node.table.__name__
            if kinds.setdefault(name, node.table) is not node.table:
                raise SchemaError("two enumerations have one name", path=name)
        case Items():
            _note(node.element, kinds)
        case Reference():
            _note(node.target, kinds)


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _kind(kind: type[WireEnum] | type[WireFlags]) -> str:
    names = [(int(item), str(item.name).removeprefix("_")) for item in kind]
    if issubclass(kind, WireFlags):
        return "{bits = {" + ", ".join(f"{{{number}, {_text(name)}}}" for number, name in names) + "}}"
    return "{" + ", ".join(f"[{number}] = {_text(name)}" for number, name in names) + "}"


def _member(member: Member) -> str:
    parts = [_text(member.name), _node(member.node)]
    if member.condition is not None:
        parts.append(f"when = {_condition(member.condition)}")
    if member.expect is not None:
        parts.append(f"expect = {member.expect}")
    unit = f" ({member.unit})" if member.unit else ""
    parts.append(f"doc = {_text(member.doc + unit)}")
    return "{" + ", ".join(parts) + "}"


def _condition(condition: Condition) -> str:
    values = ", ".join(f"[{int(item)}] = true" for item in condition.members)
    what = str(condition.mask) if condition.is_flags else f"{{{values}}}"
    return f"{{{_text(condition.on)}, {what}{', negated = true' if condition.negated else ''}}}"


def _node(node: Node) -> str:
    match node:
        case Scalar():
            letter = "i" if node.code.islower() else "u"
            kind = f'"{letter.upper() if node.order == ">" else letter}{node.size}"'
            table = f", table = {_text(node.table.__name__)}" if node.table is not None else ""
            return f"{{{kind}{table}{', fixed = true' if node.alias == 'fixed28_4' else ''}}}"
        case Bytes():
            return f'{{"{"text" if node.text else "bytes"}", {_count(node.count)}}}'
        case Items():
            size = f", size = {node.element.size}" if node.element.size is not None else ""
            return f'{{"array", {_count(node.count)}, {_node(node.element)}, smallest = {node.smallest}{size}}}'
        case Reference():
            return f'{{"pointer", {_node(node.target)}}}'
        case Handle():
            return '{"handle"}'
        case Structure():
            return f'{{"struct", {_text(node.name)}}}'


def _count(count: wire.Count) -> str:
    match count:
        case wire.Fixed():
            return str(count.number)
        case wire.By():
            return _text(count.name)
        case wire.Product():
            return "{" + ", ".join(map(_text, count.names)) + "}"
        case wire.PackedRows():
            return f"{{bits = {count.bits}, {_text(count.width)}, {_text(count.height)}}}"
        case wire.Rest():
            return '"*"'
        case wire.ZeroTerminated():
            return '"0"'
    raise SchemaError("a count outside the vocabulary", path=repr(count))
