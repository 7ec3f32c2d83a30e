"""A shared CD in a guest: QEMU starts from it and reads it, on EHCI and on xHCI; discs change; a bridge to a socket."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from reference_client import events
from reference_client.channels import UsbredirChannel
from reference_client.channels.usbredir import UsbAttached
from reference_client.plan import Wish
from reference_client.tests.servers import qemu
from reference_client.tests.test_reference_server import reference_server, said
from reference_client.tests.test_shell import Session, run
from reference_client.usb.cd import CdDrive
from reference_client.usb.disc import Disc, Drive
from reference_client.usb.redirected import SharedCd
from reference_client.usb_bridge import UsbBridge
from spiceproto.errors import LocalError
from spiceproto.tests import disc_image
from spiceproto.tests.peers import PATIENCE, need
from spiceproto.usbredir_device import DeviceSide

_CONTENT = disc_image.noise(256 * 1024)
_CONTROLLERS = {"ehci": ("ich9-usb-ehci1,id=usb", "usb.0"), "xhci": ("qemu-xhci,id=usb", "usb.0")}


def _disc(folder: Path, *, boot: bool = False) -> Path:
    path = folder / "disc.iso"
    program = disc_image.boot_program(len(_CONTENT) // disc_image.BLOCK) if boot else b""
    path.write_bytes(disc_image.image(_CONTENT, boot=program))
    return path


@pytest.mark.parametrize("controller", _CONTROLLERS)
def test_firmware_starts_from_the_disc_and_reads_it(tmp_path: Path, controller: str) -> None:
    """QEMU waits, the client shares the disc, QEMU goes on: what the disc's program says comes out of the serial line."""
    need("nasm")
    device, bus = _CONTROLLERS[controller]
    serial = tmp_path / "serial"
    words = f"-S -serial file:{serial} -chardev spicevmc,id=usbredir,name=usbredir -device {device}"
    more = (*words.split(), "-device", f"usb-redir,chardev=usbredir,bus={bus},bootindex=0")
    wanted = f"CD OK\nSUM {disc_image.sum_of(_CONTENT):08x}\n"
    with qemu(tmp_path, more=more) as server:

        async def body(session: Session) -> None:
            await session.until(lambda: "usbredir" in session.linked)
            await asyncio.to_thread(server.qmp, "cont")
            await session.until(lambda: serial.exists() and serial.read_text() == wanted)

        cd = SharedCd(Disc(_disc(tmp_path, boot=True)))
        session = run(Wish(target=f"spice://127.0.0.1:{server.port}", usb=(cd,)), body)
    assert session.told(UsbAttached)[0].version.startswith("qemu usb-redir guest")


def test_a_disc_is_read_taken_out_and_changed(tmp_path: Path) -> None:
    """The reference server's guest reads what is in the drive, each time that it is something else."""
    first = _disc(tmp_path)
    second, copy = tmp_path / "second.iso", tmp_path / "copy"
    second.write_bytes(disc_image.image(disc_image.noise(70_000, 2), label="OTHER"))
    with reference_server("--disable-ticketing", "--usb", "1", "--usb-copy", str(copy)) as (port, process):

        async def until(**wanted: Any) -> dict[str, Any]:
            return await asyncio.wait_for(asyncio.to_thread(said, process, **wanted), PATIENCE)

        async def body(session: Session) -> None:
            def wish(verb: str, **values: Any) -> None:
                session.client.wish(verb, values)
                session.shell.pump()

            plugged = await until(event="usb-plugged")
            assert plugged["texts"][1] == "Shared CD" and plugged["unit"].startswith("spicepro")
            assert (await until(event="usb-disc"))["label"] == "SPICE"
            await until(event="usb-read")
            assert copy.read_bytes() == first.read_bytes()
            wish("take-disc-out")
            assert (await until(event="usb-disc"))["blocks"] == 0
            wish("insert-disc", path=str(second))
            assert (await until(event="usb-disc"))["label"] == "OTHER"
            await until(event="usb-read")
            assert copy.read_bytes() == second.read_bytes()
            wish("unplug-usb")
            await until(event="usb-unplugged")
            wish("plug-usb")
            assert (await until(event="usb-disc"))["label"] == "OTHER"
            assert session.client.channel(UsbredirChannel).state(0.0)["connected"]
            with pytest.raises(LocalError):
                wish("insert-disc", path=str(tmp_path / "none"))

        run(Wish(target=f"spice://127.0.0.1:{port}", usb=(SharedCd(Disc(first)),)), body)


@pytest.mark.parametrize("unix", [True, False])
def test_who_listens_at_a_socket_has_the_channel(tmp_path: Path, unix: bool) -> None:
    """A device that speaks usbredir at a socket, behind the client's bridge: the guest reads its disc."""
    disc, copy = _disc(tmp_path), tmp_path / "copy"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        side = DeviceSide(CdDrive(Drive(Disc(disc))), "a program of somebody's")
        writer.write(side.begin())
        while data := await reader.read(1000):
            writer.write(side.receive(data))
        writer.close()

    with reference_server("--disable-ticketing", "--usb", "1", "--usb-copy", str(copy)) as (port, process):

        async def whole() -> None:
            if unix:
                listener = await asyncio.start_unix_server(serve, str(tmp_path / "usb"))
                place = f"unix:{tmp_path / 'usb'}"
            else:
                listener = await asyncio.start_server(serve, "127.0.0.1", 0)
                place = f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
            session = Session(Wish(target=f"spice://127.0.0.1:{port}", usb=(UsbBridge(place),)))
            session.shell.start()
            try:
                await asyncio.wait_for(asyncio.to_thread(said, process, event="usb-read"), PATIENCE)
            finally:
                await session.shell.stop()
                listener.close()

        asyncio.run(whole())
    assert copy.read_bytes() == disc.read_bytes()


def test_a_bridge_to_nowhere_closes_the_channel_alone(tmp_path: Path) -> None:
    with reference_server("--disable-ticketing", "--usb", "1") as (port, _):

        async def body(session: Session) -> None:
            def closed() -> list[events.ChannelClosed]:
                return [event for event in session.told(events.ChannelClosed) if event.channel == "usbredir"]

            await session.until(lambda: bool(closed()) and {"main", "display"} <= session.linked)
            assert str(tmp_path) in closed()[-1].text and "usbredir" not in session.linked and session.client.ended is None

        run(Wish(target=f"spice://127.0.0.1:{port}", usb=(UsbBridge(f"unix:{tmp_path / 'none'}"),)), body)


@pytest.mark.parametrize("place", ["", "nowhere", "host:", ":99", "host:70000", "unix:"])
def test_no_place_for_a_bridge(place: str) -> None:
    with pytest.raises(LocalError):
        UsbBridge(place)
