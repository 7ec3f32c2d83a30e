"""What cases about lip sync have in common: a client that shows a film and hears its sound.

Only of a client that says how much sound it holds (``audio_delay`` of its reports) is known that it plays any. One without a
sound card goes by main, and is not blamed for it.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from conformance.as_server import SuiteServer
from conformance.cases.display.screen import RESTS, Screen
from conformance.cases.streams import film
from conformance.likeness import Likeness
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.link import ChannelType
from spiceproto.messages import display, playback

__all__ = ["CLOCK", "LONG", "NO_SOUND", "Cinema", "Sound", "report"]

CLOCK: Final = 1000
"""What the multimedia clock of a session shows at first."""

LONG: Final = 60_000
"""Milliseconds that no case waits."""

NO_SOUND: Final = 0xFFFFFFFF
"""``audio_delay`` of a client that hears nothing."""

_PLAYBACK: Final = (ChannelType.PLAYBACK, 0)
_RATE: Final = 48000
_STRETCH: Final = 10
_SILENCE: Final = bytes(_RATE * _STRETCH // 1000 * 4)
_TURN: Final = 50
"""Milliseconds of sound that are sent together."""

_LEAD: Final = 1000
"""Milliseconds from the last sound to the frame that is to be shown: it has to come in time."""

_WHILE: Final = 1500
"""Milliseconds of sound by which a client has looked at its sound card: spice-gtk does once a second."""

_AGAIN: Final = 100
"""Milliseconds without sound behind which it goes on where it would be by then."""

_FLOOR: Final = Likeness(30.0, 0.9)
_ASKED: Final = 61
_UNIQUE: Final = 0x5EED


class Sound:
    """Silence that the guest plays, at the pace of time; ``time`` is that of the next stretch.

    While the case waits for something else, none is played.
    """

    def __init__(self, server: SuiteServer, talk: Talk, time: int) -> None:
        self.server = server
        self.talk = talk
        self.time = time
        self._begin = round(1000 * server.now) - time
        start = playback.Start(channels=2, format=AudioFmt.S16, frequency=_RATE, time=time & 0xFFFFFFFF)
        talk.send(playback.Mode(time & 0xFFFFFFFF, AudioDataMode.RAW, b""), start)

    def go_on(self, milliseconds: int) -> None:
        """So much sound, and so much time."""
        for _ in range(0, milliseconds, _TURN):
            now = round(1000 * self.server.now) - self._begin
            if now > self.time + _AGAIN:
                self.time = now
            stretches = range(self.time, self.time + _TURN, _STRETCH)
            self.talk.send(*[playback.Data(time & 0xFFFFFFFF, _SILENCE) for time in stretches])
            self.time += _TURN
            self.server.run(lambda: False, _TURN / 1000)


def report(server: SuiteServer, talk: Talk, surface: int, time: int) -> display.StreamReport:
    """A report on a frame with this time, of a stream that ends before that is shown. Raises NotApplicable without reports."""
    if not talk.client.has(DisplayCapability.STREAM_REPORT):
        raise NotApplicable("the client did not announce STREAM_REPORT")
    activate = display.StreamActivateReport(stream_id=_ASKED, unique_id=_UNIQUE, max_window_size=1, timeout_ms=1000)
    create = msgspec.structs.replace(film.create(_ASKED), surface_id=surface)
    talk.send(create, activate, film.frame(film.picture(), time + LONG, _ASKED))
    try:
        found: display.StreamReport = talk.expect("STREAM_REPORT", stream_id=_ASKED)
    except Failure as failure:
        # That reports come is another sentence's matter (SPICE-STREAM-017).
        raise NotApplicable(f"the client does not say how much sound it holds: {failure.actual}") from None
    finally:
        talk.send(display.StreamDestroy(_ASKED))
    return found


class Cinema:
    """A screen and a playback channel of one client. Raises NotApplicable for one without MJPEG or sound."""

    def __init__(self, server: SuiteServer, *, sound: bool = True) -> None:
        self.server = server
        self.screen = Screen(server, rests=(*RESTS, "SPICE-STREAM-015/shown"), more=(_PLAYBACK,) * sound)
        announced = self.screen.talk.client
        if announced.has(DisplayCapability.MULTI_CODEC) and not announced.has(DisplayCapability.CODEC_MJPEG):
            raise NotApplicable("the client announced MULTI_CODEC, without CODEC_MJPEG")
        self.screen.draw(self._create())
        self._playback = server.linked(*_PLAYBACK) if sound else None

    def _create(self) -> display.StreamCreate:
        return msgspec.structs.replace(film.create(), surface_id=0)

    def hear(self, time: int) -> Sound:
        """Sound from this time on, of which the client knows how much it holds. Raises NotApplicable if it does not."""
        assert self._playback is not None
        sound = Sound(self.server, self._playback, time)
        sound.go_on(_WHILE)
        found = report(self.server, self.screen.talk, 0, sound.time)
        if found.audio_delay in (0, NO_SOUND):
            raise NotApplicable("the client does not know how much sound it holds: nothing shows that it plays any")
        sound.go_on(_WHILE)
        return sound

    def stop(self) -> None:
        """Sound ends."""
        assert self._playback is not None
        self._playback.send(playback.Stop())

    def show(self, time: int) -> None:
        """A frame that the client is to show at this time."""
        self.screen.draw(film.frame(film.picture(), time))

    def hide(self, time: int) -> None:
        """A frame that the client is not to show: its time does not come."""
        self.screen.send(film.frame(film.picture(), time))

    def wait(self, milliseconds: int) -> None:
        """Time passes."""
        self.server.run(lambda: False, milliseconds / 1000)

    def expect(self, why: str) -> None:
        """What is shown is what was to be shown. Raises Failure, NotApplicable where nobody can ask."""
        self.screen.expect_same(why, floor=_FLOOR)

    def tell(self, value: Any) -> None:
        """A message of main, which the client has read then."""
        self.server.main_talk.send(value)
        self.server.alive(self.server.main_talk, why="it has read the time")

    def follow(self, sound: Sound) -> None:
        """A frame of the sound that is next; sound goes on until it has to be seen."""
        self.show(sound.time + _LEAD)
        sound.go_on(2 * _LEAD)
