"""The main channel: the session itself (spec/03-main.md, and the mode of spec/04-mouse.md).

The talk with the guest agent has a package of its own (:mod:`reference_client.agent`); here is what main says of it, and what
its user may wish. What it says of a migration goes to :mod:`reference_client.migration`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from reference_client.agent import Agent
from reference_client.agent.clipboard import selection_named
from reference_client.agent.monitors import monitors_of
from reference_client.channels.base import ClientChannel, Handlers, Verbs, text_of
from reference_client.clock import MultimediaClock
from reference_client.events import Event
from reference_client.host import Host, Migration
from reference_client.line import Line
from spiceproto.enums.link import LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.errors import LocalError
from spiceproto.messages import common, main

__all__ = ["ChannelsListed", "Initialised", "MainChannel", "MouseModeChanged", "Named", "SwitchHost"]


class Initialised(Event, frozen=True, tag="init"):
    """The session has begun."""

    session_id: int
    supported_mouse_modes: int
    mouse_mode: int
    agent_connected: bool


class ChannelsListed(Event, frozen=True, tag="channels"):
    """The server has these channels, as (type, id), known or not."""

    channels: tuple[tuple[int, int], ...]


class MouseModeChanged(Event, frozen=True, tag="mouse-mode"):
    """The mouse mode, or what is supported, is another."""

    supported: int
    mode: int


class Named(Event, frozen=True, tag="name"):
    """The guest has a name."""

    name: str


class SwitchHost(Event, frozen=True, tag="switch-host"):
    """The server asks the client to go elsewhere."""

    host: str
    port: int
    tls_port: int
    host_subject: str


class MainChannel(ClientChannel):
    """``init`` opened the session, None before it; ``name`` and ``uuid`` are the guest's, ``agent`` talks with its agent."""

    agent_class: ClassVar[type[Agent]] = Agent

    def __init__(self, host: Host, line: Line) -> None:
        super().__init__(host, line)
        # The server speaks first: even answers wait for INIT (SPICE-MAIN-006).
        line.held = True
        self.init: main.Init | None = None
        self.name = ""
        self.uuid = b""
        self.clock = host.shared(MultimediaClock)
        self.agent = self.agent_class(host, self.send, self._plan)

    # -- life

    def on_init(self, value: main.Init, now: float) -> None:
        """The session begins. A second INIT would make another session of this one, and is ignored."""
        if self.init is not None:
            return
        self.init = value
        self.host.session_id = value.session_id
        self.clock.set(value.multi_media_time, now)
        supported, mode = int(value.supported_mouse_modes), int(value.current_mouse_mode)
        self.host.tell(
            Initialised(
                session_id=value.session_id,
                supported_mouse_modes=supported,
                mouse_mode=mode,
                agent_connected=bool(value.agent_connected),
            )
        )
        self.line.release()
        self.send(main.AttachChannels())
        self._set_modes(supported, mode)
        self.agent.tokens.set(value.agent_tokens)
        if value.agent_connected:
            self.agent.here(value.agent_tokens)
        self.host.began()

    def inherit(self, before: ClientChannel) -> None:
        if isinstance(before, MainChannel):
            self.name, self.uuid = before.name, before.uuid
            self.agent.inherit(before.agent)

    def on_channels_list(self, value: main.ChannelsList, now: float) -> None:
        """The first list, or one about channels that were added: each is linked once (SPICE-MAIN-015)."""
        if self.init is None:
            return
        channels = tuple([(int(item.type), item.id) for item in value.channels])
        self.host.tell(ChannelsListed(channels))
        for kind, number in channels:
            if self.host.wants(kind, number):
                self.host.open(kind, number)

    def on_name(self, value: main.Name, now: float) -> None:
        """The guest's name, with or without a zero byte (SPICE-MAIN-009)."""
        self.name = text_of(value.name)
        self.host.tell(Named(self.name))

    def on_uuid(self, value: main.Uuid, now: float) -> None:
        """The guest's UUID."""
        self.uuid = value.uuid

    def leave(self, now: float) -> None:
        """DISCONNECTING is the last that is sent (SPICE-FRAME-037)."""
        self.send(common.Disconnecting(max(int(now * 1e9), 0), LinkErr.OK))

    def state(self, now: float) -> dict[str, Any]:
        mode = self.host.pointing.mode
        names = {int(kind): kind.name.lower() for kind in MouseMode if kind.name}
        found = {"mouse_mode": names.get(mode, mode), "name": self.name, "multi_media_time": self.clock.time(now)}
        return found | self.agent.state()

    def tick(self, now: float) -> None:
        """Something of the agent's is due."""
        self.agent.tick(now)

    def hold(self, held: bool, now: float) -> None:
        self.agent.hold(held)

    def _plan(self, deadline: float | None) -> None:
        self.deadline = deadline

    def end(self, now: float) -> None:
        self.agent.gone()

    # -- the guest agent

    def on_agent_connected(self, value: main.AgentConnected, now: float) -> None:
        """An agent is there; tokens stay as they were."""
        if self.init is not None:
            self.agent.here(None)

    def on_agent_connected_tokens(self, value: main.AgentConnectedTokens, now: float) -> None:
        """An agent is there, and tokens begin anew."""
        if self.init is not None:
            self.agent.here(value.num_tokens)

    def on_agent_disconnected(self, value: main.AgentDisconnected, now: float) -> None:
        """The agent is gone."""
        self.agent.gone()

    def on_agent_data(self, value: main.AgentData, now: float) -> None:
        """A piece of an agent message."""
        self.agent.receive(value.data, now)

    def on_agent_token(self, value: main.AgentToken, now: float) -> None:
        """More may be sent."""
        self.agent.more_tokens(value.num_tokens)

    def arrange(self, monitors: str) -> None:
        """Have the guest show monitors: ``2x1920x1080``. Raises LocalError for what is none, and where that can not be."""
        self.agent.monitors.arrange(monitors_of(monitors))

    def release_clipboard(self, selection: str) -> None:
        """What was copied here is gone."""
        self.agent.clipboard.release(selection_named(selection))

    def cancel_file(self, file: int) -> None:
        """Have the guest get a file no more. Raises LocalError for one that is not under way."""
        self.agent.files.cancel(file)

    def set_guest_volume(self, level: int, playback: bool, muted: bool) -> None:
        """Have the guest play, or listen, so loud on both sides. Raises LocalError for an agent that does not take this."""
        self.agent.volume.set((level, level), playback=playback, muted=muted)

    # -- clock

    def on_multi_media_time(self, value: main.MultiMediaTime, now: float) -> None:
        """The clock is set anew."""
        self.clock.set(value.time, now)

    # -- mouse mode

    def on_mouse_mode(self, value: main.MouseModeMessage, now: float) -> None:
        """Another mode, or more or fewer modes."""
        if self.init is None:
            return
        supported, mode = int(value.supported_modes), int(value.current_mode)
        self.host.tell(MouseModeChanged(supported=supported, mode=mode))
        self._set_modes(supported, mode)

    def _set_modes(self, supported: int, mode: int) -> None:
        pointing = self.host.pointing
        pointing.set_modes(supported, mode)
        if pointing.missing:
            self.send(main.MouseModeRequest(pointing.missing))

    def request_mouse_mode(self, mode: int | str) -> None:
        """Ask for a mouse mode, by number or name; the answer is MOUSE_MODE, if the mode changes.

        Raises LocalError before INIT (SPICE-MOUSE-008), and for a name that is none.
        """
        if isinstance(mode, str):
            if mode.upper() not in MouseMode.__members__:
                raise LocalError("no such mouse mode", expected="server or client", actual=mode)
            mode = MouseMode[mode.upper()]
        if self.init is None:
            raise LocalError("there is no session to ask", requirement="SPICE-MOUSE-008")
        if mode in (MouseMode.SERVER, MouseMode.CLIENT):
            # What the user wants last is what is asked for from now on.
            self.host.pointing.wanted = int(mode)
        self.send(main.MouseModeRequest(mode))

    # -- the source of a migration

    def on_switch_host(self, value: main.MigrateSwitchHost, now: float) -> None:
        """The server gives up the session, and says where the guest is."""
        self.host.tell(
            SwitchHost(
                host=text_of(value.host_data or b""),
                port=value.port,
                tls_port=value.sport,
                host_subject=text_of(value.cert_subject_data or b""),
            )
        )
        self.on_migration(value, now)

    def on_migration(self, value: Migration, now: float) -> None:
        """The guest goes elsewhere, or does not after all; before INIT there is no session that could go with it."""
        if self.init is not None or isinstance(value, main.MigrateSwitchHost):
            self.host.migrate(value)

    handlers: ClassVar[Handlers] = {
        main.Init: on_init,
        main.ChannelsList: on_channels_list,
        main.Name: on_name,
        main.Uuid: on_uuid,
        main.MultiMediaTime: on_multi_media_time,
        main.MouseModeMessage: on_mouse_mode,
        main.MigrateBegin: on_migration,
        main.MigrateBeginSeamless: on_migration,
        main.MigrateCancel: on_migration,
        main.MigrateEnd: on_migration,
        main.MigrateSwitchHost: on_switch_host,
        main.AgentConnected: on_agent_connected,
        main.AgentConnectedTokens: on_agent_connected_tokens,
        main.AgentDisconnected: on_agent_disconnected,
        main.AgentData: on_agent_data,
        main.AgentToken: on_agent_token,
    }
    verbs: ClassVar[Verbs] = {
        "mouse-mode": request_mouse_mode,
        "monitors": arrange,
        "release-clipboard": release_clipboard,
        "cancel-file": cancel_file,
        "guest-volume": set_guest_volume,
    }
