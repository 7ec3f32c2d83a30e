"""Who has a port at the command: ``--port NAME=...``, where NAME is the one that the server says.

    stdio        what comes is written to standard output, and standard input is sent
    file:PATH    what comes is written behind what the file has
    unix:PATH    a socket on which one program at a time has the port

Nothing is read from a program while the guest has the port closed or is behind, and nothing more from the server while a
program does not take what came.
"""

from __future__ import annotations

import asyncio
import os
import select
import sys
from collections.abc import Callable, Sequence
from io import FileIO
from pathlib import Path
from typing import Final

from reference_client.port_user import PortUser, Writes
from spiceproto.errors import LocalError
from spiceproto.standard_input import connect_standard_input
from spiceproto.unix_socket import UnixSocket

__all__ = ["PortPrograms"]

_HIGH_WATER: Final = 1 << 20
_KINDS: Final = ("stdio", "file:PATH", "unix:PATH")


class PortPrograms:
    """All of one command. Raises LocalError for a wish that is none; OSError for a file that can not be written.

    * ``moved``: to be called when a user takes bytes again, or has written some: the shell's turn
    """

    def __init__(self, wishes: Sequence[str]) -> None:
        self.moved: Callable[[], None] = lambda: None
        self._users: dict[str, _User] = {}
        for text in wishes:
            name, _, behind = text.partition("=")
            kind, _, path = behind.partition(":")
            if not name or name in self._users:
                raise LocalError("not a port", expected=f"NAME={' or NAME='.join(_KINDS)}, each name once", actual=repr(text))
            if behind == "stdio":
                self._users[name] = _Pipes(self)
            elif kind == "file" and path:
                self._users[name] = _File(self, path)
            elif kind == "unix" and path:
                self._users[name] = _Socket(self, path)
            else:
                raise LocalError("not a port", expected=f"NAME={' or NAME='.join(_KINDS)}", actual=repr(text))
        if sum(isinstance(user, _Pipes) for user in self._users.values()) > 1:
            raise LocalError("standard input is one port's")

    @property
    def uses_pipes(self) -> bool:
        """Whether standard input and output are a port's."""
        return any(isinstance(user, _Pipes) for user in self._users.values())

    def user(self, name: str) -> PortUser | None:
        """For :class:`~reference_client.options.Options`."""
        return self._users.get(name)

    async def begin(self) -> None:
        """In the loop, before the session. Raises OSError."""
        for user in self._users.values():
            await user.begin()

    def close(self) -> list[str]:
        """The session is over; names of ports that no server had."""
        for user in self._users.values():
            user.close()
        return [name for name, user in self._users.items() if not user.met]


class _User:
    """Someone with a port. ``met`` says whether the server had it."""

    def __init__(self, programs: PortPrograms) -> None:
        self.programs = programs
        self.port: Writes | None = None
        self.met = False
        self.full = False

    async def begin(self) -> None:
        """In the loop."""

    def linked(self, port: Writes) -> None:
        self.port, self.met = port, True

    def moved(self) -> None:
        """Read of the program, or do not."""

    def receive(self, data: bytes) -> None:
        raise NotImplementedError

    def ended(self) -> None:
        self.port = None
        self.moved()

    def close(self) -> None:
        """The session is over."""

    @property
    def takes(self) -> bool:
        """Whether the guest takes what is written."""
        return self.port is not None and self.port.opened and self.port.room

    def write(self, data: bytes) -> None:
        """Bytes of a program."""
        if self.port is not None and self.port.opened:
            self.port.write(data)
            self.programs.moved()


def _write(file: FileIO, data: bytes, name: str) -> None:
    """All of it, however little of it is taken at once. Raises OSError, whose ``filename`` is the name.

    Standard output may be the same socket or terminal as standard input, which asyncio does not let block.
    """
    rest = memoryview(data)
    try:
        while rest:
            count = file.write(rest)
            if count is None:
                select.select([], [file], [])
            else:
                rest = rest[count:]
    except OSError as error:
        raise OSError(error.errno, error.strerror, name) from None


class _File(_User):
    def __init__(self, programs: PortPrograms, path: str) -> None:
        super().__init__(programs)
        self._path = path
        self._file = FileIO(path, "ab")

    def receive(self, data: bytes) -> None:
        _write(self._file, data, self._path)

    def close(self) -> None:
        self._file.close()


class _Program(asyncio.Protocol):
    """Bytes of a program, and the way to it."""

    transport: asyncio.Transport | None = None

    def __init__(self, user: _Served) -> None:
        self._user = user
        self._reads = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self._user.came(self)

    def pace(self, reads: bool) -> None:
        """Read, or do not."""
        if self.transport is not None and reads != self._reads and not self.transport.is_closing():
            self._reads = reads
            (self.transport.resume_reading if reads else self.transport.pause_reading)()

    def data_received(self, data: bytes) -> None:
        self._user.write(data)
        self._user.moved()

    def pause_writing(self) -> None:
        self._user.full = True

    def resume_writing(self) -> None:
        self._user.full = False
        self._user.programs.moved()

    def connection_lost(self, error: Exception | None) -> None:
        self._user.left(self)


class _Served(_User):
    """Someone whose bytes come by asyncio. ``reader`` is who is read from, ``writer`` who is written to."""

    reader: _Program | None = None
    writer: asyncio.WriteTransport | None = None

    def came(self, program: _Program) -> None:
        """A program is there."""
        self.reader = program
        self.moved()

    def left(self, program: _Program) -> None:
        """It is gone."""
        if self.reader is program:
            self.reader = None

    def moved(self) -> None:
        if self.reader is not None:
            self.reader.pace(self.takes)

    def receive(self, data: bytes) -> None:
        if self.writer is not None:
            self.writer.write(data)


class _Pipes(_Served):
    async def begin(self) -> None:
        await connect_standard_input(lambda: _Program(self))
        # What is written is flushed at once; a descriptor of its own, so that closing it leaves standard output alone.
        self._out = FileIO(os.dup(sys.stdout.fileno()), "wb")

    def receive(self, data: bytes) -> None:
        _write(self._out, data, "standard output")

    def close(self) -> None:
        if self.reader is not None and self.reader.transport is not None:
            self.reader.transport.close()
        self._out.close()


class _Socket(_Served):
    def __init__(self, programs: PortPrograms, path: str) -> None:
        super().__init__(programs)
        self._path = Path(path)
        self._listener: UnixSocket | None = None

    async def begin(self) -> None:
        self._listener = await UnixSocket.listening(self._path, lambda: _Program(self))

    def came(self, program: _Program) -> None:
        assert program.transport is not None
        if self.reader is not None:
            program.transport.abort()
            return
        program.transport.set_write_buffer_limits(high=_HIGH_WATER)
        self.full = False
        self.writer = program.transport
        super().came(program)

    def left(self, program: _Program) -> None:
        if self.reader is program:
            self.reader, self.writer, self.full = None, None, False
            self.programs.moved()

    def close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        if self.writer is not None:
            self.writer.close()
