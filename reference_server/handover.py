"""The way of a guest from one process to another: a connection of the two servers, which clients know nothing of.

    source        EXPC ids of sessions  ──>  destination        DONE, or FAIL and why
                  GUST the guest        ──>                     DONE, or FAIL and why: it has the guest, which stands still
                  GOES                  ──>                     DONE: the guest goes on here
                  LATE something that a client has said when the guest had gone, for the guest

Each is four letters, eight bytes of size, and so many bytes. The destination waits at a place of its own (``--incoming``), for
one source at a time; one that goes away, or is refused, has announced nothing, and another may come. When the guest is there,
nobody else's is taken. The source begins, waits for its clients, hands the guest over and lets the clients go; whatever fails
before GOES takes all of it back.

A guest never goes on at two places, wherever the connection breaks. Until the source says GOES the guest is the source's, and
from then on it is not, whether an answer comes or not, unless the answer is FAIL. What remains is that GOES itself may be lost:
then the guest goes on nowhere. The source can not tell that from a lost answer; it lets its clients go, and says so.

Whoever can connect to the place can bring a guest, so that is a Unix socket, or a port of this machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import struct
from functools import partial
from typing import Any, Final

from reference_server import moved
from reference_server.departure import Destination, Kind, Late
from reference_server.migration import PATIENCE
from reference_server.shell import Shell
from spiceproto.errors import LocalError, RemoteError, in_words
from spiceproto.unix_socket import UnixSocket, connect_unix

__all__ = ["Incoming", "hand_over", "place"]

_HEADER: Final = struct.Struct("<4sQ")
_EXPECT, _GUEST, _GOES, _LATE, _DONE, _FAIL = b"EXPC", b"GUST", b"GOES", b"LATE", b"DONE", b"FAIL"
_MOST: Final = {_EXPECT: 1 << 20, _GUEST: moved.MOST + moved.HEADER, _GOES: 0, _LATE: 1 << 17, _DONE: 0, _FAIL: 1 << 16}
"""Bytes of each."""

_SAID: Final = struct.Struct("<LBBBH")
"""Of what comes late: session, type and id of the channel, whether there is a message, and its type."""

_ANSWER: Final = 60.0
"""Seconds in which a destination takes a guest."""

_GONE: Final = "the other server has closed the connection"

_LOOK: Final = 0.01
"""Seconds between two looks at whether clients have answered, or left."""


class _RefusedError(RemoteError):
    """The other server has said no."""


def place(text: str) -> str | tuple[str, int]:
    """The path of a Unix socket, or host and port. Raises LocalError for what is neither, or not of this machine."""
    host, colon, port = text.rpartition(":")
    if "/" in text or not colon:
        if not text:
            raise LocalError("no place for a guest", expected="the path of a Unix socket, or HOST:PORT")
        return text
    host = host.strip("[]") or "127.0.0.1"
    try:
        near = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        near = False
    if not near or not port.isascii() or not port.isdigit() or int(port) > 0xFFFF:
        raise LocalError("no place for a guest", expected="a port of this machine, like 127.0.0.1:5901", actual=text[:80])
    return host, int(port)


async def _read(reader: asyncio.StreamReader, *kinds: bytes) -> tuple[bytes, bytes]:
    """The next one, which is of one of these kinds. Raises RemoteError, or EOFError if there is none."""
    kind, size = _HEADER.unpack(await reader.readexactly(_HEADER.size))
    if kind not in kinds or size > _MOST[kind]:
        expected = " or ".join([each.decode() for each in kinds])
        raise RemoteError("nothing that another server says now", expected=expected, actual=f"{kind!r} of {size} bytes")
    return kind, await reader.readexactly(size)


async def _write(writer: asyncio.StreamWriter, kind: bytes, body: bytes = b"") -> None:
    writer.write(_HEADER.pack(kind, len(body)))
    writer.write(body)
    await writer.drain()


class Incoming:
    """Waits for a guest of ``shell``'s server."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._busy = self._here = False
        self._socket: UnixSocket | None = None
        self._server: asyncio.Server | None = None
        shell.server.await_guest()

    async def listen(self, text: str) -> str:
        """Begin; the place, with a port that is free in place of 0. Raises OSError, LocalError."""
        found = place(text)
        if isinstance(found, str):
            self._socket = await UnixSocket.listening(found, self._protocol)
            return found
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, *found)
        return f"{found[0]}:{self._server.sockets[0].getsockname()[1]}"

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(), self._connected)

    def close(self) -> None:
        """Wait no more."""
        if self._socket is not None:
            self._socket.close()
        if self._server is not None:
            self._server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._busy or self._here:
                await _write(writer, _FAIL, b"a guest is here, or on its way from somewhere else")
                return
            self._busy = True
            try:
                with contextlib.suppress(EOFError, ConnectionError, RemoteError, TimeoutError):
                    await self._take(reader, writer)
            finally:
                self._busy = False
                if not self._here:
                    self._shell.server.forget_migrations("the guest does not come")
                    self._shell.flush()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_ANSWER):
                _, body = await _read(reader, _EXPECT)
            for session in _sessions(body):
                self._shell.server.expect_migration(session)
            await _write(writer, _DONE)
            _, body = await _read(reader, _GUEST)
            self._shell.server.take(body)
            await _write(writer, _DONE)
            await _read(reader, _GOES)
        except (RemoteError, LocalError, ValueError) as error:
            self._shell.log("incoming", {"here": False, "text": in_words(error)})
            await _write(writer, _FAIL, in_words(error).encode()[: _MOST[_FAIL]])
            return
        self._shell.server.run()
        self._here = True
        self.close()
        self._shell.log("incoming", {"here": True})
        await _write(writer, _DONE)
        self._shell.flush()
        try:
            await self._take_late(reader)
        finally:
            self._shell.server.no_more_late()
            self._shell.flush()

    async def _take_late(self, reader: asyncio.StreamReader) -> None:
        """What clients said when the guest had gone, until the source closes."""
        while True:
            _, body = await _read(reader, _LATE)
            session, kind, number, more, type = _SAID.unpack_from(body.ljust(_SAID.size, b"\0"))
            message = (type, body[_SAID.size :]) if more else None
            try:
                self._shell.server.take_late(session, Late((kind, number), message))
            except RemoteError as error:
                self._shell.log("incoming", {"here": True, "text": in_words(error)})
            self._shell.flush()


def _sessions(body: bytes) -> list[int]:
    """The ids of sessions. Raises ValueError."""
    try:
        found = json.loads(body)
    except RecursionError:
        raise ValueError("a list of sessions is not that deep") from None
    if not isinstance(found, list) or not all(type(item) is int for item in found):
        raise ValueError("no list of sessions")
    return found


async def hand_over(shell: Shell, destination: Destination, kind: Kind, text: str) -> dict[str, Any]:
    """Let the guest of ``shell``'s server go to the place, and its clients to the destination; what became of them.

    Raises LocalError, RemoteError and OSError; then the guest and its clients stay, or, if ``shell.server.here`` is false, have
    gone, and nobody knows whether they have arrived.
    """
    server = shell.server
    found = place(text)
    if server.migration is not None or not server.here:
        raise LocalError("the guest is not here" if not server.here else "a migration is under way")
    try:
        if isinstance(found, str):
            reader, writer = await connect_unix(found)
        else:
            reader, writer = await asyncio.open_connection(*found)
    except OSError as error:
        sought = "a server that waits there for a guest (--incoming of the destination) was looked for"
        raise OSError(error.errno, f"{error.strerror or error}; {sought}", text) from None
    begun = False
    try:
        await _ask(reader, writer, _EXPECT, json.dumps(list(server.sessions)).encode())
        server.migrate_begin(destination, kind)
        begun = True
        shell.flush()
        while server.migration is not None and server.migration.waits(shell.now):
            await asyncio.sleep(_LOOK)
        if server.migration is None:
            raise LocalError("the migration was called off")
        server.late = partial(_pass_on, writer)
        await _ask(reader, writer, _GUEST, server.save())
        if reader.at_eof() or writer.is_closing():
            raise RemoteError(_GONE)
        try:
            await _ask(reader, writer, _GOES)
        except _RefusedError:
            raise
        except BaseException as error:
            server.migrate_finish()
            if isinstance(error, RemoteError):
                raise RemoteError(f"the guest has gone, and nobody says that it has arrived: {in_words(error)}") from None
            raise
        outcomes = server.migrate_finish()
        shell.flush()
        end = shell.now + PATIENCE
        while server.sessions and shell.now < end:
            await asyncio.sleep(_LOOK)
    except BaseException:
        if begun and server.migration is not None:
            server.migrate_cancel()
        raise
    finally:
        if begun:
            server.late = None
        writer.close()
        shell.flush()
    sessions = [{"session": item.session, "kind": item.kind} for item in outcomes]
    return {"sessions": sessions, "left": not server.sessions}


def _pass_on(writer: asyncio.StreamWriter, session: int, late: Late) -> None:
    type, body = late.message or (0, b"")
    body = _SAID.pack(session, *late.key, late.message is not None, type) + body
    writer.write(_HEADER.pack(_LATE, len(body)) + body)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kind: bytes, body: bytes = b"") -> None:
    """Say it, and hear that it is done. Raises RemoteError, a _RefusedError if the other says that it is not."""
    try:
        async with asyncio.timeout(_ANSWER):
            await _write(writer, kind, body)
            answer, text = await _read(reader, _DONE, _FAIL)
    except (EOFError, ConnectionError):
        raise RemoteError(_GONE) from None
    except TimeoutError:
        raise RemoteError(f"the other server does not answer for {_ANSWER:g} seconds") from None
    if answer == _FAIL:
        raise _RefusedError(f"the other server refuses: {text.decode(errors='replace')}")
