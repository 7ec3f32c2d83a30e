"""Faults of lip sync (spec/12-lip-sync.md)."""

from __future__ import annotations

from typing import Any, Final

from reference_server.channels.main import MainChannel
from reference_server.channels.playback import PlaybackChannel
from reference_server.clock import TimeWanted
from reference_server.faults.fault import fault
from reference_server.guest import Source
from reference_server.guest.sound import CHANNELS
from spiceproto.messages import main, playback
from spiceproto.sound_modes import Codec

_FAR: Final = 1_000_000
"""Milliseconds that clocks of a host may be apart: one counts from its start, the other from that of a program."""

_MUCH: Final = 3
"""Seconds of sound in one DATA."""


@fault("time-of-another-clock", "SPICE-SYNC-001", "SPICE-STREAM-013")
class TimeOfAnotherClock(MainChannel):
    """Says another time than INIT had as soon as the channels are listed; frames keep to the right one."""

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        self.send(main.MultiMediaTime(self.clock.for_client(self.host.now) + _FAR & 0xFFFFFFFF))
        return super().channels_list(*added)


@fault("sound-of-another-clock", "SPICE-SYNC-002")
class SoundOfAnotherClock(PlaybackChannel):
    """Counts the time of sound from another beginning than main does."""

    def time(self, frame: int) -> int:
        return super().time(frame) + _FAR & 0xFFFFFFFF


@fault("times-of-sound-go-back", "SPICE-SYNC-003")
class TimesOfSoundGoBack(PlaybackChannel):
    """Swaps the times of two stretches."""

    def time(self, frame: int) -> int:
        stretch = self.frequency // 100
        swapped = frame // stretch % 2 == 1
        return super().time(frame - 2 * stretch if swapped else frame)


@fault("sound-before-its-time", "SPICE-SYNC-004")
class SoundBeforeItsTime(PlaybackChannel):
    """Sends all sound that there is at once."""

    def codec(self) -> Codec | None:
        return None

    def stretch(self, source: Source, frame: int) -> list[Any]:
        much = bytes(2 * CHANNELS * self.frequency * _MUCH)
        return [playback.Data(item.time, much) for item in super().stretch(source, frame)]


@fault("no-time-behind-sound", "SPICE-SYNC-006")
class NoTimeBehindSound(MainChannel):
    """Leaves the clock of the client to itself when sound ends."""

    def _time_wanted(self, news: TimeWanted) -> None:
        pass


@fault("fast-clock-of-sound", "SPICE-SYNC-008")
class FastClockOfSound(PlaybackChannel):
    """Counts two milliseconds where one has passed."""

    def time(self, frame: int) -> int:
        return super().time(2 * frame)
