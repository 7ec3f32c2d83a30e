"""Standard input as asyncio reads it, whatever it is: a terminal, a pipe, a socket, or a file; on Windows, by a thread."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import sys
import threading
from collections.abc import Callable
from typing import IO, Any, Final

__all__ = ["ThreadReader", "connect_standard_input", "standard_input"]

_READ: Final = 1 << 16


async def connect_standard_input(make: Callable[[], asyncio.Protocol]) -> None:
    """Have a protocol of the running loop read it."""
    loop = asyncio.get_running_loop()
    if os.name == "nt":  # whose loops read no pipe that another program has made
        ThreadReader(loop, make(), sys.stdin.fileno())
    else:
        await loop.connect_read_pipe(make, standard_input())


def standard_input() -> IO[Any]:
    """For ``loop.connect_read_pipe``, which takes no file: the bytes of one come through a pipe, from a thread."""
    mode = os.fstat(sys.stdin.fileno()).st_mode
    if stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        return sys.stdin
    end, other = os.pipe()
    threading.Thread(target=_copy, args=(os.dup(sys.stdin.fileno()), other), name="standard input", daemon=True).start()
    return os.fdopen(end, "rb", buffering=0)


def _copy(source: int, target: int) -> None:
    """All of it, or as much as somebody wants."""
    with os.fdopen(source, "rb") as file, os.fdopen(target, "wb", buffering=0) as pipe:
        try:
            shutil.copyfileobj(file, pipe)
        except OSError:
            return


class ThreadReader(asyncio.ReadTransport):
    """Reads a descriptor on a thread, one piece at a time: the next one when the protocol has had the last, and wants more."""

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: asyncio.Protocol, source: int) -> None:
        super().__init__()
        self._loop = loop
        self._protocol = protocol
        self._source = source
        self._wanted = threading.Event()
        self._closing = False
        self._paused = False
        protocol.connection_made(self)
        self._wanted.set()
        threading.Thread(target=self._work, name="standard input", daemon=True).start()

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        self._wanted.set()

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._wanted.set()
            self._loop.call_soon(self._protocol.connection_lost, None)

    def _work(self) -> None:
        """The thread."""
        data = b"begin"
        while data and not self._closing:
            self._wanted.wait()
            self._wanted.clear()
            try:
                data = b"" if self._closing else os.read(self._source, _READ)
            except OSError:
                data = b""
            try:
                self._loop.call_soon_threadsafe(self._take, data)
            except RuntimeError:  # the loop is closed
                return

    def _take(self, data: bytes) -> None:
        if self._closing:
            return
        if not data:
            self._protocol.eof_received()
            self.close()
            return
        self._protocol.data_received(data)
        if not self._paused:
            self._wanted.set()
