"""Faults in acknowledgement (spec/02-framing.md, 2.5)."""

from __future__ import annotations

from typing import Any

from reference_client.faults.fault import fault
from reference_client.faults.framing.answers import ChangedAnswers
from spiceproto import flow
from spiceproto.channel import Channel
from spiceproto.messages import common


@fault("no-ack-sync", "SPICE-FRAME-019")
class NoAckSync(ChangedAnswers):
    """Does not answer SET_ACK."""

    def change(self, value: Any) -> list[Any]:
        return [] if isinstance(value, common.AckSync) else [value]


@fault("no-ack", "SPICE-FRAME-020")
class NoAck(ChangedAnswers):
    """Never acknowledges."""

    def change(self, value: Any) -> list[Any]:
        return [] if isinstance(value, common.Ack) else [value]


class Eager(flow.AckReceiver):
    """Wants to acknowledge every message once there is a window."""

    def received(self) -> bool:
        return self.window > 0


@fault("ack-too-early", "SPICE-FRAME-021")
class AckTooEarly(Channel):
    """Acknowledges every message, whatever the window is."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.acks = Eager()


@fault("invented-generation", "SPICE-FRAME-027", "SPICE-FRAME-019")
class InventedGeneration(ChangedAnswers):
    """Answers SET_ACK with another generation."""

    def change(self, value: Any) -> list[Any]:
        return [common.AckSync(value.generation ^ 0x100)] if isinstance(value, common.AckSync) else [value]
