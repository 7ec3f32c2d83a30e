"""A line between suite and server that does what lines may do: bytes are late, cut anywhere, or come together."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["slow_line"]


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: Callable[[], float], piece: int) -> None:
    """Bytes reach the other end ``delay()`` seconds later, in order; all that waits by then comes together."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        data = b"x"
        while data:
            due, data = await under_way.get()
            await asyncio.sleep(max(due - loop.time(), 0))
            for at in range(0, len(data), piece or len(data) or 1):
                writer.write(data[at : at + (piece or len(data))])
                await writer.drain()
        writer.close()

    task = asyncio.ensure_future(deliver())
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            under_way.put_nowait((loop.time() + delay(), data))
    under_way.put_nowait((loop.time() + delay(), b""))
    with contextlib.suppress(OSError):
        await task


@contextmanager
def slow_line(port: int, *, delay: float | Callable[[], float] = 0.0, piece: int = 0, links: int = 0) -> Iterator[int]:
    """The port of a line to ``port``: ``delay`` seconds each way, asked for when bytes come; pieces of ``piece`` bytes.

    After so many ``links`` nobody listens any more, and the last one is cut off: to the suite, the server has ended.
    """
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    found: list[int] = []
    listening: list[asyncio.Server] = []
    count = 0

    async def link(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        if count == links:
            listening[0].close()
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", port)
        seconds = delay if callable(delay) else lambda: delay
        await asyncio.gather(_carry(reader, back, seconds, piece), _carry(there, writer, seconds, piece))

    async def serve() -> None:
        server = await asyncio.start_server(link, "127.0.0.1", 0)
        listening.append(server)
        found.append(server.sockets[0].getsockname()[1])
        ready.set()

    async def end() -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()
        loop.run_until_complete(end())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
