"""One connection of the session: from the wish to have it, over its link stage and its messages, until it is closed.

    opening   the shell was asked for it             for at most ``connect_timeout``
    linking   the link stage                         for at most ``link_timeout``
    linked    messages                               as long as the server keeps it
    closed    refused, lost, or left

    bytes ──> Line.receive ──> link stage ──> Owner.make_channel
                           ──> message layer ──> Line.handle ──> the channel
    bytes <── Owner.act <── Line.put <── message layer <── Line.send <── the channel

The link stage is :class:`spiceproto.link.ClientLink`, the message layer :class:`spiceproto.channel.Channel`; here is when
which of them is given bytes, and when what they want to send may go: not before the server has spoken on main
(SPICE-MAIN-006), nor behind DISCONNECTING (SPICE-FRAME-037). A server that breaks a rule of either loses the connection; a
message that is unknown or malformed is skipped (SPICE-FRAME-006, SPICE-FRAME-010).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final, Literal, Protocol

from reference_client import events
from reference_client.host import Host
from reference_client.login import GuardedLogin
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.channel import Channel, Event, MalformedMessage, MessageReceived, UnknownMessage
from spiceproto.channels import channel_name
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.errors import SpiceError
from spiceproto.link.client import ClientLink
from spiceproto.link.events import Established, KeyReceived, Refused
from spiceproto.transport import Action, Close, Connection, Open, Send

__all__ = ["WAITING_BYTES", "Behaviour", "Handled", "Line", "Owner", "State", "error_name"]

WAITING_BYTES: Final = 8 << 20
"""What one line may pile up while it waits for another; it is closed above that. A shell that looks at
:attr:`Line.paused` never gets near it."""

Handled = Callable[[int, int], int | None]
"""Serial of the last message that a channel, by type and id, has handled; None for one that is not there."""

State = Literal["opening", "linking", "linked", "closed"]


class Behaviour(Protocol):
    """What a linked line is for: see :class:`reference_client.channels.base.ClientChannel`."""

    settled: bool

    @property
    def deadline(self) -> float | None: ...
    @property
    def waits(self) -> bool: ...
    @property
    def behind(self) -> int | None: ...
    def proceed(self, handled: Handled, now: float) -> bool: ...
    def start(self, now: float) -> None: ...
    def handle(self, value: object, now: float) -> None: ...
    def tick(self, now: float) -> None: ...
    def hold(self, held: bool, now: float) -> None: ...
    def leave(self, now: float) -> None: ...
    def end(self, now: float) -> None: ...
    def state(self, now: float) -> dict[str, Any]: ...


class Owner(Host, Protocol):
    """The session as its lines know it: what channels may ask, who does the work, and who has to be told."""

    link_class: ClassVar[type[ClientLink]]
    channel_class: ClassVar[type[Channel]]

    def act(self, action: Action) -> None:
        """Ask the shell for something."""

    def announced(self, channel_type: int) -> Capabilities:
        """What the link message of a channel says."""

    def make_channel(self, line: Line) -> Behaviour:
        """What a line that was linked is for."""

    def settles(self, channel_type: int) -> bool:
        """Whether a channel of this type can be left as soon as it is linked."""

    def refused(self, line: Line, error: LinkErr | int | None, stage: str, text: str) -> None:
        """A line was closed before it was linked."""

    def lost(self, line: Line) -> None:
        """A line was closed that was linked."""


class Line:
    """One connection.

    ``owner``       the session
    ``type``, ``id``  of the channel that it is to have
    ``state``       opening, linking, linked, closed
    ``link``        the link stage, from the connection on
    ``messages``    the message layer, from the link on; ``channel`` is what it is for
    ``server``      what the server announced
    ``held``        answers wait, because it is not the client's turn yet
    ``silent``      DISCONNECTING was sent, and nothing follows it
    ``begun``       the server has sent a message
    ``serial``, ``size``  number and bytes of the message that is handled at the moment, or was last
    ``until``       when the connection, and then the link, has to be there
    """

    def __init__(self, owner: Owner, channel_type: int, channel_id: int, connection: Connection) -> None:
        self.owner = owner
        self.type = channel_type
        self.id = channel_id
        self.connection = connection
        self.state: State = "opening"
        self.link: ClientLink | None = None
        self.messages: Channel | None = None
        self.channel: Behaviour | None = None
        self.server: Capabilities = NONE
        self.held = False
        self.silent = False
        self.begun = False
        self.crowded = False
        self.serial = 0
        self.size = 0
        self.until = owner.now + owner.options.connect_timeout
        self._waiting_bytes = 0

    def __repr__(self) -> str:
        return f"<{self.name}:{self.id} {self.state}>"

    @property
    def name(self) -> str:
        """Name of the channel type."""
        return channel_name(self.type)

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` is to be called next; None for never."""
        if self.state == "linked":
            assert self.channel is not None
            return self.channel.deadline
        return None if self.state == "closed" else self.until

    @property
    def paused(self) -> bool:
        """Whether it waits for other channels: then nothing more should be read for it."""
        if self.state != "linked" or self.messages is None or self.channel is None:
            return False
        return bool(self.messages.barrier.waiting) or self.channel.waits

    @property
    def handled_serial(self) -> int:
        """Number of the last message that its channel is done with, 0 before the first."""
        behind = None if self.channel is None else self.channel.behind
        if behind is not None:
            return behind - 1
        return 0 if self.messages is None else self.messages.handled_serial

    @property
    def settled(self) -> bool:
        """Whether it can be closed: the server does not wait for what comes next (a link that is under way will be linked)."""
        if self.state == "linking":
            return self.owner.settles(self.type)
        return self.channel is None or self.state != "linked" or self.channel.settled

    # -- what the connection does

    def open(self) -> None:
        """Ask for the connection; without a way for it the channel is refused."""
        if self.connection.secure and not self.owner.options.tls:
            self._refused(None, "connect", f"{self.name} needs TLS, and no way with TLS is known")
        else:
            self.owner.act(Open(self.connection))

    def opened(self, now: float) -> None:
        """The connection is there, with TLS if that was asked for."""
        if self.state != "opening":
            return
        try:
            self.link = self.make_link()
        except SpiceError as error:
            self.refuse(None, "connect", str(error))
            return
        self.state = "linking"
        self.until = now + self.owner.options.link_timeout
        self.put(self.link.bytes_to_send())

    def failed(self, text: str) -> None:
        """There is no such connection to be had."""
        if self.state == "opening":
            self._refused(None, "connect", text)

    def receive(self, data: bytes, now: float) -> None:
        """Bytes of the server. Raises nothing, whatever they are."""
        if self.state == "linking":
            self.receive_link(data, now)
        elif self.state == "linked":
            self._receive_messages(data, now)

    def closed(self) -> None:
        """The server closed the connection, or it broke."""
        if self.state == "linked":
            assert self.messages is not None
            said = self.messages.disconnecting
            reason = "" if said is None else f", and said why: {error_name(said.reason)}"
            self._gone(f"the server closed {self.name}{reason}")
        elif self.state == "linking":
            assert self.link is not None
            for event in self.link.closed():
                if isinstance(event, Refused):
                    self._refused(event.error, event.stage, event.text)
        elif self.state == "opening":
            self._refused(None, "connect", "the connection was closed at once")

    def tick(self, now: float) -> None:
        """Time has passed."""
        if self.state == "linked":
            assert self.channel is not None
            self.channel.tick(now)
            if not self.paused:
                self._waiting_bytes = 0
                self._drain(now)
        elif self.state != "closed" and self.until <= now:
            self.refuse(None, "connect" if self.state == "opening" else "link", f"{self.name} took too long")

    # -- link stage

    def make_link(self) -> ClientLink:
        """The link stage. Raises SpiceError for a password that fits into none."""
        options = self.owner.options
        login = options.sasl_login()
        return self.owner.link_class(
            self.type,
            self.id,
            self.connection_id(),
            self.owner.announced(self.type),
            password=options.ticket_password,
            sasl=None if login is None else GuardedLogin(login),
        )

    def connection_id(self) -> int:
        """What the link message names: nothing for a new session, the session for every other channel (SPICE-LINK-030)."""
        return 0 if self.type == ChannelType.MAIN else self.owner.session_id or 0

    def receive_link(self, data: bytes, now: float) -> None:
        """Bytes of the link stage."""
        assert self.link is not None
        try:
            found = self.link.receive(data)
        except SpiceError as error:
            self.refuse(None, "link", str(error))
            return
        self.put(self.link.bytes_to_send())
        for event in found:
            if isinstance(event, Refused):
                self.refuse(event.error, event.stage, event.text)
            elif isinstance(event, KeyReceived):
                self.refuse(None, "ticket", "there is no password for a ticket")
            elif isinstance(event, Established):
                self.established(event, now)

    def established(self, link: Established, now: float) -> None:
        """Messages follow, and some may be there already (SPICE-LINK-004)."""
        self.server = link.server
        self.messages = self.make_messages(link)
        self.channel = self.owner.make_channel(self)
        self.state = "linked"
        self.owner.tell(
            events.ChannelLinked(
                channel=self.name,
                id=self.id,
                secure=self.connection.secure,
                mini_header=link.mini_header,
                mechanism=int(link.mechanism),
            )
        )
        self.channel.start(now)
        if link.server_rest:
            self._receive_messages(link.server_rest, now)

    # -- messages

    def make_messages(self, link: Established) -> Channel:
        """The message layer."""
        return self.owner.channel_class(
            "client", self.name, link.mini_header, client_offset=link.client_offset, server_offset=link.server_offset
        )

    def _receive_messages(self, data: bytes, now: float) -> None:
        assert self.messages is not None
        if self.paused:
            self._waiting_bytes += len(data)
            if self._waiting_bytes > WAITING_BYTES:
                self.drop(f"{self.name} waited for other channels, and too much came meanwhile")
                return
        self.messages.receive(data, now)
        self._drain(now)

    def proceed(self, handled: Handled, now: float) -> bool:
        """Go on if what the line waits for was handled; whether it does. See :mod:`reference_client.waiting`."""
        if not self.paused:
            return False
        assert self.messages is not None and self.channel is not None
        if self.channel.waits:
            if not self.channel.proceed(handled, now):
                return False
        elif not self.messages.proceed(handled):
            return False
        self._waiting_bytes = 0
        self._drain(now)
        return True

    def _drain(self, now: float) -> None:
        """Handle what has come; each answer of the message layer goes before its message is handled."""
        messages = self.messages
        assert messages is not None and self.channel is not None
        while self.state == "linked" and not self.channel.waits:
            try:
                event = messages.next_event()
            except SpiceError as error:
                self.drop(str(error))
                return
            self._flush()
            if event is None:
                return
            self.handle(event, now)

    def handle(self, event: Event, now: float) -> None:
        """Something that the server sent."""
        self.begun = True
        if isinstance(event, MessageReceived):
            assert self.channel is not None
            self.serial, self.size = event.serial, event.size
            self.channel.handle(event.value, now)
        elif isinstance(event, UnknownMessage):
            self.owner.tell(events.MessageSkipped(channel=self.name, id=self.id, type=event.type, text="unknown"))
        elif isinstance(event, MalformedMessage):
            self.owner.tell(events.MessageSkipped(channel=self.name, id=self.id, type=event.type, text=str(event.error)))

    # -- bytes out

    def send(self, *values: object) -> None:
        """Messages for the server; nothing where they cannot be sent any more."""
        if self.messages is not None and self.state == "linked" and not self.silent:
            # Together: a file is many messages, and one write.
            self.put(self.messages.bytes_to_send() + b"".join([self.messages.send(value) for value in values]))

    def release(self) -> None:
        """It is the client's turn: what was held may go."""
        self.held = False
        self._flush()

    def _flush(self) -> None:
        """Answers of the message layer."""
        if self.messages is not None and not self.held and not self.silent and self.state == "linked":
            self.put(self.messages.bytes_to_send())

    def put(self, data: bytes) -> None:
        """Bytes for the server; all that a line says passes here."""
        if data:
            self.owner.act(Send(self.connection, data))

    # -- the end

    def leave(self, now: float) -> None:
        """The user leaves: say so, where there is something to say, and nothing after it."""
        if self.state == "linked" and not self.held:
            assert self.channel is not None
            self.channel.leave(now)
            self.silent = True

    def close(self) -> None:
        """Close the connection, if it is not closed."""
        if self.state != "closed":
            self.owner.act(Close(self.connection))
            self._over()

    def refuse(self, error: LinkErr | int | None, stage: str, text: str) -> None:
        """Close the connection, because there will be no link."""
        self.close()
        self._refused(error, stage, text)

    def drop(self, text: str) -> None:
        """Close the connection, because of what came on it."""
        self.close()
        self._gone(text)

    def _refused(self, error: LinkErr | int | None, stage: str, text: str) -> None:
        self._over()
        self.owner.refused(self, error, stage, text)

    def _gone(self, text: str) -> None:
        self._over()
        self.owner.tell(events.ChannelClosed(channel=self.name, id=self.id, text=text))
        self.owner.lost(self)

    def _over(self) -> None:
        was, self.state = self.state, "closed"
        if was == "linked":
            assert self.channel is not None
            self.channel.end(self.owner.now)


def error_name(error: LinkErr | int) -> str:
    """What to call an error for people."""
    return error.name if isinstance(error, LinkErr) else f"error {int(error)}"
