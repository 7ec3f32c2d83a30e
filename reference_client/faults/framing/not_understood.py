"""Faults with what a receiver does not understand, and with sizes (spec/02-framing.md, 2.2 and 2.3)."""

from __future__ import annotations

from reference_client.channels import InputsChannel, MainChannel
from reference_client.faults.fault import fault
from reference_client.line import Line
from spiceproto.channel import Event, MalformedMessage, MessageReceived, UnknownMessage
from spiceproto.messages import inputs, main

_ATTACH_CHANNELS = 104
_LARGER_THAN_MAIN_TAKES = 27000


@fault("scancode-uninvited", "SPICE-FRAME-005")
class ScancodeUninvited(InputsChannel):
    """Sends KEY_SCANCODE to a server that has not announced it."""

    def scancode(self, data: bytes | str) -> None:
        self.send(inputs.KeyScancode(bytes.fromhex(data) if isinstance(data, str) else data))


@fault("unknown-type-fatal", "SPICE-FRAME-006")
class UnknownTypeFatal(Line):
    """Closes a channel on which a message of an unknown type comes."""

    def handle(self, event: Event, now: float) -> None:
        if isinstance(event, UnknownMessage):
            self.drop("an unknown message")
        else:
            super().handle(event, now)


class RawAfterInit(MainChannel):
    """Sends a message of this type and body behind its answer to INIT."""

    raw = (0, b"")

    def on_init(self, value: main.Init, now: float) -> None:
        super().on_init(value, now)
        messages = self.line.messages
        assert messages is not None
        self.line.put(messages.send_raw(*self.raw))


@fault("undefined-type", "SPICE-FRAME-007")
class UndefinedType(RawAfterInit):
    """Sends a message of type 200 on main, which means nothing there."""

    raw = (200, b"")


@fault("malformed-fatal", "SPICE-FRAME-010", "SPICE-IMAGE-004", "SPICE-IMAGE-005", "SPICE-ROBUST-006")
class MalformedFatal(Line):
    """Ends the session when a message cannot be parsed."""

    def handle(self, event: Event, now: float) -> None:
        if isinstance(event, MalformedMessage):
            self.owner.end("a message that cannot be parsed", orderly=False)
        else:
            super().handle(event, now)


@fault("trailing-bytes-fatal", "SPICE-FRAME-011", "SPICE-IMAGE-003", "SPICE-IMAGE-005", "SPICE-IMAGE-006", "SPICE-IMAGE-014")
class TrailingBytesFatal(Line):
    """Closes a channel on which a message has bytes behind its last field."""

    def handle(self, event: Event, now: float) -> None:
        if isinstance(event, MessageReceived) and event.tail:
            self.drop("a message is too long")
        else:
            super().handle(event, now)


@fault("oversized-message", "SPICE-FRAME-012")
class OversizedMessage(RawAfterInit):
    """Sends ATTACH_CHANNELS once more with a body of 27000 bytes."""

    raw = (_ATTACH_CHANNELS, bytes(_LARGER_THAN_MAIN_TAKES))
