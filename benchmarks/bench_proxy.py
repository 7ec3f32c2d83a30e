"""What the proxy costs: bytes and messages a second, and microseconds that it adds, beside a relay that does nothing else.

    python benchmarks/bench_proxy.py [--seconds 3]

Source and sink are processes of their own. Rates are by processor seconds of the process in the middle (one core), and by the
wall clock, which the three share. Round trips are of a message of 18 bytes that is answered by one of 47, and by one of 64 KiB;
what is added is to the median of both ways, less that of a direct connection.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from struct import pack
from typing import Any

from conformance.lint import Lint
from spiceproto.capabilities import NONE
from spiceproto.dispatch import build
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.display import BrushType, ClipType, ImageScaleMode, MaskFlags, Ropd
from spiceproto.enums.image import ImageFlags, ImageType
from spiceproto.enums.link import ChannelType
from spiceproto.link import ClientLink, LinkPolicy, ServerLink
from spiceproto.messages import common, display
from spiceproto.messages.draw import Brush, Clip, Copy, DisplayBase, Fill, QMask
from spiceproto.messages.geometry import Point, Rect
from spiceproto.messages.image import BinaryData, Image, ImageDescriptor
from spiceproto.proxy.decoder import Decoder
from spiceproto.proxy.observers import Checker
from spiceproto.proxy.places import upstream
from spiceproto.proxy.proxy import Plan, Proxy
from spiceproto.proxy.toml_rules import parse_rules
from spiceproto.proxy.traffic import Observer
from spiceproto.report.text import TextReport

PIECE = 1 << 18
LARGE = 1 << 16
ROUNDS = 3000
HOST = "127.0.0.1"
BOX = Rect(top=0, left=0, bottom=64, right=64)
BASE = DisplayBase(0, BOX, Clip(ClipType.NONE))
NO_MASK = QMask(MaskFlags(0), Point(0, 0), None)


# -- what is said


def link_stage() -> list[tuple[str, bytes]]:
    """Who says what in the link stage of a display channel, in turns."""
    both = NONE.with_(CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE, CommonCapability.MINI_HEADER)
    client = ClientLink(ChannelType.DISPLAY, 0, 1, both)
    server = ServerLink(LinkPolicy({(ChannelType.DISPLAY, 0): both}, sessions={1}))
    turns: list[tuple[str, bytes]] = []
    while up := client.bytes_to_send():
        server.receive(up, 0.0)
        turns.append(("client", up))
        if down := server.bytes_to_send():
            client.receive(down)
            turns.append(("server", down))
    return turns


def framed(value: Any) -> bytes:
    """A server's message of the display, with a mini header."""
    number, body = build("display", "server", value)
    return pack("<HL", number, len(body)) + body


def draw_copy(size: int) -> bytes:
    """An image with ``size`` bytes in all; nobody looks into its stream."""

    def made(stream: int) -> bytes:
        descriptor = ImageDescriptor(id=1, type=ImageType.LZ_RGB, flags=ImageFlags(0), width=64, height=64)
        image = Image(descriptor=descriptor, lz_rgb=BinaryData(bytes(stream)))
        what = Copy(src_bitmap=image, src_area=BOX, rop_descriptor=Ropd.OP_PUT, scale_mode=ImageScaleMode.NEAREST, mask=NO_MASK)
        return framed(display.DrawCopy(BASE, what))

    return made(size - len(made(0)))


def draw_fill() -> bytes:
    """One colour."""
    brush = Brush(type=BrushType.SOLID, color=0)
    return framed(display.DrawFill(BASE, Fill(brush, Ropd.OP_PUT, NO_MASK)))


LOADS = {"DRAW_COPY of 64 KiB": draw_copy(LARGE), "DRAW_FILL": draw_fill(), "PING": framed(common.Ping(1, 1, b""))}


# -- the ends: processes of their own


def play_client(port: int, load: str) -> None:
    """Link, then say how fast what comes is read; or ask, and time the answers."""
    peer = socket.create_connection((HOST, port))
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for who, data in json.loads(sys.stdin.readline()):
        if who == "client":
            peer.sendall(bytes.fromhex(data))
        else:
            receive(peer, len(data) // 2)
    if load in LOADS:
        while peer.recv(PIECE):
            pass
        return
    size, times = len(ANSWERS[load]), []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        peer.sendall(ASK)
        receive(peer, size)
        times.append(time.perf_counter() - begun)
    times = sorted(times[ROUNDS // 10 :])
    print(json.dumps([statistics.median(times), times[len(times) * 99 // 100]]))


def play_server(load: str, seconds: float) -> None:
    """Link, then send as fast as it goes; or answer."""
    listening = socket.create_server((HOST, 0))
    print(listening.getsockname()[1], flush=True)
    stage = json.loads(sys.stdin.readline())
    peer, _ = listening.accept()
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for who, data in stage:
        if who == "server":
            peer.sendall(bytes.fromhex(data))
        else:
            receive(peer, len(data) // 2)
    if load in LOADS:
        one = LOADS[load]
        piece = one * max(PIECE // len(one), 1)
        end = time.perf_counter() + seconds
        sent = 0
        while time.perf_counter() < end:
            peer.sendall(piece)
            sent += len(piece)
        peer.close()
        print(sent, flush=True)
        return
    answer = ANSWERS[load]
    while receive(peer, len(ASK)):
        peer.sendall(answer)


ASK = pack("<HL", 3, 12) + pack("<LQ", 1, 1)
ANSWERS = {"answer of 47 bytes": LOADS["DRAW_FILL"], "answer of 64 KiB": LOADS["DRAW_COPY of 64 KiB"]}


def receive(peer: socket.socket, size: int) -> bytes:
    """So many bytes, or nothing at the end."""
    found = bytearray()
    while len(found) < size:
        piece = peer.recv(size - len(found))
        if not piece:
            return b""
        found += piece
    return bytes(found)


# -- the middle


class Plain(asyncio.Protocol):
    """A relay that does nothing else."""

    def __init__(self, other: Plain | None = None, port: int = 0) -> None:
        self.other, self.port = other, port
        self.transport: asyncio.Transport

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.set_write_buffer_limits(high=1 << 20)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.other is None:
            transport.pause_reading()
            self.task = asyncio.ensure_future(self.dial())

    async def dial(self) -> None:
        loop = asyncio.get_running_loop()
        _, self.other = await loop.create_connection(lambda: Plain(self), HOST, self.port)
        self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        assert self.other is not None
        self.other.transport.write(data)

    def pause_writing(self) -> None:
        assert self.other is not None
        self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        assert self.other is not None
        self.other.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        if self.other is not None:
            self.other.transport.close()


class Nowhere(io.StringIO):
    """Takes lines, and keeps none."""

    def write(self, text: str) -> int:
        return len(text)


def looker(kind: str, checker: Checker) -> Decoder:
    """Who looks on."""
    if kind == "proxy, text":
        report = TextReport(Nowhere())
        found = Decoder(report, report.flush)
        report.begin(found.passing, "")
        return found
    return Decoder(Lint() if kind == "proxy, lint" else checker)


async def middle(kind: str, port: int) -> None:
    """Relay until standard input ends; then say how much processor time that took, and what was parsed."""
    loop = asyncio.get_running_loop()
    checker = Checker(lambda text: print(text, file=sys.stderr))
    settle: Callable[[], object] = lambda: None  # noqa: E731
    if kind == "plain relay":
        server = await loop.create_server(lambda: Plain(port=port), HOST, 0)
        print(server.sockets[0].getsockname()[1], flush=True)
    else:
        observers: tuple[Observer, ...] = ()
        if kind != "proxy, nobody looks":
            decoder = looker(kind, checker)
            observers, settle = (decoder,), decoder.settle
        way, _ = upstream(f"spice://{HOST}:{port}")
        rules = tuple(parse_rules(RULE)[0]) if kind == "proxy, a rule" else ()
        proxy = Proxy(Plan(way=way, rules=rules, observers={"client": observers}))
        print(proxy.listen(HOST, 0), flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    begun = time.process_time()
    await loop.run_in_executor(None, sys.stdin.readline)
    settle()
    print(json.dumps([time.process_time() - begun, checker.messages]), flush=True)
    os._exit(0)


RULE = """
[[rule]]
when = { channel = "display", message = "MARK" }
do = "drop"
"""
"""On what never comes: every message is looked at, and parsed by an observer."""

KINDS = ("plain relay", "proxy, nobody looks", "proxy, parsing", "proxy, a rule", "proxy, text", "proxy, lint")


# -- measuring


def start(*words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


def say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def session(kind: str, load: str, seconds: float) -> tuple[Any, float, float, int]:
    """What an end has found, processor and wall seconds of the middle, and messages that it parsed."""
    stage = json.dumps([(who, data.hex()) for who, data in link_stage()])
    server = start("server", load, seconds)
    port = hear(server)
    relay = start("middle", kind, port) if kind != "direct" else None
    client = start("client", hear(relay) if relay is not None else port, load)
    if relay is not None:
        say(relay, "")
    begun = time.perf_counter()
    say(server, stage)
    say(client, stage)
    found = hear(server) if load in LOADS else hear(client)
    client.wait(60)
    wall = time.perf_counter() - begun
    processor, messages = 0.0, 0
    if relay is not None:
        say(relay, "")
        processor, messages = hear(relay)
        relay.wait(60)
    server.wait(60)
    return found, processor, wall, messages


def main() -> None:
    """Everything in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    for load, one in LOADS.items():
        for kind in KINDS:
            sent, processor, wall, messages = session(kind, load, options.seconds)
            count = sent // len(one)
            assert kind not in KINDS[2:4] or messages == count, (messages, count)
            print(
                f"{load:20} {kind:20} by CPU {sent / processor / 1e6:7.0f} MB/s {count / processor:9.0f} messages/s | "
                f"by the clock {sent / wall / 1e6:7.0f} MB/s {count / wall:9.0f} messages/s",
                flush=True,
            )
    for load in ANSWERS:
        direct = 0.0
        for kind in ("direct", *KINDS):
            (median, late), *_ = session(kind, load, 0)
            direct = direct or median
            print(
                f"{load:20} {kind:20} round trip {median * 1e6:5.0f} us (99 %: {late * 1e6:5.0f}), "
                f"added each way {(median - direct) * 5e5:5.0f} us",
                flush=True,
            )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["client", number, name]:
            play_client(int(number), name)
        case ["server", name, length]:
            play_server(name, float(length))
        case ["middle", name, number]:
            asyncio.run(middle(name, int(number)))
        case _:
            main()
