"""The main channel: INIT, the list of channels, mouse mode requests, pings, notices; and what is said of migrations.

A main channel that names a session which is expected from another server begins in silence: INIT comes after the
client's MIGRATE_END, or not at all after MIGRATE_DATA. At the source it tells the client of the destination, and hears whether
that could be linked; what a client says of a migration that there is not means nothing (SPICE-MIG-027).

What the client and the agent of the guest say to each other passes through :mod:`reference_server.channels.agent`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import msgspec

from reference_server.agent_line import FromAgent
from reference_server.channels import moving
from reference_server.channels.agent import AGENT_TOKENS, AgentTalk
from reference_server.channels.base import Handler, Handlers, ServerChannel
from reference_server.clock import MultimediaClock, TimeWanted
from reference_server.departure import Arrived, Broken, Came, Departure, Leaves, MigrationBegins, MigrationCancelled
from reference_server.guest import AgentChanged
from reference_server.host import Host
from reference_server.line import Line
from reference_server.listing import Added
from reference_server.migration import PATIENCE, VERSION
from reference_server.pointing import ModesChanged
from reference_server.session import Leaving, Notice, Session
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.common import NotifySeverity, NotifyVisibility, WarnCode
from spiceproto.enums.link import LinkErr
from spiceproto.errors import RemoteError
from spiceproto.link.events import Established
from spiceproto.messages import common, main, migration

__all__ = ["AGENT_TOKENS", "MainChannel"]

_RAM_HINT: Final = 16 << 20

_BEGUN: Final = ("open", "listed")
_ARRIVING: Final = ("destination", "seamless", "denied")
_OF_AGENT: Final = (main.AgentStart, main.AgentToken, main.AgentData)


class Said(msgspec.Struct, frozen=True):
    """What the agent has said and the client has no tokens for."""

    waiting: tuple[bytes, ...]


class MainChannel(ServerChannel):
    """The states are those of :mod:`spiceproto.rules.main`, but for ``denied``.

    * ``linked``: nothing was said, and INIT is about to be
    * ``open``: INIT was sent
    * ``listed``: the list of channels was, too
    * ``destination``: the session comes from another server, and its migration has not ended
    * ``seamless``: the same, and the data of the source are waited for
    * ``denied``: the same, and the client was told that there will be none
    * ``leaving``: the session goes on at another server, whom the client brings data
    """

    carried = migration.Main
    talk_class: ClassVar[type[AgentTalk]] = AgentTalk

    def __init__(self, host: Host, line: Line, session: Session, established: Established) -> None:
        super().__init__(host, line, session, established)
        self.clock = session.shared(MultimediaClock)
        self.clock.latency = max(self.clock.latency, host.options.latency)
        self.agent = self.talk_class(host.agent, self.send, lambda: self.line.open and not self.line.paused)
        self._next_ping: float | None = None
        self._unanswered_since: float | None = None
        self._answer_is_late = False
        self._missed: list[Added | Notice | AgentChanged] = []

    # -- the beginning

    def start(self, now: float) -> None:
        self.watch(self.session, self._broken, Broken)
        if self.session.arriving:
            self.state = "destination"
            self.watch(self.session, self._came, Came)
        else:
            self.open_session(now)

    def open_session(self, now: float) -> None:
        """INIT and what follows it (SPICE-MAIN-001, SPICE-MAIN-008)."""
        self._begin()
        self.agent.forget_early()
        self.send(self.init(now))
        if self.client_has(MainCapability.NAME_AND_UUID):
            self.send(*self.names())
        self.ping(now, self.host.options.ping_padding)

    def _begin(self) -> None:
        """INIT was said, or was said by the server from which the session comes: what happens is told the client."""
        self.state = "open"
        self._end_early()
        self.session.arriving = False
        self.watch(self.host.guest.agent, self._agent_changed, AgentChanged)
        self.watch(self.host.modes, self._modes_changed, ModesChanged)
        self.watch(self.session, self._notice, Notice)
        self.watch(self.session, self._leaving, Leaving)
        self.watch(self.session, self._migration_begins, MigrationBegins)
        self.watch(self.session, self._migration_cancelled, MigrationCancelled)
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

    def notify(self, text: str, severity: NotifySeverity, visibility: NotifyVisibility = NotifyVisibility.HIGH) -> None:
        """Something for the user to read."""
        stamp = int(self.host.now * 1_000_000_000) & 0xFFFFFFFFFFFFFFFF
        self.send(
            common.Notify(
                time_stamp=stamp,
                severity=severity,
                visibilty=visibility,
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
        self.notify(news.text, news.severity, news.visibility)

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
        agreed = options.seamless and not options.multi_client and self.knows(value.src_version)
        self.state = "seamless" if agreed else "denied"
        self.send(main.MigrateDstSeamlessAck() if agreed else main.MigrateDstSeamlessNack())

    # -- at the destination of a migration

    def knows(self, version: int) -> bool:
        """Whether data of this version can be read (SPICE-MIG-022)."""
        return version <= VERSION

    def _migrate_data(self, value: common.MigrateData, now: float) -> None:
        """The session goes on where the source left it: the client had INIT and the list there."""
        self._need_guest()
        self.go_on(moving.read(migration.Main, value), now)

    def guest_came(self) -> None:
        self._missed = []
        self.watch_early(self.host.listing, self._missed.append, Added)
        self.watch_early(self.session, self._missed.append, Notice)
        self.watch_early(self.host.guest.agent, self._missed.append, AgentChanged)
        self.watch_early(self.host.agent, self.agent.hear_early, FromAgent)

    def go_on(self, data: Any, now: float) -> None:
        missed, self._missed = self._missed, []
        self._begin()
        self._list()
        self._agent_goes_on(data, another=any(isinstance(news, AgentChanged) for news in missed))
        if self.host.modes.differ:
            self._modes_changed(ModesChanged())
        self.session.tell(Arrived(seamless=True))
        for news in missed:
            if isinstance(news, Added):
                self._added(news)
            elif isinstance(news, Notice):
                self._notice(news)
        if not self.clock.sound:
            self.say_time(now)
        self.ping(now)

    def _agent_goes_on(self, data: migration.Main, *, another: bool) -> None:
        """What the client knows of the agent may be wrong by now; ``another`` says that it is not the one that came."""
        if another and data.agent_base.connected and self.host.guest.agent.present:
            self.send(main.AgentDisconnected(LinkErr.OK))
            self._agent_changed(AgentChanged(True))
        elif bool(data.agent_base.connected) != self.host.guest.agent.present:
            self._agent_changed(AgentChanged(self.host.guest.agent.present))
        elif data.agent_base.connected:
            said = self.brought(Said)
            self.agent.go_on(data, () if said is None else said.waiting)

    def _migrate_end(self, value: main.MigrateEnd, now: float) -> None:
        self._need_guest()
        self.open_session(now)
        self.session.tell(Arrived(seamless=False))

    def _need_guest(self) -> None:
        """A client can not be here before the guest is."""
        if not self.host.here:
            raise RemoteError("the client ends a migration before the guest has come")

    def _broken(self, news: Broken) -> None:
        self.line.drop(news.text)

    # -- at its source

    def _migration_begins(self, news: MigrationBegins) -> None:
        said = self.announcement(news.departure)
        if said is not None:
            self.send(said)

    def announcement(self, departure: Departure) -> main.MigrateBegin | main.MigrateBeginSeamless | None:
        """What asks the client to link the destination; None for one that can not (SPICE-MIG-001, SPICE-MIG-002)."""
        info = departure.destination.info()
        if departure.wanted == "seamless" and self.client_has(MainCapability.SEAMLESS_MIGRATE):
            departure.asked = "seamless"
            return main.MigrateBeginSeamless(info, VERSION)
        if departure.wanted != "switch-host" and self.client_has(MainCapability.SEMI_SEAMLESS_MIGRATE):
            departure.asked = "semi-seamless"
            return main.MigrateBegin(info)
        return None

    def _migration_cancelled(self, news: MigrationCancelled) -> None:
        if news.departure.asked != "switch-host":
            self._answer_is_late = news.departure.waits
            self.send(main.MigrateCancel())

    def _migrate_connected(self, value: main.MigrateConnected, now: float) -> None:
        self.connected(seamless=False)

    def _migrate_connected_seamless(self, value: main.MigrateConnectedSeamless, now: float) -> None:
        self.connected(seamless=True)

    def connected(self, *, seamless: bool) -> None:
        """The client has linked the destination; if nobody wants that any more, it is told so, once (SPICE-MIG-057)."""
        late, self._answer_is_late = self._answer_is_late, False
        if self.session.departure is None:
            if not late:
                self.send(main.MigrateCancel())
        else:
            self.session.departure.connected(seamless=seamless)

    def _migrate_connect_error(self, value: main.MigrateConnectError, now: float) -> None:
        if self.session.departure is not None:
            self.session.departure.failed()

    def _leaves(self, news: Leaves) -> None:
        departure = self.session.departure
        if departure is None or self.state not in _BEGUN:
            self.line.drop("the session leaves before it has arrived")
        elif news.kind == "seamless":
            self.set_out(self.host.now)
        else:
            self.send(main.MigrateEnd() if news.kind == "semi-seamless" else departure.destination.switch())
            self.line.leave(self.host.now + PATIENCE)

    def late(self, value: Any, now: float) -> None:
        """The client speaks to the agent until it has heard of the end: that goes along (SPICE-MIG-052)."""
        if isinstance(value, _OF_AGENT):
            self.handlers[type(value)].act(self, value, now)

    def pack(self, now: float) -> migration.Main:
        return self.agent.pack(moving.header(migration.Main))

    def beside(self) -> Said:
        return Said(self.agent.freeze())

    def unfreeze(self) -> None:
        self.agent.thaw()

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
        main.MigrateConnected: Handler(_migrate_connected, _BEGUN),
        main.MigrateConnectedSeamless: Handler(_migrate_connected_seamless, _BEGUN),
        main.MigrateConnectError: Handler(_migrate_connect_error, _BEGUN),
    }
