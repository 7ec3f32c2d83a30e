"""What all adapters for clients have: told where a server is, and to do things to it.

No method waits for the server: the suite plays it, in the same thread, and only after :meth:`ClientProgram.connect` has
returned. So "ok" means that the client was told, not that anything has reached the server.

The verbs are those of :data:`spiceproto.controls.CONTROLS` for clients, each with JSON values, and ``hello``, which says what
the client is. Its password a client is told with the address of the server.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Final, Literal, Protocol

import msgspec

from conformance.adapters.process import Process, TargetUnusable
from conformance.adapters.server_address import ServerAddress
from spiceproto.controls import CONTROLS

__all__ = ["VERBS", "Answer", "Client", "ClientProgram", "ServerAddress"]

VERBS: Final = ("hello", *[row.verb for row in CONTROLS if row.role == "client" and row.verb != "password"])
"""All that a client can be asked for."""


class Answer(msgspec.Struct, frozen=True):
    """What a client says to a verb. ``values`` are what else its answer held."""

    kind: Literal["ok", "unsupported", "error"]
    text: str = ""
    values: Mapping[str, Any] = msgspec.field(default_factory=dict)


class Client(Protocol):
    """What the suite wants of a client.

    ``verbs``       what :meth:`do` can do
    ``start_time``  seconds that it may take from :meth:`connect` until its first connection arrives
    ``version``     what it says it is
    ``reasons``     a need of cases that it does not meet to the reason why
    ``least_screen``  width and height of the smallest screen that it shows as it is
    ``one_picture``   whether it takes a picture when the first thing is drawn, and leaves with it
    ``started``       the command line of its last session, as a shell takes it; "" for none
    ``files``         the folder of its files, from start to stop; "" for none
    """

    verbs: frozenset[str]
    start_time: float
    least_screen: tuple[int, int]
    one_picture: bool
    version: str
    reasons: Mapping[str, str]

    def start(self) -> None: ...
    def connect(self, address: ServerAddress) -> None: ...
    def disconnect(self) -> None: ...
    def do(self, verb: str, **values: Any) -> Answer: ...
    @property
    def ended(self) -> int | None: ...
    @property
    def crash(self) -> int | None: ...
    @property
    def started(self) -> str: ...
    @property
    def files(self) -> str: ...
    def stop(self) -> None: ...


class ClientProgram(ABC):
    """A client that is a program. ``process`` is it while it runs; ``folder`` is for files, from start to stop."""

    role: ClassVar[str] = "client"
    scheme: ClassVar[str] = ""
    options: ClassVar[Mapping[str, str]] = {}
    """Name of an option to what it means."""

    verbs: frozenset[str] = frozenset()
    start_time: float = 5.0
    knows_tls: bool = True
    """Whether it can be told a TLS port and whom to trust there."""
    knows_password: bool = True
    """Whether it can be told a password."""
    knows_sasl: bool = False
    """Whether it logs in by SASL, at least PLAIN over TLS, with the name and password that it is told."""
    shares_folder: bool = False
    """Whether it can be told a folder to share with the guest, and to share none."""
    over_websocket: bool = False
    """Whether it speaks SPICE in WebSocket only."""

    least_screen: tuple[int, int] = (0, 0)
    """Width and height of the smallest screen that it shows as it is, pixel by pixel."""

    one_picture: bool = False
    """Whether it takes a picture when the first thing is drawn, and leaves with it."""

    reasons: Mapping[str, str] = {}
    """A need of cases that it does not meet to the reason why."""

    def __init__(self) -> None:
        self.process: Process | None = None
        self.crash: int | None = None
        """How it ended by a fault of its own, where its process is over with its session: minus the signal."""
        self.version = ""
        self._folder: Path | None = None

    @classmethod
    @abstractmethod
    def missing(cls) -> str:
        """Which programs are not installed, in words; "" if all are there."""

    @abstractmethod
    def connect(self, address: ServerAddress) -> None:
        """Tell it to connect. Raises Refusal if it says no, TargetUnusable if it cannot even be told."""

    @abstractmethod
    def disconnect(self) -> None:
        """End its session, and what it has started for that. More than once does no harm."""

    def do(self, verb: str, **values: Any) -> Answer:
        """Tell it to do something."""
        if verb not in self.verbs:
            return Answer("unsupported", f"{self.scheme}: has no {verb}")
        if verb == "disconnect":
            self.disconnect()
            return Answer("ok")
        return self._do(verb, values)

    def _do(self, verb: str, values: Mapping[str, Any]) -> Answer:
        raise NotImplementedError(verb)

    @property
    def folder(self) -> Path:
        """For its files. Raises TargetUnusable before start."""
        if self._folder is None:
            raise TargetUnusable(f"{self.scheme}: was not started")
        return self._folder

    @property
    def ended(self) -> int | None:
        """None while it runs or nobody has told it to; else how it ended: exit status, or minus the signal."""
        return self.process.ended if self.process is not None else None

    @property
    def started(self) -> str:
        """The command line of its last session, as a shell takes it; "" for none."""
        return self.process.line if self.process is not None else ""

    @property
    def files(self) -> str:
        """The folder of its files, from start to stop; "" for none."""
        return str(self._folder or "")

    @property
    def said(self) -> str:
        """The last lines that it printed."""
        return self.process.log_end() if self.process is not None else ""

    def start(self) -> None:
        """Get ready to connect. Raises TargetUnusable."""
        missing = self.missing()
        if missing:
            raise TargetUnusable(missing)
        self._folder = Path(tempfile.mkdtemp(prefix=f"spiceconf-{self.scheme}-"))
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:  # noqa: B027 - not all have something
        """What has to run before a connection."""

    def stop(self) -> None:
        """End everything that was started. More than once does no harm."""
        with contextlib.suppress(OSError, TargetUnusable):
            self.disconnect()
        self._stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _stop(self) -> None:
        if self.process is not None:
            self.process.stop()

    def __enter__(self) -> ClientProgram:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
