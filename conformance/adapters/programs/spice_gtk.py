"""spice-gtk without a window: the library that spicy, remote-viewer, Boxes and virt-manager are made of.

One process for all connections, driven through ``spice_gtk_driver.py``. Seen to work with spice-gtk 0.42: TCP, TLS with
a certificate authority, Unix sockets, tickets, SASL over TLS, and every verb but ``scancode`` and those about discs, which
the library has no call for. It asks for client mouse mode by itself whenever the server offers it, until ``mouse-mode`` has
asked for the other. Movements go out in the kind that was asked for, whatever the mode. With a smart card there is a process
for each connection.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from conformance.adapters.card_database import make_card_database
from conformance.adapters.client import VERBS, Answer, ClientProgram
from conformance.adapters.control_lines import ControlLines
from conformance.adapters.options import check_options, flag
from conformance.adapters.process import Process, TargetUnusable, missing_programs
from conformance.adapters.server_address import ServerAddress
from conformance.outcome import Refusal

__all__ = ["SpiceGtk"]

_PYTHON: Final = "/usr/bin/python3"
"""The system's: bindings of system libraries are installed for no other."""

_DISC: Final = bytes(range(256)) * 8 * 64
"""64 blocks of a CD."""

_DRIVER: Final = Path(__file__).parents[1] / "spice_gtk_driver.py"
_PROBE: Final = "import gi; gi.require_version('SpiceClientGLib', '2.0'); from gi.repository import SpiceClientGLib"


_LONGEST: Final = 0xFFFF


class SpiceGtk(ClientProgram):
    """spice-gtk's session object. ``process`` lives from start to stop."""

    scheme = "spice-gtk"
    knows_sasl = True
    shares_folder = True
    options: ClassVar[Mapping[str, str]] = {
        "smartcard": "1: it has a card reader, whose card is played by an NSS database; needs certutil",
        "cd": "1: it shares a CD drive with a disc in it",
    }
    verbs = frozenset(VERBS) - {
        "focus",
        "guest-volume",
        "scancode",
        "type",
        "card-reader",
        "insert-disc",
        "take-disc-out",
        "plug-usb",
        "unplug-usb",
    }
    start_time = 2.0

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        options = options or {}
        check_options(self.scheme, options, self.options)
        self._cards = flag(options, "smartcard")
        if not self._cards:
            self.verbs -= {"card"}
        self._database = ""
        self._connected = False
        self._cd = flag(options, "cd")
        self._lines: ControlLines | None = None

    @classmethod
    def missing(cls) -> str:
        missing = missing_programs(_PYTHON)
        if missing:
            return missing
        try:
            done = subprocess.run([_PYTHON, "-c", _PROBE], capture_output=True, timeout=30, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{_PYTHON}: {error}"
        return "not installed: python3-gi and gir1.2-spiceclientglib-2.0" if done.returncode else ""

    def _start(self) -> None:
        if self._cards:
            self._database = make_card_database(self.folder / "nss")
        self._run()

    def _run(self) -> None:
        self.process = Process([_PYTHON, str(_DRIVER)], log=self.folder / "log", folder=self.folder, control=True)
        self._lines = ControlLines(self.process)
        self.version = self._lines.ask("hello").text

    def connect(self, address: ServerAddress) -> None:
        values: dict[str, Any] = {"password": address.password, "username": address.username}
        if address.unix_path:
            values["unix"] = address.unix_path
        else:
            values |= {"host": address.host, "port": address.port, "tls_port": address.tls_port}
        values["folder"] = address.shared_folder
        if self._database:
            if self._connected and self.process is not None:
                # Behind its first session it goes on with a reader that the next server does not know (SPICE-CARD-004).
                self.process.stop()
                self._run()
            values["card_database"] = self._database
        if address.ca_pem:
            values["ca"] = str(address.write_ca(self.folder / "ca.pem"))
        self._connected = True
        if self._cd:
            disc = self.folder / "disc"
            disc.write_bytes(_DISC)
            values["cd"] = str(disc)
        answer = self._ask("connect", values)
        if answer.kind != "ok":
            raise Refusal(f"spice-gtk: {answer.text}")

    @property
    def started(self) -> str:
        return super().started if self._lines is None else self._lines.line

    def disconnect(self) -> None:
        if self._lines is not None and self.ended is None:
            self._ask("disconnect", {})

    def _do(self, verb: str, values: Mapping[str, Any]) -> Answer:
        if verb == "key" and int(values["code"]) > _LONGEST:
            return Answer("unsupported", "the library's call for keys takes scan codes of two bytes")
        return self._ask(verb, values)

    def take_events(self) -> list[dict[str, Any]]:
        """What it said unasked since the last call."""
        return self._lines.take_events() if self._lines is not None else []

    def _ask(self, verb: str, values: Mapping[str, Any]) -> Answer:
        if self._lines is None:
            raise TargetUnusable("spice-gtk: was not started")
        return self._lines.ask(verb, values)
