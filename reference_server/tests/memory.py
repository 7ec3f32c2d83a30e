"""A client in the same process: the library's client ends, joined to a server without sockets."""

from __future__ import annotations

from functools import cache
from itertools import cycle
from typing import Any

import pytest

from reference_server import Guest, Options, Server
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.channel import Channel, MessageReceived
from spiceproto.channels import channel_name
from spiceproto.enums.capabilities import CommonCapability, DisplayCapability, InputsCapability, MainCapability
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.errors import RemoteError
from spiceproto.link import ClientLink, Established, Refused
from spiceproto.link.sasl import SaslClient
from spiceproto.messages import display, main
from spiceproto.ticket import TicketKey
from spiceproto.transport import Close, Connection, Send

COMMON = NONE.with_(CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE, CommonCapability.MINI_HEADER)
OWN: dict[int, Capabilities] = {
    ChannelType.MAIN: NONE.with_(MainCapability.NAME_AND_UUID, MainCapability.AGENT_CONNECTED_TOKENS),
    ChannelType.DISPLAY: NONE.with_(DisplayCapability.MONITORS_CONFIG),
    ChannelType.INPUTS: NONE.with_(InputsCapability.KEY_SCANCODE),
}
BOTH = MouseMode.SERVER | MouseMode.CLIENT
PIECES = pytest.mark.parametrize("piece", (0, 1), ids=("at-once", "byte-by-byte"))


@cache
def _keys() -> Any:
    return cycle([TicketKey.generate() for _ in range(3)])


def ticket_key() -> TicketKey:
    """One of a few keys: making one takes longer than most tests."""
    found: TicketKey = next(_keys())
    return found


class Line:
    """One connection of the client."""

    def __init__(self, wire: Wire, connection: Connection) -> None:
        self.wire = wire
        self.connection = connection
        self.data = b""
        """What came and was not read."""
        self.closed = False
        self.refused: Refused | None = None
        self.channel: Channel | None = None
        self.values: list[Any] = []
        """Messages that came, as far as :meth:`read` went."""

    def write(self, data: bytes) -> None:
        """Bytes for the server."""
        self.wire.deliver(self.connection, data)

    def send(self, *values: Any) -> None:
        """Messages for the server."""
        assert self.channel is not None
        self.write(b"".join(self.channel.send(value) for value in values))

    def read(self) -> list[Any]:
        """The messages that have come since the last call; they are answered as the channel answers."""
        assert self.channel is not None
        self.wire.collect()
        data, self.data = self.data, b""
        self.channel.receive(data, self.wire.now)
        found = []
        while (event := self.channel.next_event()) is not None:
            if not isinstance(event, MessageReceived):
                raise RemoteError(f"a client does not understand {event}")
            found.append(event.value)
        self.values += found
        answers = self.channel.bytes_to_send()
        if answers and not self.closed:
            self.write(answers)
        return found

    def names(self) -> list[str]:
        """Class names of what :meth:`read` gives."""
        return [type(value).__name__ for value in self.read()]

    def hang_up(self) -> None:
        """Close it."""
        self.wire.server.closed(self.connection, self.wire.now)
        self.wire.collect()


class Wire:
    """A server and the connections to it. ``piece`` is how many bytes it gets at once, 0 for all."""

    def __init__(self, server: Server | None = None, *, piece: int = 0) -> None:
        self.server = server or Server(Options(ticket_key=ticket_key))
        self.piece = piece
        self.now = 0.0
        self.lines: dict[Connection, Line] = {}
        self.session_id = 0

    def connect(self, *, secure: bool = False) -> Line:
        """A connection on which nothing was said."""
        connection = self.server.accept(self.now, secure=secure)
        line = self.lines[connection] = Line(self, connection)
        self.collect()
        return line

    def deliver(self, connection: Connection, data: bytes) -> None:
        """Bytes for the server."""
        step = self.piece or max(len(data), 1)
        for at in range(0, len(data), step):
            self.server.receive(connection, data[at : at + step], self.now)
            self.collect()

    def collect(self) -> None:
        """What the server wants done."""
        for action in self.server.take_actions():
            line = self.lines[action.connection]
            if isinstance(action, Send):
                assert not line.closed, "bytes behind the end"
                line.data += action.data
            elif isinstance(action, Close):
                assert not line.closed, "closed twice"
                line.closed = True

    def wait(self, seconds: float) -> None:
        """Let time pass, calling the server whenever it wants to be called."""
        end = self.now + seconds
        for _ in range(1000):
            deadline = self.server.deadline
            if deadline is None or deadline > end:
                break
            assert deadline >= self.now or deadline == self.now, "a deadline in the past"
            self.now = max(deadline, self.now)
            self.server.tick(self.now)
            self.collect()
        else:
            raise AssertionError("the server wants to be called again and again")
        self.now = end

    def link(
        self,
        kind: int = ChannelType.MAIN,
        id: int = 0,
        connection_id: int | None = None,
        *,
        password: str = "",
        common: Capabilities = COMMON,
        own: Capabilities | None = None,
        secure: bool = False,
        sasl: SaslClient | None = None,
    ) -> Line:
        """Link a channel; ``line.refused`` says if that came to nothing."""
        line = self.connect(secure=secure)
        if connection_id is None:
            connection_id = 0 if kind == ChannelType.MAIN else self.session_id
        bits = OWN.get(kind, NONE) if own is None else own
        link = ClientLink(kind, id, connection_id, Capabilities(common.common, bits.channel), password=password, sasl=sasl)
        for _ in range(100):
            out = link.bytes_to_send()
            if out:
                line.write(out)
            data, line.data = line.data, b""
            if not data and not out:
                break
            try:
                events = link.receive(data)
            except RemoteError as error:
                events = [Refused(None, "", str(error))]
            for event in events:
                if isinstance(event, Refused):
                    line.refused = event
                    return line
                if isinstance(event, Established):
                    line.channel = Channel("client", channel_name(kind), event.mini_header)
                    line.data = event.server_rest
                    return line
        line.refused = Refused(None, "", "no answer")
        return line

    def main(self, **options: Any) -> tuple[Line, main.Init]:
        """The main channel of a new session, and INIT."""
        line = self.link(**options)
        assert line.refused is None, line.refused
        init = line.read()[0]
        assert isinstance(init, main.Init)
        self.session_id = init.session_id
        return line, init

    def display(self, id: int = 0, **options: Any) -> Line:
        """A display channel on which INIT was said."""
        line = self.link(ChannelType.DISPLAY, id, **options)
        assert line.refused is None, line.refused
        line.send(
            display.Init(pixmap_cache_id=1, pixmap_cache_size=1 << 20, glz_dictionary_id=1, glz_dictionary_window_size=1 << 20)
        )
        return line


def serve(guest: Guest | None = None, *, fault: str | None = None, piece: int = 0, **options: Any) -> Wire:
    """A server with these options, and connections to it."""
    from random import Random

    from reference_server import make_server

    made = Options(**({"ticket_key": ticket_key} | options))
    return Wire(make_server(made, guest, fault=fault, random=Random(1)), piece=piece)


def small(**options: Any) -> Guest:
    """A guest with little to send."""
    return Guest(size=(64, 48), **options)


def error(line: Line) -> object:
    """The error with which a link was refused; the line is closed then."""
    assert line.refused is not None
    assert line.closed
    return line.refused.error
