"""A capture as a program reads it: one value after another, with its place on the wire.

    for seen in spiceproto.read("session.pcapng", DrawCopy, StreamCreate):
        ...  # seen.message is a DrawCopy or a StreamCreate, and mypy knows

A :class:`Reading` is a consumer that hands on what it is told as an iterator, one read of the file at a time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, overload

import msgspec

from spiceproto import dispatch
from spiceproto.capture.consumer import Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.capture.places import Named
from spiceproto.capture.source import Readable
from spiceproto.errors import RemoteError
from spiceproto.framing import Spans

if TYPE_CHECKING:
    from spiceproto.channel_state import State

__all__ = ["PROBLEMS", "Message", "Reading", "Seen", "read"]

Message = msgspec.Struct
"""What every value of :mod:`spiceproto.messages` is."""

PROBLEMS: Final = 10_000
"""Problems that are kept; ``problem_count`` counts on."""

M = TypeVar("M", bound=Message)
A = TypeVar("A", bound=Message)
B = TypeVar("B", bound=Message)
C = TypeVar("C", bound=Message)
D = TypeVar("D", bound=Message)


class Seen(msgspec.Struct, Generic[M], frozen=True, kw_only=True):
    """A message of a capture.

    * ``message``: the value, of one of the classes of :mod:`spiceproto.messages`
    * ``name``, ``type``: which message it is: ``DRAW_COPY``, 304; of a message of the guest agent its own name and type
    * ``sender``: "client" or "server"
    * ``conversation``: the connection it was sent on: addresses, channel, session, what both ends announced
    * ``number``: counts the messages, as ``spiceproto decode`` does; of the message of an agent, that of the AGENT_DATA that
      completed it
    * ``serial``: its number in its direction; 0 for messages of an agent
    * ``time_ns``: nanoseconds since the epoch
    * ``frames``: the packets that brought it, counted from 1
    * ``body``: its bytes
    * ``table``: where its number means something: the channel, or "agent", "agent_selection", ...
    """

    message: M
    name: str
    type: int
    sender: str
    conversation: Conversation
    number: int
    serial: int
    time_ns: int
    frames: tuple[int, ...]
    body: bytes
    table: str

    @property
    def channel(self) -> str:
        """ "main", "display", ..."""
        return self.conversation.channel

    @property
    def channel_id(self) -> int:
        """Which channel of that type."""
        return self.conversation.channel_id

    @property
    def connection(self) -> int:
        """The number that reports give the connection."""
        return self.conversation.connection.number


class Reading(Generic[M]):
    """The messages of a capture, in the order in which they were sent; read once.

    * ``problems``: what is not as it should be, as far as it was read, the first :data:`PROBLEMS`; ``problem_count`` is how
      many there were. A message that cannot be parsed is here and not among the messages
    * ``decoder``: what there was altogether: ``decoder.capture.totals``, ``decoder.connections``, ``decoder.undecoded``, ...

    It is its own consumer: methods that :class:`~spiceproto.capture.consumer.Consumer` names are called by the decoder.
    """

    def __init__(
        self,
        capture: str | os.PathLike[str] | Readable,
        wanted: frozenset[type[Message]],
        *,
        keylog: str | os.PathLike[str] | None = None,
        decode_as: Named | None = None,
    ) -> None:
        self.problems: list[Diagnostic] = []
        self.problem_count = 0
        self._wanted = wanted
        self._found: list[Seen[Any]] = []
        self.decoder = Decoder(capture, self, keylog=keylog, decode_as=decode_as)
        self._messages = self._read()

    def __iter__(self) -> Iterator[Seen[M]]:
        return self._messages

    def _read(self) -> Iterator[Seen[M]]:
        found = self._found
        try:
            for _ in self.decoder.steps():
                yield from found
                found.clear()
        except RemoteError:  # what came before the damage is good
            yield from found
            raise
        yield from found

    # -- the consumer

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        decoder, wanted, table = self.decoder, self._wanted, conversation.table
        rows = dispatch.rows(table, sender)
        tails: list[int] = []

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            decoder.number += 1
            row = rows.get(number)
            if row is None:
                decoder.undecoded += len(body)
                self._unknown("unknown-message", conversation, At(sender, time_ns, frames[-1]), number, len(body))
            elif not wanted or row.value_class in wanted:
                try:
                    message = row.parse(body, tails.append)
                except RemoteError as error:
                    decoder.undecoded += len(body)
                    self._malformed(row.name, error, conversation, At(sender, time_ns, frames[-1]))
                    return
                if tails:
                    self._trailing(row.name, conversation, At(sender, time_ns, frames[-1]), len(body), tails)
                self._found.append(
                    Seen(
                        message=message,
                        name=row.name,
                        type=number,
                        sender=sender,
                        conversation=conversation,
                        number=decoder.number,
                        serial=serial,
                        time_ns=time_ns,
                        frames=frames,
                        body=body,
                        table=table,
                    )
                )

        return emit

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """A whole agent message."""
        row = dispatch.row(table, at.sender, type)
        if row is None:
            self._unknown("unknown-agent-message", conversation, at, type, len(body))
        elif not self._wanted or row.value_class in self._wanted:
            try:
                message = row.parse(body)
            except RemoteError as error:
                self._malformed(f"agent {row.name}", error, conversation, at)
                return
            self._found.append(
                Seen(
                    message=message,
                    name=row.name,
                    type=type,
                    sender=at.sender,
                    conversation=conversation,
                    number=self.decoder.number + 1,
                    serial=0,
                    time_ns=at.time_ns,
                    frames=(at.frame,),
                    body=body,
                    table=table,
                )
            )

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """What byte channels carry is in their DATA."""

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """The state of a channel, which is in its MIGRATE_DATA as well: for who asks for it by its class."""
        row = state.row
        if row is not None and state.value is not None and row.value_class in self._wanted:
            self._found.append(
                Seen(
                    message=state.value,
                    name=row.name,
                    type=row.number,
                    sender=at.sender,
                    conversation=conversation,
                    number=self.decoder.number + 1,
                    serial=0,
                    time_ns=at.time_ns,
                    frames=(at.frame,),
                    body=state.body,
                    table="migration",
                )
            )

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be."""
        self.problem_count += 1
        if len(self.problems) < PROBLEMS:
            self.problems.append(problem)

    def listed(self, conversation: Conversation, at: At, spans: Spans) -> None:
        """Messages come by themselves, wherever they stand."""

    def unlisted(self, conversation: Conversation, at: At, type: int, size: int, error: RemoteError) -> None:
        """The problem says it."""

    def unfinished(self, conversation: Conversation, at: At, type: int, size: int, have: int) -> None:
        """The problem says it."""

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended."""

    def _unknown(self, code: str, conversation: Conversation, at: At, type: int, size: int) -> None:
        number = self.decoder.number
        self.problem(Diagnostic.of(code, conversation, at, number=number, actual=f"type {type}, {size} bytes"))

    def _malformed(self, name: str, error: RemoteError, conversation: Conversation, at: At) -> None:
        self.problem(Diagnostic.malformed(name, error, conversation, at, number=self.decoder.number))

    def _trailing(self, name: str, conversation: Conversation, at: At, size: int, tails: list[int]) -> None:
        end = tails[0]
        tails.clear()
        self.decoder.trailing += size - end
        expected, actual, number = f"{end} bytes", f"{size} bytes", self.decoder.number
        self.problem(
            Diagnostic.of("trailing-bytes", conversation, at, what=name, number=number, expected=expected, actual=actual)
        )


_Capture = str | os.PathLike[str] | Readable
_KeyLog = str | os.PathLike[str] | None
_DecodeAs = Named | None


@overload
def read(capture: _Capture, /, *, keylog: _KeyLog = None, decode_as: _DecodeAs = None) -> Reading[Message]: ...
@overload
def read(capture: _Capture, a: type[A], /, *, keylog: _KeyLog = None, decode_as: _DecodeAs = None) -> Reading[A]: ...
@overload
def read(
    capture: _Capture, a: type[A], b: type[B], /, *, keylog: _KeyLog = None, decode_as: _DecodeAs = None
) -> Reading[A | B]: ...
@overload
def read(
    capture: _Capture, a: type[A], b: type[B], c: type[C], /, *, keylog: _KeyLog = None, decode_as: _DecodeAs = None
) -> Reading[A | B | C]: ...
@overload
def read(
    capture: _Capture, a: type[A], b: type[B], c: type[C], d: type[D], /, *, keylog: _KeyLog = None, decode_as: _DecodeAs = None
) -> Reading[A | B | C | D]: ...
@overload
def read(
    capture: _Capture, /, *wanted: type[Message], keylog: _KeyLog = None, decode_as: _DecodeAs = None
) -> Reading[Message]: ...
def read(capture: _Capture, /, *wanted: type[Message], keylog: _KeyLog = None, decode_as: _DecodeAs = None) -> Reading[Any]:
    """The messages of a capture: a path, ``-`` for standard input, or an open binary file.

    * ``wanted``: classes of messages; only these are parsed and handed out. All if there are none
    * ``keylog``: file with TLS secrets (NSS format), besides those in the capture
    * ``decode_as``: as :class:`~spiceproto.capture.decode.Decoder` takes it

    The file is opened when the first message is asked for. Raises LocalError for one that cannot be read, and RemoteError for
    one that is no capture or is damaged, behind the messages before the damage.
    """
    return Reading(capture, frozenset(wanted), keylog=keylog, decode_as=decode_as)
