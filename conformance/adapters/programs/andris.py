"""andris, an independent server in Rust: shares no code with libspice-server.

Seen to work with andris 0.1.0: the test picture, the plain port, TLS. It always wants a ticket. With TLS its plain port
sends every channel over. Nothing can be done to it from outside, and nobody can see what its test picture gets from
keyboard and pointer. It is always ready for both mouse modes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from conformance.adapters.listening import free_ports
from conformance.adapters.options import check_options, flag
from conformance.adapters.process import Process, missing_programs, program, version_of
from conformance.adapters.server import ServerProgram

__all__ = ["Andris"]

_PROGRAM: Final = "andris"
_TICKET: Final = "sesame"


class Andris(ServerProgram):
    """An andris process."""

    scheme = "andris"
    options: ClassVar[Mapping[str, str]] = {
        "ticket": "the password; otherwise sesame",
        "tls": "1: a TLS port too",
        "size": "of the test picture; otherwise 640x480",
        "display": "an X display to show instead of the test picture",
    }

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        options = options or {}
        check_options(self.scheme, options, self.options)
        self._ticket = options.get("ticket") or _TICKET
        self._tls = flag(options, "tls")
        self._size = options.get("size", "640x480")
        self._display = options.get("display", "")
        self.has = frozenset({"ticket", "ticket-login", "no-sasl", "one-session"})

    @classmethod
    def missing(cls) -> str:
        return missing_programs(_PROGRAM)

    def _start(self, folder: Path) -> None:
        port, tls_port = free_ports(2)
        ticket = folder / "ticket"
        ticket.touch(mode=0o600)
        ticket.write_text(self._ticket)
        command = [program(_PROGRAM), "--listen", f"{self.host}:{port}", "--ticket-file", str(ticket), "--no-audio"]
        if self._display:
            command += ["--platform", "x11", "--display", self._display]
        else:
            command += ["--platform", "synthetic", "--synthetic-size", self._size]
        self.port, self.tls_port = port, 0
        if self._tls:
            from spiceproto import certificates

            made = certificates.make(subject_names=("localhost", self.host))
            made.write(folder)
            self.ca_pem, self.host_subject, self.tls_port = made.ca_pem, made.subject, tls_port
            command += [
                "--tls-listen",
                f"{self.host}:{tls_port}",
                "--tls-cert",
                str(folder / "server-cert.pem"),
                "--tls-key",
                str(folder / "server-key.pem"),
            ]
        self.password = self._ticket
        self.process = Process(command, log=folder / "log")
        self.process.wait_listening(ports=[port for port in (self.port, self.tls_port) if port])
        self.version = version_of(_PROGRAM)
