"""Faults of the message layer (spec/02-framing.md)."""

from __future__ import annotations

from typing import Any

import msgspec

from reference_server.channels.base import ServerChannel
from reference_server.channels.cursor import CursorChannel
from reference_server.channels.display import DisplayChannel
from reference_server.channels.inputs import InputsChannel
from reference_server.channels.main import MainChannel
from reference_server.faults.fault import fault
from reference_server.line import Line
from reference_server.server import Server
from spiceproto import dispatch, flow
from spiceproto.channel import Channel, Event, MessageReceived
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import CommonCapability, DisplayCapability
from spiceproto.enums.link import LinkErr
from spiceproto.errors import RemoteError
from spiceproto.framing import FULL_HEADER_SIZE, with_sub_messages
from spiceproto.link.events import Established
from spiceproto.messages import common
from spiceproto.messages.main import Uuid
from spiceproto.size_limits import SizeLimit, SizeLimits

_UUID = dispatch.row_of("main", "server", Uuid(bytes(16))).number

# -- headers, SPICE-FRAME-001 to 005


@fault("mini-headers-always", "SPICE-FRAME-001", "SPICE-MAIN-001")
class MiniHeadersAlways(Server):
    """Uses mini headers towards a client that did not announce them."""

    def make_messages(self, kind: type[ServerChannel], event: Established) -> Channel:
        mini = event.server.has(CommonCapability.MINI_HEADER)
        return super().make_messages(kind, msgspec.structs.replace(event, mini_header=mini))


class _FullHeaders(Channel):
    """Has full headers whatever was agreed."""

    def __init__(self, role: Any, table: str, mini_header: bool, **options: Any) -> None:
        super().__init__(role, table, False, **options)


@fault("full-headers-on-cursor", "SPICE-FRAME-001", "SPICE-FRAME-041", "SPICE-MIG-040")
class FullHeadersOnCursor(CursorChannel):
    """Sends full headers on cursor, and reads them there, although both ends announced mini headers."""

    messages_class = _FullHeaders


@fault("full-headers-on-display", "SPICE-FRAME-001")
class FullHeadersOnDisplay(DisplayChannel):
    """Sends full headers on display, and reads them there, although both ends announced mini headers."""

    messages_class = _FullHeaders


@fault("serials-from-zero", "SPICE-FRAME-002")
class SerialsFromZero(Channel):
    """Begins to count messages with 0."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.writer.serial = -1


@fault("serials-stand-still", "SPICE-FRAME-002")
class SerialsStandStill(Channel):
    """Gives every message the serial 1."""

    def frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        self.writer.serial = 0
        return super().frame(type, body, sub_list)


@fault("forgets-half-a-message", "SPICE-FRAME-004")
class ForgetsHalfAMessage(Channel):
    """Takes what follows a piece of a message for the beginning of one."""

    def receive(self, data: bytes, now: float = 0.0, *, sender: str = "") -> None:
        super().receive(data, now, sender=sender)
        for reader in self.readers.values():
            reader.forget()


@fault("one-message-at-a-time", "SPICE-FRAME-004")
class OneMessageAtATime(Channel):
    """Handles the first of several messages that come at once, and forgets the others."""

    def receive(self, data: bytes, now: float = 0.0, *, sender: str = "") -> None:
        super().receive(data, now, sender=sender)
        while len(self.queue) > 1:
            self.queue.pop()


@fault("monitors-config-unasked", "SPICE-FRAME-005")
class MonitorsConfigUnasked(DisplayChannel):
    """Sends MONITORS_CONFIG to a client that did not announce it."""

    def client_has(self, capability: WireEnum) -> bool:
        return capability == DisplayCapability.MONITORS_CONFIG or super().client_has(capability)


# -- what is not understood, SPICE-FRAME-008 to 018


@fault("deaf-after-an-unknown-message", "SPICE-FRAME-008")
class DeafAfterAnUnknownMessage(Channel):
    """Neither skips a message that it does not know nor closes: it goes deaf."""

    def unknown(self, part: Any) -> Any:
        self.end()


@fault("unknown-message-kills-session", "SPICE-FRAME-008", "SPICE-MAIN-020")
class UnknownMessageKillsSession(Server):
    """Ends the session because of an unknown message on any of its channels."""

    def drop(self, line: Line, text: str) -> None:
        if line.session is not None and "an unknown message" in text:
            self.end_session(line.session, text)
        else:
            super().drop(line, text)


class _WithZeros(Channel):
    def enqueue(self, sender: str, type: int, body: bytes, serial: int, offset: int, sub_list: int) -> None:
        super().enqueue(sender, type, body.ljust(16, b"\0"), serial, offset, sub_list)


@fault("zeros-for-what-is-missing", "SPICE-FRAME-009")
class ZerosForWhatIsMissing(InputsChannel):
    """Reads a body that is too short as if zeros followed it."""

    messages_class = _WithZeros


@fault("refuses-longer-bodies", "SPICE-FRAME-011")
class RefusesLongerBodies(Channel):
    """Closes because of bytes behind the last field of a body."""

    def next_event(self) -> Event | None:
        event = super().next_event()
        if isinstance(event, MessageReceived) and event.tail:
            self.end()
            raise RemoteError("a longer body")
        return event


@fault("ping-of-600000-bytes", "SPICE-FRAME-012")
class PingOf600000Bytes(MainChannel):
    """Sends a ping with more padding than a ping may have."""

    def ping(self, now: float, padding: int = 0) -> None:
        super().ping(now, padding if len(self.messages.pings) else 600_000)


@fault("waits-for-large-bodies", "SPICE-FRAME-013")
class WaitsForLargeBodies(Channel):
    """Waits for a body, however large it is to be."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for reader in self.readers.values():
            reader.sizes = SizeLimits({}, SizeLimit(0xFFFFFFFF, "none"))


@fault("reads-lists-outside", "SPICE-FRAME-016")
class ReadsListsOutside(Channel):
    """Finds messages inside another one behind its end."""

    _heard = b""

    def receive(self, data: bytes, now: float = 0.0, *, sender: str = "") -> None:
        self._heard += data
        super().receive(data, now, sender=sender)

    def enqueue(self, sender: str, type: int, body: bytes, serial: int, offset: int, sub_list: int) -> None:
        around = self._heard[offset + FULL_HEADER_SIZE :] if sub_list else body
        super().enqueue(sender, type, around, serial, offset, sub_list)


@fault("counts-messages-in-messages", "SPICE-FRAME-017", "SPICE-FRAME-002")
class CountsMessagesInMessages(MainChannel):
    """Sends its first ping inside a LIST, and counts it for the serials of full headers."""

    def ping(self, now: float, padding: int = 0) -> None:
        if len(self.messages.pings):
            super().ping(now, padding)
            return
        inside = self.messages.pings.ping(now, padding)
        self.line.put(self.messages.send_list(inside))
        self.messages.writer.serial += 1
        super().ping(now, padding)


# -- acknowledgement, SPICE-FRAME-024 and 025


class _Eager(flow.AckSender):
    __slots__ = ()

    def ack(self) -> bool:
        self.synced = True
        return super().ack()


@fault("counts-acks-before-ack-sync", "SPICE-FRAME-024", "SPICE-FRAME-025")
class CountsAcksBeforeAckSync(Channel):
    """Counts an ACK that came before the ACK_SYNC."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.ack_sender = _Eager()


@fault("ignores-the-window", "SPICE-FRAME-025")
class IgnoresTheWindow(Channel):
    """Sends on without an ACK."""

    @property
    def blocked(self) -> bool:
        return False


@fault("four-windows", "SPICE-FRAME-025")
class FourWindows(Channel):
    """Has four windows under way without an ACK."""

    @property
    def blocked(self) -> bool:
        return self.ack_sender.open > 4 * self.ack_sender.window > 0


# -- ping and leaving, SPICE-FRAME-032 to 038


@fault("closes-for-an-early-ack", "SPICE-FRAME-039")
class ClosesForAnEarlyAck(Channel):
    """Closes a channel for an ACK before any SET_ACK."""

    def note(self, value: Any) -> None:
        if isinstance(value, common.Ack) and not self.ack_sender.generation:
            self.end()
            raise RemoteError("an ACK, and nobody has asked for one")
        super().note(value)


@fault("closes-for-a-pong-it-did-not-ask-for", "SPICE-FRAME-032", "SPICE-ROBUST-003")
class ClosesForAPong(Channel):
    """Closes because of a PONG that answers no PING."""

    def note(self, value: Any) -> None:
        if isinstance(value, common.Pong) and value not in self.pings:
            self.end()
            raise RemoteError("nobody asked")
        super().note(value)


class _ListBehindUuid(Channel):
    def frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        if type == _UUID:
            ping = common.Ping(0x5EED, 0, b"")
            body, _ = with_sub_messages(body, [dispatch.build("main", "server", ping)])
        return super().frame(type, body, sub_list)


@fault("list-behind-a-uuid", "SPICE-FRAME-018", "SPICE-FRAME-044")
class ListBehindAUuid(MainChannel):
    """Has a list with a ping in it behind the fields of UUID, under mini headers, where nothing can say so."""

    messages_class = _ListBehindUuid


@fault("talks-after-disconnecting", "SPICE-FRAME-037")
class TalksAfterDisconnecting(MainChannel):
    """Sends one more message behind DISCONNECTING."""

    def disconnecting(self, reason: LinkErr) -> None:
        super().disconnecting(reason)
        self.send(self.messages.pings.ping(self.host.now))


@fault("base-last", "SPICE-FRAME-038")
class BaseLast(MainChannel):
    """Sends BASE_LAST behind INIT."""

    def open_session(self, now: float) -> None:
        super().open_session(now)
        self.send(common.BaseLast())
