"""Every field of every message, with its place and its bytes.

    Message 12 (frame 31) 0.004711 connection 1 main:0 from server: INIT, type 103, serial 1, 32 bytes
        [0:4]    session_id: 1804289383                                       67 45 8b 6b

Messages of fixed size are printed through one template made from their schema when the first of them is met; others
through :mod:`spiceproto.derive.spans`.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any

from spiceproto import dispatch, schema
from spiceproto.capture.conversation import Conversation, Emit
from spiceproto.derive.spans import Span, dissect, uncovered
from spiceproto.enums.base import NameTable
from spiceproto.errors import RemoteError
from spiceproto.report.text import TextReport
from spiceproto.walk import Scalar, Structure, walk

__all__ = ["TreeReport", "span_dicts", "tree"]

_HEX = 16
"""Bytes of one field that are shown."""

Tree = Callable[[bytes], str]


def _leaves(item: Structure, depth: int) -> list[tuple[int, str, Structure | Scalar]] | None:
    """Names and nodes with their depth, or None if the structure is not a row of numbers of one byte order."""
    found: list[tuple[int, str, Structure | Scalar]] = []
    for member in item.members:
        if member.condition is not None:
            return None
        if isinstance(member.node, Scalar):
            found.append((depth, member.name, member.node))
        elif isinstance(member.node, Structure):
            inner = _leaves(member.node, depth + 1)
            if inner is None:
                return None
            found.append((depth, member.name, member.node))
            found += inner
        else:
            return None
    return found


def _fixed(item: Structure) -> Tree | None:
    """A printer for a structure of fixed size."""
    leaves = _leaves(item, 1)
    if leaves is None or item.size is None:
        return None
    scalars = [node for _, _, node in leaves if isinstance(node, Scalar)]
    orders = {node.order for node in scalars}
    if len(orders) > 1:
        return None
    unpack = Struct((orders.pop() if orders else "<") + "".join(node.code for node in scalars)).unpack_from
    tables: list[NameTable | None] = []
    places: list[tuple[int, int]] = []
    lines, offset = [], 0
    for depth, name, node in leaves:
        if isinstance(node, Structure):
            lines.append(f"{'    ' * depth}{name}: {node.class_name}")
            continue
        place = f"[{offset}:{offset + node.size}]"
        lines.append(f"{'    ' * depth}{place:10} {name}: %-{max(44 - len(name) - 4 * depth, 1)}s %s")
        places.append((offset, offset + node.size))
        tables.append(NameTable(node.table) if node.table is not None else None)
        offset += node.size
    template = "\n".join(lines)
    size = offset
    columns = list(zip(tables, places, strict=True))

    def show(body: bytes) -> str:
        if len(body) < size:
            return ""
        out: list[Any] = []
        for number, (table, (start, end)) in zip(unpack(body), columns, strict=True):
            out.append(number if table is None else f"{table[number]} ({number})")
            out.append(body[start:end].hex(" "))
        return template % tuple(out)

    return show


def tree(structure: Structure, body: bytes) -> str:
    """The fields of ``body`` as an indented tree, up to the first that cannot be read."""
    found = dissect(structure, body)
    lines: list[str] = []
    _print(found.root.children, body, 1, lines)
    for start, end in uncovered(body, found):
        lines.append(f"    [{start}:{end}] not covered by any field: {_hex(body, start, end)}")
    return "\n".join(lines)


def _print(children: list[Span], body: bytes, depth: int, lines: list[str]) -> None:
    for span in children:
        place = f"[{span.start}:{span.end}]"
        if span.children:
            lines.append(f"{'    ' * depth}{place:10} {span.name}: {span.text}")
            _print(span.children, body, depth + 1, lines)
        elif span.kind == "bytes":
            lines.append(f"{'    ' * depth}{place:10} {span.name}: {span.text}")
        else:
            width = max(44 - len(span.name) - 4 * depth, 1)
            lines.append(f"{'    ' * depth}{place:10} {span.name}: {span.text:{width}} {_hex(body, span.start, span.end)}")


def _hex(body: bytes, start: int, end: int) -> str:
    return body[start : min(end, start + _HEX)].hex(" ") + (" .." if end - start > _HEX else "")


def span_dicts(row: dispatch.Row, body: bytes) -> list[dict[str, Any]]:
    """Path, start and end of every field, for JSON lines."""
    out: list[dict[str, Any]] = []

    def add(children: list[Span]) -> None:
        for span in children:
            out.append({"path": span.path, "start": span.start, "end": span.end})
            add(span.children)

    add(dissect(walk(schema.rows(row.table, row.sender)[row.number].body), body).root.children)  # type: ignore[arg-type]
    return out


class TreeReport(TextReport):
    """The consumer behind ``spiceproto decode --verbose``."""

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        decoder = self.decoder
        lines = self.lines
        append = lines.append
        rows = dispatch.rows(conversation.table, sender)
        messages = schema.rows(conversation.table, sender)  # type: ignore[arg-type]
        place = f"connection {conversation.connection.number} {conversation.channel}:{conversation.channel_id} from {sender}"
        head = f"Message %d (frame %s) %d.%06d {place}: %s, type %d, serial %d, %d bytes"
        printers: dict[int, tuple[str, Tree, Callable[..., Any]]] = {}
        tails: list[int] = []
        tail = tails.append
        self.clock(conversation.connection.time_ns)
        start = self.start_ns

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            decoder.number = count = decoder.number + 1
            micro = (time_ns - start) // 1000
            shown = frames[0] if len(frames) == 1 else f"{frames[0]}-{frames[-1]}"
            try:
                name, printer, check = printers[number]
            except KeyError:
                row = rows.get(number)
                if row is None:
                    name = f"UNKNOWN_{number}"
                    append(head % (count, shown, micro // 1000000, micro % 1000000, name, number, serial, len(body)))
                    append(f"    {_hex(body, 0, len(body))}")
                    self.unknown(conversation, sender, number, len(body), time_ns, frames[-1])
                    return
                structure = walk(messages[number].body)
                fixed = _fixed(structure)

                def general(body: bytes, structure: Structure = structure) -> str:
                    return tree(structure, body)

                name, printer, check = printers[number] = row.name, fixed or general, row.summary if fixed else row.parse
            append(head % (count, shown, micro // 1000000, micro % 1000000, name, number, serial, len(body)))
            failure: RemoteError | None = None
            try:
                check(body, tail)
            except RemoteError as error:
                failure = error
                text = tree(walk(messages[number].body), body)
            else:
                text = printer(body)
            if text:
                append(text)
            if failure is not None:
                self.malformed(conversation, sender, name, len(body), failure, time_ns, frames[-1])
            elif tails:
                self.trailing(conversation, sender, name, len(body), tails, time_ns, frames[-1])
            if len(lines) > 1024:
                self.flush()

        return emit


