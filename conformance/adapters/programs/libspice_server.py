"""libspice-server without a virtual machine: a small program on its public interface, which can do what one is told.

Seen to work with libspice-server 0.15.1 of Debian 12: the plain port, TLS, tickets, all controls. Nothing but the library is
needed. There is one display, with a picture of one colour; rectangles are filled at once, so that a window of acknowledgement
is full in no time.
"""

from __future__ import annotations

import ctypes
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from conformance.adapters.agent_device import AgentDevice
from conformance.adapters.control_lines import ControlLines
from conformance.adapters.listening import free_ports
from conformance.adapters.options import check_options, flag
from conformance.adapters.pixmap_file import as_png
from conformance.adapters.process import Process, TargetUnusable
from conformance.adapters.server import ServerProgram
from conformance.outcome import NotApplicable

__all__ = ["LibspiceServer"]

_DRIVER: Final = Path(__file__).parents[1] / "libspice_driver.py"
_WITH_AGENT: Final = "conformance.adapters.libspice_agent"
_LIBRARY: Final = "libspice-server.so.1"


class LibspiceServer(ServerProgram):
    """A program on libspice-server, and its control lines."""

    scheme = "libspice-server"
    options: ClassVar[Mapping[str, str]] = {
        "ticket": "the password; without it none is wanted",
        "tls": "1: a TLS port too",
        "agent": "1: the device of an agent, which the suite plays where a case is about it",
    }

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        options = options or {}
        check_options(self.scheme, options, self.options)
        self._ticket = options.get("ticket", "")
        self._tls = flag(options, "tls")
        self._with_agent = flag(options, "agent")
        self._device_path = ""
        self._device: AgentDevice | None = None
        self._lines: ControlLines | None = None
        passwords = {"set-password", "expire-password"} if self._ticket else set()
        device = {"agent-device"} if self._with_agent else set()
        self.controls = frozenset({"pointer", "animate", "input-events", "picture"} | passwords | device)
        self.has = frozenset({"one-session", "ticket-login", "no-sasl", "ticket" if self._ticket else "no-ticket"})

    @classmethod
    def missing(cls) -> str:
        try:
            ctypes.CDLL(_LIBRARY)
        except OSError:
            return f"not installed: {_LIBRARY}"
        return ""

    def _start(self, folder: Path) -> None:
        port, tls_port = free_ports(2)
        values: dict[str, Any] = {"port": port, "password": self._ticket}
        if self._tls:
            from spiceproto import certificates

            made = certificates.make(subject_names=("localhost", self.host))
            made.write(folder)
            self.ca_pem, self.host_subject = made.ca_pem, made.subject
            self.tls_port = tls_port
            values |= {"tls_port": tls_port, "folder": str(folder)}
        self.port, self.password = port, self._ticket
        command = ["-m", _WITH_AGENT] if self._with_agent else [str(_DRIVER)]
        self.process = Process([sys.executable, *command], log=folder / "log", control=True)
        self._lines = ControlLines(self.process)
        self._ask("start", **values)
        if self._with_agent:
            self._device_path = str(folder / "agent")
            self._ask("agent", path=self._device_path)
        self.process.wait_listening(ports=[port, *([tls_port] if self._tls else [])])
        self.version = _version()

    @property
    def started(self) -> str:
        return super().started if self._lines is None else self._lines.line

    def _ask(self, verb: str, **values: Any) -> Mapping[str, Any]:
        if self._lines is None:
            raise TargetUnusable("libspice-server: was not started")
        answer = self._lines.ask(verb, values)
        if answer.kind != "ok":
            assert self.process is not None
            raise self.process.unusable(f"does not {verb}: {answer.text}")
        return answer.values

    def _stop(self) -> None:
        self._leave_device()

    def begin_case(self) -> None:
        """There is no agent."""
        self._leave_device()
        # What is ready when the program is asked it has dealt with when it is asked once more.
        for _ in range(2 if self._with_agent else 0):
            self.do_input_events()

    def _leave_device(self) -> None:
        if self._device is not None:
            self._device.close()
            self._device = None

    # -- controls

    def do_agent_device(self, port: int, data: bytes) -> list[dict[str, Any]]:
        """Say a chunk as the agent, which comes when it is first asked for; what it was told."""
        if self._device is None:
            self._device = AgentDevice(self._device_path)
        return self._device.say(port, data)

    def do_set_password(self, password: str) -> None:
        """Another password from now on. Sessions live on."""
        self._ask("set-password", password=password)
        self.password = password

    def do_expire_password(self, seconds: float = 0) -> None:
        """No password is good any more after so many (whole) seconds."""
        self._ask("expire-password", seconds=seconds)

    def do_pointer(self, kind: Literal["absolute", "relative"]) -> None:
        """There is a tablet, or none: client mouse mode becomes possible, or impossible."""
        self._ask("pointer", kind=kind)

    def do_animate(self, count: int) -> None:
        """Fill so many rectangles at once."""
        self._ask("animate", count=count)

    def do_picture(self, path: str, display: int = 0) -> None:
        """What the display shows, as the library has drawn it."""
        if display:
            raise NotApplicable("there is one display")
        with tempfile.NamedTemporaryFile(suffix=".ppm") as file:
            self._ask("picture", path=file.name)
            as_png(Path(file.name), Path(path))

    def do_input_events(self) -> str:
        """What keyboard and pointers did since the last call, a line for each."""
        return str(self._ask("input-events")["lines"])


def _version() -> str:
    """The name of the library's file; it does not say its version in any other way."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        paths = [Path(line.split()[-1]).resolve().name for line in maps if "libspice-server.so" in line]
    return paths[0] if paths else _LIBRARY
