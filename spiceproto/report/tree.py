"""Every field of every message, with its place and its bytes.

    Message 12 (frame 31) 0.004711 connection 1 main:0 from server: INIT, type 103, serial 1, 32 bytes
        [0:4]      session_id: 1804289383                 67 45 8b 6b

Messages that are well formed are printed by functions that :mod:`spiceproto.derive.trees` makes from their schema when
the first of them is met. Others go through :mod:`spiceproto.derive.spans`: up to the error, and with the bytes that
belong to no field. :func:`tree` is that way for any message, and what the fast printers are compared with.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, TextIO

from spiceproto import dispatch
from spiceproto.capture.consumer import Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At
from spiceproto.channel_state import State
from spiceproto.derive.span import Span
from spiceproto.derive.spans import dissect, uncovered
from spiceproto.derive.trees import COLUMN, HEX, PLACE, STEP, Show, compile_tree
from spiceproto.errors import RemoteError
from spiceproto.link import Step
from spiceproto.report import images, link_stage, states
from spiceproto.report.clock import SECOND
from spiceproto.report.origins import READ, Origins
from spiceproto.report.streams import Seen, look
from spiceproto.report.text import TextReport
from spiceproto.walk import Structure, walk

__all__ = ["TreeReport", "span_dicts", "tree"]


def tree(structure: Structure, body: bytes, *, depth: int = 1, place: int = 0) -> str:
    """The fields of ``body`` as an indented tree, up to the first that cannot be read; ``place`` is that of its first byte."""
    found = dissect(structure, body)
    lines: list[str] = []
    _print(found.root.children, body, depth, lines, place)
    for start, end in uncovered(body, found):
        lines.append(f"    [{start}:{end}] not covered by any field: {_hex(body, start, end)}")
    return "\n".join(lines)


def _print(children: list[Span], body: bytes, depth: int, lines: list[str], place: int) -> None:
    for span in children:
        line = f"{STEP * depth}{f'[{place + span.start}:{place + span.end}]':{PLACE}} {span.name}: "
        if not span.children and span.kind != "bytes":
            width = max(COLUMN - len(span.name) - len(STEP) * depth, 1)
            line += f"{span.text:{width}} {_hex(body, span.start, span.end)}"
        else:
            line += span.text
        lines.append(line)
        _print(span.children, body, depth + 1, lines, place)


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
    """What a message's body is made of."""
    return _record(row.module, row.class_name)


def _record(module: str, name: str) -> Structure:
    """Imports the one schema that is needed: importing those of all tables takes longer than printing many a capture."""
    return walk(getattr(import_module(f"spiceproto.schema.{module}"), name))


def _streams(seen: list[Seen]) -> Iterator[str]:
    """The streams of images with the fields of their headers."""
    for item in seen:
        for stream in item.found.streams:
            yield f"    {images.title(item.path, stream)}"
            name = type(stream.header).__name__
            if stream.codec != "JPEG":
                yield tree(_record("codec", name), stream.raw, depth=2, place=stream.place or 0)


class TreeReport(TextReport):
    """The consumer behind ``spiceproto decode --verbose``.

    * ``origins``: where pictures came from that messages only name
    """

    def __init__(self, out: TextIO, *, time: str = "relative", frames: bool = False) -> None:
        super().__init__(out, time=time, frames=frames)
        self.origins = Origins()

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""
        super().link(conversation, item, at)
        if not isinstance(item, Step):
            return
        self.lines.append(tree(_record("link", type(item.value).__name__), link_stage.body(item.value)))
        for kind, names in link_stage.capability_names(conversation, item.value).items():
            self.lines.append(f"    {kind} capabilities: {' '.join(names) or 'none'}")

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """A whole agent message; it stands before the AGENT_DATA that completed it."""
        super().agent(conversation, at, table, type, body)
        row = dispatch.row(table, at.sender, type)
        if row is None:
            text: str | None = f"    {_hex(body, 0, len(body))}"
        else:
            structure = _structure(row)
            text = compile_tree(structure)(body)
            if text is None:
                text = tree(structure, body)
        if text:
            self.lines.append(text)

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """A whole packet of what a byte channel carries; places are those in the packet."""
        from spiceproto.report import carried

        self.lines.append(f"    {carried.protocol(item)} {item.name} from {at.sender}, {item.size} bytes")
        place = 0
        for value in carried.values(item):
            module, name = type(value).__module__.rpartition(".")[2], type(value).__name__
            body = getattr(import_module(f"spiceproto.generated.build_{module}"), f"build_{name}")(value)
            self.lines.append(tree(_record(module, name), body, depth=2, place=place))
            place += len(body)
        said = carried.as_dict(item)
        if "command" in said:
            apdu = (
                f"command: {said['command']}, CLA {said['cla']} INS {said['ins']} P1 {said['p1']} P2 {said['p2']}"
                if "cla" in said
                else ""
            )
            self.lines.append(f"        {apdu or said['command']}")
        self.lines += [f"        HTTP: {line}" for line in said.get("http", ())]

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """The state of a channel with the places of its fields; and what is on its way to the agent."""
        super().state(conversation, at, state)
        row = state.row
        if row is not None:
            self.lines.append(tree(_structure(row), state.body))
        for item, name in zip(state.waiting, states.messages(state), strict=True):
            self.lines.append(f"    to the agent, a message of the {states.PORTS[item.port]}: {name}, {len(item.body)} bytes")
            inner = states.row_of(state, item)
            if inner is not None and (text := tree(_structure(inner), item.body, depth=2)):
                self.lines.append(text)

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        decoder = self.decoder
        lines = self.lines
        append = lines.append
        rows = dispatch.rows(conversation.table, sender)
        place = f"connection {conversation.connection.number} {conversation.place} from {sender}"
        head = f"Message %d (frame %s) %s%06d {place}: %s, type %d, serial %d, %d bytes"
        printers: dict[int, tuple[str, Show]] = {}
        tails: list[int] = []
        tail = tails.append
        pictured = images.numbers(conversation.table, rows)
        looks = self.media.looks(conversation, sender)
        told = READ.get(conversation.table, frozenset[str]())
        self.clock(conversation.connection.time_ns)
        clock, second = "", -(1 << 62)

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            decoder.number = count = decoder.number + 1
            nonlocal clock, second
            if not 0 <= time_ns - second < SECOND:
                clock, second = self.second(time_ns)
                clock = clock.lstrip()
            micro = (time_ns - second) // 1000
            shown = frames[0] if len(frames) == 1 else f"{frames[0]}-{frames[-1]}"
            try:
                name, show = printers[number]
            except KeyError:
                row = rows.get(number)
                if row is None:
                    name = f"UNKNOWN_{number}"
                    append(head % (count, shown, clock, micro, name, number, serial, len(body)))
                    append(f"    {_hex(body, 0, len(body))}")
                    self.unknown(conversation, At(sender, time_ns, frames[-1]), number, len(body))
                    return
                name, show = printers[number] = row.name, compile_tree(_structure(row))
            append(head % (count, shown, clock, micro, name, number, serial, len(body)))
            whole, text = True, show(body)
            if text:
                append(text)
            elif text is None:
                if text := tree(_structure(rows[number]), body):
                    append(text)
                try:
                    rows[number].parse(body, tail)
                except RemoteError as error:
                    self.malformed(conversation, At(sender, time_ns, frames[-1]), name, len(body), error)
                    whole = False
            if number in pictured and (seen := look(name, body, self.tally if whole else None)):
                lines.extend(_streams(seen))
            else:
                seen = []
            if whole and number in looks:
                looks[number](body)
            if whole and name in told:
                value = rows[number].parse(body)
                said = self.origins.message(conversation, name, value, count, frames[-1], seen)
                lines.extend([f"    {words}" for words in said])
            if seen:
                self.pictured(conversation, At(sender, time_ns, frames[-1]), name, body, seen, tails)
            if tails:
                self.trailing(conversation, At(sender, time_ns, frames[-1]), name, len(body), tails)
            if len(lines) > 1024:
                self.flush()

        return self.beside(conversation, sender, emit)
