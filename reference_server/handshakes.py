"""TLS handshakes of clients: each has its time, and only so many are under way. One more, and the oldest is given up.

asyncio's own way to listen with TLS has no bound: a crowd that connects and says nothing would hold a descriptor each, for as
long as a handshake may take, and nobody else could log in.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable

from reference_server.limits import Limits

__all__ = ["Handshakes"]


class Handshakes:
    """Behind each handshake ``make`` gives the protocol that goes on."""

    def __init__(self, context: ssl.SSLContext, limits: Limits, make: Callable[[], asyncio.Protocol]) -> None:
        self._context = context
        self._limits = limits
        self._make = make
        self._loop = asyncio.get_running_loop()
        self._under_way: dict[asyncio.Task[None], None] = {}

    def __len__(self) -> int:
        return len(self._under_way)

    def accept(self) -> asyncio.Protocol:
        """What a listener asks for with each connection."""
        return _Accepted(self)

    def begin(self, transport: asyncio.Transport) -> None:
        """A client has connected."""
        if transport.is_closing():
            return
        while len(self._under_way) >= max(self._limits.handshakes, 1):
            oldest = next(iter(self._under_way))
            del self._under_way[oldest]
            oldest.cancel()
        # Nothing is read before the handshake has the transport.
        transport.pause_reading()
        task = self._loop.create_task(self._shake_hands(transport))
        self._under_way[task] = None
        task.add_done_callback(lambda _: self._under_way.pop(task, None))

    def close(self) -> None:
        """Give up all of them."""
        for task in self._under_way:
            task.cancel()

    async def _shake_hands(self, transport: asyncio.Transport) -> None:
        protocol = self._make()
        try:
            with contextlib.suppress(OSError):  # the client has none, breaks it off, or takes too long
                secure = await self._loop.start_tls(
                    transport, protocol, self._context, server_side=True, ssl_handshake_timeout=self._limits.handshake
                )
                if secure is not None:
                    protocol.connection_made(secure)
                    return
        except asyncio.CancelledError:
            pass
        transport.abort()


class _Accepted(asyncio.Protocol):
    """A connection before its handshake."""

    def __init__(self, handshakes: Handshakes) -> None:
        self._handshakes = handshakes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        # Behind the step in which asyncio begins to read.
        asyncio.get_running_loop().call_soon(self._handshakes.begin, transport)
