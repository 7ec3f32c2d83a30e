"""Faults of the main channel (spec/03-main.md)."""

from __future__ import annotations

from typing import Any, ClassVar
from weakref import WeakSet

from reference_server.channels.base import Handler, Handlers
from reference_server.channels.cursor import CursorChannel
from reference_server.channels.main import AGENT_TOKENS, MainChannel
from reference_server.faults.fault import fault
from reference_server.guest import AgentChanged
from reference_server.line import Line
from reference_server.policy import Policy
from reference_server.server import Server
from reference_server.session import Session
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.messages import cursor, main
from spiceproto.messages.geometry import Point16
from spiceproto.messages.link import LinkMess

# -- life, SPICE-MAIN-001 to 010


@fault("ping-before-init", "SPICE-MAIN-001")
class PingBeforeInit(MainChannel):
    """Sends a ping before INIT."""

    def open_session(self, now: float) -> None:
        self.ping(now)
        super().open_session(now)


@fault("init-twice", "SPICE-MAIN-002", "SPICE-MIG-046")
class InitTwice(MainChannel):
    """Sends INIT again with the list of channels."""

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        self.send(self.init(self.host.now))
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
class NameUnasked(MainChannel):
    """Sends NAME and UUID to a client that did not announce them."""

    def client_has(self, capability: WireEnum) -> bool:
        return capability == MainCapability.NAME_AND_UUID or super().client_has(capability)


@fault("agent-without-tokens", "SPICE-MAIN-010", "SPICE-FRAME-005")
class AgentWithoutTokens(MainChannel):
    """Sends AGENT_CONNECTED to every client."""

    def agent_message(self) -> Any:
        return main.AgentConnected() if self.host.guest.agent.present else super().agent_message()


@fault("agent-in-silence", "SPICE-MAIN-010", "SPICE-AGENT-003", "SPICE-AGENT-004", "SPICE-AGENT-022")
class AgentInSilence(MainChannel):
    """Does not say that an agent has come."""

    def _agent_changed(self, news: AgentChanged) -> None:
        if not self.host.guest.agent.present:
            super()._agent_changed(news)


@fault("agent-tokens-unasked", "SPICE-MAIN-010", "SPICE-FRAME-005")
class AgentTokensUnasked(MainChannel):
    """Sends AGENT_CONNECTED_TOKENS to every client."""

    def agent_message(self) -> Any:
        return main.AgentConnectedTokens(AGENT_TOKENS) if self.host.guest.agent.present else super().agent_message()


# -- channels, SPICE-MAIN-012 to 020


@fault("list-only-once", "SPICE-MAIN-012")
class ListOnlyOnce(MainChannel):
    """Answers the first ATTACH_CHANNELS only."""

    handlers: ClassVar[Handlers] = MainChannel.handlers | {
        main.AttachChannels: Handler(MainChannel._attach_channels, ("open",))
    }


@fault("list-without-cursor", "SPICE-MAIN-012")
class ListWithoutCursor(MainChannel):
    """Leaves the cursor channels out of its list."""

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        found = super().channels_list(*added).channels
        return main.ChannelsList(tuple([item for item in found if item.type != ChannelType.CURSOR]))


@fault("list-with-main", "SPICE-MAIN-012")
class ListWithMain(MainChannel):
    """Has main in its list."""

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        return main.ChannelsList((main.ChannelId(ChannelType.MAIN, 0), *super().channels_list(*added).channels))


@fault("list-with-a-channel-twice", "SPICE-MAIN-027")
class ListWithAChannelTwice(MainChannel):
    """Names inputs twice in its list."""

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        return main.ChannelsList((*super().channels_list(*added).channels, main.ChannelId(ChannelType.INPUTS, 0)))


@fault("empty-list", "SPICE-MAIN-028")
class EmptyList(MainChannel):
    """Names no channel in its list."""

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        return main.ChannelsList(())


@fault("list-without-display-and-inputs", "SPICE-MAIN-028")
class ListWithoutDisplayAndInputs(MainChannel):
    """Names nothing but cursor in its list."""

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        return main.ChannelsList((main.ChannelId(ChannelType.CURSOR, 0),))


@fault("list-of-unknown-types", "SPICE-MAIN-028")
class ListOfUnknownTypes(MainChannel):
    """Names nothing but channels of types that nobody knows in its list."""

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        return main.ChannelsList(tuple([main.ChannelId(kind, 0) for kind in (99, 200)]))


@fault("list-unasked", "SPICE-MAIN-013")
class ListUnasked(MainChannel):
    """Sends the list behind INIT, before anybody has asked."""

    def open_session(self, now: float) -> None:
        super().open_session(now)
        self.send(self.channels_list())


@fault("list-without-what-was-added", "SPICE-MAIN-012")
class ListWithoutWhatWasAdded(MainChannel):
    """Never lists a second display."""

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        whole = super().channels_list(*added)
        return main.ChannelsList(tuple([item for item in whole.channels if item.type != ChannelType.DISPLAY or not item.id]))


@fault("whole-list-for-one-more-channel", "SPICE-MAIN-014")
class WholeListForOneMoreChannel(MainChannel):
    """Announces a channel that is added with the list of all."""

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        return super().channels_list()


@fault("added-channel-in-silence", "SPICE-MAIN-014")
class AddedChannelInSilence(MainChannel):
    """Does not announce a channel that is added."""

    def send(self, *values: Any) -> None:
        super().send(*[value for value in values if not self._announces(value)])

    def _announces(self, value: Any) -> bool:
        return isinstance(value, main.ChannelsList) and value.num_of_channels < len(self.host.listing.listed)


@fault("display-before-cursor", "SPICE-MAIN-018")
class DisplayBeforeCursor(Policy):
    """Refuses a cursor channel whose display is not linked yet."""

    def check_connection(self, message: LinkMess) -> LinkErr:
        found = super().check_connection(message)
        if found == LinkErr.OK and message.channel_type == ChannelType.CURSOR:
            linked = self.running[message.connection_id].linked
            return found if (ChannelType.DISPLAY, message.channel_id) in linked else LinkErr.CHANNEL_NOT_AVAILABLE
        return found


@fault("display-before-inputs", "SPICE-MAIN-018")
class DisplayBeforeInputs(Policy):
    """Refuses inputs until the display is linked."""

    def check_connection(self, message: LinkMess) -> LinkErr:
        found = super().check_connection(message)
        if found == LinkErr.OK and message.channel_type == ChannelType.INPUTS:
            linked = self.running[message.connection_id].linked
            return found if (ChannelType.DISPLAY, 0) in linked else LinkErr.ERROR
        return found


@fault("cursor-init-once", "SPICE-MAIN-029")
class CursorInitOnce(CursorChannel):
    """Sends no INIT when cursor is linked again in a session."""

    greeted: ClassVar[WeakSet[Session]] = WeakSet()

    def start(self, now: float) -> None:
        if self.session not in self.greeted:
            self.greeted.add(self.session)
            super().start(now)


@fault("no-cursor-init", "SPICE-MAIN-029")
class NoCursorInit(CursorChannel):
    """Sends no INIT on cursor."""

    def start(self, now: float) -> None:
        self.line.set_ack()


@fault("cursor-moves-before-init", "SPICE-MAIN-029")
class CursorMovesBeforeInit(CursorChannel):
    """Sends MOVE before INIT on cursor."""

    def start(self, now: float) -> None:
        self.send(cursor.Move(Point16(0, 0)))
        super().start(now)


@fault("channels-outlive-main", "SPICE-MAIN-019")
class ChannelsOutliveMain(Server):
    """Leaves the other channels open when the client has closed main."""

    def lost(self, line: Line) -> None:
        self.forget(line, "closed")


@fault("any-channel-ends-the-session", "SPICE-MAIN-020", "SPICE-DISPLAY-003", "SPICE-VMC-020", "SPICE-ROBUST-001")
class AnyChannelEndsTheSession(Server):
    """Ends the session when the client has closed any of its channels."""

    def lost(self, line: Line) -> None:
        super().lost(line)
        if line.session is not None:
            self.end_session(line.session, "a channel was closed")


# -- at the destination of a migration, SPICE-MAIN-022 and 023


@fault("init-at-the-destination", "SPICE-MAIN-022", "SPICE-MIG-022")
class InitAtTheDestination(MainChannel):
    """Sends INIT to a client that comes from another server at once."""

    def start(self, now: float) -> None:
        self.open_session(now)


@fault("no-answer-to-do-seamless", "SPICE-MAIN-023", "SPICE-MIG-022")
class NoAnswerToDoSeamless(MainChannel):
    """Does not answer MIGRATE_DST_DO_SEAMLESS."""

    def _ignore(self, value: main.MigrateDstDoSeamless, now: float) -> None:
        pass

    handlers: ClassVar[Handlers] = MainChannel.handlers | {main.MigrateDstDoSeamless: Handler(_ignore)}


@fault("seamless-nack-unasked", "SPICE-MAIN-023")
class SeamlessNackUnasked(MainChannel):
    """Says at once that a migration will not be seamless."""

    def start(self, now: float) -> None:
        super().start(now)
        if self.session.arriving:
            self.send(main.MigrateDstSeamlessNack())
