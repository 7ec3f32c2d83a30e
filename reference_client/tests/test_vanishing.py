"""Servers that vanish, at every byte of every channel, and a client that stays for 24 hours: what is left, and what is held."""

from __future__ import annotations

import gc
import weakref
from functools import cache
from typing import Any

import numpy as np
import pytest

from reference_client import Client, Options, events
from reference_client.channels.port import PortChannel
from reference_client.tests.scripted import CHANNELS, COMMON, SESSION, ScriptedServer
from reference_client.tests.test_channels_cursor import dot, init
from spiceproto.agent.pieces import chunks
from spiceproto.enums.agent import AgentMessageType
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.common import NotifySeverity, NotifyVisibility
from spiceproto.enums.display import ResourceType
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common, cursor, display, inputs, main, playback, port, record, spicevmc
from spiceproto.mux import multiplex
from spiceproto.tests.canvas_messages import bitmap, copy, rect
from spiceproto.tests.held import Held, held, tracked
from spiceproto.transport import Close, Connection, Open, Send
from spiceproto.usbredir_host import GuestSide
from spiceproto.webdav import NAME

Key = tuple[int, int]

MAIN = (int(ChannelType.MAIN), 0)
KINDS = (
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
SIDE = 8
BOX = rect(0, 0, SIDE, SIDE)
HOUR = 3600
FEW_BYTES = 1 << 12
"""What is kept of one picture or packet may be longer at one time than at another."""
FEW_OBJECTS = 100
"""What the interpreter remembers of classes, once it was asked."""


def make(*kinds: ChannelType) -> Client:
    """A client that wants these channels, or all, draws, and has somebody who listens and speaks."""
    return Client(
        Options(
            canvas=True,
            channels=tuple(map(int, kinds or KINDS)),
            play=lambda time, frequency, samples: None,
            say=lambda first, count, channels, frequency: np.zeros((count, channels), np.int16),
            pixmap_cache_size=8 * SIDE * SIDE,
            glz_window_size=64,
            sound_mode="raw",
        )
    )


def drawn(number: int) -> display.DrawCopy:
    """A picture that is kept."""
    return copy(BOX, bitmap(np.full((SIDE, SIDE), number, np.uint32), id=number, flags=1), BOX)


def forgotten(number: int) -> display.InvalList:
    """It is kept no more."""
    return display.InvalList((display.ResourceID(ResourceType.PIXMAP, number),))


def said(key: Key) -> list[Any]:
    """What the server says there."""
    clipboard = [main.AgentData(piece) for piece in chunks(AgentMessageType.CLIPBOARD, bytes(60))]
    notice = common.Notify(
        time_stamp=0,
        severity=NotifySeverity.INFO,
        visibilty=NotifyVisibility.HIGH,
        what=0,
        message=b"something",
        terminator=b"\0",
    )
    found: dict[int, list[Any]] = {
        ChannelType.MAIN: [
            common.Ping(1, 2, b""),
            main.MouseModeMessage(3, 2),
            main.AgentConnectedTokens(10),
            main.AgentData(clipboard[0].data[:40]),
            main.MultiMediaTime(5),
            notice,
        ],
        ChannelType.DISPLAY: [
            common.SetAck(1, 2),
            display.SurfaceCreate(surface_id=0, width=SIDE, height=SIDE, format=32, flags=1),
            drawn(1),
            display.Mark(),
        ],
        ChannelType.INPUTS: [inputs.Init(0), inputs.KeyModifiers(1)],
        ChannelType.CURSOR: [init(dot(0xFF0000FF, flags=2))],
        ChannelType.PLAYBACK: [
            playback.Mode(0, AudioDataMode.RAW, b""),
            playback.Start(channels=2, format=AudioFmt.S16, frequency=48000, time=0),
            playback.Data(0, bytes(40)),
        ],
        ChannelType.RECORD: [record.Start(channels=2, format=AudioFmt.S16, frequency=48000)],
        ChannelType.SMARTCARD: [common.Ping(1, 2, b"")],
        ChannelType.USBREDIR: [spicevmc.Data(GuestSide("a guest").begin())],
        ChannelType.PORT: [port.Init(b"org.example.0\0", 1), spicevmc.Data(b"bytes of the guest")],
        ChannelType.WEBDAV: [port.Init(NAME + b"\0", 1), spicevmc.Data(multiplex(1, b"OPTIONS / HTTP/1.1\r\n"))],
    }
    return found[key[0]]


class Recorded(ScriptedServer):
    """Keeps what it says, by connection."""

    def __init__(self, client: Client, **options: Any) -> None:
        self.record: dict[Connection, bytes] = {}
        super().__init__(client, channels=dict.fromkeys([MAIN, *[(kind, 0) for kind in KINDS]], COMMON) | CHANNELS, **options)

    def deliver(self, connection: Connection, data: bytes) -> None:
        self.record[connection] = self.record.get(connection, b"") + data
        super().deliver(connection, data)

    def begin_all(self) -> None:
        """Every channel, and what is said first on each."""
        self.init()
        self.listing(*[(kind, 0) for kind in KINDS])
        for key in [MAIN, *[(int(kind), 0) for kind in KINDS]]:
            self.lines[key].send(*said(key))


@cache
def record_server() -> dict[Key, bytes]:
    """The bytes of a server on each channel."""
    server = Recorded(make())
    server.begin_all()
    return {key: server.record[line.connection] for key, line in server.lines.items()}


class Replayed:
    """A client to which recorded bytes are said; ``cut`` is a channel that ends after so many."""

    def __init__(self, client: Client, cut: tuple[Key, int] | None = None) -> None:
        self.client = client
        self.cut = cut
        self.open: set[Connection] = set()
        self.ended: set[Connection] = set()
        client.start(0.0)
        self.run()

    def run(self) -> None:
        """Until nothing moves."""
        while actions := self.client.take_actions():
            for action in actions:
                if isinstance(action, Open):
                    self._serve(action.connection)
                elif isinstance(action, Close):
                    self.open.discard(action.connection)
                else:
                    assert isinstance(action, Send)
        self.client.take_events()

    def _serve(self, connection: Connection) -> None:
        (line,) = [line for line in self.client.lines.values() if line.connection == connection]
        key = (line.type, line.id)
        self.open.add(connection)
        self.client.opened(connection, 0.0)
        data = record_server()[key]
        if self.cut is not None and self.cut[0] == key:
            self.client.receive(connection, data[: self.cut[1]], 0.0)
            self.open.discard(connection)
            self.client.closed(connection, 0.0)
        else:
            self.client.receive(connection, data, 0.0)


def test_what_was_recorded_is_a_session() -> None:
    replayed = Replayed(make())
    assert replayed.client.session_id == SESSION
    assert {line.state for line in replayed.client.lines.values()} == {"linked"} and len(replayed.open) == len(KINDS) + 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_at_every_byte_of_a_channel(kind: ChannelType) -> None:
    """The session goes on without it; when that ends nothing is left."""
    key = (int(kind), 0)
    size = len(record_server()[key])
    gone: list[weakref.ref[Client]] = []
    for cut in range(size):
        replayed = Replayed(make(ChannelType.DISPLAY, kind), (key, cut))
        client = replayed.client
        assert client.ended is None and client.lines[key].state == "closed", cut
        assert {line.state for line in client.lines.values() if line.type != kind} == {"linked"}
        client.disconnect(1.0)
        client.tick(100.0)
        replayed.run()
        assert client.ended is not None and client.deadline is None and not replayed.open, cut
        gone.append(weakref.ref(client))
        del replayed, client
    gc.collect()
    assert not [each for each in gone if each() is not None]


def test_at_every_byte_of_main() -> None:
    """The session is over, whatever was linked by then."""
    gone: list[weakref.ref[Client]] = []
    for cut in range(len(record_server()[MAIN])):
        replayed = Replayed(make(), (MAIN, cut))
        client = replayed.client
        assert client.ended is not None and client.deadline is None and not replayed.open, cut
        gone.append(weakref.ref(client))
        del replayed, client
    gc.collect()
    assert not [each for each in gone if each() is not None]


class Day:
    """A session in which something happens each minute."""

    def __init__(self) -> None:
        self.server = Recorded(make())
        self.server.begin_all()
        self.server.line(ChannelType.DISPLAY).send(*[drawn(number) for number in range(2, 9)])
        self.number = 8

    def say(self, kind: ChannelType, *values: Any) -> None:
        """Messages; nothing is kept of what was said, and of the answers."""
        line = self.server.line(kind)
        line.send(*values)
        assert line.connection in self.server.open, line.channel
        self.server.record.clear()
        for each in self.server.all.values():
            each.raw = b""
            each.got.clear()

    def hour(self) -> None:
        """60 minutes."""
        client = self.server.client
        for minute in range(60):
            self.number += 1
            milliseconds = int(self.server.now * 1000) & 0xFFFFFFFF
            self.say(ChannelType.MAIN, common.Ping(self.number, 1, b""), main.MultiMediaTime(milliseconds))
            self.say(ChannelType.DISPLAY, forgotten(self.number - 8), drawn(self.number))
            self.say(ChannelType.CURSOR, cursor.Move(init(dot(0)).position), cursor.Trail(0, 0))
            self.say(ChannelType.PLAYBACK, playback.Data(milliseconds, bytes(40)))
            self.say(ChannelType.INPUTS, inputs.KeyModifiers(minute % 2))
            client.inputs.key(0x1E, True)
            client.inputs.key(0x1E, False)
            client.inputs.motion(1, 1)
            self.server.run()
            self.say(ChannelType.INPUTS, inputs.MouseMotionAck())
            self.say(ChannelType.PORT, spicevmc.Data(b"a line\r\n"))
            assert client.channel(PortChannel).read()["data"]
            self.say(ChannelType.WEBDAV, spicevmc.Data(multiplex(minute + 2, b"OPTIONS / HTTP/1.1\r\n")))
            self.say(ChannelType.WEBDAV, spicevmc.Data(multiplex(minute + 2, b"")))
            self.server.wait(60.0)
            self.say(ChannelType.RECORD)
            self.server.events.clear()
        assert client.ended is None and {line.state for line in client.lines.values()} == {"linked"}


def test_a_day() -> None:
    day = Day()
    for _ in range(4):
        day.hour()
    before, objects = holds(day), [tracked()]
    for _ in range(2):
        for _ in range(10):
            day.hour()
        objects.append(tracked())
    assert day.server.now == 24 * HOUR
    after = holds(day)
    assert after.more_than(before) == {}
    assert after.size < before.size + FEW_BYTES
    # What else goes on in the process may add something once; what leaks does so in both halves.
    assert min(objects[1] - objects[0], objects[2] - objects[1]) < FEW_OBJECTS, objects
    assert day.server.told(events.Ended) == []


def holds(day: Day) -> Held:
    """What the client holds."""
    return held(day.server.client)
