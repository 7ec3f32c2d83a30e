"""Messages of one direction that are looked at before they go on, cut out of those that are not.

Bytes of messages that no rule wants go on as they come. One that is wanted is gathered, up to its limit, and its fate decided;
then it goes on as it came, or as what rules made of it.

``ready`` has what is to be sent, in order: bytes, and seconds for which what is behind has to wait. Numbers in full headers
stay right when messages are dropped or added. So do the acknowledgements: a server that waits for an ACK for every so many
messages gets one for those that its client never saw, and none for those that it never sent (:class:`Acks`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from struct import Struct
from typing import TYPE_CHECKING, Final, Protocol

from spiceproto import dispatch
from spiceproto.framing import FULL_HEADER_SIZE, LIST, MINI_HEADER_SIZE
from spiceproto.limits import MESSAGE_BODY
from spiceproto.proxy.acks import ACK, SET_ACK, Acks
from spiceproto.proxy.message import Fate, Injected, Message, Wanted

if TYPE_CHECKING:
    from spiceproto.proxy.rules import Rule

__all__ = ["HELD", "HELD_BYTES", "Desk", "Editor", "Held"]

_mini = Struct("<HL")
_full = Struct("<QHLL")

HELD: Final = 1000
HELD_BYTES: Final = 16 << 20
"""Messages of a direction that wait for another one, at most, and their bytes; the oldest then goes on."""


class Desk(Protocol):
    """The connection, as far as an editor needs it."""

    def passed(self, message: Message) -> None:
        """A message has gone on, or is about to."""

    def inject(self, sender: str, type: int, body: bytes) -> None:
        """A message in either direction."""

    def told(self, rule: str, message: Message, text: str) -> None:
        """A rule has done something."""

    def failed(self, rule: str, message: Message, error: Exception) -> None:
        """A rule could not."""

    def wait_for(self, held: Held, sender: str) -> None:
        """A message waits for another one."""

    def drain(self, sender: str) -> None:
        """An editor has something ready, out of turn."""


class Held:
    """A message that waits; :meth:`release` sends it, once."""

    def __init__(self, editor: Editor, number: int, body: bytes, until: Wanted | None, *, counted: bool) -> None:
        self._editor = editor
        self._number = number
        self.body = body
        self.until = until
        self._counted = counted
        self.timer: asyncio.TimerHandle | None = None

    @property
    def waits(self) -> bool:
        """It has not gone on."""
        return self in self._editor.held

    def release(self) -> None:
        """It goes on."""
        if self.timer is not None:
            self.timer.cancel()
        if self.waits:
            self._editor.held.remove(self)
            self._editor.inject(self._number, self.body, counted=self._counted)


class Editor:
    """Of what ``sender`` says on a channel. ``rules`` are with the types that each wants, None for all."""

    def __init__(
        self,
        desk: Desk,
        sender: str,
        channel: str,
        channel_id: int,
        rules: list[tuple[Rule, frozenset[int] | None]],
        acks: Acks,
        *,
        mini: bool,
        connection: int,
    ) -> None:
        self.ready: deque[bytes | float] = deque()
        self.held: list[Held] = []
        self._desk = desk
        self._sender = sender
        self._channel = channel
        self._channel_id = channel_id
        self._rules = rules
        self._acks = acks
        self._connection = connection
        self._mini = mini
        self._header = MINI_HEADER_SIZE if mini else FULL_HEADER_SIZE
        self._known = dispatch.rows(channel, sender)
        wanted: set[int] | None = {SET_ACK} if sender == "server" else {ACK}
        for _, numbers in rules:
            wanted = None if wanted is None or numbers is None else wanted | numbers
        self._wanted = wanted
        self._pieces: list[bytes] = []
        self._have = 0
        self._need = self._header
        self._left = 0
        self._sent = 0
        self._serial = 0
        self._shift = 0
        self._late: list[tuple[int, bytes, bool]] = []

    # -- bytes

    def feed(self, data: bytes, *, sent: bool = False) -> None:
        """Bytes of the sender. ``sent`` ones went on already, and messages that begin in them are as they are."""
        if sent:
            self._sent += len(data)
        if self._have:
            self._pieces.append(data)
            self._have += len(data)
            if self._have < self._need:
                return
            data = b"".join(self._pieces)
            self._pieces.clear()
            self._have = 0
        header, mini, wanted = self._header, self._mini, self._wanted
        at = start = 0
        end = len(data)
        while True:
            if self._left:
                step = min(self._left, end - at)
                at += step
                self._left -= step
                if self._left:
                    break
            if self._late:
                self._out(data[start:at])
                start = at
                self._inject_late()
            if end - at < header:
                break
            sub_list = 0
            if mini:
                number, size = _mini.unpack_from(data, at)
                serial = self._serial + 1
            else:
                serial, number, size, sub_list = _full.unpack_from(data, at)
            if (wanted is not None and number not in wanted) or size > MESSAGE_BODY or self._sent > at - start:
                self._serial = serial
                if self._shift and not mini:
                    self._out(data[start:at])
                    self._out(_full.pack((serial + self._shift) & 0xFFFF_FFFF_FFFF_FFFF, number, size, sub_list))
                    start = at + header
                at += header
                self._left = size
                continue
            stop = at + header + size
            if stop > end:
                break
            self._out(data[start:at])
            self._serial = serial
            self._decide(number, data[at + header : stop], sub_list, data[at:stop])
            at = start = stop
        self._out(data[start:at])
        if at < end:
            self._pieces.append(data[at:] if at else data)
            self._have = end - at
            self._need = header
            if self._have >= header:
                self._need = header + (_mini.unpack_from(data, at)[1] if mini else _full.unpack_from(data, at)[2])

    def finish(self) -> None:
        """The sender says nothing more: what is not whole goes on, and what waits for another message does not any more."""
        for held in tuple(self.held):
            held.release()
        self._inject_late()
        self._out(b"".join(self._pieces))
        self._pieces.clear()
        self._have = 0

    def _out(self, data: bytes) -> None:
        if self._sent:
            gone = min(self._sent, len(data))
            self._sent -= gone
            data = data[gone:]
        if data:
            self.ready.append(data)

    # -- messages

    def _decide(self, number: int, body: bytes, sub_list: int, raw: bytes) -> None:
        message = Message(
            self._channel,
            self._channel_id,
            self._sender,
            number,
            self._serial,
            body,
            has_inside=bool(sub_list) or (self._sender == "server" and number == LIST),
            connection=self._connection,
        )
        fate = Fate(message)
        for rule, numbers in self._rules:
            if numbers is None or number in numbers:
                self._apply(rule, message, fate)
                if fate.over:
                    break
        self._acknowledge(number, message, fate)
        self._carry_out(number, message, fate, sub_list, raw)
        if fate.copies and not fate.hold:
            self._desk.passed(message)

    def _apply(self, rule: Rule, message: Message, fate: Fate) -> None:
        try:
            text = rule.apply(message, fate)
        except Exception as error:
            self._desk.failed(rule.name, message, error)
        else:
            if text:
                self._desk.told(rule.name, message, text)

    def _acknowledge(self, number: int, message: Message, fate: Fate) -> None:
        if self._sender == "server" and number == SET_ACK and fate.copies:
            self._acks.set(fate.body)
        elif self._sender == "client" and number == ACK and fate.untouched and self._acks.spares():
            fate.copies = 0

    def _carry_out(self, number: int, message: Message, fate: Fate, sub_list: int, raw: bytes) -> None:
        if fate.wait:
            self.ready.append(fate.wait)
        for item in fate.before:
            self._beside(item, fate.counted, before=1)
        if fate.hold:
            self._hold(number, fate)
        elif not fate.copies:
            self._added(-1, counted=fate.counted)
        else:
            same = fate.body is message.body and (self._mini or not self._shift)
            self._out(raw if same else self._frame(number, fate.body, self._serial + self._shift, sub_list))
            for _ in range(fate.copies - 1):
                self.inject(number, fate.body, counted=fate.counted, sub_list=sub_list)
        for item in fate.after:
            self._beside(item, fate.counted)

    def _beside(self, item: Injected, counted: bool, *, before: int = 0) -> None:
        sender, type, body = item
        if sender == self._sender:
            self.inject(type, body, counted=counted, before=before)
        else:
            self._desk.inject(sender, type, body)

    def _frame(self, number: int, body: bytes, serial: int, sub_list: int = 0) -> bytes:
        if self._mini:
            return _mini.pack(number, len(body)) + body
        return _full.pack(serial & 0xFFFF_FFFF_FFFF_FFFF, number, len(body), sub_list) + body

    def inject(self, number: int, body: bytes, *, counted: bool = True, sub_list: int = 0, before: int = 0) -> None:
        """One more message, behind the one that is on its way; with ``before`` = 1 it has the place of that one."""
        if self._left:
            self._late.append((number, body, counted))
            return
        self._added(1, counted=counted)
        self.ready.append(self._frame(number, body, self._serial + self._shift - before, sub_list))

    def _inject_late(self) -> None:
        late, self._late = self._late, []
        for number, body, counted in late:
            self.inject(number, body, counted=counted)

    def _added(self, count: int, *, counted: bool) -> None:
        """The receiver gets more, or fewer, than the sender has sent."""
        if counted:
            self._shift += count
        if self._sender == "server":
            self._acks.more += count
            if self._acks.lacks():
                self._desk.inject("client", ACK, b"")

    def _hold(self, number: int, fate: Fate) -> None:
        held = Held(self, number, fate.body, fate.until, counted=fate.counted)
        self._added(-1, counted=fate.counted)
        self.held.append(held)
        held.timer = asyncio.get_running_loop().call_later(fate.hold, self._held_long, held)
        if fate.until is not None:
            self._desk.wait_for(held, self._sender)
        while len(self.held) > HELD or sum(len(item.body) for item in self.held) > HELD_BYTES:
            self.held[0].release()

    def _held_long(self, held: Held) -> None:
        held.release()
        self._desk.drain(self._sender)
