"""Reference programs that are driven at their control sockets; every line there is held against the schema."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema

from spiceproto.controls import Role, schema
from spiceproto.controls.results import RESULTS
from spiceproto.tests.peers import PATIENCE, end, until

__all__ = ["Controlled", "Program"]


class Controlled:
    """A controller at the socket of a program. ``events`` are those that it was told."""

    def __init__(self, role: Role, path: Path) -> None:
        self._schema = jsonschema.Draft202012Validator(schema.schema(role))
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rb")
        self.events: list[dict[str, Any]] = []

    def answer(self, verb: str, **values: Any) -> dict[str, Any]:
        """The whole answer to a question."""
        self.say({"do": verb} | values)
        return self.hear()

    def hear(self) -> dict[str, Any]:
        """The next answer."""
        while "answer" not in (found := self._line()):
            self.events.append(found)
        return found

    def say(self, question: Any) -> None:
        """Ask, and wait for nothing."""
        self._socket.sendall(json.dumps(question).encode() + b"\n")

    def ask(self, verb: str, **values: Any) -> Any:
        """What is answered, which is no error: a server's value, or what a client's answer has."""
        self._schema.validate({"do": verb} | values)
        found = self.answer(verb, **values)
        assert found.pop("answer") == "ok", (verb, values, found)
        if found.pop("event", None) is None:
            return found
        assert ("value" in found) == (verb in RESULTS)
        if verb in RESULTS:
            self._schema.evolve(schema={"$ref": f"#/$defs/value-{verb}", "$defs": self._schema.schema["$defs"]}).validate(
                found["value"]
            )
        return found.get("value")

    def refused(self, verb: str, **values: Any) -> str:
        """The text of the error that is the answer."""
        found = self.answer(verb, **values)
        assert found["answer"] == "error", (verb, values, found)
        return str(found["text"])

    def told(self, event: str, **fields: Any) -> dict[str, Any]:
        """The first event like this that was not waited for before; what came before it is forgotten."""
        wanted = {"event": event} | fields
        while True:
            while self.events:
                found = self.events.pop(0)
                if wanted.items() <= found.items():
                    return found
            self.events.append(self._line())

    def _line(self) -> dict[str, Any]:
        data = self._lines.readline()
        assert data, "the program has closed its control socket"
        found: dict[str, Any] = json.loads(data)
        self._schema.validate(found)
        return found

    def close(self) -> None:
        """Be gone."""
        self._lines.close()
        self._socket.close()


class Program(contextlib.AbstractContextManager["Program"]):
    """A reference program with a control socket, and somebody at it. ``log`` is what it prints."""

    def __init__(self, role: Role, folder: Path, *options: str) -> None:
        folder.mkdir(exist_ok=True)
        self.role = role
        self.path = folder / f"{role}.sock"
        self.log = folder / f"{role}.log"
        command = [sys.executable, "-m", f"reference_{role}", "--control-socket", str(self.path), *options]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment)
        found = until(self._connected, what=f"{role} has a control socket")
        assert found is not None
        self.control: Controlled = found
        if role == "server":
            until(lambda: self.log.read_text().endswith("}\n"), what="it says where it listens")

    def _connected(self) -> Controlled | None:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.controller()
        except (FileNotFoundError, ConnectionRefusedError):
            return None

    def controller(self) -> Controlled:
        """One more."""
        return Controlled(self.role, self.path)

    @property
    def place(self) -> dict[str, Any]:
        """Where a server listens."""
        found: dict[str, Any] = json.loads(self.log.read_text().splitlines()[0])
        return found

    def ended(self) -> int:
        """Its exit status, when it has come to its end."""
        return self.process.wait(PATIENCE)

    def __exit__(self, *_: object) -> None:
        self.control.close()
        end(self.process)
