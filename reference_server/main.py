"""The main channel: INIT, the list of channels, mouse mode requests, pings, notices; and the edge of a migration.

A main channel that names a session which is expected from another server begins in silence: INIT comes after the
client's MIGRATE_END, or not at all after MIGRATE_DATA. What else a migration does has its place here later.

Of the agent there is what belongs to a session's life: that it is there, and tokens. Its messages go to the guest as
they come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from reference_server.member import Handlers, Member, Session
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.common import NotifySeverity, NotifyVisibility, WarnCode
from spiceproto.enums.link import LinkErr
from spiceproto.link.events import Established
from spiceproto.messages import common, main
from spiceproto.transport import Connection

if TYPE_CHECKING:
    from reference_server.server import Server

__all__ = ["AGENT_TOKENS", "MainMember"]

AGENT_TOKENS: Final = 10
"""AGENT_DATA messages that a client may have under way, as with libspice-server."""

MIGRATION_VERSION: Final = 1
"""Of the data that a seamless migration carries; newer ones are not understood."""

_RAM_HINT: Final = 16 << 20
_32_BITS: Final = 0xFFFFFFFF


class MainMember(Member):
    """``arriving`` says that the session comes from another server and has not ended its migration."""

    table = "main"

    def __init__(self, server: Server, connection: Connection, session: Session, established: Established) -> None:
        super().__init__(server, connection, session, established)
        self.arriving = established.message.connection_id != 0
        self.begun = False
        self.listed = False
        self._seamless_asked = False
        self._seamless_agreed = False
        self._next_ping: float | None = None
        self._unanswered_since: float | None = None

    # -- what it says of its own accord

    def begin(self, now: float) -> None:
        if not self.arriving:
            self.open_session(now)

    def open_session(self, now: float) -> None:
        """INIT and what follows it."""
        self.begun = True
        self.arriving = False
        self.send(self.init(now))
        if self.client_has(MainCapability.NAME_AND_UUID):
            self.send(*self.names())
        self.ping(now, self.server.options.ping_padding)

    def init(self, now: float) -> main.Init:
        """INIT as it is now."""
        server = self.server
        agent = server.guest.agent
        return main.Init(
            session_id=self.session.id,
            display_channels_hint=len(server.displays),
            supported_mouse_modes=server.supported_modes,
            current_mouse_mode=server.mouse_mode,
            agent_connected=int(agent),
            agent_tokens=AGENT_TOKENS,
            multi_media_time=int(now * 1000) & _32_BITS,
            ram_hint=_RAM_HINT,
        )

    def names(self) -> tuple[main.Name, main.Uuid]:
        """Name and UUID of the guest."""
        options = self.server.options
        return main.Name(options.name.encode() + b"\0"), main.Uuid(options.uuid)

    def ping(self, now: float, padding: int = 0) -> None:
        """Ask for a sign of life."""
        interval = self.server.options.ping_interval
        if interval is None:
            return
        self.send(self.channel.pings.ping(now, padding))
        self._next_ping = now + interval
        if self._unanswered_since is None:
            self._unanswered_since = now

    def mouse_mode(self) -> main.MouseModeMessage:
        """MOUSE_MODE as it is now."""
        return main.MouseModeMessage(self.server.supported_modes, self.server.mouse_mode)

    def agent_message(self) -> Any:
        """What says that the agent came or went."""
        if not self.server.guest.agent:
            return main.AgentDisconnected(LinkErr.OK)
        if self.client_has(MainCapability.AGENT_CONNECTED_TOKENS):
            return main.AgentConnectedTokens(AGENT_TOKENS)
        return main.AgentConnected()

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        """The channels ``added``, or all but main."""
        return main.ChannelsList(tuple([main.ChannelId(kind, id) for kind, id in added or self.server.listed_channels]))

    def notify(self, text: str, severity: NotifySeverity = NotifySeverity.WARN) -> None:
        """Something for the user to read."""
        stamp = int(self.server.now * 1_000_000_000) & 0xFFFFFFFFFFFFFFFF
        self.send(common.Notify(stamp, severity, NotifyVisibility.HIGH, WarnCode.WARN_GENERAL, text.encode(), b"\0"))

    def disconnecting(self, reason: LinkErr = LinkErr.OK) -> None:
        """The last message."""
        self.send(common.Disconnecting(int(self.server.now * 1_000_000_000) & 0xFFFFFFFFFFFFFFFF, reason))

    # -- time

    @property
    def deadline(self) -> float | None:
        if self._next_ping is None:
            return None
        if self._unanswered_since is None:
            return self._next_ping
        return min(self._next_ping, self._silent_since() + self.server.options.silence)

    def _silent_since(self) -> float:
        assert self._unanswered_since is not None
        return max(self._unanswered_since, self.session.heard)

    def tick(self, now: float) -> None:
        if self._unanswered_since is not None and now >= self._silent_since() + self.server.options.silence:
            self.server.drop(self, "the client answers no ping")
        elif self._next_ping is not None and now >= self._next_ping:
            self.ping(now)

    # -- what the client says

    def _pong(self, value: common.Pong, now: float) -> None:
        if not self.channel.pings:
            self._unanswered_since = None

    def _attach_channels(self, value: main.AttachChannels, now: float) -> None:
        if self.begun:
            self.listed = True
            self.send(self.channels_list())

    def _mouse_mode_request(self, value: main.MouseModeRequest, now: float) -> None:
        if self.begun:
            self.server.request_mouse_mode(value.mode)

    def _agent_data(self, value: main.AgentData, now: float) -> None:
        if self.begun and self.server.guest.agent:
            self.server.guest.agent_data(value.data)
            self.send(main.AgentToken(1))

    def _migrate_dst_do_seamless(self, value: main.MigrateDstDoSeamless, now: float) -> None:
        if not self.arriving or self._seamless_asked:
            return
        self._seamless_asked = True
        options = self.server.options
        self._seamless_agreed = options.seamless and not options.multi_client and value.src_version <= MIGRATION_VERSION
        self.send(main.MigrateDstSeamlessAck() if self._seamless_agreed else main.MigrateDstSeamlessNack())

    def _migrate_data(self, value: common.MigrateData, now: float) -> None:
        if self.arriving and self._seamless_agreed:
            # The session goes on where the source left it: the client had INIT and the list there.
            self.arriving = False
            self.begun = self.listed = True
            self.ping(now)

    def _migrate_end(self, value: main.MigrateEnd, now: float) -> None:
        if self.arriving:
            self.open_session(now)

    handlers: ClassVar[Handlers] = {
        common.Pong: _pong,
        main.AttachChannels: _attach_channels,
        main.MouseModeRequest: _mouse_mode_request,
        main.AgentData: _agent_data,
        main.MigrateDstDoSeamless: _migrate_dst_do_seamless,
        common.MigrateData: _migrate_data,
        main.MigrateEnd: _migrate_end,
    }
