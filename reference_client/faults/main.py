"""Faults on the main channel (spec/03-main.md)."""

from __future__ import annotations

from reference_client.client import Client
from reference_client.faults.fault import fault, with_parts
from reference_client.main import Main
from reference_client.member import Member
from spiceproto.channel import Event, MessageReceived
from spiceproto.enums.common import NotifySeverity
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common, main

__all__ = ["FAULTS"]

_OLD_NUMBERS = 1000


class _Hint(Main):
    def on_channels_list(self, value: main.ChannelsList) -> None:
        assert self.init is not None
        others = [item for item in value.channels if item.type != ChannelType.DISPLAY]
        displays = [main.ChannelId(ChannelType.DISPLAY, number) for number in range(self.init.display_channels_hint)]
        super().on_channels_list(main.ChannelsList((*displays, *others)))


class TrustsDisplayHint(Client):
    """Links as many display channels as INIT hints at, whatever the list says."""

    parts = with_parts(main=_Hint)


class _Hasty(Main):
    def start(self) -> None:
        self.send(main.AttachChannels())


class AttachBeforeInit(Client):
    """Sends ATTACH_CHANNELS before INIT."""

    parts = with_parts(main=_Hasty)


class _ClientInfo(Main):
    def on_init(self, value: main.Init) -> None:
        super().on_init(value)
        self.send(main.ClientInfo(1 << 22))


class SendsClientInfo(Client):
    """Sends the obsolete CLIENT_INFO."""

    parts = with_parts(main=_ClientInfo)


class _Quality(Main):
    def on_init(self, value: main.Init) -> None:
        super().on_init(value)
        self.send(main.QualityIndicator(b""))


class SendsQualityIndicator(Client):
    """Sends the reserved QUALITY_INDICATOR."""

    parts = with_parts(main=_Quality)


class _TerminatedName(Main):
    def on_name(self, value: main.Name) -> None:
        if not value.name.endswith(b"\0"):
            self.client.end("a name without its zero byte", orderly=False)
            return
        super().on_name(value)


class NameNeedsZeroByte(Client):
    """Ends the session for a NAME without a zero byte at its end."""

    parts = with_parts(main=_TerminatedName)


class _Ascending(Main):
    def on_multi_media_time(self, value: main.MultiMediaTime) -> None:
        if value.time < self._clock[0]:
            self.client.end("the clock runs backwards", orderly=False)
            return
        super().on_multi_media_time(value)


class ClockMustNotWrap(Client):
    """Ends the session when the multimedia clock passes 2^32."""

    parts = with_parts(main=_Ascending)


class DoubleConnect(Client):
    """Links a channel as often as lists name it."""

    def wants(self, channel_type: int, channel_id: int) -> bool:
        old = self.members.pop((channel_type, channel_id), None)
        found = super().wants(channel_type, channel_id)
        if old is not None:
            # Kept under another number, so that it ends with the session all the same.
            self.members[(channel_type, _OLD_NUMBERS + old.connection.number) if found else (channel_type, channel_id)] = old
        return found


class _KnownChannels(Main):
    def on_channels_list(self, value: main.ChannelsList) -> None:
        if any(not isinstance(item.type, ChannelType) for item in value.channels):
            self.client.end("an unknown channel type", orderly=False)
            return
        super().on_channels_list(value)


class UnknownChannelFatal(Client):
    """Ends the session when a list names a channel type that it does not know."""

    parts = with_parts(main=_KnownChannels)


class OutlivesMain(Client):
    """Keeps the other channels when main is gone."""

    def lost(self, member: Member) -> None:
        pass


class DiesWithAnyChannel(Client):
    """Ends the session when any channel is gone."""

    def lost(self, member: Member) -> None:
        self.end(f"{member.name} was closed", orderly=False)


class NotifyFatal(Client):
    """Ends the session for a NOTIFY that says error."""

    def handle(self, member: Member, event: Event) -> None:
        value = event.value if isinstance(event, MessageReceived) else None
        if isinstance(value, common.Notify) and value.severity == NotifySeverity.ERROR:
            self.end("the server notifies of an error", orderly=False)
        else:
            super().handle(member, event)


class _Seamless(Main):
    def on_init(self, value: main.Init) -> None:
        super().on_init(value)
        self.send(main.MigrateDstDoSeamless(1))


class SeamlessUnasked(Client):
    """Sends MIGRATE_DST_DO_SEAMLESS in a session that came from nowhere."""

    parts = with_parts(main=_Seamless)


FAULTS = (
    fault("trusts-display-hint", "MAIN-005 MAIN-017", TrustsDisplayHint),
    fault("attach-before-init", "MAIN-006", AttachBeforeInit),
    fault("sends-client-info", "MAIN-007", SendsClientInfo),
    fault("sends-quality-indicator", "MAIN-007", SendsQualityIndicator),
    fault("name-needs-zero-byte", "MAIN-009", NameNeedsZeroByte),
    fault("clock-must-not-wrap", "MAIN-011", ClockMustNotWrap),
    fault("double-connect", "MAIN-015", DoubleConnect),
    fault("unknown-channel-fatal", "MAIN-016", UnknownChannelFatal),
    fault("outlives-main", "MAIN-019", OutlivesMain),
    fault("dies-with-any-channel", "MAIN-020", DiesWithAnyChannel),
    fault("notify-fatal", "MAIN-021", NotifyFatal),
    fault("seamless-unasked", "MAIN-024 FRAME-005", SeamlessUnasked),
)
