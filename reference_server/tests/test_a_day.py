"""24 hours of a guest that draws, plays, listens and talks, with clients that come and go: what a server holds stays as it was.

Milliseconds of the multimedia clock pass 2^32 at noon.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import numpy as np
import pytest

from reference_server.guest.image import draw_copy
from reference_server.guests.tone import TONES, tones
from reference_server.tests.memory import COMMON, Wire
from reference_server.tests.test_migration import SEAMLESS, Pair, ahead, carry
from reference_server.tests.whole_client import KINDS, OWN, make, said
from spiceproto.codecs import tier
from spiceproto.enums.link import ChannelType
from spiceproto.link import ClientLink
from spiceproto.messages import inputs, main, record, spicevmc
from spiceproto.tests.held import Held, held, tracked

HOUR = 3600.0
FEW_OBJECTS = 100
"""What the interpreter remembers of classes, once it was asked: fewer than the minutes of two hours."""
BEGIN = (1 << 32) / 1000 - 12 * HOUR
PING = 10.0
FEW_BYTES = 1 << 12
"""What is kept of one picture or packet may be longer at one time than at another."""


@pytest.fixture(autouse=True)
def _interpreted() -> Iterator[None]:
    """Small pictures, for which nobody waits for machine code."""
    with tier.forced("interpreted"):
        yield


class Client:
    """A client of :class:`Day`: it reads all that comes, and keeps nothing of it but how much there was."""

    def __init__(self, wire: Wire, kinds: tuple[ChannelType, ...] = KINDS[1:]) -> None:
        self.wire = wire
        main_line, _ = wire.main()
        self.lines = {ChannelType.MAIN: main_line}
        for kind in kinds:
            self.lines[kind] = wire.link(kind, own=OWN.get(kind))
            assert self.lines[kind].refused is None
        for kind, line in self.lines.items():
            line.read()
            line.send(*said(kind))
        self.heard: dict[str, int] = {}
        self.read()

    def read(self) -> None:
        for line in self.lines.values():
            for name in line.names():
                self.heard[name] = self.heard.get(name, 0) + 1
            line.values.clear()
            assert not line.closed, line

    def wait(self, seconds: float) -> None:
        """Time passes, in which every ping is answered in time."""
        while seconds > 0:
            self.wire.wait(min(seconds, PING))
            seconds -= PING
            self.read()

    def vanish(self, main_first: bool) -> None:
        """All connections end."""
        for line in list(self.lines.values())[:: 1 if main_first else -1]:
            if not line.closed:
                line.hang_up()
            del self.wire.lines[line.connection]


class Day:
    """A server, and one client at a time: the same, or one an hour."""

    def __init__(self, *, stays: bool) -> None:
        self.stays = stays
        self.server = make(image_compression="glz", streaming_video="all")
        self.server.guest.speaker.play(None)
        self.wire = Wire(self.server)
        self.wire.now = BEGIN
        self.client = Client(self.wire)
        self.drawn = 0

    def hour(self, number: int) -> None:
        """What happens in an hour."""
        guest, client = self.server.guest, self.client
        for minute in range(58):
            self.draw(minute % 40, minute % 30, 8)
            guest.ports[int(ChannelType.PORT), 0].write(b"a line\r\n")
            client.lines[ChannelType.INPUTS].send(
                inputs.KeyDown(0x1E), inputs.KeyUp(0x9E), inputs.MousePosition(x=minute, y=5, buttons_state=0, display_id=0)
            )
            client.lines[ChannelType.PORT].send(spicevmc.Data(b"another line\r\n"))
            client.wait(60.0)
        guest.speaker.play(tones(*TONES))
        for _ in range(30):  # a film, with sound
            self.draw(0, 0, 32)
            self.wire.wait(0.04)
            self.client.read()
        guest.speaker.play(None)
        samples = bytes(4 * 480)
        client.lines[ChannelType.RECORD].send(*[record.Data(time, samples) for time in range(20)])
        client.wait(120.0 - 30 * 0.04)
        assert {"DrawCopy", "StreamCreate", "StreamData", "Data", "Start", "Stop", "Ping"} <= set(client.heard), client.heard
        if not self.stays:
            client.vanish(main_first=bool(number % 2))
            assert not self.server.lines and not self.server.sessions
            self.client = Client(self.wire)

    def draw(self, left: int, top: int, size: int) -> None:
        """A picture that was not there before."""
        self.drawn += 1
        pixels = np.full((size, size, 4), self.drawn % 251, np.uint8)
        pixels[0, :, 0] = self.drawn // 251 % 251
        self.server.guest.screens[0].push(draw_copy(pixels, left, top, self.drawn))


@pytest.mark.parametrize("stays", [True, False], ids=["one-client", "a-client-an-hour"])
def test_a_day(stays: bool) -> None:
    day = Day(stays=stays)
    for number in range(4):
        day.hour(number)
    before, objects = held(day.server), [tracked()]
    for number in range(4, 24):
        day.hour(number)
        if number in (13, 23):
            objects.append(tracked())
    assert day.wire.now == pytest.approx(BEGIN + 24 * HOUR)
    after = held(day.server)
    assert after.more_than(before) == {}
    assert after.size < before.size + FEW_BYTES
    # What else goes on in the process may add something once; what leaks does so in both halves of the day.
    assert min(objects[1] - objects[0], objects[2] - objects[1]) < FEW_OBJECTS, objects


def test_fifty_at_once() -> None:
    """They come, stay for a minute, and go in another order; then there is one more."""
    server = make(multi_client=True)
    server.random = Random(1)
    server.guest.speaker.play(None)
    kinds = KINDS[1:6]  # of what can be had by many

    def crowd(count: int) -> None:
        wire = Wire(server)
        wire.now = server.now
        clients = [Client(wire, kinds) for _ in range(count)]
        assert len(server.sessions) == count and len(server.lines) == count * (len(kinds) + 1)
        for _ in range(6):
            wire.wait(PING)
            for client in clients:
                client.read()
        for number, client in enumerate(clients[::2] + clients[1::2]):
            client.vanish(main_first=bool(number % 3))
        assert not server.lines and not server.sessions and not wire.lines

    crowd(50)
    crowd(1)
    before = held(server)
    crowd(50)
    crowd(1)
    after = held(server)
    assert after.more_than(before) == {}
    assert after.size < before.size + FEW_BYTES


def test_ten_thousand_half_open_links() -> None:
    """They are bounded, time out, and keep nobody out."""
    wire = Wire(make())
    wire.server.guest.speaker.play(None)
    half = ClientLink(ChannelType.MAIN, 0, 0, COMMON).bytes_to_send()[:30]
    for number in range(10_000):
        line = wire.connect()
        if number % 2:
            line.write(half)
        wire.now += 0.001
        assert len(wire.server.lines) <= wire.server.options.unfinished_links
    client = Client(wire)
    assert len(wire.server.lines) > wire.server.options.unfinished_links
    client.wait(wire.server.options.link_timeout + 1)
    assert len(wire.server.lines) == len(KINDS), "all that is left is the client's"


def test_a_guest_that_goes_to_and_fro() -> None:
    """Its client goes with it, from one server to the other and back again."""
    pair = Pair("agent")
    lines = {ChannelType.MAIN: pair.source.main(own=SEAMLESS)[0]}
    lines |= {kind: pair.source.link(kind) for kind in (ChannelType.INPUTS, ChannelType.CURSOR)}

    def journey() -> None:
        for line in lines.values():
            line.read()
            line.values.clear()
        pair.begin()
        lines[ChannelType.MAIN].read()
        links = ahead(pair, ChannelType.INPUTS, ChannelType.CURSOR)
        lines[ChannelType.MAIN].send(main.MigrateConnectedSeamless())
        assert [outcome.kind for outcome in pair.hand_over()] == ["seamless"]
        carry(lines[ChannelType.MAIN], links[ChannelType.MAIN])
        lines[ChannelType.INPUTS].send(inputs.KeyDown(0x1E), inputs.KeyUp(0x9E))
        carry(lines[ChannelType.INPUTS], links[ChannelType.INPUTS])
        for line in lines.values():
            line.hang_up()
        assert not pair.source.server.lines and not pair.source.server.sessions
        lines.update({ChannelType(kind): line for kind, line in links.items()})
        pair.source, pair.there = pair.there, pair.source
        for wire in (pair.source, pair.there):
            wire.wait(5.0)
            wire.lines = {line.connection: line for line in lines.values() if line.wire is wire}
        lines[ChannelType.INPUTS].send(inputs.KeyDown(0x1E), inputs.KeyUp(0x9E))

    def both() -> Held:
        return held(pair.source.server, pair.there.server)

    for _ in range(6):
        journey()
    before = both()
    for _ in range(100):
        journey()
    after = both()
    assert after.more_than(before) == {}
    assert after.size < before.size + FEW_BYTES
