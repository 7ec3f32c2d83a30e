"""USB channels: the guest looks at what is plugged in; a filter; spice-gtk's shared CD; a QEMU behind the server's socket."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reference_server import Guest
from reference_server.guest import UsbPlugged, UsbRejected
from reference_server.tests.memory import serve
from spiceproto import byte_channel
from spiceproto.enums.link import ChannelType
from spiceproto.enums.usbredir import UsbredirCapability as Can
from spiceproto.messages import spicevmc
from spiceproto.tests import disc_image
from spiceproto.tests.peers import PATIENCE, free_port, listening, need, program, qemu, running, until
from spiceproto.tests.test_usbredir_device import Small
from spiceproto.usbredir_device import CAPABILITIES, DeviceSide
from spiceproto.usbredir_filter import Filter

_BLOCK = 2048
_CONTENT = bytes(range(256)) * 8 * 40


def talk(guest: Guest, side: DeviceSide, piece: int = 1 << 16) -> Any:
    """A client with this device on the first usbredir channel, until nobody has anything to say; the line."""
    wire = serve(guest)
    wire.main()
    line = wire.link(ChannelType.USBREDIR)
    data = side.begin()
    while data:
        for at in range(0, len(data), piece):
            line.send(spicevmc.Data(data[at : at + piece]))
        data = b"".join([side.receive(byte_channel.unpack(value)) for value in line.read() if isinstance(value, spicevmc.Data)])
    return line


@pytest.mark.parametrize("piece", [1, 1 << 16])
def test_the_guest_looks_at_a_device(piece: int) -> None:
    guest = Guest(usb=1)
    told: list[Any] = []
    guest.usb[0].watch(told.append)
    side = DeviceSide(Small(), "a program")
    line = talk(guest, side, piece)
    assert told == [UsbPlugged(0, 0x1234, 0x5678, ("", "", ""), "")]
    line.send(spicevmc.Data(side.unplug()))
    (answer,) = line.read()
    side.receive(answer.data)
    assert not side.leaving and len(told) == 2


def test_a_filter_keeps_a_device_out() -> None:
    guest = Guest(usb=1)
    guest.usb[0].filter = Filter.parse("-1,0x1234,-1,-1,0")
    told: list[Any] = []
    guest.usb[0].watch(told.append)
    side = DeviceSide(Small(), "a program")
    talk(guest, side)
    assert told == [UsbRejected(0)] and side.rejected


def test_a_client_that_acknowledges_nothing_of_a_device_elsewhere() -> None:
    class Elsewhere:
        put: Callable[[bytes], None]

        def begin(self, put: Callable[[bytes], None], close: Callable[[str], None]) -> None:
            self.put = put

        def receive(self, data: bytes) -> None:
            pass

        def end(self) -> None:
            pass

    guest = Guest(usb=1)
    guest.usb[0].bridge = bridge = Elsewhere()
    wire = serve(guest=guest, queue=1 << 20)
    wire.main()
    line = wire.link(ChannelType.USBREDIR)
    sent = 0
    while not line.closed and sent < 100 << 20:
        bridge.put(bytes(1 << 16))
        wire.collect()
        sent += 1 << 16
    assert sent < 5 << 20, "what waits is what its bytes are"


def test_what_is_no_usbredir_closes_the_channel_alone() -> None:
    wire = serve(Guest(usb=1))
    main, *_ = wire.main()
    line = wire.link(ChannelType.USBREDIR)
    line.send(spicevmc.Data(b"GET / HTTP/1.1\r\n\r\n"))
    wire.collect()
    assert line.closed and not main.closed


def test_too_long_a_packet_closes_the_channel() -> None:
    wire = serve(Guest(usb=1))
    wire.main()
    line = wire.link(ChannelType.USBREDIR)
    hello = DeviceSide(Small(), "x", tuple(item for item in CAPABILITIES if item != Can.IDS_64BITS)).begin()
    line.send(spicevmc.Data(hello + b"\x65\0\0\0" + b"\xff\xff\xff\x07" + bytes(4)))
    wire.collect()
    assert line.closed


@contextmanager
def _server(*arguments: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "reference_server", "--port", "0", "--disable-ticketing", "--log", *arguments]
    process = subprocess.Popen([*command, "--duration", "600"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield json.loads(process.stdout.readline())["port"], process
    finally:
        process.terminate()
        process.stdout.close()
        process.wait(PATIENCE)


def _said(process: subprocess.Popen[str], event: str) -> dict[str, Any]:
    assert process.stdout
    while True:
        found: dict[str, Any] = json.loads(process.stdout.readline())
        if found["event"] == event:
            return found


@contextmanager
def _spicy(port: int, disc: Path, folder: Path) -> Iterator[None]:
    """spice-gtk's client with a shared CD, on a screen of its own."""
    need("spicy", "Xvfb")
    number = free_port() % 20000 + 1000
    screen = (program("Xvfb"), f":{number}", "-screen", "0", "800x600x24", "-nolisten", "tcp")
    socket = Path(f"/tmp/.X11-unix/X{number}")
    command = (program("spicy"), "-h", "127.0.0.1", "-p", str(port), f"--spice-share-cd={disc}")
    connect = "--spice-usbredir-redirect-on-connect=-1,-1,-1,-1,1"
    environment = {"DISPLAY": f":{number}", "PATH": "/usr/bin:/bin", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    with (
        running(*screen, log=folder / "xvfb.log", ready=socket.exists),
        running(*command, connect, log=folder / "spicy.log", env=environment),
    ):
        yield


def test_spice_gtk_shares_a_cd(tmp_path: Path) -> None:
    """spicy's own drive, without hardware: the guest knows it by name, and reads the disc byte by byte."""
    disc, copy = tmp_path / "disc.iso", tmp_path / "copy"
    disc.write_bytes(_CONTENT)
    with _server("--usb", "1", "--usb-copy", str(copy)) as (port, process), _spicy(port, disc, tmp_path):
        plugged = _said(process, "usb-plugged")
        assert (plugged["vendor"], plugged["product"]) == (0x2B23, 0xCDCD) and "SPICE CD" in plugged["unit"]
        assert _said(process, "usb-read")["blocks"] == len(_CONTENT) // _BLOCK
    assert copy.read_bytes() == _CONTENT


def test_a_qemu_behind_the_socket_starts_from_the_cd_of_a_client(tmp_path: Path) -> None:
    """The server's socket is the chardev of a QEMU whose firmware starts from what a client of ours shares."""
    need("nasm")
    content = disc_image.noise(64 * 1024)
    disc, serial, path = tmp_path / "disc.iso", tmp_path / "serial", tmp_path / "usb"
    disc.write_bytes(disc_image.image(content, boot=disc_image.boot_program(len(content) // _BLOCK)))
    with _server("--usb-socket", str(path)) as (port, _):
        client = [sys.executable, "-m", "reference_client", f"spice://127.0.0.1:{port}", "--share-cd", str(disc), "--log"]
        log = tmp_path / "client.log"
        other = free_port()
        words = f"-S -serial file:{serial} -qmp unix:{tmp_path / 'qmp'},server=on,wait=off"
        usb = f"-chardev socket,id=u,path={path} -device ich9-usb-ehci1,id=e -device usb-redir,chardev=u,bus=e.0,bootindex=0"
        machine = (*qemu(f"port={other},addr=127.0.0.1,disable-ticketing=on"), *words.split(), *usb.split())
        with (
            running(*client, log=log, ready=lambda: '"channel": "usbredir"' in log.read_text()),
            running(*machine, log=tmp_path / "qemu.log", ready=lambda: listening(other) and (tmp_path / "qmp").exists()),
        ):
            subprocess.run([sys.executable, "-c", _CONT, str(tmp_path / "qmp")], check=True, timeout=PATIENCE)
            until(lambda: serial.exists() and f"SUM {disc_image.sum_of(content):08x}" in serial.read_text(), what="it is read")
    assert serial.read_text().startswith("CD OK\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is full")
def test_a_copy_that_can_not_be_written(tmp_path: Path) -> None:
    disc = tmp_path / "disc"
    disc.write_bytes(_CONTENT)
    with _server("--usb", "1", "--usb-copy", "/dev/full") as (port, process):
        client = [sys.executable, "-m", "reference_client", f"spice://127.0.0.1:{port}", "--share-cd", str(disc), "--log"]
        log = tmp_path / "client.log"
        with running(*client, log=log, ready=lambda: '"channel": "usbredir"' in log.read_text()):
            assert "No space left" in _said(process, "usb-failed")["text"]
            assert '"channel-closed"' not in log.read_text()


_CONT = """
import socket, sys
control = socket.socket(socket.AF_UNIX)
control.settimeout(50)
control.connect(sys.argv[1])
lines = control.makefile("rwb")
lines.readline()
for command in (b"qmp_capabilities", b"cont"):
    lines.write(b'{"execute": "' + command + b'"}\\n')
    lines.flush()
    while b'"return"' not in lines.readline():
        pass
"""
