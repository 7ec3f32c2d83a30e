"""Faults in headers, lists, acknowledgement, pings and waiting (spec/02-framing.md)."""

from __future__ import annotations

from typing import Any

from reference_client.client import Client
from reference_client.faults.fault import fault, with_parts
from reference_client.inputs import Inputs
from reference_client.main import Main
from reference_client.member import Member
from spiceproto import dispatch, flow, framing
from spiceproto.channel import Channel, Event, MalformedMessage, MessageReceived, UnknownMessage
from spiceproto.link.events import Established
from spiceproto.messages import common, inputs, main

__all__ = ["FAULTS"]

_ATTACH_CHANNELS = 104
_LARGER_THAN_MAIN_TAKES = 27000
_MUCH_PADDING = 4096


class ChangedAnswers(Channel):
    """Answers what :meth:`change` makes of the right answer, in a list; nothing if that is empty."""

    def change(self, value: Any) -> list[Any]:
        return [value]

    def _answer(self, value: Any) -> None:
        for item in self.change(value):
            super()._answer(item)


# -- headers


class FullHeaderAlways(Client):
    """Sends full headers although both ends announced mini headers."""

    def make_channel(self, member: Member, link: Established) -> Channel:
        channel = super().make_channel(member, link)
        channel._writer.mini = False
        return channel


class MiniHeaderAlways(Client):
    """Uses mini headers whatever the server has announced."""

    def make_channel(self, member: Member, link: Established) -> Channel:
        return self.channel_class("client", member.name, True)


class SerialsFromZero(Client):
    """Counts its messages from 0 in full headers."""

    def make_channel(self, member: Member, link: Established) -> Channel:
        channel = super().make_channel(member, link)
        channel._writer.serial = -1
        return channel


class NoCountUnderMiniHeaders(Client):
    """Does not count the server's messages where headers do not number them, and so never waits long enough."""

    def _handled(self, waiting: Member, channel_type: int, channel_id: int) -> int | None:
        found = super()._handled(waiting, channel_type, channel_id)
        member = self.members.get((channel_type, channel_id))
        mini = member is not None and member.channel is not None and member.channel._writer.mini
        return None if mini else found


class _OneARead(Channel):
    def receive(self, data: bytes, now: float = 0.0, *, sender: str = "") -> None:
        before = len(self._queue)
        super().receive(data, now, sender=sender)
        whole = 0
        for at, part in enumerate(list(self._queue)):
            whole += at >= before and not getattr(part, "inside", False)
            if whole > 1:
                self._queue.pop()


class OneMessageARead(Client):
    """Handles the first message of every read and forgets the others."""

    channel_class = _OneARead


class _WholeMessages(Channel):
    def receive(self, data: bytes, now: float = 0.0, *, sender: str = "") -> None:
        super().receive(data, now, sender=sender)
        reader = self._readers["server"]
        if reader._have:
            reader._pieces, reader._have = [], 0


class MessagesInPiecesLost(Client):
    """Forgets the beginning of a message whose end comes in another read."""

    channel_class = _WholeMessages


class _AlwaysScancode(Inputs):
    def scancode(self, data: bytes) -> None:
        self.send(inputs.KeyScancode(data))


class ScancodeUninvited(Client):
    """Sends KEY_SCANCODE to a server that has not announced it."""

    parts = with_parts(inputs=_AlwaysScancode)


class UnknownTypeFatal(Client):
    """Closes a channel on which a message of an unknown type comes."""

    def handle(self, member: Member, event: Event) -> None:
        if isinstance(event, UnknownMessage):
            self._break(member, "an unknown message")
        else:
            super().handle(member, event)


class _Undefined(Main):
    def on_init(self, value: main.Init) -> None:
        super().on_init(value)
        channel = self.member.channel
        assert channel is not None
        self.client._put(self.member, channel.send_raw(200, b""))


class UndefinedType(Client):
    """Sends a message of type 200 on main, which means nothing there."""

    parts = with_parts(main=_Undefined)


class TrailingBytesFatal(Client):
    """Closes a channel on which a message has bytes behind its last field."""

    def handle(self, member: Member, event: Event) -> None:
        if isinstance(event, MessageReceived) and event.tail:
            self._break(member, "a message is too long")
        else:
            super().handle(member, event)


class _Oversized(Main):
    def on_init(self, value: main.Init) -> None:
        super().on_init(value)
        channel = self.member.channel
        assert channel is not None
        self.client._put(self.member, channel.send_raw(_ATTACH_CHANNELS, bytes(_LARGER_THAN_MAIN_TAKES)))


class OversizedMessage(Client):
    """Sends ATTACH_CHANNELS once more with a body of 27000 bytes."""

    parts = with_parts(main=_Oversized)


# -- lists


class _OtherLists(Channel):
    def _enqueue(self, sender: str, type: int, body: bytes, serial: int, offset: int, sub_list: int) -> None:
        before = len(self._queue)
        super()._enqueue(sender, type, body, serial, offset, sub_list)
        new = [self._queue.pop() for _ in range(len(self._queue) - before)][::-1]
        self._queue.extend(self.arrange(new))

    def arrange(self, parts: list[Any]) -> list[Any]:
        """The messages of one frame in the order in which they are handled."""
        return parts


class _Backwards(_OtherLists):
    def arrange(self, parts: list[Any]) -> list[Any]:
        for number, part in enumerate(parts := parts[-2::-1] + parts[-1:]):
            part.counts = number == 0
        return parts


class ListBackwards(Client):
    """Handles the messages of a list from the last to the first."""

    channel_class = _Backwards


class _WithoutInside(_OtherLists):
    def arrange(self, parts: list[Any]) -> list[Any]:
        parts[-1].counts = True
        return parts[-1:]


class IgnoresLists(Client):
    """Ignores the messages inside others."""

    channel_class = _WithoutInside


class _Lenient(Channel):
    def _enqueue(self, sender: str, type: int, body: bytes, serial: int, offset: int, sub_list: int) -> None:
        if type == framing.LIST:
            count = int.from_bytes(body[:2], "little")
            inside = []
            for at in range(2, min(2 + 4 * count, len(body) - 3), 4):
                place = int.from_bytes(body[at : at + 4], "little")
                if place + framing.MINI_HEADER_SIZE <= len(body):
                    size = int.from_bytes(body[place + 2 : place + 6], "little")
                    inside.append((int.from_bytes(body[place : place + 2], "little"), body[place + 6 : place + 6 + size]))
            body = framing.list_body(inside)
        super()._enqueue(sender, type, body, serial, offset, sub_list)


class BrokenListsAccepted(Client):
    """Takes of a list that does not lie inside its message whatever can be had."""

    channel_class = _Lenient


class _InsideCounts(_OtherLists):
    def arrange(self, parts: list[Any]) -> list[Any]:
        for part in parts:
            part.counts = True
        return parts


class CountsInsideMessages(Client):
    """Counts the messages inside others for acknowledgement."""

    channel_class = _InsideCounts


# -- acknowledgement


class _NoSync(ChangedAnswers):
    def change(self, value: Any) -> list[Any]:
        return [] if isinstance(value, common.AckSync) else [value]


class NoAckSync(Client):
    """Does not answer SET_ACK."""

    channel_class = _NoSync


class _NoAck(ChangedAnswers):
    def change(self, value: Any) -> list[Any]:
        return [] if isinstance(value, common.Ack) else [value]


class NoAck(Client):
    """Never acknowledges."""

    channel_class = _NoAck


class _Eager(flow.AckReceiver):
    def received(self) -> bool:
        return self.window > 0


class AckTooEarly(Client):
    """Acknowledges every message, whatever the window is."""

    def make_channel(self, member: Member, link: Established) -> Channel:
        channel = super().make_channel(member, link)
        channel.acks = _Eager()
        return channel


class _OtherGeneration(ChangedAnswers):
    def change(self, value: Any) -> list[Any]:
        return [common.AckSync(value.generation ^ 0x100)] if isinstance(value, common.AckSync) else [value]


class InventedGeneration(Client):
    """Answers SET_ACK with another generation."""

    channel_class = _OtherGeneration


# -- pings


class _NoPong(ChangedAnswers):
    def change(self, value: Any) -> list[Any]:
        return [] if isinstance(value, common.Pong) else [value]


class NoPong(Client):
    """Does not answer pings."""

    channel_class = _NoPong


class _OtherTimestamp(ChangedAnswers):
    def change(self, value: Any) -> list[Any]:
        return [common.Pong(value.id, value.timestamp ^ 1)] if isinstance(value, common.Pong) else [value]


class PongWithOtherTimestamp(Client):
    """Answers pings with a time stamp of its own."""

    channel_class = _OtherTimestamp


class _Padded(Channel):
    def _on_ping(self, value: common.Ping) -> None:
        answer = dispatch.build(self.table, "client", flow.pong(value))
        self._out.append(self.send_raw(answer[0], answer[1] + value.data))

    def _note(self, value: Any) -> None:
        if isinstance(value, common.Ping):
            self._on_ping(value)
        else:
            super()._note(value)


class PongWithPadding(Client):
    """Sends the padding of a ping back. The largest pong of spice-server is a body of 12 bytes."""

    channel_class = _Padded


class _NoLargePong(Channel):
    def _note(self, value: Any) -> None:
        if not _is_large_ping(value):
            super()._note(value)


def _is_large_ping(value: Any) -> bool:
    return isinstance(value, common.Ping) and len(value.data) > _MUCH_PADDING


class LargePingFatal(Client):
    """Closes a channel on which a ping with much padding comes."""

    channel_class = _NoLargePong

    def handle(self, member: Member, event: Event) -> None:
        if isinstance(event, MessageReceived) and _is_large_ping(event.value):
            self._break(member, "a large ping")
        else:
            super().handle(member, event)


# -- waiting


class IgnoresWait(Client):
    """Does not wait for other channels."""

    def _handled(self, waiting: Member, channel_type: int, channel_id: int) -> int | None:
        return None


class WaitsForMissingChannel(Client):
    """Waits for channels that are not there."""

    def _handled(self, waiting: Member, channel_type: int, channel_id: int) -> int | None:
        found = super()._handled(waiting, channel_type, channel_id)
        return -1 if found is None else found


# -- other messages of every channel


class NotifyNeedsZeroByte(Client):
    """Closes a channel on which a NOTIFY has no zero byte behind its text."""

    def handle(self, member: Member, event: Event) -> None:
        if isinstance(event, MessageReceived) and isinstance(event.value, common.Notify) and not event.value.terminator:
            self._break(member, "a text without its end")
        else:
            super().handle(member, event)


class TalksAfterDisconnecting(Client):
    """Sends another message behind DISCONNECTING."""

    def say_goodbye(self, main_member: Member) -> None:
        super().say_goodbye(main_member)
        self.send(main_member, main.AttachChannels())


class MalformedFatal(Client):
    """Ends the session when a message cannot be parsed."""

    def handle(self, member: Member, event: Event) -> None:
        if isinstance(event, MalformedMessage):
            self.end("a message that cannot be parsed", orderly=False)
        else:
            super().handle(member, event)


FAULTS = (
    fault("full-header-always", "FRAME-001 FRAME-007 FRAME-029", FullHeaderAlways),
    fault("mini-header-always", "FRAME-001", MiniHeaderAlways),
    fault("serials-from-zero", "FRAME-002", SerialsFromZero),
    fault("no-count-under-mini-headers", "FRAME-003 FRAME-034", NoCountUnderMiniHeaders),
    fault("one-message-a-read", "FRAME-004", OneMessageARead),
    fault("messages-in-pieces-lost", "FRAME-004", MessagesInPiecesLost),
    fault("scancode-uninvited", "FRAME-005", ScancodeUninvited),
    fault("unknown-type-fatal", "FRAME-006", UnknownTypeFatal),
    fault("undefined-type", "FRAME-007", UndefinedType),
    fault("malformed-fatal", "FRAME-010", MalformedFatal),
    fault("trailing-bytes-fatal", "FRAME-011", TrailingBytesFatal),
    fault("oversized-message", "FRAME-012", OversizedMessage),
    fault("list-backwards", "FRAME-015", ListBackwards),
    fault("ignores-lists", "FRAME-015", IgnoresLists),
    fault("broken-lists-accepted", "FRAME-016", BrokenListsAccepted),
    fault("counts-inside-messages", "FRAME-017 FRAME-021", CountsInsideMessages),
    fault("no-ack-sync", "FRAME-019", NoAckSync),
    fault("no-ack", "FRAME-020", NoAck),
    fault("ack-too-early", "FRAME-021", AckTooEarly),
    fault("invented-generation", "FRAME-027 FRAME-019", InventedGeneration),
    fault("no-pong", "FRAME-028", NoPong),
    fault("pong-with-other-timestamp", "FRAME-029", PongWithOtherTimestamp),
    fault("pong-with-padding", "FRAME-030", PongWithPadding),
    fault("large-ping-fatal", "FRAME-031", LargePingFatal),
    fault("ignores-wait", "FRAME-034", IgnoresWait),
    fault("waits-for-missing-channel", "FRAME-035", WaitsForMissingChannel),
    fault("notify-needs-zero-byte", "FRAME-036", NotifyNeedsZeroByte),
    fault("talks-after-disconnecting", "FRAME-037", TalksAfterDisconnecting),
)
