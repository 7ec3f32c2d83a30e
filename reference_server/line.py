"""One connection, from its first byte to its end: the link stage, then the messages of one channel.

    bytes ──> Line.receive ──> link stage ──> Owner.linked
                           ──> message layer ──> Line.handle ──> the channel
    bytes <── Owner.outgoing <── Line.put <── message layer <── Line.send <── the channel

A line knows bytes, time and acknowledgements, and nothing of what a channel is for. Messages that the client has to
acknowledge others for wait here, and so does what a client says while its session is on its way from or to another server.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final, Protocol

from reference_server.options import Options
from reference_server.session import Session
from spiceproto.channel import Channel
from spiceproto.enums.link import ChannelType
from spiceproto.errors import RemoteError
from spiceproto.image_places import images
from spiceproto.link.events import Established, Refused
from spiceproto.link.server import ServerLink
from spiceproto.messages.smartcard import Data as SmartcardData
from spiceproto.messages.spicevmc import CompressedData, Data
from spiceproto.transport import Connection

__all__ = ["Behaviour", "Line", "Owner"]

_WHOLE_LINK: Final = 4
"""Link timeouts that a link stage may take in all: a byte now and then must not hold it open for ever."""

_HELD: Final = 64 << 20
"""Bytes that a client may say while nobody listens; what the shell reads of it is less."""

_ANY_MESSAGE: Final = 256
"""Bytes that a message is taken for which carries no picture."""


class Owner(Protocol):
    """What a line asks of whoever has it, which is the server."""

    @property
    def options(self) -> Options:
        """How long a link may take, and how much may wait."""

    def linked(self, line: Line, event: Established) -> None:
        """The link stage is over, and the client has logged in."""

    def refused(self, line: Line, event: Refused) -> None:
        """The link stage is over, and the client was told no."""

    def outgoing(self, line: Line, data: bytes) -> None:
        """Bytes for the client."""

    def drop(self, line: Line, text: str) -> None:
        """The line is to be closed because of what the client did or did not do."""


class Behaviour(Protocol):
    """What a line asks of the channel on it; see :class:`reference_server.channels.base.ServerChannel`."""

    @property
    def few_messages(self) -> bool:
        """Whether clients send large messages there, as far as has been seen."""

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` is to be called next."""

    @property
    def full(self) -> bool:
        """Whether nothing more of the client's should be read for now."""

    def handle(self, value: Any, now: float) -> None:
        """A message of the client."""

    def beside(self) -> Any:
        """What goes with the guest to another server."""

    def unfreeze(self) -> None:
        """It has not gone."""

    def tick(self, now: float) -> None:
        """Time has passed."""

    def ready(self) -> None:
        """What waited was sent, and more can be."""

    def end(self, now: float) -> None:
        """The line is closed."""


class Line:
    """One connection.

    ``connection``  whose bytes these are
    ``link``        its link stage; None once that is over
    ``link_deadline``  when that is given up
    ``open``        whether anything may be said
    ``paused``      whether much of what was said has not left: what can wait is to wait
    ``held``        whether nobody listens for now: what the client says waits, and time does not pass
    ``left``        whether all is said that was to be said here, and the client is to close
    ``session``     whose channel it carries; None in the link stage, as is ``channel``
    ``key``         type and id of the channel
    ``channel``     what is done with its messages
    """

    def __init__(self, owner: Owner, connection: Connection, link: ServerLink, now: float) -> None:
        self.owner = owner
        self.connection = connection
        self.link: ServerLink | None = link
        self.open = True
        self.paused = False
        self.held = False
        self.left = False
        self.session: Session | None = None
        self.key = (0, 0)
        self.channel: Behaviour | None = None
        self._messages: Channel | None = None
        self._began = now
        # Asked for each time that anything happens on any line.
        self.link_deadline = self.give_up_at(now)
        self._waiting: deque[Any] = deque()
        self._waiting_size = 0
        self._unheard = bytearray()
        self._until: float | None = None

    def __repr__(self) -> str:
        return f"<line of {self.connection}, {'link stage' if self.link is not None else self.key}>"

    @property
    def messages(self) -> Channel:
        """The message layer, which is there behind the link stage."""
        assert self._messages is not None
        return self._messages

    @property
    def is_main(self) -> bool:
        """Whether a session stands and falls with it (SPICE-MAIN-019)."""
        return self.key[0] == ChannelType.MAIN

    def join(self, session: Session, key: tuple[int, int], messages: Channel) -> None:
        """Carry a channel of this session from now on."""
        self.session, self.key, self._messages = session, key, messages

    # -- time

    def give_up_at(self, heard: float) -> float:
        """When a link stage is given up on which the client was last heard at this time (SPICE-LINK-063)."""
        timeout = self.owner.options.link_timeout
        return min(heard + timeout, self._began + _WHOLE_LINK * timeout)

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` is to be called next; None for never."""
        if self.link is not None:
            return self.link_deadline
        if self._until is not None:
            return self._until
        return None if self.channel is None or self.held else self.channel.deadline

    def tick(self, now: float) -> None:
        """Time has passed."""
        if self._until is not None:
            if now >= self._until:
                self.drop("the client has not left for the other server")
        elif self.link is None:
            if self.channel is not None and not self.held:
                self.channel.tick(now)
        elif now >= self.link_deadline:
            self.drop("the link stage takes too long")

    # -- bytes in

    def receive(self, data: bytes, now: float) -> None:
        """Bytes of the client."""
        if self.link is not None:
            self.link_deadline = self.give_up_at(now)
            self._receive_link(self.link, data, now)
        elif self.held:
            self._unheard += data
            if len(self._unheard) > _HELD:
                self.drop("the client says more than can be kept while nobody listens")
        elif self.open:
            self._receive_messages(data, now)

    def hold(self) -> None:
        """Hear nothing of the client until :meth:`release`."""
        self.held = True

    def release(self, now: float) -> None:
        """Hear what the client has said meanwhile, and what it says."""
        if self.held:
            self.held = False
            data, self._unheard = bytes(self._unheard), bytearray()
            if data and self.open:
                self._receive_messages(data, now)

    def limit(self, until: float) -> None:
        """The session goes on elsewhere: the client has until then to leave."""
        self._until = until

    def leave(self, until: float) -> None:
        """All is said; the client has until then to close."""
        self.left = True
        self.limit(until)

    def _receive_link(self, link: ServerLink, data: bytes, now: float) -> None:
        events = link.receive(data, now)
        self.put(link.bytes_to_send())
        for event in events:
            if isinstance(event, Established):
                self.link = None
                self.owner.linked(self, event)
            elif isinstance(event, Refused):
                self.link = None
                self.open = False
                self.owner.refused(self, event)

    def _receive_messages(self, data: bytes, now: float) -> None:
        messages, session = self.messages, self.session
        assert session is not None
        handle, window = self.handle, messages.ack_sender
        try:
            for value in messages.values(data, now):
                session.heard = now
                handle(value, now)
                if self._waiting:
                    self._flush()
                # Nothing ever waits on a channel without a window.
                if window.window and self.free and self.channel is not None:
                    self.channel.ready()
                if not self.open:
                    return
        except RemoteError as error:
            self.drop(str(error))

    def handle(self, value: Any, now: float) -> None:
        """A message of the client."""
        assert self.channel is not None
        self.channel.handle(value, now)

    # -- bytes out

    def send(self, *values: Any) -> None:
        """Send messages, or keep them until the client has acknowledged others (SPICE-FRAME-025)."""
        messages = self.messages
        for value in values:
            if not self.open or self.left:
                return
            if self._waiting or messages.blocked:
                self._keep(value)
            else:
                self._put_message(value)

    def _put_message(self, value: Any) -> None:
        for piece in self.messages.send_apart(value):
            self.put(piece)

    def set_ack(self) -> None:
        """SET_ACK: from now on the client has to acknowledge."""
        self.put(self.messages.set_ack(self.owner.options.ack_window))

    def put(self, data: bytes) -> None:
        """Bytes for the client; all that a line says passes here."""
        if data:
            self.owner.outgoing(self, data)

    @property
    def full(self) -> bool:
        """Whether nothing more should be read: whoever takes it has not taken what came before."""
        return self.open and self.channel is not None and (self.held or self.channel.full)

    @property
    def waiting(self) -> int:
        """Messages that wait."""
        return len(self._waiting)

    @property
    def free(self) -> bool:
        """Whether a message would be sent at once, and soon be out."""
        return not (self.paused or self._waiting or self.messages.blocked)

    @property
    def last_serial(self) -> int:
        """The number that the last message has, or will have when it is its turn."""
        return self.messages.writer.serial + len(self._waiting)

    def _flush(self) -> None:
        while self._waiting and self.open and not self.messages.blocked:
            value = self._waiting.popleft()
            self._waiting_size -= _weight(value)
            self._put_message(value)

    def _keep(self, value: Any) -> None:
        self._waiting.append(value)
        self._waiting_size += _weight(value)
        if self._waiting_size > self.owner.options.queue:
            self.drop("the client does not acknowledge")

    def resume(self) -> None:
        """What was said is out, but for a little: the channel may go on."""
        self.paused = False
        if self.channel is not None and self.open and self.free:
            self.channel.ready()

    # -- the end

    def drop(self, text: str) -> None:
        """Have it closed; what that means for the session is the server's to know."""
        self.owner.drop(self, text)

    def end(self, now: float) -> None:
        """It is closed."""
        self.open = False
        if self.channel is not None:
            self.channel.end(now)


def _weight(value: Any) -> int:
    """About how much memory a message holds while it waits."""
    if isinstance(value, Data | CompressedData | SmartcardData):
        return _ANY_MESSAGE + len(value.compressed_data if isinstance(value, CompressedData) else value.data)
    return _ANY_MESSAGE + sum(len(image.bitmap.data) for image in images(value) if image.bitmap is not None)
