"""The record channel (spec/10-sound.md): what the guest hears.

The client says nothing before START. Then come MODE, START_MARK and stretches of sound of 10 ms, or of 6 in CELT
(SPICE-SOUND-014), if there is anything to be heard (``Options.say``). An encoder lives on over STOP and START, as the server's
decoder does. While the kernels of CELT are compiled (:mod:`reference_client.kernels`) samples are sent as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from reference_client.channels.base import Handlers
from reference_client.channels.sound import SoundChannel, mode_name
from reference_client.clock import MultimediaClock
from reference_client.events import Event
from reference_client.host import Host
from reference_client.kernels import Kernels
from reference_client.line import Line
from spiceproto import sound_modes
from spiceproto.enums.audio import AudioDataMode
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.messages import record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from spiceproto import sound

__all__ = ["RecordChannel", "RecordStarted", "RecordStopped"]

_AT_ONCE: Final = 20
"""Stretches that are sent together when time has passed unseen; earlier ones are left out."""


class RecordStarted(Event, frozen=True, tag="record-started"):
    """The guest listens; ``mode`` is how it is told what it hears, "" if it hears nothing, and ``text`` says why."""

    channels: int
    frequency: int
    mode: str = ""
    text: str = ""


class RecordStopped(Event, frozen=True, tag="record-stopped"):
    """The guest listens no more; ``frames`` were sent."""

    frames: int


class RecordChannel(SoundChannel):
    """``listening`` is between START and STOP; ``frames`` were sent since START."""

    def __init__(self, host: Host, line: Line) -> None:
        super().__init__(host, line)
        self.listening = False
        self.frames = 0
        self.mode = self.best = AudioDataMode.RAW
        self._frequency = self._channels = 0
        self._speaks = False
        self._encoder: sound.Encoder | None = None
        self._encoded: tuple[int, int, int] | None = None
        self._began = 0.0

    def choose(self, value: record.Start) -> AudioDataMode:
        """How it is encoded: by the best codec that both ends have for what the guest wants to hear."""
        codecs = sound_modes.installed(self.host.options.sound_mode)
        written = [codec for codec in codecs if (codec.frequency, sound_modes.CHANNELS) == (value.frequency, value.channels)]
        found = sound_modes.best(ChannelType.RECORD, self.line.server, written)
        return AudioDataMode.RAW if found is None else found.mode

    def on_start(self, value: record.Start, now: float) -> None:
        """The guest listens."""
        self.fall_silent()  # what is asked for now may be what can not be said
        self.listening = True
        self.frames = 0
        text = "there is nothing to be heard" if self.host.options.say is None else self._begin(value, now)
        mode = "" if text else mode_name(self.mode)
        self.host.tell(RecordStarted(channels=value.channels, frequency=value.frequency, mode=mode, text=text))

    def _begin(self, value: record.Start, now: float) -> str:
        self._began, self._frequency, self._channels = now, value.frequency, value.channels
        self.best = self.choose(value)
        self.mode = AudioDataMode.RAW if self._lacks() else self.best
        try:
            self._encode()
        except LocalError as error:
            return str(error)
        self._speaks = True
        self.send(*self.opening(self.host.shared(MultimediaClock).time(now)))
        self._plan()
        return ""

    def _lacks(self) -> bool:
        """Whether the best encoding has to wait for somebody who compiles it."""
        return self.best == AudioDataMode.CELT_0_5_1 and self.host.shared(Kernels).lack_celt(encoder=True)

    def _encode(self) -> None:
        from spiceproto import sound  # who says nothing needs no numpy

        wanted = (int(self.mode), self._channels, self._frequency)
        if self._encoder is None or wanted != self._encoded:
            self._encoder, self._encoded = sound.encoder(*wanted), wanted

    def opening(self, time: int) -> list[Any]:
        """What comes before the first stretch."""
        return [record.Mode(time, self.mode, b""), record.StartMark(time)]

    def _plan(self) -> None:
        assert self._encoder is not None
        self.deadline = self._began + (self.frames + self._encoder.frames) / self._frequency

    def tick(self, now: float) -> None:
        """Say what has been heard since."""
        if not self._speaks or self._encoder is None:
            return
        if self.mode != self.best and not self._lacks():
            self.mode = self.best
            self.send(record.Mode(self.host.shared(MultimediaClock).time(now), self.mode, b""))
            self._encode()
        size = self._encoder.frames
        due = int((now - self._began) * self._frequency + 0.5) // size * size
        self.frames = max(self.frames, due - _AT_ONCE * size)
        while self.frames < due:
            samples = self.say(self.frames, size)
            time = self.host.shared(MultimediaClock).time(self._began + self.frames / self._frequency)
            data = self._encoder.encode(samples)
            if data:
                self.send(record.Data(time, data))
            self.frames += size
        self._plan()

    def say(self, frame: int, count: int) -> NDArray[np.int16]:
        """What is heard from this frame on (SPICE-SOUND-029)."""
        assert self.host.options.say is not None
        return self.host.options.say(frame, count, self._channels, self._frequency)

    def on_stop(self, value: record.Stop, now: float) -> None:
        """The guest listens no more (SPICE-SOUND-013)."""
        if self.listening:
            self.listening = False
            self.fall_silent()
            self.host.tell(RecordStopped(frames=self.frames))

    def fall_silent(self) -> None:
        """Send no more."""
        self._speaks = False
        self.deadline = None

    def state(self, now: float) -> dict[str, Any]:
        return {"listening": self.listening}

    handlers: ClassVar[Handlers] = {
        record.Start: on_start,
        record.Stop: on_stop,
        record.Volume: SoundChannel.on_volume,
        record.Mute: SoundChannel.on_mute,
    }
