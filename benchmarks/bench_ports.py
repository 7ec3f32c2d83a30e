"""Bytes through a port: processor time of the reference server for each MB, both ways, and of libspice-server to the guest.

    python benchmarks/bench_ports.py [--megabytes N] [--rounds N]

Behind the reference's port is a program on a Unix socket, as users have it; behind libspice-server's a function of Python that
counts, once for every stretch. Nothing is compressed. Rounds of the two take turns.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from spiceproto.capabilities import NONE
from spiceproto.channel import Channel, MessageReceived
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import ChannelType
from spiceproto.link import ClientLink, Established
from spiceproto.messages import main as main_messages
from spiceproto.messages import spicevmc

_ANNOUNCED = NONE.with_(CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE, CommonCapability.MINI_HEADER)
_MB = 1_000_000
_PIECE = 1 << 16
_PATIENCE = 60.0


class Line:
    """One linked channel."""

    def __init__(self, port: int, kind: ChannelType, session: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), _PATIENCE)
        link = ClientLink(kind, 0, session, _ANNOUNCED)
        established = None
        while established is None:
            self.socket.sendall(link.bytes_to_send())
            for event in link.receive(self.socket.recv(4096)):
                if isinstance(event, Established):
                    established = event
        self.channel = Channel("client", kind.name.lower(), established.mini_header)
        self.channel.receive(established.server_rest)

    def first(self, kind: type) -> object:
        """The next message of a class."""
        while True:
            while (event := self.channel.next_event()) is not None:
                if isinstance(event, MessageReceived) and isinstance(event.value, kind):
                    return event.value
            self.socket.sendall(self.channel.bytes_to_send())
            self.channel.receive(self.socket.recv(1 << 16))

    def read(self, size: int) -> None:
        """So many bytes of the guest; what wants an answer gets one."""
        while True:
            while (event := self.channel.next_event()) is not None:
                if isinstance(event, MessageReceived) and isinstance(event.value, spicevmc.Data):
                    size -= len(event.value.data)
            if answers := self.channel.bytes_to_send():
                self.socket.sendall(answers)
            if size <= 0:
                return
            self.channel.receive(self.socket.recv(1 << 20))


@contextlib.contextmanager
def _started(command: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdin is not None and process.stdout is not None
    if not process.stdout.readline():
        raise SystemExit(f"{command[1]} does not start")
    try:
        yield process, ~process.pid << 3 | 2  # the number that Linux has for its clock of processor time
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _linked(port: int) -> tuple[Line, Line]:
    main = Line(port, ChannelType.MAIN, 0)
    init = main.first(main_messages.Init)
    assert isinstance(init, main_messages.Init)
    return main, Line(port, ChannelType.PORT, init.session_id)


def _send(line: Line, size: int) -> None:
    message = line.channel.send(spicevmc.Data(b"from the client to the guest ..." * (_PIECE // 32)))
    for _ in range(size // _PIECE):
        line.socket.sendall(message)


def reference(size: int, folder: Path) -> tuple[float, float]:
    """Seconds of processor time: from the guest, and to it."""
    port, path = _free_port(), folder / "port"
    behind = f"org.example.0=unix:{path}"
    command = [sys.executable, "-m", "reference_server", "--disable-ticketing", "--port", str(port), "--guest-port", behind]
    with _started(command) as (_, clock), socket.socket(socket.AF_UNIX) as program:
        program.connect(str(path))
        lines = _linked(port)
        time.sleep(1)  # keys for tickets are made
        before = time.clock_gettime(clock)
        writer = threading.Thread(target=program.sendall, args=(b"from the guest to the client ..." * (size // 32),))
        writer.start()
        lines[1].read(size)
        writer.join()
        between = time.clock_gettime(clock)
        sender = threading.Thread(target=_send, args=(lines[1], size))
        sender.start()
        got = 0
        while got < size // _PIECE * _PIECE:
            got += len(program.recv(1 << 20))
        sender.join()
        return between - before, time.clock_gettime(clock) - between


def libspice(size: int) -> float:
    """To the guest of libspice-server."""
    port = _free_port()
    size = size // _PIECE * _PIECE
    with _started([sys.executable, str(Path(__file__).with_name("port_libspice.py")), str(port), str(size)]) as (_, clock):
        lines = _linked(port)
        before = time.clock_gettime(clock)
        _send(lines[1], size)
        lines[1].read(1)
        return time.clock_gettime(clock) - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    size = options.megabytes * _MB
    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            rounds.append((*reference(size, Path(folder)), libspice(size)))
    best = [min(seconds) for seconds in zip(*rounds, strict=True)]
    for name, seconds in zip(
        ("reference server, from the guest", "... to the guest", "libspice-server, to the guest"), best, strict=True
    ):
        print(f"{name:36} {1000 * seconds / options.megabytes:8.2f} ms a MB")
    print(f"{'ratio, to the guest':36} {best[1] / best[2]:8.2f}")


if __name__ == "__main__":
    main()
