"""Any client that is a program: its command line is part of the address.

    client:my-client --host {host} --port {port}     started anew for each connection
    client:my-client --control                       without a placeholder: driven in JSON lines, one process for all

Placeholders: ``{host} {port} {tls_port} {unix} {username} {password} {subject}``, ``{uri}`` (without password), and paths
of files with ``{vv}`` (a connection file) and ``{ca}`` (the certificate authority). Any other word in braces is refused; what
is no word, or has a dollar sign before it, is left alone. The line is split as a shell would, but there is no shell; the
program runs in the folder that the suite was started in.

What nobody has told a client it need not do: without ``{password}`` or ``{vv}`` the cases about passwords are not applicable,
and those about TLS without ``{vv}``, or ``{ca}`` and one of ``{tls_port}`` and ``{uri}``.

A driven program answers on standard output what :mod:`conformance.adapters.control_lines` says. ``hello`` is answered
with ``verbs``, the list of those it has, and ``sasl``, whether it logs in by SASL with the ``username`` that it is told;
besides the verbs of :mod:`conformance.adapters.client` it needs ``connect`` with
``host``, ``port``, ``tls_port``, ``unix``, ``uri``, ``vv`` (a path), ``password``, ``username``, ``ca`` (a path) and
``host_subject``, of which only what is known is sent, ``disconnect``, and ``quit``. The reference client is one:
``client:spice-reference-client --control``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from conformance.adapters.client import VERBS, Answer
from conformance.adapters.command_line import CommandLine
from conformance.adapters.control_lines import ControlLines
from conformance.adapters.options import check_options, flag
from conformance.adapters.process import Process, TargetUnusable, missing_programs, program
from conformance.adapters.server_address import ServerAddress
from conformance.adapters.started_client import StartedClient
from conformance.outcome import Refusal

__all__ = ["Command"]

_NAMES: Final = ("host", "port", "tls_port", "unix", "username", "password", "subject", "uri", "vv", "ca")


class Command(StartedClient):
    """A program of the caller's choice. Options: ``command``, and ``control`` (1 or 0) if the rule above is wrong."""

    scheme = "client"
    options: ClassVar[Mapping[str, str]] = {
        "command": "the command line, with placeholders",
        "control": "1: driven in JSON lines; 0: started for each connection",
    }

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        options = options or {}
        check_options(self.scheme, options, self.options)
        self._command_line = CommandLine(
            options.get("command", ""), _NAMES, role="client", example="client:COMMAND {host} {port}"
        )
        named = self._command_line.named
        self._control = flag(options, "control") if "control" in options else not named
        self.knows_tls = self._control or "vv" in named or ("ca" in named and bool(named & {"tls_port", "uri"}))
        self.knows_password = self._control or bool(named & {"password", "vv"})
        self.knows_sasl = "username" in named and self.knows_password
        password = "the command line has neither {password} nor {vv}"
        self.reasons = {
            "act:password": password,
            "client-password": password,
            "client-tls": "the command line has neither {vv}, nor {ca} with {tls_port} or {uri}",
            "client-sasl": password if "username" in named else "the command line has no {username}",
        }
        self._lines: ControlLines | None = None

    @classmethod
    def missing(cls) -> str:
        return ""

    @property
    def _runs_in(self) -> Path | None:
        return None

    def _start(self) -> None:
        missing = missing_programs(self._command_line.words[0])
        if missing:
            raise TargetUnusable(missing)
        if not self._control:
            self.version = self._command_line.words[0]
            return
        words = [program(self._command_line.words[0]), *self._command_line.words[1:]]
        self.process = Process(words, log=self.folder / "log", folder=self._runs_in, control=True)
        self._lines = ControlLines(self.process)
        hello = self._lines.ask("hello")
        if hello.kind != "ok":
            raise self.process.unusable(f"answers {hello.kind} to hello: {hello.text}")
        self.version = hello.text or str(hello.values.get("version", self._command_line.words[0]))
        self.knows_sasl = hello.values.get("sasl") is True
        self.reasons = {"client-sasl": "the program does not say that it has SASL"}
        verbs = hello.values.get("verbs")
        self.verbs = frozenset(VERBS) & frozenset(verbs) if isinstance(verbs, list) else frozenset(VERBS)

    def _command(self, address: ServerAddress) -> tuple[Sequence[str], Mapping[str, str]]:
        values = {
            "host": address.host,
            "port": str(address.port or ""),
            "tls_port": str(address.tls_port or ""),
            "unix": address.unix_path,
            "username": address.username,
            "password": address.password,
            "subject": address.host_subject,
            "uri": address.uri(),
            "vv": str(address.write_connection_file(self.folder / "connection.vv")),
            "ca": str(address.write_ca(self.folder / "ca.pem")),
        }
        words = self._command_line.filled(values)
        return [program(words[0]), *words[1:]], {}

    def connect(self, address: ServerAddress) -> None:
        if self._lines is None:
            super().connect(address)
            return
        values: dict[str, Any] = {
            "unix": address.unix_path,
            "host": address.host if not address.unix_path else "",
            "port": address.port,
            "tls_port": address.tls_port,
            "uri": address.uri(),
            "vv": str(address.write_connection_file(self.folder / "connection.vv")),
            "password": address.password,
            "username": address.username,
            "ca": str(address.write_ca(self.folder / "ca.pem")) if address.ca_pem else "",
            "host_subject": address.host_subject,
        }
        answer = self._lines.ask("connect", {name: value for name, value in values.items() if value})
        if answer.kind != "ok":
            raise Refusal(f"{self._command_line.words[0]} does not connect: {answer.text}")

    def disconnect(self) -> None:
        if self._lines is None:
            super().disconnect()
        elif self.ended is None:
            self._lines.ask("disconnect")

    def _do(self, verb: str, values: Mapping[str, Any]) -> Answer:
        if self._lines is None:
            return Answer("unsupported", "the program cannot be asked")
        return self._lines.ask(verb, values)

    @property
    def started(self) -> str:
        return super().started if self._lines is None else self._lines.line

    def take_events(self) -> list[dict[str, Any]]:
        """What it said unasked since the last call."""
        return self._lines.take_events() if self._lines is not None else []
