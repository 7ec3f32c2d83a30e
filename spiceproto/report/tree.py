"""Every field of every message, with its place and its bytes.

    Message 12 (frame 31) 0.004711 connection 1 main:0 from server: INIT, type 103, serial 1, 32 bytes
        [0:4]      session_id: 1804289383                 67 45 8b 6b

Messages that are well formed are printed by functions that :mod:`spiceproto.derive.trees` makes from their schema when
the first of them is met. Others go through :mod:`spiceproto.derive.spans`: up to the error, and with the bytes that
belong to no field. :func:`tree` is that way for any message, and what the fast printers are compared with.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from spiceproto import dispatch
from spiceproto.capture.consumer import Emit
from spiceproto.capture.conversation import Conversation
from spiceproto.derive.spans import Span, dissect, uncovered
from spiceproto.derive.trees import COLUMN, HEX, PLACE, STEP, Show, compile_tree
from spiceproto.errors import RemoteError
from spiceproto.report.text import TextReport
from spiceproto.walk import Structure, walk

__all__ = ["TreeReport", "span_dicts", "tree"]


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
        line = f"{STEP * depth}{f'[{span.start}:{span.end}]':{PLACE}} {span.name}: "
        if not span.children and span.kind != "bytes":
            width = max(COLUMN - len(span.name) - len(STEP) * depth, 1)
            line += f"{span.text:{width}} {_hex(body, span.start, span.end)}"
        else:
            line += span.text
        lines.append(line)
        _print(span.children, body, depth + 1, lines)


def _hex(body: bytes, start: int, end: int) -> str:
    return body[start : min(end, start + HEX)].hex(" ") + (" .." if end - start > HEX else "")


def span_dicts(row: dispatch.Row, body: bytes) -> list[dict[str, Any]]:
    """Path, start and end of every field, for JSON lines."""
    out: list[dict[str, Any]] = []

    def add(children: list[Span]) -> None:
        for span in children:
            out.append({"path": span.path, "start": span.start, "end": span.end})
            add(span.children)

    add(dissect(_structure(row), body).root.children)
    return out


def _structure(row: dispatch.Row) -> Structure:
    """What a message's body is made of.

    Imports the one schema that is needed: importing those of all tables takes longer than printing many a capture.
    """
    return walk(getattr(import_module(f"spiceproto.schema.{row.module}"), row.class_name))


class TreeReport(TextReport):
    """The consumer behind ``spiceproto decode --verbose``."""

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        decoder = self.decoder
        lines = self.lines
        append = lines.append
        rows = dispatch.rows(conversation.table, sender)
        place = f"connection {conversation.connection.number} {conversation.channel}:{conversation.channel_id} from {sender}"
        head = f"Message %d (frame %s) %d.%06d {place}: %s, type %d, serial %d, %d bytes"
        printers: dict[int, tuple[str, Show]] = {}
        tails: list[int] = []
        tail = tails.append
        self.clock(conversation.connection.time_ns)
        start = self.start_ns

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            decoder.number = count = decoder.number + 1
            micro = (time_ns - start) // 1000
            shown = frames[0] if len(frames) == 1 else f"{frames[0]}-{frames[-1]}"
            try:
                name, show = printers[number]
            except KeyError:
                row = rows.get(number)
                if row is None:
                    name = f"UNKNOWN_{number}"
                    append(head % (count, shown, micro // 1000000, micro % 1000000, name, number, serial, len(body)))
                    append(f"    {_hex(body, 0, len(body))}")
                    self.unknown(conversation, sender, number, len(body), time_ns, frames[-1])
                    return
                name, show = printers[number] = row.name, compile_tree(_structure(row))
            append(head % (count, shown, micro // 1000000, micro % 1000000, name, number, serial, len(body)))
            text = show(body)
            if text:
                append(text)
            elif text is None:
                if text := tree(_structure(rows[number]), body):
                    append(text)
                try:
                    rows[number].parse(body, tail)
                except RemoteError as error:
                    self.malformed(conversation, sender, name, len(body), error, time_ns, frames[-1])
                if tails:
                    self.trailing(conversation, sender, name, len(body), tails, time_ns, frames[-1])
            if len(lines) > 1024:
                self.flush()

        return emit
