"""The main channel: INIT, the list of channels, mouse mode requests, pings, notices; and the edge of a migration.

A main channel that names a session which is expected from another server begins in silence: INIT comes after the
client's MIGRATE_END, or not at all after MIGRATE_DATA. What else a migration does has its place here later.

What the client and the agent of the guest say to each other passes through :mod:`reference_server.channels.agent`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from reference_server.channels.agent import AGENT_TOKENS, AgentTalk
from reference_server.channels.base import Handler, Handlers, ServerChannel
from reference_server.clock import MultimediaClock, TimeWanted
from reference_server.guest import AgentChanged
from reference_server.host import Host
from reference_server.line import Line
from reference_server.listing import Added
from reference_server.pointing import ModesChanged
from reference_server.session import Leaving, Notice, Session
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.common import NotifySeverity, NotifyVisibility, WarnCode
from spiceproto.enums.link import LinkErr
from spiceproto.link.events import Established
from spiceproto.messages import common, main

__all__ = ["AGENT_TOKENS", "MainChannel"]

MIGRATION_VERSION: Final = 1
"""Of the data that a seamless migration carries; newer ones are not understood."""

_RAM_HINT: Final = 16 << 20

_BEGUN: Final = ("open", "listed")
_ARRIVING: Final = ("destination", "seamless", "denied")


class MainChannel(ServerChannel):
    """The states are those of :mod:`spiceproto.rules.main`, but for ``denied``.

    * ``linked``: nothing was said, and INIT is about to be
    * ``open``: INIT was sent
    * ``listed``: the list of channels was, too
    * ``destination``: the session comes from another server, and its migration has not ended
    * ``seamless``: the same, and the data of the source are waited for
    * ``denied``: the same, and the client was told that there will be none
    """

    talk_class: ClassVar[type[AgentTalk]] = AgentTalk

    def __init__(self, host: Host, line: Line, session: Session, established: Established) -> None:
        super().__init__(host, line, session, established)
        self.clock = session.shared(MultimediaClock)
        self.clock.latency = max(self.clock.latency, host.options.latency)
        self.agent = self.talk_class(host.agent, self.send, lambda: self.line.open and not self.line.paused)
        self._next_ping: float | None = None
        self._unanswered_since: float | None = None

    # -- the beginning

    def start(self, now: float) -> None:
        if self.session.arriving:
            self.state = "destination"
        else:
            self.open_session(now)

    def open_session(self, now: float) -> None:
        """INIT and what follows it (SPICE-MAIN-001, SPICE-MAIN-008)."""
        self._begin()
        self.send(self.init(now))
        if self.client_has(MainCapability.NAME_AND_UUID):
            self.send(*self.names())
        self.ping(now, self.host.options.ping_padding)

    def _begin(self) -> None:
        """INIT was said, or was said by the server from which the session comes: what happens is told the client."""
        self.state = "open"
        self.session.arriving = False
        self.watch(self.host.guest.agent, self._agent_changed, AgentChanged)
        self.watch(self.host.modes, self._modes_changed, ModesChanged)
        self.watch(self.session, self._notice, Notice)
        self.watch(self.session, self._leaving, Leaving)
        self.watch(self.clock, self._time_wanted, TimeWanted)

    def _list(self) -> None:
        """The client knows the channels: one that is added is told it (SPICE-MAIN-013, SPICE-MAIN-014)."""
        self.state = "listed"
        self.watch(self.host.listing, self._added, Added)

    # -- what it says

    def init(self, now: float) -> main.Init:
        """INIT as it is now."""
        host = self.host
        return main.Init(
            session_id=self.session.id,
            display_channels_hint=host.listing.displays,
            supported_mouse_modes=host.modes.supported,
            current_mouse_mode=host.modes.mode,
            agent_connected=int(host.guest.agent.present),
            agent_tokens=AGENT_TOKENS,
            multi_media_time=self.clock.for_client(now),
            ram_hint=_RAM_HINT,
        )

    def names(self) -> tuple[main.Name, main.Uuid]:
        """Name and UUID of the guest."""
        options = self.host.options
        return main.Name(options.name.encode() + b"\0"), main.Uuid(options.uuid)

    def ping(self, now: float, padding: int = 0) -> None:
        """Ask for a sign of life."""
        interval = self.host.options.ping_interval
        if interval is None:
            return
        self.send(self.messages.pings.ping(now, padding))
        self._next_ping = now + interval
        if self._unanswered_since is None:
            self._unanswered_since = now

    def agent_message(self) -> Any:
        """What says that the agent came or went (SPICE-MAIN-010)."""
        if not self.host.guest.agent.present:
            return main.AgentDisconnected(LinkErr.OK)
        if self.client_has(MainCapability.AGENT_CONNECTED_TOKENS):
            return main.AgentConnectedTokens(AGENT_TOKENS)
        return main.AgentConnected()

    def channels_list(self, *added: tuple[int, int]) -> main.ChannelsList:
        """The channels ``added``, or all but main."""
        return main.ChannelsList(tuple([main.ChannelId(kind, id) for kind, id in added or self.host.listing.listed]))

    def say_time(self, now: float) -> None:
        """What the clock of the client is to show (SPICE-SYNC-005)."""
        self.send(main.MultiMediaTime(self.clock.for_client(now)))

    def notify(self, text: str, severity: NotifySeverity) -> None:
        """Something for the user to read."""
        stamp = int(self.host.now * 1_000_000_000) & 0xFFFFFFFFFFFFFFFF
        self.send(
            common.Notify(
                time_stamp=stamp,
                severity=severity,
                visibilty=NotifyVisibility.HIGH,
                what=WarnCode.WARN_GENERAL,
                message=text.encode(),
                terminator=b"\0",
            )
        )

    def disconnecting(self, reason: LinkErr) -> None:
        """The last message (SPICE-FRAME-037)."""
        self.send(common.Disconnecting(int(self.host.now * 1_000_000_000) & 0xFFFFFFFFFFFFFFFF, reason))

    # -- time

    @property
    def deadline(self) -> float | None:
        if self.agent.waits_for_turn:
            return self.host.now
        if self._next_ping is None:
            return None
        if self._unanswered_since is None:
            return self._next_ping
        return min(self._next_ping, self._silent_since() + self.host.options.silence)

    def _silent_since(self) -> float:
        assert self._unanswered_since is not None
        return max(self._unanswered_since, self.session.heard)

    def ready(self) -> None:
        self.agent.flush()

    def end(self, now: float) -> None:
        super().end(now)
        self.agent.end()

    def tick(self, now: float) -> None:
        self.agent.turn()
        if self._unanswered_since is not None and now >= self._silent_since() + self.host.options.silence:
            self.line.drop("the client answers no ping")
        elif self._next_ping is not None and now >= self._next_ping:
            self.ping(now)

    # -- what it hears of others

    def _agent_changed(self, news: AgentChanged) -> None:
        self.agent.connected()
        self.send(self.agent_message())

    def _modes_changed(self, news: ModesChanged) -> None:
        modes = self.host.modes
        self.send(main.MouseModeMessage(modes.supported, modes.mode))

    def _added(self, news: Added) -> None:
        self.send(self.channels_list(news.key))

    def _notice(self, news: Notice) -> None:
        self.notify(news.text, news.severity)

    def _leaving(self, news: Leaving) -> None:
        self.disconnecting(news.reason)

    def _time_wanted(self, news: TimeWanted) -> None:
        self.say_time(self.host.now)

    # -- what the client says

    def _pong(self, value: common.Pong, now: float) -> None:
        if not self.messages.pings:
            self._unanswered_since = None

    def _attach_channels(self, value: main.AttachChannels, now: float) -> None:
        if self.state == "open":
            self._list()
        self.send(self.channels_list())

    def _mouse_mode_request(self, value: main.MouseModeRequest, now: float) -> None:
        self.host.modes.request(value.mode)

    def _agent_start(self, value: main.AgentStart, now: float) -> None:
        self.agent.start(value)

    def _agent_token(self, value: main.AgentToken, now: float) -> None:
        self.agent.grant(value)

    def _agent_data(self, value: main.AgentData, now: float) -> None:
        self.agent.receive(value.data)

    def _migrate_dst_do_seamless(self, value: main.MigrateDstDoSeamless, now: float) -> None:
        options = self.host.options
        agreed = options.seamless and not options.multi_client and value.src_version <= MIGRATION_VERSION
        self.state = "seamless" if agreed else "denied"
        self.send(main.MigrateDstSeamlessAck() if agreed else main.MigrateDstSeamlessNack())

    def _migrate_data(self, value: common.MigrateData, now: float) -> None:
        # The session goes on where the source left it: the client had INIT and the list there.
        self._begin()
        self._list()
        if not self.clock.sound:
            self.say_time(now)
        self.ping(now)

    def _migrate_end(self, value: main.MigrateEnd, now: float) -> None:
        self.open_session(now)

    handlers: ClassVar[Handlers] = {
        common.Pong: Handler(_pong),
        main.AttachChannels: Handler(_attach_channels, _BEGUN),  # SPICE-MAIN-012
        main.MouseModeRequest: Handler(_mouse_mode_request, _BEGUN),
        main.AgentStart: Handler(_agent_start, _BEGUN),
        main.AgentToken: Handler(_agent_token, _BEGUN),
        main.AgentData: Handler(_agent_data, _BEGUN),
        main.MigrateDstDoSeamless: Handler(_migrate_dst_do_seamless, ("destination",)),  # SPICE-MAIN-023
        common.MigrateData: Handler(_migrate_data, ("seamless",)),
        main.MigrateEnd: Handler(_migrate_end, _ARRIVING),  # SPICE-MAIN-022
    }
