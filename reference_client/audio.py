"""What the command does with sound: files, devices, or both."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from reference_client import devices
from reference_client.channels.record import RecordStopped
from reference_client.channels.sound import VolumeChanged
from reference_client.devices import Loudspeaker, Microphone
from reference_client.events import Event
from spiceproto.errors import LocalError
from spiceproto.wav import Player, Writer

__all__ = ["Audio"]


class Audio:
    """Options ``--record-wav``, ``--play-wav``, ``--speaker``, ``--microphone`` and ``--sound-device``.

    * ``play``, ``say``: for :class:`~reference_client.options.Options`

    Raises LocalError for a file that is none, and for a device that is not there; MissingExtraError, OSError.
    """

    play: Callable[[int, int, NDArray[np.int16]], None] | None
    say: Callable[[int, int, int, int], NDArray[np.int16]] | None

    def __init__(self, options: argparse.Namespace) -> None:
        if options.microphone and options.play_wav:
            raise LocalError("the guest hears either the microphone or a file")
        library = devices.library() if options.speaker or options.microphone else None
        self._speaker = Loudspeaker(library, options.sound_device) if options.speaker else None
        self._microphone = Microphone(library, options.sound_device) if options.microphone else None
        player = Player(options.play_wav) if options.play_wav else None
        self._writer = Writer(options.record_wav) if options.record_wav else None
        self.play = self._hear if self._writer is not None or self._speaker is not None else None
        self.say = self._microphone.say if self._microphone is not None else player.say if player is not None else None

    def _hear(self, time: int, frequency: int, samples: NDArray[np.int16]) -> None:
        if self._writer is not None:
            self._writer.play(time, frequency, samples)
        if self._speaker is not None:
            self._speaker.play(time, frequency, samples)

    def on_event(self, event: Event) -> None:
        """The volume is the guest's, and the microphone is closed when it does not listen."""
        if self._speaker is not None and isinstance(event, VolumeChanged) and event.channel == "playback":
            self._speaker.set_level(event.volume, event.muted)
        if self._microphone is not None and isinstance(event, RecordStopped):
            self._microphone.close()

    @property
    def failures(self) -> list[str]:
        """Why there was no sound on a device, or none in a file, for people."""
        pairs = (("loudspeaker", self._speaker), ("microphone", self._microphone))
        found = [f"the {name} was silent: {device.failure}" for name, device in pairs if device is not None and device.failure]
        if self._writer is not None and not self._writer.files:
            found.append(f"no sound came, and {self._writer.path} was not written")
        return found

    def close(self) -> None:
        """Files are whole, and devices are still."""
        for item in (self._speaker, self._microphone, self._writer):
            if item is not None:
                item.close()
