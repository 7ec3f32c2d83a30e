"""Faults on the main channel (spec/03-main.md)."""

from __future__ import annotations

from typing import Any

from reference_client.channels import MainChannel
from reference_client.client import Client
from reference_client.faults.fault import fault
from reference_client.line import Line
from spiceproto import agent
from spiceproto.channel import Event, MessageReceived
from spiceproto.enums.agent import AgentMessageType
from spiceproto.enums.common import NotifySeverity
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.link.events import Established
from spiceproto.messages import common, main

_OLD_NUMBERS = 1000

_TOKENS = 10
_RELEASE = b"".join(agent.chunks(AgentMessageType.CLIPBOARD_RELEASE, b""))


@fault("trusts-display-hint", "SPICE-MAIN-005", "SPICE-MAIN-017", "SPICE-MIG-025", "SPICE-MIG-036")
class TrustsDisplayHint(MainChannel):
    """Links as many display channels as INIT hints at, whatever the list says."""

    def on_channels_list(self, value: main.ChannelsList, now: float) -> None:
        assert self.init is not None
        others = [item for item in value.channels if item.type != ChannelType.DISPLAY]
        displays = [main.ChannelId(ChannelType.DISPLAY, number) for number in range(self.init.display_channels_hint)]
        super().on_channels_list(main.ChannelsList((*displays, *others)), now)


@fault("never-attaches", "SPICE-MAIN-026")
class NeverAttaches(MainChannel):
    """Does not send ATTACH_CHANNELS."""

    def send(self, *values: Any) -> None:
        super().send(*[value for value in values if not isinstance(value, main.AttachChannels)])


@fault("attaches-with-two-modes-only", "SPICE-MAIN-026")
class AttachesWithTwoModesOnly(MainChannel):
    """Does not ask for the channels where one mouse mode alone is supported."""

    def send(self, *values: Any) -> None:
        one = self.init is not None and self.init.supported_mouse_modes == MouseMode.SERVER
        super().send(*[value for value in values if not one or not isinstance(value, main.AttachChannels)])


@fault("attach-before-init", "SPICE-MAIN-006", "SPICE-MIG-019")
class AttachBeforeInit(MainChannel):
    """Sends ATTACH_CHANNELS before INIT."""

    def start(self, now: float) -> None:
        self.send(main.AttachChannels())


@fault("sends-client-info", "SPICE-MAIN-007")
class SendsClientInfo(MainChannel):
    """Sends the obsolete CLIENT_INFO."""

    def on_init(self, value: main.Init, now: float) -> None:
        super().on_init(value, now)
        self.send(main.ClientInfo(1 << 22))


@fault("agent-data-without-tokens", "SPICE-MAIN-030", "SPICE-AGENT-020", "SPICE-AGENT-024")
class AgentDataWithoutTokens(MainChannel):
    """Sends one AGENT_DATA more than INIT has tokens for."""

    def on_init(self, value: main.Init, now: float) -> None:
        super().on_init(value, now)
        self.send(main.AgentStart(_TOKENS), *[main.AgentData(_RELEASE)] * (value.agent_tokens + 1))


@fault("agent-data-without-start", "SPICE-MAIN-031", "SPICE-MAIN-030")
class AgentDataWithoutStart(MainChannel):
    """Sends AGENT_DATA, and never AGENT_START."""

    def on_init(self, value: main.Init, now: float) -> None:
        super().on_init(value, now)
        self.send(main.AgentData(_RELEASE))


@fault("sends-quality-indicator", "SPICE-MAIN-007")
class SendsQualityIndicator(MainChannel):
    """Sends the reserved QUALITY_INDICATOR."""

    def on_init(self, value: main.Init, now: float) -> None:
        super().on_init(value, now)
        self.send(main.QualityIndicator(b""))


@fault("name-needs-zero-byte", "SPICE-MAIN-009")
class NameNeedsZeroByte(MainChannel):
    """Ends the session for a NAME without a zero byte at its end."""

    def on_name(self, value: main.Name, now: float) -> None:
        if value.name.endswith(b"\0"):
            super().on_name(value, now)
        else:
            self.host.end("a name without its zero byte", orderly=False)


@fault("clock-must-not-wrap", "SPICE-MAIN-011")
class ClockMustNotWrap(MainChannel):
    """Ends the session when the multimedia clock passes 2^32."""

    def on_multi_media_time(self, value: main.MultiMediaTime, now: float) -> None:
        if value.time < self.clock.last:
            self.host.end("the clock runs backwards", orderly=False)
        else:
            super().on_multi_media_time(value, now)


@fault("double-connect", "SPICE-MAIN-015", "SPICE-MIG-034")
class DoubleConnect(Client):
    """Links a channel as often as lists name it."""

    def wants(self, channel_type: int, channel_id: int) -> bool:
        old = self.lines.pop((channel_type, channel_id), None)
        found = super().wants(channel_type, channel_id)
        if old is not None:
            # Kept under another number, so that it ends with the session all the same.
            self.lines[(channel_type, _OLD_NUMBERS + old.connection.number) if found else (channel_type, channel_id)] = old
        return found


@fault("unknown-channel-fatal", "SPICE-MAIN-016")
class UnknownChannelFatal(MainChannel):
    """Ends the session when a list names a channel type that it does not know."""

    def on_channels_list(self, value: main.ChannelsList, now: float) -> None:
        if all(isinstance(item.type, ChannelType) for item in value.channels):
            super().on_channels_list(value, now)
        else:
            self.host.end("an unknown channel type", orderly=False)


@fault("outlives-main", "SPICE-MAIN-019")
class OutlivesMain(Client):
    """Keeps the other channels when main is gone."""

    def lost(self, line: Line) -> None:
        pass


@fault("dies-with-any-channel", "SPICE-MAIN-020")
class DiesWithAnyChannel(Client):
    """Ends the session when any channel is gone."""

    def lost(self, line: Line) -> None:
        self.end(f"{line.name} was closed", orderly=False)


@fault("notify-fatal", "SPICE-MAIN-021")
class NotifyFatal(Line):
    """Ends the session for a NOTIFY that says error."""

    def handle(self, event: Event, now: float) -> None:
        value = event.value if isinstance(event, MessageReceived) else None
        if isinstance(value, common.Notify) and value.severity == NotifySeverity.ERROR:
            self.owner.end("the server notifies of an error", orderly=False)
        else:
            super().handle(event, now)


@fault("seamless-unasked", "SPICE-MAIN-024", "SPICE-FRAME-005")
class SeamlessUnasked(MainChannel):
    """Sends MIGRATE_DST_DO_SEAMLESS in a session that came from nowhere."""

    def on_init(self, value: main.Init, now: float) -> None:
        super().on_init(value, now)
        self.send(main.MigrateDstDoSeamless(1))


@fault("seamless-without-waiting", "SPICE-MAIN-025", "SPICE-LINK-032", "SPICE-FRAME-005", "SPICE-MIG-008", "SPICE-MIG-010")
class SeamlessWithoutWaiting(Line):
    """Behaves as at the destination of a migration, and does not wait for the answer to MIGRATE_DST_DO_SEAMLESS."""

    def connection_id(self) -> int:
        return 0x5EED if self.type == ChannelType.MAIN else super().connection_id()

    def established(self, link: Established, now: float) -> None:
        super().established(link, now)
        if self.type == ChannelType.MAIN:
            self.send(main.MigrateDstDoSeamless(1), main.MigrateEnd())
