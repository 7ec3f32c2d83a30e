"""Names of the commands of mass storage devices, for people who read a capture.

Sources: SPC-3, SBC-2 and MMC-5 of T10; USB Mass Storage Class, Bulk-Only Transport 1.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["COMMANDS", "transport"]

COMMANDS: Final[Mapping[int, str]] = MappingProxyType(
    {
        0x00: "TEST UNIT READY",
        0x03: "REQUEST SENSE",
        0x04: "FORMAT UNIT",
        0x08: "READ(6)",
        0x0A: "WRITE(6)",
        0x12: "INQUIRY",
        0x15: "MODE SELECT(6)",
        0x1A: "MODE SENSE(6)",
        0x1B: "START STOP UNIT",
        0x1E: "PREVENT ALLOW MEDIUM REMOVAL",
        0x23: "READ FORMAT CAPACITIES",
        0x25: "READ CAPACITY(10)",
        0x28: "READ(10)",
        0x2A: "WRITE(10)",
        0x2B: "SEEK(10)",
        0x2F: "VERIFY(10)",
        0x35: "SYNCHRONIZE CACHE(10)",
        0x42: "READ SUB-CHANNEL",
        0x43: "READ TOC/PMA/ATIP",
        0x46: "GET CONFIGURATION",
        0x4A: "GET EVENT STATUS NOTIFICATION",
        0x51: "READ DISC INFORMATION",
        0x52: "READ TRACK INFORMATION",
        0x55: "MODE SELECT(10)",
        0x5A: "MODE SENSE(10)",
        0x88: "READ(16)",
        0x8A: "WRITE(16)",
        0x9E: "READ CAPACITY(16)",
        0xA0: "REPORT LUNS",
        0xA8: "READ(12)",
        0xAA: "WRITE(12)",
        0xAD: "READ DISC STRUCTURE",
        0xBB: "SET CD SPEED",
        0xBD: "MECHANISM STATUS",
        0xBE: "READ CD",
    }
)
"""First byte of a command block to its name."""

_CBW, _CSW = 31, 13
_STATUS: Final = ("good", "failed", "phase error")


def transport(data: bytes) -> str:
    """What a command or a status of Bulk-Only Transport says, from all of its bytes; "" for other bytes."""
    if len(data) == _CBW and data.startswith(b"USBC"):
        name = COMMANDS.get(data[15], f"command {data[15]:#04x}")
        wished = int.from_bytes(data[8:12], "little")
        return f"SCSI {name}{_blocks(data[15:])}, {wished} bytes"
    if len(data) == _CSW and data.startswith(b"USBS"):
        residue = int.from_bytes(data[8:12], "little")
        status = _STATUS[data[12]] if data[12] < len(_STATUS) else f"status {data[12]}"
        return f"SCSI {status}" + (f", {residue} bytes less" if residue else "")
    return ""


def _blocks(block: bytes) -> str:
    """Where a command reads or writes, for those that say it in the usual place."""
    if block[0] in (0x28, 0x2A):
        return f" from {int.from_bytes(block[2:6], 'big')}, {int.from_bytes(block[7:9], 'big')} blocks"
    if block[0] in (0xA8, 0xAA):
        return f" from {int.from_bytes(block[2:6], 'big')}, {int.from_bytes(block[6:10], 'big')} blocks"
    return ""
