"""Lip sync at a server: one clock for sound and frames, one behind it for the client, and who says it (chapter 12)."""

from __future__ import annotations

import numpy as np
import pytest

from reference_server import Guest
from reference_server.clock import DELAY, LatencyWanted, MultimediaClock, TimeWanted, multimedia_time
from reference_server.guest import Drawn
from reference_server.guests import GUESTS
from reference_server.guests.flash import CLICK, PICTURES, PLACE, WHITE, click, picture
from reference_server.guests.tone import tones
from reference_server.tests.memory import Line, Wire, serve, small
from spiceproto.capabilities import NONE
from spiceproto.enums.capabilities import PlaybackCapability
from spiceproto.enums.link import ChannelType
from spiceproto.messages import main, playback


def playing(guest: Guest, *words: PlaybackCapability, latency: int = 0) -> tuple[Wire, Line, Line]:
    """A server at 10 s, its main and its playback channel."""
    wire = serve(guest, latency=latency)
    wire.now = 10.0
    first, init = wire.main()
    assert init.multi_media_time == 10_000 - max(DELAY, latency)
    return wire, first, wire.link(ChannelType.PLAYBACK, own=NONE.with_(*words))


def passes(wire: Wire, seconds: float) -> None:
    """Time, of which the server knows before the guest does something."""
    wire.wait(seconds)
    wire.server.tick(wire.now)
    wire.collect()


def times(line: Line) -> list[int]:
    return [value.time for value in line.read() if isinstance(value, main.MultiMediaTime)]


def latencies(line: Line) -> list[int]:
    return [value.latency_ms for value in line.read() if isinstance(value, playback.Latency)]


def test_times() -> None:
    assert multimedia_time(1.5) == 1500 and multimedia_time(0.0, -DELAY) == 2**32 - DELAY
    assert multimedia_time(2.0**32 / 1000, 5) == 5


def test_main_says_the_time_when_sound_ends() -> None:
    guest = small()
    wire, first, _ = playing(guest)
    guest.speaker.play(tones(440.0))
    passes(wire, 1.0)
    guest.speaker.play(tones(880.0))
    assert times(first) == [], "one sound behind the other"
    guest.speaker.play(None)
    assert times(first) == [11_000 - DELAY]
    guest.speaker.play(None)
    assert times(first) == [], "nothing has ended"


def test_main_says_the_time_when_the_channel_is_lost() -> None:
    guest = small()
    wire, first, line = playing(guest)
    guest.speaker.play(tones(440.0))
    passes(wire, 0.5)
    first.read()
    line.hang_up()
    assert times(first) == [10_500 - DELAY]


def test_sound_and_clock_are_one() -> None:
    guest = small()
    wire, _, line = playing(guest)
    passes(wire, 0.25)
    guest.speaker.play(tones(440.0))
    wire.wait(0.0500001)
    found = line.read()
    start = next(value for value in found if isinstance(value, playback.Start))
    assert start.time == 10_250
    assert [value.time for value in found if isinstance(value, playback.Data)] == list(range(10_250, 10_300, 10))


@pytest.mark.parametrize("announced", [True, False])
def test_latency_is_asked_for_behind_each_start(announced: bool) -> None:
    guest = small()
    _, _, line = playing(guest, *[PlaybackCapability.LATENCY] * announced, latency=900)
    assert latencies(line) == []
    for _ in range(2):
        guest.speaker.play(tones(440.0))
        assert latencies(line) == [900] * announced


def test_what_frames_need_is_said_by_whoever_has_the_clock() -> None:
    clock = MultimediaClock()
    told: list[object] = []
    clock.watch(told.append)
    clock.need(300)
    assert clock.for_client(1.0) == 1000 - DELAY
    clock.need(200)
    clock.need(600)
    assert clock.for_client(1.0) == 400
    clock.plays(0, True)
    clock.need(700)
    clock.plays(1, True)
    clock.plays(0, False)
    assert told == [TimeWanted(), TimeWanted(), LatencyWanted()] and clock.sound
    clock.plays(1, False)
    clock.plays(1, False)
    assert told[3:] == [TimeWanted()]


def test_a_flash_leaves_with_its_click() -> None:
    guest = small()
    wire, _, line = playing(guest)
    shown: list[tuple[float, bool]] = []

    def drawn(news: Drawn) -> None:
        if (news.box.left, news.box.top) == PLACE:
            shown.append((wire.server.now, bool(guest.screens[0].picture[PLACE[1], PLACE[0], 0] == 255)))

    guest.screens[0].watch(drawn, Drawn)
    GUESTS["flash"](guest, 1)
    clicks: list[int] = []
    for _ in range(250):
        wire.wait(0.0100001)
        for value in line.read():
            if isinstance(value, playback.Data) and np.frombuffer(value.data, "<i2").any():
                clicks.append(value.time)
    whites = [round(at * 1000) for at, white in shown if white]
    first = [at for at in whites if at - 40 not in whites]
    assert clicks == first == [11_000, 12_000] and len(whites) == 2 * WHITE
    assert len(shown) == int(2.5 * PICTURES)
    GUESTS["chart"](guest, 1)
    assert guest.speaker.source is None


@pytest.mark.parametrize("frequency", [48000, 44100])
def test_a_click_begins_with_its_second(frequency: int) -> None:
    length = round(CLICK * frequency)
    found = click(frequency - 5, length + 10, frequency)
    assert not found[:6].any() and found[6:10].all() and not found[length + 5 :].any()
    assert not click(0, length, frequency).any() and (picture(0) != picture(WHITE)).any()
