"""Servers of ``holding_up.py`` as processes that are looked at from outside, and a client of them that does little."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from spiceproto.capabilities import Capabilities
from spiceproto.channel import Channel, MessageReceived
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import ChannelType
from spiceproto.link.client import ClientLink
from spiceproto.link.events import Established, Refused
from spiceproto.messages import cursor, display, inputs
from spiceproto.messages import main as main_messages

PATIENCE: Final = 20.0
"""Seconds for which a server is waited for."""

KINDS: Final = (ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR)
ANNOUNCED: Final = Capabilities().with_(
    CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE, CommonCapability.MINI_HEADER
)


class Look(NamedTuple):
    """A process at one moment: MiB of memory of its own, descriptors, threads, seconds of processor time."""

    memory: float
    descriptors: int
    threads: int
    processor: float


def look(pid: int) -> Look:
    """Look at a process. Raises OSError for one that has ended."""
    status = Path(f"/proc/{pid}/status").read_text()
    return Look(
        int(status.partition("RssAnon:")[2].split()[0]) / 1024,
        len(os.listdir(f"/proc/{pid}/fd")),
        len(os.listdir(f"/proc/{pid}/task")),
        time.clock_gettime(~pid << 3 | 2),  # the number that Linux has for the clock of a process
    )


class Started(NamedTuple):
    """A server that runs."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    @property
    def lives(self) -> bool:
        """Whether it has not crashed."""
        return self.process.poll() is None

    def look(self) -> Look:
        """How it is now."""
        return look(self.process.pid)

    def login(self) -> float | None:
        """Seconds until a new client has INIT, by the clock; None where it does not get that far."""
        began = time.monotonic()
        try:
            with contextlib.closing(Line(self.port, ChannelType.MAIN, 0)) as line:
                line.until(main_messages.Init)
        except (OSError, Turned):
            return None
        return time.monotonic() - began


def missing(name: str) -> str:
    """Why a server can not be started; nothing where it can."""
    return "QEMU is not installed" if name == "qemu" and not shutil.which("qemu-system-x86_64") else ""


@contextlib.contextmanager
def started(name: str, *options: str, folder: Path, descriptors: int, several: bool) -> Iterator[Started]:
    """``reference`` or ``qemu``, on loopback, for ``several`` clients at once or for one, with so many ``descriptors``."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    if name == "reference":
        command = [sys.executable, "-m", "reference_server", "--port", str(port), "--disable-ticketing"]
        command += ["--multi-client"] if several else []
    else:
        words = "-accel tcg -m 64 -display none -nodefaults -no-user-config -vga qxl -spice"
        command = ["qemu-system-x86_64", *words.split(), f"port={port},addr=127.0.0.1,disable-ticketing=on"]
    environment = os.environ | ({"SPICE_DEBUG_ALLOW_MC": "1"} if several else {})
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen([*command, *options], stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (descriptors, descriptors))
    try:
        end = time.monotonic() + PATIENCE
        while not _listening(port):
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{name} does not start: {(folder / f'{name}.log').read_text(errors='replace')[-500:]}")
            time.sleep(0.05)
        yield Started(name, port, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listening(port: int) -> bool:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port for row in rows)


class Turned(Exception):
    """A server has said no, or closed."""


class Line:
    """One channel of the client. Raises OSError and :class:`Turned`."""

    def __init__(self, port: int, kind: ChannelType, session: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        link = ClientLink(kind, 0, session, ANNOUNCED)
        established = None
        while established is None:
            self.socket.sendall(link.bytes_to_send())
            for event in link.receive(self._bytes()):
                if isinstance(event, Refused):
                    raise Turned(event.text)
                if isinstance(event, Established):
                    established = event
        self.channel = Channel("client", kind.name.lower(), established.mini_header)
        self.channel.receive(established.server_rest)

    def _bytes(self) -> bytes:
        data = self.socket.recv(1 << 18)
        if not data:
            self.socket.close()
            raise Turned("closed")
        return data

    def send(self, value: Any) -> None:
        """A message."""
        self.socket.sendall(self.channel.send(value))

    def until(self, *kinds: type) -> Any:
        """The next message of one of these classes; what comes before is answered as it must be."""
        while True:
            while (event := self.channel.next_event()) is not None:
                if answers := self.channel.bytes_to_send():
                    self.socket.sendall(answers)
                if isinstance(event, MessageReceived) and isinstance(event.value, kinds):
                    return event.value
            self.channel.receive(self._bytes(), time.monotonic())

    def drain(self) -> None:
        """Read what is there, and answer."""
        while select.select([self.socket], [], [], 0)[0]:
            self.channel.receive(self._bytes(), time.monotonic())
            while self.channel.next_event() is not None:
                pass
            if answers := self.channel.bytes_to_send():
                self.socket.sendall(answers)

    def reset(self) -> None:
        """Be gone without a word: RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def close(self) -> None:
        """Be gone in order."""
        self.socket.close()


class Session:
    """Main, display, inputs and cursor, until the display shows a picture. Raises OSError and :class:`Turned`."""

    def __init__(self, port: int) -> None:
        main = Line(port, ChannelType.MAIN, 0)
        self.lines = [main]
        session = main.until(main_messages.Init).session_id
        main.send(main_messages.AttachChannels())
        main.until(main_messages.ChannelsList)
        self.lines += [Line(port, kind, session) for kind in KINDS]
        self.lines[1].send(
            display.Init(pixmap_cache_id=1, pixmap_cache_size=1 << 20, glz_dictionary_id=1, glz_dictionary_window_size=1 << 20)
        )
        # libspice-server 0.15.1 does not always survive who leaves before.
        for line, first in zip(self.lines[1:], (display.Mark, inputs.Init, cursor.Init), strict=True):
            line.until(first)

    def drain(self) -> None:
        """Read and answer on all channels."""
        for line in self.lines:
            line.drain()

    def close(self, *, reset: bool = False) -> None:
        """All channels end, main the last."""
        for line in self.lines[::-1]:
            line.reset() if reset else line.close()
