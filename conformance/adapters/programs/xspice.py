"""Xspice: an X server that is a server for SPICE, with libspice-server inside and without a virtual machine.

Seen to work with xserver-xspice 0.1.5+git20200331-3 and libspice-server 0.15.1: the plain port, TLS, tickets, several heads. An
empty X display is shown. It is in client mouse mode from the start. Nothing can be done to it from outside, but its picture
can be taken: inputs arrive, and after the first click it hands on none.

* Debian's build loses its integer defaults and dies at start ("malloc(): corrupted top size") unless all of them are told
* it listens on all interfaces unless it is told, too
* Xorg lives a moment longer than the wrapper that starts it, and leaves the files of its display number behind when both
  are ended together; when Xorg ends by itself, which a crash of libspice-server makes it do, the wrapper notices late and
  says status 0
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from conformance.adapters.listening import free_ports
from conformance.adapters.options import check_options, flag, number
from conformance.adapters.pixmap_file import as_png
from conformance.adapters.process import Process, TargetUnusable, missing_programs, program
from conformance.adapters.server import ServerProgram
from conformance.outcome import NotApplicable

__all__ = ["Xspice"]

_PROGRAM: Final = "Xspice"

_ROOT_WINDOW: Final = Path(__file__).parents[1] / "root_window.py"
_PICTURE: Final = 20.0
"""Seconds that it may take."""

_DISPLAYS: Final = range(40, 200)
"""Numbers of X displays that are tried; low ones belong to people."""

_DEFAULTS: Final = {
    "QXL_FRAME_BUFFER_SIZE": "16",
    "QXL_SURFACE_BUFFER_SIZE": "128",
    "QXL_COMMAND_BUFFER_SIZE": "128",
    "QXL_ENABLE_IMAGE_CACHE": "1",
    "QXL_ENABLE_FALLBACK_CACHE": "1",
    "QXL_ENABLE_SURFACES": "1",
}


_VERSION: Final = re.compile(r"X\.Org X Server [\d.]+")


_WRAPPER_TIME: Final = 3.0
"""Seconds that the wrapper may take to notice that its Xorg is gone; it sleeps for two of them when it begins."""

_STATE, _EXIT_CODE = 0, 49
"""Words behind the name of the program in Linux's table of processes."""


def _state(process: int) -> tuple[str, int] | None:
    """State of a process, and exit status or minus the signal once it is "Z"; None if it is gone."""
    try:
        words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return words[_STATE], os.waitstatus_to_exitcode(int(words[_EXIT_CODE]))
    except (OSError, IndexError):
        return None


def _files(display: int) -> tuple[Path, Path]:
    """What shows that a number of an X display is taken."""
    return Path(f"/tmp/.X{display}-lock"), Path(f"/tmp/.X11-unix/X{display}")


def _free_display() -> int:
    for found in _DISPLAYS:
        if not any(path.exists() for path in _files(found)):
            return found
    raise TargetUnusable("no number is free for an X display")


class Xspice(ServerProgram):
    """An Xspice process with its Xorg."""

    scheme = "xspice"
    expendable = False  # where libspice-server asserts, the X server does not end, and does not go on
    options: ClassVar[Mapping[str, str]] = {
        "ticket": "the password; without it none is wanted",
        "tls": "1: a TLS port too",
        "heads": "how many",
    }

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        options = options or {}
        check_options(self.scheme, options, self.options)
        self.password = options.get("ticket", "")
        self._tls = flag(options, "tls")
        self._heads = number(options, "heads", 1)
        self._display: int | None = None
        """Number of its X display while it has one."""
        self._xorg = 0
        """Id of the process that is the server: a child of the one that was started."""
        self.controls = frozenset({"picture"})
        self.has = frozenset({"one-session", "ticket-login", "no-sasl", "ticket" if self.password else "no-ticket"})

    @classmethod
    def missing(cls) -> str:
        return missing_programs(_PROGRAM, "Xorg")

    def _start(self, folder: Path) -> None:
        port, tls_port = free_ports(2)
        display = _free_display()
        login = ["--password", self.password] if self.password else ["--disable-ticketing"]
        command = [program(_PROGRAM), "--auto", "--port", str(port), *login, "--ipv4-only", "--numheads", str(self._heads)]
        if self._tls:
            from spiceproto import certificates

            made = certificates.make(subject_names=("localhost", self.host))
            made.write(folder)
            self.ca_pem, self.host_subject = made.ca_pem, made.subject
            self.tls_port = tls_port
            command += ["--tls-port", str(tls_port), "--x509-dir", str(folder)]
        environment = {**_DEFAULTS, "QXL_NUM_HEADS": str(self._heads), "XSPICE_ADDR": self.host, "TMPDIR": str(folder)}
        command += [f":{display}", "-noreset", "-nolisten", "tcp"]
        self.port = port
        self.process = Process(command, log=folder / "log", environment=environment, folder=folder)
        self.process.wait_listening(ports=[port, *([tls_port] if self._tls else [])])
        self._display = display
        self._xorg = int(_files(display)[0].read_text())
        found = _VERSION.search((folder / "log").read_text(errors="replace"))
        self.version = f"Xspice in {found[0] if found else 'Xorg'}"

    @property
    def ended(self) -> int | None:
        wrapper = super().ended
        if wrapper is not None or not self._xorg or self.process is None:
            return wrapper
        found = _state(self._xorg)
        if found is None:
            return self.process.wait(_WRAPPER_TIME) or 0
        state, status = found
        return None if state != "Z" else status

    @property
    def x_display(self) -> str:
        """Where X clients open their windows. Raises TargetUnusable if it is not running."""
        if self._display is None:
            raise TargetUnusable("Xspice is not running")
        return f":{self._display}"

    def do_picture(self, path: str, display: int = 0) -> None:
        """What the root window shows."""
        if display:
            raise NotApplicable("Xspice has one root window")
        with tempfile.NamedTemporaryFile(suffix=".ppm") as file:
            command = [sys.executable, str(_ROOT_WINDOW), self.x_display, file.name]
            done = subprocess.run(command, capture_output=True, timeout=_PICTURE, check=False)
            if done.returncode:
                raise TargetUnusable(f"Xspice: no picture of its root window ({done.returncode})")
            as_png(Path(file.name), Path(path))

    def stop(self) -> None:
        self._xorg = 0
        super().stop()
        if self._display is not None:
            for path in _files(self._display):
                path.unlink(missing_ok=True)
            self._display = None
