"""The reference server for ``bench_server.py``: it shows what it is told to, as fast as the client takes it.

python server_reference.py PORT COMPRESSION COMMANDS PIXELS
"""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import Any

import numpy as np
from server_frames import COMMAND, COPY, HEIGHT, WIDTH

from reference_server import Guest, Options, make_server
from reference_server.guest.image import NO_CLIP, image, put
from reference_server.shell import Shell
from spiceproto.codecs import machine_code
from spiceproto.enums.image import BitmapFmt
from spiceproto.messages import display
from spiceproto.messages.draw import DisplayBase
from spiceproto.messages.geometry import Point, Rect
from spiceproto.ticket import TicketKey


def _commands(records: Any, pixels: Any) -> list[Any]:
    """The commands as messages, made before anything is measured."""
    found: list[Any] = []
    for number, record in enumerate(records):
        left, top, width, height = (int(record[name]) for name in ("left", "top", "width", "height"))
        if record["kind"] == COPY:
            first = int(record["offset"]) // 4
            part = pixels[first : first + width * height].reshape(height, width).astype(np.uint32, copy=False)
            found.append(put(image(part, BitmapFmt._32BIT, number=number + 1), left, top))
        else:
            box = Rect(top=top, left=left, bottom=top + height, right=left + width)
            source = Point(int(record["from_left"]), int(record["from_top"]))
            found.append(display.CopyBits(DisplayBase(0, box, NO_CLIP), source))
    return found


async def _serve(port: int, compression: str, commands: list[Any]) -> None:
    guest = Guest(size=(WIDTH, HEIGHT))
    # A server makes 256 keys ahead, for which it takes a third of a processor in its first half minute.
    key = TicketKey.generate()
    shell = Shell(make_server(Options(image_compression=compression, ticket_key=lambda: key), guest))
    await shell.listen("127.0.0.1", port)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print("listening", flush=True)
    while line := await reader.readline():
        first, count = (int(word) for word in line.split())
        for command in commands[first : first + count]:
            guest.screens[0].push(command)
        shell.flush()
    await shell.close()


def main() -> None:
    port, compression, commands, pixels = sys.argv[1:]
    if compression != "off":
        machine_code.prepare()
    made = _commands(np.fromfile(commands, COMMAND), np.memmap(pixels, "<u4", "r"))
    gc.freeze()
    asyncio.run(_serve(int(port), compression, made))


if __name__ == "__main__":
    main()
