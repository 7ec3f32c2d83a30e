"""A place where clients come in: TCP or a Unix socket. Whoever has it gets each client's socket, and reads it when he likes."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from spiceproto.unix_socket import look_for_listener

__all__ = ["Listener", "listen_tcp", "listen_unix"]

_BACKLOG: Final = 100
_EXHAUSTED: Final = 0.2
"""Seconds until the next try, when there are no descriptors."""


class Listener:
    """``accepted`` is called with each client's socket."""

    def __init__(self, listening: socket.socket, accepted: Callable[[socket.socket], object], path: str = "") -> None:
        self.path = path
        self._listening = listening
        self._accepted = accepted
        self._number = os.stat(path).st_ino if path else 0
        self._task = asyncio.get_running_loop().create_task(self._accept())

    @property
    def port(self) -> int:
        """Its port, 0 for a Unix socket."""
        return 0 if self.path else int(self._listening.getsockname()[1])

    @property
    def host(self) -> str:
        """Its address, "" for a Unix socket."""
        return "" if self.path else str(self._listening.getsockname()[0])

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, _ = await loop.sock_accept(self._listening)
            except OSError:
                await asyncio.sleep(_EXHAUSTED)
                continue
            client.setblocking(False)
            self._accepted(client)

    def close(self) -> None:
        """No more clients."""
        self._task.cancel()
        self._listening.close()
        if self.path:
            with contextlib.suppress(OSError):
                if os.stat(self.path).st_ino == self._number:
                    Path(self.path).unlink()


def _begin(found: socket.socket, place: Any) -> None:
    """Have a socket listen at a place, or close it."""
    try:
        found.bind(place)
        found.listen(_BACKLOG)
        found.setblocking(False)
    except BaseException:
        found.close()
        raise


def listen_tcp(host: str, port: int, accepted: Callable[[socket.socket], object]) -> Listener:
    """Listen; port 0 is a free one. Raises OSError, whose ``filename`` is the place."""
    try:
        family, kind, number, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        found = socket.socket(family, kind, number)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _begin(found, place)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), f"{host}, port {port}") from None
    return Listener(found, accepted)


def listen_unix(path: str, accepted: Callable[[socket.socket], object]) -> Listener:
    """Listen on a Unix socket, which is removed at the end. Raises OSError, whose ``filename`` is the path."""
    try:
        if not hasattr(socket, "AF_UNIX"):
            raise OSError(errno.EAFNOSUPPORT, "this system has no Unix sockets")
        look_for_listener(path)
        with contextlib.suppress(FileNotFoundError):
            Path(path).unlink()
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        _begin(found, path)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), path) from None
    return Listener(found, accepted, path)
