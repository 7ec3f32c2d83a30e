"""The playback channel (spec/10-sound.md): what the guest plays.

Sound is handed to whoever wants it (``Options.play``) as it comes; where nobody does, it is not decoded. DATA outside of START
and STOP, and what can not be decoded, is counted and is nothing (SPICE-SOUND-007, SPICE-SOUND-008). A decoder lives on over
STOP and START, as that of the server does. DATA of CELT waits while its kernels are compiled (:mod:`reference_client.kernels`).
When it is heard, it is reckoned or asked for (:mod:`reference_client.playout`), and the multimedia clock goes by it
(SPICE-SYNC-009).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, ClassVar, Final

from reference_client.channels.base import Handlers
from reference_client.channels.sound import SoundChannel, mode_name
from reference_client.clock import MultimediaClock
from reference_client.events import Event
from reference_client.host import Host
from reference_client.kernels import Kernels
from reference_client.line import Line
from reference_client.playout import Playout
from spiceproto import stretch
from spiceproto.enums.audio import AudioDataMode
from spiceproto.errors import LocalError, RemoteError
from spiceproto.messages import playback

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from spiceproto import sound

__all__ = ["PlaybackChannel", "PlaybackStarted", "PlaybackStopped"]

_WAITING: Final = 20_000
"""Stretches that are kept while kernels are compiled: two minutes of CELT."""

_AT_ONCE: Final = 100
"""Of these so many are decoded at once, in some 10 ms."""


class PlaybackStarted(Event, frozen=True, tag="playback-started"):
    """The guest plays, encoded as MODE said last; ``text`` says why it can not be heard, "" if it can."""

    channels: int
    frequency: int
    mode: str
    text: str = ""


class PlaybackStopped(Event, frozen=True, tag="playback-stopped"):
    """The guest plays no more; ``frames`` were heard, and ``lost`` DATA could not be."""

    frames: int
    lost: int


class PlaybackChannel(SoundChannel):
    """``playing`` is between START and STOP; ``frames`` were heard since START, and ``lost`` DATA were not; ``waiting`` are
    messages that can not be handled yet.

    ``playout`` knows when what comes is heard.
    """

    def __init__(self, host: Host, line: Line) -> None:
        super().__init__(host, line)
        self.mode: int = AudioDataMode.RAW
        self.playing = False
        self.clock = host.shared(MultimediaClock)
        self.playout = Playout(host.options.held)
        self.frames = 0
        self.lost = 0
        self.waiting: deque[Any] = deque()
        self._format = (0, 0)
        self._decoded: tuple[int, tuple[int, int]] | None = None
        self._decoder: sound.Decoder | None = None

    # -- while kernels are compiled

    def handle(self, value: Any, now: float) -> None:
        if self.waiting or self._lacks(value):
            self.waiting.append(value)
        else:
            super().handle(value, now)

    def _lacks(self, value: Any) -> bool:
        """Whether a message can not be handled before something is compiled."""
        celt = type(value) is playback.Data and self.mode == AudioDataMode.CELT_0_5_1 and self._decoder is not None
        return celt and self.host.shared(Kernels).lack_celt()

    @property
    def waits(self) -> bool:
        return len(self.waiting) >= _WAITING

    def tick(self, now: float) -> None:
        """Handle what has waited; whoever has compiled ticks."""
        count = 0
        while self.waiting and count < _AT_ONCE and not self._lacks(self.waiting[0]):
            super().handle(self.waiting.popleft(), now)
            count += 1
        self.deadline = now if self.waiting and count == _AT_ONCE else None

    # -- what the server says

    def on_mode(self, value: playback.Mode, now: float) -> None:
        """How later DATA are encoded, from here on (SPICE-SOUND-009)."""
        self.mode = int(value.mode)
        if self.playing:
            self._decide()

    def on_start(self, value: playback.Start, now: float) -> None:
        """Sound begins."""
        self.playing = True
        self._format = (value.channels, value.frequency)
        self.frames = self.lost = 0
        self.playout.begin()
        self.clock.sound_begins()
        text, mode = self._decide(), mode_name(self.mode)
        self.host.tell(PlaybackStarted(channels=value.channels, frequency=value.frequency, mode=mode, text=text))

    def _decide(self) -> str:
        """How DATA is read; a word about why it is not (SPICE-SOUND-010)."""
        wanted = (self.mode, self._format)
        if self.host.options.play is None or (self._decoder is not None and wanted == self._decoded):
            return ""
        from spiceproto import sound  # who hears nothing needs no numpy

        self._decoder, self._decoded = None, wanted
        try:
            self._decoder = sound.decoder(self.mode, *self._format)
        except LocalError as error:
            return str(error)
        return ""

    def on_data(self, value: playback.Data, now: float) -> None:
        """A stretch of it."""
        if not self.playing:
            return
        if self.host.options.play is None:
            seconds = stretch.seconds(self.mode, *self._format, value.data)
            if seconds is not None:
                self.heard(value.time, seconds, now)
            return
        if self._decoder is None:
            self.lost += 1
            return
        try:
            samples = self._decoder.decode(bytes(value.data))
        except RemoteError:
            self.lost += 1
            return
        self.frames += len(samples)
        frequency = self._decoder.frequency
        silence = self.heard(value.time, len(samples) / frequency, now)
        if silence and self.host.options.held is not None:
            self.put_out(value.time, frequency, samples[:1].repeat(round(silence * frequency), 0) * 0)
        self.put_out(value.time, frequency, samples)

    def put_out(self, time: int, frequency: int, samples: NDArray[np.int16]) -> None:
        """A stretch for whoever listens (SPICE-SOUND-027)."""
        if self.host.options.play is not None:
            self.host.options.play(time, frequency, samples)

    def heard(self, time: int, seconds: float, now: float) -> float:
        """The clock goes by a stretch of so many seconds; seconds of silence to be played before it."""
        turn = self.playout.take(seconds, now)
        self.clock.hears(time, turn.delay, now, anew=turn.anew)
        return turn.silence

    def on_stop(self, value: playback.Stop, now: float) -> None:
        """Sound ends."""
        if self.playing:
            self.playing = False
            self.clock.sound_ends(now)
            self.host.tell(PlaybackStopped(frames=self.frames, lost=self.lost))

    def on_latency(self, value: playback.Latency, now: float) -> None:
        """How much sound is to be held back at least."""
        self.playout.hold(value.latency_ms)

    def end(self, now: float) -> None:
        if self.playing:
            self.clock.sound_ends(now)

    def state(self, now: float) -> dict[str, Any]:
        held = round(1000 * self.playout.held(now)) if self.playing else 0
        return {"playing": self.playing, "held_ms": held, "volume": list(self.volume), "muted": self.muted}

    handlers: ClassVar[Handlers] = {
        playback.Mode: on_mode,
        playback.Start: on_start,
        playback.Data: on_data,
        playback.Stop: on_stop,
        playback.Volume: SoundChannel.on_volume,
        playback.Mute: SoundChannel.on_mute,
        playback.Latency: on_latency,
    }
