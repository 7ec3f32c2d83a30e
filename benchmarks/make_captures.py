"""Deterministic captures for bench_decode: many small messages, few large ones, and a tiny file.

many.pcap    one MOUSE_MOTION a segment, an acknowledgement for most of them
large.pcap   DRAW_COPY with images of 8 to 60 KiB, cut into segments
tiny.pcap    20 KB of the first kind
"""

from __future__ import annotations

import random
import struct
import sys
from pathlib import Path
from typing import BinaryIO

from spiceproto import dispatch
from spiceproto.enums.display import ClipType, ImageScaleMode, MaskFlags, Ropd
from spiceproto.enums.image import ImageFlags, ImageType, QuicImageType
from spiceproto.enums.inputs import MouseButtonMask
from spiceproto.messages.display import DrawCopy
from spiceproto.messages.draw import Clip, Copy, DisplayBase, QMask
from spiceproto.messages.geometry import Point, Rect
from spiceproto.messages.image import BinaryData, Image, ImageDescriptor
from spiceproto.messages.inputs import MouseMotion

CLIENT, SERVER = (b"\x0a\x00\x00\x01", 40000), (b"\x0a\x00\x00\x02", 5900)
SEGMENT = 1448
SIZE = 300, 200
PUBLIC_KEY = bytes.fromhex("30819f300d06092a864886f70d010101050003818d0030818902818100") + b"\x99" * 128 + b"\x02\x03\1\0\1"
"""In the form of an RSA key; nobody can use it."""


HEADER = struct.pack("<4sLLLL", b"QUIC", 0, QuicImageType.RGB32, *SIZE)
"""Of a QUIC stream of that width and height; noise is behind it."""


class Writer:
    """A pcap file of one TCP connection."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out
        self.time = 0
        self.next = {True: 1000, False: 2000}
        out.write(struct.pack("<LHHlLLL", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))

    def packet(self, from_client: bool, payload: bytes, flags: int = 0x18) -> None:
        """One TCP segment."""
        (source, sport), (target, dport) = (CLIENT, SERVER) if from_client else (SERVER, CLIENT)
        tcp = struct.pack(
            ">HHLLBBHHH", sport, dport, self.next[from_client], self.next[not from_client], 0x50, flags, 65535, 0, 0
        )
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), 0, 0, 64, 6, 0, source, target)
        frame = b"\x02" * 12 + b"\x08\x00" + ip + tcp + payload
        self.time += 37
        self.out.write(
            struct.pack("<LLLL", 1_700_000_000 + self.time // 1_000_000, self.time % 1_000_000, len(frame), len(frame))
        )
        self.out.write(frame)
        self.next[from_client] += len(payload) + (1 if flags & 2 else 0)

    def link(self, channel: int) -> None:
        """Handshake of TCP and the link stage, with mini headers."""
        self.packet(True, b"", 2)
        self.packet(False, b"", 0x12)
        self.packet(True, b"", 0x10)
        self.packet(True, b"REDQ" + struct.pack("<LLLLBBLLLL", 2, 2, 22, 7, channel, 0, 1, 0, 18, 0b1001))
        reply = struct.pack("<L", 0) + PUBLIC_KEY + struct.pack("<LLLL", 1, 0, 178, 0b1011)
        self.packet(False, b"REDQ" + struct.pack("<LLL", 2, 2, len(reply)) + reply)
        self.packet(True, struct.pack("<L", 1))
        self.packet(True, bytes(128))
        self.packet(False, struct.pack("<L", 0))

    def message(self, sender: str, channel: str, value: object) -> None:
        """One message in as many segments as it needs."""
        number, body = dispatch.build(channel, sender, value)
        data = struct.pack("<HL", number, len(body)) + body
        for at in range(0, len(data), SEGMENT):
            self.packet(sender == "client", data[at : at + SEGMENT])


def copied(image: Image, box: Rect) -> DrawCopy:
    """The whole of an image of SIZE, drawn at a place."""
    return DrawCopy(
        DisplayBase(0, box, Clip(ClipType.NONE)),
        Copy(
            src_bitmap=image,
            src_area=Rect(top=0, left=0, bottom=SIZE[1], right=SIZE[0]),
            rop_descriptor=Ropd.OP_PUT,
            scale_mode=ImageScaleMode.NEAREST,
            mask=QMask(MaskFlags(0), Point(0, 0)),
        ),
    )


def many(path: Path, count: int) -> int:
    """``count`` motions; returns the number of messages."""
    rng = random.Random(1)
    with path.open("wb") as out:
        writer = Writer(out)
        writer.link(3)
        for index in range(count):
            motion = MouseMotion(
                dx=rng.randrange(-9, 10), dy=rng.randrange(-9, 10), buttons_state=MouseButtonMask(rng.randrange(8))
            )
            writer.message("client", "inputs", motion)
            if index % 4:
                writer.packet(False, b"", 0x10)
    return count


def large(path: Path, size: int) -> int:
    """DRAW_COPY until the file has ``size`` bytes; returns the number of messages."""
    rng = random.Random(2)
    noise = rng.randbytes(1 << 17)
    count = 0
    with path.open("wb") as out:
        writer = Writer(out)
        writer.link(2)
        while out.tell() < size:
            at, length = rng.randrange(1 << 16), rng.randrange(8 << 10, 60 << 10)
            box = Rect(top=0, left=0, bottom=SIZE[1], right=SIZE[0])
            image = Image(
                descriptor=ImageDescriptor(id=count, type=ImageType.QUIC, flags=ImageFlags(0), width=SIZE[0], height=SIZE[1]),
                quic=BinaryData(HEADER + noise[at + len(HEADER) : at + length]),
            )
            writer.message("server", "display", copied(image, box))
            if count % 2:
                writer.packet(True, b"", 0x10)
            count += 1
    return count


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "captures")
    folder.mkdir(parents=True, exist_ok=True)
    print("many", many(folder / "many.pcap", 365_000))
    print("large", large(folder / "large.pcap", 100 << 20))
    print("tiny", many(folder / "tiny.pcap", 130))


if __name__ == "__main__":
    main()
