"""A control socket of QEMU, which speaks in lines."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Final, Self

__all__ = ["QemuLines"]

_PATIENCE: Final = 10.0


class QemuLines:
    """A connection to a Unix socket of QEMU. Raises OSError if it is gone or silent."""

    def __init__(self, path: str, *, patience: float = _PATIENCE) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(patience)
        try:
            self._socket.connect(path)
            self._lines = self._socket.makefile("rb")
            self._begin()
        except BaseException:
            self._socket.close()
            raise

    def _begin(self) -> None:
        """What is said first."""

    def _say(self, line: bytes) -> None:
        self._socket.sendall(line + b"\n")

    def _hear(self) -> bytes:
        line = self._lines.readline()
        if not line:
            raise ConnectionError("QEMU closed its control connection")
        return line

    def close(self) -> None:
        """End the connection."""
        self._lines.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
