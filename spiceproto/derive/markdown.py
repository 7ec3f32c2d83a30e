"""The whole reference as Markdown: one file for each channel or layer, and the index of them.

    pages() -> {"index.md": ..., "main.md": ..., ...}     to be written to a folder
    stream() -> str                                        the same as one text

Every structure stands on exactly one page, that of its module. Pages with messages give for each its number, its wire
constant, who sends it, what must have been announced, and the fields of its body. The tables of fields and enumerations
and the diagrams come from :mod:`spiceproto.derive.tables`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from inspect import getdoc
from typing import Final

from spiceproto import dispatch, schema, wire
from spiceproto.derive import tables
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.errors import SchemaError
from spiceproto.message import Message, Sender, Table
from spiceproto.schema import agent, codec, common, link
from spiceproto.walk import structures, walk

__all__ = ["TITLES", "pages", "stream"]

TITLES = {
    "geometry": "Points and rectangles",
    "common": "Messages of every channel",
    "link": "Link stage and headers",
    "codec": "Headers of image streams",
    "image": "Images",
    "draw": "Parts of drawing messages",
    "spicevmc": "Byte channels",
    "agent": "Guest agent",
    "migration": "Migration data",
}
"""Pages that are not called after a channel."""

_EITHER: Final = "either side"

_VARIANTS: Final = {
    "agent_selection": "Holds once both sides have announced CLIPBOARD_SELECTION.",
    "agent_serial": "Holds once both sides have announced CLIPBOARD_GRAB_SERIAL.",
    "agent_selection_serial": "Holds once both sides have announced CLIPBOARD_SELECTION and CLIPBOARD_GRAB_SERIAL.",
}

SENDERS: Final[tuple[Sender, ...]] = ("server", "client")

Kinds = dict[str, type[WireEnum] | type[WireFlags]]

_ROLE = re.compile(r":\w+:(`[^`]+`)")
"""Markup of docstrings that Markdown does not know."""


def pages() -> dict[str, str]:
    """File name -> text, the index first."""
    found = {f"{module}.md": "\n".join(_page(module)) for module in schema.MODULES}
    return {"index.md": "\n".join(_index()), **found}


def stream() -> str:
    """Every page in one text; headings of pages are of the first level."""
    return "\n".join(pages().values())


def _title(module: str) -> str:
    return TITLES.get(module) or f"Table {module}"


def _index() -> Iterator[str]:
    yield "# The SPICE protocol: fields and numbers\n"
    yield "Made from the schemas of spiceproto. Numbers are little-endian unless a type says otherwise; offsets in"
    yield "pointers count from the first byte of the message body.\n"
    yield "| page | type | messages of the server | messages of the client | what it is |"
    yield "| --- | --- | --- | --- | --- |"
    for module in schema.MODULES:
        kind, server, client = "", "", ""
        doc = " ".join(_essay(module).partition("\n\n")[0].split())
        if module in schema.CHANNELS:
            table = schema.channel(module)
            kind = str(int(table.type)) if table.type is not None else ""
            server, client = str(len(table.server)), str(len(table.client))
            doc = table.doc
        yield f"| [{_title(module)}]({module}.md) | {kind} | {server} | {client} | {doc} |"
    yield ""


def _essay(module: str) -> str:
    """What the file of the schema says about itself."""
    return _ROLE.sub(r"\1", getdoc(import_module(f"spiceproto.schema.{module}")) or "")


def _page(module: str) -> Iterator[str]:
    yield f"# {_title(module)}\n"
    yield _essay(module) + "\n"
    shown: set[str] = set()
    kinds: Kinds = {}
    for name, sides in _message_tables(module):
        yield from _messages(module, name, sides, shown, kinds)
    rest = [record for record in _records(module) if record.name not in shown]
    if rest:
        yield "## Structures\n"
        for record in rest:
            yield f"### `{record.name}`\n"
            yield from _body(record, kinds)
    if kinds:
        yield "## Enumerations\n"
        for name in sorted(kinds):
            kind = kinds[name]
            yield f"### `{name}`\n"
            yield " ".join((kind.__doc__ or "").split()) + "\n"
            yield tables.enum_table(kind)


Sides = dict[str, Mapping[int, Message]]
"""Who sends them ("server", "client" or "either side") -> messages."""


def _message_tables(module: str) -> list[tuple[str, Sides]]:
    """The message tables of a page. Messages of every channel are looked up in the main channel, which has them too."""
    if module == "common":
        server, client = ({row.number: row for row in rows} for rows in (common.SERVER, common.CLIENT))
        return [("main", {"server": server, "client": client})]
    if module == "agent":
        return [(table.name, {_EITHER: _changed(table)}) for table in agent.TABLES]
    names = {"smartcard": [module, "vsc"], "usbredir": [module, "usb"]}.get(module, [module])
    return [(name, _sides(schema.channel(name))) for name in names if name in schema.channels()]


def _sides(table: Table) -> Sides:
    if table.server == table.client and not table.common:
        return {_EITHER: table.server}
    return {sender: table.rows(sender) for sender in SENDERS}


def _changed(table: Table) -> Mapping[int, Message]:
    """Of a variant of the agent's table, the messages that differ from those of the plain one."""
    if table is agent.AGENT:
        return table.server
    return {number: row for number, row in table.server.items() if row.body is not agent.AGENT.server[number].body}


def _records(module: str) -> list[wire.Record]:
    """The structures of a module, inner ones first."""
    more = {"link": link.RECORDS, "codec": codec.RECORDS}.get(module, ())
    found = {record.name: record for record in schema.records().values() if record.module == module}
    found.update({record.name: record for record in more})
    return list(found.values())


def _messages(module: str, name: str, sides: Sides, shown: set[str], kinds: Kinds) -> Iterator[str]:
    """The messages of one table, then each with its body; a body that was shown before is only named."""
    if module == "common":
        yield "## Messages\n"
    else:
        table = schema.channel(name)
        yield f"## Messages: {name}\n"
        yield table.doc + "\n"
        if table.name in _VARIANTS:
            yield _VARIANTS[table.name] + " These messages are different then:\n"
        if table.common:
            yield "The [messages of every channel](common.md) belong to it as well.\n"
    for sender, rows in sides.items():
        if rows:
            yield f"From the {sender}:\n"
            yield "| number | constant | needs | status | meaning |\n| --- | --- | --- | --- | --- |"
            for number, row in rows.items():
                needs = f"`{row.capability.name}`" if row.capability is not None else ""
                constant = _constant(name, sender, number)
                yield f"| {_number(number)} | `{constant}` | {needs} | {row.status} | {row.doc} |"
            yield ""
    for sender, rows in sides.items():
        for number, row in rows.items():
            yield from _message(name, sender, number, row)
            if row.body.module != module:
                yield f"Body: [`{row.body.name}`]({row.body.module}.md).\n"
            elif (body := walk(row.body).name) in shown:
                yield f"Body: `{body}`, as above.\n"
            else:
                shown.add(body)
                yield from _body(row.body, kinds, named=True)


def _number(number: int) -> str:
    """A message number; the magic numbers of migration data are more readable in hexadecimal."""
    return str(number) if number <= 0xFFFF else f"{number:#x}"


def _constant(name: str, sender: str, number: int) -> str:
    found = dispatch.row(name, "server" if sender == _EITHER else sender, number)
    if found is None:
        raise SchemaError("the generated catalogue lacks a message", path=f"{name}.{sender}.{number}")
    return found.constant


def _message(name: str, sender: str, number: int, row: Message) -> Iterator[str]:
    yield f"### {_number(number)} `{_constant(name, sender, number)}`\n"
    yield f"{row.doc}\n"
    facts = [f"From the {sender}."]
    if row.capability is not None:
        facts.append(f"Needs `{type(row.capability).__name__}.{row.capability.name}` of the receiver.")
    if row.absent is not None:
        facts.append(f"Only if the receiver lacks `{type(row.absent).__name__}.{row.absent.name}`.")
    if row.instead:
        facts.append(f"Otherwise: {row.instead}.")
    if row.status != "current":
        facts.append(f"Status: {row.status}.")
    if row.requires:
        facts.append(f"Requirements: {', '.join(row.requires)}.")
    yield " ".join(facts) + "\n"


def _body(record: wire.Record, kinds: Kinds, *, named: bool = False) -> Iterator[str]:
    """Fields and layout of one structure; notes the enumerations it uses."""
    item = walk(record)
    number = item.smallest if item.size is None else item.size
    size = f"{'at least ' * (item.size is None)}{number} byte{'s'[: number != 1]}"
    yield f"Body: `{record.name}`, {size}.\n" if named else f"{record.doc} {size[0].upper()}{size[1:]}.\n"
    if not item.members:
        return
    yield tables.record_table(record)
    if item.size is not None and item.size <= 64:
        yield "```text\n" + tables.packet_diagram(record) + "```\n"
    for inner in structures(item):
        if inner.module == record.module:
            continue
        used = [member.name for member in item.members if _uses(member.node, inner.name)]
        if used:
            yield f"`{inner.name}` stands on [{_title(inner.module)}]({inner.module}.md).\n"
    for kind in tables.enums_of(record):
        kinds[kind.__name__] = kind


def _uses(node: object, name: str) -> bool:
    """True if ``node`` is the structure ``name``, or leads to it, or consists of it."""
    while (inner := getattr(node, "target", None) or getattr(node, "element", None)) is not None:
        node = inner
    return getattr(node, "name", None) == name
