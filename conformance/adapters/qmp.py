"""QEMU's machine protocol: JSON lines over a Unix socket, one answer for each command, and events between them."""

from __future__ import annotations

import json
from typing import Any

from conformance.adapters.qemu_lines import QemuLines

__all__ = ["Qmp", "QmpError"]


class QmpError(Exception):
    """QEMU refused a command; its text is QEMU's description."""


class Qmp(QemuLines):
    """A connection to QEMU. ``events`` are those that came so far; ``greeting`` is QEMU's, with its version."""

    def _begin(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.greeting: dict[str, Any] = self._read()["QMP"]
        self.ask("qmp_capabilities")

    def _read(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._hear())
        return found

    def ask(self, command: str, **arguments: Any) -> Any:
        """What a command returns; underscores in names of arguments become hyphens.

        Raises QmpError if QEMU refuses, OSError if it is gone or silent.
        """
        question: dict[str, Any] = {"execute": command}
        if arguments:
            question["arguments"] = {name.replace("_", "-"): value for name, value in arguments.items()}
        self._say(json.dumps(question).encode())
        while True:
            found = self._read()
            if "event" in found:
                self.events.append(found)
            elif "error" in found:
                raise QmpError(str(found["error"].get("desc", found["error"])))
            elif "return" in found:
                return found["return"]
