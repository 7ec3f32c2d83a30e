"""What all adapters for servers have: started once for a run, then stopped; everything that a client must know.

An adapter is made from the options of its address, and costs nothing before :meth:`ServerProgram.start`.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final

from conformance.adapters.process import Process, TargetUnusable
from conformance.adapters.server_address import ServerAddress

__all__ = ["ServerProgram"]

_ATTEMPTS: Final = 3
"""Starts before giving up, each with other ports: a port that was free may be taken by somebody else meanwhile."""

_TAKEN: Final = ("in use", "binding socket to")
"""What servers say then."""


class ServerProgram(ABC):
    """A server that is started and stopped.

    After :meth:`start`:

    * ``host``, ``port``, ``tls_port``, ``unix_path``: where it listens; 0 and "" where it does not
    * ``password``, ``username``: what it wants; "" for nothing
    * ``ca_pem``, ``host_subject``: its certificate
    * ``version``: what it says it is
    * ``process``: the running program
    * ``controls``: which of :data:`spiceproto.controls.CONTROLS` it can be told; each is a method: ``do_set_password``
    * ``has``: what else is known of it, in the words that cases use
    """

    role: ClassVar[str] = "server"
    scheme: ClassVar[str] = ""
    options: ClassVar[Mapping[str, str]] = {}
    """Name of an option to what it means."""
    expendable: ClassVar[bool] = True
    """Whether it can be started anew where a case was its end."""

    def __init__(self) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.tls_port = 0
        self.unix_path = ""
        self.password = ""
        self.username = ""
        self.ca_pem = ""
        self.host_subject = ""
        self.version = ""
        self.process: Process | None = None
        self.controls: frozenset[str] = frozenset()
        self.has: frozenset[str] = frozenset()
        self.destination: ServerProgram | None = None
        """Where its sessions can be handed over to; it is started and stopped with this one."""
        self._folder: Path | None = None

    @classmethod
    @abstractmethod
    def missing(cls) -> str:
        """Which programs are not installed, in words; "" if all are there."""

    @abstractmethod
    def _start(self, folder: Path) -> None:
        """Start the program, and return when it listens. Raises TargetUnusable."""

    def _stop(self) -> None:  # noqa: B027 - not all have something
        """End what is not the program itself."""

    def begin_case(self) -> None:  # noqa: B027 - not all have something
        """Be as at the start, where a case before has changed anything beside the sessions."""

    def start(self) -> None:
        """Start, and return when it listens. Raises TargetUnusable."""
        missing = self.missing()
        if missing:
            raise TargetUnusable(missing)
        for attempt in range(_ATTEMPTS):
            self._folder = Path(tempfile.mkdtemp(prefix=f"spiceconf-{self.scheme}-"))
            try:
                self._start(self._folder)
                return
            except BaseException as error:
                self.stop()
                if attempt + 1 == _ATTEMPTS or not any(words in str(error) for words in _TAKEN):
                    raise

    def stop(self) -> None:
        """End everything that was started. More than once does no harm."""
        with contextlib.suppress(OSError):
            self._stop()
        if self.process is not None:
            self.process.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    @property
    def holder(self) -> ServerProgram:
        """Where the guest is: here, or at the destination."""
        return self

    @property
    def spent(self) -> bool:
        """Whether something was done that cannot be done again before another start."""
        return False

    @property
    def ended(self) -> int | None:
        """None while it runs; else how it ended, as :attr:`conformance.adapters.process.Process.ended`."""
        return self.process.ended if self.process is not None else None

    @property
    def address(self) -> ServerAddress:
        """What a client must know."""
        return ServerAddress(
            host=self.host,
            port=self.port,
            tls_port=self.tls_port,
            unix_path=self.unix_path,
            password=self.password,
            username=self.username,
            ca_pem=self.ca_pem,
            host_subject=self.host_subject,
        )

    @property
    def started(self) -> str:
        """The command line by which it was started, as a shell takes it; "" before that."""
        return self.process.line if self.process is not None else ""

    @property
    def files(self) -> str:
        """The folder of its files, from start to stop; "" for none."""
        return str(self._folder or "")

    def __enter__(self) -> ServerProgram:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
