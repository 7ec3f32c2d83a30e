"""QEMU's machine protocol: JSON lines over a Unix socket, one answer for each command, and events between them."""

from __future__ import annotations

import json
import socket
from types import TracebackType
from typing import Any, Final

__all__ = ["Qmp", "QmpError"]

_PATIENCE: Final = 10.0


class QmpError(Exception):
    """QEMU refused a command; its text is QEMU's description."""


class Qmp:
    """A connection to QEMU. ``events`` are those that came so far; ``greeting`` is QEMU's, with its version."""

    def __init__(self, path: str, *, patience: float = _PATIENCE) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(patience)
        try:
            self._socket.connect(path)
            self._lines = self._socket.makefile("rb")
            self.events: list[dict[str, Any]] = []
            self.greeting: dict[str, Any] = self._read()["QMP"]
            self.ask("qmp_capabilities")
        except BaseException:
            self._socket.close()
            raise

    def _read(self) -> dict[str, Any]:
        line = self._lines.readline()
        if not line:
            raise ConnectionError("QEMU closed its control connection")
        found: dict[str, Any] = json.loads(line)
        return found

    def ask(self, command: str, **arguments: Any) -> Any:
        """What a command returns; underscores in names of arguments become hyphens.

        Raises QmpError if QEMU refuses, OSError if it is gone or silent.
        """
        question: dict[str, Any] = {"execute": command}
        if arguments:
            question["arguments"] = {name.replace("_", "-"): value for name, value in arguments.items()}
        self._socket.sendall(json.dumps(question).encode() + b"\n")
        while True:
            found = self._read()
            if "event" in found:
                self.events.append(found)
            elif "error" in found:
                raise QmpError(str(found["error"].get("desc", found["error"])))
            elif "return" in found:
                return found["return"]

    def close(self) -> None:
        """End the connection."""
        self._lines.close()
        self._socket.close()

    def __enter__(self) -> Qmp:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
