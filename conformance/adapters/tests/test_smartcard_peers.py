"""Smart cards with real programs: QEMU's card reader at either end of a server, and the card that spice-gtk plays."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conformance.adapters.process import missing_programs
from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.programs.spice_gtk import SpiceGtk
from conformance.adapters.server_address import ServerAddress
from conformance.adapters.tests.looks import left_by_clients, need_adapters
from spiceproto.tests.peers import absent, end, until

ATR = "3b055350494345"
SELECT, READ = bytes.fromhex("00a4000c023f00"), bytes.fromhex("00b0000000")
SCRIPT = f"""
reader = "Reference reader"
atr = "{ATR}"
[[answer]]
command = "00 a4 *"
response = "90 00"
[[answer]]
command = "00 b0 ?? ?? 00"
response = "{bytes(range(256)).hex()} 90 00"
"""
CCID = (
    "-device ich9-usb-uhci1,id=cards -device usb-ccid,bus=cards.0"
    " -chardev socket,id=card,path={path},reconnect=1 -device ccid-card-passthru,chardev=card"
)


@contextmanager
def _program(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-m", *arguments], stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        end(process)


@contextmanager
def _client(folder: Path, address: str) -> Iterator[subprocess.Popen[str]]:
    """The reference client with a card of a script."""
    script = folder / "card.toml"
    script.write_text(SCRIPT)
    channels = ("--channels", "main,smartcard")
    with _program("reference_client", "--smartcard", str(script), "--log", *channels, address) as process:
        yield process


def _said(process: subprocess.Popen[str], **wanted: Any) -> dict[str, Any]:
    """Its next line that has these values."""
    assert process.stdout is not None
    for line in process.stdout:
        found: dict[str, Any] = json.loads(line)
        if wanted.items() <= found.items():
            return found
    raise AssertionError(f"it never said {wanted}")


def _ask(qemu: Qemu) -> None:
    """The guest's driver sees the card, and sends it two commands."""

    def inserted() -> bool:
        with qemu.card_reader() as reader:
            return reader.card()

    until(inserted)
    with qemu.card_reader() as reader:
        assert reader.power_on().hex() == ATR
        assert reader.transmit(SELECT) == b"\x90\x00"
        assert reader.transmit(READ) == bytes(range(256)) + b"\x90\x00"
        assert reader.transmit(b"\0\xff\0\0") == b"\x6d\x00"


def test_a_guest_of_qemu_asks_the_card_of_the_reference_client(tmp_path: Path) -> None:
    need_adapters(Qemu)
    qemu = left_by_clients({"sound": "0"})
    with qemu, _client(tmp_path, f"spice://{qemu.host}:{qemu.port}") as client:
        assert _said(client, event="card", what="ATR")["code"] == 0
        _ask(qemu)
        assert _said(client, event="card-asked")["command"] == SELECT.hex()
        end(client)
        with qemu.card_reader() as reader:
            until(lambda: not reader.card())


def test_a_device_of_qemu_behind_the_reference_server(tmp_path: Path) -> None:
    need_adapters(Qemu)
    path = tmp_path / "reader"
    server = ("reference_server", "--disable-ticketing", "--log", "--smartcard-socket", str(path))
    with _program(*server) as process:
        port = _said(process, event="listening")["port"]
        options = {"smartcard": "0", "extra": CCID.format(path=path)}
        qemu = left_by_clients(options)
        with qemu, _client(tmp_path, f"spice://127.0.0.1:{port}") as client:
            assert _said(process, event="card-device")["attached"]
            assert _said(client, event="card", what="ATR")["code"] == 0
            _ask(qemu)


def test_the_card_of_spice_gtk_answers_the_guest_of_the_reference_server() -> None:
    need_adapters(SpiceGtk)
    if missing := missing_programs("certutil"):
        absent(missing)
    with _program("reference_server", "--disable-ticketing", "--log", "--guest", "card") as server:
        port = _said(server, event="listening")["port"]
        with SpiceGtk({"smartcard": "1"}) as gtk:
            gtk.connect(ServerAddress(host="127.0.0.1", port=port))
            assert _said(server, event="card-reader")["present"]
            atr = bytes.fromhex(_said(server, event="card")["atr"])
            assert atr[0] == 0x3B
            answer = bytes.fromhex(_said(server, event="card-answer")["answer"])
            assert len(answer) >= 2
            assert gtk.do("card", present=False).kind == "ok"
            assert _said(server, event="card")["atr"] is None
            assert gtk.do("card", present=True).kind == "ok"
            assert bytes.fromhex(_said(server, event="card")["atr"]) == atr
