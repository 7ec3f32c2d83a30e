"""Unix sockets that a program of ours listens on: who is there already is left alone, and so is what is no socket.

asyncio removes whatever socket it finds at a path, which is right for one that a program left behind, and not for one on which
somebody listens.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

__all__ = ["UnixSocket", "connect_unix", "look_for_listener"]


async def connect_unix(path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to who listens there. Raises OSError."""
    if not hasattr(socket, "AF_UNIX"):
        raise OSError("this system has no Unix sockets")
    return await asyncio.open_unix_connection(path)


class UnixSocket:
    """A socket at ``path`` on which connections are taken until :meth:`close`, which removes it."""

    def __init__(self, path: Path, listener: asyncio.Server) -> None:
        self.path = path
        self._listener = listener
        self._number = path.stat().st_ino

    @classmethod
    async def listening(
        cls, path: str | Path, make: Callable[[], asyncio.BaseProtocol], *, private: bool = False
    ) -> UnixSocket:
        """Begin; at a ``private`` one only its owner can connect. Raises OSError, whose ``filename`` is the path."""
        place = Path(path)
        try:
            if not hasattr(socket, "AF_UNIX"):
                raise OSError(errno.EAFNOSUPPORT, "this system has no Unix sockets")
            look_for_listener(place)
            loop = asyncio.get_running_loop()
            if private:
                return cls(place, await loop.create_unix_server(make, sock=_bound(place)))
            return cls(place, await loop.create_unix_server(make, str(place)))
        except OSError as error:  # asyncio has words of its own, and names no path
            raise OSError(error.errno, error.strerror or str(error), str(place)) from None

    def close(self) -> None:
        """Listen no more. A socket that another program has put in its place stays."""
        self._listener.close()
        with contextlib.suppress(OSError):
            if self.path.stat().st_ino == self._number:
                self.path.unlink()


def _bound(path: Path) -> socket.socket:
    """A socket at this path, which never was anybody else's to connect to. One that a program left behind is replaced."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        made.bind(str(path))
        made.listen()
    except OSError:
        made.close()
        raise
    finally:
        os.umask(before)
    return made


def look_for_listener(path: str | Path) -> None:
    """Raises OSError for a path at which somebody listens, or something is that is no socket."""
    path = Path(path)
    try:
        found = path.stat()
    except OSError:  # nothing is there, or nothing that can be looked at: listening says which
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise OSError(errno.EEXIST, "something is there that is no socket")
    # A datagram socket asks without a connection: EPROTOTYPE says that a socket of another kind is in use there.
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as caller:
        try:
            caller.connect(str(path))
        except OSError as error:
            if error.errno != errno.EPROTOTYPE:
                return
    raise OSError(errno.EADDRINUSE, "another program listens there")
