"""What every report shares: lines written in blocks, and what is said of a message that cannot be read whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TextIO

from spiceproto import dispatch
from spiceproto.capture import incomplete
from spiceproto.capture.consumer import Emit
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decoding import Decoding
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.dispatch import COMMON
from spiceproto.errors import RemoteError
from spiceproto.framing import Spans, stray
from spiceproto.report.clock import SECOND, WAYS
from spiceproto.report.lives import UNSURE, Lives
from spiceproto.report.media import Media
from spiceproto.report.tally import Tally
from spiceproto.report.times import Times

if TYPE_CHECKING:
    from spiceproto.filters import Selection
    from spiceproto.report.streams import Seen

__all__ = ["Report"]

BLOCK = 512
"""Lines that are written at a time: few enough that their bytes stay in the second-level cache."""

_HEADS = 2048
"""Images without their like that are added up at a time."""


class Report:
    """Counts problems, gathers lines. Sub-classes are consumers of a capture.

    * ``out``, ``lines``: where lines go, and those that wait
    * ``problems``: how many, by severity
    * ``time``: how times are printed, a key of :data:`~spiceproto.report.clock.WAYS`
    * ``start_ns``: time of the first thing seen, -1 before
    * ``unseen``: what is missing of the connections so far
    * ``sent``: bytes of each side on the connections that are over, as TCP counts them
    * ``first_ns``: time of the first packet of these, -1 before
    * ``tally``: what images there were
    * ``media``: what there was of video and sound
    * ``times``: how main and sound lie on the multimedia clock
    * ``lives``: which surfaces there are
    * ``selection``: which messages are wanted, None: all. Sums are not made of some
    * ``decoder``: who tells
    """

    def __init__(self, out: TextIO, *, time: str = "relative") -> None:
        self.out = out
        self.time = time
        self.lines: list[str] = []
        self.problems: Counter[str] = Counter()
        self.start_ns = -1
        self.unseen: list[incomplete.Unseen] = []
        self.sent: Counter[str] = Counter()
        self.first_ns = -1
        self.tally = Tally()
        self.media = Media()
        self.times = Times()
        self.lives = Lives(self._misused)
        self.selection: Selection | None = None
        self.decoder: Decoding
        self._nameless: set[Conversation] = set()
        self._listed: tuple[int, Spans] = (0, ())

    def begin(self, decoder: Decoding, path: str) -> None:
        """Before anything is read."""
        self.decoder = decoder

    def flush(self) -> None:
        """Write what has gathered."""
        if len(self.tally.heads) > _HEADS:
            self.tally.fold()
        if self.lines:
            self.lines.append("")
            self.out.write("\n".join(self.lines))
            self.lines.clear()

    def clock(self, time_ns: int) -> str:
        """A time, with six digits of its fraction; nothing is before the first thing seen."""
        if self.start_ns < 0:
            self.start_ns = time_ns
        before, second = self.second(max(time_ns, self.start_ns) if self.time == "relative" else time_ns)
        return f"{before.lstrip()}{max(time_ns - second, 0) // 1000:06d}"

    def second(self, time_ns: int) -> tuple[str, int]:
        """What is printed of a time before its fraction, and when that second began."""
        start = self.start_ns if self.time == "relative" else 0
        seconds = (time_ns - start) // SECOND
        return WAYS[self.time](seconds), start + seconds * SECOND

    def beside(self, conversation: Conversation, sender: str, emit: Emit) -> Emit:
        """A lane, of the messages that are wanted, with what is summed up beside it."""
        if self.selection is not None:
            emit = self.selection.lane(conversation, sender, emit, self.skip)
        else:
            emit = self.media.beside(conversation, sender, self.times.beside(conversation, sender, emit))
        return self.lives.beside(conversation, sender, emit)

    def concerns(self, conversation: Conversation) -> bool:
        """Whether a connection may have something that is wanted."""
        return self.selection is None or self.selection.concerns(conversation)

    def skip(self) -> None:
        """A message that is not wanted."""
        self.decoder.number += 1

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be."""
        self.problems[problem.severity] += 1
        if problem.code in UNSURE and problem.conversation is not None:
            self.lives.forget(problem.conversation)

    def _misused(self, conversation: Conversation, at: At, text: str, expected: str, actual: str) -> None:
        """A surface is not there, or is."""
        number = self.decoder.number
        found = Diagnostic.of("surface-life", conversation, at, what=text, number=number, expected=expected, actual=actual)
        self.problem(found)

    def listed(self, conversation: Conversation, at: At, spans: Spans) -> None:
        """Bytes of a list are not behind the message that holds it."""
        self._listed = self.decoder.number + 1, spans

    def unlisted(self, conversation: Conversation, at: At, type: int, size: int, error: RemoteError) -> None:
        """The problem says it."""

    def unfinished(self, conversation: Conversation, at: At, type: int, size: int, have: int) -> None:
        """The problem says it."""

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended, or the capture did."""
        connection = conversation.connection
        self.unseen += incomplete.unseen(connection)
        self.sent.update(connection.sent)
        self.first_ns = connection.time_ns if self.first_ns < 0 else min(self.first_ns, connection.time_ns)

    @property
    def duration_ns(self) -> int:
        """From the first packet of a connection that was told of to the last of the capture."""
        return max(self.decoder.capture.last_time_ns - self.first_ns, 0) if self.first_ns >= 0 else 0

    def unknown(self, conversation: Conversation, at: At, type: int, size: int) -> None:
        """A message whose number means nothing."""
        self.decoder.undecoded += size
        if conversation.table == COMMON:
            if conversation not in self._nameless:
                self._nameless.add(conversation)
                self.problem(Diagnostic.of("channel-unknown", conversation, at, number=self.decoder.number))
            return
        actual = f"type {type}, {size} bytes"
        self.problem(Diagnostic.of("unknown-message", conversation, at, number=self.decoder.number, actual=actual))

    def malformed(self, conversation: Conversation, at: At, name: str, size: int, error: RemoteError) -> None:
        """A message that breaks its schema."""
        self.decoder.undecoded += size
        self.problem(Diagnostic.malformed(name, error, conversation, at, number=self.decoder.number))

    def trailing(self, conversation: Conversation, at: At, name: str, size: int, tails: list[int]) -> None:
        """Bytes behind a message that its schema does not know; ``tails`` is emptied."""
        end = tails[0]
        tails.clear()
        number, spans = self._listed
        behind = stray(size, end, spans if number == self.decoder.number else ())
        if not behind:
            return
        self.decoder.trailing += behind
        self.problem(
            Diagnostic.of(
                "trailing-bytes",
                conversation,
                at,
                what=name,
                number=self.decoder.number,
                expected=f"{end} bytes",
                actual=f"{size} bytes",
            )
        )

    def pictured(
        self, conversation: Conversation, at: At, name: str, body: bytes, seen: Sequence[Seen], tails: list[int]
    ) -> None:
        """A message whose images have streams: what in them does not fit. Bytes behind an unknown type are its own."""
        number = self.decoder.number
        for item in seen:
            what = f"{name} {item.path}"
            for code, expected, actual in item.found.faults:
                if code == "unknown-image-type":
                    behind = len(body) - tails[0] if tails else 0
                    tails.clear()
                    self.decoder.undecoded += behind
                    actual += f", {behind} bytes behind it" if behind else ""
                    problem = Diagnostic.of("unknown-image-type", conversation, at, what=what, number=number, actual=actual)
                else:
                    problem = Diagnostic.of(
                        "image-header", conversation, at, what=what, number=number, expected=expected, actual=actual
                    )
                self.problem(problem)

    def put_agent(
        self, conversation: Conversation, at: At, table: str, type: int, body: bytes, put: Callable[[str, str], None]
    ) -> None:
        """A whole agent message: ``put`` gets its name and its fields. What cannot be read is told behind it."""
        row = dispatch.row(table, at.sender, type)
        failure: RemoteError | None = None
        name, text = f"UNKNOWN_{type}", ""
        if row is not None:
            name = row.name
            try:
                text = row.summary(body)
            except RemoteError as error:
                failure, text = error, "(malformed)"
        put(name, text)
        if row is None:
            self.unknown_agent(conversation, at, type, len(body))
        elif failure is not None:
            self.malformed_agent(conversation, at, name, failure)

    def unknown_agent(self, conversation: Conversation, at: At, type: int, size: int) -> None:
        """An agent message whose number means nothing."""
        self.problem(Diagnostic.of("unknown-agent-message", conversation, at, actual=f"type {type}, {size} bytes"))

    def malformed_agent(self, conversation: Conversation, at: At, name: str, error: RemoteError) -> None:
        """An agent message that breaks its schema."""
        self.problem(Diagnostic.malformed(f"agent {name}", error, conversation, at))
