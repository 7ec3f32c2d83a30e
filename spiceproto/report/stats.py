"""What a capture holds in numbers: messages, images, caches, video, sound, round trips, acknowledgements, tokens, bit rates.

Every message is looked at as ``decode`` does, so that both say the same of what is wrong; of one whose size is right and fixed,
nothing more is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TextIO

from spiceproto import dispatch
from spiceproto.capture.consumer import Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.errors import RemoteError
from spiceproto.image_places import PICTURES
from spiceproto.report import images
from spiceproto.report.base import Report
from spiceproto.report.exchanges import EXCHANGED, Exchange
from spiceproto.report.lives import UNSURE
from spiceproto.report.paces import PACED, Paces
from spiceproto.report.rates import Rates
from spiceproto.report.shapes import SHAPED, Shapes

if TYPE_CHECKING:
    from spiceproto.channel_state import State
    from spiceproto.report.dictionary import Dictionary

__all__ = ["Counted", "Stats"]

Counted = tuple[str, str, str]
"""Channel as lines of reports call it, sender, and name; inner protocols have their name behind the channel."""

_CODES: Final = 1 << 8
_FOLD: Final = 2048
"""Images without their like that are added up at a time."""

_LARGE: Final = 4096


class Stats(Report):
    """The consumer behind ``spiceproto stats``.

    * ``counts``: messages, and their bytes without headers
    * ``codes``: problems by code and severity
    * ``conversations``: in the order in which their channel was known
    * ``dictionary``: of GLZ images, None if their tokens are not read
    * ``rates``, ``paces``, ``shapes``: over time, of video streams, of pointers
    """

    def __init__(self, out: TextIO, *, dictionary: Dictionary | None = None) -> None:
        super().__init__(out)
        self.dictionary = dictionary
        self.counts: dict[Counted, list[int]] = {}
        self.codes: Counter[tuple[str, str]] = Counter()
        self.conversations: list[Conversation] = []
        self.rates = Rates()
        self.paces = Paces()
        self.shapes = Shapes()
        self.exchanges: dict[Conversation, Exchange] = {}
        self._settle: list[Callable[[], None]] = []

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""
        self.clock(conversation.connection.time_ns)
        self.conversations.append(conversation)

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """Link stages are not counted."""

    def beside(self, conversation: Conversation, sender: str, emit: Emit) -> Emit:
        """Sums are of what is wanted; what is judged is all."""
        emit = self.media.beside(conversation, sender, self.times.beside(conversation, sender, emit))
        if self.selection is not None:
            emit = self.selection.lane(conversation, sender, emit, self.skip)
        return self.lives.beside(conversation, sender, emit)

    def _counter(self, *counted: str) -> list[int]:
        place, sender, name = counted
        return self.counts.setdefault((place, sender, name), [0, 0])

    def _looks(self, conversation: Conversation, sender: str) -> dict[int, Callable[[str, Any, int], None]]:
        """Number to who wants the value of a message; name, value, time."""
        rows = dispatch.rows(conversation.table, sender)
        found: dict[int, Callable[[str, Any, int], None]] = {}
        if conversation.copy_of is not None:
            return found
        exchange = self.exchanges.get(conversation)
        number, place = conversation.connection.number, conversation.place
        if exchange is None:
            exchange = self.exchanges[conversation] = Exchange(number, place)
        hear = exchange.message
        for row in rows.values():
            if row.name in EXCHANGED and (row.name != "INIT" or conversation.table == "main"):
                found[row.number] = lambda name, value, time_ns: hear(sender, name, value, time_ns)
            elif (
                self.dictionary is not None and conversation.table == "display" and sender == "server" and row.name in PICTURES
            ):
                found[row.number] = partial(_into, self.dictionary)
            elif conversation.table == "display" and row.name in PACED:
                found[row.number] = lambda name, value, time_ns: self.paces.message(number, place, name, value, time_ns)
            elif conversation.table == "cursor" and row.name in SHAPED:
                found[row.number] = lambda name, value, time_ns: self.shapes.message(value)
        return found

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """Counts, and reads what has to be read."""
        decoder, rates = self.decoder, self.rates
        rows = dispatch.rows(conversation.table, sender)
        doubts = images.doubts(conversation.table, rows, self.tally) | self.media.looks(conversation, sender)
        looks = self._looks(conversation, sender)
        exchange = self.exchanges.get(conversation)
        acknowledged = exchange.acknowledged if exchange is not None and sender == "server" else None
        counters: dict[int, list[int]] = {}
        sizes: dict[int, int] = {}
        tails: list[int] = []
        tail, heads = tails.append, self.tally.heads
        self.clock(conversation.connection.time_ns)
        begin, end, gathered = 0, -1, 0

        def settle() -> None:
            nonlocal gathered
            if gathered:
                rates.add(sender, begin, gathered)
                gathered = 0

        self._settle.append(settle)

        def slow(number: int, body: bytes, time_ns: int, frames: tuple[int, ...]) -> None:
            """A message that has to be read."""
            at, size, row = At(sender, time_ns, frames[-1]), len(body), rows.get(number)
            if row is None:
                self.unknown(conversation, at, number, size)
                return
            try:
                value = row.parse(body if size < _LARGE else memoryview(body), tail)
            except RemoteError as error:
                self.malformed(conversation, at, row.name, size, error)
                return
            doubt, look = doubts.get(number), looks.get(number)
            if doubt is not None and doubt(body):
                from spiceproto.report.streams import look as look_at

                self.pictured(conversation, at, row.name, body, look_at(row.name, body), tails)
            if look is not None:
                look(row.name, value, time_ns)
            if tails:
                self.trailing(conversation, at, row.name, size, tails)
            if len(heads) > _FOLD:
                self.tally.fold()

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            nonlocal begin, end, gathered
            decoder.number += 1
            size = len(body)
            try:
                counter = counters[number]
            except KeyError:
                row = rows.get(number)
                name = row.name if row is not None else f"UNKNOWN_{number}"
                counter = counters[number] = self._counter(conversation.place, sender, name)
                if row is not None and number not in doubts and number not in looks:
                    sizes[number] = (getattr(row.summary, "fixed", None) or (-1,))[0]
            counter[0] += 1
            counter[1] += size
            if not begin <= time_ns < end:
                settle()
                begin, end = rates.bounds(time_ns)
            gathered += size
            if acknowledged is not None and acknowledged.windows:
                acknowledged.messages += 1
            if sizes.get(number) != size:
                slow(number, body, time_ns, frames)

        return self.beside(conversation, sender, emit)

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """A whole agent message."""
        row = dispatch.row(table, at.sender, type)
        name = row.name if row is not None else f"UNKNOWN_{type}"
        self._count(conversation, at, "agent", name, len(body))
        if row is None:
            self.unknown_agent(conversation, at, type, len(body))
            return
        try:
            row.parse(body)
        except RemoteError as error:
            self.malformed_agent(conversation, at, name, error)

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """A whole packet of what a byte channel carries."""
        from spiceproto.report import carried

        self._count(conversation, at, carried.protocol(item), item.name, item.size)

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """The state of a channel."""
        self._count(conversation, at, "state", state.name, len(state.body))

    def _count(self, conversation: Conversation, at: At, protocol: str, name: str, size: int) -> None:
        counter = self._counter(f"{conversation.place} {protocol}", at.sender, name)
        counter[0] += 1
        counter[1] += size

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be."""
        super().problem(problem)
        key = problem.severity, problem.code
        if key in self.codes or len(self.codes) < _CODES:
            self.codes[key] += 1
        exchange = self.exchanges.get(problem.conversation) if problem.conversation is not None else None
        if exchange is not None and problem.code in UNSURE:
            exchange.forget()

    def end(self, failure: Exception | None) -> None:
        """What waits is added up; ``failure`` is told by who runs this."""
        for settle in self._settle:
            settle()
        self.tally.fold()


def _into(dictionary: Dictionary, name: str, value: Any, time_ns: int) -> None:
    dictionary.message(value)
