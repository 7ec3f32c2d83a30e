"""Faults of the message layer (chapter 2)."""

from __future__ import annotations

from typing import Any

from reference_server.display import DisplayMember
from reference_server.faults.fault import fault
from reference_server.main import MainMember
from reference_server.member import Member
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

    def make_channel(self, table: str, established: Established) -> Channel:
        mini = established.server.has(CommonCapability.MINI_HEADER)
        return self.channel_class("server", table, mini)


@fault("serials-from-zero", "SPICE-FRAME-002")
class SerialsFromZero(Server):
    """Begins to count messages with 0."""

    def make_channel(self, table: str, established: Established) -> Channel:
        return self.channel_class("server", table, established.mini_header, sent_serial=-1)


@fault("serials-stand-still", "SPICE-FRAME-002")
class SerialsStandStill(Channel):
    """Gives every message the serial 1."""

    def _frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        self._writer.serial = 0
        return super()._frame(type, body, sub_list)


@fault("forgets-half-a-message", "SPICE-FRAME-004")
class ForgetsHalfAMessage(Channel):
    """Takes what follows a piece of a message for the beginning of one."""

    def receive(self, data: bytes, now: float = 0.0, *, sender: str = "") -> None:
        super().receive(data, now, sender=sender)
        for reader in self._readers.values():
            reader._pieces, reader._have = [], 0


@fault("one-message-at-a-time", "SPICE-FRAME-004")
class OneMessageAtATime(Channel):
    """Handles the first of several messages that come at once, and forgets the others."""

    def receive(self, data: bytes, now: float = 0.0, *, sender: str = "") -> None:
        super().receive(data, now, sender=sender)
        while len(self._queue) > 1:
            self._queue.pop()


@fault("monitors-config-unasked", "SPICE-FRAME-005")
class MonitorsConfigUnasked(DisplayMember):
    """Sends MONITORS_CONFIG to a client that did not announce it."""

    def client_has(self, capability: WireEnum) -> bool:
        return capability == DisplayCapability.MONITORS_CONFIG or super().client_has(capability)


# -- what is not understood, SPICE-FRAME-008 to 018


@fault("deaf-after-an-unknown-message", "SPICE-FRAME-008")
class DeafAfterAnUnknownMessage(Channel):
    """Neither skips a message that it does not know nor closes: it goes deaf."""

    def _unknown(self, part: Any) -> Any:
        self._end()


@fault("unknown-message-kills-session", "SPICE-FRAME-008", "SPICE-MAIN-020")
class UnknownMessageKillsSession(Server):
    """Ends the session because of an unknown message on any of its channels."""

    def drop(self, member: Member, text: str) -> None:
        if "an unknown message" in text:
            self.end_session(member.session, text)
        else:
            super().drop(member, text)


@fault("zeros-for-what-is-missing", "SPICE-FRAME-009")
class ZerosForWhatIsMissing(Channel):
    """Reads a body that is too short as if zeros followed it."""

    def _enqueue(self, sender: str, type: int, body: bytes, serial: int, offset: int, sub_list: int) -> None:
        if self.table == "inputs":
            body = body.ljust(16, b"\0")
        super()._enqueue(sender, type, body, serial, offset, sub_list)


@fault("refuses-longer-bodies", "SPICE-FRAME-011")
class RefusesLongerBodies(Channel):
    """Closes because of bytes behind the last field of a body."""

    def next_event(self) -> Event | None:
        event = super().next_event()
        if isinstance(event, MessageReceived) and event.tail:
            self._end()
            raise RemoteError("a longer body")
        return event


@fault("ping-of-600000-bytes", "SPICE-FRAME-012")
class PingOf600000Bytes(MainMember):
    """Sends a ping with more padding than a ping may have."""

    def ping(self, now: float, padding: int = 0) -> None:
        super().ping(now, padding if len(self.channel.pings) else 600_000)


@fault("waits-for-large-bodies", "SPICE-FRAME-013")
class WaitsForLargeBodies(Channel):
    """Waits for a body, however large it is to be."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for reader in self._readers.values():
            reader._sizes = SizeLimits({}, SizeLimit(0xFFFFFFFF, "none"))


@fault("reads-lists-outside", "SPICE-FRAME-016")
class ReadsListsOutside(Channel):
    """Finds messages inside another one behind its end."""

    _heard = b""

    def receive(self, data: bytes, now: float = 0.0, *, sender: str = "") -> None:
        self._heard += data
        super().receive(data, now, sender=sender)

    def _enqueue(self, sender: str, type: int, body: bytes, serial: int, offset: int, sub_list: int) -> None:
        around = self._heard[offset + FULL_HEADER_SIZE :] if sub_list else body
        super()._enqueue(sender, type, around, serial, offset, sub_list)


@fault("counts-messages-in-messages", "SPICE-FRAME-017", "SPICE-FRAME-002")
class CountsMessagesInMessages(MainMember):
    """Sends its first ping inside a LIST, and counts it for the serials of full headers."""

    def ping(self, now: float, padding: int = 0) -> None:
        if len(self.channel.pings):
            super().ping(now, padding)
            return
        inside = self.channel.pings.ping(now, padding)
        self.server._put(self.connection, self.channel.send_list(inside))
        self.channel._writer.serial += 1
        super().ping(now, padding)


# -- acknowledgement, SPICE-FRAME-024 and 025


class _Eager(flow.AckSender):
    __slots__ = ()

    def ack(self) -> bool:
        self._synced = True
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


@fault("closes-for-a-pong-it-did-not-ask-for", "SPICE-FRAME-032")
class ClosesForAPong(Channel):
    """Closes because of a PONG that answers no PING."""

    def _note(self, value: Any) -> None:
        if isinstance(value, common.Pong) and (value.id, value.timestamp) not in self.pings._sent:
            self._end()
            raise RemoteError("nobody asked")
        super()._note(value)


@fault("list-behind-a-uuid", "SPICE-FRAME-018")
class ListBehindAUuid(Channel):
    """Has a list with a ping in it behind the fields of UUID, under mini headers, where nothing can say so."""

    def _frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        if self.table == "main" and type == _UUID:
            ping = common.Ping(0x5EED, 0, b"")
            body, _ = with_sub_messages(body, [dispatch.build("main", "server", ping)])
        return super()._frame(type, body, sub_list)


@fault("talks-after-disconnecting", "SPICE-FRAME-037")
class TalksAfterDisconnecting(MainMember):
    """Sends one more message behind DISCONNECTING."""

    def disconnecting(self, reason: LinkErr = LinkErr.OK) -> None:
        super().disconnecting(reason)
        self.send(self.channel.pings.ping(self.server.now))


@fault("base-last", "SPICE-FRAME-038")
class BaseLast(MainMember):
    """Sends BASE_LAST behind INIT."""

    def open_session(self, now: float) -> None:
        super().open_session(now)
        self.send(common.BaseLast())
