"""The reference server: bytes and ``now`` come in, actions go out.

    Server.receive ──> Line ──> channel ──> guest
    Server.outgoing <── Line <── channel <── guest

It knows no socket and no clock, see :mod:`spiceproto.transport`; :mod:`reference_server.shell` moves its bytes. Whatever
a client sends, nothing is raised: a link that breaks a rule is refused, a channel that does is closed, and with main
its session.

What lives here: connections come and go, sessions begin and end. What a connection is, is in
:mod:`reference_server.line`; what a channel does, in its file in :mod:`reference_server.channels`; no type of channel is
named here but main, with which a session stands and falls.

The guest may go to another server, and its clients with it: :mod:`reference_server.migration`. From :meth:`Server.save` on it
stands still: time does not pass for it, and what clients say waits. Then it is gone (:meth:`Server.migrate_finish`), or goes on
(:meth:`Server.migrate_cancel`).

A server that is to be tried with, because it breaks a rule, replaces one of the classes that this one is made of
(``policy_class``, ``link_class``, ``line_class``, ``channel_class``, ``modes_class``, ``agent_class``,
``played_class``, a row of ``channels``), or overrides a method here. All bytes pass :meth:`Server.outgoing` last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random, SystemRandom
from typing import Any, ClassVar, Final, TypeVar

from reference_server import moved
from reference_server.agent_line import AgentLine
from reference_server.channels import CHANNELS, usual
from reference_server.channels.base import ServerChannel
from reference_server.compression import Compression
from reference_server.departure import Came, Destination, Kind, Late
from reference_server.encoding import SoundEncoding
from reference_server.events import Ended, Event, Linked, Turned
from reference_server.guest import Guest, PortAdded
from reference_server.guest.moved import pack, unpack
from reference_server.guests import GUESTS
from reference_server.guests.agent.played import PlayedAgent
from reference_server.line import Line
from reference_server.listing import Listing
from reference_server.migration import Migration, Outcome
from reference_server.options import Options
from reference_server.pointing import MouseModes
from reference_server.policy import Policy
from reference_server.session import Leaving, Notice, Session
from reference_server.streaming import Streaming
from spiceproto import ticket
from spiceproto.channel import Channel
from spiceproto.channels import channel_name
from spiceproto.enums.common import NotifySeverity, NotifyVisibility
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.link.events import Established, Refused
from spiceproto.link.server import ServerLink
from spiceproto.messages.agent import ClientDisconnected, DeviceDisplayInfo
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
    ``migration``   the one under way, if the sessions are about to leave
    ``late``        is told of what a client said for the guest when that had gone; None for nobody, and it is lost
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
        self.migration: Migration | None = None
        self._stands_still = False
        self.late: Callable[[int, Late], None] | None = None
        self._late: dict[int, list[Late]] = {}
        self._brought: dict[int, dict[tuple[int, int], Any]] = {}
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
        self.policy = self._make_policy()
        self.guest.agent_program = self.played_class
        self.agent = self.agent_class(self.guest.agent, self.options, self._devices)
        may = self.options.agent_mouse
        self.modes = self.modes_class(self.guest.pointer, self.guest.agent, lambda: self.listing.displays, agent_mouse=may)
        self.compression = Compression(self.options.image_compression, jpeg=self.options.jpeg, zlib_glz=self.options.zlib_glz)
        self.encoding = SoundEncoding(self.options)
        self.streaming = Streaming(self.options.streaming_video)
        self._actions: list[Action] = []
        self._accepted = 0

    def _make_policy(self) -> Policy:
        return self.policy_class(self.options, self.listing, self.sessions, self.migrations)

    def become(self, made: type[Server]) -> None:
        """Be a server of this class from now on, one that breaks a rule or none.

        Connections that are there keep what they are made of; those that are made from now on are made of its parts. What all
        sessions share is of its parts at once. An agent that is played goes, and comes again.
        """
        before = self.policy
        played = self.played_class
        self.__class__ = made
        self.policy = self._make_policy()
        self.policy.password, self.policy.expires = before.password, before.expires
        self.policy.here, self.policy.make_key = before.here, before.make_key
        self.modes.__class__ = self.modes_class
        self.agent.__class__ = self.agent_class
        self.guest.agent_program = self.played_class
        player = self.guest.agent.player
        if player is not None and self.played_class is not played:
            program = self.guest.program
            player.stop()
            if program is not None and program.name.startswith("agent"):
                GUESTS[program.name](self.guest, self.listing.displays)
            else:
                self.played_class(self.guest, self.listing.displays)
        self.modes.update()

    # -- the shell's side

    def accept(self, now: float, *, secure: bool = False) -> Connection:
        """A client has connected; ``secure`` says whether with TLS."""
        self.now = now
        self._limit_unfinished(max(self.options.unfinished_links, 1) - 1)
        self._accepted += 1
        connection = Connection(self._accepted, secure=secure)
        self.lines[connection] = self.line_class(self, connection, self.link_class(self.policy, secure=secure), now)
        return connection

    def make_room(self) -> None:
        """No more connections can be had: half of the links that are not finished are closed."""
        self._limit_unfinished(len(self.unfinished) // 2)

    def _limit_unfinished(self, most: int) -> None:
        """Close links until no more than so many are unfinished.

        Those that are more have to go, so that neither a crowd that says nothing nor one that asks for channels and never logs
        in keeps out who does both at once.
        """
        unfinished = self.unfinished
        if len(unfinished) <= most:
            return
        silent: list[Line] = []
        asking: list[Line] = []
        for line in unfinished:
            (silent if line.link is None or line.link.message is None else asking).append(line)
        for _ in range(len(unfinished) - most):
            more = silent if len(silent) >= len(asking) else asking
            self.close(more.pop(0), "too many links are not finished")

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
        deadlines = [at for line in self.lines.values() if (at := line.deadline) is not None]
        if not self._stands_still and (at := self.guest.timer.deadline) is not None:
            deadlines.append(at)
        return min(deadlines, default=None)

    def tick(self, now: float) -> None:
        """Time has passed."""
        self.now = now
        if not self._stands_still:
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
        """Want another password from now on, until ``expires`` on the clock of ``now``. Sessions go on.

        Raises LocalError for one that no client can say.
        """
        self.policy.password = None if password is None else ticket.checked(password)
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

    # -- migration: the source

    @property
    def here(self) -> bool:
        """Whether the guest is: it may be yet to come, or have gone."""
        return self.policy.here

    def migrate_begin(self, destination: Destination, kind: Kind = "seamless") -> None:
        """Tell all clients of another server, which expects their sessions. Raises LocalError if it can not begin.

        Where ``seamless`` is off, clients keep their links at best.
        """
        if self.migration is not None:
            raise LocalError("a migration is under way")  # SPICE-MIG-006
        if not self.here:
            raise LocalError("the guest is not here")
        if any(session.arriving for session in self.sessions.values()):
            raise LocalError("a session is still on its way here")
        if kind == "seamless" and not self.options.seamless:
            kind = "semi-seamless"
        self.migration = Migration(destination, kind, self.sessions.values(), self.now)

    def _under_way(self) -> Migration:
        if self.migration is None:
            raise LocalError("no migration is under way")
        return self.migration

    def save(self) -> bytes:
        """The guest and what sessions share, for :meth:`load` of the destination; the guest stands still from now on.

        Raises LocalError for a guest that can not move, which goes on.
        """
        self._stand_still()
        try:
            return moved.build(self._pack())
        except (LocalError, LimitError, OSError):
            self._go_on()
            raise

    @property
    def stands_still(self) -> bool:
        """Whether the guest is on its way from here, or here and about to go on."""
        return self._stands_still

    def _stand_still(self) -> None:
        self._stands_still = True
        self.guest.agent.stand_still()
        for line in self.lines.values():
            if line.session is not None and not line.session.arriving:
                line.hold()

    def _go_on(self) -> None:
        """The guest goes on here."""
        self._stands_still = False
        self.guest.agent.stand_still(False)
        for line in tuple(self.lines.values()):
            if line.session is not None and not line.session.arriving:
                if line.channel is not None:
                    line.channel.unfreeze()
                line.release(self.now)

    def _pack(self) -> moved.Moved:
        guest, modes = self.guest, self.modes
        seamless = () if self.migration is None else self.migration.seamless(self.sessions.values())
        channels = [
            moved.MovedChannel(session=line.session.id, key=line.key, state=line.channel.beside())
            for line in self.lines.values()
            if line.session is not None and line.channel is not None and line.session.id in seamless
        ]
        return moved.Moved(
            displays=self.listing.displays,
            guest=pack(guest),
            program=None if guest.program is None else (guest.program.name, guest.program.pack()),
            agent=None if guest.agent.player is None else guest.agent.player.pack(),
            line=self.agent.state(),
            modes=(int(modes.supported), int(modes.mode)),
            seamless=seamless,
            channels=tuple([channel for channel in channels if channel.state is not None]),
        )

    def migrate_finish(self) -> tuple[Outcome, ...]:
        """The guest is at the destination: all clients go there, each as it can; how. Raises LocalError without a migration."""
        migration = self._under_way()
        if not self._stands_still:
            self._stand_still()
        found = migration.finish(self.sessions.values())
        self.migration = None
        self.policy.here = False
        for line in tuple(self.lines.values()):
            if line.session is not None and not line.session.arriving:
                line.release(self.now)
        return found

    def migrate_cancel(self) -> None:
        """The guest stays, and so do all clients (SPICE-MIG-029). Raises LocalError where nothing is to be taken back."""
        if self.migration is None and (not self._stands_still or not self.here):
            raise LocalError("no migration is under way")
        migration, self.migration = self.migration, None
        if migration is not None:
            migration.cancel(self.sessions.values())
        if self._stands_still:
            self._go_on()

    @property
    def passes_on(self) -> bool:
        """Whether what comes too late for the guest gets there."""
        return self.late is not None

    def pass_on(self, session: int, late: Late) -> None:
        """A client has said this for a guest that has gone."""
        if self.late is not None:
            self.late(session, late)

    # -- migration: the destination

    def take_late(self, session: int, late: Late) -> None:
        """A client had said this at the source, when the guest had gone."""
        found = self.sessions.get(session)
        if found is not None:
            found.late.append(late)
            found.tell(late)
        elif session in self.migrations:
            self._late.setdefault(session, []).append(late)

    def no_more_late(self) -> None:
        """Nothing more comes of the source."""
        for session in self.sessions.values():
            for key in tuple(session.linked):
                session.tell(Late(key, None))

    def await_guest(self) -> None:
        """Have no guest until it comes from another server: only sessions that are expected can be linked."""
        self.policy.here = False

    def load(self, data: bytes) -> None:
        """The guest of another server, as its :meth:`save` has it, goes on here. Raises as :meth:`take` does."""
        self.take(data)
        self.run()

    def run(self) -> None:
        """The guest that was taken goes on."""
        self.policy.here = True
        self._stands_still = False
        self.guest.agent.stand_still(False)

    def take(self, data: bytes) -> None:
        """Have the guest of another server, as its :meth:`save` has it; it stands still until :meth:`run`.

        Raises RemoteError for what can not be one.
        """
        if any(not session.arriving for session in self.sessions.values()):
            raise LocalError("clients are here, who see another guest")
        found = moved.parse(data)
        displays = self.listing.displays
        if found.displays != displays:
            raise RemoteError(
                "the guest has more or fewer displays", path="displays", expected=str(displays), actual=str(found.displays)
            )
        if found.program is not None and found.program[0] not in GUESTS:
            raise RemoteError("nobody here knows what runs in the guest", path="program", actual=repr(found.program[0][:40]))
        if self.guest.program is not None:
            self.guest.program.stop()
            self.guest.program = None
        if self.guest.agent.player is not None:
            self.guest.agent.player.stop()
        self._stands_still = True
        unpack(self.guest, found.guest)
        self.guest.agent.stand_still()
        self.modes.move(*found.modes)
        self.agent.resume(found.line)
        self._take_along(found)
        try:
            self._start_programs(found)
        except (LookupError, TypeError, ValueError, OverflowError) as error:
            raise RemoteError(f"what runs in the guest can not go on: {error!r}", path="program") from None
        if self.guest.agent.present and not found.seamless:
            self.agent.say(ClientDisconnected())

    def _start_programs(self, found: moved.Moved) -> None:
        displays = self.listing.displays
        if found.agent is not None and found.guest.agent:
            self.played_class(self.guest, displays, line_ends=found.agent.line_ends, moved=found.agent)
        if found.program is not None:
            GUESTS[found.program[0]](self.guest, displays, found.program[1])

    def _take_along(self, found: moved.Moved) -> None:
        """What channels get that will arrive, and that the guest has come: nothing has happened in it yet."""
        for channel in found.channels:
            self._brought.setdefault(channel.session, {})[channel.key] = channel.state
        for session in self.sessions.values():
            session.beside = self._brought.pop(session.id, {})
            session.tell(Came())

    def forget_migrations(self, text: str) -> None:
        """No guest comes: nor do sessions that were expected, and those that wait for it end."""
        self.migrations.clear()
        self._brought.clear()
        self._late.clear()
        for session in list(self.sessions.values()):
            if session.arriving:
                self.end_session(session, text)

    def notify(
        self,
        text: str,
        severity: NotifySeverity = NotifySeverity.INFO,
        visibility: NotifyVisibility = NotifyVisibility.HIGH,
        *,
        session: int | None = None,
    ) -> None:
        """Tell the users of all sessions, or of one. Raises LocalError for one that there is not, or as Notice does."""
        notice = Notice(text, severity, visibility)
        for each in tuple(self.sessions.values()) if session is None else (self.session(session),):
            each.tell(notice)

    def session(self, id: int) -> Session:
        """A session that runs. Raises LocalError for one that does not."""
        found = self.sessions.get(id)
        if found is None:
            if not self.sessions:
                raise LocalError(f"there is no session {id}: no client is there")
            raise LocalError("there is no such session", expected=", ".join(map(str, self.sessions)), actual=str(id))
        return found

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
        session.beside = self._brought.pop(session.id, {})
        session.late = self._late.pop(session.id, [])
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
        if session.arriving and not line.is_main:
            channel.await_arrival()
        else:
            channel.begin(self.now)
        if self._stands_still and not session.arriving:
            line.hold()
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
