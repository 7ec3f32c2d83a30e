"""The times that main and playback give the multimedia clock, as an observer sees them: near each other, and near time."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.lip_sync import MORE, SHARE
from spiceproto.messages import main, playback
from spiceproto.session import Linked, Session
from spiceproto.stretch import seconds
from spiceproto.video import AHEAD, BACK, BEHIND, DRIFT, SILENCE, apart

RATE = 48000
BEGIN = 100.0
"""When the sessions here begin, in seconds of the observer."""

MAIN, SOUND, ORDER, AMOUNT = (f"SPICE-SYNC-{number:03}" for number in range(1, 5))
CLOCKS = pytest.mark.parametrize("clock", [5000, 2**32 - 20], ids=("plain", "around-zero"))


class Seen:
    """A session with main and playback; what its server says, and what is found of it."""

    def __init__(self, clock: int | None = None, *, mode: int = AudioDataMode.RAW) -> None:
        self.session = Session()
        self.main = self.session.link(ChannelType.MAIN, 0, 0)
        if clock is not None:
            init = main.Init(
                session_id=1,
                display_channels_hint=1,
                supported_mouse_modes=MouseMode.SERVER,
                current_mouse_mode=MouseMode.SERVER,
                agent_connected=0,
                agent_tokens=0,
                multi_media_time=clock,
                ram_hint=0,
            )
            self.said("INIT", init, 0.0, self.main)
        self.playback = self.session.link(ChannelType.PLAYBACK, 0, 1 if clock is not None else 0)
        self.said("MODE", playback.Mode(0, mode, b""), 0.0)

    def said(self, name: str, value: Any, after: float, member: Linked | None = None) -> list[str]:
        """The sentences that are broken, of this chapter."""
        self.session.message(member or self.playback, "server", name, value, BEGIN + after)
        self.last = [item for item in self.session.take_findings() if item.requirement.startswith("SPICE-SYNC")]
        return [item.requirement for item in self.last]

    def time(self, time: int, after: float) -> list[str]:
        return self.said("MULTI_MEDIA_TIME", main.MultiMediaTime(time & 0xFFFFFFFF), after, self.main)

    def start(self, time: int, after: float) -> list[str]:
        start = playback.Start(channels=2, format=AudioFmt.S16, frequency=RATE, time=time & 0xFFFFFFFF)
        return self.said("START", start, after)

    def data(self, time: int, after: float, data: bytes = bytes(1920)) -> list[str]:
        return self.said("DATA", playback.Data(time & 0xFFFFFFFF, data), after)


def ms(value: float) -> int:
    return round(value * 1000)


@CLOCKS
def test_what_main_says_is_near_what_it_said(clock: int) -> None:
    for off, wanted in ((0.0, []), (AHEAD, []), (-BEHIND, []), (AHEAD + 0.001, [MAIN]), (-BEHIND - 0.001, [MAIN])):
        seen = Seen(clock)
        assert seen.time(clock + 2000 + ms(off), 2.0) == wanted, off


def test_a_wrong_time_is_told_once_with_milliseconds() -> None:
    seen = Seen(5000)
    assert seen.time(5000 + 1000 + 20_000, 1.0) == [MAIN]
    (found,) = seen.last
    assert (found.expected, found.actual) == ("at most 10000 ms ahead or 30000 ms behind", "20000 ms ahead")
    assert seen.time(5000 + 2000 + 20_000, 2.0) == [], "the clock that it has now"
    assert seen.start(5000 + 2500, 2.5) == [], "sound is near what INIT said"
    seen.said("STOP", playback.Stop(), 2.6)
    assert seen.start(5000 + 3000 + 20_000, 3.0) == [], "or near the other"


@CLOCKS
def test_sound_is_near_main(clock: int) -> None:
    for off, wanted in ((0.4, []), (AHEAD, []), (-BEHIND, []), (AHEAD + 0.001, [SOUND]), (-BEHIND - 0.001, [SOUND])):
        seen = Seen(clock)
        assert seen.start(clock + 1000 + ms(off), 1.0) == wanted, off
        seen = Seen(clock)
        seen.start(clock + 1000, 1.0)
        # Much was sent and waited, or the times have leapt.
        assert [id for id in seen.data(clock + 1000 + ms(off), 1.0) if id != ORDER] == wanted, off


def test_sound_that_is_far_away_is_told_once_for_each_sound() -> None:
    seen = Seen(0)
    assert seen.start(900_000, 0.0) == [SOUND]
    assert [seen.data(900_000 + 10 * number, number / 100) for number in range(5)] == [[]] * 5
    seen.said("STOP", playback.Stop(), 0.1)
    assert seen.start(900_000, 0.2) == [SOUND]


def test_nobody_knows_what_a_clock_shows_that_was_not_set() -> None:
    seen = Seen()
    assert seen.start(900_000, 0.0) == [] and seen.data(5, 0.0) == [ORDER]
    assert seen.time(77, 1.0) == [] and seen.time(77 + 1000, 2.0) == [] and seen.time(90_000, 3.0) == [MAIN]


def test_a_host_that_was_suspended_is_late_and_not_early() -> None:
    seen = Seen(5000)
    later = SILENCE + BEHIND + 60
    assert seen.time(5000, later) == [], "the clock stood still meanwhile"
    seen = Seen(5000)
    assert seen.time(5000 + ms(later + AHEAD) + 1, later) == [MAIN], "it does not run faster"


def test_an_observer_whose_clock_was_set_back_does_not_know_what_has_passed() -> None:
    back = AHEAD + 60
    seen = Seen(5000)
    assert seen.start(5000 + 100_000, 100.0) == [] == seen.data(5000 + 100_010, 100.01 - back)
    assert seen.time(5000 + 101_000, 101.0 - back) == [] and seen.time(5000 + 102_000, 102.0 - back) == []
    assert seen.time(900_000, 103.0 - back) == [MAIN], "what was said since is known"
    seen = Seen(5000)
    seen.start(5000 + 100_000, 100.0)
    assert seen.time(900_000, 100.0 - BACK) == [MAIN], "packets of two connections"


def test_clocks_that_drift_are_not_far_away() -> None:
    week = 86400.0 * 7
    for drift, wanted in ((DRIFT, []), (2 * DRIFT, [SOUND])):
        assert Seen(5000).start(5000 + ms(week * (1 + drift)), week) == wanted, drift
        assert (apart(ms(week * (1 - drift)), 0, week) < -BEHIND) == bool(wanted), drift
    assert apart(2500, 500, 1.0) == 1.0 and apart(500, 500, 1.0) == -1.0, "and at first it is nothing"


def test_a_sound_may_last_longer_than_its_times_can_say() -> None:
    seen = Seen()
    seen.start(0, 0.0)
    month, step = 86400 * 31, 3600
    for number in range(month // step):
        assert seen.data(number * step * 1000, number * step) == []
    second = bytes(4 * RATE)
    assert seen.data(month * 1000, month, second) == []


def test_what_was_missed_is_not_judged() -> None:
    seen = Seen(5000)
    seen.start(5000, 0.0)
    seen.session.missed(seen.main, "server", BEGIN)
    assert seen.time(900_000, 0.0) == []
    seen.data(5000, 0.1)
    seen.session.missed(seen.playback, "server", BEGIN)
    assert seen.data(0, 0.1) == [], "START was not seen"


def test_a_channel_that_is_linked_again_begins_anew() -> None:
    seen = Seen(5000)
    seen.start(5000, 0.0)
    seen.playback = seen.session.link(ChannelType.PLAYBACK, 0, 1, now=BEGIN)
    assert seen.data(0, 0.1) == []


@CLOCKS
def test_times_of_sound_go_on(clock: int) -> None:
    seen = Seen(clock)
    seen.start(clock, 0.0)
    assert [seen.data(clock + off, 0.0) for off in (0, 0, 10, 30, 29, 29, 40)] == [[], [], [], [], [ORDER], [], []]
    seen = Seen(clock)
    seen.start(clock, 0.0)
    assert seen.data(clock - 1, 0.0) == [ORDER]
    assert seen.last[0].actual.endswith(", 1 ms earlier")


@pytest.mark.parametrize("passed", [0.0, 100.0])
def test_sound_is_sent_when_it_is_its_time(passed: float) -> None:
    seen = Seen(0)
    seen.start(0, 0.0)
    second = bytes(4 * RATE)
    whole = int(passed + MORE + SHARE * passed)
    for _ in range(whole):
        assert seen.data(ms(passed), passed, second) == []
    assert seen.data(ms(passed), passed, bytes(4 * RATE // 10)) == [AMOUNT]
    assert seen.last[0].actual == f"{whole * 1000 + 100} ms"
    assert seen.data(ms(passed), passed, second) == [], "once is enough"


def test_sound_of_unknown_length_is_not_counted() -> None:
    seen = Seen(0, mode=9)
    seen.start(0, 0.0)
    assert seen.data(0, 0.0, bytes(4 * RATE * 20)) == []
    seen.said("MODE", playback.Mode(0, AudioDataMode.RAW, b""), 0.0)
    assert seen.data(0, 0.0, bytes(4 * RATE * 20)) == [], "what came before is not known"


def test_who_is_no_server_sets_no_clock() -> None:
    seen = Seen(0)
    seen.session.message(seen.main, "client", "MULTI_MEDIA_TIME", main.MultiMediaTime(900_000), BEGIN)
    assert [item for item in seen.session.take_findings() if item.requirement == MAIN] == []


@pytest.mark.parametrize(
    ("mode", "data", "wanted"),
    [
        (AudioDataMode.RAW, bytes(1920), 0.01),
        (AudioDataMode.RAW, bytes(1923), 0.01),
        (AudioDataMode.OPUS, bytes.fromhex("fcfffe"), 0.02),
        (AudioDataMode.OPUS, bytes.fromhex("ff06"), 0.12),
        (AudioDataMode.OPUS, b"", None),
        (AudioDataMode.CELT_0_5_1, b"x", 256 / RATE),
        (AudioDataMode.INVALID, b"x", None),
        (None, b"x", None),
    ],
)
def test_how_long_a_stretch_is(mode: int | None, data: bytes, wanted: float | None) -> None:
    assert seconds(mode, 2, RATE, data) == wanted
    assert seconds(mode, 0, RATE, data) is None and seconds(mode, 2, None, data) is None


def test_findings_can_be_written() -> None:
    seen = Seen(5000)
    seen.time(5000 + 20_000, 0.0)
    assert msgspec.json.encode(seen.last[0]) and "20000 ms ahead" in str(seen.last[0])
