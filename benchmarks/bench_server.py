"""The reference server beside libspice-server: the same frames to the same client, over TCP. Nothing here can fail.

    python benchmarks/bench_server.py [--compression NAMES] [--frames NAMES] [--rounds N] [--program PATH]

Each server runs in a process of its own, and this process is the client: it reads messages, acknowledges, answers pings, and
draws nothing. A frame is asked for when the one before is there, so no server drops one. Printed are, of each server, frames
and megabytes a second by the clock, megabytes a frame, processor time of its whole process for a frame, and by how many MiB its
memory has grown since it listened; then ratios to libspice-server, above 1 where the reference server is faster. The servers
take turns, figures are medians.

``--program`` is a program in place of ``server_libspice.py``, with the same arguments and the same lines on its input.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path
from typing import Any, Final, NamedTuple

from server_frames import Frames, write

from spiceproto.capabilities import Capabilities
from spiceproto.channel import Channel, MessageReceived
from spiceproto.enums.capabilities import CommonCapability, DisplayCapability
from spiceproto.enums.link import ChannelType
from spiceproto.link.client import ClientLink
from spiceproto.link.events import Established
from spiceproto.messages import display, inputs
from spiceproto.messages import main as main_messages

HERE: Final = Path(__file__).parent
COMPRESSIONS: Final = ("off", "lz", "lz4", "quic", "glz", "auto_glz")
TABLES: Final = {ChannelType.MAIN: "main", ChannelType.DISPLAY: "display", ChannelType.INPUTS: "inputs"}

WINDOW: Final = 1 << 23
"""Pixels of the GLZ dictionary: four screens."""

PATIENCE: Final = 60.0
"""Seconds without a byte after which a server is given up."""

_ANNOUNCED: Final = Capabilities().with_(
    CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE, CommonCapability.MINI_HEADER
)
_DRAWN: Final = (display.DrawCopy, display.CopyBits)


class Line:
    """One channel of the client."""

    def __init__(self, port: int, kind: ChannelType, session: int) -> None:
        announced = _ANNOUNCED
        if kind == ChannelType.DISPLAY:
            announced = announced.with_(DisplayCapability.LZ4_COMPRESSION, DisplayCapability.PREF_COMPRESSION)
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.bytes = 0
        link = ClientLink(kind, 0, session, announced)
        established = None
        while established is None:
            self.socket.sendall(link.bytes_to_send())
            for event in link.receive(self.socket.recv(4096)):
                if isinstance(event, Established):
                    established = event
        self.channel = Channel("client", TABLES[kind], established.mini_header)
        self.channel.receive(established.server_rest)

    def send(self, *values: Any) -> None:
        self.socket.sendall(b"".join([self.channel.send(value) for value in values]))

    def read(self) -> list[Any]:
        """The messages that are there now; waits for bytes."""
        data = self.socket.recv(1 << 20)
        if not data:
            raise ConnectionError("the server has closed a connection")
        self.bytes += len(data)
        self.channel.receive(data, time.monotonic())
        return self.messages()

    def messages(self) -> list[Any]:
        found = []
        while (event := self.channel.next_event()) is not None:
            if isinstance(event, MessageReceived):
                found.append(event.value)
        answers = self.channel.bytes_to_send()
        if answers:
            self.socket.sendall(answers)
        return found


class Server:
    """A server in a process of its own, with our client."""

    def __init__(self, name: str, command: list[str], compression: str, folder: Path) -> None:
        self.name = name
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        arguments = [str(port), compression, str(folder / "commands"), str(folder / "pixels")]
        self._process = subprocess.Popen(
            [*command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise SystemExit(f"{name} does not start")
        # The number that Linux has for the clock of another process: of all of its threads.
        self._clock = ~self._process.pid << 3 | 2
        self._memory = self._anonymous()
        self.main = Line(port, ChannelType.MAIN, 0)
        session = next(value for value in self._read_main() if isinstance(value, main_messages.Init)).session_id
        self.main.send(main_messages.AttachChannels())
        self.display = Line(port, ChannelType.DISPLAY, session)
        self.display.send(
            display.Init(pixmap_cache_id=1, pixmap_cache_size=1 << 22, glz_dictionary_id=1, glz_dictionary_window_size=WINDOW)
        )
        self.inputs = Line(port, ChannelType.INPUTS, session)
        self._lines = {line.socket: line for line in (self.main, self.display, self.inputs)}
        with contextlib.suppress(TimeoutError):
            while True:
                self.turn(1.0)

    def _read_main(self) -> list[Any]:
        found = self.main.messages()
        while not any(isinstance(value, main_messages.Init) for value in found):
            found += self.main.read()
        return found

    def turn(self, patience: float = PATIENCE) -> Iterator[Any]:
        """What comes next, on any channel."""
        ready, _, _ = select.select(list(self._lines), [], [], patience)
        if not ready:
            raise TimeoutError(f"{self.name} has gone silent")
        return iter([value for socket in ready for value in self._lines[socket].read()])

    def ask(self, first: int, count: int) -> None:
        """Have a frame shown, and wait for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"%d %d\n" % (first, count))
        self._process.stdin.flush()
        while count > 0:
            count -= sum(isinstance(value, _DRAWN) for value in self.turn())

    def press(self, count: int) -> None:
        """Press keys and move the mouse so many times, and wait until the server has dealt with it."""
        values = (inputs.KeyDown(0x1E), inputs.MouseMotion(1, 1, 0), inputs.KeyUp(0x9E), inputs.MouseMotion(-1, -1, 0))
        block = b"".join([self.inputs.channel.send(value) for value in values])
        answers = count // 8
        sent = 0
        while answers > 0:
            while sent < count and not select.select([self.inputs.socket], [], [], 0)[0]:
                self.inputs.socket.sendall(block * 16)
                sent += 16 * len(values)
            answers -= sum(isinstance(value, inputs.MouseMotionAck) for value in self.turn())

    def _anonymous(self) -> float:
        text = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(text.partition("RssAnon:")[2].split()[0]) / 1024

    @property
    def grown(self) -> float:
        """MiB of memory since it listened."""
        return self._anonymous() - self._memory

    @property
    def processor(self) -> float:
        """Seconds of processor time of the process."""
        return time.clock_gettime(self._clock)

    def close(self) -> None:
        for line in self._lines.values():
            line.socket.close()
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()


class Round(NamedTuple):
    """Of one server and kind of frames: seconds by the clock and of processor time, bytes; each for a frame."""

    clock: float
    processor: float
    bytes: float


def _shown(server: Server, frames: Frames) -> Round:
    clock, processor, size = time.perf_counter(), server.processor, server.display.bytes
    for first, count in frames.frames:
        server.ask(first, count)
    done = len(frames.frames)
    return Round(
        (time.perf_counter() - clock) / done,
        (server.processor - processor) / done,
        (server.display.bytes - size) / done,
    )


def _pressed(server: Server, count: int) -> Round:
    clock, processor = time.perf_counter(), server.processor
    server.press(count)
    return Round((time.perf_counter() - clock) / count, (server.processor - processor) / count, 0)


def _median(rounds: list[Round]) -> Round:
    return Round(*(statistics.median(column) for column in zip(*rounds, strict=True)))


def _compare(servers: list[Server], what: str, rounds: int, measured: Any) -> None:
    times: dict[str, list[Round]] = {server.name: [] for server in servers}
    for number in range(rounds + 1):
        for server in servers:
            found = measured(server)
            if number:  # the first one fills dictionaries and caches
                times[server.name].append(found)
    for server in servers:
        clock, processor, size = _median(times[server.name])
        print(
            f"{what:26}{server.name:12}{1 / clock:9.1f} /s {size / clock / 1e6:8.1f} MB/s {size / 1e6:8.3f} MB"
            f"{1000 * processor:10.4f} ms {server.grown:8.1f} MiB",
            flush=True,
        )
    if len(servers) == 2:
        ours, theirs = (times[server.name] for server in servers)
        pairs = list(zip(ours, theirs, strict=True))
        clock = statistics.median(their.clock / our.clock for our, their in pairs)
        processor = statistics.median(their.processor / our.processor for our, their in pairs)
        size = statistics.median(our.bytes / max(their.bytes, 1) for our, their in pairs)
        print(
            f"{what:26}{'ratio':12}{clock:9.2f} by the clock, {processor:.2f} of processor time, {size:.3f} of the bytes",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compression", default=",".join(COMPRESSIONS), help="names with commas between")
    parser.add_argument("--frames", default="", help="photo, desktop, squares, scroll, scroll-images, inputs; default: all")
    parser.add_argument("--rounds", type=int, default=5, help="of all frames of a kind (default 5)")
    parser.add_argument("--program", help="in place of server_libspice.py")
    parser.add_argument("--only", choices=("reference", "libspice"), help="measure one server alone")
    options = parser.parse_args()
    python = sys.executable
    commands = {
        "reference": [python, str(HERE / "server_reference.py")],
        "libspice": [options.program] if options.program else [python, str(HERE / "server_libspice.py")],
    }
    if not options.program and not find_library("spice-server"):
        print("libspice-server is not installed: the reference server alone", flush=True)
        del commands["libspice"]
    wanted = options.frames.split(",") if options.frames else []
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as folder:
        kinds = write(Path(folder))
        for number, compression in enumerate(options.compression.split(",")):
            servers = [
                Server(name, command, compression, Path(folder))
                for name, command in commands.items()
                if options.only in (None, name)
            ]
            for frames in kinds:
                if not wanted or frames.name in wanted:
                    _compare(servers, f"{compression} {frames.name}", options.rounds, lambda it, f=frames: _shown(it, f))
            if number == 0 and (not wanted or "inputs" in wanted):
                _compare(servers, "inputs", options.rounds, lambda it: _pressed(it, 20480))
            for server in servers:
                server.close()


if __name__ == "__main__":
    main()
