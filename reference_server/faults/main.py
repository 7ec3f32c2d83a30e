"""Faults of the main channel (chapter 3)."""

from __future__ import annotations

from typing import Any, ClassVar

from reference_server.faults.fault import fault
from reference_server.main import AGENT_TOKENS, MainMember
from reference_server.member import Handlers, Member
from reference_server.policy import Policy
from reference_server.server import Server
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.messages import main
from spiceproto.messages.link import LinkMess

# -- life, SPICE-MAIN-001 to 010


@fault("ping-before-init", "SPICE-MAIN-001")
class PingBeforeInit(MainMember):
    """Sends a ping before INIT."""

    def open_session(self, now: float) -> None:
        self.ping(now)
        super().open_session(now)


@fault("init-twice", "SPICE-MAIN-002")
class InitTwice(MainMember):
    """Sends INIT again with the list of channels."""

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        self.send(self.init(self.server.now))
        return super().channels_list(*added)


@fault("session-id-zero", "SPICE-MAIN-003", "SPICE-LINK-031")
class SessionIdZero(Server):
    """Gives a session the id 0."""

    def new_session_id(self) -> int:
        return 0 if 0 not in self.sessions else super().new_session_id()


@fault("one-session-id-for-all", "SPICE-MAIN-003", "SPICE-LINK-031")
class OneSessionIdForAll(Server):
    """Gives every session the same id."""

    def new_session_id(self) -> int:
        return 1


@fault("name-unasked", "SPICE-MAIN-008", "SPICE-FRAME-005")
class NameUnasked(MainMember):
    """Sends NAME and UUID to a client that did not announce them."""

    def client_has(self, capability: WireEnum) -> bool:
        return capability == MainCapability.NAME_AND_UUID or super().client_has(capability)


@fault("agent-without-tokens", "SPICE-MAIN-010", "SPICE-FRAME-005")
class AgentWithoutTokens(MainMember):
    """Sends AGENT_CONNECTED to every client."""

    def agent_message(self) -> Any:
        return main.AgentConnected() if self.server.guest.agent else super().agent_message()


@fault("agent-tokens-unasked", "SPICE-MAIN-010", "SPICE-FRAME-005")
class AgentTokensUnasked(MainMember):
    """Sends AGENT_CONNECTED_TOKENS to every client."""

    def agent_message(self) -> Any:
        return main.AgentConnectedTokens(AGENT_TOKENS) if self.server.guest.agent else super().agent_message()


# -- channels, SPICE-MAIN-012 to 020


@fault("list-only-once", "SPICE-MAIN-012")
class ListOnlyOnce(MainMember):
    """Answers the first ATTACH_CHANNELS only."""

    def _attach_once(self, value: main.AttachChannels, now: float) -> None:
        if not self.listed:
            self._attach_channels(value, now)

    handlers: ClassVar[Handlers] = MainMember.handlers | {main.AttachChannels: _attach_once}


@fault("list-without-cursor", "SPICE-MAIN-012")
class ListWithoutCursor(MainMember):
    """Leaves the cursor channels out of its list."""

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        found = super().channels_list(*added).channels
        return main.ChannelsList(tuple([item for item in found if item.type != ChannelType.CURSOR]))


@fault("list-with-main", "SPICE-MAIN-012")
class ListWithMain(MainMember):
    """Has main in its list."""

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        return main.ChannelsList((main.ChannelId(ChannelType.MAIN, 0), *super().channels_list(*added).channels))


@fault("list-unasked", "SPICE-MAIN-013")
class ListUnasked(MainMember):
    """Sends the list behind INIT, before anybody has asked."""

    def open_session(self, now: float) -> None:
        super().open_session(now)
        self.send(self.channels_list())


@fault("whole-list-for-one-more-channel", "SPICE-MAIN-014")
class WholeListForOneMoreChannel(MainMember):
    """Announces a channel that is added with the list of all."""

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        return super().channels_list()


@fault("added-channel-in-silence", "SPICE-MAIN-014")
class AddedChannelInSilence(MainMember):
    """Does not announce a channel that is added."""

    def send(self, *values: Any) -> None:
        super().send(*[value for value in values if not self._announces(value)])

    def _announces(self, value: Any) -> bool:
        return isinstance(value, main.ChannelsList) and value.num_of_channels < len(self.server.listed_channels)


@fault("display-before-cursor", "SPICE-MAIN-018")
class DisplayBeforeCursor(Policy):
    """Refuses a cursor channel whose display is not linked yet."""

    def check_connection(self, message: LinkMess) -> LinkErr:
        found = super().check_connection(message)
        if found == LinkErr.OK and message.channel_type == ChannelType.CURSOR:
            members = self.server.sessions[message.connection_id].members
            return found if (ChannelType.DISPLAY, message.channel_id) in members else LinkErr.CHANNEL_NOT_AVAILABLE
        return found


@fault("channels-outlive-main", "SPICE-MAIN-019")
class ChannelsOutliveMain(Server):
    """Leaves the other channels open when the client has closed main."""

    def lost(self, member: Member) -> None:
        self._forget(member, "closed")


@fault("any-channel-ends-the-session", "SPICE-MAIN-020")
class AnyChannelEndsTheSession(Server):
    """Ends the session when the client has closed any of its channels."""

    def lost(self, member: Member) -> None:
        super().lost(member)
        self.end_session(member.session, "a channel was closed")


# -- at the destination of a migration, SPICE-MAIN-022 and 023


@fault("init-at-the-destination", "SPICE-MAIN-022")
class InitAtTheDestination(MainMember):
    """Sends INIT to a client that comes from another server at once."""

    def begin(self, now: float) -> None:
        self.open_session(now)


@fault("no-answer-to-do-seamless", "SPICE-MAIN-023")
class NoAnswerToDoSeamless(MainMember):
    """Does not answer MIGRATE_DST_DO_SEAMLESS."""

    def _ignore(self, value: main.MigrateDstDoSeamless, now: float) -> None:
        pass

    handlers: ClassVar[Handlers] = MainMember.handlers | {main.MigrateDstDoSeamless: _ignore}


@fault("seamless-nack-unasked", "SPICE-MAIN-023")
class SeamlessNackUnasked(MainMember):
    """Says at once that a migration will not be seamless."""

    def begin(self, now: float) -> None:
        super().begin(now)
        if self.arriving:
            self.send(main.MigrateDstSeamlessNack())
