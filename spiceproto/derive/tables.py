"""Markdown for the specification: fields, enumerations, messages, and packet diagrams.

    record_table(record)          fields of one structure, a row each
    enum_table(kind)              names of an enumeration or of flags
    message_table(table, sender)  messages of one table that one side sends
    packet_diagram(record)        the bytes of a structure, 32 bits a line

Offsets count from the first byte of the structure; once something before a field has no fixed size the offset is
written as ``+``: directly behind what stands before it. Nothing here is written by hand a second time.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from spiceproto import schema, wire
from spiceproto.derive.domains import words
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.message import Message, Sender
from spiceproto.walk import Bytes, Condition, Handle, Items, Member, Node, Reference, Scalar, Structure, walk

__all__ = ["condition_text", "enum_table", "enums_of", "message_table", "packet_diagram", "record_table", "type_text"]


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join(' --- ' for _ in head)}|"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


# -- fields ------------------------------------------------------------------------------------------------------------


def record_table(record: wire.Record) -> str:
    """``offset | field | type | unit | values | meaning | condition``; an empty string for a record without fields.

    ``values`` is what a sender may send, and it is left out of the table of a record that takes any.
    """
    item = walk(record)
    limited = any(member.domain is not None for member in item.members)
    rows = []
    offset: int | None = 0
    for member in item.members:
        place = "+" if offset is None else str(offset)
        meaning = _sentence(member)
        values = (words(member),) if limited else ()
        condition = condition_text(member.condition)
        rows.append((place, f"`{member.name}`", type_text(member.node), member.unit, *values, meaning, condition))
        size = member.node.size
        offset = None if offset is None or size is None or member.condition is not None else offset + size
    head = ("offset", "field", "type", "unit", *["values"] * limited, "meaning", "condition")
    return _table(head, rows) if rows else ""


def _sentence(member: Member) -> str:
    parts = [member.doc]
    if member.counts:
        parts.append(f"counts `{member.counts}`")
    return "; ".join(part for part in parts if part)


def type_text(node: Node) -> str:
    """A field's type in words: ``uint8 ClipType``, ``offset to Image, or 0``, ``Rect[num_rects]``."""
    match node:
        case Scalar():
            label = node.alias or node.label
            if node.order == ">":
                label = f"{label.removesuffix('be')}, big-endian"
            return label if node.table is None else f"{label} {node.table.__name__}"
        case Structure():
            return node.class_name
        case Bytes():
            return _bytes_text(node)
        case Items():
            return f"{type_text(node.element)}{_count_text(node.count)}"
        case Reference():
            return f"offset to {type_text(node.target)}{', or 0' * node.nullable}"
        case Handle():
            return "file descriptor, no bytes"


def _bytes_text(node: Bytes) -> str:
    if isinstance(node.count, wire.ZeroTerminated):
        return "text up to a zero byte" if node.text else "bytes up to a zero byte"
    return f"{'text' if node.text else 'bytes'}{_count_text(node.count)}"


def _count_text(count: wire.Count) -> str:
    match count:
        case wire.Fixed(number=number):
            return f"[{number}]"
        case wire.By(name=name):
            return f"[{name}]"
        case wire.Product(names=names):
            return f"[{' * '.join(names)}]"
        case wire.PackedRows(bits=bits, width=width, height=height):
            return f"[ceil({bits} * {width} / 8) * {height}]" if bits % 8 else f"[{width} * {height}]"
        case wire.Rest():
            return "[rest of the message]"
    return "[]"


def condition_text(condition: Condition | None) -> str:
    """When a field is there: ``if type is RECTS``; empty if always."""
    if condition is None:
        return ""
    names = " or ".join(_name(item) for item in condition.members)
    verb = "has" if condition.is_flags else "is"
    if condition.negated:
        verb = "lacks" if condition.is_flags else "is not"
    return f"if `{condition.on}` {verb} {names}"


def _name(member: WireEnum | WireFlags) -> str:
    return (member.name or str(int(member))).removeprefix("_")


# -- enumerations ------------------------------------------------------------------------------------------------------


def enum_table(kind: type[WireEnum] | type[WireFlags]) -> str:
    """``value | name | meaning``, or for flags ``bit | value | name | meaning``."""
    docs = member_docs(kind)
    if issubclass(kind, WireFlags):
        bits = [
            (str(int(item).bit_length() - 1), f"{int(item):#x}", f"`{_name(item)}`", docs.get(item.name or "", ""))
            for item in kind
        ]
        return _table(("bit", "value", "name", "meaning"), bits)
    rows = [(str(int(item)), f"`{_name(item)}`", docs.get(item.name or "", "")) for item in kind]
    return _table(("value", "name", "meaning"), rows)


@cache
def member_docs(kind: type[WireEnum] | type[WireFlags]) -> dict[str, str]:
    """Name -> the string that stands behind the member in the source, which Python itself does not keep."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    found: dict[str, str] = {}
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    for one, other in pairwise(body):
        match one, other:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = " ".join(text.split())
    return found


def enums_of(record: wire.Record) -> list[type[WireEnum] | type[WireFlags]]:
    """Enumerations and flags of the fields of ``record`` itself, in the order of the fields."""
    found: dict[type[WireEnum] | type[WireFlags], None] = {}
    for member in walk(record).members:
        node = member.node
        while isinstance(node, Reference | Items):
            node = node.target if isinstance(node, Reference) else node.element
        if isinstance(node, Scalar) and node.table is not None:
            found[node.table] = None
    return list(found)


# -- messages ----------------------------------------------------------------------------------------------------------


def message_table(table: str, sender: Sender, *, common: bool = False) -> str:
    """``number | name | body | sender | capability | status | meaning`` in the order of numbers.

    ``common`` adds the messages that every channel has. An empty string if there are no rows.
    """
    found = schema.rows(table, sender) if common else schema.channel(table).rows(sender)
    rows = [_message_row(number, row, sender) for number, row in sorted(found.items())]
    return _table(("number", "name", "body", "sender", "capability", "status", "meaning"), rows) if rows else ""


def _message_row(number: int, row: Message, sender: Sender) -> tuple[str, ...]:
    parts = []
    if row.capability is not None:
        parts.append(f"`{_name(row.capability)}`")
    if row.absent is not None:
        parts.append(f"without `{_name(row.absent)}`")
    if row.instead:
        parts.append(f"else `{row.instead}`")
    return (str(number), f"`{row.name}`", f"`{row.body.class_name}`", sender, ", ".join(parts), row.status, row.doc)


# -- packet diagrams ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Box:
    """``bits`` of something, or an amount that the bytes decide."""

    text: str
    bits: int | None


_LINE = 32
_RULER = (
    " 0                   1                   2                   3",
    " 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1",
)

_Part = tuple[int, int, int]
"""Number of the box, first bit in the line, bit behind the last."""


def packet_diagram(record: wire.Record) -> str:
    """The layout in ASCII as in RFCs: a line is four bytes, the byte at the lowest offset on the left.

    Structures inside are drawn as their fields. What has no fixed size, and what only a condition brings, fills a line
    of its own between ``/`` instead of ``|``; what stands behind it is drawn as if it began a new line. Empty for a
    record without fields.
    """
    boxes = _boxes(walk(record), "")
    if not boxes:
        return ""
    drawn = _lines(boxes)
    out = list(_RULER)
    before: list[_Part] = []
    for line in drawn:
        out.append(_border(before, line))
        out.append(_text(boxes, line, drawn))
        before = line
    out.append(_border(before, []))
    return "\n".join(line.rstrip() for line in out) + "\n"


def _lines(boxes: list[_Box]) -> list[list[_Part]]:
    """Boxes cut into lines of 32 bits."""
    lines: list[list[_Part]] = [[]]
    for index, box in enumerate(boxes):
        if box.bits is None:
            if lines[-1]:
                lines.append([])
            lines[-1].append((index, 0, _LINE))
            lines.append([])
            continue
        left = box.bits
        while left:
            start = lines[-1][-1][2] if lines[-1] else 0
            if start == _LINE:
                lines.append([])
                start = 0
            end = min(_LINE, start + left)
            lines[-1].append((index, start, end))
            left -= end - start
    return [line for line in lines if line]


def _border(above: list[_Part], below: list[_Part]) -> str:
    """``+-+-+``, open where one field goes on in the next line."""
    open_bits: set[int] = set()
    inner: set[int] = set()
    if above and below and above[-1][0] == below[0][0]:
        start, end = max(above[-1][1], below[0][1]), min(above[-1][2], below[0][2])
        open_bits = set(range(start, end))
        inner = set(range(start + 1, end))
    width = max([part[2] for part in (*above, *below)], default=_LINE)
    marks = "".join(("+" if bit not in inner else " ") + ("-" if bit not in open_bits else " ") for bit in range(width))
    return marks + "+"


def _text(boxes: list[_Box], line: list[_Part], lines: list[list[_Part]]) -> str:
    out = ""
    for index, start, end in line:
        box, room = boxes[index], 2 * (end - start) - 1
        edge = "/" if box.bits is None else "|"
        widest = max((part for other in lines for part in other if part[0] == index), key=lambda part: part[2] - part[1])
        here = widest == (index, start, end) and line is next(other for other in lines if widest in other)
        out += edge + (_cut(box.text, room) if here else "").center(room)
    return out + ("/" if boxes[line[-1][0]].bits is None else "|")


def _cut(name: str, room: int) -> str:
    """``name``, or as much of it as says something."""
    short = name if len(name) <= room else name.rpartition(".")[2] if "(" not in name else name
    return short if len(short) <= room else f"{short[: room - 2]}.."


def _boxes(item: Structure, prefix: str) -> list[_Box]:
    boxes: list[_Box] = []
    for member in item.members:
        name = f"{prefix}{member.name}"
        node = member.node
        if isinstance(node, Handle):
            continue
        if member.condition is not None:
            boxes.append(_Box(f"{name} ({type_text(node)}) {condition_text(member.condition).replace('`', '')}", None))
        elif isinstance(node, Structure):
            boxes += _boxes(node, f"{name}.")
        elif isinstance(node, Scalar | Reference):
            boxes.append(_Box(name, 8 * (node.size or 0)))
        elif node.size is not None and node.size <= 32:
            boxes.append(_Box(name, 8 * node.size))
        else:
            boxes.append(_Box(f"{name} ({type_text(node)})", None))
    return boxes
