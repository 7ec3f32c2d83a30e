"""What chapters print of the schema: structures, enumerations, messages with their numbers, and largest bodies.

    record    fields and layout of a structure
    enum      names of an enumeration
    messages  numbers, bodies and sizes of a channel's messages, or of those that every channel has ("common")
    layer     messages of a layer inside a channel, with who sends them
    sizes     largest bodies of a channel's messages by size, of "common", or the largest of every channel ("all")

A structure or enumeration that another block prints is written ``[[module.Name]]`` here; whoever knows where that block
stands makes a link of it (:func:`spiceproto.derive.chapters.regenerated`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Final

from spiceproto import schema
from spiceproto.derive import tables
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.errors import SchemaError
from spiceproto.message import Message, Sender
from spiceproto.schema import common
from spiceproto.size_limits import SizeLimit, named_limit, size_limits
from spiceproto.walk import Items, Reference, Structure, walk
from spiceproto.wire import Record

__all__ = ["enum", "layer", "messages", "record", "sizes"]

_LARGEST_DRAWN: Final = 64
_SENDERS: Final[tuple[Sender, ...]] = ("server", "client")
_NEVER_SENT: Final = "sentinel"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows)]
    return "\n".join(lines) + "\n"


def _bytes(number: int, *, exact: bool) -> str:
    if not exact and not number:
        return "any number of bytes"
    return f"{'' if exact else 'at least '}{number} byte{'s'[: number != 1]}"


# -- structures and enumerations


def record(name: str) -> str:
    """Size, meaning, fields, and for a small structure of several fields the layout."""
    found = schema.records()[name]
    item = walk(found)
    place = f'<a id="{name}"></a>'
    if not item.members:
        return f"{place}`{name}`, no bytes. {found.doc}\n"
    size = _bytes(item.smallest if item.size is None else item.size, exact=item.size is not None)
    text = f"{place}`{name}`, {size}. {found.doc}\n\n{_linked_types(found)}"
    if len(item.members) > 1 and item.size is not None and item.size <= _LARGEST_DRAWN:
        text += f"\n```text\n{tables.packet_diagram(found)}```\n"
    return text


def _linked_types(found: Record) -> str:
    """The table of fields, with links in the column of types."""
    names = {kind.__name__: f"{_module(kind)}.{kind.__name__}" for kind in tables.enums_of(found)}
    names |= {item.class_name: item.name for item in _structures(found)}
    lines = tables.record_table(found).splitlines()
    for number, line in enumerate(lines[2:], 2):
        cells = line.split(" | ")
        cells[2] = re.sub(r"[A-Z]\w+", lambda word: f"[[{names[word[0]]}]]" if word[0] in names else word[0], cells[2])
        lines[number] = " | ".join(cells)
    return "\n".join(lines) + "\n"


def _structures(found: Record) -> list[Structure]:
    """Structures that the fields of ``found`` are made of."""
    inner = []
    for member in walk(found).members:
        node = member.node
        while isinstance(node, Reference | Items):
            node = node.target if isinstance(node, Reference) else node.element
        if isinstance(node, Structure):
            inner.append(node)
    return inner


def _module(kind: type[WireEnum] | type[WireFlags]) -> str:
    return kind.__module__.rpartition(".")[2]


def enum(name: str) -> str:
    """The names of an enumeration or of flags, with their numbers."""
    module, _, kind = name.partition(".")
    found = getattr(import_module(f"spiceproto.enums.{module}"), kind)
    return f'<a id="{name}"></a>`{kind}`: {" ".join((found.__doc__ or "").split())}\n\n{tables.enum_table(found)}'


# -- messages


def messages(name: str) -> str:
    """One table for each sender; messages inside of others have no largest size of their own."""
    inside = name != "common" and schema.channel(name).type is None
    parts = []
    for sender in _SENDERS:
        rows = _rows(name, sender)
        if not rows:
            parts.append(f"The {sender} sends no messages of its own here.\n")
            continue
        place = "on every channel" if name == "common" else "" if inside else f"on {name}"
        title = f"From the {sender}{f', {place}' if place else ''}:"
        head = ("number", "message", "body", *(() if inside else ("bytes at most",)), "capability", "meaning")
        parts.append(f"{title}\n\n{_table(head, [_message(name, sender, row, inside=inside) for row in rows])}")
    return "\n".join(parts)


def layer(name: str) -> str:
    """One table for all senders: each message has the same body whoever sends it."""
    rows = []
    for number, row in sorted(schema.channel(name).client.items()):
        body = f"[[{row.body.name}]]" if walk(row.body).members else "none"
        rows.append((str(number), f"`{row.name}`", ", ".join(row.sent_by), body, _capability(row), row.doc))
    return _table(("number", "message", "from", "body", "capability of the receiver", "meaning"), rows)


def _rows(name: str, sender: Sender) -> list[Message]:
    if name == "common":
        return list(common.SERVER if sender == "server" else common.CLIENT)
    return [row for _, row in sorted(schema.channel(name).rows(sender).items())]


def _message(name: str, sender: Sender, row: Message, *, inside: bool = False) -> tuple[str, ...]:
    body = f"[[{row.body.name}]]" if walk(row.body).members else "none"
    limits = {} if inside else _limits(name, sender, row)
    most = "" if row.status == _NEVER_SENT else "; ".join(f"{limit.size}{where}" for where, limit in limits.items())
    word = row.status.replace("-", " ")
    status = "" if word == "current" or row.doc.lower().startswith(word) else f" ({word})"
    sizes = () if inside else (most,)
    return (str(row.number), f"`{row.name}`", body, *sizes, _capability(row), f"{row.doc}{status}")


def _capability(row: Message) -> str:
    parts = []
    if row.capability is not None:
        parts.append(f"`{row.capability.name}`")
    if row.absent is not None:
        parts.append(f"without `{row.absent.name}`")
    if row.instead:
        parts.append(f"else {row.instead}")
    return ", ".join(parts)


def _limits(name: str, sender: Sender, row: Message) -> Mapping[str, SizeLimit]:
    """Words that say where (empty for everywhere) to the largest body. Raises SchemaError for a message without one."""
    found: dict[SizeLimit, list[str]] = {}
    for channel in schema.CHANNELS if name == "common" else (name,):
        limit = named_limit(channel, sender, row.name)
        if limit is None:
            raise SchemaError("a message without a largest size", path=f"{name}.{row.name}")
        found.setdefault(limit, []).append(channel)
    if len(found) == 1:
        return {"": next(iter(found))}
    rare = sorted(found, key=lambda limit: len(found[limit]))
    return {f" on {', '.join(found[limit])}": limit for limit in rare[:-1]} | {" elsewhere": rare[-1]}


# -- sizes


def sizes(name: str) -> str:
    """A row for each largest size, smallest first, with the messages that have it."""
    if name == "all":
        return _largest()
    found: dict[SizeLimit, dict[Sender, list[str]]] = {}
    for sender in _SENDERS:
        for row in _rows(name, sender):
            if row.status == _NEVER_SENT:
                continue
            for where, limit in _limits(name, sender, row).items():
                found.setdefault(limit, {}).setdefault(sender, []).append(f"`{row.name}`{where}")
        if name != "common":
            found.setdefault(size_limits(name, sender).other, {}).setdefault(sender, []).append("any type not named")
    rows = [
        (str(limit.size), limit.reason, *[", ".join(found[limit].get(sender, ())) for sender in _SENDERS])
        for limit in sorted(found, key=lambda limit: limit.size)
    ]
    return _table(("bytes at most", "because", "messages of the server", "messages of the client"), rows)


def _largest() -> str:
    """One row a channel."""
    rows = []
    for channel in schema.CHANNELS:
        limits = [[named_limit(channel, sender, row.name) for row in _rows(channel, sender)] for sender in _SENDERS]
        most = [max((limit.size for limit in found if limit is not None), default=0) for found in limits]
        rows.append((channel, *[str(size) if size else "has no messages of its own" for size in most]))
    return _table(("channel", "largest body of the server's messages", "largest body of the client's messages"), rows)
