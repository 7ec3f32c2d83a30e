"""How sound is encoded: what the server wishes, and whether the kernels of CELT are there.

CELT's kernels take seconds to compile. A program that has a thread for that says in ``ready`` whether they are there, and
:class:`CeltUsed` tells it when they are wanted. Until then what is played goes as samples, and CELT that is heard is nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from reference_server.options import Options
from reference_server.watched import Watched
from spiceproto import sound_modes
from spiceproto.capabilities import Capabilities
from spiceproto.enums.audio import AudioDataMode
from spiceproto.enums.link import ChannelType
from spiceproto.sound_modes import Codec
from spiceproto.transport import Connection

__all__ = ["CeltUsed", "SoundBegan", "SoundEncoding", "SoundEnded"]


class CeltUsed(msgspec.Struct, frozen=True):
    """Some client is going to get sound in CELT, or to send it; told once."""


class SoundBegan(msgspec.Struct, frozen=True):
    """A client is to hear something in this mode, or is asked for what its microphone hears (None: in a mode of its own)."""

    connection: Connection
    mode: int | None
    frequency: int


class SoundEnded(msgspec.Struct, frozen=True):
    """A client is told that this is over."""

    connection: Connection


class SoundEncoding(Watched):
    """Tells :class:`CeltUsed`, :class:`SoundBegan` and :class:`SoundEnded`.

    ``ready`` says whether CELT can be encoded and decoded without delay.
    """

    def __init__(self, options: Options) -> None:
        super().__init__()
        self.ready: Callable[[], bool] = lambda: True
        self._options = options
        self._used = False

    def codec(self, channel_type: ChannelType, client: Capabilities) -> Codec | None:
        """What a client hears, or is asked for: the best codec that both have, None for samples as they are."""
        if channel_type == ChannelType.PLAYBACK and not self._options.playback_compression:
            return None
        found = sound_modes.best(channel_type, client, sound_modes.installed(self._options.sound_mode))
        if found is not None and found.mode == AudioDataMode.CELT_0_5_1 and not self._used:
            self._used = True
            self.tell(CeltUsed())
        return found

    def can(self, mode: int) -> bool:
        """Whether sound in this mode can be handled now."""
        return mode != AudioDataMode.CELT_0_5_1 or self.ready()

    def takes(self, mode: int) -> bool:
        """Whether clients may send this mode: nothing else was announced."""
        return mode == AudioDataMode.RAW or mode in [codec.mode for codec in sound_modes.installed(self._options.sound_mode)]
