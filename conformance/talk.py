"""One channel after its link stage: the words in which a case sends messages, and says which it expects.

    talk.send(value)                          a message; send_raw, send_list, send_bytes: others
    talk.expect("MOUSE_MODE", current_mode=2) the next MOUSE_MODE, and its fields
    talk.wait_for("MOUSE_MODE", current_mode=2)
                                              the next that fits; those that do not are passed over
    talk.up_to("PONG", id=7)                  all that comes up to the next that fits
    talk.expect_next("INIT")                  the next message, whatever it is, has this name
    talk.expect_all(says("MOUSE_PRESS", button=4), says("MOUSE_RELEASE", button=4))
                                              the next of these names, in this order
    talk.expect_count("MOUSE_MOTION_ACK", 2)  so many in all
    talk.wait_count("MARK", within=2)         whether it has come in time; it stays in the inbox
    talk.expect_none("MOUSE_MODE", after=0, why=...)
                                              no more than so many, and none in a short quiet time
    talk.unread("MOUSE_MODE")                 what has come and no step has taken

A step that waits, waits for something: a message, the end of the channel, or a short quiet in which nothing may come.
Whatever else came before is passed over. ``why`` is for people: why the target should do this here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from conformance.boundary import Boundary
from conformance.expectation import Expected, Wanted, at_least, described, differences, holds
from conformance.network import Stream
from conformance.outcome import Failure, Unreadable
from conformance.results import Difference
from conformance.wire import Wire
from spiceproto import dispatch, flow, framing
from spiceproto.capabilities import Capabilities
from spiceproto.errors import RemoteError
from spiceproto.messages import common

__all__ = ["Message", "Talk"]

_PASSED: Final = 6
"""Messages that were passed over and are named in a failure."""


class Message(msgspec.Struct, frozen=True):
    """One message of the target.

    * ``name``: as in the specification; "type 99" for a number without meaning here
    * ``number``, ``body``, ``serial``: as they came
    * ``value``: the parsed body; None if it could not be parsed, or the number means nothing
    * ``inside``: whether it came inside another message
    * ``error``: why it could not be parsed
    """

    name: str
    number: int
    body: bytes
    serial: int
    value: Any = None
    inside: bool = False
    error: str = ""

    @property
    def parsed(self) -> Any:
        """The value. Raises Unreadable for a body that could not be parsed."""
        if self.value is None:
            raise Unreadable(f"a well-formed {self.name}", self.error or "a body that cannot be parsed")
        return self.value


class Talk:
    """The messages of one connection.

    ``answers``  whether PING, SET_ACK and acknowledgements are answered as they should be (a suite that is a client)
    ``held``     whether these answers wait: the channel was linked ahead of a migration, and nothing is to be said yet
    ``inbox``    messages of the target that no step has taken
    ``pieces``   its AGENT_DATA, also those that a step passed over which waited for something else; :meth:`drop` forgets them
    ``heard``    how often each message came, answered ones included
    ``sizes``    size of the largest body of each
    ``broken``   "" or why the bytes of the target are no messages
    """

    def __init__(
        self,
        wire: Wire,
        table: str,
        channel_id: int,
        mini_header: bool,
        *,
        client: Capabilities,
        server: Capabilities,
        answers: bool = True,
        held: bool = False,
    ) -> None:
        self.wire = wire
        self.peer = wire.peer
        self.table = table
        self.channel_id = channel_id
        self.mini_header = mini_header
        self.client = client
        self.server = server
        self.answers = answers
        self.held = held
        self.inbox: deque[Message] = deque()
        self.pieces: list[Message] = []
        self.heard: dict[str, int] = {}
        self.sizes: dict[str, int] = {}
        self.broken = ""
        self._own = wire.peer.network.own_role
        self._role = wire.peer.network.role
        self._reader = framing.Reader(mini_header)
        self._writer = framing.Writer(mini_header)
        self._boundary = Boundary(mini_header)
        self._acks = flow.AckReceiver()
        self._due: list[Any] = []
        self.peer.add_pump(self.pump)
        self.pump()

    @property
    def stream(self) -> Stream:
        """The connection."""
        return self.wire.stream

    @property
    def name(self) -> str:
        """As in "main:0"; at the destination of a migration this is said as well."""
        return f"{self.table}:{self.channel_id}{' at the destination' if self.stream.place else ''}"

    @property
    def sent_serial(self) -> int:
        """Serial of the last message that the suite sent, whether or not headers carry it."""
        return self._writer.serial

    @property
    def begun(self) -> bool:
        """Whether anything of the target's has come that no step has taken, be it a part of a message."""
        self.pump()
        return bool(self.inbox or self.broken or self._reader.pending)

    @property
    def closed(self) -> bool:
        """Whether the target has closed the channel."""
        return bool(self.stream.ended)

    def _step(self, text: str) -> None:
        self.peer.step(f"{self.name}: {text}", self.wire.number)

    # -- out

    def send(self, *values: Any, text: str = "") -> None:
        """A message, or several, each in a write of its own."""
        for value in values:
            number, body = dispatch.build(self.table, self._own, value)
            row = dispatch.row(self.table, self._own, number)
            self.send_raw(number, body, text=text or (row.name if row is not None else ""))

    def send_raw(self, number: int, body: bytes, *, sub_list: int = 0, text: str = "") -> None:
        """A message as it is, with a right header."""
        self._step(f"send {text or f'type {number}, {len(body)} bytes'}")
        self._write(self._writer.frame(number, body, sub_list))

    def send_list(self, *values: Any) -> None:
        """One LIST message that carries others."""
        body = framing.list_body([dispatch.build(self.table, self._own, value) for value in values])
        self.send_raw(framing.LIST, body, text=f"LIST of {len(values)}")

    def send_bytes(self, data: bytes, text: str) -> None:
        """Bytes as they are, header included; the serial is not counted. They may be a part of a message."""
        self._step(f"send {text}")
        self._write(data)

    def frame(self, value: Any) -> bytes:
        """The bytes of a message, for a case that cuts or joins them itself; the serial is counted."""
        return self._writer.frame(*dispatch.build(self.table, self._own, value))

    def frame_raw(self, number: int, body: bytes, *, sub_list: int = 0) -> bytes:
        """The bytes of a message as it is, behind a right header; the serial is counted."""
        return self._writer.frame(number, body, sub_list)

    def _write(self, data: bytes) -> None:
        self._boundary.sent(data)
        self.stream.send(data)
        self._answer_due()

    @property
    def whole(self) -> bool:
        """Whether no message of the suite is half sent."""
        return self._boundary.whole

    def go_on(self) -> None:
        """From now on answers wait no more."""
        self.held = False
        self._answer_due()

    def _answer_due(self) -> None:
        """Answers of the suite's own, which wait while the case has sent a part of a message."""
        while self._due and self._boundary.whole and not self.held:
            frame = self.frame(self._due.pop(0))
            self._boundary.sent(frame)
            self.stream.send(frame)

    # -- in

    def pump(self) -> None:
        """Cut what has come into messages, and answer what has to be answered."""
        received = self.stream.received
        if not received or self.broken:
            return
        data = bytes(received)
        received.clear()
        try:
            frames = self._reader.feed(data)
        except RemoteError as error:
            self.broken = str(error)
            return
        if self._reader.error is not None:
            self.broken = str(self._reader.error)
        for number, body, serial, _, sub_list in frames:
            if sub_list or (number == framing.LIST and self._role == "server"):
                for inner, content in self._inside(body, sub_list):
                    self._take(inner, content, serial, True)
            self._take(number, body, serial, False)

    def _inside(self, body: bytes, sub_list: int) -> list[tuple[int, bytes]]:
        """The messages inside one; none where they cannot be found, which the rules judge."""
        try:
            return [(number, content) for number, content, _ in framing.sub_messages(body, sub_list)]
        except RemoteError as error:
            self._step(f"skip a list of messages: {error}")
            return []

    def _take(self, number: int, body: bytes, serial: int, inside: bool) -> None:
        row = dispatch.row(self.table, self._role, number)
        value, error = None, ""
        if row is not None:
            try:
                value = row.parse(body)
            except RemoteError as problem:
                error = str(problem)
        name = row.name if row is not None else f"type {number}"
        self.heard[name] = self.heard.get(name, 0) + 1
        self.sizes[name] = max(self.sizes.get(name, 0), len(body))
        if self.answers and self._own == "client" and not self.closed:
            self._answer(value, inside)
        self.inbox.append(Message(name, number, body, serial, value, inside, error))
        if name == "AGENT_DATA":
            self.pieces.append(self.inbox[-1])

    def _answer(self, value: Any, inside: bool) -> None:
        if not inside and self._acks.received():
            self._due.append(common.Ack())
        if isinstance(value, common.SetAck):
            self._acks.set_ack(value.generation, value.window)
            self._due.append(common.AckSync(value.generation))
        elif isinstance(value, common.Ping):
            self._due.append(flow.pong(value))
        self._answer_due()

    # -- one message

    def expect_message(self, *names: str, within: float | None = None, why: str = "", text: str = "") -> Message:
        """The next message with one of these names (any, if none is given), whatever its body is.

        ``text`` stands in place of the names in what is written down. Raises Failure if it does not come in time, or the
        channel is closed first.
        """
        return self._next(names, None, within, text or " or ".join(names) or "a message", why)

    def expect(self, *names: str, within: float | None = None, why: str = "", text: str = "", **fields: Any) -> Any:
        """The value of the next message with one of these names; its fields are as given. Raises Failure."""
        what = text or " or ".join(names) or "a message"
        message = self._next(names, None, within, what if text else described(what, fields), why)
        value = message.parsed
        different = differences(message.name, value, fields)
        if different:
            reason = f" ({why})" if why else ""
            wanted = f"{message.name} {text}" if text else described(message.name, fields, value)
            raise Failure(wanted + reason, described(message.name, {name: getattr(value, name) for name in fields}), different)
        return value

    def wait_for(self, *names: str, within: float | None = None, why: str = "", text: str = "", **fields: Any) -> Any:
        """The value of the next message with one of these names whose fields are as given; others are passed over.

        Raises Failure.
        """
        what = text or described(" or ".join(names), fields)
        return self._next(names, fields, within, what, why).parsed

    def up_to(self, name: str, *, within: float | None = None, why: str = "", **fields: Any) -> list[Message]:
        """All messages up to the next with this name whose fields are as given, which is the last. Raises Failure."""
        passed: list[Message] = []
        last = self._next((name,), fields, within, f"all up to {described(name, fields)}", why, passed)
        return [*passed, last]

    def expect_next(self, name: str, *, why: str = "") -> Any:
        """The value of the next message, whatever it is: it has this name. Raises Failure."""
        message = self._next((), None, None, f"{name}, and nothing before it", why)
        if message.name != name:
            different = [Difference("next message", "name", name, message.name)]
            raise Failure(f"{name}, and nothing before it" + (f" ({why})" if why else ""), message.name, different)
        return message.parsed

    def expect_all(self, *expected: Expected, within: float | None = None, why: str = "") -> list[Any]:
        """The values of the next messages with any of these names: they come in this order. Raises Failure."""
        names = tuple(dict.fromkeys([item.name for item in expected]))
        found = []
        for place, item in enumerate(expected, 1):
            at = f"{item}, {place} of {len(expected)}"
            message = self._next(names, None, within, at, why)
            if message.name != item.name:
                raise Failure(
                    at + (f" ({why})" if why else ""), message.name, [Difference(item.name, "", item.name, message.name)]
                )
            different = differences(message.name, message.parsed, item.fields)
            if different:
                values = {name: getattr(message.value, name) for name in item.fields}
                raise Failure(at + (f" ({why})" if why else ""), described(message.name, values), different)
            found.append(message.value)
        return found

    def _next(
        self,
        names: tuple[str, ...],
        fields: Mapping[str, Any] | None,
        within: float | None,
        what: str,
        why: str,
        passed: list[Message] | None = None,
    ) -> Message:
        """The next message with one of these names; where there are ``fields``, the next that has them.

        What is passed over is added to ``passed``.
        """
        for name in names:
            self.peer.awaits(self.table, name)
        self._step(f"expect {what}")
        passed = [] if passed is None else passed
        found: Message | None = None

        def fits(message: Message) -> bool:
            if names and message.name not in names:
                return False
            return not fields or (message.value is not None and not differences(message.name, message.value, fields))

        def look() -> bool:
            nonlocal found
            while self.inbox:
                message = self.inbox.popleft()
                if fits(message):
                    found = message
                    return True
                passed.append(message)
            return self.closed or bool(self.broken)

        self.peer.run(look, within)
        if found is None:
            near = [message for message in passed if message.name in names and message.value is not None]
            different = differences(near[-1].name, near[-1].value, fields or {}) if near else ()
            raise Failure(what + (f" ({why})" if why else ""), self._instead(passed, within), different)
        return found

    def _instead(self, passed: list[Message], within: float | None) -> str:
        seen = f"; passed over: {', '.join([message.name for message in passed[-_PASSED:]])}" if passed else ""
        if self.broken:
            return f"bytes that are no message: {self.broken}{seen}"
        if self.closed:
            return f"{self.name} was {self.stream.ended}{seen}"
        seconds = self.peer.network.patience if within is None else within
        return f"nothing like it for {seconds:.3g} s{seen}"

    # -- how many

    def count(self, name: str) -> int:
        """How often a message came so far."""
        self.peer.pump_all()
        return self.heard.get(name, 0)

    def wait_count(self, name: str, wanted: int = 1, *, within: float | None = None) -> bool:
        """Whether so many of these have come in all, or come in time; they stay in the inbox."""
        self.peer.run(lambda: self.heard.get(name, 0) >= wanted or self.closed, within)
        return self.heard.get(name, 0) >= wanted

    def expect_count(self, name: str, wanted: int | Wanted, *, why: str = "", after: int = 0, settle: bool = False) -> int:
        """So many of these came in all, or since there were ``after`` of them. Raises Failure.

        They are waited for; with ``settle`` a short quiet time passes then, in which more of them would come. The number
        found is returned.
        """
        self.peer.awaits(self.table, name)
        self._step(f"expect {wanted} {name}{' more' if after else ' in all'}")
        enough = at_least(wanted) if isinstance(wanted, int) else wanted
        self.peer.run(lambda: enough.holds(self.heard.get(name, 0) - after) or self.closed)
        if settle:
            self.peer.wait_quiet()
        found = self.count(name) - after
        if not holds(found, wanted):
            state = f"; {self.name} was {self.stream.ended}" if self.closed else ""
            different = [Difference(name, "count", str(wanted), str(found))]
            raise Failure(f"{wanted} {name}" + (f" ({why})" if why else ""), f"{found}{state}", different)
        return found

    def expect_none(self, *names: str, after: int, why: str, seconds: float | None = None) -> None:
        """None of these came since there were ``after`` of them, and none comes in a short quiet time. Raises Failure.

        ``after`` is counted before what could bring one: a step in between lets it in as well.
        """
        wanted = " or ".join(names)
        self._step(f"expect no {wanted}: {why}")
        quiet = self.peer.network.quiet if seconds is None else seconds
        self.peer.run(lambda: self._heard(names) > after or self.closed, quiet)
        if found := self._heard(names) - after:
            raise Failure(f"no {wanted} ({why})", "it came", [Difference(wanted, "count", "0", str(found))])

    def _heard(self, names: tuple[str, ...]) -> int:
        return sum(self.heard.get(name, 0) for name in names)

    def unread(self, *names: str) -> list[Message]:
        """Messages with these names (any, if none is given) that have come and that no step has taken; they stay there."""
        self.peer.pump_all()
        return [message for message in self.inbox if not names or message.name in names]

    def drop(self, *names: str) -> None:
        """Forget what lies in the inbox, all of it or what has these names: what comes from now on is new."""
        self.peer.pump_all()
        kept = [message for message in self.inbox if names and message.name not in names]
        self.inbox.clear()
        self.inbox.extend(kept)
        if not names or "AGENT_DATA" in names:
            self.pieces.clear()

    # -- the end of the channel

    def expect_closed(self, within: float | None = None, *, why: str = "") -> None:
        """The target closes the channel. Raises Failure."""
        self._step("expect the channel to be closed")
        if not self.wait_closed(within):
            seconds = self.peer.network.patience if within is None else within
            reason = f" ({why})" if why else ""
            raise Failure(f"{self.name} is closed{reason}", f"it is open after {seconds:.3g} s")

    def wait_closed(self, within: float | None = None) -> bool:
        """Whether the target closes the channel in time."""
        return self.peer.run(lambda: self.closed, within)

    def expect_open(self, why: str = "") -> None:
        """The channel was not closed. Raises Failure. Ask after something else has shown that the target went on."""
        if self.closed:
            raise Failure(f"{self.name} stays open" + (f" ({why})" if why else ""), f"it was {self.stream.ended}")

    def close(self) -> None:
        """End the connection."""
        self._step("close")
        self.stream.close()
