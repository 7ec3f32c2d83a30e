"""Where programs of ours are driven from: lines of JSON on standard input, or on a Unix socket for several controllers at once.

Each controller is a conversation of its own: its questions are answered one after the other, and nobody else waits for that.
Only the owner of the socket can connect. A controller that reads nothing is dropped: for it wait, at most, the events that
:data:`WAITING` holds, and one answer for so long as :data:`PATIENCE`; meanwhile nothing more of it is read.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from spiceproto.controls import Role
from spiceproto.controls.audience import Audience, Listener
from spiceproto.controls.questions import Lines
from spiceproto.standard_input import connect_standard_input
from spiceproto.unix_socket import UnixSocket

__all__ = ["CONTROLLERS", "PATIENCE", "WAITING", "Answer", "ControlSocket", "converse", "converse_on_standard_input"]

Answer = Callable[[bytes | None, Listener], Awaitable[dict[str, Any]]]
"""What a line comes to; None is one that was too long."""

CONTROLLERS: Final = 32
"""At one time; one more is told so."""

WAITING: Final = 4 << 20
"""Bytes of events that wait for one controller."""

PATIENCE: Final = 30.0
"""Seconds in which an answer has to be read."""

GOODBYE: Final = 1.0
"""Seconds in which the last answers have to be read."""

_READ: Final = 1 << 16


async def converse(
    reader: asyncio.StreamReader,
    listener: Listener,
    answer: Answer,
    *,
    said: Callable[[], Awaitable[None]] | None = None,
    over: Callable[[], bool] = lambda: False,
) -> None:
    """Answer one controller until it has no more questions, or ``over``. ``said`` is awaited after each answer."""
    lines = Lines()
    more = True
    while more:
        data = await reader.read(_READ)
        more = bool(data)
        for line in lines.receive(data) if data else lines.end():
            listener.say(await answer(line, listener))
            if said is not None:
                await said()
            if over():
                return


async def converse_on_standard_input(listener: Listener, answer: Answer, *, over: Callable[[], bool] = lambda: False) -> None:
    """Answer standard input, until it ends or all is ``over``."""
    reader = asyncio.StreamReader()
    await connect_standard_input(lambda: asyncio.StreamReaderProtocol(reader))
    await converse(reader, listener, answer, over=over)


class ControlSocket:
    """A Unix socket for controllers, who are answered by ``answer`` and belong to ``audience``. ``role`` is the program's."""

    def __init__(self, role: Role, answer: Answer, audience: Audience) -> None:
        self._role = role
        self._answer = answer
        self._audience = audience
        self._socket: UnixSocket | None = None
        self._controllers: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def listen(self, path: str | Path) -> None:
        """Begin. Raises OSError, whose ``filename`` is the path."""
        self._socket = await UnixSocket.listening(path, self._protocol, private=True)

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(), self._connected)

    async def close(self) -> None:
        """End all conversations, once what was said is out, and remove the socket."""
        if self._socket is not None:
            self._socket.close()
        tasks, writers = tuple(self._controllers), tuple(self._controllers.values())
        for task in tasks:
            task.cancel()
        for writer in writers:
            writer.close()
        waits = [asyncio.ensure_future(writer.wait_closed()) for writer in writers]
        if waits:
            await asyncio.wait([*tasks, *waits], timeout=GOODBYE)
        for writer, wait in zip(writers, waits, strict=True):
            writer.transport.abort()
            wait.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listener = Listener(lambda line: _say(writer, line))
        if len(self._controllers) >= CONTROLLERS:
            event = {"event": "answer"} if self._role == "server" else {}
            listener.say(event | {"answer": "error", "text": f"there are {CONTROLLERS} controllers already"})
            writer.close()
            return
        self._audience.join(listener)
        task = asyncio.get_running_loop().create_task(self._talk(reader, writer, listener))
        self._controllers[task] = writer
        task.add_done_callback(lambda done: self._over(done, writer, listener))

    def _over(self, task: asyncio.Task[None], writer: asyncio.StreamWriter, listener: Listener) -> None:
        self._audience.leave(listener)
        del self._controllers[task]
        writer.close()
        if not task.cancelled() and (error := task.exception()) is not None:
            message = "a conversation with a controller has failed"
            asyncio.get_running_loop().call_exception_handler({"message": message, "exception": error})

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener: Listener) -> None:
        try:
            await converse(reader, listener, self._answer, said=lambda: _read(writer))
        except (OSError, TimeoutError):
            writer.transport.abort()


def _say(writer: asyncio.StreamWriter, line: dict[str, Any]) -> None:
    if writer.transport.is_closing():
        return
    writer.write(json.dumps(line).encode() + b"\n")
    # One answer may be long, and is waited for; of events there is no end.
    if "answer" not in line and writer.transport.get_write_buffer_size() > WAITING:
        writer.transport.abort()


async def _read(writer: asyncio.StreamWriter) -> None:
    """Wait until the answer is out. Raises TimeoutError, OSError."""
    async with asyncio.timeout(PATIENCE):
        await writer.drain()
