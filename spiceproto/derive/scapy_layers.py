"""Source text of a module of scapy layers: a Packet class for every structure, and the tables of messages.

The static part is :mod:`spiceproto.derive.scapy_head`, whose text is copied, so the module stands alone. A schema's
members become fields of the classes there one for one; members that share a name become one ``Maybe``. Names that
Packet uses itself get a ``_`` at their end (``RESERVED``; a test compares the list with scapy).
"""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from spiceproto import schema, wire
from spiceproto.errors import SchemaError
from spiceproto.message import Sender
from spiceproto.schema import codec, link
from spiceproto.walk import Bytes, Condition, Handle, Items, Member, Node, Reference, Scalar, Structure, walk

__all__ = ["RESERVED", "class_of", "field_of", "module_source"]

RESERVED: Final = frozenset({"name", "time"})
"""Names of fields that are attributes of Packet as well."""

_SENDERS: Final[tuple[Sender, ...]] = ("server", "client")

_HEADERS: Final = {
    "link.DataHeader": ("Header", "size_at, type_at = 10, 8"),
    "link.MiniDataHeader": ("Header", "size_at, type_at = 2, 0"),
    "agent.MessageHeader": ("Header", 'size_at, type_at, type_fmt = 16, 4, "<L"'),
    "link.LinkHeader": ("LinkFrame", ""),
}
"""Structures with a payload: their base class and what they set."""


def field_of(name: str) -> str:
    """The name of a field in scapy."""
    return f"{name}_" if name in RESERVED else name


def class_of(name: str) -> str:
    """``draw.DisplayBase`` as ``SpiceDrawDisplayBase``."""
    module, _, kind = name.partition(".")
    return f"Spice{module.capitalize()}{kind}"


def module_source() -> str:
    """The whole module."""
    head = files("spiceproto.derive").joinpath("scapy_head.py").read_text(encoding="utf-8")
    found = {item.name: item for item in map(walk, (*schema.records().values(), *link.RECORDS, *codec.RECORDS))}
    blocks = [head.rstrip("\n") + "\n"]
    blocks += [_class(item) for item in found.values()]
    after = {"mess": "link.LinkMess", "reply": "link.LinkReply", "error": "link.LinkError"}
    pairs = ", ".join(f'"{word}": {class_of(name)}' for word, name in after.items())
    blocks.append(f"SpiceLinkLinkHeader.after = {{{pairs}}}\n")
    heads = {"full": "link.DataHeader", "mini": "link.MiniDataHeader", "agent": "agent.MessageHeader"}
    blocks.append(f"HEADERS.update({', '.join(f'{word}={class_of(name)}' for word, name in heads.items())})\n")
    lines = ["MESSAGES.update({"]
    for table in schema.channels():
        for sender in _SENDERS:
            lines.append(f'    ("{table}", "{sender}"): {{')
            for number, row in sorted(schema.rows(table, sender).items()):
                lines.append(f"        {number}: {class_of(walk(row.body).name)},  # {row.name}")
            lines.append("    },")
    lines.append("})")
    blocks.append("\n".join(lines) + "\n")
    return "\n\n".join(blocks)


def _class(item: Structure) -> str:
    base, more = _HEADERS.get(item.name, ("Structure", ""))
    lines = [f"class {class_of(item.name)}({base}):", f'    """{item.doc}"""', "", f'    name = "SPICE {item.name}"']
    if more:
        lines.append(f"    {more}")
    lines.append("    fields_desc = [")
    done: set[str] = set()
    for member in item.members:
        if member.name in done:
            continue
        done.add(member.name)
        lines.append(f"        {_member(item, member)},")
    lines.append("    ]")
    return "\n".join(lines) + "\n"


def _member(item: Structure, member: Member) -> str:
    name = field_of(member.name)
    if member.condition is None:
        return _field(name, member.node, member, header=item.name in _HEADERS and member.name in ("size", "type"))
    variants = [one for one in item.members if one.name == member.name and one.condition is not None]
    choices = ", ".join(f"({_when(one.condition)}, {_field(name, one.node, one)})" for one in variants if one.condition)
    return f'Maybe("{name}", {choices})'


def _when(condition: Condition) -> str:
    path = ".".join(map(field_of, condition.on.split(".")))
    values = "".join(f"{int(item)}, " for item in condition.members)
    what = f"mask={condition.mask}" if condition.is_flags else f"values=({values.rstrip()})"
    return f'When("{path}", {what}{", negated=True" if condition.negated else ""})'


def _field(name: str, node: Node, member: Member | None = None, *, header: bool = False) -> str:
    match node:
        case Scalar():
            default = member.expect if member is not None and member.expect is not None else None if header else 0
            form = f"{node.order}{node.code}"
            if node.table is None or header:
                counts = f', counts="{field_of(member.counts)}"' if member is not None and member.counts else ""
                return f'Number("{name}", {default}, "{form}"{counts})'
            if node.is_flags:
                return f'Bits("{name}", {default}, "{form}", {_bits(node)})'
            names = {int(one): str(one.name).removeprefix("_") for one in node.table}
            return f'Named("{name}", {default}, "{form}", {names!r})'
        case Bytes():
            return f'Octets("{name}", {_count(node.count)})'
        case Items():
            return f'Many("{name}", {_count(node.count)}, {_field(name, node.element)}, {node.smallest})'
        case Reference():
            return f'Pointer("{name}", {_field(name, node.target)}, {node.nullable})'
        case Structure():
            return f'Part("{name}", {class_of(node.name)})'
        case Handle():
            return f'Octets("{name}", 0)'


def _bits(node: Scalar) -> str:
    """Names of bits, lowest first."""
    assert node.table is not None
    named = {int(one).bit_length() - 1: str(one.name).removeprefix("_") for one in node.table}
    return repr([named.get(bit, f"bit{bit}") for bit in range(max(named, default=-1) + 1)])


def _count(count: wire.Count) -> str:
    match count:
        case wire.Fixed():
            return str(count.number)
        case wire.By():
            return f'("field", "{field_of(count.name)}")'
        case wire.Product():
            return f'("product", {", ".join(repr(field_of(name)) for name in count.names)})'
        case wire.PackedRows():
            return f'("rows", {count.bits}, "{field_of(count.width)}", "{field_of(count.height)}")'
        case wire.Rest():
            return '("rest",)'
        case wire.ZeroTerminated():
            return '("zero",)'
    raise SchemaError("a count outside the vocabulary", path=repr(count))
