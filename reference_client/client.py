"""The client: one session, without I/O and without a clock.

:class:`Client` is an :class:`~spiceproto.transport.End`. Whoever runs it opens the connections it asks for, moves bytes, and
calls ``tick`` at ``deadline``; the user's wishes are methods, and what there is to tell comes out of ``take_events``.

The link stage is :class:`spiceproto.link.ClientLink`, the message layer :class:`spiceproto.channel.Channel`; what each channel
is for is a :class:`~reference_client.part.Part`. What stays here is the session: which channels are linked and with TLS or
not, who waits for whom, and how it ends.

Whatever bytes come, nothing is raised by ``receive``. A server that breaks a rule in the link stage or in the framing loses
that connection; with main it loses the session. A message that is unknown or malformed is skipped.

Whoever wants a client that does something wrong overrides a method: all that is sent goes through :meth:`Client.outgoing`,
each message through :meth:`Client.send`, each message received through :meth:`Client.handle`; ``link_class``,
``channel_class`` and ``parts`` say what does the work. :mod:`reference_client.faults` is made of such overrides.
"""

from __future__ import annotations

import random as randomness
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final

from reference_client import events
from reference_client.cursor import Cursor
from reference_client.display import Display
from reference_client.inputs import Inputs
from reference_client.login import GuardedLogin
from reference_client.main import Main
from reference_client.member import Member, table_of
from reference_client.options import Options
from reference_client.part import Part
from spiceproto.channel import Channel, Event, MalformedMessage, MessageReceived, UnknownMessage
from spiceproto.enums.base import WireEnum
from spiceproto.enums.inputs import MouseButton
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.errors import LocalError, SpiceError
from spiceproto.link.client import ClientLink
from spiceproto.link.events import Established, KeyReceived, Refused
from spiceproto.messages import common
from spiceproto.transport import Action, Close, Connection, Open, Send

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from spiceproto.canvas.cache import PixmapCache
    from spiceproto.canvas.display import Display as Canvas
    from spiceproto.codecs.glz import Window

__all__ = ["Client"]

WAITING_BYTES: Final = 8 << 20
"""What one channel may pile up while it waits for another; the channel is closed above that. A shell that looks at
:meth:`Client.paused` never gets near it."""

_ANYWHERE: Final = 0x7FFFFFFF
"""Width and height of a surface whose size is not known."""

_MAIN: Final = (int(ChannelType.MAIN), 0)


class Client:
    """One session.

    ``now``         the time of the last call
    ``session_id``  what INIT brought; 0 before
    ``members``     all channels that were ever wanted, by type and id
    ``ended``       the session is over: why; None before
    """

    link_class: ClassVar[type[ClientLink]] = ClientLink
    channel_class: ClassVar[type[Channel]] = Channel
    parts: ClassVar[Mapping[int, type[Part]]] = MappingProxyType(
        {ChannelType.MAIN: Main, ChannelType.DISPLAY: Display, ChannelType.INPUTS: Inputs, ChannelType.CURSOR: Cursor}
    )

    def __init__(self, options: Options | None = None, *, random: randomness.Random | None = None) -> None:
        """``random`` decides where a client is free to; this one is free nowhere, its faults may be.

        Raises LocalError for options that cannot be said in SPICE.
        """
        self.options = options or Options()
        self.check()
        self.random = random or randomness.Random()
        self.now = 0.0
        self.members: dict[tuple[int, int], Member] = {}
        self.ended: events.Ended | None = None
        self._by_connection: dict[Connection, Member] = {}
        self._actions: list[Action] = []
        self._events: list[events.Event] = []
        self._connections = 0
        self._caches: tuple[PixmapCache, Window] | None = None
        self._secured = False

    # -- what the shell calls

    def start(self, now: float) -> None:
        """Begin: the main channel is wanted. A client has one session; another one needs another client."""
        self.now = now
        if self.members:
            raise LocalError("this client was started before")
        self.open(*_MAIN)

    def opened(self, connection: Connection, now: float) -> None:
        """The connection is there, with TLS if that was asked for."""
        self.now = now
        member = self._by_connection.get(connection)
        if member is None or member.state != "opening":
            return
        try:
            member.link = self.make_link(member)
        except SpiceError as error:
            self._fail(member, None, "connect", str(error))
            return
        member.state = "linking"
        member.deadline = now + self.options.link_timeout
        self._put(member, member.link.bytes_to_send())

    def failed(self, connection: Connection, now: float, text: str) -> None:
        """There is no such connection to be had."""
        self.now = now
        member = self._by_connection.get(connection)
        if member is not None and member.state == "opening":
            self._forget(member)
            self.refused(member, None, "connect", text)

    def receive(self, connection: Connection, data: bytes, now: float) -> None:
        """Bytes of the server. Raises nothing, whatever they are."""
        self.now = now
        member = self._by_connection.get(connection)
        if member is None:
            return
        if member.state == "linking":
            self._receive_link(member, data)
        elif member.state == "linked":
            self._receive_messages(member, data)

    def closed(self, connection: Connection, now: float) -> None:
        """The server closed the connection, or it broke."""
        self.now = now
        member = self._by_connection.get(connection)
        if member is None:
            return
        self._forget(member)
        if member.state == "linked":
            assert member.channel is not None
            said = member.channel.disconnecting
            reason = "" if said is None else f", and said why: {_error_name(said.reason)}"
            self._gone(member, f"the server closed {member.name}{reason}")
        elif member.state == "linking":
            assert member.link is not None
            for event in member.link.closed():
                if isinstance(event, Refused):
                    self.refused(member, event.error, event.stage, event.text)
        else:
            self.refused(member, None, "connect", "the connection was closed at once")

    def tick(self, now: float) -> None:
        """Time has passed."""
        self.now = now
        for member in list(self.members.values()):
            if member.deadline is not None and member.deadline <= now:
                stage = "connect" if member.state == "opening" else "link"
                self._fail(member, None, stage, f"{member.name} took too long")

    @property
    def deadline(self) -> float | None:
        """When :meth:`tick` is to be called next; None for never."""
        return min((member.deadline for member in self.members.values() if member.deadline is not None), default=None)

    def take_actions(self) -> list[Action]:
        """What is to be done now, in this order; each action is given once."""
        actions, self._actions = self._actions, []
        return actions

    def take_events(self) -> list[events.Event]:
        """What happened, in this order; each event is given once."""
        found, self._events = self._events, []
        return found

    # -- what the user wants

    def disconnect(self) -> None:
        """Leave in order: DISCONNECTING on main, and everything is closed."""
        main = self.members.get(_MAIN)
        if main is None or self.ended is not None:
            return
        begun = main.state == "linked" and not main.held
        if begun:
            self.say_goodbye(main)
            main.silent = True
        self.end("the user left", orderly=begun)

    def say_goodbye(self, main: Member) -> None:
        """What a client sends before it leaves."""
        self.send(main, common.Disconnecting(max(int(self.now * 1e9), 0), LinkErr.OK))

    def motion(self, dx: int, dy: int) -> None:
        """The pointing device moved, right and down. Raises LocalError without an inputs channel, as all of these do."""
        self._inputs().motion(dx, dy)

    def position(self, x: int, y: int, display: int = 0) -> None:
        """The pointer is at ``x, y`` of a display."""
        self._inputs().position(x, y, display)

    def press(self, button: int = MouseButton.LEFT) -> None:
        """A button goes down."""
        self._inputs().press(button)

    def release(self, button: int = MouseButton.LEFT) -> None:
        """A button goes up."""
        self._inputs().release(button)

    def wheel(self, steps: int) -> None:
        """The wheel turns: away from the user for ``steps`` above 0."""
        self._inputs().wheel(steps)

    def key(self, code: int, down: bool = True) -> None:
        """A key goes down or up; ``code`` is the scan code of its press: 0x1E, or 0x11D for E0 1D."""
        self._inputs().key(code, down)

    def scancode(self, data: bytes | str) -> None:
        """Scan codes as a keyboard gives them; a str has hexadecimal digits. Raises LocalError for a bad one."""
        if isinstance(data, str):
            try:
                data = bytes.fromhex(data)
            except ValueError:
                raise LocalError("not scan codes", expected="hexadecimal digits", actual=repr(data[:40])) from None
        self._inputs().scancode(data)

    def modifiers(self, flags: int) -> None:
        """Which lock keys should be on."""
        self._inputs().modifiers(flags)

    def request_mouse_mode(self, mode: int | str) -> None:
        """Ask for a mouse mode, by number or name. Raises LocalError before INIT, and for a name that is none."""
        if isinstance(mode, str):
            if mode.upper() not in MouseMode.__members__:
                raise LocalError("no such mouse mode", expected="server or client", actual=mode)
            mode = MouseMode[mode.upper()]
        main = self.main
        if main is None or main.init is None or main.member.state != "linked":
            raise LocalError("there is no session to ask", requirement="SPICE-MOUSE-008")
        if mode in (MouseMode.SERVER, MouseMode.CLIENT):
            # What the user wants last is what is asked for from now on.
            main.wanted_mode = int(mode)
        main.request_mouse_mode(mode)

    def picture(self, display: int = 0) -> NDArray[np.uint8]:
        """What a display shows: ``uint8 (h, w, 3)``, red first; 0 x 0 before there is anything.

        Raises LocalError for a display that is not there, and for a client without a canvas.
        """
        part = self.part(ChannelType.DISPLAY, display)
        if not isinstance(part, Display) or part.canvas is None:
            raise LocalError("there is no picture", expected="a linked display, and the option canvas")
        return part.canvas.picture()

    # -- what is there

    def part(self, channel_type: int, channel_id: int = 0) -> Part | None:
        """What does the work of a channel; None unless it was linked."""
        member = self.members.get((int(channel_type), channel_id))
        return None if member is None else member.part

    @property
    def main(self) -> Main | None:
        """The main channel, once it is linked."""
        part = self.part(*_MAIN)
        return part if isinstance(part, Main) else None

    @property
    def session_id(self) -> int:
        """What INIT brought; 0 before."""
        main = self.main
        return 0 if main is None or main.init is None else main.init.session_id

    @property
    def in_client_mode(self) -> bool:
        """Whether the mouse mode is CLIENT."""
        main = self.main
        return main is not None and main.in_client_mode

    def linked(self) -> list[Member]:
        """Channels that are linked now."""
        return [member for member in self.members.values() if member.state == "linked"]

    def surface_size(self, display: int) -> tuple[int, int]:
        """Width and height of what a display shows; very large where that is not known."""
        part = self.part(ChannelType.DISPLAY, display)
        size = part.primary if isinstance(part, Display) else None
        return (_ANYWHERE, _ANYWHERE) if size is None else (max(size.width, 1), max(size.height, 1))

    def server_has(self, member: Member, capability: WireEnum) -> bool:
        """Whether the server announced a capability for a channel."""
        return member.server.has(capability)

    def paused(self, connection: Connection) -> bool:
        """Whether a channel waits for others: then nothing more should be read for it."""
        member = self._by_connection.get(connection)
        return member is not None and member.channel is not None and bool(member.channel.barrier.waiting)

    def _inputs(self) -> Inputs:
        for member in self.members.values():
            if member.state == "linked" and isinstance(member.part, Inputs):
                return member.part
        raise LocalError("there is no inputs channel")

    # -- what parts call, and faults override

    def check(self) -> None:
        """Raise LocalError for options that cannot be said in SPICE."""
        self.options.check()

    def tell(self, event: events.Event) -> None:
        """An event for :meth:`take_events`."""
        self._events.append(event)

    def send(self, member: Member, value: Any) -> None:
        """A message for the server."""
        channel = member.channel
        if channel is None or member.state != "linked" or member.silent:
            return
        self._put(member, channel.bytes_to_send() + channel.send(value))

    def outgoing(self, connection: Connection, data: bytes) -> bytes:
        """All bytes on their way out come through here."""
        return data

    def handle(self, member: Member, event: Event) -> None:
        """Something that the server sent."""
        if isinstance(event, MessageReceived):
            assert member.part is not None
            member.part.handle(event.value)
        elif isinstance(event, UnknownMessage):
            self.tell(events.MessageSkipped(member.name, member.id, event.type, "unknown"))
        elif isinstance(event, MalformedMessage):
            self.tell(events.MessageSkipped(member.name, member.id, event.type, str(event.error)))

    def make_link(self, member: Member) -> ClientLink:
        """The link stage of a channel."""
        options = self.options
        found = options.sasl_login()
        login = None if found is None else GuardedLogin(found)
        password = options.ticket_password
        return self.link_class(
            member.type, member.id, self.connection_id(member), options.announced(member.type), password=password, sasl=login
        )

    def connection_id(self, member: Member) -> int:
        """What a link message names: nothing for a new session, and the session for everything else."""
        return 0 if member.type == ChannelType.MAIN else self.session_id

    def make_channel(self, member: Member, link: Established) -> Channel:
        """The message layer of a channel."""
        return self.channel_class(
            "client", member.name, link.mini_header, client_offset=link.client_offset, server_offset=link.server_offset
        )

    def wants(self, channel_type: int, channel_id: int) -> bool:
        """Whether a channel that a list names is to be linked: once, if its type is known and wanted."""
        return (
            channel_type in self.options.channels
            and channel_type != ChannelType.MAIN
            and (channel_type, channel_id) not in self.members
            and len(self.members) < self.options.most_channels
        )

    def open(self, channel_type: int, channel_id: int) -> None:
        """Begin to link a channel. What main needed TLS for needs it everywhere: the ticket is the same."""
        channel_type = int(channel_type)
        self._open(channel_type, channel_id, self.options.secure(channel_type) or self._secured)

    def unhold(self, member: Member) -> None:
        """Answers that waited for the client's turn may go."""
        member.held = False
        self._flush(member)

    def mouse_mode_changed(self) -> None:
        """Movements that wait follow the mode."""
        for member in self.linked():
            if isinstance(member.part, Inputs):
                member.part.flush()

    def canvas(self) -> Canvas:
        """A canvas for a display channel; all of them share caches and GLZ dictionary."""
        from spiceproto.canvas.cache import PixmapCache
        from spiceproto.canvas.display import Display as Canvas
        from spiceproto.codecs.glz import Window

        if self._caches is None:
            self._caches = PixmapCache(), Window()
        pixmaps, window = self._caches
        return Canvas(pixmaps=pixmaps, window=window)

    def refused(self, member: Member, error: LinkErr | int | None, stage: str, text: str) -> None:
        """A channel cannot be had. With NEED_SECURED it is tried once more, with TLS; the way back is never taken."""
        member.state, member.deadline = "closed", None
        if error == LinkErr.NEED_SECURED and self.options.tls and not member.connection.secure and self.ended is None:
            self._secured = self._secured or member.type == ChannelType.MAIN
            self._open(member.type, member.id, True)
            return
        self.tell(events.ChannelRefused(member.name, member.id, error, stage, text))
        if member.type == ChannelType.MAIN:
            said = "" if error is None else f": {_error_name(error)}"
            self.end(f"{text}{said}", orderly=False)

    def lost(self, member: Member) -> None:
        """A channel that was linked is gone. Main takes everything with it, the others nothing."""
        if member.type == ChannelType.MAIN:
            main = self.main
            self.end("main was closed", orderly=main is not None and main.init is not None)

    def end(self, text: str, *, orderly: bool) -> None:
        """The session is over: all that is open is closed."""
        if self.ended is not None:
            return
        self.ended = events.Ended(orderly, text)
        for member in self.members.values():
            if member.state != "closed":
                self._close(member)
                member.state, member.deadline = "closed", None
        self.tell(self.ended)

    # -- the rest

    def _open(self, channel_type: int, channel_id: int, secure: bool) -> None:
        self._connections += 1
        connection = Connection(self._connections, secure=secure)
        member = Member(channel_type, channel_id, connection, self.now + self.options.connect_timeout)
        self.members[channel_type, channel_id] = member
        if secure and not self.options.tls:
            self.refused(member, None, "connect", f"{table_of(channel_type)} needs TLS, and no way with TLS is known")
            return
        self._by_connection[connection] = member
        self._actions.append(Open(connection))

    def _receive_link(self, member: Member, data: bytes) -> None:
        link = member.link
        assert link is not None
        try:
            found = link.receive(data)
        except SpiceError as error:
            self._fail(member, None, "link", str(error))
            return
        self._put(member, link.bytes_to_send())
        for event in found:
            if isinstance(event, Refused):
                self._fail(member, event.error, event.stage, event.text)
            elif isinstance(event, KeyReceived):
                self._fail(member, None, "ticket", "there is no password for a ticket")
            elif isinstance(event, Established):
                self._established(member, event)

    def _established(self, member: Member, link: Established) -> None:
        member.state, member.deadline = "linked", None
        member.server = link.server
        member.channel = self.make_channel(member, link)
        member.part = self.parts.get(member.type, Part)(self, member)
        self.tell(events.ChannelLinked(member.name, member.id, member.connection.secure, link.mini_header, int(link.mechanism)))
        member.part.start()
        if link.server_rest:
            self._receive_messages(member, link.server_rest)

    def _receive_messages(self, member: Member, data: bytes) -> None:
        channel = member.channel
        assert channel is not None
        if channel.barrier.waiting:
            member.waiting_bytes += len(data)
            if member.waiting_bytes > WAITING_BYTES:
                self._break(member, f"{member.name} waited for other channels, and too much came meanwhile")
                return
        channel.receive(data, self.now)
        self._drain(member)
        self._proceed()

    def _proceed(self) -> None:
        """Channels that wait go on, until nothing moves any more."""
        moved = True
        while moved:
            moved = False
            for member in self.linked():
                channel = member.channel
                if channel is None or not channel.barrier.waiting or member.state != "linked":
                    continue
                if channel.proceed(partial(self._handled, member)):
                    moved = True
                    member.waiting_bytes = 0
                    self._drain(member)

    def _handled(self, waiting: Member, channel_type: int, channel_id: int) -> int | None:
        """Serial of the last message that a channel handled; None for one that is not there.

        A channel that names itself would wait for ever, and does not.
        """
        member = self.members.get((int(channel_type), channel_id))
        if member is None or member is waiting or member.state == "closed":
            return None
        return 0 if member.channel is None else member.channel.handled_serial

    def _drain(self, member: Member) -> None:
        """Handle what has come."""
        channel = member.channel
        assert channel is not None
        while member.state == "linked":
            try:
                event = channel.next_event()
            except SpiceError as error:
                self._break(member, str(error))
                return
            self._flush(member)
            if event is None:
                return
            self.handle(member, event)

    def _flush(self, member: Member) -> None:
        """Answers of the message layer."""
        if member.channel is not None and not member.held and not member.silent and member.state == "linked":
            self._put(member, member.channel.bytes_to_send())

    def _put(self, member: Member, data: bytes) -> None:
        data = self.outgoing(member.connection, data)
        if data:
            self._actions.append(Send(member.connection, data))

    def _forget(self, member: Member) -> None:
        self._by_connection.pop(member.connection, None)

    def _close(self, member: Member) -> None:
        if self._by_connection.pop(member.connection, None) is not None:
            self._actions.append(Close(member.connection))

    def _fail(self, member: Member, error: LinkErr | int | None, stage: str, text: str) -> None:
        self._close(member)
        self.refused(member, error, stage, text)

    def _break(self, member: Member, text: str) -> None:
        self._close(member)
        self._gone(member, text)

    def _gone(self, member: Member, text: str) -> None:
        member.state, member.deadline = "closed", None
        self.tell(events.ChannelClosed(member.name, member.id, text))
        self.lost(member)
        self._proceed()


def _error_name(error: LinkErr | int) -> str:
    return error.name if isinstance(error, LinkErr) else f"error {int(error)}"
