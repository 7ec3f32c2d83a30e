"""A guest with an agent for tests: QEMU with a virtio port that is driven from here; and the reference client as a program."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from conformance.adapters import virtio_serial
from conformance.adapters.qmp import Qmp
from conformance.adapters.qtest import Qtest
from conformance.adapters.virtio_serial import VirtioSerial
from spiceproto.agent import file_start, talk
from spiceproto.agent.clipboard import Clipboards, Content, Denied, Wanted
from spiceproto.agent.device import DeviceReader, wrap
from spiceproto.agent.pieces import pieces
from spiceproto.agent.terms import Terms, mask
from spiceproto.enums.agent import AgentCapability, AgentMessageType, AgentPort, FileXferStatus
from spiceproto.messages import agent
from spiceproto.tests import peers
from spiceproto.tests.peers import PATIENCE

__all__ = ["Guest", "ReferenceClient", "played_guest"]

_CAN = (
    AgentCapability.MONITORS_CONFIG,
    AgentCapability.REPLY,
    AgentCapability.CLIPBOARD_BY_DEMAND,
    AgentCapability.CLIPBOARD_SELECTION,
    AgentCapability.GUEST_LINEEND_CRLF,
    AgentCapability.CLIPBOARD_GRAB_SERIAL,
)


class Guest:
    """An agent behind a virtio port. It answers by itself what agents answer; a test copies and pastes, and looks at what came.

    * ``takes_files``: whether any file is taken
    * ``pasted``: what was asked for and came
    * ``files``: names to what came whole
    * ``monitors``: those of the last wish
    * ``server``: types of messages that came from the server itself
    """

    def __init__(self, port: VirtioSerial) -> None:
        self.port = port
        self.terms = Terms(mask(_CAN), client=False)
        self.clipboards = Clipboards(self.terms)
        self.copied = b""
        self.pasted: list[bytes] = []
        self.files: dict[str, bytes] = {}
        self.takes_files = True
        self.monitors: list[tuple[int, int]] = []
        self.server: list[int] = []
        self._reader = DeviceReader()
        self._coming: dict[int, tuple[str, int, list[bytes]]] = {}

    def say(self, *values: Any) -> None:
        """Messages for the client; None among them is left out."""
        for value in values:
            if value is not None:
                self.port.write(
                    b"".join([wrap(AgentPort.CLIENT_PORT, piece) for piece in pieces(*talk.build(self.terms, value))])
                )

    def copy(self, content: bytes, kind: int) -> None:
        """Something is copied in the guest."""
        self.copied = content
        self.say(self.clipboards.grab(0, [kind]))

    def paste(self, kind: int) -> None:
        """Somebody pastes in the guest."""
        self.say(self.clipboards.request(0, kind))

    def restart(self) -> None:
        """The port was closed, and another agent opens it: of what was said to the one before nothing is left."""
        self.port.read()
        self._reader = DeviceReader()
        self._from_server(AgentMessageType.CLIENT_DISCONNECTED)
        self.port.open(True)

    def until(self, ready: Callable[[], object], what: str) -> None:
        """Take what comes until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not ready():
            assert time.monotonic() < deadline, f"not within {PATIENCE:g} s: {what}"
            if not self.take():
                time.sleep(0.002)

    def take(self) -> bool:
        """Take what has come; whether there was anything."""
        data = self.port.read()
        for port, type, _, body in self._reader.receive(data):
            if port == AgentPort.SERVER_PORT:
                self._from_server(type)
            else:
                self._from_client(talk.parse(self.terms, type, body))
        return bool(data)

    def _from_server(self, type: int) -> None:
        self.server.append(type)
        if type == AgentMessageType.CLIENT_DISCONNECTED:
            self.terms.reset()
            self.clipboards.reset()
            self._coming.clear()

    def _from_client(self, value: Any) -> None:
        if isinstance(value, agent.AnnounceCapabilities):
            self.say(self.terms.receive(value))
        elif isinstance(value, agent.MonitorsConfig):
            self.monitors = [(item.width, item.height) for item in value.monitors]
            self.say(agent.Reply(AgentMessageType.MONITORS_CONFIG, 1))
        elif isinstance(value, agent.FileXferStart | agent.FileXferData | agent.FileXferStatusMessage):
            self._file(value)
        else:
            self._clipboard(self.clipboards.receive(value))

    def _clipboard(self, event: object) -> None:
        if isinstance(event, Wanted):
            self.say(self.clipboards.supply(event.selection, event.type, self.copied))
        elif isinstance(event, Denied):
            self.say(event.answer)
        elif isinstance(event, Content):
            self.pasted.append(event.data)

    def _file(self, value: Any) -> None:

        if isinstance(value, agent.FileXferStart):
            start = file_start.parse(value.data)
            if not self.takes_files:
                self.say(agent.FileXferStatusMessage(value.id, FileXferStatus.ERROR, b""))
                return
            self._coming[value.id] = (start.name, start.size, [])
            self.say(agent.FileXferStatusMessage(value.id, FileXferStatus.CAN_SEND_DATA, b""))
        elif isinstance(value, agent.FileXferData) and value.id in self._coming:
            name, size, parts = self._coming[value.id]
            parts.append(value.data)
            if sum(map(len, parts)) == size:
                self.files[name] = b"".join(parts)
                del self._coming[value.id]
                self.say(agent.FileXferStatusMessage(value.id, FileXferStatus.SUCCESS, b""))
        elif isinstance(value, agent.FileXferStatusMessage):
            self._coming.pop(value.id, None)


@contextlib.contextmanager
def played_guest(folder: Path) -> Iterator[Guest]:
    """QEMU at the Unix socket ``folder/spice``, whose guest is played."""
    command = [
        *peers.qemu("unix=on", f"addr={folder / 'spice'}", "disable-ticketing=on"),
        *("-qmp", f"unix:{folder / 'qmp'},server=on,wait=off"),
        *("-qtest", f"unix:{folder / 'qtest'},server=on,wait=off", "-qtest-log", os.devnull),
        *("-chardev", "spicevmc,id=agent,name=vdagent"),
        *virtio_serial.devices("agent", "com.redhat.spice.0"),
    ]

    def ready() -> bool:
        return all((folder / name).exists() for name in ("spice", "qmp", "qtest"))

    with (
        peers.running(*command, log=folder / "log", ready=ready),
        Qmp(str(folder / "qmp"), patience=PATIENCE) as control,
        Qtest(str(folder / "qtest"), patience=PATIENCE) as machine,
    ):

        @contextlib.contextmanager
        def paused() -> Iterator[None]:
            control.ask("stop")
            try:
                yield
            finally:
                control.ask("cont")

        yield Guest(VirtioSerial(machine, paused))


class ReferenceClient:
    """``spice-reference-client --control``: questions, and what it tells; with another ``mode``, what it tells."""

    def __init__(self, *arguments: str, mode: str = "--control", environment: dict[str, str] | None = None) -> None:
        command = [sys.executable, "-m", "reference_client", mode, *arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.said: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said.append(json.loads(line))

    def ask(self, do: str, **values: Any) -> dict[str, Any]:
        """One question; the answer."""
        assert self._process.stdin is not None
        before = len(self.answers)
        self._process.stdin.write(json.dumps({"do": do, **values}).encode() + b"\n")
        self._process.stdin.flush()
        return peers.until(lambda: self.answers[before:], what=f"an answer to {do}")[0]

    @property
    def answers(self) -> list[dict[str, Any]]:
        return [line for line in list(self.said) if "answer" in line]

    def told(self, event: str) -> list[dict[str, Any]]:
        """The events of one kind."""
        return [line for line in list(self.said) if line.get("event") == event]

    def __enter__(self) -> ReferenceClient:
        return self

    def __exit__(self, *error: object) -> None:
        peers.end(self._process)
        self._thread.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
