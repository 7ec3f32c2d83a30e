"""ryll, an independent client in Rust: without a window, driven through its own control socket.

Seen to work with ryll 0.3.0: TCP, tickets, TLS with a certificate authority; keys, pictures, state. Its control socket
has nothing for the mouse, and shows the first display. It asks for client mouse mode as soon as the server offers it. A new
process for each connection; the socket is there before the connection is.
"""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from conformance.adapters.client import Answer
from conformance.adapters.process import TargetUnusable, missing_programs, program, version_of
from conformance.adapters.server_address import ServerAddress
from conformance.adapters.started_client import StartedClient

__all__ = ["Ryll"]

_PROGRAM: Final = "ryll"
_SOCKET: Final = "control"
_PATIENCE: Final = 20.0
_PAUSE: Final = 0.02
_FIRST_SURFACE: Final = 1.0
_NO_SURFACE: Final = "no surfaces present"
_VERSION: Final = "1.2"
"""Of the control protocol: the first that gets extended keys right."""


_LONGEST: Final = 0xFFFF


class Ryll(StartedClient):
    """ryll without a window."""

    scheme = "ryll"
    reasons: Mapping[str, str] = {"client-sasl": "ryll has no SASL"}
    options: ClassVar[Mapping[str, str]] = {}
    verbs = frozenset({"hello", "key", "picture", "state"})

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__(options)
        self._socket: socket.socket | None = None
        self._buffer = b""
        self._number = 0

    @classmethod
    def missing(cls) -> str:
        return missing_programs(_PROGRAM)

    def _start(self) -> None:
        self.version = version_of(_PROGRAM)

    def _command(self, address: ServerAddress) -> tuple[Sequence[str], Mapping[str, str]]:
        (self.folder / _SOCKET).unlink(missing_ok=True)
        file = address.write_connection_file(self.folder / "connection.vv")
        command = [program(_PROGRAM), "--headless", "--file", str(file), "--control-socket", str(self.folder / _SOCKET)]
        return command, {"HOME": str(self.folder)}

    def disconnect(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        super().disconnect()

    def _do(self, verb: str, values: Mapping[str, Any]) -> Answer:
        if verb == "hello":
            return Answer("ok", self.version)
        if self.process is None:
            return Answer("error", "ryll is not running")
        try:
            if verb == "key":
                code = int(values["code"])
                if code > _LONGEST:
                    return Answer("unsupported", "ryll's control socket takes scan codes of two bytes")
                if code & 0xFF00 == 0x100:
                    code = 0xE000 | code & 0x7F
                return self._ask("send_key", scancode=code, state="down" if values.get("down", True) else "up")
            if verb == "state":
                return self._ask("status")
            if values.get("display"):
                return Answer("unsupported", "ryll's control socket shows the first display only")
            found = self._picture()
        except (OSError, ValueError) as error:
            raise self.process.unusable(f"cannot be asked for {verb}: {error}") from None
        if found.kind != "ok":
            return found
        Path(values["path"]).write_bytes(base64.b64decode(found.values["data_base64"]))
        return Answer("ok", values={"width": found.values["width"], "height": found.values["height"]})

    def _picture(self) -> Answer:
        """What is drawn reaches the control socket some time after ryll has handled it: so does the first surface."""
        deadline = time.monotonic() + _FIRST_SURFACE
        while True:
            found = self._ask("screenshot", format="png")
            if _NO_SURFACE not in found.text or time.monotonic() > deadline:
                return found
            time.sleep(_PAUSE)

    def _ask(self, method: str, **parameters: Any) -> Answer:
        if self._socket is None:
            self._open()
        found = self._exchange(method, parameters)
        if found.get("ok"):
            return Answer("ok", values=found.get("result") or {})
        error = found.get("error", {})
        return Answer("unsupported" if error.get("code") == "unknown_method" else "error", str(error.get("message", "")))

    def _open(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_PATIENCE)
        while True:
            try:
                connection.connect(str(self.folder / _SOCKET))
                break
            except OSError:
                if time.monotonic() > deadline or self.ended is not None:
                    connection.close()
                    raise
                time.sleep(_PAUSE)
        self._socket, self._buffer = connection, b""
        hello = self._exchange("hello", {"client_name": "spiceconf", "protocol_version": _VERSION})
        if not hello.get("ok"):
            raise TargetUnusable(f"ryll's control socket: {hello.get('error')}")

    def _exchange(self, method: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        assert self._socket is not None
        self._number += 1
        self._socket.sendall(json.dumps({"id": self._number, "method": method, "params": parameters}).encode() + b"\n")
        while True:
            line, end, rest = self._buffer.partition(b"\n")
            if not end:
                data = self._socket.recv(1 << 20)
                if not data:
                    raise ConnectionError("the control socket was closed")
                self._buffer += data
                continue
            self._buffer = rest
            with contextlib.suppress(ValueError):
                found = json.loads(line)
                if isinstance(found, dict) and found.get("id") == self._number:
                    return found
