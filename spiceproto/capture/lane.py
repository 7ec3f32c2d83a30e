"""The messages of one sender of a connection, cut out of the bytes that a capture has of them.

**Speed.** Most messages of a busy capture arrive one to a segment and nothing is waiting: then a lane unpacks the header
and hands the rest on, and that is all. What else can happen is in slower methods.

**Holes.** When bytes are missing inside a message whose header was seen, its end is known: the message is lost, and the
next header stands where it should. Otherwise the lane looks for a place from which on headers follow each other
plausibly. Either way a problem says how many bytes nobody could read.

An endpoint, which never misses bytes, uses :class:`spiceproto.framing.Reader` instead.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import TYPE_CHECKING

from spiceproto import dispatch, framing, limits
from spiceproto.errors import RemoteError

if TYPE_CHECKING:
    from spiceproto.capture.conversation import Conversation

__all__ = ["Lane"]

_mini = Struct("<HL")
_full = Struct("<QHLL")
_MINI_SIZE = framing.MINI_HEADER_SIZE
_FULL_SIZE = framing.FULL_HEADER_SIZE
_LIST = 8
_RESYNC_WINDOW = 1 << 16
_RESYNC_HEADERS = 3
_LONG = 4096
"""Bytes from which on a message is worth not to be copied twice."""
_IDLE, _WAITING, _SEARCHING, _NEVER = 0, 1, 2, 3


class Lane:
    """The messages of one sender.

    ``state`` is IDLE between messages, WAITING while the bytes of one gather in ``_pending``, and SEARCHING when something has
    to be skipped first.
    """

    __slots__ = (
        "_body_left",
        "_frames",
        "_have",
        "_lost",
        "_need",
        "_pending",
        "_skipped",
        "conversation",
        "emit",
        "header",
        "hooks",
        "limit",
        "receive",
        "sender",
        "serial",
        "state",
    )

    def __init__(self, conversation: Conversation, sender: str, *, mini: bool) -> None:
        self.conversation = conversation
        self.sender = sender
        self.header = _MINI_SIZE if mini else _FULL_SIZE
        self.serial = 0
        self.limit = limits.MESSAGE_BODY
        self.hooks = conversation.hooks(sender)
        self.emit = conversation.owner.consumer.lane(conversation, sender)
        self.state = _IDLE
        self._pending: list[bytes] = []
        self._have = 0
        self._need = 0
        self._frames: list[int] = []
        self._body_left = 0
        self._lost = False
        self._skipped = 0
        self.receive = self._receiver()

    def _receiver(self) -> Callable[[bool, bytes, int, int], None]:
        """The function that takes the next bytes, for as long as the connection lasts."""
        unpack, hooks, emit, pending, frames = _mini.unpack_from, self.hooks, self.emit, self._pending, self._frames
        idle = _IDLE if self.header == _MINI_SIZE else _NEVER

        def receive(from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
            state = self.state
            if state == idle:
                size = len(chunk) - _MINI_SIZE
                if size >= 0:
                    number, length = unpack(chunk)
                    if length == size:
                        self.serial = serial = self.serial + 1
                        body = chunk[_MINI_SIZE:]
                        if number in hooks:
                            hooks[number](self, body, time_ns, frame)
                        emit(number, body, serial, time_ns, (frame,))
                        return
            elif state == _WAITING:
                self._have = have = self._have + len(chunk)
                if have < self._need:
                    pending.append(chunk)
                    frames.append(frame)
                    return
                self._have = have - len(chunk)
            self._collect(chunk, time_ns, frame)

        return receive

    def _collect(self, chunk: bytes, time_ns: int, frame: int) -> None:
        if self._body_left:  # the rest of a message that lost some of its bytes
            skip = min(self._body_left, len(chunk))
            self._body_left -= skip
            self.conversation.owner.undecoded += skip
            chunk = chunk[skip:]
            if not self._body_left:
                self.state = _IDLE
            if not chunk:
                return
        self._frames.append(frame)
        if self._pending:
            self._have += len(chunk)
            if self._have < self._need:
                self._pending.append(chunk)
                return
            chunk = self._joined(chunk, time_ns)
            self._pending.clear()
        self._have = self._need = 0
        at = 0
        if self._lost:
            found = self._find_header(chunk)
            if found is None:
                return
            self._skipped += found
            self.conversation.resynchronised(self, self._skipped, time_ns, frame)
            self._lost = False
            self._skipped = 0
            at = found
        self.state = _IDLE
        self._cut(chunk, at, time_ns, frame)

    def _joined(self, chunk: bytes, time_ns: int) -> bytes:
        """The bytes that gathered, with ``chunk``. A long message is handed on here, to be copied once and not twice."""
        over = self._have - self._need
        if self.state == _WAITING and self.header == _MINI_SIZE and self._need > _LONG and len(self._pending[0]) >= _MINI_SIZE:
            number, _ = _mini.unpack_from(self._pending[0])
            if number != _LIST:
                rest = chunk[len(chunk) - over :] if over else b""
                self._pending[0] = self._pending[0][_MINI_SIZE:]
                body = b"".join((*self._pending, chunk[: len(chunk) - over] if over else chunk))
                frames = tuple(dict.fromkeys(self._frames))
                del self._frames[:-1]
                self.serial += 1
                hook = self.hooks.get(number)
                if hook is not None:
                    hook(self, body, time_ns, frames[-1])
                self.emit(number, body, self.serial, time_ns, frames)
                return rest
        self._pending.append(chunk)
        return b"".join(self._pending)

    def _cut(self, chunk: bytes, at: int, time_ns: int, frame: int) -> None:
        """Hand on the whole messages of ``chunk`` from ``at`` on, and keep the rest."""
        end = len(chunk)
        header = self.header
        sub_list = 0
        while end - at >= header:
            if header == _MINI_SIZE:
                serial = self.serial + 1
                number, size = _mini.unpack_from(chunk, at)
            else:
                serial, number, size, sub_list = _full.unpack_from(chunk, at)
            start = at + header
            stop = start + size
            if stop > end:
                if size > self.limit:
                    self._too_long(chunk, at, number, size, time_ns, frame)
                else:
                    self._keep(chunk[at:] if at else chunk, header + size)
                return
            self.serial = serial
            body = chunk[start:stop]
            frames = tuple(dict.fromkeys(self._frames))
            if sub_list:
                self._sub_messages(body, sub_list, time_ns, frames)
            if number == _LIST and self.sender == "server":
                self._sub_messages(body, 0, time_ns, frames)
            hook = self.hooks.get(number)
            if hook is not None:
                hook(self, body, time_ns, frame)
            self.emit(number, body, serial, time_ns, frames)
            self._frames.clear()
            self._frames.append(frame)
            at = stop
        if at < end:
            self._keep(chunk[at:] if at else chunk, header)
        else:
            self._frames.clear()

    def _keep(self, rest: bytes, need: int) -> None:
        self._pending.append(rest)
        self._have = len(rest)
        self._need = need
        self.state = _SEARCHING if self._lost else _WAITING

    def _sub_messages(self, body: bytes, offset: int, time_ns: int, frames: tuple[int, ...]) -> None:
        """Messages inside the body of another; they come before it."""
        try:
            inside = framing.sub_messages(body, offset)
        except RemoteError as error:
            self.conversation.failed(self.sender, "sub-messages", error, time_ns, frames[-1])
            return
        for number, content, _ in inside:
            self.emit(number, content, self.serial, time_ns, frames)

    def _too_long(self, chunk: bytes, at: int, number: int, size: int, time_ns: int, frame: int) -> None:
        self.conversation.report(
            "error",
            "message-too-long",
            "a message is longer than any may be",
            self.sender,
            time_ns,
            frame,
            expected=f"at most {self.limit} bytes",
            actual=f"type {number}, {size} bytes",
        )
        self._lost = True
        self._skipped = 1
        self._keep(chunk[at + 1 :], 0)

    def gap(self, size: int, time_ns: int, frame: int) -> None:
        """``size`` bytes are not in the capture."""
        conversation = self.conversation
        if self._body_left and size <= self._body_left:
            self._body_left -= size
            if not self._body_left:
                self.state = _IDLE
            return
        gathered = sum(map(len, self._pending))
        left = self._need - self._have
        self._pending.clear()
        self._frames.clear()
        known = self.state == _WAITING and self._have >= self.header and size <= left
        self._have = self._need = self._body_left = 0
        if known:
            self.serial += 1
            self._body_left = left - size
            self.state = _SEARCHING if self._body_left else _IDLE
            conversation.owner.undecoded += gathered
            conversation.report(
                "warning",
                "message-lost",
                "bytes of this message are missing from the capture",
                self.sender,
                time_ns,
                frame,
                actual=f"{size} bytes missing",
            )
            return
        self._skipped += gathered
        self._lost = True
        self.state = _SEARCHING

    def _find_header(self, chunk: bytes) -> int | None:
        """Where a row of plausible messages begins. None: ``chunk`` is kept, or its end if it is long, for more bytes."""
        known = dispatch.rows(self.conversation.table, self.sender)
        for at in range(max(len(chunk) - self.header + 1, 0)):
            if self._plausible(chunk, at, known):
                return at
        if len(chunk) > _RESYNC_WINDOW:
            keep = _RESYNC_WINDOW // 2
            self._skipped += len(chunk) - keep
            chunk = chunk[-keep:]
        # Look again when there is a good deal more, so that the work stays in proportion to the bytes.
        self._keep(chunk, len(chunk) + max(len(chunk) // 2, self.header))
        return None

    def _plausible(self, chunk: bytes, at: int, known: dict[int, dispatch.Row]) -> bool:
        """Whether messages with known numbers and well-formed bodies follow each other from ``at`` on."""
        end = len(chunk)
        count = 0
        while end - at >= self.header:
            if self.header == _MINI_SIZE:
                number, size = _mini.unpack_from(chunk, at)
            else:
                _, number, size, _ = _full.unpack_from(chunk, at)
            row = known.get(number)
            if row is None or size > self.limit:
                return False
            start = at + self.header
            at = start + size
            if at > end:
                return count > 1
            tails: list[int] = []
            try:
                row.parse(chunk[start:at], tails.append)
            except RemoteError:
                return False
            if tails:
                return False
            count += 1
            if count == _RESYNC_HEADERS:
                return True
        return count > 1 and at == end

    def finish(self, time_ns: int, frame: int) -> None:
        """No more bytes will come."""
        conversation = self.conversation
        waiting = sum(map(len, self._pending))
        if self._lost and waiting:
            chunk = b"".join(self._pending)
            self._pending.clear()
            known = dispatch.rows(conversation.table, self.sender)
            found = next((at for at in range(waiting) if self._plausible(chunk, at, known)), None)
            if found is not None:
                conversation.resynchronised(self, self._skipped + found, time_ns, frame)
                self._lost = False
                self._skipped = 0
                self._frames.append(frame)
                self._cut(chunk, found, time_ns, frame)
                waiting = sum(map(len, self._pending))
        if self._lost:
            conversation.owner.undecoded += self._skipped + waiting
            conversation.report(
                "warning",
                "not-resynchronised",
                "after missing bytes, no message could be found",
                self.sender,
                time_ns,
                frame,
                actual=f"{self._skipped + waiting} bytes skipped",
            )
        elif waiting:
            conversation.owner.incomplete += waiting
            conversation.report(
                "note",
                "message-incomplete",
                "the stream ends inside a message",
                self.sender,
                time_ns,
                frame,
                expected=f"{self._need} bytes",
                actual=f"{waiting} bytes",
            )
        self._pending.clear()
        self._skipped = self._have = self._need = 0
