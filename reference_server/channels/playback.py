"""The playback channel: what the guest plays, for one client.

Each client hears it from the beginning, in stretches of 10 ms, or of 6 in CELT, that are sent when it is their time. A client
that does not acknowledge hears nothing meanwhile, and what has come now when it goes on: sound that is late is of no use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reference_server.channels.base import ServerChannel
from reference_server.clock import LatencyWanted, MultimediaClock, multimedia_time
from reference_server.encoding import SoundBegan, SoundEnded
from reference_server.guest import LevelChanged, Switched
from reference_server.guest.sound import CHANNELS, Source
from reference_server.host import Host
from reference_server.line import Line
from reference_server.session import Session
from spiceproto import sound_modes
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.capabilities import PlaybackCapability
from spiceproto.enums.link import ChannelType
from spiceproto.link.events import Established
from spiceproto.messages import playback

if TYPE_CHECKING:
    from spiceproto import sound

__all__ = ["PlaybackChannel"]

_AT_ONCE: Final = 20
"""Stretches that are sent together when time has passed unseen; earlier ones are left out."""


class PlaybackChannel(ServerChannel):
    """``mode`` is how sound is encoded, ``best`` how it is going to be, with ``frequency`` frames a second; ``source`` is what
    this client hears, None for nothing.
    """

    def __init__(self, host: Host, line: Line, session: Session, established: Established) -> None:
        super().__init__(host, line, session, established)
        codec = self.codec()
        self.frequency = sound_modes.frequency(codec)
        self.best = AudioDataMode.RAW if codec is None else codec.mode
        self.mode = self.best if host.encoding.can(self.best) else AudioDataMode.RAW
        self.clock = session.shared(MultimediaClock)
        self.source: Source | None = None
        self._encoder: sound.Encoder | None = None
        self._began = 0.0
        self._frame = 0

    def codec(self) -> sound_modes.Codec | None:
        """What this client is going to hear (SPICE-FRAME-005)."""
        return self.host.encoding.codec(ChannelType.PLAYBACK, self.client)

    def start(self, now: float) -> None:
        self.line.set_ack()
        speaker = self.host.guest.speaker
        self.watch(speaker, self._switched, Switched)
        self.watch(speaker, self._level_changed, LevelChanged)
        self.watch(self.clock, self._latency_wanted, LatencyWanted)
        self.say_mode(now)
        self._level_changed(LevelChanged())
        self.play(speaker.source, now)

    def say_mode(self, now: float) -> None:
        """How it is encoded (SPICE-SOUND-001)."""
        self.send(playback.Mode(multimedia_time(now), self.mode, b""))

    def _level_changed(self, news: LevelChanged) -> None:
        if self.client_has(PlaybackCapability.VOLUME):
            speaker = self.host.guest.speaker
            self.send(playback.Volume(speaker.volume), playback.Mute(int(speaker.muted)))

    def _switched(self, news: Switched) -> None:
        self.play(self.host.guest.speaker.source, self.host.now)

    def _latency_wanted(self, news: LatencyWanted) -> None:
        self.say_latency()

    def say_latency(self) -> None:
        """How long sound is to be held back, if that was asked for; a client forgets it at START (SPICE-SYNC-007)."""
        if self.clock.latency and self.source is not None and self.client_has(PlaybackCapability.LATENCY):
            self.send(playback.Latency(self.clock.latency))

    def play(self, source: Source | None, now: float) -> None:
        """Let this be heard from its beginning, or nothing any more (SPICE-SOUND-003, SPICE-SOUND-004)."""
        if self.source is not None:
            self.send(playback.Stop())
            self.host.encoding.tell(SoundEnded(self.line.connection))
        self.source = source
        self.clock.plays(self.id, source is not None)
        if source is None:
            return
        if self._encoder is None:  # one lives on over STOP and START, as that of the client does
            self._encode()
        self._began, self._frame = now, 0
        self.send(self.beginning(self.time(0)))
        self.host.encoding.tell(SoundBegan(self.line.connection, self.mode, self.frequency))
        self.say_latency()

    def beginning(self, time: int) -> playback.Start:
        """What sound begins with."""
        return playback.Start(channels=CHANNELS, format=AudioFmt.S16, frequency=self.frequency, time=time)

    def _encode(self) -> None:
        from spiceproto import sound  # a server that only talks needs no codec

        self._encoder = sound.encoder(self.mode, CHANNELS, self.frequency)

    def settle(self, now: float) -> None:
        """The guest plays nothing here any more; where it does, the client hears it from its beginning."""
        if self.source is not None:
            self.source = None
            self.send(playback.Stop())
            self.host.encoding.tell(SoundEnded(self.line.connection))

    # -- time

    @property
    def deadline(self) -> float | None:
        if self.source is None or self._encoder is None:
            return None
        return self._began + (self._frame + self._encoder.frames) / self.frequency

    def tick(self, now: float) -> None:
        if self.source is None or self._encoder is None:
            return
        if self.mode != self.best and self.host.encoding.can(self.best):
            self.mode = self.best
            self.say_mode(now)
            self._encode()
        size = self._encoder.frames
        due = int((now - self._began) * self.frequency + 0.5) // size * size
        if not self.line.free:
            self._frame = max(self._frame, due)
            return
        self._frame = max(self._frame, due - _AT_ONCE * size)
        while self._frame < due:
            self.send(*self.stretch(self.source, self._frame))
            self._frame += size

    def stretch(self, source: Source, frame: int) -> list[Any]:
        """The messages of the stretch that begins with this frame."""
        assert self._encoder is not None
        data = self._encoder.encode(source(frame, self._encoder.frames, self.frequency))
        return [playback.Data(self.time(frame), data)] if data else []

    def time(self, frame: int) -> int:
        """What the multimedia clock shows when this frame is played."""
        return multimedia_time(self._began, frame * 1000 // self.frequency)

    def end(self, now: float) -> None:
        super().end(now)
        self.clock.plays(self.id, False)
