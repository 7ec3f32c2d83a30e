"""The server's side of a recording, said to a client."""

from __future__ import annotations

from typing import Any

from conformance.as_server import SuiteServer
from conformance.outcome import Failure
from conformance.replay.pacing import Window
from conformance.replay.player import Pace, Player, link_fields
from conformance.replay.recording import Channel, Linked, Recording, Said, channel_kind
from conformance.talk import Talk
from spiceproto.capabilities import Capabilities
from spiceproto.channels import NAMES, channel_name
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import ChannelType

__all__ = ["ServerPlayer"]


def _announced(recorded: Capabilities) -> Capabilities:
    """What the recorded server announced, but for its login: tickets are taken here, whatever they say."""
    return recorded.without(CommonCapability.AUTH_SASL).with_(CommonCapability.AUTH_SPICE)


class ServerPlayer(Player):
    """Announces what the recorded server announced, and says what it said on each channel that the client links."""

    own = "server"
    role = "client"
    peer: SuiteServer

    def __init__(self, recording: Recording, peer: SuiteServer, pace: Pace) -> None:
        super().__init__(recording, peer, pace)
        self._windows: dict[Channel, Window] = {}
        self.binding.session_id = peer.session_id
        peer.picture = False
        peer.greetings = dict.fromkeys(NAMES, ())
        self._links = recording.links
        for channel, event in self._links.items():
            peer.announce(*channel_kind(channel), _announced(event.server))

    def begin(self) -> None:
        self.peer.add_pump(self._look)
        wire = self.peer.asked()
        if wire.asked.channel[0] != ChannelType.MAIN:
            raise Failure("a link message for main", wire.asked.name)
        recorded = [event.server for channel, event in self._links.items() if channel[0] == "main"]
        wire.link(_announced(recorded[0]))

    def _look(self) -> None:
        """Take note of channels that the client has linked since."""
        for (kind, number), talk in self.peer.talks.items():
            channel = channel_name(kind), number
            if channel not in self.talks:
                self.opened(channel, talk, link_fields(kind, talk.client))

    def link(self, event: Linked) -> None:
        """When a client links is up to it; what is said on a channel waits for that."""

    def talk(self, channel: Channel) -> Talk | None:
        if channel not in self.played.absent:
            self.peer.run(lambda: channel in self.talks, self.causes.patience)
        found = self.talks.get(channel)
        if found is None:
            self.refused(channel, f"the target links no {channel[0]}:{channel[1]}")
        return found

    def admitted(self, said: Said, value: Any) -> None:
        window = self._windows.get(said.channel)
        talk = self.talks[said.channel]
        if window is not None and not self.peer.run(lambda: not window.blocked or talk.closed, self.causes.patience):
            window.give_up()
            self.played.remarks.append(
                f"{said.place}: two windows are not acknowledged; from message {said.number} on it is sent more"
            )

    def sent(self, said: Said, value: Any) -> None:
        self._windows.setdefault(said.channel, Window()).sent(value)

    def heard(self, channel: Channel, value: Any) -> None:
        if channel in self._windows:
            self._windows[channel].heard(value)
