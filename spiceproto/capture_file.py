"""A capture of what a program of ours says and hears, written while it runs: bytes of SPICE, whatever was around them.

    CaptureFile   the file
    Flow          one connection in it

Each connection is a flow of TCP between the addresses that its socket has, at the times at which the program had the bytes:
behind TLS and WebSocket, and without what was said to a proxy. A connection without addresses, as of a Unix socket, is one of
127.0.0.1, from port 40001 on to port 5930. The first packet has a comment that says what is missing around it.

The file is written by a thread, and ends with a whole block whenever the program ends, even if it is killed: the system breaks
off what it writes between two pages only, and no block is in two, unless a comment makes it longer than a page. Nobody waits
for a disk: of what waits 64 MiB are kept at most, and what is more is missing, like packets that were not captured. When the
file can not be written any more, as on a full disk, it ends with the last whole block. Either is told once, and everything
else goes on. Only the owner can read a new file: what is typed is in it.

A named pipe that nobody reads is told, and is waited for beside everything else.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import Any, Final

from spiceproto import pcapng_blocks
from spiceproto.errors import in_words
from spiceproto.link_parts import LinkParts
from spiceproto.tcp_packets import LOOPBACK, Frame, TcpPackets

__all__ = ["CaptureFile", "Flow"]

_WAITING: Final = 64 << 20
"""Bytes that wait for the disk: some seconds of the busiest session."""

_STEP: Final = 512
"""What each step costs beside its bytes."""

_BATCH: Final = 1 << 18
"""Bytes from which on blocks are written."""

_PAGE: Final = 4096
_FRAME: Final = _PAGE - 32 - pcapng_blocks.LEAST
"""Bytes of the longest frame, behind whose block a page has room for a last one."""

_LOOK: Final = 0.05
"""Seconds between two looks whether somebody reads a pipe."""

_AT_THE_END: Final = 10.0
"""Seconds for what waits when the program ends."""

_CLIENT_PORT: Final = 40000
_CLIENT_PORTS: Final = 20000
_SERVER_PORT: Final = 5930

_BINARY: Final = getattr(os, "O_BINARY", 0)
"""Of Windows alone."""

_Step = Callable[[], Iterator[Frame]]


class CaptureFile:
    """Begins a file at ``path``, in place of one that is there. Raises OSError.

    * ``application``: the name of the program
    * ``tell``: is called with a sentence when something is missing in the file, from a thread
    """

    def __init__(self, path: str | Path, *, application: str, tell: Callable[[str], None]) -> None:
        self.path = str(path)
        self.failure = ""
        self._tell = tell
        self._size = 0
        self._began = time.time_ns() - time.monotonic_ns()
        self._connections = 0
        self._steps: deque[tuple[int, _Step, str, int]] = deque()  # time, packets, comment, cost
        self._waiting = 0
        self._holes = False
        self._ending = False
        self._moved = threading.Condition()
        head = pcapng_blocks.section(application=application, comment=f"what {application} said and heard, without TLS")
        self._head = [head, pcapng_blocks.interface(name=application)]
        self._file: FileIO | None = None
        self._open()
        if self._file is None:
            tell(f"{path} has no reader yet: what is said waits for one")
        self._thread = threading.Thread(target=self._work, name="capture", daemon=True)
        self._thread.start()

    def begin(self, ours: Any, theirs: Any, *, role: str, around: str = "") -> Flow:
        """A connection is there.

        * ``ours``, ``theirs``: names of its sockets, as Python has them
        * ``role``: ``client`` or ``server``: who has this file
        * ``around``: what is around its bytes, and not in the file
        """
        self._connections += 1
        here, there = _place(ours), _place(theirs)
        if here is None or there is None:
            client = LOOPBACK, _CLIENT_PORT + 1 + (self._connections - 1) % _CLIENT_PORTS
            packets = TcpPackets(client, (LOOPBACK, _SERVER_PORT), longest=_FRAME)
        else:
            packets = TcpPackets(*((here, there) if role == "client" else (there, here)), longest=_FRAME)
        return Flow(self, packets, f"not captured here: {around}" if around else "")

    def close(self) -> None:
        """Write what waits."""
        with self._moved:
            self._ending = True
            self._moved.notify()
        self._thread.join(_AT_THE_END)
        if self._thread.is_alive():
            self.failure = f"{self.path} takes nothing more: its end is missing"
            self._tell(self.failure)
        elif self._file is not None:
            self._file.close()

    def _open(self) -> None:
        """Open it, but for a pipe that nobody reads. Raises OSError."""
        pipe = _is_pipe(self.path)
        try:
            number = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY | (os.O_NONBLOCK if pipe else 0), 0o600)
        except OSError as error:
            if pipe and error.errno == errno.ENXIO:
                return
            raise
        if pipe:
            os.set_blocking(number, True)
        self._file = FileIO(number, "wb")
        self._write(self._head)

    def put(self, step: _Step, comment: str = "", size: int = 0) -> bool:
        """Packets that are to be written, made by ``step`` on the thread; whether there is room for them.

        ``size`` is how many bytes of a connection they have.
        """
        cost = size + _STEP
        with self._moved:
            if self.failure or self._ending:
                return True
            if self._waiting + cost <= _WAITING:
                self._waiting += cost
                stamp = (self._began + time.monotonic_ns()) // 1000
                self._steps.append((stamp, step, comment, cost))
                self._moved.notify()
                return True
            first, self._holes = not self._holes, True
        if first:
            self._tell(f"{self.path} is written too slowly: bytes are missing in it")
        return False

    def _work(self) -> None:
        """The thread."""
        try:
            while self._file is None:
                with self._moved:
                    over = self._moved.wait_for(lambda: self._ending, _LOOK)
                self._open()
                if over and self._file is None:
                    self._fail(f"nobody has read {self.path}: there is no capture")
                    return
        except OSError as error:
            self._fail(f"there is no capture: {in_words(error)}")
        while not self.failure:
            with self._moved:
                while not self._steps and not self._ending:
                    self._moved.wait()
                if not self._steps:
                    return
            self._write_some()

    def _write_some(self) -> None:
        """Write what waits, as far as it is one batch."""
        blocks: list[bytes] = []
        made = taken = 0
        while made < _BATCH and self._steps:
            stamp, step, comment, cost = self._steps.popleft()
            taken += cost
            for frame, length in step():
                block = pcapng_blocks.packet(stamp, frame, length, comment)
                if gap := _gap((self._size + made) % _PAGE, len(block)):
                    blocks.append(pcapng_blocks.filler(gap))
                blocks.append(block)
                made += gap + len(block)
                comment = ""
        try:
            self._write(blocks)
        except OSError as error:
            self._fail(f"the capture ends here: {in_words(error)}")
        with self._moved:
            self._waiting -= taken

    def _write(self, blocks: list[bytes]) -> None:
        """All of them; or as many of them as are whole. Raises OSError."""
        assert self._file is not None
        rest = memoryview(b"".join(blocks))
        done = 0
        try:
            while done < len(rest):
                done += self._file.write(rest[done:]) or 0
        except OSError as error:
            for block in blocks:
                if len(block) > done:
                    break
                self._size += len(block)
                done -= len(block)
            with contextlib.suppress(OSError):  # a pipe has no end that could be cut
                self._file.truncate(self._size)
            raise OSError(error.errno, error.strerror, self.path) from None
        self._size += len(rest)

    def _fail(self, text: str) -> None:
        with self._moved:
            self.failure = text
            self._steps.clear()
        self._tell(text)


class Flow:
    """One connection of a :class:`CaptureFile`; ``sender`` is ``client`` or ``server``."""

    def __init__(self, file: CaptureFile, packets: TcpPackets, comment: str) -> None:
        self._file = file
        self._packets = packets
        self._missed = {"client": 0, "server": 0}
        self._comment = ""
        self._parts = LinkParts()
        self._over = not file.put(packets.open, comment)

    def note(self, text: str) -> None:
        """A comment at the next packet."""
        self._comment = text

    def said(self, sender: str, data: bytes) -> None:
        """Bytes of SPICE."""
        if not self._over:
            for piece in self._parts.cut(sender, data):
                self._put(sender, piece)

    def closed(self, sender: str, *, reset: bool = False) -> None:
        """``sender`` has ended the connection, and the other end does it now, if it has not."""
        if self._over:
            return
        self._over = True
        missed = dict(self._missed)

        def packets() -> Iterator[Frame]:
            for one, size in missed.items():
                self._packets.skip(one, size)
            yield from self._packets.close(sender, reset=reset)
            yield from self._packets.finish()

        self._file.put(packets)

    def _put(self, sender: str, data: bytes) -> None:
        missed = self._missed[sender]

        def packets() -> Iterator[Frame]:
            self._packets.skip(sender, missed)
            return self._packets.data(sender, data, len(data))

        if self._file.put(packets, self._comment, len(data)):
            self._comment = ""
            self._missed[sender] = 0
        else:
            self._missed[sender] += len(data)


def _is_pipe(path: str) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except OSError:
        return False


def _gap(at: int, size: int) -> int:
    """Bytes between a place in a page and a block: none if the block fits there, with none or enough left behind it."""
    rest = _PAGE - at
    fits = size == rest or size + pcapng_blocks.LEAST <= rest
    return 0 if not at or fits or rest < pcapng_blocks.LEAST else rest


def _place(name: Any) -> tuple[str, int] | None:
    """The name of a socket as address and port, None for one that has none."""
    if isinstance(name, tuple) and len(name) >= 2 and isinstance(name[0], str):
        return name[0], name[1]
    return None
