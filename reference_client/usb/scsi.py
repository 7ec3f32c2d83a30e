"""The commands of a CD drive: SCSI primary commands and MMC, as far as firmware and operating systems were seen to need them.

A command is a block of bytes, whose numbers are big-endian. What it answers is a :class:`Result`. The sense of a failure is
kept for the REQUEST SENSE that follows. Nothing here knows how commands travel.

Sources: SPC-3, MMC-5 and SBC-2 of T10; what SeaBIOS, OVMF and Linux send.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from reference_client.usb.disc import BLOCK, Disc, Drive

__all__ = ["Result", "Scsi"]

_NO_SENSE: Final = (0, 0, 0)
_NOT_READY, _MEDIUM, _ILLEGAL, _ATTENTION = 2, 3, 5, 6
_NO_DISC: Final = (_NOT_READY, 0x3A, 0x00)
_TRAY_OPEN: Final = (_NOT_READY, 0x3A, 0x02)
_UNKNOWN: Final = (_ILLEGAL, 0x20, 0x00)
_OUT_OF_RANGE: Final = (_ILLEGAL, 0x21, 0x00)
_WRONG_FIELD: Final = (_ILLEGAL, 0x24, 0x00)
_LOCKED: Final = (_ILLEGAL, 0x53, 0x02)
_UNREADABLE: Final = (_MEDIUM, 0x11, 0x00)

_PROFILE: Final = 0x0008
"""CD-ROM."""

_LEAD_OUT: Final = 0xAA
_FRAMES: Final = 75
_PREGAP: Final = 150
"""Frames before the first block where a time is told instead of a number."""


class Result(msgspec.Struct, frozen=True):
    """What a command answers: ``data``, or ``size`` bytes of the disc from byte ``start`` on; ``good`` if it succeeded."""

    data: bytes = b""
    disc: Disc | None = None
    start: int = 0
    size: int = 0
    good: bool = True

    @property
    def length(self) -> int:
        """Bytes in all."""
        return self.size if self.disc is not None else len(self.data)

    def read(self, at: int, size: int) -> bytes:
        """A part of it. Raises OSError."""
        size = min(size, self.length - at)
        return self.data[at : at + size] if self.disc is None else self.disc.read(self.start + at, size)


_DONE: Final = Result()


class Scsi:
    """A drive that is told commands. ``sense`` is that of the last failure: key, additional code, qualifier."""

    def __init__(self, drive: Drive, vendor: str, product: str, serial: str) -> None:
        self.drive = drive
        self.sense = _NO_SENSE
        self._names = (vendor, product)
        self._serial = serial

    def execute(self, block: bytes) -> Result:
        """One command; ``block`` has 1 to 16 bytes."""
        block = block.ljust(16, b"\0")
        command = block[0]
        if command not in _UNREFUSED:
            if self.drive.attention is not None:
                attention, self.drive.attention = self.drive.attention, None
                return self.fail((_ATTENTION, *attention))
            self.sense = _NO_SENSE
        act = _COMMANDS.get(command)
        return self.fail(_UNKNOWN) if act is None else act(self, block)

    def fail(self, sense: tuple[int, int, int]) -> Result:
        """The command failed, and this is why."""
        self.sense = sense
        return Result(good=False)

    def unreadable(self) -> None:
        """The disc could not be read on the way."""
        self.sense = _UNREADABLE

    def _without_disc(self) -> Result | None:
        """A failure, if there is nothing to read."""
        if self.drive.open:
            return self.fail(_TRAY_OPEN)
        return None if self.drive.disc is not None else self.fail(_NO_DISC)

    # -- commands of every device

    def _test_unit_ready(self, block: bytes) -> Result:
        return self._without_disc() or _DONE

    def _request_sense(self, block: bytes) -> Result:
        sense, self.sense = self.sense, _NO_SENSE
        if sense == _NO_SENSE and self.drive.attention is not None:
            sense, self.drive.attention = (_ATTENTION, *self.drive.attention), None
        key, code, qualifier = sense
        data = bytes([0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, code, qualifier, 0, 0, 0, 0])
        return Result(data[: block[4]])

    def _inquiry(self, block: bytes) -> Result:
        wished = struct.unpack_from(">H", block, 3)[0]
        if not block[1] & 1:
            if block[2]:
                return self.fail(_WRONG_FIELD)
            vendor, product = self._names
            names = vendor.encode().ljust(8)[:8] + product.encode().ljust(16)[:16] + b"1.0 "
            return Result((bytes([5, 0x80, 5, 2, 31, 0, 0, 0]) + names)[:wished])
        serial = self._serial.encode()
        pages = {
            0x00: bytes([0x00, 0x80, 0x83]),
            0x80: serial,
            0x83: bytes([2, 1, 0, 8 + len(serial)]) + self._names[0].encode().ljust(8)[:8] + serial,
        }
        page = pages.get(block[2])
        if page is None:
            return self.fail(_WRONG_FIELD)
        return Result((bytes([5, block[2]]) + struct.pack(">H", len(page)) + page)[:wished])

    def _report_luns(self, block: bytes) -> Result:
        wished = struct.unpack_from(">L", block, 6)[0]
        return Result((struct.pack(">LL", 8, 0) + bytes(8))[:wished])

    def _mode_sense(self, block: bytes) -> Result:
        long = block[0] == 0x5A
        wished = struct.unpack_from(">H", block, 7)[0] if long else block[4]
        page = block[2] & 0x3F
        if page not in (0x2A, 0x3F, 0x01):
            return self.fail(_WRONG_FIELD)
        found = b""
        if page in (0x01, 0x3F):
            found += bytes([0x01, 10, 0, 3]) + bytes(8)
        if page in (0x2A, 0x3F):
            flags = bytes([0x00, 0x00, 0x00, 0x00, 0x29 | 2 * self.drive.locked, 0x00])
            found += bytes([0x2A, 18]) + flags + struct.pack(">HHHH", 1411, 0, 64, 1411) + bytes(4)
        medium = 0x01 if self.drive.ready is not None else 0x70
        if long:
            return Result((struct.pack(">HB", 6 + len(found), medium) + bytes(5) + found)[:wished])
        return Result((bytes([3 + len(found), medium, 0, 0]) + found)[:wished])

    # -- reading

    def _read_capacity(self, block: bytes) -> Result:
        failure = self._without_disc()
        if failure is not None or self.drive.disc is None:
            return failure or _DONE
        return Result(struct.pack(">LL", self.drive.disc.blocks - 1, BLOCK))

    def _read_capacity_16(self, block: bytes) -> Result:
        if block[1] & 0x1F != 0x10:
            return self.fail(_WRONG_FIELD)
        failure = self._without_disc()
        if failure is not None or self.drive.disc is None:
            return failure or _DONE
        wished = struct.unpack_from(">L", block, 10)[0]
        return Result((struct.pack(">QL", self.drive.disc.blocks - 1, BLOCK) + bytes(20))[:wished])

    def _read_10(self, block: bytes) -> Result:
        return self._read(*struct.unpack_from(">LxH", block, 2))

    def _read_12(self, block: bytes) -> Result:
        return self._read(*struct.unpack_from(">LL", block, 2))

    def _read_cd(self, block: bytes) -> Result:
        count = int.from_bytes(block[6:9], "big")
        if block[9] & 0xF8 not in (0x10, 0x00) or block[10] & 7:
            return self.fail(_WRONG_FIELD)  # nothing but the user's data
        return self._read(struct.unpack_from(">L", block, 2)[0], count if block[9] else 0)

    def _read(self, first: int, count: int) -> Result:
        failure = self._without_disc()
        if failure is not None or self.drive.disc is None:
            return failure or _DONE
        if first + count > self.drive.disc.blocks:
            return self.fail(_OUT_OF_RANGE)
        return Result(disc=self.drive.disc, start=first * BLOCK, size=count * BLOCK)

    # -- what a disc and a drive are

    def _read_toc(self, block: bytes) -> Result:
        failure = self._without_disc()
        if failure is not None or self.drive.disc is None:
            return failure or _DONE
        wished = struct.unpack_from(">H", block, 7)[0]
        minutes = bool(block[1] & 2)
        format = block[2] & 0x0F or block[9] >> 6

        def place(number: int) -> bytes:
            if not minutes:
                return struct.pack(">L", number)
            frames = number + _PREGAP
            return bytes([0, min(frames // _FRAMES // 60, 255), frames // _FRAMES % 60, frames % _FRAMES])

        track = bytes([0, 0x14, 1, 0]) + place(0)
        if format == 0:
            if block[6] > 1 and block[6] != _LEAD_OUT:
                return self.fail(_WRONG_FIELD)
            entries = b"" if block[6] == _LEAD_OUT else track
            entries += bytes([0, 0x14, _LEAD_OUT, 0]) + place(self.drive.disc.blocks)
        elif format == 1:
            entries = track
        else:
            return self.fail(_WRONG_FIELD)
        return Result((struct.pack(">HBB", 2 + len(entries), 1, 1) + entries)[:wished])

    def _read_disc_information(self, block: bytes) -> Result:
        failure = self._without_disc()
        wished = struct.unpack_from(">H", block, 7)[0]
        data = struct.pack(">H", 32) + bytes([0x0E, 1, 1, 1, 1, 0x20]) + bytes(8) + b"\xff" * 8 + bytes(10)
        return failure or Result(data[:wished])

    def _get_configuration(self, block: bytes) -> Result:
        first, wished = struct.unpack_from(">H", block, 2)[0], struct.unpack_from(">H", block, 7)[0]
        now = 1 if self.drive.ready is not None else 0
        features = {
            0x0000: (0x03, struct.pack(">HBB", _PROFILE, now, 0)),
            0x0001: (0x0B, struct.pack(">LBBBB", 8, 1, 0, 0, 0)),
            0x0002: (0x07, bytes([1, 0, 0, 0])),
            0x0003: (0x03, bytes([0x29, 0, 0, 0])),
            0x0010: (now, struct.pack(">LHBB", BLOCK, 1, 0, 0)),
            0x001E: (now, bytes(4)),
        }
        kind = block[1] & 3
        wanted = [first] if kind == 2 else [number for number in features if number >= first]
        found = b"".join(
            struct.pack(">HBB", number, features[number][0], len(features[number][1])) + features[number][1]
            for number in wanted
            if number in features and (kind != 1 or features[number][0] & 1)
        )
        return Result((struct.pack(">LHH", 4 + len(found), 0, _PROFILE * now) + found)[:wished])

    def _get_event_status(self, block: bytes) -> Result:
        wished = struct.unpack_from(">H", block, 7)[0]
        if not block[1] & 1:
            return self.fail(_WRONG_FIELD)  # only polled
        if not block[4] & 0x10:
            return Result(struct.pack(">HBB", 2, 0x80, 0x10)[:wished])
        news, self.drive.news = self.drive.news, 0
        status = self.drive.open | 2 * (self.drive.ready is not None)
        return Result((struct.pack(">HBB", 6, 4, 0x10) + bytes([news, status, 0, 0]))[:wished])

    def _mechanism_status(self, block: bytes) -> Result:
        wished = struct.unpack_from(">H", block, 8)[0]
        return Result(bytes([0, 0x10 * self.drive.open, 0, 0, 0, 0, 0, 0])[:wished])

    def _read_format_capacities(self, block: bytes) -> Result:
        wished = struct.unpack_from(">H", block, 7)[0]
        disc = self.drive.ready
        entry = struct.pack(">LL", disc.blocks, 2 << 24 | BLOCK) if disc is not None else struct.pack(">LL", 0, 3 << 24 | BLOCK)
        return Result((bytes([0, 0, 0, len(entry)]) + entry)[:wished])

    # -- the tray

    def _prevent_removal(self, block: bytes) -> Result:
        self.drive.locked = bool(block[4] & 1)
        return _DONE

    def _start_stop(self, block: bytes) -> Result:
        if not block[4] & 2:
            return _DONE  # it turns, or not
        if block[4] & 1:
            return _DONE if self.drive.load() else self.fail(_NO_DISC)
        return _DONE if self.drive.eject() else self.fail(_LOCKED)

    def _nothing(self, block: bytes) -> Result:
        return self._without_disc() or _DONE


_COMMANDS: Final[Mapping[int, Callable[[Scsi, bytes], Result]]] = {
    0x00: Scsi._test_unit_ready,
    0x03: Scsi._request_sense,
    0x12: Scsi._inquiry,
    0x1A: Scsi._mode_sense,
    0x1B: Scsi._start_stop,
    0x1E: Scsi._prevent_removal,
    0x23: Scsi._read_format_capacities,
    0x25: Scsi._read_capacity,
    0x28: Scsi._read_10,
    0x2B: Scsi._nothing,
    0x35: Scsi._nothing,
    0x43: Scsi._read_toc,
    0x46: Scsi._get_configuration,
    0x4A: Scsi._get_event_status,
    0x51: Scsi._read_disc_information,
    0x5A: Scsi._mode_sense,
    0x9E: Scsi._read_capacity_16,
    0xA0: Scsi._report_luns,
    0xA8: Scsi._read_12,
    0xBD: Scsi._mechanism_status,
    0xBE: Scsi._read_cd,
}

_UNREFUSED: Final = frozenset({0x03, 0x12, 0xA0, 0x46, 0x4A})
"""Commands that are done whatever the next one is to be told first."""
