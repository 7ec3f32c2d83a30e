"""The link stage by hand: a server that says exactly the bytes a test wants, and keeps what a client sends."""

from __future__ import annotations

from struct import pack

from reference_client.client import Client
from reference_client.tests.scripted import COMMON, OneKey, init
from spiceproto.channel import Channel
from spiceproto.enums.link import AuthMechanism, ChannelType
from spiceproto.messages import main
from spiceproto.transport import Close, Connection, Open, Send

OK = bytes(4)
MECHANISM = int(AuthMechanism.SPICE).to_bytes(4, "little")
KEY = OneKey({}).ticket_key()


def header(size: int, *, magic: bytes = b"REDQ", major: int = 2, minor: int = 2) -> bytes:
    return magic + pack("<LLL", major, minor, size)


def reply(
    *,
    error: int = 0,
    key: bytes | None = None,
    common: tuple[int, ...] = (COMMON.common,),
    channel: tuple[int, ...] = (),
    offset: int | None = None,
    gap: int = 0,
    pad: int = 0,
    minor: int = 2,
) -> bytes:
    """A link reply with its header. ``gap`` and ``pad`` are bytes before and behind the words."""
    words = b"".join([word.to_bytes(4, "little") for word in common + channel])
    at = 178 + gap if offset is None else offset
    key = KEY.public_key_der if key is None else key
    body = pack("<L", error) + key + pack("<LLL", len(common), len(channel), at) + bytes(gap) + words
    body += bytes(pad)
    return header(len(body), minor=minor) + body


def short_refusal(error: int) -> bytes:
    return header(4) + pack("<L", error)


class Hand:
    """``sent`` are the client's bytes by number of the connection, ``opens`` its connections, ``closes`` those it closed."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.opens: list[Connection] = []
        self.sent: list[bytes] = []
        self.closes: list[int] = []
        self.now = 0.0
        client.start(self.now)
        self.run()

    def run(self) -> None:
        while actions := self.client.take_actions():
            for action in actions:
                if isinstance(action, Open):
                    self.opens.append(action.connection)
                    self.sent.append(b"")
                    self.client.opened(action.connection, self.now)
                elif isinstance(action, Send):
                    self.sent[self.opens.index(action.connection)] += action.data
                elif isinstance(action, Close):
                    self.closes.append(self.opens.index(action.connection))

    def give(self, data: bytes, number: int = 0, *, piece: int = 0) -> None:
        """Bytes for the client."""
        size = piece or max(len(data), 1)
        for at in range(0, len(data), size):
            self.client.receive(self.opens[number], data[at : at + size], self.now)
            self.run()

    def taken(self, number: int = 0) -> bytes:
        """What the client sent since the last time."""
        found, self.sent[number] = self.sent[number], b""
        return found

    def established(self, number: int = 0) -> bool:
        """Whether a channel is linked over that connection."""
        return any(line.connection is self.opens[number] for line in self.client.linked())

    def log_in(self, data: bytes | None = None, *, piece: int = 0) -> bool:
        """A link reply and OK for main; whether it is linked then."""
        self.give(reply() if data is None else data, piece=piece)
        self.give(OK, piece=piece)
        return self.established()

    def begin(self, *channels: tuple[int, int]) -> Channel:
        """Main is linked and a list is sent: the message layer of the server."""
        assert self.log_in()
        talk = Channel("server", "main", True)
        self.taken()
        self.give(talk.send(init()))
        self.give(talk.send(main.ChannelsList(tuple([main.ChannelId(ChannelType(kind), id) for kind, id in channels]))))
        return talk
