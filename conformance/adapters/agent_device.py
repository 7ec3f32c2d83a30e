"""The device of a guest agent that is a Unix socket: whoever connects there is the agent."""

from __future__ import annotations

import socket
from struct import Struct
from typing import Any, Final

from conformance.adapters.process import TargetUnusable
from spiceproto.agent.device import ChunkReader
from spiceproto.errors import RemoteError

__all__ = ["AgentDevice"]

_HEADER: Final = Struct("<LL")
_MOST: Final = 1 << 16
_PATIENCE: Final = 10.0
_GLANCE: Final = 0.1
_ATTEMPTS: Final = 50


class AgentDevice:
    """Connected from the beginning until :meth:`close`."""

    def __init__(self, path: str) -> None:
        for _ in range(_ATTEMPTS):
            self._socket = socket.socket(socket.AF_UNIX)
            try:
                self._socket.connect(path)
                if not self._refused():
                    break
            except OSError as error:
                self._socket.close()
                raise TargetUnusable(f"the agent's device at {path}: {error}") from None
            self._socket.close()
        else:
            raise TargetUnusable(f"the agent's device at {path}: another agent is there")
        self._reader = ChunkReader()
        self._parts: list[tuple[int, bytes]] = []

    def _refused(self) -> bool:
        """Whether the other end has closed at once, because the agent before this one is not gone yet."""
        self._socket.settimeout(_GLANCE)
        try:
            return not self._socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return False

    def say(self, port: int, data: bytes) -> list[dict[str, Any]]:
        """One chunk, if there is anything to be said; what has come since the last time, as ports and bytes in hexadecimal."""
        try:
            if data:
                self._socket.settimeout(_PATIENCE)
                self._socket.sendall(_HEADER.pack(port, len(data)) + data)
            self._read()
        except (OSError, RemoteError) as error:
            raise TargetUnusable(f"the agent's device: {error}") from None
        found = [{"port": number, "data": part.hex()} for number, part in self._parts]
        self._parts.clear()
        return found

    def _read(self) -> None:
        self._socket.settimeout(0)
        while True:
            try:
                data = self._socket.recv(_MOST)
            except BlockingIOError:
                return
            if not data:
                return
            self._parts += self._reader.receive(data)

    def close(self) -> None:
        """The agent goes."""
        self._socket.close()
