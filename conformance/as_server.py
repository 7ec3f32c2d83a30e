"""The suite as a server: the target is a client.

A case gets a :class:`SuiteServer`. The target is asked to connect when the case first waits for it; then the case plays
the server, as well or as badly as it wants. Where the client has to do something of its own accord (move the pointer,
press a key) the target's controls are asked (:meth:`SuiteServer.act`).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec

from conformance.keys import ticket_key
from conformance.network import ClientNetwork
from conformance.outcome import Failure, NotApplicable
from conformance.talk import MESSAGE_SIZE, Peer, Talk, Wire, error_name, link_reply, named, table_of
from spiceproto import capabilities as caps
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability, InputsCapability, MainCapability
from spiceproto.enums.cursor import CursorFlags
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.errors import RemoteError
from spiceproto.link.structures import parse_message
from spiceproto.messages import common, cursor, display, inputs
from spiceproto.messages.geometry import Point16
from spiceproto.messages.link import LinkMess
from spiceproto.messages.main import ChannelId, ChannelsList
from spiceproto.messages.main import Init as MainInit
from spiceproto.ticket import CIPHERTEXT_SIZE, TicketKey

if TYPE_CHECKING:
    from conformance.target import Target

__all__ = ["BOTH_MODES", "CHANNEL", "CHANNELS", "COMMON", "Asked", "ServerWire", "SuiteServer"]

COMMON: Final = NONE.with_(CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE, CommonCapability.MINI_HEADER)
"""What the suite announces on every channel."""

CHANNEL: Final[dict[int, Capabilities]] = {
    ChannelType.MAIN: NONE.with_(MainCapability.NAME_AND_UUID, MainCapability.AGENT_CONNECTED_TOKENS),
    ChannelType.INPUTS: NONE.with_(InputsCapability.KEY_SCANCODE),
}
"""What it announces besides, by channel type."""

CHANNELS: Final = ((ChannelType.DISPLAY, 0), (ChannelType.INPUTS, 0), (ChannelType.CURSOR, 0))
"""What it lists unless a case says otherwise."""

BOTH_MODES: Final = MouseMode.SERVER | MouseMode.CLIENT

_SESSION_ID: Final = 0x0C0FFEE1
_PROMPT: Final = 0xA77AC4
_HEADER_SIZE: Final = 16
_READ: Final = 1 << 16
"""Bytes of a link message that are read, however wrong its size is."""

_WIDTH, _HEIGHT = 640, 480
_NO_CURSOR: Final = cursor.Init(Point16(0, 0), 0, 0, 0, cursor.Cursor(CursorFlags.NONE, None, b""))
_SURFACE_FORMAT: Final = 32
_PRIMARY: Final = 1


class Asked(msgspec.Struct, frozen=True):
    """What a client's link message says; ``raw`` is all of it, header included."""

    message: LinkMess
    capabilities: Capabilities
    raw: bytes

    @property
    def channel(self) -> tuple[int, int]:
        """Type and id."""
        return int(self.message.channel_type), self.message.channel_id


def _announced(body: bytes, message: LinkMess) -> Capabilities:
    """What a client announces; where its words are out of place, what stands where they belong, or what is usual."""
    for offset in (message.caps_offset, MESSAGE_SIZE):
        with suppress(RemoteError):
            return caps.read(body, MESSAGE_SIZE, message.num_common_caps, message.num_channel_caps, offset)
    return COMMON


class ServerWire(Wire):
    """A connection from a client in its link stage.

    ``asked``                what its link message says, once that is read
    ``key``                  of the ticket, once a reply is made
    ``common``, ``channel``  what that reply announces
    """

    peer: SuiteServer
    asked: Asked
    key: TicketKey
    common: Capabilities
    channel: Capabilities

    def link_message(self) -> Asked:
        """What the client asks for. Raises Failure."""
        self.step("expect a link message")
        head = self.need(_HEADER_SIZE, "a link header")
        size = int.from_bytes(head[12:], "little")
        if size > _READ:
            raise Failure("a link message of at most 4096 bytes", f"the header {head.hex()}")
        body = self.need(size, f"a link message of {size} bytes")
        # One mistake is to give one verdict: what is wrong here is for the cases about it to say.
        found = parse_message(body.ljust(MESSAGE_SIZE, b"\0"))
        announced = _announced(body, found)
        self.asked = Asked(found, announced, head + body)
        self.peer.capabilities_seen[table_of(int(found.channel_type))] = announced
        self.peer.target.linked.add(self.asked.channel)
        return self.asked

    def reply(self, *, common: Capabilities = COMMON, channel: Capabilities | None = None, key: bytes | None = None,
              **freedom: Any) -> None:  # fmt: skip
        """The link reply; ``freedom`` as in :func:`conformance.talk.link_reply`."""
        error = freedom.get("error", 0)
        data = self.make_reply(common=common, channel=channel, key=key, **freedom)
        self.send(data, f"link reply{f', error {error_name(error)}' if error else ''}")

    def make_reply(self, *, common: Capabilities = COMMON, channel: Capabilities | None = None, key: bytes | None = None,
                   **freedom: Any) -> bytes:  # fmt: skip
        """The bytes of the link reply, for a case that sends them itself."""
        self.key = ticket_key()
        kind = int(self.asked.message.channel_type)
        self.common = common
        self.channel = CHANNEL.get(kind, NONE) if channel is None else channel
        freedom.setdefault("common_caps", common.common)
        freedom.setdefault("channel_caps", self.channel.channel)
        return link_reply(self.key.public_key_der if key is None else key, **freedom)

    def refuse(self, error: int, *, short: bool = False) -> None:
        """A link reply with an error: whole, or with nothing but the error."""
        data = link_reply(b"", error=error, offset=0)
        if short:
            data = data[:12] + (4).to_bytes(4, "little") + data[16:20]
        self.send(data, f"link reply, error {error_name(error)}{' alone' if short else ''}")

    @property
    def selects(self) -> bool:
        """Whether a mechanism is to come."""
        selection = CommonCapability.PROTOCOL_AUTH_SELECTION
        return self.asked.capabilities.has(selection) and self.common.has(selection)

    def mechanism(self) -> int:
        """The mechanism the client chooses. Raises Failure."""
        self.step("expect a mechanism")
        return int.from_bytes(self.need(4, "a mechanism (4 bytes)"), "little")

    def ticket(self) -> bytes | None:
        """The plain text of the client's ticket, zero byte and all; None if it cannot be decrypted. Raises Failure."""
        self.step("expect a ticket")
        return self.key.decrypt_plaintext(self.need(CIPHERTEXT_SIZE, f"a ticket of {CIPHERTEXT_SIZE} bytes"))

    def result(self, error: int = LinkErr.OK) -> None:
        """The link result."""
        self.send(int(error).to_bytes(4, "little"), f"link result {error_name(error)}")

    def login(self) -> bytes | None:
        """Mechanism, if one is due, and ticket; the plain text of the ticket. Raises Failure."""
        if not self.selects:
            return self.ticket()
        found = self.mechanism()
        if found == AuthMechanism.SPICE:
            return self.ticket()
        # Whoever says the wrong number and sends a ticket all the same has logged in, for cases about other things.
        data = self.take(CIPHERTEXT_SIZE, self.peer.network.quiet)
        plaintext = None if data is None else self.key.decrypt_plaintext(data)
        if plaintext is None:
            raise Failure("mechanism 1 (ticket)", named(AuthMechanism, found))
        return plaintext


class SuiteServer(Peer):
    """``talks`` are the channels that are linked, by type and id."""

    network: ClientNetwork

    def __init__(self, network: ClientNetwork, target: Target) -> None:
        super().__init__(network)
        self.target = target
        self.talks: dict[tuple[int, int], Talk] = {}
        self.session_id = _SESSION_ID
        self.surface = target.interactive
        """Whether display channels get a primary surface. A client that only takes a picture would leave then."""
        self._taken = 0
        self._invited = False

    # -- connections

    def invite(self) -> None:
        """Ask the target to connect; done by itself when a connection is first waited for."""
        if not self._invited:
            self._invited = True
            self.step("the target is asked to connect")
            self.target.invite(self.network)

    def invite_again(self) -> None:
        """Ask the target to connect once more, after its session."""
        self.step("the target is asked to connect once more")
        self.target.invite(self.network)

    def accept(self, within: float | None = None) -> ServerWire:
        """The next connection that the target makes. Raises Failure."""
        self.invite()
        self.step("expect a connection")
        streams = self.network.streams
        patience = self.target.start_time + self.network.patience if within is None else within
        if not self.run(lambda: len(streams) > self._taken, patience):
            raise Failure("a connection", f"none for {patience:g} s{self.target.last_words()}")
        return self._next()

    def another(self, within: float | None = None) -> ServerWire | None:
        """One more connection, or None if none comes in a short quiet time."""
        streams = self.network.streams
        if not self.run(lambda: len(streams) > self._taken, self.network.quiet if within is None else within):
            return None
        return self._next()

    def _next(self) -> ServerWire:
        self._taken += 1
        return ServerWire(self, self.network.streams[self._taken - 1])

    def establish(self, wire: ServerWire, *, common: Capabilities = COMMON, channel: Capabilities | None = None) -> Talk:
        """The rest of the link stage of a connection whose link message was read. Raises Failure."""
        wire.reply(common=common, channel=channel)
        wire.login()
        wire.result()
        return self.begun(wire)

    def begun(self, wire: ServerWire) -> Talk:
        """The messages of a connection whose link stage is over."""
        kind, number = wire.asked.channel
        server = Capabilities(wire.common.common, wire.channel.channel)
        client = wire.asked.capabilities
        mini_header = caps.mini_header(client, server)
        self.lean("SPICE-FRAME-001/client-mini" if mini_header else "SPICE-FRAME-001/client-full")
        talk = Talk(wire, table_of(kind), number, mini_header, client=client, server=server)
        self.talks[kind, number] = talk
        return talk

    def goes_on(self, wire: ServerWire) -> Talk:
        """A link of main whose reply was sent comes to its end, and the target answers a ping behind INIT. Raises Failure."""
        if wire.login() is None and wire.stream.received:
            sent = CIPHERTEXT_SIZE + len(wire.stream.received)
            raise Failure("a ticket", f"{sent} bytes, and no ticket in the first {CIPHERTEXT_SIZE}")
        wire.result()
        return self.begins(wire)

    def begins(self, wire: ServerWire) -> Talk:
        """INIT on a link of main whose result was sent, and the target answers a ping behind it. Raises Failure."""
        talk = self.begun(wire)
        talk.send(self.init())
        self.alive(talk)
        return talk

    def over_tls(self) -> ServerWire:
        """The first connection with TLS, its link message read; one without is answered NEED_SECURED. Raises Failure."""
        wire = self.accept()
        wire.link_message()
        if wire.stream.secure:
            return wire
        wire.refuse(LinkErr.NEED_SECURED)
        wire.close()
        return self.secured()

    def secured(self) -> ServerWire:
        """The connection with TLS that follows NEED_SECURED, its link message read. Raises Failure."""
        self.step("expect a connection with TLS")
        wire = self.another(self.target.start_time + self.network.patience)
        if wire is None or not wire.stream.secure:
            found = "no other connection" if wire is None else "another connection without TLS"
            raise Failure("another connection, with TLS, after NEED_SECURED (5)", found)
        wire.link_message()
        return wire

    # -- what most cases begin with

    def init(self, *, supported: int = BOTH_MODES, current: int = MouseMode.SERVER, hint: int = 1,
             clock: int = 1000) -> MainInit:  # fmt: skip
        """An INIT for this session."""
        return MainInit(self.session_id, hint, supported, current, 0, 0, clock, 0)

    def main(self, *, init: MainInit | None = None, common: Capabilities = COMMON, channel: Capabilities | None = None) -> Talk:
        """The main channel, linked, with INIT sent. Raises Failure if the target asks for anything else first."""
        wire = self.accept()
        asked = wire.link_message()
        if asked.channel[0] != ChannelType.MAIN:
            raise Failure("a link message for main", f"{table_of(asked.channel[0])}:{asked.channel[1]}")
        talk = self.establish(wire, common=common, channel=channel)
        self.talks[int(ChannelType.MAIN), 0] = talk  # whatever id the target has for it
        talk.send(init or self.init())
        return talk

    def listing(self, talk: Talk, *channels: tuple[int, int]) -> None:
        """Wait for ATTACH_CHANNELS and name channels."""
        self.attached(talk)
        self.name_channels(talk, *channels)

    def attached(self, talk: Talk) -> None:
        """Wait for ATTACH_CHANNELS. Raises Failure."""
        if not self.run(lambda: talk.count("ATTACH_CHANNELS") > 0 or talk.closed, self.network.quiet):
            # ryll 0.3.0 asks only when something more has come behind INIT.
            talk.send(common.Ping(_PROMPT, 7, b""), text="PING, since the target has not asked for the channels")
        talk.expect("ATTACH_CHANNELS")

    def name_channels(self, talk: Talk, *channels: tuple[int, int]) -> None:
        """Name channels, asked or not."""
        talk.send(ChannelsList(tuple([ChannelId(kind, number) for kind, number in channels])))

    def session(
        self,
        *wanted: tuple[int, int],
        channels: tuple[tuple[int, int], ...] = CHANNELS,
        init: MainInit | None = None,
        common: Capabilities = COMMON,
    ) -> Talk:
        """Main, the list, and the links of the channels that are ``wanted`` (others may come later). Raises Failure."""
        talk = self.main(init=init, common=common)
        self.listing(talk, *channels)
        for kind, number in wanted:
            self.channel(kind, number, common=common)
        return talk

    def channel(self, channel_type: int, channel_id: int = 0, *, common: Capabilities = COMMON,
                channel: Capabilities | None = None) -> Talk:  # fmt: skip
        """A channel that a list has named, once the target has linked it; what it links before is served as well.

        Raises NotApplicable if the target links nothing like it, Failure if it has linked the same channel in another case:
        then it could. A list should name a display too: without one remote-viewer links nothing else.
        """
        wanted = (int(channel_type), channel_id)
        known, target = wanted in self.target.linked, self.target
        while wanted not in self.talks:
            patience = self.network.quiet if wanted in target.unlinked else self.network.patience
            wire = self.another(patience)
            if wire is None:
                name = f"{table_of(channel_type)}:{channel_id}"
                if known:
                    raise Failure(f"a link of {name}, which a list has named", "none, though it linked it in other sessions")
                target.unlinked.add(wanted)
                raise NotApplicable(f"the target links no {name}")
            asked = wire.link_message()
            self.serve(self.establish(wire, common=common, channel=channel if asked.channel == wanted else None))
        target.unlinked.discard(wanted)
        return self.talks[wanted]

    def on(self, table: str, *, common: Capabilities = COMMON) -> Talk:
        """The channel that a case is about, in a new session: main, or one more behind main and the list."""
        if table == "main":
            return self.main(common=common)
        kind = ChannelType[table.upper()]
        self.session((kind, 0), common=common)
        return self.talks[int(kind), 0]

    def others(self) -> None:
        """Serve what the target links in a short quiet time."""
        while (wire := self.another()) is not None:
            wire.link_message()
            self.serve(self.establish(wire))

    def serve(self, talk: Talk) -> None:
        """The first messages of a channel."""
        if talk.table == "inputs":
            talk.send(inputs.Init(0))
        elif talk.table == "display":
            if self.surface:
                talk.send(display.SurfaceCreate(0, _WIDTH, _HEIGHT, _SURFACE_FORMAT, _PRIMARY))
                talk.send(display.Mark())
        elif talk.table == "cursor":
            talk.send(_NO_CURSOR)

    def inputs(self, *, init: MainInit | None = None) -> tuple[Talk, Talk]:
        """Main and inputs of a session."""
        talk = self.session((ChannelType.INPUTS, 0), init=init)
        return talk, self.talks[int(ChannelType.INPUTS), 0]

    def alive(self, talk: Talk, why: str = "") -> None:
        """The target answers a ping: it has dealt with what was sent before. Raises Failure."""
        number = talk.count("PONG") + 0x5EED
        talk.drop()
        talk.send(common.Ping(number, 7, b""), text="PING, to see that the target goes on")
        try:
            talk.expect("PONG", where=lambda value: value.id == number, text=f"PONG {number}")
        except Failure as failure:
            raise Failure(f"the target goes on{f' ({why})' if why else ''}: PONG {number}", failure.actual) from None

    # -- what the target is asked to do

    def act(self, verb: str, **values: Any) -> None:
        """Have the client do something of its own accord. Raises NotApplicable where nobody can ask it."""
        self.step(f"the target is asked: {verb} {' '.join(f'{key}={value}' for key, value in values.items())}".rstrip())
        self.target.act(self, verb, **values)
