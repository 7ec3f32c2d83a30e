"""The reference server: bytes and ``now`` come in, actions go out.

    connection ──> link stage (spiceproto.link.ServerLink, Policy) ──> member of a session ──> guest
               <── actions (spiceproto.transport)                  <──                     <──

It knows no socket and no clock, see :mod:`spiceproto.transport`; :mod:`reference_server.shell` moves its bytes. Whatever
a client sends, nothing is raised: a link that breaks a rule is refused, a channel that does is closed, and with main
its session.

To watch it, or to have it break a rule, override a small method (:meth:`Server.send`, :meth:`Server.handle`,
:meth:`Server.outgoing`), or replace one of the classes it is made of: ``policy_class``, ``link_class``,
``channel_class``, ``members``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random, SystemRandom
from typing import Any, ClassVar

import msgspec

from reference_server.cursor import CursorMember
from reference_server.display import DisplayMember
from reference_server.guest import Box, Guest
from reference_server.inputs import MOVEMENTS, InputsMember
from reference_server.main import MainMember
from reference_server.member import Member, Session
from reference_server.options import Options
from reference_server.policy import Policy
from spiceproto.channel import Channel, MessageReceived
from spiceproto.enums.common import NotifySeverity
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.errors import RemoteError
from spiceproto.link.events import Established, Refused
from spiceproto.link.server import ServerLink
from spiceproto.messages.link import LinkMess
from spiceproto.transport import Action, Close, Connection, Send

__all__ = ["Ended", "Event", "Linked", "Linking", "Server", "Turned"]

_WHOLE_LINK = 4
"""Link timeouts that a link stage may take in all: a byte now and then must not hold it open for ever."""


class Linked(msgspec.Struct, frozen=True):
    """A client has linked a channel."""

    connection: Connection
    channel_type: int
    channel_id: int
    session: int


class Turned(msgspec.Struct, frozen=True):
    """A link stage that led to nothing."""

    connection: Connection
    error: int | None
    stage: str
    text: str


class Ended(msgspec.Struct, frozen=True):
    """A channel is no more."""

    connection: Connection
    channel_type: int
    channel_id: int
    text: str


Event = Linked | Turned | Ended


class Linking:
    """A link stage under way: when it began, and when the client was last heard."""

    __slots__ = ("began", "heard", "link")

    def __init__(self, link: ServerLink, now: float) -> None:
        self.link = link
        self.began = self.heard = now


class Server:
    """Serves one guest.

    ``random``      where session ids come from; None for the system's
    ``sessions``    running sessions by id
    ``migrations``  ids of sessions that are expected from another server
    ``mouse_mode``, ``supported_modes``  who moves the pointer, and who could
    ``listener``    is told what happens to connections, for a log; None for nobody
    ``now``         the time of the last call
    """

    policy_class: ClassVar[type[Policy]] = Policy
    link_class: ClassVar[type[ServerLink]] = ServerLink
    channel_class: ClassVar[type[Channel]] = Channel
    members: ClassVar[dict[int, type[Member]]] = {
        ChannelType.MAIN: MainMember,
        ChannelType.DISPLAY: DisplayMember,
        ChannelType.INPUTS: InputsMember,
        ChannelType.CURSOR: CursorMember,
    }
    movements: ClassVar[int] = MOVEMENTS
    """So many movements are acknowledged together."""

    def __init__(self, options: Options | None = None, guest: Guest | None = None, *, random: Random | None = None) -> None:
        self.options = options or Options()
        self.guest = guest or Guest()
        self.random = random or SystemRandom()
        self.now = 0.0
        self.sessions: dict[int, Session] = {}
        self.migrations: set[int] = set()
        self.listener: Callable[[Event], None] | None = None
        self.policy = self.policy_class(self)
        self.mouse_mode = MouseMode.SERVER
        self._links: dict[Connection, Linking] = {}
        self._by_connection: dict[Connection, Member] = {}
        self._actions: list[Action] = []
        self._accepted = 0
        for kind in (ChannelType.MAIN, ChannelType.INPUTS):
            self._have(kind, 0)
        for number in range(self.options.displays):
            self._have(ChannelType.DISPLAY, number)
            self._have(ChannelType.CURSOR, number)
        self.supported_modes = self.find_supported_modes()
        self.guest.watch(self)

    # -- the shell's side

    def accept(self, now: float, *, secure: bool = False) -> Connection:
        """A client has connected; ``secure`` says whether with TLS."""
        self.now = now
        while len(self._links) >= max(self.options.unfinished_links, 1):
            self._turn_away(next(iter(self._links)), "too many links are not finished")
        self._accepted += 1
        connection = Connection(self._accepted, secure=secure)
        self._links[connection] = Linking(self.link_class(self.policy, secure=secure), now)
        return connection

    def receive(self, connection: Connection, data: bytes, now: float) -> None:
        """Bytes of a client; those that come after the end of a connection mean nothing."""
        self.now = now
        linking = self._links.get(connection)
        if linking is not None:
            linking.heard = now
            self._link(connection, linking.link, data)
            return
        member = self._by_connection.get(connection)
        if member is not None:
            member.channel.receive(data, now)
            self._messages(member)

    def closed(self, connection: Connection, now: float) -> None:
        """A client has closed a connection, or it broke."""
        self.now = now
        linking = self._links.pop(connection, None)
        if linking is not None:
            self._tell(Turned(connection, None, "", "the client closed the connection"))
        member = self._by_connection.get(connection)
        if member is not None:
            self.lost(member)

    def lost(self, member: Member) -> None:
        """The client has closed a channel."""
        text = "the client closed the connection"
        self._forget(member, text)
        if member is member.session.main:
            self.end_session(member.session, text)

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` is to be called next; None for never."""
        times = [self.link_deadline(linking) for linking in self._links.values()]
        times += [at for member in self._by_connection.values() if (at := member.deadline) is not None]
        return min(times, default=None)

    def tick(self, now: float) -> None:
        """Time has passed."""
        self.now = now
        for connection, linking in list(self._links.items()):
            if now >= self.link_deadline(linking):
                self._turn_away(connection, "the link stage takes too long")
        for member in list(self._by_connection.values()):
            if member.open:
                member.tick(now)

    def take_actions(self) -> list[Action]:
        """What is to be done now, in this order; each action is given once."""
        actions, self._actions = self._actions, []
        return actions

    # -- what can be done from outside

    @property
    def channels(self) -> Iterator[tuple[int, int]]:
        """Type and id of all channels."""
        return iter(self.policy.channels)

    @property
    def listed_channels(self) -> list[tuple[int, int]]:
        """What CHANNELS_LIST names."""
        return [key for key in self.channels if key[0] != ChannelType.MAIN]

    @property
    def displays(self) -> list[int]:
        """Ids of the display channels."""
        return [number for kind, number in self.channels if kind == ChannelType.DISPLAY]

    def set_password(self, password: bytes | str | None, expires: float | None = None) -> None:
        """Want another password from now on, until ``expires`` on the clock of ``now``. Sessions go on."""
        self.policy.password = password.encode() if isinstance(password, str) else password
        self.policy.expires = expires

    def add_channel(self, channel_type: int, channel_id: int) -> None:
        """Have one more channel, and announce it. Raises ValueError for a type that this server does not know."""
        if channel_type not in self.members or not 0 <= channel_id <= 255:
            raise ValueError(f"no channel of type {channel_type} with id {channel_id} can be had")
        if (channel_type, channel_id) in self.policy.channels:
            return
        self._have(channel_type, channel_id)
        for main in self.mains():
            if main.listed:
                main.send(main.channels_list((channel_type, channel_id)))
        self.update_modes()

    def expect_migration(self, session_id: int) -> None:
        """A client of another server is going to bring this session."""
        if not 0 < session_id <= 0xFFFFFFFF:
            raise ValueError(f"no session id: {session_id}")
        self.migrations.add(session_id)

    def notify(self, text: str, severity: NotifySeverity = NotifySeverity.INFO) -> None:
        """Tell the users of all sessions."""
        for main in self.mains():
            main.notify(text, severity)

    def shutdown(self) -> None:
        """End all sessions in order, and all links that are not finished."""
        for session in list(self.sessions.values()):
            self.end_session(session, "the server ends", LinkErr.OK)
        for connection in list(self._links):
            self._turn_away(connection, "the server ends")

    def drop_connection(self, connection: Connection, text: str) -> None:
        """Close a connection that the shell has had enough of."""
        member = self._by_connection.get(connection)
        if member is not None:
            self.drop(member, text)
        elif connection in self._links:
            self._turn_away(connection, text)

    # -- mouse mode

    def find_supported_modes(self) -> MouseMode:
        """What the guest's pointing devices allow."""
        tablet = self.guest.pointer == "absolute" and len(self.displays) == 1
        return MouseMode.SERVER | MouseMode.CLIENT if tablet or self.guest.agent else MouseMode.SERVER

    def update_modes(self) -> None:
        """Something that the modes depend on has changed."""
        supported = self.find_supported_modes()
        self.set_modes(supported, self.mouse_mode if self.mouse_mode & supported else MouseMode.SERVER)

    def request_mouse_mode(self, mode: int) -> None:
        """A client asks for a mode."""
        if mode in (MouseMode.SERVER, MouseMode.CLIENT) and mode & self.supported_modes:
            self.set_modes(self.supported_modes, MouseMode(mode))

    def set_modes(self, supported: MouseMode, mode: MouseMode) -> None:
        """Have these modes, and say so if that is new."""
        if (supported, mode) == (self.supported_modes, self.mouse_mode):
            return
        self.supported_modes, self.mouse_mode = supported, mode
        self.announce_modes()

    def announce_modes(self) -> None:
        """MOUSE_MODE to every session."""
        for main in self.mains():
            main.send(main.mouse_mode())

    # -- what the guest says (:class:`reference_server.guest.Watcher`)

    def pointer_changed(self) -> None:
        """The guest uses another kind of pointing device."""
        self.update_modes()

    def agent_changed(self) -> None:
        """The agent came or went."""
        for main in self.mains():
            main.send(main.agent_message())
        self.update_modes()

    def locks_changed(self) -> None:
        """Lock keys went on or off."""
        for member in list(self._by_connection.values()):
            if isinstance(member, InputsMember):
                member.send(member.locks())

    def drawn(self, display: int, box: Box) -> None:
        """A part of a picture has changed."""
        for member in self._displays(display):
            member.drawn(box)

    def resized(self, display: int) -> None:
        """A picture has another size."""
        for member in self._displays(display):
            member.resized()

    # -- sessions

    def mains(self) -> list[MainMember]:
        """The main channels on which INIT was sent."""
        found = [session.main for session in self.sessions.values()]
        return [main for main in found if main is not None and main.begun and main.open]

    def new_session_id(self) -> int:
        """An id that no session has."""
        while True:
            number = self.random.getrandbits(32)
            if number and number not in self.sessions and number not in self.migrations:
                return number

    def new_session(self, connection_id: int) -> Session:
        """A main channel has logged in."""
        if not self.options.multi_client:
            for session in list(self.sessions.values()):
                self.take_over(session)
        if not self.sessions and not connection_id:
            self.mouse_mode = MouseMode.SERVER
        self.migrations.discard(connection_id)
        session = Session(connection_id or self.new_session_id())
        session.heard = self.now
        self.sessions[session.id] = session
        return session

    def take_over(self, session: Session) -> None:
        """Another client takes the place of this one."""
        self.end_session(session, "another client has logged in", LinkErr.ERROR)

    def end_session(self, session: Session, text: str, reason: LinkErr | None = None) -> None:
        """Close all channels of a session. ``reason`` is told the client."""
        self.sessions.pop(session.id, None)
        main = session.main
        if reason is not None and main is not None and main.begun:
            main.disconnecting(reason)
        for member in list(session.members.values()):
            self.close(member, text)

    def drop(self, member: Member, text: str) -> None:
        """End a channel, and with main the session."""
        if member is member.session.main:
            self.end_session(member.session, text)
        else:
            self.close(member, text)

    def close(self, member: Member, text: str) -> None:
        """Close one channel."""
        if member.open:
            self._forget(member, text)
            self._actions.append(Close(member.connection))

    # -- bytes out

    def send(self, member: Member, value: Any) -> None:
        """Send one message."""
        self._put(member.connection, member.channel.send(value))

    def set_ack(self, member: Member) -> None:
        """SET_ACK."""
        self._put(member.connection, member.channel.set_ack(self.options.ack_window))

    def outgoing(self, connection: Connection, data: bytes) -> bytes:
        """All bytes pass here last."""
        return data

    def _put(self, connection: Connection, data: bytes) -> None:
        data = self.outgoing(connection, data)
        if data:
            self._actions.append(Send(connection, data))

    # -- bytes in

    def handle(self, member: Member, value: Any) -> None:
        """A message of a client."""
        member.handle(value, self.now)

    def _messages(self, member: Member) -> None:
        try:
            while member.open and (event := member.channel.next_event()) is not None:
                if isinstance(event, MessageReceived):
                    member.session.heard = self.now
                    self.handle(member, event.value)
                    member.flush()
        except RemoteError as error:
            self.drop(member, str(error))

    def _link(self, connection: Connection, link: ServerLink, data: bytes) -> None:
        events = link.receive(data, self.now)
        self._put(connection, link.bytes_to_send())
        for event in events:
            if isinstance(event, Established):
                del self._links[connection]
                self.linked(connection, event)
            elif isinstance(event, Refused):
                del self._links[connection]
                self._tell(Turned(connection, event.error, event.stage, event.text))
                self.refused(connection)

    def refused(self, connection: Connection) -> None:
        """A client was told no."""
        self._actions.append(Close(connection))

    def link_deadline(self, linking: Linking) -> float:
        """When a link stage is given up."""
        timeout = self.options.link_timeout
        return min(linking.heard + timeout, linking.began + _WHOLE_LINK * timeout)

    def find_session(self, message: LinkMess) -> Session:
        """The session of a channel that has logged in: for main a new one."""
        if message.channel_type == ChannelType.MAIN:
            return self.new_session(message.connection_id)
        return self.sessions[message.connection_id]

    def make_channel(self, table: str, established: Established) -> Channel:
        """The message layer of a channel."""
        return self.channel_class("server", table, established.mini_header)

    def linked(self, connection: Connection, event: Established) -> None:
        """A client has logged in on a channel."""
        session = self.find_session(event.message)
        member = self.members[event.message.channel_type](self, connection, session, event)
        session.members[member.key] = member
        if isinstance(member, MainMember):
            session.main = member
        self._by_connection[connection] = member
        self._tell(Linked(connection, *member.key, session.id))
        member.begin(self.now)
        if isinstance(member, InputsMember) and not connection.secure and session.main in self.mains():
            session.main.notify("the inputs channel has no TLS, and others may read what is typed")
        if event.client_rest and member.open:
            member.channel.receive(event.client_rest, self.now)
            self._messages(member)

    # -- the rest

    def _have(self, channel_type: int, channel_id: int) -> None:
        self.policy.channels[int(channel_type), channel_id] = self.options.announced(channel_type)

    def _displays(self, number: int) -> list[DisplayMember]:
        found = [session.members.get((ChannelType.DISPLAY, number)) for session in self.sessions.values()]
        return [member for member in found if isinstance(member, DisplayMember)]

    def _turn_away(self, connection: Connection, text: str) -> None:
        del self._links[connection]
        self._tell(Turned(connection, None, "", text))
        self._actions.append(Close(connection))

    def _forget(self, member: Member, text: str) -> None:
        member.open = False
        self._by_connection.pop(member.connection, None)
        member.session.members.pop(member.key, None)
        self._tell(Ended(member.connection, *member.key, text))
        member.ended()

    def _tell(self, event: Event) -> None:
        if self.listener is not None:
            self.listener(event)
