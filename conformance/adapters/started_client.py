"""Clients that are told on their command line where to connect: started anew for each connection."""

from __future__ import annotations

import signal
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from conformance.adapters.client import ClientProgram
from conformance.adapters.options import check_options
from conformance.adapters.process import Process
from conformance.adapters.server_address import ServerAddress

__all__ = ["StartedClient"]

_FAULTS: Final = ("SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGTRAP")
"""What ends a program by its own doing, and never by ours."""


class StartedClient(ClientProgram):
    """``process`` lives from connect to disconnect, or shorter if the program ends by itself.

    ``crash`` is how the last one ended, once it was disconnected, if that was a fault of its own.
    """

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        check_options(self.scheme, options or {}, self.options)
        self._line = ""

    @abstractmethod
    def _command(self, address: ServerAddress) -> tuple[Sequence[str], Mapping[str, str]]:
        """The command line for a connection, and what to add to the environment."""

    def connect(self, address: ServerAddress) -> None:
        self.disconnect()
        self.crash = None
        command, environment = self._command(address)
        log = self.folder / "log"
        log.unlink(missing_ok=True)
        self.process = Process(command, log=log, environment=environment, folder=self._runs_in)
        self._line = self.process.line

    @property
    def started(self) -> str:
        return self._line

    @property
    def _runs_in(self) -> Path | None:
        """The folder that the program is started in; None for the caller's."""
        return self.folder

    def disconnect(self) -> None:
        if self.process is not None:
            status = self.process.stop()
            self.crash = status if status < 0 and -status in [getattr(signal, name, 0) for name in _FAULTS] else None
            self.process = None
