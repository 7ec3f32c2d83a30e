"""The bytes of header, link message and link reply; and waiting for so many bytes before acting on them."""

from __future__ import annotations

from collections.abc import Callable

from spiceproto.capabilities import Capabilities
from spiceproto.enums.link import LinkErr
from spiceproto.errors import LocalError
from spiceproto.link.events import Event, Refused
from spiceproto.link.inbox import Inbox
from spiceproto.link.structures import MAGIC, MAJOR, MINOR
from spiceproto.link.structures_built import build_header, build_message, build_reply
from spiceproto.messages.link import LinkHeader, LinkMess, LinkReply
from spiceproto.sizes import LINK_MESSAGE_SIZE, LINK_REPLY_SIZE, PUBLIC_KEY_SIZE

__all__ = [
    "Endpoint",
    "link_message",
    "link_reply",
    "refusal",
]


def _with_header(body: bytes) -> bytes:
    return build_header(LinkHeader(magic=MAGIC, major_version=MAJOR, minor_version=MINOR, size=len(body))) + body


def link_message(channel_type: int, channel_id: int, connection_id: int, capabilities: Capabilities) -> bytes:
    """What a client sends first. Raises LocalError for numbers that do not fit."""
    common, channel, words = capabilities.pack()
    return _with_header(
        build_message(
            LinkMess(
                connection_id=connection_id,
                channel_type=channel_type,
                channel_id=channel_id,
                num_common_caps=common,
                num_channel_caps=channel,
                caps_offset=LINK_MESSAGE_SIZE,
                caps=words,
            )
        )
    )


def link_reply(public_key: bytes, capabilities: Capabilities) -> bytes:
    """What a server answers that has the channel; ``public_key`` is empty if no ticket is wanted."""
    common, channel, words = capabilities.pack()
    key = public_key or bytes(PUBLIC_KEY_SIZE)
    return _with_header(
        build_reply(
            LinkReply(
                error=LinkErr.OK,
                pub_key=key,
                num_common_caps=common,
                num_channel_caps=channel,
                caps_offset=LINK_REPLY_SIZE,
                caps=words,
            )
        )
    )


def refusal(error: LinkErr) -> bytes:
    """What a server answers instead of a link reply: the same structure, with nothing but the error in it."""
    return _with_header(
        build_reply(
            LinkReply(
                error=error, pub_key=bytes(PUBLIC_KEY_SIZE), num_common_caps=0, num_channel_caps=0, caps_offset=0, caps=b""
            )
        )
    )


class Endpoint:
    """What client and server have in common: so many bytes are expected, then a method acts on them.

    ``finished``  the stage is over, well or not
    ``closing``   it is over and the connection is to be closed, once ``bytes_to_send`` are sent

    For peers that are to be tried: a peer that breaks a rule is a subclass. It overrides a step (``on_...``, and what the
    steps call) or :meth:`expect`, :meth:`send`, :meth:`refuse`, and may look at, and change:

    ``stage``   name of the step under way, as :class:`~spiceproto.link.events.Refused` has it
    ``wanted``  how many bytes it acts on
    ``inbox``   bytes of the other side that no step has acted on
    ``unsent``  what is about to be sent, in the pieces in which it was said
    """

    __slots__ = ("_events", "_sent", "_then", "closing", "finished", "inbox", "stage", "unsent", "wanted")

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.unsent: list[bytes] = []
        self.stage = "header"
        self.wanted = 0
        self.finished = False
        self.closing = False
        self._then: Callable[[bytes], None] | None = None
        self._sent = 0
        self._events: list[Event] = []

    def bytes_to_send(self) -> bytes:
        """What is to be sent to the peer now; each byte is given once."""
        data = b"".join(self.unsent)
        self.unsent.clear()
        self._sent += len(data)
        return data

    def closed(self) -> list[Event]:
        """The peer closed the connection."""
        if not self.finished:
            self.refuse(None, "the peer closed the connection")
        return self.take_events()

    # -- what the steps are made of

    def expect(self, stage: str, size: int, then: Callable[[bytes], None] | None) -> None:
        """Call ``then`` with the next ``size`` bytes of the peer; with None they are waited for in vain."""
        self.stage = stage
        self.wanted = size
        self._then = then

    def send(self, data: bytes) -> None:
        """One thing for the peer."""
        self.unsent.append(data)

    def refuse(self, error: LinkErr | int | None, text: str) -> None:
        """The stage is over, and led to nothing."""
        self._events.append(Refused(error, self.stage, text))
        self.finished = self.closing = True

    @property
    def sent_offset(self) -> int:
        """How many bytes were sent, or are about to be."""
        return self._sent + sum(map(len, self.unsent))

    def take_events(self) -> list[Event]:
        """What has happened since the last call."""
        events = self._events
        self._events = []
        return events

    def _receive(self, data: bytes) -> list[Event]:
        if self.finished:
            if self.closing:
                return []
            raise LocalError("the link stage is over; these bytes are messages", actual=f"{len(data)} bytes")
        self.inbox.add(data)
        while not self.finished and self._then is not None and len(self.inbox) >= self.wanted:
            try:
                self._then(self.inbox.take(self.wanted))
            except Exception:
                self.finished = self.closing = True
                raise
        return self.take_events()
