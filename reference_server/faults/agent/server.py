"""Faults of a server between clients and the agent: tokens, pieces, the device, filters (14.1 to 14.3, 14.9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final, cast

from reference_server.agent_line import AgentLine, FromAgent
from reference_server.channels.agent import AgentTalk
from reference_server.channels.main import MainChannel
from reference_server.faults.fault import fault
from reference_server.fragments import Piece
from reference_server.guest import AgentSaid
from reference_server.server import Server
from spiceproto import dispatch
from spiceproto.agent.pieces import HEADER_SIZE, chunks
from spiceproto.agent.tokens import Tokens
from spiceproto.enums.agent import AgentButtonMask, AgentCapability, AgentMessageType, AgentPort
from spiceproto.errors import RemoteError
from spiceproto.messages import main
from spiceproto.messages.agent import AnnounceCapabilities, MouseState

_CLIPBOARD: Final = frozenset(range(AgentMessageType.CLIPBOARD_GRAB, AgentMessageType.CLIPBOARD_RELEASE + 1)) | {
    AgentMessageType.CLIPBOARD
}
_FILES: Final = frozenset(range(AgentMessageType.FILE_XFER_START, AgentMessageType.FILE_XFER_DATA + 1))

_LONG: Final = 1000
"""Bytes of a message that nobody can take for another one when they are turned around."""

# -- tokens and AGENT_START, SPICE-AGENT-001 to 004


class _Plenty(Tokens):
    def take(self) -> bool:
        return True


class _NoCount(AgentTalk):
    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.tokens = _Plenty()


@fault("agent-data-without-tokens", "SPICE-AGENT-001")
class AgentDataWithoutTokens(MainChannel):
    """Sends AGENT_DATA whether or not the client has given tokens."""

    talk_class = _NoCount


class _SecondTokens(AgentTalk):
    def grant(self, value: main.AgentToken) -> None:
        super().grant(main.AgentToken(2 * value.num_tokens))


@fault("agent-tokens-twice", "SPICE-AGENT-001")
class AgentTokensTwice(MainChannel):
    """Takes each AGENT_TOKEN for twice as many tokens."""

    talk_class = _SecondTokens


class _NoStart(AgentTalk):
    def start(self, value: main.AgentStart) -> None:
        if not self.line.agent.present:
            raise RemoteError("AGENT_START, and there is no agent")
        super().start(value)


@fault("no-agent-start-without-agent", "SPICE-AGENT-002", "SPICE-FRAME-011")
class NoAgentStartWithoutAgent(MainChannel):
    """Ends the session when AGENT_START comes and there is no agent."""

    talk_class = _NoStart


class _NoGrant(AgentTalk):
    def grant(self, value: main.AgentToken) -> None:
        if not self.line.agent.present:
            raise RemoteError("AGENT_TOKEN, and there is no agent")
        super().grant(value)


@fault("no-agent-token-without-agent", "SPICE-AGENT-002")
class NoAgentTokenWithoutAgent(MainChannel):
    """Ends the session when AGENT_TOKEN comes and there is no agent."""

    talk_class = _NoGrant


class _Strict(AgentTalk):
    def receive(self, data: bytes) -> None:
        if not self.started:
            raise RemoteError("AGENT_DATA before AGENT_START")
        super().receive(data)


@fault("no-data-for-an-agent-that-is-gone", "SPICE-AGENT-003")
class NoDataForAnAgentThatIsGone(MainChannel):
    """Ends the session when AGENT_DATA comes that is for no agent."""

    talk_class = _Strict


class _Eager(AgentTalk):
    def receive(self, data: bytes) -> None:
        if not self.started:
            self.start(main.AgentStart(0))
        super().receive(data)


@fault("data-for-an-agent-that-was-not-greeted", "SPICE-AGENT-003")
class DataForAnAgentThatWasNotGreeted(MainChannel):
    """Hands on what comes before AGENT_START."""

    talk_class = _Eager


class _KeepsTokens(AgentTalk):
    def _read(self) -> None:
        self.given.left += 1


@fault("no-agent-tokens", "SPICE-AGENT-004")
class NoAgentTokens(MainChannel):
    """Gives no token back."""

    talk_class = _KeepsTokens


class _HalfTheTokens(AgentTalk):
    odd = False

    def _read(self) -> None:
        self.odd = not self.odd
        if self.odd:
            super()._read()
        else:
            self.given.left += 1


@fault("half-the-agent-tokens", "SPICE-AGENT-004")
class HalfTheAgentTokens(MainChannel):
    """Gives a token back for every second message."""

    talk_class = _HalfTheTokens


# -- pieces, SPICE-AGENT-006 and 007


def _is(piece: bytes, type: int) -> bool:
    return len(piece) >= HEADER_SIZE and int.from_bytes(piece[4:8], "little") == type


@fault("agent-piece-past-its-end", "SPICE-AGENT-006")
class AgentPiecePastItsEnd(AgentLine):
    """Puts four bytes behind the announcement of the agent."""

    def tell(self, news: Any) -> None:
        if isinstance(news, FromAgent) and _is(news.data, AgentMessageType.ANNOUNCE_CAPABILITIES):
            news = FromAgent(news.data + bytes(4))
        super().tell(news)


@fault("agent-protocol-2", "SPICE-AGENT-007")
class AgentProtocol2(AgentLine):
    """Writes 2 into the protocol of the answer to MONITORS_CONFIG."""

    def tell(self, news: Any) -> None:
        if isinstance(news, FromAgent) and _is(news.data, AgentMessageType.REPLY):
            news = FromAgent(b"\2" + news.data[1:], begins=news.begins)
        super().tell(news)


# -- the device, SPICE-AGENT-015 to 019


@fault(
    "agent-stream-on-the-wrong-port",
    "SPICE-AGENT-015",
    "SPICE-AGENT-022",
    "SPICE-AGENT-044",
    "SPICE-AGENT-064",
    "SPICE-MIG-052",
)
class AgentStreamOnTheWrongPort(AgentLine):
    """Hands what a client says on as what the server says."""

    def write(self, sender: object, fragment: bytes, *, last: bool, read: Callable[[], None] | None = None) -> None:
        self.agent.deliver(AgentPort.SERVER_PORT, fragment, read)


@fault("agent-chunks-too-long", "SPICE-AGENT-015", "SPICE-MIG-052")
class AgentChunksTooLong(AgentLine):
    """Hands whole messages on in one chunk."""

    _whole = b""

    def write(self, sender: object, fragment: bytes, *, last: bool, read: Callable[[], None] | None = None) -> None:
        self._whole += fragment
        if read is not None and not last:
            read()
        if last:
            whole, self._whole = self._whole, b""
            super().write(sender, whole, last=True, read=read)


@fault("agent-message-without-its-end", "SPICE-AGENT-016", "SPICE-AGENT-034", "SPICE-MIG-052")
class AgentMessageWithoutItsEnd(AgentLine):
    """Hands on the first piece of what the agent says, and no other."""

    def _pass(self, piece: Piece) -> None:
        if piece.begins:
            super()._pass(piece)


@fault("agent-message-in-another-order", "SPICE-AGENT-016", "SPICE-MIG-052")
class AgentMessageInAnotherOrder(AgentLine):
    """Hands a long message of the agent on with the first bytes behind the header turned around."""

    def _pass(self, piece: Piece) -> None:
        if piece.begins and piece.size > _LONG:
            turned = piece.data[:HEADER_SIZE] + piece.data[HEADER_SIZE:][::-1]
            piece = Piece(type=piece.type, size=piece.size, begins=True, data=turned)
        super()._pass(piece)


@fault("server-port-to-the-client", "SPICE-AGENT-017")
class ServerPortToTheClient(AgentLine):
    """Hands what the agent says to the server on to the client."""

    def _said(self, news: AgentSaid) -> None:
        super()._said(AgentSaid(AgentPort.CLIENT_PORT, news.data))


@fault("client-gone-untold", "SPICE-AGENT-018")
class ClientGoneUntold(AgentLine):
    """Does not tell the agent that a client is gone."""

    def leave(self, sender: object) -> None:
        self.talking.discard(sender)


@fault("agent-pointer-untold", "SPICE-AGENT-019")
class AgentPointerUntold(AgentLine):
    """Does not tell the agent where the pointer is."""

    def point(self, x: int, y: int, buttons: int, display: int) -> None:
        pass


@fault("agent-buttons-as-they-came", "SPICE-AGENT-019")
class AgentButtonsAsTheyCame(AgentLine):
    """Tells the agent of buttons with the bits that they have on inputs."""

    def _deliver(self, state: MouseState) -> None:
        buttons = AgentButtonMask(int(state.buttons) >> 1)
        super()._deliver(MouseState(x=state.x, y=state.y, buttons=buttons, display_id=state.display_id))


# -- MONITORS_CONFIG, SPICE-AGENT-044


class _Counts(AgentTalk):
    def receive(self, data: bytes) -> None:
        if self.started and _is(data, AgentMessageType.MONITORS_CONFIG):
            body = data[HEADER_SIZE:]
            if len(body) < 8 or len(body) < 8 + 20 * int.from_bytes(body[:4], "little"):
                raise _Miscounted
        super().receive(data)


class _Miscounted(Exception):
    pass


@fault("monitors-end-all-sessions", "SPICE-AGENT-044")
class MonitorsEndAllSessions(MainChannel):
    """Ends all sessions when a client announces more monitors than it names."""

    talk_class = _Counts

    def handle(self, value: Any, now: float) -> None:
        try:
            super().handle(value, now)
        except _Miscounted:
            server = cast(Server, self.host)
            for session in list(server.sessions.values()):
                server.end_session(session, "monitors are missing")


# -- filters, SPICE-AGENT-062 to 064


class _Leaky(AgentLine):
    """Holds back other messages in each direction."""

    lets_in: ClassVar[frozenset[int]] = frozenset()
    lets_out: ClassVar[frozenset[int]] = frozenset()

    def begins(self, type: int, size: int) -> bool:
        return super().begins(type, size) or type in self.lets_in

    def _pass(self, piece: Piece) -> None:
        if piece.type in self.lets_out:
            self.tell(FromAgent(piece.data, begins=piece.begins))
        else:
            super()._pass(piece)


@fault("copy-held-back-one-way", "SPICE-AGENT-062")
class CopyHeldBackOneWay(_Leaky):
    """Hands on what the agent says of the clipboard although copy and paste is off."""

    lets_out = _CLIPBOARD


@fault("paste-held-back-one-way", "SPICE-AGENT-062")
class PasteHeldBackOneWay(_Leaky):
    """Hands on what a client says of the clipboard although copy and paste is off."""

    lets_in = _CLIPBOARD


@fault("files-not-held-back", "SPICE-AGENT-063")
class FilesNotHeldBack(_Leaky):
    """Hands on what is said of files although file transfer is off."""

    lets_in = _FILES
    lets_out = _FILES


@fault("agent-announcement-as-it-came", "SPICE-AGENT-064")
class AgentAnnouncementAsItCame(AgentLine):
    """Hands on the agent's announcement as it came, whatever is off."""

    def _announced(self, message: bytes) -> list[bytes]:
        super()._announced(message)
        return chunks(AgentMessageType.ANNOUNCE_CAPABILITIES, message[HEADER_SIZE:])


@fault("files-announced-although-off", "SPICE-AGENT-064")
class FilesAnnouncedAlthoughOff(AgentLine):
    """Does not announce that file transfer is off."""

    def _announced(self, message: bytes) -> list[bytes]:
        body = b"".join(super()._announced(message))[HEADER_SIZE:]
        type = AgentMessageType.ANNOUNCE_CAPABILITIES
        value: AnnounceCapabilities = dispatch.parse("agent", "server", type, body)
        off = 1 << AgentCapability.FILE_XFER_DISABLED
        first = value.caps[0] & ~off if value.caps else 0
        _, body = dispatch.build("agent", "server", AnnounceCapabilities(value.request, (first, *value.caps[1:])))
        return chunks(type, body)
