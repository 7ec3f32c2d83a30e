"""The messages of one sender of a connection, cut out of the bytes that a capture has of them.

**Speed.** Most messages of a busy capture arrive one to a segment and nothing is waiting: then a lane unpacks the header
and hands the rest on, and that is all. What else can happen is in slower methods.

**Holes.** When bytes are missing inside a message whose header was seen, its end is known: the message is lost, and the
next header stands where it should. Otherwise the lane looks for a place from which on headers follow each other
plausibly. Either way a problem says how many bytes nobody could read.

An endpoint, which never misses bytes, uses :class:`spiceproto.framing.Reader` instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from struct import Struct

from spiceproto import dispatch, framing, limits
from spiceproto.capture.consumer import Emit, Reporter
from spiceproto.capture.diagnostics import At
from spiceproto.errors import RemoteError

__all__ = ["Hook", "Lane"]

Hook = Callable[[bytes, At], None]
"""Looks at the body of a message before it is handed on."""

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
_NO, _YES = 0, -1


class Lane:
    """The messages of one sender, with the message table of its channel.

    * ``receive``: takes the next bytes
    * ``emit``: takes the messages; ``hooks`` see some of them before
    * ``header``: size of a header
    * ``serial``: of the last message
    * ``state``: IDLE between messages, WAITING while the bytes of one gather in ``_pending``, SEARCHING when something has
      to be skipped first
    """

    __slots__ = (
        "_body_left",
        "_doubtful",
        "_frames",
        "_have",
        "_lost",
        "_need",
        "_pending",
        "_reporter",
        "_scanned",
        "_skipped",
        "_table",
        "emit",
        "header",
        "hooks",
        "limit",
        "receive",
        "sender",
        "serial",
        "state",
    )

    def __init__(
        self, table: str, sender: str, *, mini: bool, hooks: Mapping[int, Hook], emit: Emit, reporter: Reporter
    ) -> None:
        self._table = table
        self.sender = sender
        self.header = _MINI_SIZE if mini else _FULL_SIZE
        self.serial = 0
        self.limit = limits.MESSAGE_BODY
        self.hooks = {**hooks, _LIST: self._open_list} if sender == "server" else hooks
        self.emit = emit
        self._reporter = reporter
        self.state = _IDLE
        self._pending: list[bytes] = []
        self._have = 0
        self._need = 0
        self._frames: list[int] = []
        self._body_left = 0
        self._lost = False
        self._skipped = 0
        self._scanned = 0
        self._doubtful: list[tuple[int, int]] = []
        self.receive = self._receiver()

    def _receiver(self) -> Callable[[bool, bytes, int, int], None]:
        """The function that takes the next bytes, for as long as the connection lasts."""
        unpack, hooks, emit, pending, frames = _mini.unpack_from, self.hooks, self.emit, self._pending, self._frames
        sender = self.sender
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
                            hooks[number](body, At(sender, time_ns, frame))
                        emit(number, body, serial, time_ns, (frame,))
                        return
            elif state == _WAITING:
                self._have = have = self._have + len(chunk)
                if have < self._need:
                    pending.append(chunk)
                    frames.append(frame)
                    return
                self._have = have - len(chunk)
            self._collect(chunk, At(sender, time_ns, frame))

        return receive

    def _collect(self, chunk: bytes, at: At) -> None:
        if self._body_left:  # the rest of a message that lost some of its bytes
            skip = min(self._body_left, len(chunk))
            self._body_left -= skip
            self._reporter.undecoded(skip)
            chunk = chunk[skip:]
            if not self._body_left:
                self.state = _IDLE
            if not chunk:
                return
        self._frames.append(at.frame)
        if self._pending:
            self._have += len(chunk)
            if self._have < self._need:
                self._pending.append(chunk)
                return
            chunk = self._joined(chunk, at)
            self._pending.clear()
        self._have = self._need = 0
        start = 0
        if self._lost:
            found = self._find_header(chunk)
            if found is None:
                return
            self._found_again(found, at)
            start = found
        self.state = _IDLE
        self._cut(chunk, start, at)

    def _joined(self, chunk: bytes, at: At) -> bytes:
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
                    hook(body, at)
                self.emit(number, body, self.serial, at.time_ns, frames)
                return rest
        self._pending.append(chunk)
        return b"".join(self._pending)

    def _cut(self, chunk: bytes, start: int, at: At) -> None:
        """Hand on the whole messages of ``chunk`` from ``start`` on, and keep the rest."""
        end = len(chunk)
        header = self.header
        sub_list = 0
        while end - start >= header:
            if header == _MINI_SIZE:
                serial = self.serial + 1
                number, size = _mini.unpack_from(chunk, start)
            else:
                serial, number, size, sub_list = _full.unpack_from(chunk, start)
            stop = start + header + size
            if stop > end:
                if size > self.limit:
                    self._too_long(chunk[start:], number, size, at)
                else:
                    self._keep(chunk[start:] if start else chunk, header + size)
                return
            self.serial = serial
            body = chunk[start + header : stop]
            frames = tuple(dict.fromkeys(self._frames))
            if sub_list:
                self._sub_messages(number, body, sub_list, at, frames)
            hook = self.hooks.get(number)
            if hook is not None:
                hook(body, at)
            self.emit(number, body, serial, at.time_ns, frames)
            self._frames.clear()
            self._frames.append(at.frame)
            start = stop
        if start < end:
            self._keep(chunk[start:] if start else chunk, header)
        else:
            self._frames.clear()

    def _keep(self, rest: bytes, need: int) -> None:
        self._pending.append(rest)
        self._have = len(rest)
        self._need = need
        self.state = _SEARCHING if self._lost else _WAITING

    def _open_list(self, body: bytes, at: At) -> None:
        self._sub_messages(_LIST, body, 0, at, tuple(dict.fromkeys(self._frames)) or (at.frame,))

    def _sub_messages(self, type: int, body: bytes, offset: int, at: At, frames: tuple[int, ...]) -> None:
        """Messages inside the body of another; they come before it."""
        try:
            inside = framing.sub_messages(body, offset)
        except RemoteError as error:
            self._reporter.unlisted(type, len(body), error, at)
            return
        for number, content, _ in inside:
            self.emit(number, content, self.serial, at.time_ns, frames)
        self._reporter.listed(framing.list_spans(offset, inside), at)

    def _too_long(self, rest: bytes, number: int, size: int, at: At) -> None:
        actual = f"type {number}, {size} bytes"
        self._reporter.report("message-too-long", at, expected=f"at most {self.limit} bytes", actual=actual)
        self._reporter.unfinished(number, size, len(rest), at)
        self._lost = True
        self._skipped = 1
        self._scanned = 0
        self._doubtful = []
        self._keep(rest[1:], 0)

    def begins(self, chunk: bytes) -> bool:
        """Whether a message may begin here: its number has a meaning, and its size is no larger than that allows."""
        from spiceproto.size_limits import size_limits  # not at import: few connections need it

        if len(chunk) < self.header:
            return False
        number, size = _mini.unpack_from(chunk) if self.header == _MINI_SIZE else _full.unpack_from(chunk)[1:3]
        known = dispatch.rows(self._table, self.sender)
        return number in known and size <= size_limits(self._table, self.sender).of(number).size

    def gap(self, size: int, at: At, *, exact: bool = True) -> None:
        """``size`` bytes are not in the capture; unless ``exact``, that is a guess."""
        if exact and self._body_left and size <= self._body_left:
            self._body_left -= size
            if not self._body_left:
                self.state = _IDLE
            return
        gathered = sum(map(len, self._pending))
        left = self._need - self._have
        self._pending.clear()
        self._frames.clear()
        known = exact and self.state == _WAITING and self._have >= self.header and size <= left
        self._have = self._need = self._body_left = 0
        self._scanned = 0
        self._doubtful = []
        if known:
            self.serial += 1
            self._body_left = left - size
            self.state = _SEARCHING if self._body_left else _IDLE
            self._reporter.undecoded(gathered)
            self._reporter.report("message-lost", at, actual=f"{size} bytes missing")
            return
        self._skipped += gathered
        self._lost = True
        self.state = _SEARCHING

    def _find_header(self, chunk: bytes) -> int | None:
        """Where a row of plausible messages begins. None: ``chunk`` is kept, or its end if it is long, for more bytes.

        A place is looked at once, and again only when the bytes came that it waited for.
        """
        known = dispatch.rows(self._table, self.sender)
        end = len(chunk)
        scanned = max(end - self.header + 1, self._scanned)
        due = [start for start, until in self._doubtful if until <= end]
        self._doubtful = [item for item in self._doubtful if item[1] > end]
        starts: list[int] = [*due, *range(self._scanned, scanned)]
        for start in starts:
            until = self._plausible(chunk, start, known)
            if until == _YES:
                return start
            if until != _NO:
                self._doubtful.append((start, until))
        if end > _RESYNC_WINDOW:
            gone = end - _RESYNC_WINDOW // 2
            self._skipped += gone
            chunk, scanned = chunk[gone:], max(scanned - gone, 0)
            self._doubtful = [(start - gone, until - gone) for start, until in self._doubtful if start >= gone]
        self._scanned = scanned
        self._keep(chunk, 0)
        return None

    def _plausible(self, chunk: bytes, start: int, known: Mapping[int, dispatch.Row]) -> int:
        """Whether messages with known numbers and well-formed bodies follow each other from ``start`` on.

        YES, NO, or how long ``chunk`` has to be to say more.
        """
        end = len(chunk)
        count = 0
        while end - start >= self.header:
            if self.header == _MINI_SIZE:
                number, size = _mini.unpack_from(chunk, start)
            else:
                _, number, size, _ = _full.unpack_from(chunk, start)
            row = known.get(number)
            if row is None or size > self.limit:
                return _NO
            body = start + self.header
            start = body + size
            if start > end:
                return _YES if count > 1 else start
            tails: list[int] = []
            try:
                row.parse(chunk[body:start], tails.append)
            except RemoteError:
                return _NO
            if tails:
                return _NO
            count += 1
            if count == _RESYNC_HEADERS:
                return _YES
        return _YES if count > 1 and start == end else start + self.header

    def _found_again(self, behind: int, at: At) -> None:
        """Messages follow each other again, so many bytes later."""
        skipped = self._skipped + behind
        self._lost = False
        self._skipped = 0
        self._scanned = 0
        self._doubtful = []
        self._reporter.undecoded(skipped)
        self._reporter.report("resynchronised", at, actual=f"{skipped} bytes skipped")

    def _begun(self) -> tuple[int, int]:
        """Type and size in the header of the message that waits; -1 and -1 while that is not whole."""
        waiting = b"".join(self._pending)
        if len(waiting) < self.header:
            return -1, -1
        if self.header == _MINI_SIZE:
            number, size = _mini.unpack_from(waiting)
        else:
            _, number, size, _ = _full.unpack_from(waiting)
        return number, size

    def finish(self, at: At, *, ended: bool = True) -> None:
        """No more bytes will come; ``ended`` if the sender has ended, and not only the capture."""
        waiting = sum(map(len, self._pending))
        if self._lost:
            skipped = self._skipped + waiting
            self._reporter.undecoded(skipped)
            self._reporter.report("not-resynchronised", at, actual=f"{skipped} bytes skipped")
        elif waiting:
            self._reporter.incomplete(waiting)
            expected = f"{self._need} bytes"
            if ended:
                self._reporter.report("message-incomplete", at, expected=expected, actual=f"{waiting} bytes")
            else:
                self._reporter.report("message-not-seen", at, expected=expected, actual=f"{waiting} bytes")
            self._reporter.unfinished(*self._begun(), waiting, at)
        self._pending.clear()
        self._skipped = self._have = self._need = 0
