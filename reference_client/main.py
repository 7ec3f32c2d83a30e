"""The main channel: the session itself (spec/03-main.md, and the mode of spec/04-mouse.md).

Two chapters have their place here and are not written yet. *The guest agent*: AGENT_CONNECTED, AGENT_CONNECTED_TOKENS,
AGENT_DISCONNECTED, AGENT_DATA and AGENT_TOKEN are accepted and change nothing; the client never sends AGENT_START, and so a
server sends no agent data. *Migration*: this client announces none of it, so a server says SWITCH_HOST, which is told as an
event; the other messages are accepted and change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from reference_client import events
from reference_client.part import Part, text_of
from spiceproto.enums.main import MouseMode
from spiceproto.messages import main

if TYPE_CHECKING:
    from reference_client.client import Client
    from reference_client.member import Member

__all__ = ["Main"]

_MODES = MouseMode.SERVER | MouseMode.CLIENT


class Main(Part):
    """``init`` opened the session, None before it; ``wanted_mode`` is the mouse mode to ask for, 0 for none."""

    def __init__(self, client: Client, member: Member) -> None:
        super().__init__(client, member)
        # The server speaks first: even answers wait for INIT (SPICE-MAIN-006).
        member.held = True
        self.init: main.Init | None = None
        self.name = ""
        self.uuid = b""
        self.supported_modes = 0
        self.mouse_mode = 0
        self.wanted_mode = int(MouseMode.CLIENT) if client.options.prefer_client_mode else 0
        self._clock: tuple[int, float] = (0, 0.0)

    # -- life

    def on_init(self, value: main.Init) -> None:
        """The session begins. A second INIT would make another session of this one, and is ignored."""
        if self.init is not None:
            return
        self.init = value
        self._clock = (value.multi_media_time, self.client.now)
        self.supported_modes = int(value.supported_mouse_modes)
        self.mouse_mode = int(value.current_mouse_mode)
        self.client.tell(
            events.Initialised(value.session_id, self.supported_modes, self.mouse_mode, bool(value.agent_connected))
        )
        self.client.unhold(self.member)
        self.send(main.AttachChannels())
        self.mode_changed()

    def on_channels_list(self, value: main.ChannelsList) -> None:
        """The first list, or one about channels that were added."""
        if self.init is None:
            return
        channels = tuple([(int(item.type), item.id) for item in value.channels])
        self.client.tell(events.ChannelsListed(channels))
        for kind, number in channels:
            if self.client.wants(kind, number):
                self.client.open(kind, number)

    def on_name(self, value: main.Name) -> None:
        """The guest's name, with or without a zero byte."""
        self.name = text_of(value.name)
        self.client.tell(events.Named(self.name))

    def on_uuid(self, value: main.Uuid) -> None:
        """The guest's UUID."""
        self.uuid = value.uuid

    # -- clock

    def on_multi_media_time(self, value: main.MultiMediaTime) -> None:
        """The clock is set anew."""
        self._clock = (value.time, self.client.now)

    def multi_media_time(self) -> int:
        """Milliseconds on the server's multimedia clock, modulo 2^32, at the client's last moment."""
        value, since = self._clock
        return (value + int((self.client.now - since) * 1000)) & 0xFFFFFFFF

    # -- mouse mode

    def on_mouse_mode(self, value: main.MouseModeMessage) -> None:
        """Another mode, or more or fewer modes."""
        if self.init is None:
            return
        self.supported_modes, self.mouse_mode = int(value.supported_modes), int(value.current_mode)
        self.client.tell(events.MouseModeChanged(self.supported_modes, self.mouse_mode))
        self.mode_changed()

    def mode_changed(self) -> None:
        """Ask for the mode that is wanted where it can be had, and let the movements that wait follow the mode."""
        wanted = self.wanted_mode
        if self.supported_modes & wanted and self.mouse_mode != wanted:
            self.request_mouse_mode(wanted)
        self.client.mouse_mode_changed()

    @property
    def in_client_mode(self) -> bool:
        """Whether positions are wanted; movements are in any other case."""
        return self.mouse_mode & _MODES == MouseMode.CLIENT

    def request_mouse_mode(self, mode: int) -> None:
        """Ask for a mode. The answer is MOUSE_MODE, if the mode changes."""
        self.send(main.MouseModeRequest(mode))

    # -- the source of a migration

    def on_switch_host(self, value: main.MigrateSwitchHost) -> None:
        """The server gives up the session."""
        host, subject = text_of(value.host_data or b""), text_of(value.cert_subject_data or b"")
        self.client.tell(events.SwitchHost(host, value.port, value.sport, subject))

    actions: ClassVar[Mapping[type, str]] = {
        main.Init: "on_init",
        main.ChannelsList: "on_channels_list",
        main.Name: "on_name",
        main.Uuid: "on_uuid",
        main.MultiMediaTime: "on_multi_media_time",
        main.MouseModeMessage: "on_mouse_mode",
        main.MigrateSwitchHost: "on_switch_host",
    }
