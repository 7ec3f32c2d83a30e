"""A server in memory for tests: the link stage and message layer of spiceproto, and nothing of its own accord.

A test says what the server sends and looks at what the client sent. Bytes go in pieces of any size.
"""

from __future__ import annotations

from typing import Any

from reference_client.client import Client
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.channel import Channel, MessageReceived
from spiceproto.enums.capabilities import CommonCapability, InputsCapability, MainCapability
from spiceproto.enums.link import ChannelType
from spiceproto.link import Established, LinkPolicy, Refused, ServerLink
from spiceproto.messages import main
from spiceproto.ticket import TicketKey
from spiceproto.transport import Close, Connection, Open, Place, Send

COMMON = NONE.with_(CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE, CommonCapability.MINI_HEADER)
CHANNELS = {
    (ChannelType.MAIN, 0): COMMON.with_(MainCapability.NAME_AND_UUID, MainCapability.AGENT_CONNECTED_TOKENS),
    (ChannelType.DISPLAY, 0): COMMON,
    (ChannelType.INPUTS, 0): COMMON.with_(InputsCapability.KEY_SCANCODE),
    (ChannelType.CURSOR, 0): COMMON,
}
LISTED = ((ChannelType.DISPLAY, 0), (ChannelType.INPUTS, 0), (ChannelType.CURSOR, 0))
SESSION = 0x5E5510
_KEYS: list[TicketKey] = []


def init(*, supported: int = 3, current: int = 1, hint: int = 1, clock: int = 0) -> main.Init:
    """An INIT without an agent."""
    return main.Init(
        session_id=SESSION,
        display_channels_hint=hint,
        supported_mouse_modes=supported,
        current_mouse_mode=current,
        agent_connected=0,
        agent_tokens=0,
        multi_media_time=clock,
        ram_hint=0,
    )


class OneKey(LinkPolicy):
    """Makes one key for all tests: keys cost time, and what they are is tested elsewhere."""

    def ticket_key(self) -> TicketKey:
        if not _KEYS:
            _KEYS.append(TicketKey.generate())
        return _KEYS[0]


class ServerLine:
    """One connection at the server's end; ``got`` are the messages of the client, ``raw`` all of its bytes."""

    def __init__(self, server: ScriptedServer, connection: Connection) -> None:
        self.server = server
        self.connection = connection
        self.link = ServerLink(server.policy, secure=connection.secure)
        self.channel: Channel | None = None
        self.established: Established | None = None
        self.refused: Refused | None = None
        self.raw = b""
        self.got: list[Any] = []
        self.closed_by_client = False

    def receive(self, data: bytes) -> None:
        self.raw += data
        if self.channel is None:
            for found in self.link.receive(data, self.server.now):
                if isinstance(found, Refused):
                    self.refused = found
                elif isinstance(found, Established):
                    self.established = found
                    name = ChannelType(found.message.channel_type).name.lower()
                    self.channel = Channel("server", name, found.mini_header)
                    self.server.lines[int(found.message.channel_type), found.message.channel_id] = self
                    data = found.client_rest
            answer = self.link.bytes_to_send()
            if answer:
                self.server.deliver(self.connection, answer)
            if self.link.closing:
                self.close()
        if self.channel is not None and not self.server.deaf:
            self.channel.receive(data)
            while (event := self.channel.next_event()) is not None:
                assert isinstance(event, MessageReceived)
                self.got.append(event.value)

    def send(self, *values: Any) -> None:
        """Messages for the client."""
        assert self.channel is not None
        self.server.deliver(self.connection, b"".join([self.channel.send(value) for value in values]))

    def send_raw(self, type: int, body: bytes, sub_list: int = 0) -> None:
        assert self.channel is not None
        self.server.deliver(self.connection, self.channel.send_raw(type, body, sub_list))

    def close(self) -> None:
        self.server.close(self.connection)

    def take(self) -> list[Any]:
        """What the client sent since the last time."""
        got, self.got = self.got, []
        return got


class ScriptedServer:
    """All connections of one client. ``deaf``: what the client sends behind the link stage is kept, and not read.

    ``elsewhere`` is what answers at any other place; ``places`` are those that were asked for.
    """

    def __init__(
        self,
        client: Client,
        *,
        channels: dict[tuple[int, int], Capabilities] | None = None,
        password: bytes | None = None,
        piece: int = 0,
        begin: bool = True,
        deaf: bool = False,
        **policy: Any,
    ) -> None:
        self.client = client
        self.now = 0.0
        self.piece = piece
        self.deaf = deaf
        self.policy = OneKey(channels or dict(CHANNELS), password=password, sessions=(SESSION,), **policy)
        self.lines: dict[tuple[int, int], ServerLine] = {}
        self.connections: list[Connection] = []
        self.all: dict[Connection, ServerLine] = {}
        self.open: set[Connection] = set()
        self.events: list[Any] = []
        self.pending: list[tuple[Connection, bytes | None]] = []
        self.busy = False
        self.refuse_connections = False
        self.elsewhere: ScriptedServer | None = None
        self.places: list[Place] = []
        if begin:
            client.start(self.now)
            self.run()

    def deliver(self, connection: Connection, data: bytes) -> None:
        size = self.piece or max(len(data), 1)
        self.pending += [(connection, data[at : at + size]) for at in range(0, len(data), size)]
        self.run()

    def close(self, connection: Connection) -> None:
        self.pending.append((connection, None))
        self.run()

    def run(self) -> None:
        """Move bytes until nothing moves."""
        if self.busy:
            return
        self.busy = True
        try:
            for _ in range(1_000_000):
                actions = self.client.take_actions()
                for action in actions:
                    self.carry_out(action)
                self.events += self.client.take_events()
                if actions:
                    continue
                if not self.pending:
                    break
                connection, data = self.pending.pop(0)
                if connection in self.open:
                    if data is None:
                        self.open.discard(connection)
                        self.client.closed(connection, self.now)
                    else:
                        self.client.receive(connection, data, self.now)
            else:
                raise AssertionError("it does not come to an end")
        finally:
            self.busy = False

    def carry_out(self, action: object) -> None:
        if isinstance(action, Open):
            there = self
            if action.place is not None:
                self.places.append(action.place)
                assert self.elsewhere is not None
                there = self.elsewhere
            there.connections.append(action.connection)
            if there.refuse_connections:
                self.client.failed(action.connection, self.now, "refused")
                return
            self.open.add(action.connection)
            self.all[action.connection] = ServerLine(there, action.connection)
            self.client.opened(action.connection, self.now)
        elif isinstance(action, Send):
            if action.connection in self.open:
                self.all[action.connection].receive(action.data)
        elif isinstance(action, Close):
            self.open.discard(action.connection)
            if action.connection in self.all:
                self.all[action.connection].closed_by_client = True

    def leave(self) -> None:
        """The user of the client leaves, and time goes by until it is gone."""
        self.client.disconnect(self.now)
        self.run()
        if self.client.ended is None and self.client.leaving is not None:
            self.wait(self.client.leaving - self.now)

    def wait(self, seconds: float) -> None:
        """Time goes by."""
        self.now += seconds
        self.client.tick(self.now)
        self.run()

    def line(self, kind: int, number: int = 0) -> ServerLine:
        return self.lines[int(kind), number]

    @property
    def main(self) -> ServerLine:
        return self.line(ChannelType.MAIN)

    @property
    def inputs(self) -> ServerLine:
        return self.line(ChannelType.INPUTS)

    def init(self, *, supported: int = 3, current: int = 1, hint: int = 1, clock: int = 0) -> None:
        self.main.send(init(supported=supported, current=current, hint=hint, clock=clock))

    def listing(self, *channels: tuple[int, int]) -> None:
        self.main.send(main.ChannelsList(tuple([main.ChannelId(kind, number) for kind, number in channels])))

    def told(self, kind: type) -> list[Any]:
        """The events of one kind."""
        self.events += self.client.take_events()
        return [event for event in self.events if isinstance(event, kind)]


def session(client: Client, **options: Any) -> ScriptedServer:
    """A server, and everything linked."""
    init = {key: options.pop(key) for key in ("supported", "current", "hint", "clock") if key in options}
    server = ScriptedServer(client, **options)
    server.init(**init)
    server.listing(*LISTED)
    return server
