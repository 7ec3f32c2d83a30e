"""The reference server: bytes and ``now`` come in, actions go out.

    Server.receive ──> Line ──> channel ──> guest
    Server.outgoing <── Line <── channel <── guest

It knows no socket and no clock, see :mod:`spiceproto.transport`; :mod:`reference_server.shell` moves its bytes. Whatever
a client sends, nothing is raised: a link that breaks a rule is refused, a channel that does is closed, and with main
its session.

What lives here: connections come and go, sessions begin and end. What a connection is, is in
:mod:`reference_server.line`; what a channel does, in its file in :mod:`reference_server.channels`; no type of channel is
named here but main, with which a session stands and falls.

A server that is to be tried with, because it breaks a rule, replaces one of the classes that this one is made of
(``policy_class``, ``link_class``, ``line_class``, ``channel_class``, ``modes_class``, ``agent_class``,
``played_class``, a row of ``channels``), or overrides a method here. All bytes pass :meth:`Server.outgoing` last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random, SystemRandom
from typing import ClassVar, Final, TypeVar

from reference_server.agent_line import AgentLine
from reference_server.channels import CHANNELS, usual
from reference_server.channels.base import ServerChannel
from reference_server.compression import Compression
from reference_server.encoding import SoundEncoding
from reference_server.events import Ended, Event, Linked, Turned
from reference_server.guest import Guest, PortAdded
from reference_server.guests.agent.played import PlayedAgent
from reference_server.line import Line
from reference_server.listing import Listing
from reference_server.options import Options
from reference_server.pointing import MouseModes
from reference_server.policy import Policy
from reference_server.session import Leaving, Notice, Session
from reference_server.streaming import Streaming
from spiceproto.channel import Channel
from spiceproto.channels import channel_name
from spiceproto.enums.common import NotifySeverity
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.link.events import Established, Refused
from spiceproto.link.server import ServerLink
from spiceproto.messages.agent import DeviceDisplayInfo
from spiceproto.messages.link import LinkMess
from spiceproto.transport import Action, Close, Connection, Send

__all__ = ["Server"]

T = TypeVar("T")

_FIRST_SLOT: Final = 2
"""Of the PCI bus, where the first graphics card is."""


class Server:
    """Serves one guest.

    ``random``      where session ids come from; None for the system's
    ``sessions``    running sessions by id
    ``migrations``  ids of sessions that are expected from another server
    ``lines``       open connections, oldest first
    ``listing``     which channels there are
    ``modes``       who moves the pointer
    ``agent``       what clients and the guest's agent say to each other
    ``compression`` how images are compressed
    ``streaming``   which pictures are sent as video
    ``listener``    is told what happens to connections, for a log; None for nobody
    ``failed``      is told of errors on a connection, or in the guest (None), and all others go on; without it they are raised
    ``now``         the time of the last call
    """

    policy_class: ClassVar[type[Policy]] = Policy
    link_class: ClassVar[type[ServerLink]] = ServerLink
    line_class: ClassVar[type[Line]] = Line
    channel_class: ClassVar[type[Channel]] = Channel
    modes_class: ClassVar[type[MouseModes]] = MouseModes
    agent_class: ClassVar[type[AgentLine]] = AgentLine
    played_class: ClassVar[type[PlayedAgent]] = PlayedAgent
    channels: ClassVar[Mapping[int, type[ServerChannel]]] = {kind: row.channel for kind, row in CHANNELS.items()}

    def __init__(self, options: Options | None = None, guest: Guest | None = None, *, random: Random | None = None) -> None:
        self.options = options or Options()
        self.guest = guest or Guest()
        self.random = random or SystemRandom()
        self.now = 0.0
        self.sessions: dict[int, Session] = {}
        self.migrations: set[int] = set()
        self.lines: dict[Connection, Line] = {}
        self.listener: Callable[[Event], None] | None = None
        self.failed: Callable[[Connection | None, Exception], None] | None = None
        self.listing = Listing(self.options, {kind: row.capabilities for kind, row in CHANNELS.items()})
        for kind, number in usual(self.options.displays):
            self.listing.add(kind, number)
        if self.guest.readers:
            self.listing.add(ChannelType.SMARTCARD, 0)
        for key in self.guest.ports.keys:
            self.listing.add(*key)
        self.guest.ports.watch(self._port_added, PortAdded)
        for number in self.guest.usb:
            self.listing.add(ChannelType.USBREDIR, number)
        self.policy = self.policy_class(self.options, self.listing, self.sessions, self.migrations)
        self.guest.agent_program = self.played_class
        self.agent = self.agent_class(self.guest.agent, self.options, self._devices)
        self.modes = self.modes_class(self.guest.pointer, self.guest.agent, lambda: self.listing.displays)
        self.compression = Compression(self.options.image_compression, jpeg=self.options.jpeg, zlib_glz=self.options.zlib_glz)
        self.encoding = SoundEncoding(self.options)
        self.streaming = Streaming(self.options.streaming_video)
        self._actions: list[Action] = []
        self._accepted = 0

    # -- the shell's side

    def accept(self, now: float, *, secure: bool = False) -> Connection:
        """A client has connected; ``secure`` says whether with TLS."""
        self.now = now
        unfinished = self.unfinished
        while len(unfinished) >= max(self.options.unfinished_links, 1):
            self.close(unfinished.pop(0), "too many links are not finished")
        self._accepted += 1
        connection = Connection(self._accepted, secure=secure)
        self.lines[connection] = self.line_class(self, connection, self.link_class(self.policy, secure=secure), now)
        return connection

    def wants_key(self, connection: Connection) -> bool:
        """Whether the next bytes of a connection may need a ticket key: it is in its link stage and has none yet."""
        line = self.lines.get(connection)
        return line is not None and line.link is not None and line.link.key is None

    def receive(self, connection: Connection, data: bytes, now: float) -> None:
        """Bytes of a client; those that come after the end of a connection mean nothing."""
        self.now = now
        line = self.lines.get(connection)
        if line is not None:
            line.receive(data, now)

    def closed(self, connection: Connection, now: float) -> None:
        """A client has closed a connection, or it broke."""
        self.now = now
        line = self.lines.get(connection)
        if line is not None:
            self.lost(line)

    def pause(self, connection: Connection) -> None:
        """Much that was sent to a client has not left yet: what can wait, as pictures can, waits from now on."""
        line = self.lines.get(connection)
        if line is not None:
            line.paused = True

    def resume(self, connection: Connection, now: float) -> None:
        """Most of it has left: go on."""
        self.now = now
        line = self.lines.get(connection)
        if line is not None:
            line.resume()

    def has_few_messages(self, connection: Connection) -> bool:
        """Whether what a client sends there is a few large messages, and so done with soon."""
        line = self.lines.get(connection)
        return line is not None and line.channel is not None and line.channel.few_messages

    def full(self, connection: Connection) -> bool:
        """Whether nothing more should be read of a client for now."""
        line = self.lines.get(connection)
        return line is not None and line.full

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` is to be called next; None for never."""
        deadlines = (self.guest.timer.deadline, *[line.deadline for line in self.lines.values()])
        return min([at for at in deadlines if at is not None], default=None)

    def tick(self, now: float) -> None:
        """Time has passed."""
        self.now = now
        self.guarded(None, self.guest.timer.tick)(now)
        for line in list(self.lines.values()):
            if line.open:
                self.guarded(line.connection, line.tick)(now)

    def guarded(self, connection: Connection | None, act: Callable[[T], None]) -> Callable[[T], None]:
        """The same, of which errors are told where somebody wants to hear of them."""
        failed = self.failed
        if failed is None:
            return act

        def guard(value: T) -> None:
            try:
                act(value)
            except Exception as error:
                failed(connection, error)

        return guard

    def take_actions(self) -> list[Action]:
        """What is to be done now, in this order; each action is given once."""
        actions, self._actions = self._actions, []
        return actions

    def drop_connection(self, connection: Connection, text: str) -> None:
        """Close a connection that the shell has had enough of."""
        line = self.lines.get(connection)
        if line is not None:
            self.drop(line, text)

    def _port_added(self, news: PortAdded) -> None:
        self.listing.add(*news.key)

    # -- what can be done from outside

    def set_password(self, password: bytes | str | None, expires: float | None = None) -> None:
        """Want another password from now on, until ``expires`` on the clock of ``now``. Sessions go on."""
        self.policy.password = password.encode() if isinstance(password, str) else password
        self.policy.expires = expires

    def add_channel(self, channel_type: int, channel_id: int) -> None:
        """Have one more channel, and announce it. Raises ValueError for a type that this server does not know."""
        if channel_type not in self.channels or not 0 <= channel_id <= 255:
            raise ValueError(f"no channel of type {channel_type} with id {channel_id} can be had")
        self.listing.add(channel_type, channel_id)
        self.modes.update()

    def expect_migration(self, session_id: int) -> None:
        """A client of another server is going to bring this session."""
        if not 0 < session_id <= 0xFFFFFFFF:
            raise ValueError(f"no session id: {session_id}")
        self.migrations.add(session_id)

    def notify(self, text: str, severity: NotifySeverity = NotifySeverity.INFO) -> None:
        """Tell the users of all sessions."""
        for session in self.sessions.values():
            session.tell(Notice(text, severity))

    def shutdown(self) -> None:
        """End all sessions in order, and all links that are not finished."""
        for session in list(self.sessions.values()):
            self.end_session(session, "the server ends", LinkErr.OK)
        for line in self.unfinished:
            self.close(line, "the server ends")

    def _devices(self) -> tuple[DeviceDisplayInfo, ...]:
        """The monitors of all displays, each display a graphics card."""
        return tuple(
            [
                DeviceDisplayInfo(
                    channel_id=number,
                    monitor_id=head.monitor_id,
                    device_display_id=head.monitor_id,
                    device_address=b"pci/0000/%02x.0\0" % (_FIRST_SLOT + number),
                )
                for number in range(self.listing.displays)
                for head in self.guest.screens[number].heads
            ]
        )

    # -- sessions

    def new_session_id(self) -> int:
        """An id that no session has (SPICE-MAIN-003, SPICE-MAIN-004)."""
        while True:
            number = self.random.getrandbits(32)
            if number and number not in self.sessions and number not in self.migrations:
                return number

    def new_session(self, connection_id: int) -> Session:
        """A main channel has logged in; it names a session that comes from another server, or 0."""
        if not self.options.multi_client:
            for session in list(self.sessions.values()):
                self.take_over(session)
        if not self.sessions and not connection_id:
            self.modes.reset()
        self.migrations.discard(connection_id)
        session = Session(connection_id or self.new_session_id(), self.now, arriving=connection_id != 0)
        self.sessions[session.id] = session
        return session

    def find_session(self, message: LinkMess) -> Session:
        """The session of a channel that has logged in: for main a new one."""
        if message.channel_type == ChannelType.MAIN:
            return self.new_session(message.connection_id)
        return self.sessions[message.connection_id]

    def take_over(self, session: Session) -> None:
        """Another client takes the place of this one (SPICE-LINK-036)."""
        self.end_session(session, "another client has logged in", LinkErr.ERROR)

    def end_session(self, session: Session, text: str, reason: LinkErr | None = None) -> None:
        """Close all channels of a session (SPICE-MAIN-019). ``reason`` is told the client."""
        self.sessions.pop(session.id, None)
        if reason is not None:
            session.tell(Leaving(reason))
        for line in self.lines_of(session):
            self.close(line, text)

    # -- lines (:class:`reference_server.line.Owner`)

    @property
    def unfinished(self) -> list[Line]:
        """Lines whose link stage is not over."""
        return [line for line in self.lines.values() if line.link is not None]

    def lines_of(self, session: Session) -> list[Line]:
        """The lines of a session."""
        return [line for line in self.lines.values() if line.session is session]

    def linked(self, line: Line, event: Established) -> None:
        """A client has logged in on a channel."""
        session = self.find_session(event.message)
        key = (int(event.message.channel_type), event.message.channel_id)
        kind = self.channels[key[0]]
        line.join(session, key, self.make_messages(kind, event))
        session.linked.add(key)
        line.channel = channel = kind(self, line, session, event)
        self._tell(Linked(connection=line.connection, channel_type=key[0], channel_id=key[1], session=session.id))
        channel.start(self.now)
        if event.client_rest:
            line.receive(event.client_rest, self.now)

    def make_messages(self, kind: type[ServerChannel], event: Established) -> Channel:
        """The message layer of a channel."""
        made = kind.messages_class or self.channel_class
        return made("server", channel_name(event.message.channel_type), event.mini_header)

    def refused(self, line: Line, event: Refused) -> None:
        """A client was told no."""
        del self.lines[line.connection]
        self._tell(Turned(connection=line.connection, error=event.error, stage=event.stage, text=event.text))
        self.hang_up(line)

    def hang_up(self, line: Line) -> None:
        """Close behind a refusal (SPICE-LINK-024)."""
        self._actions.append(Close(line.connection))

    def lost(self, line: Line) -> None:
        """The client has closed a line; with main that ends the session, with another channel it does not (SPICE-MAIN-020)."""
        text = "the client closed the connection"
        self.forget(line, text)
        if line.is_main and line.session is not None:
            self.end_session(line.session, text)

    def drop(self, line: Line, text: str) -> None:
        """End a line, and with main the session."""
        if line.is_main and line.session is not None:
            self.end_session(line.session, text)
        else:
            self.close(line, text)

    def close(self, line: Line, text: str) -> None:
        """Close one line."""
        if line.open:
            self.forget(line, text)
            self._actions.append(Close(line.connection))

    def forget(self, line: Line, text: str) -> None:
        """A line is no more."""
        connection, key = line.connection, line.key
        self.lines.pop(connection, None)
        if line.session is None:
            self._tell(Turned(connection=connection, error=None, stage="", text=text))
        else:
            line.session.linked.discard(key)
            self._tell(Ended(connection=connection, channel_type=key[0], channel_id=key[1], text=text))
        line.end(self.now)

    def outgoing(self, line: Line, data: bytes) -> None:
        """All bytes pass here last."""
        self._actions.append(Send(line.connection, data))

    def _tell(self, event: Event) -> None:
        if self.listener is not None:
            self.listener(event)
