"""Faults of sound (spec/10-sound.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from reference_client.channels.playback import PlaybackChannel
from reference_client.channels.record import RecordChannel
from reference_client.faults.fault import fault
from spiceproto.enums.audio import AudioDataMode
from spiceproto.messages import playback, record
from spiceproto.multimedia_time import later

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PACKET: Final = bytes.fromhex("f4fffe")
"""10 ms of silence in Opus."""


class _Strict(PlaybackChannel):
    """Ends the session for what it does not like."""

    def give_up(self, text: str) -> None:
        self.host.end(text, orderly=False)


@fault("no-sound-outside", "SPICE-SOUND-007")
class NoSoundOutside(_Strict):
    """Ends the session for DATA outside of START and STOP."""

    def on_data(self, value: playback.Data, now: float) -> None:
        if self.playing:
            super().on_data(value, now)
        else:
            self.give_up("DATA, and nothing plays")


@fault("no-broken-sound", "SPICE-SOUND-008")
class NoBrokenSound(_Strict):
    """Ends the session for DATA that can not be decoded."""

    def on_data(self, value: playback.Data, now: float) -> None:
        before = self.lost
        super().on_data(value, now)
        if self.lost > before and self._decoder is not None:
            self.give_up("DATA that can not be decoded")


@fault("one-mode-a-sound", "SPICE-SOUND-009")
class OneModeASound(_Strict):
    """Ends the session when the mode changes while sound plays."""

    def on_mode(self, value: playback.Mode, now: float) -> None:
        if self.playing and value.mode in (AudioDataMode.RAW, AudioDataMode.OPUS):
            self.give_up("another mode while sound plays")
        else:
            super().on_mode(value, now)


@fault("no-odd-formats", "SPICE-SOUND-010")
class NoOddFormats(_Strict):
    """Ends the session when START announces no sound channel, or no samples."""

    def on_start(self, value: playback.Start, now: float) -> None:
        if value.channels not in (1, 2) or not value.frequency or value.format != 1:
            self.give_up("nobody can play this")
        else:
            super().on_start(value, now)


@fault("two-volumes-or-none", "SPICE-SOUND-017")
class TwoVolumesOrNone(_Strict):
    """Ends the session for VOLUME with another number of values than two."""

    def on_volume(self, value: playback.Volume, now: float) -> None:
        if len(value.volume) != 2:
            self.give_up("not two volumes")
        else:
            super().on_volume(value, now)


@fault("speaks-before-it-is-asked", "SPICE-SOUND-013")
class SpeaksBeforeItIsAsked(RecordChannel):
    """Sends DATA as soon as record is linked."""

    def start(self, now: float) -> None:
        super().start(now)
        self.send(record.Data(0, bytes(4)))


@fault("speaks-on-behind-stop", "SPICE-SOUND-013")
class SpeaksOnBehindStop(RecordChannel):
    """Goes on when the guest listens no more."""

    def fall_silent(self) -> None:
        pass


@fault("no-record-mode", "SPICE-SOUND-014")
class NoRecordMode(RecordChannel):
    """Does not say how its sound is encoded."""

    def opening(self, time: int) -> list[Any]:
        return [value for value in super().opening(time) if not isinstance(value, record.Mode)]


@fault("no-start-mark", "SPICE-SOUND-014")
class NoStartMark(RecordChannel):
    """Does not say when its sound begins."""

    def opening(self, time: int) -> list[Any]:
        return [value for value in super().opening(time) if not isinstance(value, record.StartMark)]


@fault("opening-once", "SPICE-SOUND-014")
class OpeningOnce(RecordChannel):
    """Says how its sound is encoded, and when it begins, the first time only."""

    opened = False

    def opening(self, time: int) -> list[Any]:
        found = [] if self.opened else super().opening(time)
        self.opened = True
        return found


@fault("half-a-frame-said", "SPICE-SOUND-005", "SPICE-SOUND-029")
class HalfAFrameSaid(RecordChannel):
    """Sends samples cut where a frame is not over."""

    def send(self, *values: Any) -> None:
        if self.mode != AudioDataMode.RAW:
            super().send(*values)
            return
        super().send(*[record.Data(item.time, item.data[:-2]) if isinstance(item, record.Data) else item for item in values])


@fault("no-odd-requests", "SPICE-SOUND-018")
class NoOddRequests(RecordChannel):
    """Ends the session when the guest asks for sound that nobody can send."""

    def on_start(self, value: record.Start, now: float) -> None:
        if value.channels not in (1, 2) or not value.frequency or value.format != 1:
            self.host.end("nobody can send this", orderly=False)
        else:
            super().on_start(value, now)


@fault("opus-said-at-44100", "SPICE-SOUND-006", "SPICE-SOUND-029", "SPICE-FRAME-045")
class OpusSaidAt44100(RecordChannel):
    """Sends packets of Opus where the guest asks for 44100 frames a second."""

    def opening(self, time: int) -> list[Any]:
        if self._frequency != 44100:
            return super().opening(time)
        return [record.Mode(time, AudioDataMode.OPUS, b""), record.StartMark(time)]

    def send(self, *values: Any) -> None:
        if self._frequency == 44100:
            values = tuple([record.Data(item.time, _PACKET) if isinstance(item, record.Data) else item for item in values])
        super().send(*values)


@fault("no-more-than-a-mode", "SPICE-SOUND-024")
class NoMoreThanAMode(_Strict):
    """Ends the session when bytes stand behind a mode."""

    def on_mode(self, value: playback.Mode, now: float) -> None:
        if value.data:
            self.give_up("bytes behind MODE")
        else:
            super().on_mode(value, now)


@fault("one-sound-at-a-time", "SPICE-SOUND-025")
class OneSoundAtATime(_Strict):
    """Ends the session when sound begins while sound plays."""

    def on_start(self, value: playback.Start, now: float) -> None:
        if self.playing:
            self.give_up("START, and sound plays")
        else:
            super().on_start(value, now)


@fault("no-unexpected-stop", "SPICE-SOUND-025", "SPICE-SOUND-007")
class NoUnexpectedStop(_Strict):
    """Ends the session when sound ends that has not begun."""

    def on_stop(self, value: playback.Stop, now: float) -> None:
        if self.playing:
            super().on_stop(value, now)
        else:
            self.give_up("STOP, and nothing plays")


@fault("no-odd-times", "SPICE-SOUND-026", "SPICE-SYNC-013")
class NoOddTimes(_Strict):
    """Ends the session when the times of sound go back."""

    last = 0

    def on_data(self, value: playback.Data, now: float) -> None:
        if self.playing and later(value.time, self.last) < 0:
            self.give_up("DATA of an earlier time")
        else:
            self.last = value.time
            super().on_data(value, now)

    def on_start(self, value: playback.Start, now: float) -> None:
        self.last = value.time
        super().on_start(value, now)


@fault("plays-sides-swapped", "SPICE-SOUND-027")
class PlaysSidesSwapped(PlaybackChannel):
    """Plays on the right what belongs on the left."""

    def put_out(self, time: int, frequency: int, samples: NDArray[np.int16]) -> None:
        super().put_out(time, frequency, samples[:, ::-1])


@fault("plays-at-48000", "SPICE-SOUND-027")
class PlaysAt48000(PlaybackChannel):
    """Plays everything with 48000 frames a second."""

    def put_out(self, time: int, frequency: int, samples: NDArray[np.int16]) -> None:
        super().put_out(time, 48000, samples)


@fault("plays-no-celt", "SPICE-SOUND-027")
class PlaysNoCelt(PlaybackChannel):
    """Announces CELT, and takes its packets for samples."""

    def on_mode(self, value: playback.Mode, now: float) -> None:
        celt = value.mode == AudioDataMode.CELT_0_5_1
        super().on_mode(playback.Mode(value.time, AudioDataMode.RAW, value.data) if celt else value, now)


@fault("says-at-48000", "SPICE-SOUND-029")
class SaysAt48000(RecordChannel):
    """Sends samples for 48000 frames a second, whatever the guest asks for."""

    def say(self, frame: int, count: int) -> NDArray[np.int16]:
        self._frequency, asked = 48000, self._frequency
        found = super().say(frame, count)
        self._frequency = asked
        return found


class _Coded(RecordChannel):
    """Changes what stretches of a codec hold."""

    wrong: ClassVar[bytes] = b""

    def send(self, *values: Any) -> None:
        if self.mode != AudioDataMode.RAW:
            values = tuple([record.Data(item.time, self.wrong) if isinstance(item, record.Data) else item for item in values])
        super().send(*values)


@fault("says-without-a-packet", "SPICE-SOUND-019", "SPICE-SOUND-029")
class SaysWithoutAPacket(_Coded):
    """Sends DATA without a packet in the mode of a codec."""


@fault("says-packets-of-20-ms", "SPICE-SOUND-021", "SPICE-SOUND-029")
class SaysPacketsOf20Ms(_Coded):
    """Sends packets of Opus with 20 ms of silence."""

    wrong = bytes.fromhex("fcfffe")


@fault("says-samples-alone", "SPICE-SOUND-035")
class SaysSamplesAlone(RecordChannel):
    """Announces codecs, and uses none."""

    def choose(self, value: record.Start) -> AudioDataMode:
        return AudioDataMode.RAW


@fault("no-levels-while-it-plays", "SPICE-SOUND-036")
class NoLevelsWhileItPlays(_Strict):
    """Ends the session when the guest is muted while it plays."""

    def on_mute(self, value: playback.Mute, now: float) -> None:
        if self.playing:
            self.give_up("MUTE, and sound plays")
        else:
            super().on_mute(value, now)
