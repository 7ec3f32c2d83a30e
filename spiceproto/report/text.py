"""One line a message, like a packet list.

    number time connection channel sender name size summary

Times are seconds since the first thing seen, unless another way is asked for. Lines are made with one ``%`` and written in
blocks. Messages of one type and fixed size that follow each other, with nothing else in between, are a *run*: their bodies
are gathered, unpacked as columns, and printed with one ``%`` for all. The place of a run among the lines is taken when it
begins, so nobody else needs to know about it; it ends when somebody else has put a line behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat
from typing import TYPE_CHECKING, Any, TextIO

from spiceproto import dispatch
from spiceproto.capture import incomplete
from spiceproto.capture.consumer import Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decoding import Decoding
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.errors import RemoteError
from spiceproto.report import connections, images, link_stage
from spiceproto.report.base import BLOCK, Report
from spiceproto.report.clock import WIDTHS

if TYPE_CHECKING:
    from spiceproto.channel_state import State

__all__ = ["TextReport"]

_LARGE = 4096

_WRAP = 1 << 28
"""Bytes of a file, which may be compressed, above which sequence numbers may have gone round more than once."""

_RUN = 256
"""Most messages of a run."""

_Columns = Callable[[bytes], tuple[Any, ...]]
_Form = tuple[str, Callable[..., tuple[Any, ...]], int, _Columns]
"""``%`` template of the lines of one message, and what gives the values behind number and time; the size that bodies must
have to be a run, or -1, and what gives the columns of one."""


class TextReport(Report):
    """The consumer behind ``spiceproto decode``.

    * ``settle``: puts the last run that began into its place; no other can be open
    * ``held``: lines of runs among those that wait
    * ``frames``: whether there is a column with numbers of frames
    """

    def __init__(self, out: TextIO, *, time: str = "relative", frames: bool = False) -> None:
        super().__init__(out, time=time)
        self.frames = frames
        self.settle: Callable[[], None] = _nothing
        self.held = 0

    def flush(self) -> None:
        """Write what has gathered."""
        self.settle()
        self.held = 0
        super().flush()

    def skip(self) -> None:
        """Runs have no message left out."""
        self.settle()
        super().skip()

    def begin(self, decoder: Decoding, path: str) -> None:
        super().begin(decoder, path)
        frame = "   Frame" * self.frames
        time = f"{'Time':>{WIDTHS[self.time]}}"
        self.lines.append(f"   No.{frame} {time} Conn Channel      From   Message                          Size  Summary")

    def stamp(self, at: At) -> str:
        """The columns of frame, if there is one, and time."""
        time = f"{self.clock(at.time_ns) if at.time_ns else '':>{WIDTHS[self.time]}}"
        return f"{at.frame or '':>7} {time}" if self.frames else time

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""
        connection = conversation.connection
        self.clock(connection.time_ns)
        if self.concerns(conversation):
            self.lines.append(f"-- connection {connection.number}: {connections.text(conversation)}")

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""
        number = conversation.connection.number
        self.lines.append(f"{'':6} {self.stamp(at)} {number:4} {'link':12} {link_stage.text(conversation, item)}")

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The hot path of summary reports: one ``%`` a message, or a run of them."""
        decoder = self.decoder
        lines = self.lines
        append = lines.append
        rows = dispatch.rows(conversation.table, sender)
        place = conversation.place
        start_of_line = f"%6d %s%06d {conversation.connection.number:4d} {place:12} {sender:6} "
        forms: dict[int, _Form] = {}
        tails: list[int] = []
        tail = tails.append
        doubts = images.doubts(conversation.table, rows, self.tally) | self.media.looks(conversation, sender)
        doubt_of = doubts.get
        self.clock(conversation.connection.time_ns)

        # What is printed of the time before the fraction, good for one second from `second` on, in ns.
        clock, second = "", -(1 << 62)

        def tick(time_ns: int) -> None:
            nonlocal clock, second
            clock, second = self.second(time_ns)

        def line(name: str, size: int, text: str, time_ns: int) -> str:
            tick(time_ns)
            micro = (time_ns - second) // 1000
            return f"{start_of_line}%-28s %8d  %s" % (decoder.number, clock, micro, name, size, text)

        # What the last message was, and how many lines there were behind it; then the run: number of its last message, if
        # it becomes as long as it can (-1: there is none), bodies, and times since `second`.
        running, size, mark, last = -1, -1, 0, -1
        columns: _Columns = _no_columns
        bodies: list[bytes] = []
        times: list[int] = []
        gather, gather_time = bodies.append, times.append

        def settle() -> None:
            nonlocal mark, last
            if not bodies:
                return
            count = len(bodies)
            first = last - _RUN + 1
            micro = [elapsed // 1000 for elapsed in times]
            shown = (range(first, first + count), repeat(clock, count), micro, *columns(b"".join(bodies)))
            values: list[Any] = [None] * (count * len(shown))
            for place, column in enumerate(shown):
                values[place :: len(shown)] = column
            lines[mark - 1] = "\n".join((forms[running][0],) * count) % tuple(values)
            mark = last = -1
            bodies.clear()
            times.clear()
            self.held += count

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            nonlocal running, size, mark, columns, last
            decoder.number = count = decoder.number + 1
            elapsed = time_ns - second
            if number == running and len(lines) == mark and len(body) == size and 0 <= elapsed < 1_000_000_000:
                gather_time(elapsed)
                if count < last:
                    gather(body)
                    return
                if last < 0:
                    self.settle()
                    self.settle = settle
                    last = count + _RUN - 1
                    append("")
                    mark += 1
                gather(body)
                if count == last:
                    settle()
                    if self.held > BLOCK:
                        self.flush()
                return
            settle()
            if not 0 <= elapsed < 1_000_000_000:
                tick(time_ns)
                elapsed = time_ns - second
            try:
                form, values, size, columns = forms[number]
                append(form % ((count, clock, elapsed // 1000) + values(body, tail)))  # noqa: RUF005
            except KeyError:
                row = rows.get(number)
                if row is None:
                    append(line(f"UNKNOWN_{number}", len(body), "", time_ns))
                    self.unknown(conversation, At(sender, time_ns, frames[-1]), number, len(body))
                    return
                forms[number] = _form(start_of_line, row)
                decoder.number -= 1
                emit(number, body, serial, time_ns, frames)
                return
            except RemoteError as error:
                append(line(rows[number].name, len(body), "(malformed)", time_ns))
                self.malformed(conversation, At(sender, time_ns, frames[-1]), rows[number].name, len(body), error)
                return
            doubt = doubt_of(number)
            if doubt is not None and doubt(body):
                from spiceproto.report.streams import look

                seen = look(rows[number].name, body)
                self.pictured(conversation, At(sender, time_ns, frames[-1]), rows[number].name, body, seen, tails)
            if tails:
                lines[-1] = line(rows[number].name, len(body), rows[number].summary(body), time_ns)
                self.trailing(conversation, At(sender, time_ns, frames[-1]), rows[number].name, len(body), tails)
            running = number
            mark = len(lines)
            if mark + self.held > BLOCK:
                self.flush()

        return self.beside(conversation, sender, emit)

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """A whole agent message."""
        place = f"{conversation.connection.number:4} {'agent':12} {at.sender:6}"

        def put(name: str, text: str) -> None:
            self.lines.append(f"{'':6} {self.stamp(at)} {place} {name:28} {len(body):8}  {text}")

        self.put_agent(conversation, at, table, type, body, put)

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """A whole packet of what a byte channel carries."""
        from spiceproto.report import carried

        self.lines.append(
            f"{'':6} {self.stamp(at)} {conversation.connection.number:4} {carried.protocol(item):12} {at.sender:6} "
            f"{item.name:28} {item.size:8}  {carried.text(item)}"
        )

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """The state of a channel; it stands before the MIGRATE_DATA that holds it."""
        from spiceproto.report import states

        number = conversation.connection.number
        self.lines.append(
            f"{'':6} {self.stamp(at)} {number:4} {'state':12} {at.sender:6} {states.name(state):28} {len(state.body):8}  "
            f"{states.text(state)}"
        )

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be."""
        super().problem(problem)
        where = [f"message {problem.number}"] if problem.number else []
        where += [part for part in (problem.where, f"frame {problem.at.frame}" if problem.at.frame else "") if part]
        text = problem.text
        if problem.expected:
            text += f"; expected {problem.expected}"
        if problem.actual:
            text += f"; found {problem.actual}"
        if where:
            text += f" ({', '.join(where)})"
        number = problem.conversation.connection.number if problem.conversation is not None else ""
        self.lines.append(
            f"{'!!':6} {self.stamp(problem.at)} {number:4} "
            f"{problem.severity:12} {problem.at.sender:6} {problem.code:28}           {text}"
        )

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended, or the capture did."""
        super().closed(conversation, at)
        if self.concerns(conversation) and (said := connections.end_text(conversation, self.clock)):
            self.lines.append(f"-- connection {conversation.connection.number} ended: {said}")

    def end(self, failure: Exception | None) -> None:
        """After everything was read, or as much as could be."""
        decoder = self.decoder
        counts = [
            f"{self.problems[kind]} {kind}{'s'[: self.problems[kind] != 1]}"
            for kind in ("error", "warning", "note")
            if self.problems[kind]
        ]
        least = "at least " if decoder.capture.totals.file_bytes > _WRAP else ""
        self.lines += [f"-- {item.text(self.clock)}" for item in decoder.moved]
        self.lines += [f"-- {item}" for item in (*decoder.takeovers, *decoder.unlinked)]
        self.lines += [f"-- incomplete: {said}" for said in incomplete.lines(self.unseen)]
        if self.selection is None:
            self.lines += [f"-- {said}" for said in (*self.tally.lines(), *self.media, *self.times)]
        else:
            self.lines.append(f"-- {self.selection}; what the others say was not read")
        joined, sessions = decoder.connections, len(decoder.sessions)
        self.lines.append(
            f"-- {decoder.number} message{'s'[: decoder.number != 1]}, {joined} connection{'s'[: joined != 1]}, "
            f"{sessions} session{'s'[: sessions != 1]}, "
            f"{', '.join(counts) or _NO_PROBLEMS}, {decoder.undecoded} bytes undecoded; "
            f"client sent {least}{self.sent['client']} bytes, server {least}{self.sent['server']}, "
            f"in {self.duration_ns // 1_000_000 / 1000:.3f} s and {decoder.capture.totals.frames} frames"
        )
        self.flush()


_NO_PROBLEMS = "no problems in reading it (spiceconf lint says whether it may be sent)"


def _nothing() -> None:
    """No run has begun."""


def _no_columns(bodies: bytes) -> tuple[Any, ...]:
    return ()


def _form(start_of_line: str, row: dispatch.Row) -> _Form:
    summary = row.summary
    fixed = getattr(summary, "fixed", None)
    if fixed is not None:
        size, text, values, columns = fixed
        return f"{start_of_line}{row.name:28} {size:8d}  {text}", values, size, columns

    def general(body: bytes, tail: Callable[[int], object]) -> tuple[int, str]:
        # The value made on the way is thrown away: it may look at a large body instead of copying parts of it.
        return len(body), summary(body if len(body) < _LARGE else memoryview(body), tail)

    return f"{start_of_line}{row.name:28} %8d  %s", general, -1, _no_columns
