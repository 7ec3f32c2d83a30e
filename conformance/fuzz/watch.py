"""The process of a target that the suite has started: how it ended, what it has printed, and its memory.

On a system without ``/proc`` only its end, and what it has printed, are known.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from conformance.adapters.process import Process
from conformance.adapters.started_client import StartedClient
from conformance.target import Target

__all__ = ["MOST_MEMORY", "Watch"]

MOST_MEMORY: Final = 1 << 30
"""Bytes that a process may have more than at its start: no conversation here carries so many."""

_REPORT: Final = re.compile(r"ERROR: (\w+Sanitizer: [\w-]+)|(runtime error: [^\n]{1,80})|(Sanitizer:DEADLYSIGNAL)")
_READ: Final = 1 << 20
_CRASHED: Final = re.compile(r"killed by (SIG\w+|signal \d+)|exit status (101|13[0-9])")
"""How the end of a client reads that did not leave by itself, though it may: a signal, or the status of a panic."""


class Watch:
    """``target`` is watched from now on; ``most`` bytes more are too much."""

    def __init__(self, target: Target, most: int = MOST_MEMORY) -> None:
        self._target = target
        self._most = most
        self._seen: Process | None = None
        self._printed = 0
        self._memory = 0

    @property
    def process(self) -> Process | None:
        """The process, where the suite has started one."""
        adapter: Any = getattr(self._target, "adapter", None)
        return getattr(adapter, "process", None)

    def begin(self) -> None:
        """A conversation begins."""
        process = self.process
        if process is not self._seen:
            self._seen, self._printed = process, 0
            self._memory = self.memory

    @property
    def ended(self) -> str:
        """How the target came to its end by a fault of its own; "" for not."""
        how = self._target.ended
        # Who is started for one session may leave when it is over; who waits for the next may not.
        leaves = self._target.role == "client" and isinstance(getattr(self._target, "adapter", None), StartedClient)
        return "" if leaves and not _CRASHED.search(how) else how

    @property
    def memory(self) -> int:
        """Bytes that the process has in memory; 0 where nobody knows."""
        text = self._read("status")
        found = re.search(r"^VmRSS:\s+(\d+) kB", text, re.MULTILINE)
        return int(found[1]) << 10 if found else 0

    @property
    def too_much(self) -> str:
        """In words how much more memory it has than at its start, if that is more than it may; else ""."""
        more = self.memory - self._memory
        return f"more than {self._most >> 20} MiB" if more > self._most else ""

    def sanitizer(self) -> str:
        """What a sanitizer has printed since the last conversation, without addresses; "" for nothing."""
        process = self.process
        if process is None or not process.log.exists():
            return ""
        with process.log.open("rb") as log:
            log.seek(self._printed)
            text = log.read(_READ).decode(errors="replace")
            self._printed = log.tell()
        found = _REPORT.search(text)
        return next((part for part in found.groups() if part), "") if found else ""

    def _read(self, name: str) -> str:
        process = self.process
        if process is None:
            return ""
        try:
            return Path(f"/proc/{process.id}/{name}").read_text()
        except OSError:
            return ""
