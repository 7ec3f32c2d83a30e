"""A capture that is still being written: a pipe, a FIFO, or a file that grows.

``read`` of :class:`Live` gives what is there as soon as something is, and waits where nothing is, so that a packet is seen when
it arrives. Whoever wants to end early calls :meth:`Live.stop`, from a signal handler if need be: what was written before is
still read, and then the capture is at its end.

A file that grows is followed by its descriptor. Of a file that was moved or removed more may come, as long as somebody has
it open. One that was replaced by another, or cut short, ends: what stands there now is another capture.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from collections.abc import Callable
from typing import Final

from spiceproto.capture.limits import READ_CHUNK
from spiceproto.errors import LocalError

__all__ = ["Live", "Unheard"]

GROWTH: Final = 0.05
"""Seconds between two looks at a file that grows; a pipe wakes its reader by itself."""

REPLACED: Final = 1.0
"""Seconds without news after which a file that was replaced is at its end: who writes it may take a moment to let go."""

REST: Final = 0.5
"""Seconds after :meth:`Live.stop` in which a pipe may bring the rest: a program that was stopped by the same key writes what
it still holds, and then closes."""


class Unheard(Exception):
    """Nobody reads any more what is said about the capture. No OSError: the capture itself can be read."""


class Live:
    """The file object of such a capture.

    * ``name``: for people

    ``tell`` is called with what became of a file that is followed: a sentence without its subject. ``output`` is the
    descriptor that a report goes to: when nobody reads it any more, :meth:`read` raises :class:`Unheard`.
    """

    def __init__(
        self, path: str, *, follow: bool = False, tell: Callable[[str], object] | None = None, output: int | None = None
    ) -> None:
        self.name = "standard input" if path == "-" else path
        self._tell = tell
        self._fate = ""
        self._path = path
        self._output = output
        try:
            self._file = 0 if path == "-" else os.open(path, os.O_RDONLY)
            mode = os.fstat(self._file).st_mode
            if stat.S_ISDIR(mode):
                os.close(self._file)
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        except OSError as error:
            raise LocalError(
                "the capture cannot be opened", where=path, expected="a readable file", actual=error.strerror or "?"
            ) from error
        self._grows = follow and stat.S_ISREG(mode)
        self._size = 0
        self._stopped = 0.0
        self._quiet_since = 0.0
        self._bell, self._button = os.pipe()
        self._poll = select.poll()
        self._poll.register(self._bell, select.POLLIN)
        if not self._grows:
            self._poll.register(self._file, select.POLLIN)
        if output is not None:
            self._poll.register(output, 0)  # only its errors

    def stop(self) -> None:
        """Read what is there, and end."""
        if not self._stopped:
            self._stopped = time.monotonic()
            os.write(self._button, b"\0")

    def close(self) -> None:
        """Close what was opened."""
        for descriptor in (self._bell, self._button, *([] if self._path == "-" else [self._file])):
            os.close(descriptor)

    def read(self, size: int = READ_CHUNK, /) -> bytes:
        """Some bytes, at most ``size``; none only at the end."""
        return self._grown(size) if self._grows else self._piped(size)

    def _wait(self, seconds: float | None) -> bool:
        """Until the capture can be read, :meth:`stop` is called or the time is over; whether it can be read."""
        found = dict(self._poll.poll(None if seconds is None else max(0, int(seconds * 1000))))
        if self._output in found:
            raise Unheard
        if self._bell in found:
            self._poll.unregister(self._bell)
        return self._file in found

    def _piped(self, size: int) -> bytes:
        while True:
            left = self._stopped + REST - time.monotonic() if self._stopped else None
            if left is not None and left <= 0:
                return b""
            if self._wait(left):
                return os.read(self._file, size)

    def _grown(self, size: int) -> bytes:
        while True:
            data = os.read(self._file, size)
            if data:
                self._size += len(data)
                self._quiet_since = 0.0
                return data
            if self._stopped or self._is_over():
                return b""
            self._wait(GROWTH)

    def _is_over(self) -> bool:
        """Whether nothing more can come of the file that was opened; what became of it is told."""
        mine = os.fstat(self._file)
        if mine.st_size < self._size:
            self._becomes("was cut short: what it held before is shown")
            return True
        try:
            there = os.stat(self._path)
        except OSError:
            self._becomes("was moved or removed: what is still written to it is shown")
            return False
        if os.path.samestat(mine, there):
            return False
        self._becomes("was replaced by another file: what it held is shown, the new one needs a new start")
        now = time.monotonic()
        self._quiet_since = self._quiet_since or now
        return now >= self._quiet_since + REPLACED

    def _becomes(self, fate: str) -> None:
        if fate != self._fate:
            self._fate = fate
            if self._tell is not None:
                self._tell(fate)
