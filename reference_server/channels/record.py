"""The record channel: what a client's microphone hears, for the guest.

START asks for sound when the guest listens. What comes when it does not, or can not be read, is nothing
(SPICE-SOUND-015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from reference_server.channels.base import Handler, Handlers, ServerChannel
from reference_server.encoding import SoundBegan, SoundEnded
from reference_server.guest import LevelChanged, Switched
from reference_server.guest.sound import CHANNELS
from reference_server.host import Host
from reference_server.line import Line
from reference_server.session import Session
from spiceproto import sound_modes
from spiceproto.enums.audio import AudioFmt
from spiceproto.enums.capabilities import RecordCapability
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError, RemoteError
from spiceproto.link.events import Established
from spiceproto.messages import record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from spiceproto import sound

__all__ = ["RecordChannel"]


class RecordChannel(ServerChannel):
    """``asked`` says whether START was sent, for ``frequency`` frames a second; ``mode`` how the client encodes, None before
    it has said so.
    """

    def __init__(self, host: Host, line: Line, session: Session, established: Established) -> None:
        super().__init__(host, line, session, established)
        self.asked = False
        self.mode: int | None = None
        self.frequency = sound_modes.frequency(host.encoding.codec(ChannelType.RECORD, self.client))
        self._decoder: sound.Decoder | None = None

    def start(self, now: float) -> None:
        self.line.set_ack()
        microphone = self.host.guest.microphone
        self.watch(microphone, self._switched, Switched)
        self.watch(microphone, self._level_changed, LevelChanged)
        self._level_changed(LevelChanged())
        self._switched(Switched())

    def _level_changed(self, news: LevelChanged) -> None:
        if self.client_has(RecordCapability.VOLUME):
            microphone = self.host.guest.microphone
            self.send(record.Volume(microphone.volume), record.Mute(int(microphone.muted)))

    def _switched(self, news: Switched) -> None:
        """Ask for sound, or for no more (SPICE-SOUND-011, SPICE-SOUND-012)."""
        listens = self.host.guest.microphone.listens
        if listens != self.asked:
            self.asked = listens
            self.send(self.beginning() if listens else record.Stop())
            here = self.line.connection
            self.host.encoding.tell(SoundBegan(here, None, self.frequency) if listens else SoundEnded(here))

    def settle(self, now: float) -> None:
        """The guest listens here no more."""
        if self.asked:
            self.asked = False
            self.send(record.Stop())
            self.host.encoding.tell(SoundEnded(self.line.connection))

    def beginning(self) -> record.Start:
        """What is asked for."""
        return record.Start(channels=CHANNELS, format=AudioFmt.S16, frequency=self.frequency)

    # -- what the client says

    def _mode(self, value: record.Mode, now: float) -> None:
        if not self.host.encoding.takes(value.mode):
            self.line.drop(f"MODE {int(value.mode)} was not announced")
            return
        if value.mode == self.mode:  # a decoder lives on over STOP and START
            return
        from spiceproto import sound  # a server that only talks needs no codec

        try:
            self._decoder = sound.decoder(value.mode, CHANNELS, self.frequency)
        except LocalError as error:
            self.line.drop(f"MODE: {error}")
            return
        self.mode = int(value.mode)

    def _data(self, value: record.Data, now: float) -> None:
        if not self.asked or self._decoder is None or self.mode is None or not self.host.encoding.can(self.mode):
            return
        try:
            samples = self._decoder.decode(bytes(value.data))
        except RemoteError:
            return
        self.hear(value.time, self._decoder.frequency, samples)

    def hear(self, time: int, frequency: int, samples: NDArray[np.int16]) -> None:
        """A stretch for the guest."""
        self.host.guest.microphone.hear(time, frequency, samples)

    handlers: ClassVar[Handlers] = {
        record.Mode: Handler(_mode),
        record.Data: Handler(_data),
    }
