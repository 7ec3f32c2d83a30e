"""Faults in waiting, notices and leaving (spec/02-framing.md, 2.7)."""

from __future__ import annotations

from typing import Any

from reference_client.channels import MainChannel
from reference_client.faults.fault import fault
from reference_client.line import Line
from reference_client.waiting import Waiting
from spiceproto.channel import Channel, Event, MessageReceived
from spiceproto.messages import common, main


@fault("ignores-wait", "SPICE-FRAME-034", "SPICE-CACHE-019")
class IgnoresWait(Waiting):
    """Does not wait for other channels."""

    def handled(self, waiting: Line, channel_type: int, channel_id: int) -> int | None:
        return None


@fault("waits-for-last-only", "SPICE-FRAME-034")
class WaitsForLastOnly(Channel):
    """Of several channels that it has to wait for, waits for the last one."""

    def note(self, value: Any) -> None:
        super().note(common.WaitForChannels(value.wait_list[-1:]) if isinstance(value, common.WaitForChannels) else value)


@fault("waits-for-first-only", "SPICE-FRAME-034")
class WaitsForFirstOnly(Channel):
    """Of several channels that it has to wait for, waits for the first one."""

    def note(self, value: Any) -> None:
        super().note(common.WaitForChannels(value.wait_list[:1]) if isinstance(value, common.WaitForChannels) else value)


@fault("waits-for-another-id", "SPICE-FRAME-035")
class WaitsForAnotherId(Waiting):
    """Waits for the first channel of a type whatever id it has to wait for."""

    def handled(self, waiting: Line, channel_type: int, channel_id: int) -> int | None:
        return super().handled(waiting, channel_type, 0)


@fault("waits-for-missing-channel", "SPICE-FRAME-035")
class WaitsForMissingChannel(Waiting):
    """Waits for channels that are not there."""

    def handled(self, waiting: Line, channel_type: int, channel_id: int) -> int | None:
        found = super().handled(waiting, channel_type, channel_id)
        return -1 if found is None else found


@fault("notify-needs-zero-byte", "SPICE-FRAME-036")
class NotifyNeedsZeroByte(Line):
    """Closes a channel on which a NOTIFY has no zero byte behind its text."""

    def handle(self, event: Event, now: float) -> None:
        if isinstance(event, MessageReceived) and isinstance(event.value, common.Notify) and not event.value.terminator:
            self.drop("a text without its end")
        else:
            super().handle(event, now)


@fault("talks-after-disconnecting", "SPICE-FRAME-037")
class TalksAfterDisconnecting(MainChannel):
    """Sends another message behind DISCONNECTING."""

    def leave(self, now: float) -> None:
        super().leave(now)
        self.send(main.AttachChannels())
