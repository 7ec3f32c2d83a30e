"""The consumer of a capture that makes rows of what it is told, keeps the bodies, and notes what is wrong.

It is a report whose lines are columns: what is summed up beside messages, and what is said of those that cannot be read, is
that of every report. Whoever judges (:mod:`spiceproto.view.broken`) is told everything as well, directly behind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from importlib import import_module
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from spiceproto import dispatch
from spiceproto.capture import incomplete
from spiceproto.capture.consumer import Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.errors import RemoteError
from spiceproto.framing import Spans
from spiceproto.link import Step
from spiceproto.report import carried, connections, images, link_stage, states
from spiceproto.report.base import Report
from spiceproto.view.blocks import MOST, Blocks
from spiceproto.view.broken import Broken, Judging
from spiceproto.view.panes import Panes, Spot
from spiceproto.view.rows import HAS_BYTES, SENDERS, Kind, Rows

if TYPE_CHECKING:
    from spiceproto.channel_state import State
    from spiceproto.view.displays import Displays

__all__ = ["Recorder"]

_LARGE: Final = 4096
"""Bytes of a body from which on it is not copied to be summed up."""

_PROBLEMS: Final = 20_000
"""Problems that a page lists."""

_SENDERS: Final = {name: number for number, name in enumerate(SENDERS)}


class Recorder(Report):
    """The consumer behind ``spiceproto view``.

    * ``rows``, ``blocks``: what was said
    * ``broken``: which sentences were broken
    * ``connections``: those that were told of; ``places`` in them, by number
    * ``displays``: what they showed, if somebody draws that
    * ``panes``: what is beside the list; ``found_beside`` is what they have found, once it is over
    * ``found``: problems as plain values; ``row`` is where in the list, -1 where nobody can say

    With a ``selection`` there are rows of what fits; everything is judged and drawn.
    """

    def __init__(self, judge: Judging | None = None, *, rows: Rows | None = None, blocks: Blocks | None = None) -> None:
        super().__init__(StringIO())
        self.rows = Rows() if rows is None else rows
        self.blocks = Blocks() if blocks is None else blocks
        self.broken = Broken(judge)
        self.judge = judge
        self.connections: list[dict[str, Any]] = []
        self.places: defaultdict[int, list[int]] = defaultdict(list)
        self.found: list[dict[str, Any]] = []
        self.displays: Displays | None = None
        self.panes = Panes()
        self.found_beside: dict[str, Any] = {}
        self._of_message: list[tuple[int, int]] = []
        self._here = -1
        self._unlisted = 0

    def _seconds(self, time_ns: int) -> float:
        if self.start_ns < 0:
            self.start_ns = time_ns
        return max(time_ns - self.start_ns, 0) / 1_000_000_000

    def _row(self, conversation: Conversation, at: At, kind: Kind, body: bytes, summary: str) -> None:
        """A row that is no message."""
        self._here = -1 if self.rows.full else len(self.rows)
        flags = _SENDERS[at.sender] | (HAS_BYTES if not self.rows.full and self.blocks.add(len(self.rows), bytes(body)) else 0)
        number = self.rows.kind(kind)
        place = conversation.connection.number
        self.rows.add(self._seconds(at.time_ns), 0, at.frame, 0, len(body), number, place, flags, summary)

    # -- what the capture holds

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""
        opened = self._seconds(conversation.connection.time_ns)
        if self.selection is not None:
            self.selection.begin(conversation.connection.time_ns)
        self.places[conversation.connection.number].append(len(self.connections))
        self.connections.append(connections.as_dict(conversation) | {"opened": opened})
        if self.displays is not None:
            self.displays.connection(conversation)
        if self.judge is not None:
            self.judge.connection(conversation)

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""
        if self.selection is not None and not self.selection.link(conversation, item, at):
            self._here = -1
        else:
            self._link(conversation, item, at)
        if self.judge is not None:
            self.judge.link(conversation, item, at)
            self.broken.heard(self._here, conversation.connection.number)

    def _link(self, conversation: Conversation, item: Any, at: At) -> None:
        words = link_stage.text(conversation, item).split(None, 2 if not isinstance(item, Step) else 3)
        if isinstance(item, Step):
            kind: Kind = ("link", item.kind, (f"link.{type(item.value).__name__}",))
            self._row(conversation, at, kind, link_stage.body(item.value), words[-1] if len(words) > 3 else "")
        else:
            self._row(conversation, at, ("link", words[0], ()), b"", " ".join(words[1:]))

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        decoder, keep, of_message = self.decoder, self.blocks.add, self._of_message
        every = self.rows
        add, count, seconds = every.add, every.__len__, self._seconds
        rows = dispatch.rows(conversation.table, sender)
        place, side = conversation.connection.number, _SENDERS[sender]
        tails: list[int] = []
        tail = tails.append
        doubts = images.doubts(conversation.table, rows, self.tally) | self.media.looks(conversation, sender)
        forms: dict[int, tuple[int, Callable[..., str]]] = {}

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            decoder.number += 1
            body = bytes(body)
            row = rows.get(number)
            if number not in forms:
                forms[number] = self._form(conversation, number, row)
            kind, summary = forms[number]
            failure: RemoteError | None = None
            try:
                text = summary(body if len(body) < _LARGE else memoryview(body), tail)
            except RemoteError as error:
                failure, text = error, "(malformed)"
            here, flags = count(), side
            self._here = -1
            if not every.full:
                self._here = here
                of_message.append((decoder.number, here))
                if keep(here, body):
                    flags |= HAS_BYTES
            add(seconds(time_ns), decoder.number, frames[-1], serial, len(body), kind, place, flags, text)
            if row is None:
                self.unknown(conversation, At(sender, time_ns, frames[-1]), number, len(body))
            elif failure is not None:
                self.malformed(conversation, At(sender, time_ns, frames[-1]), row.name, len(body), failure)
            else:
                doubt = doubts.get(number)
                if doubt is not None and doubt(body):
                    self._look(conversation, At(sender, time_ns, frames[-1]), row.name, body, tails)
                if tails:
                    self.trailing(conversation, At(sender, time_ns, frames[-1]), row.name, len(body), tails)

        beside = self._drawn(conversation, sender, self.beside(conversation, sender, emit))
        beside = self.panes.lane(conversation, sender, beside, lambda: self._here, lambda: self.start_ns)
        if self.judge is None:
            return beside
        also, heard = self.judge.lane(conversation, sender), self.broken.heard

        def judged(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            beside(number, body, serial, time_ns, frames)
            also(number, body, serial, time_ns, frames)
            heard(self._here, place)

        return judged

    def skip(self) -> None:
        """A message that is not wanted has no row."""
        super().skip()
        self._here = -1

    def _drawn(self, conversation: Conversation, sender: str, emit: Emit) -> Emit:
        """A lane that is drawn as well, where somebody draws: behind its row."""
        if self.displays is None:
            return emit
        draw = self.displays.lane(conversation, sender)

        def drawn(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            emit(number, body, serial, time_ns, frames)
            draw(number, body, serial, time_ns, frames)

        return drawn

    def _form(self, conversation: Conversation, number: int, row: dispatch.Row | None) -> tuple[int, Callable[..., str]]:
        if row is None:
            return self.rows.kind(("message", f"UNKNOWN_{number}", ())), lambda body, tail: ""
        return self.rows.kind(("message", row.name, (f"{row.module}.{row.class_name}",))), row.summary

    def _look(self, conversation: Conversation, at: At, name: str, body: bytes, tails: list[int]) -> None:
        from spiceproto.report.streams import look

        self.pictured(conversation, at, name, body, look(name, body), tails)

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """A whole agent message, put together from its pieces; it stands before the AGENT_DATA that completed it."""
        if self.selection is not None and not self.selection.agent(conversation, at, table, type, body):
            self._here = -1
        else:
            self._agent(conversation, at, table, type, body)
        if self.judge is not None:
            self.judge.agent(conversation, at, table, type, body)
            self.broken.heard(self._here, conversation.connection.number)

    def _agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        row = dispatch.row(table, at.sender, type)
        failure: RemoteError | None = None
        kind: Kind = ("agent", f"UNKNOWN_{type}", ())
        text = ""
        if row is not None:
            kind = ("agent", row.name, (f"{row.module}.{row.class_name}",))
            try:
                text = row.summary(body)
            except RemoteError as error:
                failure, text = error, "(malformed)"
        self._row(conversation, at, kind, body, text)
        if row is not None and failure is None:
            self.panes.agent(conversation, Spot(self._here, self._seconds(at.time_ns), at.sender), row, body)
        if row is None:
            self.unknown_agent(conversation, at, type, len(body))
        elif failure is not None:
            self.malformed_agent(conversation, at, row.name, failure)

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """A whole packet of what a byte channel carries, behind the message that ended it."""
        if self.selection is None or self.selection.carried(conversation, at, item):
            self._carried(conversation, at, item)
        if self.judge is not None:
            self.judge.carried(conversation, at, item)

    def _carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        bodies, structures = [], []
        for value in carried.values(item):
            module, name = type(value).__module__.rpartition(".")[2], type(value).__name__
            bodies.append(getattr(import_module(f"spiceproto.generated.build_{module}"), f"build_{name}")(value))
            structures.append(f"{module}.{name}")
        kind = (carried.protocol(item), item.name, tuple(structures))
        self._row(conversation, at, kind, b"".join(bodies), carried.text(item))

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """The state of a channel; it stands before the MIGRATE_DATA that holds it."""
        if self.selection is None or self.selection.state(conversation, at, state):
            row = state.row
            kind: Kind = ("state", states.name(state), (f"{row.module}.{row.class_name}",) if row is not None else ())
            self._row(conversation, at, kind, state.body, states.text(state))
        if self.judge is not None:
            self.judge.state(conversation, at, state)

    # -- what is wrong

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be."""
        super().problem(problem)
        if self.selection is not None:
            self.selection.begin(problem.at.time_ns)
        if len(self.found) < _PROBLEMS:
            conversation = problem.conversation
            self.found.append(
                {
                    "row": self._here if conversation is not None else -1,
                    "message": problem.number,
                    "connection": conversation.connection.number if conversation is not None else 0,
                    "severity": problem.severity,
                    "code": problem.code,
                    "text": problem.text,
                    "where": problem.where,
                    "expected": problem.expected,
                    "actual": problem.actual,
                    "frame": problem.at.frame,
                }
            )
        else:
            self._unlisted += 1
        if self.displays is not None:
            self.displays.problem(problem)
        self.panes.problem(problem)
        if self.judge is not None:
            self.judge.problem(problem)
            self.broken.heard(self._here, conversation_number(problem))

    def listed(self, conversation: Conversation, at: At, spans: Spans) -> None:
        """A list of messages inside the next one."""
        super().listed(conversation, at, spans)
        if self.judge is not None:
            self.judge.listed(conversation, at, spans)

    def unlisted(self, conversation: Conversation, at: At, type: int, size: int, error: RemoteError) -> None:
        """Messages inside one cannot be found."""
        if self.judge is not None:
            self.judge.unlisted(conversation, at, type, size, error)
            self.broken.heard(self._here, conversation.connection.number)

    def unfinished(self, conversation: Conversation, at: At, type: int, size: int, have: int) -> None:
        """A message is not whole and will not be."""
        if self.judge is not None:
            self.judge.unfinished(conversation, at, type, size, have)
            self.broken.heard(self._here, conversation.connection.number)

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended, or the capture did."""
        super().closed(conversation, at)
        number = conversation.connection.number
        for place in self.places[number]:
            self.connections[place]["closed"] = self._seconds(at.time_ns)
            self.connections[place]["ended"] = connections.end_text(conversation, self.clock)
        if self.judge is not None:
            self.judge.closed(conversation, at)
            self.broken.heard(self._here, number)

    def place(self) -> None:
        """Problems of messages get the rows of these."""
        numbers = dict(self._of_message)
        for item in self.found:
            item["row"] = numbers.get(item["message"], item["row"])

    def end(self) -> list[str]:
        """After everything was read: what is to be said of the whole, a line each."""
        self.blocks.close()
        self.place()
        decoder = self.decoder
        said = [item.text(self.clock) for item in decoder.moved]
        said += [str(item) for item in (*decoder.takeovers, *decoder.unlinked)]
        said += [f"incomplete: {words}" for words in incomplete.lines(self.unseen)]
        if self.selection is not None:
            said.append(str(self.selection))
        else:
            said += self.tally.lines()
            said += [str(item) for item in (*self.media, *self.times)]
        if self.displays is not None:
            said += self.displays.end()
        self.found_beside = self.panes.as_values()
        said += self.panes.said
        if self._unlisted:
            said.append(f"{self._unlisted} problems more are not in this page")
        if self.broken.left:
            said.append(f"{self.broken.left} findings more are not in this page")
        if self.rows.left:
            said.append(f"{self.rows.left} rows more are not in this page")
        if self.blocks.left:
            said.append(f"the bytes of {self.blocks.left} rows are not in this page: there is room for {MOST >> 20} MiB")
        return said


def conversation_number(problem: Diagnostic) -> int:
    """Of the connection that a problem is about, 0 where it is about the file."""
    return problem.conversation.connection.number if problem.conversation is not None else 0
