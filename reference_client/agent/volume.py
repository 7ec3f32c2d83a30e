"""How loud the guest plays and listens: AUDIO_VOLUME_SYNC, to agents that take it."""

from __future__ import annotations

from collections.abc import Sequence

from reference_client.agent.part import Part
from spiceproto.enums.agent import AgentCapability
from spiceproto.errors import LocalError
from spiceproto.messages import agent

__all__ = ["AgentVolume"]


class AgentVolume(Part):
    """Levels of the guest's sound devices."""

    def set(self, volume: Sequence[int], *, playback: bool = True, muted: bool = False) -> None:
        """Have the guest play, or listen, so loud: 0 to 65535 for each sound channel.

        Raises LocalError for an agent that does not take this, and for more than 255 channels.
        """
        if not self.terms.peer_has(AgentCapability.AUDIO_VOLUME_SYNC):
            raise LocalError("the guest's sound can not be set", expected="an agent with AUDIO_VOLUME_SYNC")
        self.talk.say(agent.AudioVolumeSync(int(playback), int(muted), tuple(volume)))
