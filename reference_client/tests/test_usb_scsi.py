"""A CD drive as its commands see it: ready or not, locked, changed; commands on bulk endpoints, and what is none."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from reference_client.usb.bulk_only import BulkOnly
from reference_client.usb.cd import CdDrive
from reference_client.usb.disc import BLOCK, Disc, Drive
from reference_client.usb.scsi import Result, Scsi
from spiceproto.enums.usbredir import UsbStatus
from spiceproto.errors import LocalError
from spiceproto.usb_guest import control

CONTENT = bytes(range(256)) * 8 * 20


def scsi(content: bytes | None = CONTENT) -> Scsi:
    return Scsi(Drive(None if content is None else Disc(content)), "vendor", "product", "0123456789AB")


def sense(unit: Scsi) -> tuple[int, int, int]:
    data = unit.execute(bytes([0x03, 0, 0, 0, 18])).data
    return data[2], data[12], data[13]


def test_blocks() -> None:
    unit = scsi()
    assert unit.execute(bytes([0x25])).data == struct.pack(">LL", 19, BLOCK)
    found = unit.execute(struct.pack(">BBLBH", 0x28, 0, 3, 0, 2))
    assert found.length == 2 * BLOCK and found.read(0, 1 << 20) == CONTENT[3 * BLOCK : 5 * BLOCK]
    assert found.read(BLOCK, 10) == CONTENT[4 * BLOCK : 4 * BLOCK + 10]
    assert not unit.execute(struct.pack(">BBLBH", 0x28, 0, 19, 0, 2)).good and sense(unit) == (5, 0x21, 0)
    assert not unit.execute(struct.pack(">BBLL", 0xA8, 0, 0xFFFFFFFF, 0xFFFFFFFF)).good


@pytest.mark.parametrize("command", range(256))
def test_every_command_has_an_answer(command: int) -> None:
    for content in (CONTENT, None):
        for rest in (bytes(15), b"\xff" * 15, bytes([1, 0x2A, 0, 0x10, 0, 0, 0, 255, 0] + [0] * 6)):
            for size in (1, 6, 10, 16):
                found = scsi(content).execute((bytes([command]) + rest)[:size])
                assert isinstance(found, Result) and found.length <= (1 << 32) * BLOCK


def test_without_a_disc() -> None:
    unit = scsi(None)
    assert not unit.execute(bytes(6)).good and sense(unit) == (2, 0x3A, 0)
    assert sense(unit) == (0, 0, 0), "it is told once"
    assert not unit.execute(bytes([0x25])).good
    assert not unit.execute(bytes([0x1B, 0, 0, 0, 3])).good, "nothing to load"
    assert unit.execute(bytes([0x12, 0, 0, 0, 36])).data[0] == 5


def test_a_lock_keeps_the_tray_in_and_the_user_has_a_pin() -> None:
    unit = scsi()
    assert unit.execute(bytes([0x1E, 0, 0, 0, 1])).good and unit.drive.locked
    assert not unit.execute(bytes([0x1B, 0, 0, 0, 2])).good and sense(unit) == (5, 0x53, 2)
    unit.execute(bytes([0x1E, 0, 0, 0, 0]))
    assert unit.execute(bytes([0x1B, 0, 0, 0, 2])).good and unit.drive.open
    assert not unit.execute(bytes(6)).good and sense(unit) == (2, 0x3A, 2)
    assert unit.execute(bytes([0x1B, 0, 0, 0, 3])).good and not unit.drive.open
    assert not unit.execute(bytes(6)).good and sense(unit) == (6, 0x28, 0)
    assert unit.execute(bytes(6)).good
    unit.execute(bytes([0x1E, 0, 0, 0, 1]))
    unit.drive.take_out()
    assert not unit.execute(bytes(6)).good and sense(unit) == (6, 0x3A, 0)
    assert not unit.execute(bytes([0x1B, 0, 0, 0, 3])).good, "what the user took does not come back"
    unit.drive.insert(Disc(bytes(BLOCK)))
    assert not unit.execute(bytes(6)).good and sense(unit) == (6, 0x28, 0)
    assert unit.execute(bytes([0x25])).data == struct.pack(">LL", 0, BLOCK)


def test_events_are_told_once() -> None:
    unit = scsi()
    ask = bytes([0x4A, 1, 0, 0, 0x10, 0, 0, 0, 8])
    assert unit.execute(ask).data[4:6] == bytes([0, 2])
    unit.drive.take_out()
    assert unit.execute(ask).data[4:6] == bytes([3, 0])
    unit.drive.insert(Disc(bytes(BLOCK)))
    assert unit.execute(ask).data[4:6] == bytes([2, 2]) and unit.execute(ask).data[4] == 0


def test_discs(tmp_path: Path) -> None:
    path = tmp_path / "disc"
    path.write_bytes(b"x" * (BLOCK + 1))
    disc = Disc(path)
    assert disc.blocks == 2 and disc.read(BLOCK, BLOCK) == b"x" + bytes(BLOCK - 1) and disc.name == "disc"
    disc.close()
    with pytest.raises(LocalError):
        Disc(b"")
    with pytest.raises(OSError):
        Disc(tmp_path / "none")


def cbw(block: bytes, wished: int, tag: int = 7, flags: int = 0x80) -> bytes:
    return struct.pack("<4sLLBBB16s", b"USBC", tag, wished, flags, 0, len(block), block)


def csw(residue: int = 0, status: int = 0, tag: int = 7) -> tuple[UsbStatus, bytes]:
    return UsbStatus.SUCCESS, struct.pack("<4sLLB", b"USBS", tag, residue, status)


READ = struct.pack(">BBLBHB", 0x28, 0, 0, 0, 4, 0)


@pytest.mark.parametrize("pieces", [(8192,), (5000, 3192), (512,) * 16, (1, 8191)])
def test_a_transfer_goes_on_in_the_next_request(pieces: tuple[int, ...]) -> None:
    transport = BulkOnly(scsi())
    assert transport.read(13) is None, "no command yet"
    assert transport.write(cbw(READ, 8192)) == UsbStatus.SUCCESS
    found = b"".join([transport.read(size)[1] for size in pieces])  # type: ignore[index]
    assert found == CONTENT[:8192] and transport.read(13) == csw() and transport.read(13) is None


def test_fewer_bytes_than_wished_and_none() -> None:
    transport = BulkOnly(scsi())
    transport.write(cbw(bytes([0x25]) + bytes(9), 20))
    assert transport.read(20) == (UsbStatus.SUCCESS, struct.pack(">LL", 19, BLOCK)) and transport.read(13) == csw(12)
    transport.write(cbw(bytes([0xEE]), 20))
    assert transport.read(20) == (UsbStatus.STALL, b"") and transport.read(13) == (UsbStatus.STALL, b"")
    transport.clear_halt(0x81)
    assert transport.read(13) == csw(20, 1)
    transport.write(cbw(bytes(6), 0, flags=0))
    assert transport.read(13) == csw()


def test_data_that_nobody_wants_is_taken() -> None:
    transport = BulkOnly(scsi())
    transport.write(cbw(bytes([0x55]), 600, flags=0))
    assert transport.write(bytes(512)) == UsbStatus.SUCCESS and transport.read(13) is None
    assert transport.write(bytes(88)) == UsbStatus.SUCCESS and transport.read(13) == csw(0, 1)


@pytest.mark.parametrize("wrong", [b"", b"USBC", bytes(31), cbw(READ, 1)[:-1], cbw(READ, 1) + b"x", cbw(b"", 1)])
def test_what_is_no_command_halts_until_a_reset(wrong: bytes) -> None:
    transport = BulkOnly(scsi())
    assert transport.write(wrong) == UsbStatus.STALL
    transport.clear_halt(0x81)
    assert transport.read(13) == (UsbStatus.STALL, b"") and transport.write(cbw(READ, 8192)) == UsbStatus.STALL
    transport.reset()
    assert transport.write(cbw(READ, 8192)) == UsbStatus.SUCCESS


@pytest.mark.parametrize("shorter", (True, False))
def test_a_disc_that_can_not_be_read_fails_the_command(tmp_path: Path, shorter: bool) -> None:
    path = tmp_path / "disc"
    path.write_bytes(bytes(4 * BLOCK))
    disc = Disc(path)
    unit = Scsi(Drive(disc), "v", "p", "s")
    transport = BulkOnly(unit)
    transport.write(cbw(READ, 8192))
    if shorter:
        with path.open("r+b") as file:
            file.truncate(3 * BLOCK)
    else:
        disc.close()
    assert transport.read(8192) == (UsbStatus.SUCCESS, b"") and transport.read(13) == csw(8192, 1) and sense(unit)[0] == 3


@pytest.mark.parametrize("requesttype", [0x00, 0x01, 0x02, 0x21, 0x80, 0x81, 0x82, 0xA1, 0xC0])
def test_every_control_request_has_an_answer(requesttype: int) -> None:
    for request in range(256):
        for value in (0, 0x100, 0x200, 0x300, 0x303, 0x600, 0xFFFF):
            status, data = CdDrive(Drive()).control(control(requesttype, request, value, 0, 255))
            assert status in (UsbStatus.SUCCESS, UsbStatus.STALL) and len(data) < 255
