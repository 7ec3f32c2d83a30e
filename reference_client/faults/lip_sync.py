"""Faults of lip sync (spec/12-lip-sync.md)."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from reference_client.channels import DisplayChannel, MainChannel, PlaybackChannel
from reference_client.faults.fault import fault
from spiceproto.messages import display, main, playback
from spiceproto.multimedia_time import later

_NO_SOUND: Final = 0xFFFFFFFF
_BACK, _AWAY = 500, 120_000
"""Milliseconds."""


class _Picky(PlaybackChannel):
    """Ends the session for what it does not like."""

    def give_up(self, text: str) -> None:
        self.host.end(text, orderly=False)


@fault("video-by-main-alone", "SPICE-SYNC-009")
class VideoByMainAlone(PlaybackChannel):
    """Leaves the clock to main while sound plays; how much sound waits it knows."""

    def heard(self, time: int, seconds: float, now: float) -> float:
        turn = self.playout.take(seconds, now)
        self.clock.sound_delay = round(turn.delay * 1000)
        return turn.silence


@fault("clock-back-behind-sound", "SPICE-SYNC-010")
class ClockBackBehindSound(PlaybackChannel):
    """Goes back to what main has said last as soon as sound ends."""

    def on_stop(self, value: playback.Stop, now: float) -> None:
        super().on_stop(value, now)
        self.clock.set(self.clock.last, now)


@fault("time-of-main-ignored", "SPICE-SYNC-011")
class TimeOfMainIgnored(MainChannel):
    """Takes the time from INIT alone."""

    def on_multi_media_time(self, value: main.MultiMediaTime, now: float) -> None:
        pass


@fault("clock-is-never-set-back", "SPICE-SYNC-011")
class ClockIsNeverSetBack(MainChannel):
    """Takes no time that is earlier than what its clock shows."""

    def on_multi_media_time(self, value: main.MultiMediaTime, now: float) -> None:
        if later(value.time, self.clock.time(now)) >= 0:
            super().on_multi_media_time(value, now)


@fault("latency-ignored", "SPICE-SYNC-012")
class LatencyIgnored(PlaybackChannel):
    """Holds back what it always does."""

    def on_latency(self, value: playback.Latency, now: float) -> None:
        pass


@fault("times-of-sound-must-go-on", "SPICE-SYNC-013", "SPICE-SOUND-026")
class TimesOfSoundMustGoOn(_Picky):
    """Ends the session when a time is much earlier than the one before, or far behind it."""

    before = 0

    def on_start(self, value: playback.Start, now: float) -> None:
        self.before = value.time
        super().on_start(value, now)

    def on_data(self, value: playback.Data, now: float) -> None:
        if self.playing and not -_BACK < later(value.time, self.before) < _AWAY:
            self.give_up("a time that can not be")
        self.before = value.time
        super().on_data(value, now)


@fault("times-of-sound-without-wrap", "SPICE-SYNC-014")
class TimesOfSoundWithoutWrap(PlaybackChannel):
    """Takes no time of sound that is a smaller number than the one before."""

    most = 0

    def heard(self, time: int, seconds: float, now: float) -> float:
        self.most = max(self.most, time)
        return super().heard(self.most, seconds, now)


class _Reports(DisplayChannel):
    """Says something else of sound in its reports."""

    def delay(self, value: int) -> int:
        return value

    def send(self, *values: Any) -> None:
        super().send(*[self._changed(value) if isinstance(value, display.StreamReport) else value for value in values])

    def _changed(self, report: display.StreamReport) -> display.StreamReport:
        return msgspec.structs.replace(report, audio_delay=self.delay(report.audio_delay))


@fault("no-sound-is-no-delay", "SPICE-SYNC-015")
class NoSoundIsNoDelay(_Reports):
    """Says that no sound waits where none plays."""

    def delay(self, value: int) -> int:
        return 0 if value == _NO_SOUND else value


@fault("sound-delay-in-microseconds", "SPICE-SYNC-015")
class SoundDelayInMicroseconds(_Reports):
    """Says how much sound waits in microseconds."""

    def delay(self, value: int) -> int:
        return value if value == _NO_SOUND else value * 1000


@fault("odd-latency-fatal", "SPICE-SYNC-016", "SPICE-SOUND-036")
class OddLatencyFatal(_Picky):
    """Ends the session when it is asked to hold nothing back, or an hour."""

    def on_latency(self, value: playback.Latency, now: float) -> None:
        if 0 < value.latency_ms < 3_600_000:
            super().on_latency(value, now)
        else:
            self.give_up("a latency that can not be")


@fault("time-of-main-while-sound-plays-fatal", "SPICE-SYNC-017")
class TimeOfMainWhileSoundPlaysFatal(MainChannel):
    """Ends the session when main says the time while sound plays."""

    def on_multi_media_time(self, value: main.MultiMediaTime, now: float) -> None:
        if self.clock.sound_delay is not None:
            self.host.end("sound has the clock", orderly=False)
        else:
            super().on_multi_media_time(value, now)
