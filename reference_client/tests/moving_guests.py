"""A guest of QEMU that moves to another QEMU, for tests of the client that goes with it.

The guest is ``typing_guest.asm``: it writes what is typed, beeps, and takes or leaves a pointer with positions. Behind a
port of it stands a guest agent that is played: a thread takes what comes, and says what a test wants; it moves with the guest.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from reference_client.tests.servers import Qemu, qemu
from reference_client.tests.virtio_port import DEVICES, Port
from spiceproto import certificates
from spiceproto.agent import chunks, talk
from spiceproto.agent.device import DeviceReader, wrap
from spiceproto.agent.terms import Terms, mask
from spiceproto.enums.agent import AgentCapability, AgentPort
from spiceproto.errors import RemoteError
from spiceproto.messages.agent import AnnounceCapabilities
from spiceproto.tests.peers import PATIENCE, free_port, program, until

__all__ = ["AgentPlay", "Pair", "pair", "screen"]

_CAN: Final = (
    AgentCapability.MONITORS_CONFIG,
    AgentCapability.REPLY,
    AgentCapability.CLIPBOARD_BY_DEMAND,
    AgentCapability.CLIPBOARD_SELECTION,
)
_SOUND: Final = ("-audiodev", "spice,id=a", "-machine", "pcspk-audiodev=a")
_AGENT: Final = ("-chardev", "spicevmc,id=vd,name=vdagent", *DEVICES)


class AgentPlay:
    """``took`` are the messages of the client, as values."""

    def __init__(self, path: Path) -> None:
        self.terms = Terms(mask(_CAN), client=False)
        self.took: list[Any] = []
        self._device = DeviceReader()
        self._unsaid: list[bytes] = []
        self._over = threading.Event()
        self._port = Port(path)
        self._begin()

    def _begin(self) -> None:
        self._over.clear()
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Take a rest: the machine stands still."""
        self._over.set()
        self._thread.join()
        self._port.close()

    def go_on(self, path: Path) -> None:
        """In the machine to which the guest has moved, as it stands."""
        self._port.connect(path)
        self._begin()

    def say(self, value: Any) -> None:
        kind, body = talk.build(self.terms, value)
        self._unsaid += [wrap(AgentPort.CLIENT_PORT, piece) for piece in chunks(kind, body)]

    def _play(self) -> None:
        with contextlib.suppress(OSError, RemoteError):
            while not self._over.wait(0.005):
                self._take(self._port.read())
                while self._unsaid and not self._over.is_set():
                    self._port.write(self._unsaid.pop(0))

    def _take(self, data: bytes) -> None:
        for port, kind, _, content in self._device.receive(data):
            if port != AgentPort.CLIENT_PORT:
                continue
            value = talk.parse(self.terms, kind, content)
            self.took.append(value)
            if isinstance(value, AnnounceCapabilities):
                self.terms.receive(value)
                if value.request:
                    self.say(self.terms.announce())


class Pair:
    """``source`` has the guest, ``destination`` waits for it; ``agent`` is played in it, None before :meth:`play`."""

    def __init__(self, stations: list[Qemu]) -> None:
        self.source, self.destination, *self._further = stations
        self.agent: AgentPlay | None = None

    def next(self) -> None:
        """What was the destination is the source of another journey, if there is somewhere to go."""
        if self._further:
            self.source, self.destination = self.destination, self._further.pop(0)

    def play(self) -> AgentPlay:
        """Begin to play an agent; the guest is up."""
        self.agent = AgentPlay(self.source.folder / "qtest")
        return self.agent

    def announce(self, hostname: str = "127.0.0.1", *, subject: str = "", port: bool = True, tls: bool = True) -> None:
        """Tell the clients of the destination."""
        there: dict[str, Any] = {"hostname": hostname}
        if port:
            there["port"] = self.destination.port
        if self.destination.tls_port and tls:
            there["tls-port"] = self.destination.tls_port
        if subject:
            there["cert-subject"] = subject
        self.source.qmp("client_migrate_info", protocol="spice", **there)

    def call_off(self) -> None:
        """What was announced does not happen: the guest sets out for nowhere, and comes back."""
        self.source.qmp("migrate-set-parameters", **{"max-bandwidth": 4096})
        self.source.qmp("migrate", uri="exec:cat > /dev/null")
        until(lambda: self.source.qmp("query-migrate").get("status") == "active", what="the guest has set out")
        self.source.qmp("migrate_cancel")
        until(lambda: self.source.qmp("query-migrate").get("status") == "cancelled", what="the guest is back")

    def move(self) -> None:
        """The guest goes over; returns when it runs there."""
        if self.agent is not None:
            self.agent.leave()
        self.source.qmp("migrate-set-parameters", **{"max-bandwidth": 1 << 30})
        self.source.qmp("migrate", uri=f"unix:{self.destination.folder / 'incoming'}")
        until(lambda: self.source.qmp("query-migrate").get("status") == "completed", what="the guest has gone")
        until(lambda: self.destination.qmp("query-status")["status"] == "running", what="the guest has arrived")
        if self.agent is not None:
            self.agent.go_on(self.destination.folder / "qtest")


@contextlib.contextmanager
def pair(
    folder: Path,
    *,
    seamless: bool = True,
    spice: str = "disable-ticketing=on",
    here: certificates.Certificates | None = None,
    there: certificates.Certificates | None = None,
    sound: bool = False,
    agent: bool = False,
    stations: int = 2,
) -> Iterator[Pair]:
    """QEMUs, of which each but the first waits for the guest of the one before; with TLS where there are certificates."""
    disk = folder / "guest.img"
    source = Path(__file__).with_name("typing_guest.asm")
    subprocess.run([program("nasm"), "-f", "bin", "-o", str(disk), str(source)], check=True, timeout=PATIENCE)
    with disk.open("r+b") as file:
        file.truncate(1 << 20)  # SeaBIOS reads nothing of a disk without a whole cylinder
    shared = ["-drive", f"if=none,id=disk,format=raw,readonly=on,file={disk}", "-device", "virtio-blk-pci,drive=disk"]
    shared += ["-trace", "enable=input_event_abs", *(_SOUND if sound else ()), *(_AGENT if agent else ())]
    spice += f",seamless-migration={'on' if seamless else 'off'}"
    with contextlib.ExitStack() as stack:
        machines: list[Qemu] = []
        tls_port = 0
        for number, made in enumerate([here, *[there] * (stations - 1)]):
            place = folder / f"station{number}"
            place.mkdir()
            options = spice
            if made is not None:
                made.write(place / "pki")
                tls_port = free_port()
                options += f",tls-port={tls_port},x509-dir={place / 'pki'}"
            more = list(shared)
            if number:
                more += ["-incoming", f"unix:{place / 'incoming'}"]
            if agent:
                more += ["-qtest", f"unix:{place / 'qtest'},server=on,wait=off", "-qtest-log", "/dev/null"]
            machines.append(stack.enter_context(qemu(place, options, more=tuple(more))))
            machines[-1].tls_port = tls_port if made is not None else 0
        both = Pair(machines)
        try:
            yield both
        finally:
            if both.agent is not None:
                both.agent.leave()


def screen(server: Qemu, path: Path) -> np.ndarray:
    """QEMU's own picture of its first display: ``uint8 (h, w, 3)``."""
    server.qmp("screendump", filename=str(path))
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))
