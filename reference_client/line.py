"""One connection of the session: from the wish to have it, over its link stage and its messages, until it is closed.

    opening   the shell was asked for it             for at most ``connect_timeout``
    linking   the link stage                         for at most ``link_timeout``
    linked    messages                               as long as the server keeps it
    closed    refused, lost, or left

To the destination of a migration it is made ahead, and two states come to these:

    ahead     after the link stage: what comes waits until the channel goes on here
    left      after ``linked``: the channel has gone on elsewhere, and what comes means nothing

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
from functools import partial
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
from spiceproto.messages import common
from spiceproto.transport import Action, Close, Connection, Open, Place, Send

__all__ = ["WAITING_BYTES", "Behaviour", "Handled", "Line", "Observer", "Owner", "State", "error_name"]

WAITING_BYTES: Final = 8 << 20
"""What one line may pile up while it waits for another; it is closed above that. A shell that looks at
:attr:`Line.paused` never gets near it."""

Handled = Callable[[int, int], int | None]
"""Serial of the last message that a channel, by type and id, has handled; None for one that is not there."""

Observer = Callable[[int, int, str, int, bytes, int], None]
"""Is told of each message as it passes: type and id of its channel, sender ("client" or "server"), type, body, serial."""

EARLY_BYTES: Final = 1 << 20
"""What comes ahead of a migration and is read."""

State = Literal["opening", "linking", "ahead", "linked", "left", "closed"]


class Behaviour(Protocol):
    """What a linked line is for: see :class:`reference_client.channels.base.ClientChannel`."""

    settled: bool
    line: Line

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

    def arrived(self, line: Line) -> None:
        """A line was linked ahead, or something has come on it."""

    def moves(self, line: Line, value: common.Migrate | common.MigrateData) -> None:
        """The server says that a channel goes elsewhere."""


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
    ``place``       where the server is; None for where the session began
    ``ahead``       it is made ahead of a migration
    ``broken``      why it ended otherwise than in order, "" for a line that did not
    """

    def __init__(
        self,
        owner: Owner,
        channel_type: int,
        channel_id: int,
        connection: Connection,
        place: Place | None = None,
        *,
        ahead: bool = False,
    ) -> None:
        self.owner = owner
        self.type = channel_type
        self.id = channel_id
        self.connection = connection
        self.place = place
        self.ahead = ahead
        self.state: State = "opening"
        self.link: ClientLink | None = None
        self.messages: Channel | None = None
        self.channel: Behaviour | None = None
        self.server: Capabilities = NONE
        self.held = False
        self.silent = False
        self.begun = False
        self.crowded = False
        self.broken = ""
        self.serial = 0
        self.size = 0
        self.until = owner.now + owner.options.connect_timeout
        self._waiting_bytes = 0
        self._later: list[tuple[object, ...]] | None = None
        self._established: Established | None = None
        self._observer: Observer | None = None

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
        return self.until if self.state in ("opening", "linking") else None

    @property
    def paused(self) -> bool:
        """Whether it waits for other channels: then nothing more should be read for it."""
        if self.state == "ahead":
            return self._waiting_bytes > EARLY_BYTES
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
        tls = self.owner.options.tls if self.place is None else bool(self.place.tls_port)
        if self.connection.secure and not tls:
            self._refused(None, "connect", f"{self.name} needs TLS, and no way with TLS is known")
        else:
            self.owner.act(Open(self.connection, self.place))

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
        elif self.state == "ahead":
            self._receive_ahead(data, now)

    def closed(self, broken: str = "") -> None:
        """The server closed the connection; or it broke, and ``broken`` says how."""
        if self.state == "linked":
            assert self.messages is not None
            said, cut = self.messages.disconnecting, self.messages.readers["server"].pending
            text = f"{self.name} broke: {broken}" if broken else f"the server closed {self.name}"
            if cut:
                text += f", {cut} bytes into a message"
            if said is not None:
                text += f", and said why: {error_name(said.reason)}"
            if broken or cut or (said is not None and said.reason != LinkErr.OK):
                self.broken = text
            self._gone(text)
        elif self.state == "ahead":
            self._gone(f"the server closed {self.name}")
        elif self.state == "left":
            self._over()
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
        elif self.state in ("opening", "linking") and self.until <= now:
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
            self.announced(),
            password=self.password(),
            sasl=None if login is None else GuardedLogin(login),
        )

    def announced(self) -> Capabilities:
        """What the link message says that the client can do (SPICE-MIG-038)."""
        return self.owner.announced(self.type)

    def password(self) -> bytes:
        """The password of the ticket: the same at each server (SPICE-MIG-024)."""
        return self.owner.options.ticket_password

    def connection_id(self) -> int:
        """What the link message names: nothing for a new session, the session for every other channel (SPICE-LINK-030), and
        for all at the destination of a migration (SPICE-LINK-032)."""
        return 0 if self.type == ChannelType.MAIN and not self.ahead else self.owner.session_id or 0

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
        self.watch(self._observer)
        self._established = link
        if self.ahead:
            self.state = "ahead"
            self._receive_ahead(link.server_rest, now)
            return
        self.begin(now)
        if link.server_rest:
            self._receive_messages(link.server_rest, now)

    def begin(self, now: float) -> None:
        """The channel begins."""
        link = self._established
        assert link is not None
        self.ahead = False
        self._waiting_bytes = 0
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

    # -- a migration

    def _receive_ahead(self, data: bytes, now: float) -> None:
        """Bytes for a channel that is not here yet."""
        assert self.messages is not None
        self._waiting_bytes += len(data)
        if self._waiting_bytes > WAITING_BYTES:
            self.drop(f"too much came on {self.name} before the migration")
            return
        self.messages.receive(data, now)
        self.owner.arrived(self)

    def say_ahead(self, value: object) -> None:
        """What is said before the channel is here."""
        assert self.messages is not None
        self.put(self.messages.send(value))

    def has_come(self, kind: type) -> bool:
        """Whether a message of this class has come, and waits for the channel."""
        return self.messages is not None and self.messages.has_come(kind)

    def go_on(self, now: float) -> None:
        """Handle what has come ahead."""
        self._drain(now)

    def finish(self, now: float, *last: object) -> None:
        """Say this last; what is said from now on waits for the line that comes in the place of this one.

        What can wait, like a file, does: nobody knows how long.
        """
        assert self.channel is not None
        if not self.crowded:
            self.crowded = True
            self.channel.hold(True, now)
        self.send(*last)
        self._later = []
        self.silent = True

    @property
    def finished(self) -> bool:
        """Whether the last was said."""
        return self._later is not None

    def take_over(self, old: Line, data: bytes | None, now: float) -> None:
        """Go on with the channel of another line; ``data`` is its state, which the server here wants before all else."""
        channel, messages, before = old.channel, self.messages, old.messages
        assert channel is not None and messages is not None and before is not None
        messages.go_on(before.sent_serial, before.handled_serial)
        later, crowded = old.hand_over()
        self.ahead = False
        self._waiting_bytes = 0
        self.begun, self.serial, self.size = old.begun, old.serial, old.size
        self.channel, channel.line = channel, self
        self.state = "linked"
        if data is not None:
            self.put(messages.send(common.MigrateData(data)))
        for values in later:
            self.send(*values)
        if crowded:
            channel.hold(False, now)

    def hand_over(self) -> tuple[list[tuple[object, ...]], bool]:
        """The channel is another line's: what it wanted to say meanwhile, and whether the way was full."""
        later, self._later = self._later or [], None
        crowded, self.crowded = self.crowded, False
        self.state, self.channel = "left", None
        return later, crowded

    def take_back(self, other: Line, now: float) -> None:
        """The migration is off: the channel, which another line had or was to have, goes on here."""
        later, self._later = self._later or [], None
        self.silent = False
        if self.state == "left":
            assert other.channel is not None
            self.state, self.channel = "linked", other.channel
            self.channel.line = self
            other.state, other.channel = "left", None
        for values in later:
            self.send(*values)
        self._flush()
        self.crowded = False
        if self.channel is not None:
            self.channel.hold(False, now)

    # -- messages

    def make_messages(self, link: Established) -> Channel:
        """The message layer."""
        return self.owner.channel_class(
            "client", self.name, link.mini_header, client_offset=link.client_offset, server_offset=link.server_offset
        )

    def watch(self, observer: Observer | None) -> None:
        """Whoever is to be told of each message from here on; None for nobody, which costs nothing."""
        self._observer = observer
        if self.messages is not None:
            self.messages.watch = None if observer is None else partial(observer, self.type, self.id)

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
            if isinstance(event.value, common.Migrate | common.MigrateData):
                self.owner.moves(self, event.value)
            else:
                self.channel.handle(event.value, now)
        elif isinstance(event, UnknownMessage):
            self.owner.tell(events.MessageSkipped(channel=self.name, id=self.id, type=event.type, text="unknown"))
        elif isinstance(event, MalformedMessage):
            self.owner.tell(events.MessageSkipped(channel=self.name, id=self.id, type=event.type, text=str(event.error)))

    # -- bytes out

    def send(self, *values: object) -> None:
        """Messages for the server; nothing where they cannot be sent any more."""
        if self._later is not None:
            self._later.append(values)
        elif self.messages is not None and self.state == "linked" and not self.silent:
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
        self.broken = text
        self._gone(text)

    def _refused(self, error: LinkErr | int | None, stage: str, text: str) -> None:
        self._over()
        self.owner.refused(self, error, stage, text)

    def _gone(self, text: str) -> None:
        if self.ahead:
            self._refused(None, "messages", text)
            return
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
