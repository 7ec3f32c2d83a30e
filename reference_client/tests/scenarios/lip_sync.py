"""Faults of lip sync (spec/12-lip-sync.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_client.tests.conversations import Make, alive
from reference_client.tests.film import PLAYBACK, Maker
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, ScriptedServer
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import PlaybackCapability
from spiceproto.enums.link import ChannelType
from spiceproto.messages import display, main, playback

_CLOCK = 1000
_FAR = 60_000


class _Session:
    """A client with a stream on its screen, and sound."""

    def __init__(self, make: Make) -> None:
        words = COMMON.with_(PlaybackCapability.LATENCY)
        known: dict[tuple[int, int], Capabilities] = dict(CHANNELS) | {PLAYBACK: words}
        self.server = ScriptedServer(make(canvas=True), channels=known)
        self.server.init(clock=_CLOCK)
        self.server.listing(*LISTED, PLAYBACK)
        self.screen, self.speaker = self.server.line(ChannelType.DISPLAY), self.server.line(*PLAYBACK)
        self.screen.send(*Maker(0).screen())

    def sound(self, clock: int, *between: Any) -> None:
        """A second of it, from this time on."""
        self.speaker.send(playback.Mode(0, 1, b""), playback.Start(channels=1, format=1, frequency=8000, time=clock), *between)
        maker = Maker(clock)
        for at in range(0, 1000, 20):
            self.speaker.send(maker.stretch(at))
            self.server.wait(0.02)

    def shows(self, time: int, wait: float = 0.5) -> bool:
        """Whether a white frame with this time is shown by then."""
        self.screen.send(Maker(time - 1000).frame(1000))
        self.server.wait(wait)
        return bool(self.server.client.displays[0].picture()[0, 0, 0] > 200)

    def delay(self) -> int:
        """What a report says of sound."""
        self.screen.send(display.StreamActivateReport(stream_id=3, unique_id=1, max_window_size=1, timeout_ms=1000))
        self.screen.send(Maker(_CLOCK + 2 * _FAR).frame(40))
        return [int(value.audio_delay) for value in self.screen.got if isinstance(value, display.StreamReport)][-1]


def _follows(make: Make) -> bool:
    session = _Session(make)
    session.sound(_CLOCK + _FAR)
    return session.shows(_CLOCK + _FAR + 1000)


def _goes_on_behind_sound(make: Make) -> bool:
    session = _Session(make)
    session.sound(_CLOCK + _FAR)
    session.speaker.send(playback.Stop())
    return session.shows(_CLOCK + _FAR + 1000)


def _goes_by_main(make: Make) -> bool:
    session = _Session(make)
    session.server.main.send(main.MultiMediaTime(_CLOCK + _FAR))
    return session.shows(_CLOCK + _FAR + 100)


def _is_set_back(make: Make) -> bool:
    session = _Session(make)
    for time in (_CLOCK + 2 * _FAR, _CLOCK):
        session.server.main.send(main.MultiMediaTime(time))
    return not session.shows(_CLOCK + 3 * _FAR) and session.server.client.main.clock.time(session.server.now) < _CLOCK + _FAR


def _holds_back(make: Make) -> bool:
    session = _Session(make)
    session.sound(_CLOCK, playback.Latency(3000))
    return session.delay() >= 2900


def _tells_of_sound(make: Make) -> bool:
    session = _Session(make)
    before = session.delay()
    session.sound(_CLOCK)
    return before == 0xFFFFFFFF and 150 <= session.delay() <= 250


def _goes_around_zero(make: Make) -> bool:
    session = _Session(make)
    session.sound(2**32 - 500)
    return session.shows(500)


def _goes_on(make: Make) -> bool:
    """Whatever times, waits and clocks there are."""
    session = _Session(make)
    session.sound(_CLOCK, playback.Latency(0), playback.Latency(0xFFFFFFFF))
    session.server.main.send(main.MultiMediaTime(_CLOCK + _FAR))
    session.speaker.send(*[playback.Data(time, bytes(320)) for time in (0, 2**31, 5, 4)])
    return alive(session.server)


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "video-by-main-alone": _follows,
    "clock-back-behind-sound": _goes_on_behind_sound,
    "time-of-main-ignored": _goes_by_main,
    "clock-is-never-set-back": _is_set_back,
    "latency-ignored": _holds_back,
    "times-of-sound-must-go-on": _goes_on,
    "times-of-sound-without-wrap": _goes_around_zero,
    "no-sound-is-no-delay": _tells_of_sound,
    "sound-delay-in-microseconds": _tells_of_sound,
    "odd-latency-fatal": _goes_on,
    "time-of-main-while-sound-plays-fatal": _goes_on,
}
