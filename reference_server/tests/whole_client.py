"""What a client says in a session with every channel that there is: the bytes of each connection, for tests that cut them.

All of it can be said again to any server that :func:`make` makes: tickets are for the same key, and every session has the same
id as long as the one before is over.
"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import numpy as np

from reference_server import GUESTS, Guest, Options, Server
from reference_server.guests.tone import TONES, tones
from reference_server.tests.memory import Line, Wire
from spiceproto.agent.pieces import chunks
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.channel import Channel
from spiceproto.enums.agent import AgentMessageType
from spiceproto.enums.audio import AudioDataMode
from spiceproto.enums.capabilities import DisplayCapability, PlaybackCapability, RecordCapability
from spiceproto.enums.display import ImageCompression
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.messages import common, display, inputs, main, port, record, spicevmc
from spiceproto.messages.smartcard import VscAtr, VscReaderAdd
from spiceproto.mux import multiplex
from spiceproto.tests.test_usbredir_device import Small
from spiceproto.ticket import TicketKey
from spiceproto.usbredir_device import DeviceSide
from spiceproto.vsc import message
from spiceproto.webdav import NAME

__all__ = ["KINDS", "OWN", "Recorded", "make", "record_session", "said"]

KINDS = (
    ChannelType.MAIN,
    ChannelType.DISPLAY,
    ChannelType.INPUTS,
    ChannelType.CURSOR,
    ChannelType.PLAYBACK,
    ChannelType.RECORD,
    ChannelType.SMARTCARD,
    ChannelType.USBREDIR,
    ChannelType.PORT,
    ChannelType.WEBDAV,
)

OWN: dict[int, Capabilities] = {
    ChannelType.DISPLAY: NONE.with_(DisplayCapability.MONITORS_CONFIG, DisplayCapability.PREF_COMPRESSION),
    ChannelType.PLAYBACK: NONE.with_(PlaybackCapability.VOLUME),
    ChannelType.RECORD: NONE.with_(RecordCapability.VOLUME),
}


class _SameId(Random):
    """Every session has this id."""

    def getrandbits(self, bits: int, /) -> int:
        return 0x5E55


@cache
def _key() -> TicketKey:
    return TicketKey.generate()


def make(**options: Any) -> Server:
    """A server whose guest has one device of each kind, and an agent; sound plays, and is listened to."""
    guest = Guest(size=(64, 48), pointer="absolute", readers=1, usb=1)
    guest.ports.add("org.example.port.0")
    guest.ports.add(NAME.decode())
    GUESTS["agent"](guest, 1)
    guest.speaker.play(tones(*TONES))
    guest.microphone.listen()
    return Server(Options(**({"ticket_key": _key} | options)), guest, random=_SameId())


class Recorded(Wire):
    """Keeps what clients say, by connection; ``lines_of`` are the lines of :data:`KINDS`."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.said: dict[int, bytes] = {}
        self.linked: dict[int, Line] = {}

    def deliver(self, connection: Any, data: bytes) -> None:
        self.said[connection.number] = self.said.get(connection.number, b"") + data
        super().deliver(connection, data)

    def say(self, kind: int, *values: Any) -> None:
        """Messages on a channel, and answers to what has come."""
        line = self.linked[kind]
        line.read()
        line.send(*values)
        line.read()
        assert not line.closed, f"channel {kind} was closed"

    def link_all(self) -> None:
        """Every channel."""
        self.linked[ChannelType.MAIN], _ = self.main()
        for kind in KINDS[1:]:
            self.linked[kind] = line = self.link(kind, own=OWN.get(kind))
            assert line.refused is None, line.refused

    def of(self, kind: int) -> bytes:
        """All that was said on a channel."""
        return self.said[self.linked[kind].connection.number]


def _agent(type: int, body: bytes) -> list[main.AgentData]:
    return [main.AgentData(piece) for piece in chunks(type, body)]


def said(kind: int) -> list[Any]:
    """What a client says there, so that the server has something of it in each of its tables."""
    samples = np.zeros((48, 2), np.int16).tobytes()
    found: dict[int, list[Any]] = {
        ChannelType.MAIN: [
            main.AttachChannels(),
            main.MouseModeRequest(MouseMode.CLIENT),
            main.AgentStart(10),
            *_agent(AgentMessageType.ANNOUNCE_CAPABILITIES, bytes.fromhex("01000000ffff0100")),
            # A message of which a part is missing, so that the agent waits for it.
            main.AgentData(_agent(AgentMessageType.CLIPBOARD, bytes(300))[0].data[:200]),
            main.AgentToken(1),
        ],
        ChannelType.DISPLAY: [
            display.Init(pixmap_cache_id=1, pixmap_cache_size=1 << 12, glz_dictionary_id=1, glz_dictionary_window_size=1 << 12),
            display.PreferredCompression(ImageCompression.GLZ),
        ],
        ChannelType.INPUTS: [
            inputs.KeyDown(0x1E),
            inputs.MousePosition(x=5, y=6, buttons_state=0, display_id=0),
            inputs.MousePress(1, 1),
            inputs.MouseMotion(1, 2, 0),
        ],
        ChannelType.CURSOR: [],
        ChannelType.PLAYBACK: [],
        ChannelType.RECORD: [record.Mode(0, AudioDataMode.RAW, b""), record.StartMark(1), record.Data(1, samples)],
        ChannelType.SMARTCARD: [message(VscReaderAdd(b"mine"), 0xFFFFFFFF), message(VscAtr(bytes(9)), 0)],
        ChannelType.USBREDIR: [spicevmc.Data(DeviceSide(Small(), "a program").begin())],
        ChannelType.PORT: [spicevmc.Data(b"bytes for the guest"), port.Event(PortEvent.BREAK)],
        ChannelType.WEBDAV: [spicevmc.Data(multiplex(1, b"HTTP/1.1 200 OK\r\n"))],
    }
    return found[kind]


@cache
def record_session() -> dict[int, bytes]:
    """The bytes of a client on each of :data:`KINDS`."""
    wire = Recorded(make())
    wire.link_all()
    for kind in KINDS:
        wire.say(kind, *said(kind))
    wire.wait(0.5)
    for kind in KINDS:
        wire.say(kind)
    assert isinstance(wire.linked[ChannelType.MAIN].channel, Channel)
    assert any(isinstance(value, common.Ping) for value in wire.linked[ChannelType.MAIN].values)
    return {kind: wire.of(kind) for kind in KINDS}
