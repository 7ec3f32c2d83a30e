"""How loud guest and client are: AUDIO_VOLUME_SYNC, to agents that take it, and from those that say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from reference_client.agent.part import Handlers, Part
from reference_client.events import Event
from spiceproto.enums.agent import AgentCapability
from spiceproto.errors import LocalError
from spiceproto.messages import agent

__all__ = ["AgentVolume", "AgentVolumeSaid"]


class AgentVolumeSaid(Event, frozen=True, tag="agent-volume"):
    """The agent has said how loud the guest plays or listens; 65535 is full."""

    playback: bool
    volume: tuple[int, ...]
    muted: bool


class AgentVolume(Part):
    """Levels of the guest's sound devices."""

    def set(self, volume: Sequence[int], *, playback: bool = True, muted: bool = False) -> None:
        """Have the guest play, or listen, so loud: 0 to 65535 for each sound channel.

        Raises LocalError for an agent that does not take this, and for more than 255 channels.
        """
        if not self.terms.peer_has(AgentCapability.AUDIO_VOLUME_SYNC):
            raise LocalError("the guest's sound can not be set", expected="an agent with AUDIO_VOLUME_SYNC")
        self.talk.say(agent.AudioVolumeSync(int(playback), int(muted), tuple(volume)))

    def on_volume(self, value: agent.AudioVolumeSync, now: float) -> None:
        """The agent's levels."""
        self.talk.host.tell(AgentVolumeSaid(bool(value.is_playback), tuple(value.volume), bool(value.mute)))

    handlers: ClassVar[Handlers] = {agent.AudioVolumeSync: on_volume}
