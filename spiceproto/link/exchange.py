"""The bytes of header, link message and link reply; and waiting for so many bytes before acting on them."""

from __future__ import annotations

from collections.abc import Callable

from spiceproto.capabilities import Capabilities
from spiceproto.enums.link import LinkErr
from spiceproto.errors import LocalError
from spiceproto.link.events import Event, Refused
from spiceproto.link.structures import build_header, build_message, build_reply
from spiceproto.messages.link import LinkHeader, LinkMess, LinkReply

__all__ = [
    "HEADER_SIZE",
    "MAGIC",
    "MAJOR",
    "MESSAGE_SIZE",
    "MINOR",
    "REPLY_SIZE",
    "RESULT_SIZE",
    "Endpoint",
    "Inbox",
    "link_message",
    "link_reply",
    "refusal",
]

MAGIC = 0x51444552
MAJOR = 2
MINOR = 2
HEADER_SIZE = 16
MESSAGE_SIZE = 18
REPLY_SIZE = 178
RESULT_SIZE = 4
_KEY_SIZE = 162


def _with_header(body: bytes) -> bytes:
    return build_header(LinkHeader(MAGIC, MAJOR, MINOR, len(body))) + body


def link_message(channel_type: int, channel_id: int, connection_id: int, capabilities: Capabilities) -> bytes:
    """What a client sends first. Raises LocalError for numbers that do not fit."""
    common, channel, words = capabilities.pack()
    return _with_header(build_message(LinkMess(connection_id, channel_type, channel_id, common, channel, MESSAGE_SIZE, words)))


def link_reply(public_key: bytes, capabilities: Capabilities) -> bytes:
    """What a server answers that has the channel; ``public_key`` is empty if no ticket is wanted."""
    common, channel, words = capabilities.pack()
    key = public_key or bytes(_KEY_SIZE)
    return _with_header(build_reply(LinkReply(LinkErr.OK, key, common, channel, REPLY_SIZE, words)))


def refusal(error: LinkErr) -> bytes:
    """What a server answers instead of a link reply: the same structure, with nothing but the error in it."""
    return _with_header(build_reply(LinkReply(error, bytes(_KEY_SIZE), 0, 0, 0, b"")))


class Inbox:
    """Bytes of one direction that are not consumed yet. ``offset`` is that of the first of them in the stream."""

    __slots__ = ("_data", "offset")

    def __init__(self) -> None:
        self._data = bytearray()
        self.offset = 0

    def __len__(self) -> int:
        return len(self._data)

    def add(self, data: bytes) -> None:
        """More bytes."""
        self._data += data

    def peek(self, size: int) -> bytes:
        """The first ``size`` bytes or fewer, which stay."""
        return bytes(self._data[:size])

    def give_back(self, data: bytes) -> None:
        """Bytes that were taken last, and turned out to be somebody else's."""
        self._data[:0] = data
        self.offset -= len(data)

    def take(self, size: int) -> bytes:
        """The first ``size`` bytes, which must be there."""
        found = bytes(self._data[:size])
        del self._data[:size]
        self.offset += size
        return found


class Endpoint:
    """What client and server have in common: so many bytes are expected, then a method acts on them.

    ``finished``  the stage is over, well or not
    ``closing``   it is over and the connection is to be closed, once ``bytes_to_send`` are sent
    """

    __slots__ = ("_events", "_inbox", "_out", "_sent", "_stage", "_then", "_want", "closing", "finished")

    def __init__(self) -> None:
        self._inbox = Inbox()
        self._out: list[bytes] = []
        self._sent = 0
        self._events: list[Event] = []
        self._stage = "header"
        self._want = 0
        self._then: Callable[[bytes], None] | None = None
        self.finished = False
        self.closing = False

    def bytes_to_send(self) -> bytes:
        """What is to be sent to the peer now; each byte is given once."""
        data = b"".join(self._out)
        self._out.clear()
        self._sent += len(data)
        return data

    def closed(self) -> list[Event]:
        """The peer closed the connection."""
        if not self.finished:
            self._refuse(None, "the peer closed the connection")
        return self._take_events()

    def _receive(self, data: bytes) -> list[Event]:
        if self.finished:
            if self.closing:
                return []
            raise LocalError("the link stage is over; these bytes are messages", actual=f"{len(data)} bytes")
        self._inbox.add(data)
        self._run()
        return self._take_events()

    def _run(self) -> None:
        while not self.finished and self._then is not None and len(self._inbox) >= self._want:
            try:
                self._then(self._inbox.take(self._want))
            except Exception:
                self.finished = self.closing = True
                raise

    def _take_events(self) -> list[Event]:
        events = self._events
        self._events = []
        return events

    def _expect(self, stage: str, size: int, then: Callable[[bytes], None] | None) -> None:
        self._stage = stage
        self._want = size
        self._then = then

    def _send(self, data: bytes) -> None:
        self._out.append(data)

    @property
    def _sent_offset(self) -> int:
        """How many bytes were sent, or are about to be."""
        return self._sent + sum(map(len, self._out))

    def _refuse(self, error: LinkErr | int | None, text: str) -> None:
        self._events.append(Refused(error, self._stage, text))
        self.finished = self.closing = True
