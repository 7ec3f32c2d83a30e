"""Ports of QEMU: serial lines whose driver is played through its test protocol, so that no guest is needed.

One carries bytes both ways. Another has the name of webdav, and a program of the guest that asks for files of our folder.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reference_client.channels import PortChannel, WebdavChannel
from reference_client.plan import Wish
from reference_client.sharing import Folder
from reference_client.tests.servers import Qemu, qemu
from reference_client.tests.test_shell import Session, run
from spiceproto.mux import Demultiplexer, multiplex
from spiceproto.tests.peers import PATIENCE

_DATA, _FIFO, _STATUS = 0x3F8, 0x3FA, 0x3FD
_READY, _BREAK = 1, 0x10


class Line:
    """The serial line, as its driver has it."""

    def __init__(self, path: Path) -> None:
        self.breaks = 0
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rwb")
        self._ask(f"outb {_FIFO:#x} 1")

    def _ask(self, command: str) -> int:
        self._lines.write(command.encode() + b"\n")
        self._lines.flush()
        while (answer := self._lines.readline().split())[0] != b"OK":
            assert answer[0] == b"IRQ", answer
        return int(answer[1], 0) if len(answer) > 1 else 0

    def write(self, data: bytes) -> None:
        for byte in data:
            self._ask(f"outb {_DATA:#x} {byte:#x}")

    def read(self) -> bytes:
        """What has come; ``breaks`` counts the breaks, each of which leaves a zero byte somewhere."""
        found = bytearray()
        while len(found) < 1 << 12 and (status := self._ask(f"inb {_STATUS:#x}")) & (_READY | _BREAK):
            self.breaks += bool(status & _BREAK)
            if status & _READY:
                found.append(self._ask(f"inb {_DATA:#x}"))
        return bytes(found)

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


@contextmanager
def qemu_with_port(folder: Path, name: str) -> Iterator[tuple[Qemu, Line]]:
    more = ("-chardev", f"spiceport,id=port,name={name}", "-device", "isa-serial,index=0,chardev=port")
    machine = ("-qtest", f"unix:{folder / 'qtest'},server=on,wait=off", "-qtest-log", "/dev/null")
    with qemu(folder, more=(*more, *machine)) as server:
        line = Line(folder / "qtest")
        try:
            yield server, line
        finally:
            line.close()


async def _read(line: Line, size: int) -> bytes:
    found = b""
    async with asyncio.timeout(PATIENCE):
        while len(found) < size:
            found += line.read()
            await asyncio.sleep(0.01)
    return found


def test_bytes_both_ways(tmp_path: Path) -> None:
    with qemu_with_port(tmp_path, "org.example.serial.0") as (server, line):

        async def body(session: Session) -> None:
            await session.until(lambda: "port" in session.linked and session.client.channel(PortChannel).opened)
            channel = session.client.channel(PortChannel)
            assert channel.name == "org.example.serial.0"
            line.write(b"from the guest")
            await session.until(lambda: channel.kept == b"from the guest")
            text = b"a text that is worth to be compressed " * 40
            channel.say(text)
            channel.send_break()
            channel.say(b"behind")
            session.shell.pump()
            found = await _read(line, len(text) + 7)
            assert found.replace(b"\0", b"") == text + b"behind" and line.breaks == 1

        run(Wish(target=f"spice://127.0.0.1:{server.port}"), body)


def test_the_guest_reads_our_folder(tmp_path: Path) -> None:
    pytest.importorskip("wsgidav", reason="the webdav extra is not installed")
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "hello.txt").write_bytes(b"hello from the folder")
    with qemu_with_port(tmp_path, "org.spice-space.webdav.0") as (server, line):

        async def body(session: Session) -> None:
            await session.until(lambda: "webdav" in session.linked and session.client.channel(WebdavChannel).opened)
            parts, answers = Demultiplexer(), dict[int, bytes]()
            requests = {
                1: b"GET /hello.txt HTTP/1.1",
                0x7F5C_0C00_1230: b"PROPFIND / HTTP/1.1\r\nDepth: 1",
                3: b"GET /../secret HTTP/1.1",
            }
            for number, first in requests.items():
                line.write(multiplex(number, first + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
            ended: set[int] = set()
            async with asyncio.timeout(PATIENCE):
                while len(ended) < len(requests):
                    for chunk in parts.receive(line.read()):
                        answers[chunk.client] = answers.get(chunk.client, b"") + chunk.data
                        ended |= set() if chunk.data else {chunk.client}
                    await asyncio.sleep(0.01)
            assert answers[1].startswith(b"HTTP/1.1 200 ") and answers[1].endswith(b"\r\n\r\nhello from the folder")
            assert answers[0x7F5C_0C00_1230].startswith(b"HTTP/1.1 207 ")
            assert b"hello.txt" in answers[0x7F5C_0C00_1230]
            assert not answers[3].startswith(b"HTTP/1.1 2")

        run(Wish(target=f"spice://127.0.0.1:{server.port}", share=Folder(shared).visit), body)
