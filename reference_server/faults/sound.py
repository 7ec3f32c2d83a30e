"""Faults of sound (spec/10-sound.md)."""

from __future__ import annotations

from typing import Any, ClassVar, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from reference_server.channels.base import Handler, Handlers
from reference_server.channels.playback import PlaybackChannel
from reference_server.channels.record import RecordChannel
from reference_server.clock import multimedia_time
from reference_server.faults.fault import fault
from reference_server.guest import LevelChanged, Source, Switched
from reference_server.server import Server
from spiceproto.enums.audio import AudioDataMode
from spiceproto.messages import playback, record
from spiceproto.sound_modes import Codec


@fault("no-sound-mode", "SPICE-SOUND-001")
class NoSoundMode(PlaybackChannel):
    """Does not say how sound is encoded."""

    def say_mode(self, now: float) -> None:
        pass


@fault("sound-mode-behind-start", "SPICE-SOUND-001")
class SoundModeBehindStart(PlaybackChannel):
    """Says how sound is encoded when it has begun."""

    def say_mode(self, now: float) -> None:
        pass

    def play(self, source: Source | None, now: float) -> None:
        super().play(source, now)
        if source is not None:
            super().say_mode(now)


@fault("sound-before-start", "SPICE-SOUND-002", "SPICE-SOUND-028")
class SoundBeforeStart(PlaybackChannel):
    """Sends DATA as soon as the channel is linked."""

    def say_mode(self, now: float) -> None:
        super().say_mode(now)
        self.send(playback.Data(multimedia_time(now), bytes(4)))


@fault("sound-behind-stop", "SPICE-SOUND-002", "SPICE-SOUND-028")
class SoundBehindStop(PlaybackChannel):
    """Sends a stretch of sound behind STOP."""

    def tick(self, now: float) -> None:
        super().tick(now)
        if self.source is not None and self._frame >= self.frequency // 50:
            self.send(playback.Stop(), playback.Data(multimedia_time(now), bytes(4)))
            self.source = None


@fault("sound-started-twice", "SPICE-SOUND-003")
class SoundStartedTwice(PlaybackChannel):
    """Sends START twice."""

    def play(self, source: Source | None, now: float) -> None:
        super().play(source, now)
        if source is not None:
            self.send(self.beginning(multimedia_time(now)))


@fault("sound-stopped-unasked", "SPICE-SOUND-004")
class SoundStoppedUnasked(PlaybackChannel):
    """Sends STOP although nothing plays."""

    def say_mode(self, now: float) -> None:
        super().say_mode(now)
        self.send(playback.Stop())


class _Raw(PlaybackChannel):
    """Has no codec."""

    def codec(self) -> Codec | None:
        return None


@fault("half-a-frame", "SPICE-SOUND-005", "SPICE-SOUND-028")
class HalfAFrame(_Raw):
    """Cuts samples where a frame is not over."""

    def stretch(self, source: Source, frame: int) -> list[Any]:
        return [playback.Data(item.time, bytes(item.data)[:-2]) for item in super().stretch(source, frame)]


@fault("opus-at-44100", "SPICE-SOUND-006")
class OpusAt44100(PlaybackChannel):
    """Announces Opus with 44100 frames a second."""

    def beginning(self, time: int) -> playback.Start:
        found = super().beginning(time)
        return msgspec.structs.replace(found, frequency=44100) if self.mode == AudioDataMode.OPUS else found


@fault("asks-twice-for-sound", "SPICE-SOUND-011")
class AsksTwiceForSound(RecordChannel):
    """Sends START on record twice."""

    def _switched(self, news: Switched) -> None:
        before = self.asked
        super()._switched(news)
        if self.asked and not before:
            self.send(self.beginning())


@fault("record-stopped-unasked", "SPICE-SOUND-012")
class RecordStoppedUnasked(RecordChannel):
    """Sends STOP on record although the guest does not listen."""

    def start(self, now: float) -> None:
        self.send(record.Stop())
        super().start(now)


@fault("no-sound-unasked", "SPICE-SOUND-015")
class NoSoundUnasked(RecordChannel):
    """Closes record when DATA comes for which it has not asked."""

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, record.Data) and not self.asked:
            self.line.drop("DATA that nobody asked for")
            return
        super().handle(value, now)


@fault("no-cut-frames", "SPICE-SOUND-015")
class NoCutFrames(RecordChannel):
    """Closes record when DATA ends within a frame."""

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, record.Data) and self.mode == AudioDataMode.RAW and len(value.data) % 4:
            self.line.drop("DATA with a part of a frame")
            return
        super().handle(value, now)


class _Coded(PlaybackChannel):
    """Changes what stretches of a codec hold."""

    wrong: ClassVar[bytes] = b""

    def stretch(self, source: Source, frame: int) -> list[Any]:
        found = super().stretch(source, frame)
        return [playback.Data(item.time, self.wrong) if self.mode != AudioDataMode.RAW else item for item in found]


@fault("sound-without-a-packet", "SPICE-SOUND-019", "SPICE-SOUND-028")
class SoundWithoutAPacket(_Coded):
    """Sends DATA without a packet in the mode of a codec."""


@fault("packets-of-20-ms", "SPICE-SOUND-021", "SPICE-SOUND-028")
class PacketsOf20Ms(_Coded):
    """Sends packets of Opus with 20 ms of silence."""

    wrong = bytes.fromhex("fcfffe")


@fault("celt-at-48000", "SPICE-SOUND-020")
class CeltAt48000(PlaybackChannel):
    """Announces CELT with 48000 frames a second."""

    def beginning(self, time: int) -> playback.Start:
        found = super().beginning(time)
        return msgspec.structs.replace(found, frequency=48000) if self.mode == AudioDataMode.CELT_0_5_1 else found


@fault("sound-of-times-that-go-back", "SPICE-SOUND-022", "SPICE-SYNC-003", "SPICE-SYNC-004", "SPICE-SYNC-008")
class SoundOfTimesThatGoBack(PlaybackChannel):
    """Gives every stretch an earlier time than the one before."""

    def stretch(self, source: Source, frame: int) -> list[Any]:
        found = super().stretch(source, frame)
        return [playback.Data(multimedia_time(self._began, -frame // 48), item.data) for item in found]


@fault("one-volume-for-two", "SPICE-SOUND-023", "SPICE-SOUND-037")
class OneVolumeForTwo(PlaybackChannel):
    """Says one volume for both sound channels."""

    def send(self, *values: Any) -> None:
        super().send(*[playback.Volume(value.volume[:1]) if isinstance(value, playback.Volume) else value for value in values])


@fault("tells-no-volume", "SPICE-SOUND-037")
class TellsNoVolume(RecordChannel):
    """Says how loud it is when the channel is linked, and never again."""

    told = False

    def _level_changed(self, news: LevelChanged) -> None:
        if not self.told:
            self.told = True
            super()._level_changed(news)


@fault("sides-swapped", "SPICE-SOUND-028")
class SidesSwapped(PlaybackChannel):
    """Plays on the right what belongs on the left."""

    def stretch(self, source: Source, frame: int) -> list[Any]:
        return super().stretch(lambda *place: np.ascontiguousarray(source(*place)[:, ::-1]), frame)


@fault("sound-of-another-frequency", "SPICE-SOUND-028")
class SoundOfAnotherFrequency(_Raw):
    """Sends samples for 44100 frames a second, and says that there are 48000."""

    def stretch(self, source: Source, frame: int) -> list[Any]:
        return super().stretch(lambda first, count, frequency: source(first, count, 44100), frame)


class _Listener(RecordChannel):
    """Ends the session, or closes the channel, for what it does not like."""

    def end_session(self, text: str) -> None:
        cast(Server, self.host).end_session(self.session, text)


@fault("hears-sides-swapped", "SPICE-SOUND-030")
class HearsSidesSwapped(RecordChannel):
    """Hears on the right what was said on the left."""

    def hear(self, time: int, frequency: int, samples: NDArray[np.int16]) -> None:
        super().hear(time, frequency, samples[:, ::-1])


@fault("one-record-mode", "SPICE-SOUND-031")
class OneRecordMode(RecordChannel):
    """Goes on to read sound as it was encoded first."""

    named = False

    def _mode(self, value: record.Mode, now: float) -> None:
        if not self.named:
            super()._mode(value, now)
        self.named = self.asked

    handlers: ClassVar[Handlers] = RecordChannel.handlers | {record.Mode: Handler(_mode)}


@fault("no-more-than-a-mode", "SPICE-SOUND-024")
class NoMoreThanAMode(RecordChannel):
    """Closes record when bytes stand behind a mode."""

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, record.Mode) and value.data:
            self.line.drop("bytes behind MODE")
            return
        super().handle(value, now)


@fault("no-unknown-record-mode", "SPICE-SOUND-032")
class NoUnknownRecordMode(_Listener):
    """Ends the session when a client names a mode that was not announced."""

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, record.Mode) and not self.host.encoding.takes(value.mode):
            self.end_session("a mode that was not announced")
            return
        super().handle(value, now)


@fault("no-broken-packets", "SPICE-SOUND-033")
class NoBrokenPackets(_Listener):
    """Ends the session when a packet is empty."""

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, record.Data) and not value.data and self.mode != AudioDataMode.RAW:
            self.end_session("DATA without a packet")
            return
        super().handle(value, now)


@fault("one-start-mark", "SPICE-SOUND-034")
class OneStartMark(RecordChannel):
    """Closes record for a START_MARK that is not due."""

    marked = False

    def handle(self, value: Any, now: float) -> None:
        if isinstance(value, record.StartMark):
            if self.marked:
                self.line.drop("a second START_MARK")
                return
            self.marked = True
        super().handle(value, now)
