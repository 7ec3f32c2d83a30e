"""Clients that are told on their command line where to connect: started anew for each connection."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from conformance.adapters.client import ClientProgram
from conformance.adapters.options import check_options
from conformance.adapters.process import Process
from conformance.adapters.server_address import ServerAddress

__all__ = ["StartedClient"]


class StartedClient(ClientProgram):
    """``process`` lives from connect to disconnect, or shorter if the program ends by itself."""

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        check_options(self.scheme, options or {}, self.options)

    @abstractmethod
    def _command(self, address: ServerAddress) -> tuple[Sequence[str], Mapping[str, str]]:
        """The command line for a connection, and what to add to the environment."""

    def connect(self, address: ServerAddress) -> None:
        self.disconnect()
        command, environment = self._command(address)
        log = self.folder / "log"
        log.unlink(missing_ok=True)
        self.process = Process(command, log=log, environment=environment, folder=self.folder)

    def disconnect(self) -> None:
        if self.process is not None:
            self.process.stop()
            self.process = None
