"""What playback and record have in common: how loud the guest has set them."""

from __future__ import annotations

from typing import Any, Final

from reference_client.channels.base import ClientChannel
from reference_client.events import Event
from reference_client.host import Host
from reference_client.line import Line
from spiceproto.enums.audio import AudioDataMode

__all__ = ["SoundChannel", "VolumeChanged", "mode_name"]

_NAMES: Final = {int(mode): mode.name for mode in AudioDataMode}


class VolumeChanged(Event, frozen=True, tag="volume"):
    """How loud the guest has set what it plays or hears; 65535 is full."""

    channel: str
    volume: tuple[int, ...] = ()
    muted: bool = False


class SoundChannel(ClientChannel):
    """``volume`` has a value for each sound channel, or another number of them (SPICE-SOUND-017); ``muted``."""

    def __init__(self, host: Host, line: Line) -> None:
        super().__init__(host, line)
        self.volume: tuple[int, ...] = ()
        self.muted = False

    def on_volume(self, value: Any, now: float) -> None:
        """What the guest has set."""
        self._set_level(tuple(value.volume), self.muted)

    def on_mute(self, value: Any, now: float) -> None:
        """Whether it is muted."""
        self._set_level(self.volume, bool(value.mute))

    def _set_level(self, volume: tuple[int, ...], muted: bool) -> None:
        if (volume, muted) != (self.volume, self.muted):
            self.volume, self.muted = volume, muted
            self.host.tell(VolumeChanged(channel=self.line.name, volume=volume, muted=muted))


def mode_name(mode: int) -> str:
    """An encoding, for events: its name, or its number where it has none."""
    return _NAMES.get(mode, str(mode))
