"""The client's side of a recording, said to a server."""

from __future__ import annotations

from typing import Any

from conformance.as_client import SuiteClient
from conformance.client_wire import Ask
from conformance.outcome import Failure, NotApplicable, TargetUnusable
from conformance.replay.player import Pace, Player, link_fields
from conformance.replay.recording import Channel, Linked, Recording, Said, channel_kind
from conformance.talk import Talk
from spiceproto.channels import channel_name
from spiceproto.messages import main

__all__ = ["ClientPlayer"]


class ClientPlayer(Player):
    """Links what the recorded client linked, with what that announced, and says what it said."""

    own = "client"
    role = "server"
    peer: SuiteClient

    def __init__(self, recording: Recording, peer: SuiteClient, pace: Pace) -> None:
        super().__init__(recording, peer, pace)
        self._listed: set[Channel] | None = None

    def begin(self) -> None:
        """The first event links main."""

    def link(self, event: Linked) -> None:
        channel = event.channel
        where = f"{channel[0]}:{channel[1]}"
        if channel[0] != "main" and not self.peer.session_id:
            self.refused(channel, "the target has not said which session this is")
            return
        if channel[0] != "main" and self._listed is not None and channel not in self._listed:
            self.refused(channel, f"the target lists no {where}")
            return
        kind, number = channel_kind(channel)
        try:
            wire = self.peer.ask(Ask(kind, number, capabilities=event.client))
            answer = wire.conclude()
            if not answer.ok:
                why = f"the link of {where} is answered: {answer}"
                if channel[0] == "main":
                    raise TargetUnusable(why)
                self.refused(channel, why)
                return
            talk = wire.talk()
        except (Failure, NotApplicable) as error:
            if channel[0] == "main":
                raise
            self.refused(channel, f"{where} can not be linked: {error}")
            return
        self.opened(channel, talk, link_fields(kind, talk.server))

    def talk(self, channel: Channel) -> Talk | None:
        found = self.talks.get(channel)
        if found is None:
            self.played.absent.setdefault(channel, "it was not linked")
        return found

    def admitted(self, said: Said, value: Any) -> None:
        """A client waits for nothing but the tokens of an agent."""

    def sent(self, said: Said, value: Any) -> None:
        """What a client says is counted by nobody here."""

    def heard(self, channel: Channel, value: Any) -> None:
        if isinstance(value, main.Init):
            self.peer.init, self.peer.session_id = value, value.session_id
            recorded = self._recorded_init()
            if recorded is not None:
                self.binding.clock = value.multi_media_time - recorded.multi_media_time
        elif isinstance(value, main.ChannelsList):
            self._listed = {(channel_name(item.type), item.id) for item in value.channels}

    def _recorded_init(self) -> main.Init | None:
        found = [said for said in self.recording.events[:16] if isinstance(said, Said) and said.name == "INIT"]
        value = found[0].value if found else None
        return value if isinstance(value, main.Init) else None
