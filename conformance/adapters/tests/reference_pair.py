"""Two reference servers in processes of their own, between which a guest goes."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from conformance.adapters.server_address import ServerAddress
from spiceproto import png
from spiceproto.tests.peers import end, until


class Reference:
    """A reference server, which is asked by its standard input."""

    def __init__(self, folder: Path, *options: str) -> None:
        folder.mkdir()
        self.log = folder / "log"
        command = [sys.executable, "-m", "reference_server", "--port", "0", "--log", "--control", *options]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT)
        self._answers = 0
        self._inputs = 0
        self.place = until(lambda: self.lines("listening"), what="a reference server listens")[0]

    def lines(self, event: str) -> list[dict[str, Any]]:
        """What it has said of this."""
        assert self.process.poll() is None or event == "answer", self.log.read_text()
        found = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{") and line.endswith("}")]
        return [line for line in found if line["event"] == event]

    def ask(self, do: str, **values: Any) -> Any:
        """The answer to a question."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **values}).encode() + b"\n")
        self.process.stdin.flush()
        self._answers += 1
        found = until(lambda: self.lines("answer")[self._answers - 1 :], what=f"an answer to {do}")[0]
        assert found["answer"] == "ok", found
        return found.get("value")

    def got(self, **wanted: Any) -> None:
        """Wait until the guest has got this, behind what was waited for before."""

        def arrived() -> bool:
            lines = self.lines("input")
            found = [place for place, line in enumerate(lines) if place >= self._inputs and wanted.items() <= line.items()]
            self._inputs = found[0] + 1 if found else self._inputs
            return bool(found)

        until(arrived, what=f"the guest gets {wanted}; see {self.log}")


class ReferencePair(contextlib.AbstractContextManager["ReferencePair"]):
    """``guest`` is the server where the guest is."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.source = Reference(folder / "source", *options, "--exit-after-migration")
        self.there = Reference(folder / "there", *options, "--incoming", str(folder / "guest"))
        self.guest = self.source

    def __exit__(self, *_: object) -> None:
        for server in (self.source, self.there):
            end(server.process)

    @property
    def address(self) -> ServerAddress:
        """Where the guest is."""
        return ServerAddress(host="127.0.0.1", port=self.guest.place["port"])

    def migrate(self, kind: str) -> list[str]:
        """Hand the guest over; how the sessions went."""
        there = {"host": "127.0.0.1", "port": self.there.place["port"], "guest": str(self.folder / "guest")}
        found = self.source.ask("migrate", kind=kind, **there)
        until(lambda: self.source.process.poll() is not None, what="the source ends")
        assert self.source.process.returncode == 0, self.source.log.read_text()
        self.guest = self.there
        assert found["left"], found
        return [session["kind"] for session in found["sessions"]]

    def picture(self) -> Any:
        """What the guest shows."""
        path = self.folder / "guest.png"
        self.guest.ask("picture", path=str(path))
        return png.decode(path.read_bytes())
