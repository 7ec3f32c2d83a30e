"""The client: one session, without I/O and without a clock.

:class:`Client` is an :class:`~spiceproto.transport.End`. Whoever runs it opens the connections it asks for, moves bytes, and
calls ``tick`` at ``deadline``. The user's wishes are methods of the channels (:mod:`reference_client.wishes`), and what there
is to tell comes out of ``take_events``.

A connection is a :class:`~reference_client.line.Line`, what it is for one of :mod:`reference_client.channels`. What stays
here is the session: which channels are linked, where and with TLS or not, and how it ends. When the guest moves to another
server, the session goes with it (:mod:`reference_client.migration`).

Whatever bytes come, nothing is raised by ``receive``. A server that breaks a rule in the link stage or in the framing loses
that connection; with main it loses the session. A message that is unknown or malformed is skipped.

Who leaves is gone at once, unless a channel is not settled yet (:mod:`reference_client.channels.display` says why): then the
session goes on, and links that are under way are finished, until all are settled or ``leave_timeout`` is over.

Whoever wants a client that does something wrong derives from the class that does the work and puts it in the place of that:
see :mod:`reference_client.faults`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeVar, cast

from reference_client import events, host
from reference_client.channels import CHANNELS, WANTED, ClientChannel, kind_of
from reference_client.kernels import Kernels
from reference_client.line import Line, Observer, error_name
from reference_client.link_order import LinkOrder
from reference_client.migration import Key, Migration
from reference_client.options import Options
from reference_client.pointing import Pointing
from reference_client.waiting import Waiting
from reference_client.wishes import Wishes
from spiceproto.capabilities import Capabilities
from spiceproto.channel import Channel
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.errors import LocalError
from spiceproto.link.client import ClientLink
from spiceproto.messages import common
from spiceproto.transport import Action, Connection, Place

__all__ = ["Client"]

_MAIN: Final = (int(ChannelType.MAIN), 0)

T = TypeVar("T")


class Client(Wishes):
    """One session.

    ``now``         the time of the last call
    ``session_id``  what INIT brought; None before it
    ``lines``       the connections of all channels that were ever wanted, by type and id
    ``pointing``    the pointer that all channels share
    ``place``       where its server is; None for where it began
    ``migration``   what is known of the next place
    ``leaving``     the user leaves: when the session is over at the latest; None before
    ``ended``       the session is over: why; None before
    """

    link_class: ClassVar[type[ClientLink]] = ClientLink
    channel_class: ClassVar[type[Channel]] = Channel
    line_class: ClassVar[type[Line]] = Line
    waiting_class: ClassVar[type[Waiting]] = Waiting
    pointing_class: ClassVar[type[Pointing]] = Pointing
    migration_class: ClassVar[type[Migration]] = Migration
    channels: ClassVar[Mapping[int, type[ClientChannel]]] = MappingProxyType(
        {number: kind.channel for number, kind in CHANNELS.items()}
    )

    def __init__(self, options: Options | None = None) -> None:
        """Raises LocalError for options that cannot be said in SPICE."""
        self.options = options or Options()
        self.check()
        self.now = 0.0
        self.session_id: int | None = None
        self.lines: dict[Key, Line] = {}
        self.place: Place | None = None
        self.migration = self.migration_class(self)
        self.pointing = self.pointing_class(prefer_client_mode=self.options.prefer_client_mode)
        self.leaving: float | None = None
        self.ended: events.Ended | None = None
        self._waiting = self.waiting_class(self.lines)
        self._order = LinkOrder(self.options.link_order, self.lines)
        self._by_connection: dict[Connection, Line] = {}
        self._actions: list[Action] = []
        self._events: list[events.Event] = []
        self._shared: dict[type, Any] = {}
        self._secured = False
        self._secure: set[Key] = set()
        self._before: dict[Key, ClientChannel] = {}
        self._connections = 0
        self._observer: Observer | None = None

    def check(self) -> None:
        """Raise LocalError for options that cannot be said in SPICE."""
        self.options.check()

    # -- what the shell calls

    def start(self, now: float) -> None:
        """Begin: the main channel is wanted. A client has one session; another one needs another client."""
        self.now = now
        if self.lines:
            raise LocalError("this client was started before")
        self._link(*_MAIN)

    def opened(self, connection: Connection, now: float) -> None:
        """The connection is there, with TLS if that was asked for."""
        self.now = now
        if (line := self._by_connection.get(connection)) is not None:
            line.opened(now)

    def failed(self, connection: Connection, now: float, text: str) -> None:
        """There is no such connection to be had."""
        self.now = now
        if (line := self._by_connection.get(connection)) is not None:
            line.failed(text)
            self._proceed(now)

    def receive(self, connection: Connection, data: bytes, now: float) -> None:
        """Bytes of the server. Raises nothing, whatever they are."""
        self.now = now
        if (line := self._by_connection.get(connection)) is not None:
            line.receive(data, now)
            self._proceed(now)

    def closed(self, connection: Connection, now: float, broken: str = "") -> None:
        """The server closed the connection; or it broke, and ``broken`` says how."""
        self.now = now
        if (line := self._by_connection.get(connection)) is not None:
            line.closed(broken)
            self._proceed(now)

    def tick(self, now: float) -> None:
        """Time has passed."""
        self.now = now
        for line in list(self.lines.values()):
            line.tick(now)
        self.migration.tick(now)
        self._proceed(now)

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` is to be called next; None for never."""
        deadlines = [line.deadline for line in self.lines.values()]
        if self.ended is None:
            deadlines += [self.leaving, self._order.deadline, self.migration.deadline]
        return min([deadline for deadline in deadlines if deadline is not None], default=None)

    def paused(self, connection: Connection) -> bool:
        """Whether a channel waits for others: then nothing more should be read for it."""
        line = self._by_connection.get(connection)
        return line is not None and line.paused

    def hold(self, connection: Connection, held: bool, now: float) -> None:
        """Much of what was sent has not left yet, or it has: what can wait, like a file, is not sent meanwhile."""
        self.now = now
        line = self._by_connection.get(connection)
        if line is None or line.finished:
            return
        line.crowded = held
        if line.state == "linked" and line.channel is not None:
            line.channel.hold(held, now)

    def take_actions(self) -> list[Action]:
        """What is to be done now, in this order; each action is given once."""
        actions, self._actions = self._actions, []
        return actions

    def take_events(self) -> list[events.Event]:
        """What happened, in this order; each event is given once."""
        found, self._events = self._events, []
        return found

    # -- what the user calls, beside the wishes of channels

    def disconnect(self, now: float) -> None:
        """Leave in order: once all channels are settled DISCONNECTING on main, and everything is closed."""
        self.now = now
        if not self.lines or self.ended is not None or self.leaving is not None:
            return
        self.leaving = now + self.options.leave_timeout
        if self.migration.phase in ("linking", "connected"):
            self.migration.drop()
        for line in self.lines.values():
            if line.state == "opening":
                line.close()
        self._leave()

    def watch(self, observer: Observer | None) -> None:
        """Tell somebody of each message of every channel as it passes, both ways; None for nobody."""
        self._observer = observer
        for line in self._by_connection.values():
            line.watch(observer)

    def linked(self) -> list[Line]:
        """The lines that are linked now."""
        return [line for line in self.lines.values() if line.state == "linked"]

    def state(self, now: float) -> dict[str, Any]:
        """What the client knows, in values that JSON has: its channels, and what each has to say while there is a session."""
        self.now = now
        found: dict[str, Any] = {
            "connected": self.ended is None and bool(self.linked()),
            "place": _told(self.place),
            "migration": {"phase": self.migration.phase, "place": _told(self.migration.place)},
            "channels": [
                {"type": line.name, "id": line.id, "state": "opened" if line.state == "linked" else line.state}
                for line in self.lines.values()
            ],
        }
        if self.ended is not None:
            return found
        for line in self.lines.values():
            if line.channel is not None:
                found |= line.channel.state(now)
        return found

    # -- what channels ask: :class:`reference_client.host.Host`

    def tell(self, event: events.Event) -> None:
        """An event for :meth:`take_events`."""
        self._events.append(event)

    def wants(self, channel_type: int, channel_id: int) -> bool:
        """Whether a channel that a list names is to be linked: once, if its type is wanted (SPICE-MAIN-015, SPICE-MAIN-016)."""
        wanted = WANTED if self.options.channels is None else self.options.channels
        return (
            self.leaving is None
            and channel_type in wanted
            and channel_type != ChannelType.MAIN
            and (channel_type, channel_id) not in self.lines
            and (channel_type, channel_id) not in self._order.waiting
            and len(self.lines) + len(self._order.waiting) < self.options.most_channels
        )

    def open(self, channel_type: int, channel_id: int) -> None:
        """Link a channel when it is its turn. What main needed TLS for needs it everywhere: the ticket is the same."""
        if self.options.link_order != "parallel":
            self._order.waiting.append((int(channel_type), channel_id))
            return
        self._link(int(channel_type), channel_id)

    def coming(self, channel_type: int) -> bool:
        """Whether a channel of this type is on its way to be linked."""
        on_the_way = [line.type for line in self.lines.values() if line.state in ("opening", "linking")]
        return channel_type in on_the_way or channel_type in [kind for kind, _ in self._order.waiting]

    def shared(self, kind: type[T]) -> T:
        """What the channels of the session share: the one ``kind()`` of it, made when it is first asked for."""
        if kind not in self._shared:
            self._shared[kind] = kind()
        return cast(T, self._shared[kind])

    def end(self, text: str, *, orderly: bool) -> None:
        """The session is over: all that is open is closed."""
        if self.ended is not None:
            return
        self.ended = events.Ended(orderly, text)
        self.migration.close()
        for line in self.lines.values():
            line.close()
        self.tell(self.ended)

    # -- what lines ask: :class:`reference_client.line.Owner`

    def act(self, action: Action) -> None:
        """An action for :meth:`take_actions`."""
        self._actions.append(action)

    def announced(self, channel_type: int) -> Capabilities:
        """What the link message of a channel says."""
        return self.options.announced(channel_type, kind_of(channel_type).capabilities)

    def make_channel(self, line: Line) -> ClientChannel:
        """What a line that was linked is for."""
        channel = self.channels.get(line.type, ClientChannel)(self, line)
        before = self._before.pop((line.type, line.id), None)
        if before is not None:
            channel.inherit(before)
        return channel

    def settles(self, channel_type: int) -> bool:
        """Whether a channel of this type can be left as soon as it is linked."""
        return self.channels.get(channel_type, ClientChannel).settled

    def refused(self, line: Line, error: LinkErr | int | None, stage: str, text: str) -> None:
        """A channel cannot be had. With NEED_SECURED it is tried once more, with TLS; the way back is never taken."""
        if line.ahead:
            self._refused_ahead(line, error, stage, text)
            return
        wanted = self.ended is None and self.leaving is None
        if error == LinkErr.NEED_SECURED and self._tls and not line.connection.secure and wanted:
            self._secured = self._secured or line.type == ChannelType.MAIN
            self._open(line.type, line.id, True)
            return
        self.tell(events.ChannelRefused(channel=line.name, id=line.id, error=error, stage=stage, text=text))
        if line.type == ChannelType.MAIN:
            said = "" if error is None else f": {error_name(error)}"
            self.end(f"{text}{said}", orderly=False)

    def _refused_ahead(self, line: Line, error: LinkErr | int | None, stage: str, text: str) -> None:
        if self.lines.get((line.type, line.id)) is line:
            # The migration has ended, and the channel was about to begin.
            self.tell(events.ChannelClosed(channel=line.name, id=line.id, text=text))
        else:
            self.migration.refused(line, error, stage, text)

    def arrived(self, line: Line) -> None:
        """A line was linked ahead, or something has come on it."""
        self.migration.arrived(line)

    def moves(self, line: Line, value: common.Migrate | common.MigrateData) -> None:
        """The server says that a channel goes elsewhere."""
        self.migration.moves(line, value)

    def lost(self, line: Line) -> None:
        """A channel that was linked is gone. Main takes everything with it (SPICE-MAIN-019), the others nothing."""
        if line.type == ChannelType.MAIN:
            # A server that ends closes the connection, and most say nothing before: that is the same as one that is killed.
            self.end(line.broken or events.CLOSED, orderly=self.session_id is not None and not line.broken)

    # -- what the migration asks: :class:`reference_client.migration.Session`

    def make_line(self, key: Key, *, secure: bool, place: Place | None = None, ahead: bool = False) -> Line:
        """A line that is to be opened."""
        self._connections += 1
        connection = Connection(self._connections, secure=secure)
        line = self.line_class(self, *key, connection, place, ahead=ahead)
        self._by_connection = {at: each for at, each in self._by_connection.items() if each.state != "closed"}
        self._by_connection[connection] = line
        line.watch(self._observer)
        return line

    def begin_at(self, place: Place, lines: Mapping[Key, Line]) -> None:
        """Everything at the source is over; these lines are what there is."""
        self._leave_place(place)
        self.lines.update(lines)

    def begin_anew(self, place: Place) -> None:
        """Everything is over; a new session begins there. What had TLS will have it there (SPICE-MIG-011)."""
        self._secure |= {key for key, line in self.lines.items() if line.connection.secure}
        self._leave_place(place)
        self.session_id = None
        self._link(*_MAIN)

    def _leave_place(self, place: Place) -> None:
        for key, line in self.lines.items():
            if isinstance(line.channel, ClientChannel):
                self._before[key] = line.channel
            line.close()
        self.lines.clear()
        self._order.waiting.clear()
        # Caches and clock are another server's; what this machine has compiled stays.
        self._shared = {kind: one for kind, one in self._shared.items() if kind is Kernels}
        self.pointing.screens.clear()
        self.place = place

    def migrate(self, value: host.Migration) -> None:
        """What the server says on main of a migration."""
        self.migration.hear(value)

    def began(self) -> None:
        """INIT has opened the session."""
        self.migration.began()

    def _proceed(self, now: float) -> None:
        self.migration.look()
        self._waiting.proceed(now)
        if self.leaving is not None:
            self._leave()
        elif self.ended is None:
            for channel in self._order.take(now):
                self._link(*channel)

    def _leave(self) -> None:
        """Be gone, if nothing is to be waited for any more."""
        assert self.leaving is not None
        if self.now < self.leaving and not all(line.settled for line in self.lines.values()):
            return
        main = self.lines[_MAIN]
        begun = main.state == "linked" and not main.held
        for line in self.linked():
            line.leave(self.now)
        self.end(events.LEFT, orderly=begun)

    @property
    def _tls(self) -> bool:
        """Whether a way with TLS is known."""
        return self.options.tls if self.place is None else bool(self.place.tls_port)

    def _link(self, channel_type: int, channel_id: int) -> None:
        secure = self.options.secure(channel_type) or self._secured or (channel_type, channel_id) in self._secure
        self._open(channel_type, channel_id, secure or (self.place is not None and not self.place.port))

    def _open(self, channel_type: int, channel_id: int, secure: bool) -> None:
        line = self.lines[channel_type, channel_id] = self.make_line(
            (channel_type, channel_id), secure=secure, place=self.place
        )
        line.open()


def _told(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else {"host": place.host, "port": place.port, "tls_port": place.tls_port}
