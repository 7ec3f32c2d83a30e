"""Any server that is a program: its command line is part of the address.

    server:my-server --port {port}                          started for the run, and anew where a conversation was its end
    server:my-server --port {port} --ticket {password}      it wants the password that it is told

Placeholders: ``{port}``, ``{tls_port}``, one of which has to be there, ``{host}`` (loopback) and ``{password}``. Any other word
in braces is refused; what is no word, or has a dollar sign before it, is left alone. The line is split as a shell would, but
there is no shell; the program runs in the folder that the suite was started in.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from conformance.adapters.command_line import CommandLine
from conformance.adapters.listening import free_ports
from conformance.adapters.options import check_options
from conformance.adapters.process import Process, program
from conformance.adapters.server import ServerProgram
from spiceproto.errors import LocalError

__all__ = ["ServerCommand"]

_NAMES: Final = ("port", "tls_port", "host", "password")
_PORTS: Final = ("port", "tls_port")
_TICKET: Final = "sesame"


class ServerCommand(ServerProgram):
    """A program of the caller's choice.

    * ``password``: sesame where the command wants one and nobody has said any
    * ``takes_plain``: it has a port without TLS
    """

    scheme = "server"
    options: ClassVar[Mapping[str, str]] = {"command": "the command line, with placeholders", "password": "what it wants"}

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        options = options or {}
        check_options(self.scheme, options, self.options)
        self._command_line = CommandLine(options.get("command", ""), _NAMES, role="server", example="server:COMMAND {port}")
        named = self._command_line.named
        self._ports = [name for name in _PORTS if name in named]
        if not self._ports:
            raise LocalError("a command that is told no port", where="server", expected="{port} or {tls_port} in it")
        self.takes_plain = "port" in named
        self.password = options.get("password", "") or (_TICKET if "password" in named else "")

    @classmethod
    def missing(cls) -> str:
        return ""

    def _start(self, folder: Path) -> None:
        ports = dict(zip(self._ports, free_ports(len(self._ports)), strict=True))
        values = {"host": self.host, "password": self.password, **{name: str(port) for name, port in ports.items()}}
        words = self._command_line.filled(values)
        self.port, self.tls_port = ports.get("port", 0), ports.get("tls_port", 0)
        self.process = Process([program(words[0]), *words[1:]], log=folder / "log")
        self.process.wait_listening(ports=list(ports.values()))
        self.version = self._command_line.words[0]
