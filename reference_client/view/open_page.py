"""One page that is open: what it is told waits in a row with an end, and a task says it."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from typing import Final, Protocol

__all__ = ["ANOTHER", "FRAME", "SOUND", "TOO_SLOW", "OpenPage", "Socket"]

FRAME: Final = 0
"""Kind of a frame, of which there are never many: the page says when it wants more."""

SOUND: Final = 1
"""Kind of a packet of sound, which is worth nothing when it is late."""

_PACKETS: Final = 25
"""Of sound that wait: a quarter of a second or so."""

_WAITING: Final = 16 << 20
"""Bytes that wait for a page beside frames, above which it is closed."""

TOO_SLOW: Final = 1013
"""Why it is closed (RFC 6455: try again later)."""

ANOTHER: Final = 4000
"""Why it is closed: another session is shown, and the page is to come in again."""


class Socket(Protocol):
    """What takes messages: a WebSocket."""

    async def send(self, message: str | bytes) -> None:
        """One message; waits for room."""

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Say goodbye."""


class OpenPage:
    """``controls`` says whether it may act on the guest."""

    def __init__(self, socket: Socket) -> None:
        self.controls = False
        self._socket = socket
        self._rows: deque[str | bytes] = deque()
        self._bytes = 0
        self._packets = 0
        self._moved = asyncio.Event()
        self._goodbye: tuple[int, str] | None = None

    def send_json(self, message: Mapping[str, object]) -> None:
        """A text message."""
        self._append(json.dumps(message))

    def send_bytes(self, data: bytes) -> None:
        """A binary message."""
        if data[0] == SOUND:
            if self._packets == _PACKETS:
                self._drop_sound()
            self._packets += 1
        self._append(data)

    def _append(self, message: str | bytes) -> None:
        if self._goodbye is not None:
            return
        self._rows.append(message)
        self._bytes += _counted(message)
        if self._bytes > _WAITING:
            self.leave(TOO_SLOW, "the page takes too little")
        self._moved.set()

    def leave(self, code: int, reason: str) -> None:
        """Close it; what still waits is not said."""
        self._goodbye = self._goodbye or (code, reason)
        self._moved.set()

    def _drop_sound(self) -> None:
        oldest = next(row for row in self._rows if _is_sound(row))
        self._rows.remove(oldest)
        self._bytes -= _counted(oldest)
        self._packets -= 1

    async def say(self) -> None:
        """Say what waits, until the page is closed. Raises what the socket does."""
        while self._goodbye is None:
            while self._rows and self._goodbye is None:
                message = self._rows.popleft()
                self._bytes -= _counted(message)
                self._packets -= _is_sound(message)
                await self._socket.send(message)
            self._moved.clear()
            if not self._rows and self._goodbye is None:
                await self._moved.wait()
        await self._socket.close(*self._goodbye)


def _counted(message: str | bytes) -> int:
    return 0 if isinstance(message, bytes) and message[0] == FRAME else len(message)


def _is_sound(message: str | bytes) -> bool:
    return isinstance(message, bytes) and message[0] == SOUND
