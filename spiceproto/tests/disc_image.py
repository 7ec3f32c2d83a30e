"""Images of discs for tests: ISO 9660 with one file, and with a program that firmware starts (El Torito, no emulation).

The program is ``boot.asm`` beside this, for the assembler nasm: it says ``CD OK`` on the first serial line, reads the rest of
the disc through the firmware, and says the sum of its words.
"""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

from spiceproto.tests.peers import program

__all__ = ["BLOCK", "FIRST", "boot_program", "image", "noise", "sum_of"]

BLOCK = 2048
FIRST = 32
"""Block at which the file begins."""


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes that nothing compresses, the same each time."""
    import random

    return random.Random(seed).randbytes(size)


def sum_of(data: bytes) -> int:
    """What the program says of them: the sum of all words of 32 bits."""
    words: tuple[int, ...] = struct.unpack(f"<{len(data) // 4}L", data)
    return sum(words) & 0xFFFFFFFF


def boot_program(blocks: int) -> bytes:
    """The program, for a file of so many blocks."""
    source = Path(__file__).with_name("boot.asm")
    command = [program("nasm"), "-f", "bin", f"-DBLOCKS={blocks}", f"-DFIRST={FIRST}", "-o", "/dev/stdout", str(source)]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def _both(value: int, letter: str) -> bytes:
    return struct.pack(f"<{letter}", value) + struct.pack(f">{letter}", value)


def _entry(name: bytes, block: int, size: int, *, folder: bool) -> bytes:
    body = bytes([0]) + _both(block, "L") + _both(size, "L") + bytes([126, 1, 1, 0, 0, 0, 0]) + bytes([2 * folder, 0, 0])
    body += _both(1, "H") + bytes([len(name)]) + name
    body += b"" if (len(body) + 1) % 2 == 0 else b"\0"
    return bytes([len(body) + 1]) + body


def image(content: bytes, *, boot: bytes = b"", label: str = "SPICE") -> bytes:
    """A disc with ``content`` as the file FILE.BIN, filled up to whole blocks."""
    blocks = FIRST + -(-len(content) // BLOCK)
    found = bytearray(blocks * BLOCK)

    def put(block: int, data: bytes, at: int = 0) -> None:
        found[block * BLOCK + at : block * BLOCK + at + len(data)] = data

    root = _entry(b"\0", 23, BLOCK, folder=True)
    primary = b"\x01CD001\x01\0" + b" " * 32 + label.encode().ljust(32) + bytes(8) + _both(blocks, "L") + bytes(32)
    primary += _both(1, "H") * 2 + _both(BLOCK, "H") + _both(10, "L") + struct.pack("<LL", 21, 0) + struct.pack(">LL", 22, 0)
    primary += root + b" " * 128 * 4 + b" " * 37 * 3 + (b"0" * 16 + b"\0") * 4 + b"\x01"
    put(16, primary)
    if boot:
        put(17, b"\0CD001\x01EL TORITO SPECIFICATION")
        put(17, struct.pack("<L", 19), 71)
        check = bytearray(b"\x01\0\0\0" + bytes(24) + b"\0\0\x55\xaa")
        struct.pack_into("<H", check, 28, -sum(struct.unpack("<16H", check)) & 0xFFFF)
        put(19, bytes(check) + struct.pack("<BBHBBHL", 0x88, 0, 0, 0, 0, 4, 20))
        put(20, boot)
    put(18 if boot else 17, b"\xffCD001\x01")
    put(21, b"\x01\0" + struct.pack("<LH", 23, 1) + b"\0\0")
    put(22, b"\x01\0" + struct.pack(">LH", 23, 1) + b"\0\0")
    put(23, root + _entry(b"\x01", 23, BLOCK, folder=True) + _entry(b"FILE.BIN;1", FIRST, len(content), folder=False))
    put(FIRST, content)
    return bytes(found)
