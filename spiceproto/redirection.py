"""What the packets of a usbredir channel have to be, by what was said before.

When a device may be announced and asked is a table (:mod:`spiceproto.rules.usbredir`). Here the packets are taken out of
DATA and COMPRESSED_DATA, and it is looked at what no table compares: what comes first, widths and sizes by what both sides have
announced, answers with what was asked, and lengths with data. What is not known, because a channel is joined midway or
something was missed, is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from spiceproto import byte_channel, usbredir_packets
from spiceproto.comparison import Carried
from spiceproto.enums.usbredir import UsbredirCapability as Can
from spiceproto.enums.usbredir import UsbStatus
from spiceproto.errors import MissingExtraError, RemoteError
from spiceproto.finding import Finding
from spiceproto.messages import usbredir
from spiceproto.usbredir import Packet, Usbredir
from spiceproto.usbredir_filter import Filter
from spiceproto.usbredir_packets import is_in

__all__ = ["REQUIREMENTS", "Redirection"]

_FIRST, _EARLY, _WIDTH, _BODY = "SPICE-USB-001", "SPICE-USB-003", "SPICE-USB-004", "SPICE-USB-005"
_STREAMS, _NEED, _ACK = "SPICE-USB-007", "SPICE-USB-009", "SPICE-USB-015"
_UNASKED, _LONGER, _ECHO, _NAMES = "SPICE-USB-016", "SPICE-USB-018", "SPICE-USB-019", "SPICE-USB-020"
_LENGTH, _READ, _STARTED, _FILTER = "SPICE-USB-021", "SPICE-USB-022", "SPICE-USB-027", "SPICE-USB-028"

REQUIREMENTS: Final = {
    _FIRST: "is about the first bytes of a stream",
    _EARLY: "is about any packet",
    _WIDTH: "is about the width of a field of every header",
    _BODY: "the layout of each packet is in the schemas",
    _STREAMS: "compares the bits of one field",
    _NEED: "the capabilities that packets need are in a table of their own, spiceproto.usbredir_packets",
    _ACK: "depends on what both sides have announced",
    _UNASKED: "compares an answer with what was asked under its number",
    _LONGER: "compares a size with a field of another packet",
    _ECHO: "is about the data of an answer",
    _NAMES: "compares a field with that of another packet",
    _LENGTH: "compares a field with a size",
    _READ: "compares a field with a size",
    _STARTED: "compares a field with those of earlier packets",
    _FILTER: "is about the text of a field",
}
"""Sentences that are judged here, and why no machine can."""

_STREAM: Final = ("DATA", "COMPRESSED_DATA")
"""What carries the bytes of the stream."""

OUTSTANDING: Final = 4096
"""Requests that are remembered; behind that answers are not compared any more."""

_ANSWERS: Final[Mapping[type, type]] = {
    usbredir.SetConfiguration: usbredir.ConfigurationStatus,
    usbredir.GetConfiguration: usbredir.ConfigurationStatus,
    usbredir.SetAltSetting: usbredir.AltSettingStatus,
    usbredir.GetAltSetting: usbredir.AltSettingStatus,
    usbredir.AllocBulkStreams: usbredir.BulkStreamsStatus,
    usbredir.FreeBulkStreams: usbredir.BulkStreamsStatus,
    usbredir.ControlPacket: usbredir.ControlPacket,
    usbredir.BulkPacket: usbredir.BulkPacket,
    usbredir.BulkPacketShort: usbredir.BulkPacketShort,
}
"""What is answered once, and by what. Streams may also break off by themselves, so their answers are not compared."""

_DATA: Final[Mapping[type, int]] = {
    usbredir.ControlPacket: 10,
    usbredir.BulkPacket: 10,
    usbredir.BulkPacketShort: 8,
    usbredir.IsoPacket: 4,
    usbredir.InterruptPacket: 4,
    usbredir.BufferedBulkPacket: 10,
}
"""Packets with data, and the bytes in front of it."""

_STARTS: Final = (usbredir.StartIsoStream, usbredir.StartInterruptReceiving, usbredir.StartBulkReceiving)
_STARTED_BY_THESE: Final = (usbredir.IsoPacket, usbredir.InterruptPacket, usbredir.BufferedBulkPacket)


class Redirection:
    """One channel. ``midway`` says that it did not begin here."""

    __slots__ = ("_asked", "_channel", "_count", "_leaving", "_over", "_started", "_stream", "_there", "_whole")

    def __init__(self, channel: tuple[int, int], *, midway: bool = False) -> None:
        self._channel = channel
        self._stream = Usbredir(midway=midway)
        self._whole = not midway
        self._over: set[str] = set()
        self._asked: dict[int, list[Any]] = {}
        self._count = 0
        self._started: set[int] = set()
        self._there = self._leaving = False

    def forget(self, sender: str) -> None:
        """Some of what this side said was missed."""
        self._stream.lose(sender)
        self._whole = self._leaving = False

    def judge(self, sender: str, name: str, value: Any, now: float) -> Iterator[Finding | Carried]:
        """The packets that a DATA or COMPRESSED_DATA ends, each with what is wrong with it behind it."""
        if name not in _STREAM or value is None or sender in self._over:
            return
        try:
            data = byte_channel.unpack(value)
        except (RemoteError, MissingExtraError):
            self._over |= {sender}  # whose mistake that is, is a matter of messages, or of what is installed here
            self._whole = False
            return
        first = not self._stream.begun(sender)
        try:
            found = self._stream.receive(sender, data)
        except RemoteError as error:
            self._over |= {sender}
            self._whole = False
            wrong, text = (_FIRST, "a stream that does not begin with HELLO") if first else self._unreadable(data)
            yield self._finding(wrong, sender, text, error.expected or "", error.actual or "", now)
            return
        for packet in found:
            yield Carried(packet.name, packet.value)
            yield from self._packet(sender, packet, now)

    def _unreadable(self, data: bytes) -> tuple[str, str]:
        """Which sentence bytes break that are no packets: ids of the other width are told apart."""
        wide = bool((self._stream.common or 0) >> Can.IDS_64BITS & 1)
        if self._stream.common is not None and usbredir_packets.fill(data, wide=not wide):
            return _WIDTH, "ids of another width than both sides have announced"
        return _BODY, "bytes that are no packet"

    def _finding(self, requirement: str, sender: str, text: str, expected: str, actual: Any, now: float) -> Finding:
        return Finding(requirement, sender, self._channel, text, expected, str(actual), now)

    def _packet(self, sender: str, packet: Packet, now: float) -> Iterator[Finding]:
        value, name = packet.value, packet.name
        other = "server" if sender == "client" else "client"
        if packet.hello is not None:
            if Can.BULK_STREAMS in _named(packet) and Can.EP_INFO_MAX_PACKET_SIZE not in _named(packet):
                text = "BULK_STREAMS is announced without EP_INFO_MAX_PACKET_SIZE"
                yield self._finding(_STREAMS, sender, text, "both, or neither", "BULK_STREAMS", now)
            return
        if self._whole and not self._stream.begun(other):
            yield self._finding(_EARLY, sender, f"{name} before the other side has said HELLO", "HELLO first", name, now)
        need = usbredir_packets.NEEDS.get(packet.header.type)
        if need is not None and self._stream.common is not None and not self._stream.common >> need & 1:
            yield self._finding(_NEED, sender, name, need.name, "", now)
        if packet.error is not None or packet.stray:
            expected = packet.error.expected if packet.error is not None else f"{packet.header.length - packet.stray} bytes"
            text = f"{name} has another body than is agreed"
            yield self._finding(_BODY, sender, text, expected or "", f"{packet.header.length} bytes", now)
        if value is None:
            return
        yield from self._data(sender, packet, now)
        if sender == "server":
            self._ask(packet)
        else:
            yield from self._answer(packet, now)
        if isinstance(value, usbredir.FilterFilter):
            yield from self._filter(sender, packet, now)

    # -- lengths

    def _data(self, sender: str, packet: Packet, now: float) -> Iterator[Finding]:
        value = packet.value
        head = _DATA.get(type(value))
        if head is None:
            return
        have, length = packet.header.length - head, _length(value)
        reads = is_in(value.endpoint)
        if sender == "server" and reads and have:
            yield self._finding(_READ, sender, f"{packet.name} that reads has data", "0 bytes", f"{have} bytes", now)
        if sender == "client" and not reads and have:
            yield self._finding(_ECHO, sender, f"{packet.name} gives back what was written", "0 bytes", f"{have} bytes", now)
        carries = reads == (sender == "client")
        if carries and length != have:
            yield self._finding(_LENGTH, sender, f"length of {packet.name}", f"{have} bytes", f"{length} bytes", now)

    # -- requests and their answers

    def _ask(self, packet: Packet) -> None:
        value = packet.value
        if isinstance(value, _STARTS):
            self._started.add(value.endpoint)
        elif isinstance(value, usbredir.DeviceDisconnectAck):
            self._leaving = False
        elif type(value) in _ANSWERS:
            self._asked.setdefault(packet.header.id, []).append(value)
            self._count += 1
            if self._count > OUTSTANDING:
                self._asked.clear()
                self._count, self._whole = 0, False

    def _answer(self, packet: Packet, now: float) -> Iterator[Finding]:
        value, name = packet.value, packet.name
        if isinstance(value, usbredir.DeviceDisconnect):
            self._leaving = self._there and bool((self._stream.common or 0) >> Can.DEVICE_DISCONNECT_ACK & 1)
            self._there = False
            self._started.clear()
        elif isinstance(value, usbredir.DeviceConnect | usbredir.DeviceConnectShort):
            if self._leaving:
                text = "DEVICE_CONNECT before DEVICE_DISCONNECT was acknowledged"
                yield self._finding(_ACK, "client", text, "DEVICE_DISCONNECT_ACK first", name, now)
            self._there, self._leaving = True, False
        if isinstance(value, _STARTED_BY_THESE) and is_in(value.endpoint):
            if self._whole and value.endpoint not in self._started:
                yield self._finding(_STARTED, "client", f"{name} of an endpoint that was not started", "", value.endpoint, now)
            return
        if type(value) not in _ANSWERS.values():
            return
        waiting = self._asked.get(packet.header.id, [])
        asked = next((item for item in waiting if _ANSWERS[type(item)] is type(value)), None)
        if asked is None:
            if self._whole:
                yield self._finding(_UNASKED, "client", f"{name} answers nothing", "an id that waits", packet.header.id, now)
            return
        waiting.remove(asked)
        self._count -= 1
        if not waiting:
            del self._asked[packet.header.id]
        if hasattr(asked, "endpoint"):
            yield from self._compare(packet, asked, now)

    def _compare(self, packet: Packet, asked: Any, now: float) -> Iterator[Finding]:
        value, name = packet.value, packet.name
        said, wished = (_names(value), _names(asked))
        if said != wished:
            yield self._finding(_NAMES, "client", f"{name} names another transfer", wished, said, now)
        have, most = packet.header.length - _DATA[type(value)], _length(asked)
        if is_in(asked.endpoint) and have > most and value.status != UsbStatus.BABBLE:
            yield self._finding(_LONGER, "client", f"{name} has more than was wished", f"at most {most} bytes", have, now)

    def _filter(self, sender: str, packet: Packet, now: float) -> Iterator[Finding]:
        text = bytes(packet.value.filter)
        if len(text) != packet.header.length:
            return  # only its beginning is kept
        wrong = "" if text.endswith(b"\0") else "no zero byte"
        try:
            Filter.parse(text.rstrip(b"\0").decode("ascii", "replace"))
        except RemoteError as error:
            wrong = wrong or str(error)
        if wrong:
            yield self._finding(
                _FILTER, sender, "FILTER_FILTER has no rules that can be read", "rules and a zero byte", wrong, now
            )


def _named(packet: Packet) -> tuple[int, ...]:
    announced = usbredir_packets.bits(packet.hello) if packet.hello is not None else 0
    return tuple([bit for bit in Can if announced >> bit & 1])


def _length(value: Any) -> int:
    """What a packet says of the size of its data."""
    bulk = isinstance(value, usbredir.BulkPacket | usbredir.BulkPacketShort)
    return usbredir_packets.bulk_length(value) if bulk else int(value.length)


def _names(value: Any) -> str:
    """Which transfer a packet is about."""
    stream = getattr(value, "stream_id", None)
    return f"endpoint {value.endpoint:#04x}" + (f", stream {stream}" if stream is not None else "")
