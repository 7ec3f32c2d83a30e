"""How an archive grows with its captures. Nothing here can fail.

    python benchmarks/bench_archive.py [--captures 100,1000,10000] [--no-rules] [--jobs N] [--folder DIR]

*made* are captures of one session each with 20 to 200 messages whose values are random, so that no two are alike: motions,
keys, pings, drawings with images of noise, video. *copies* are the small recordings that come with the tests, again and again.
Prints, for each number of captures: processor time and seconds of the command, its largest memory, bytes of captures and of the
archive, and both for each row of messages; then what it takes to look again when nothing has changed, and when one is new.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from make_captures import HEADER, SIZE, Writer, copied

from spiceproto.enums.image import ImageFlags, ImageType
from spiceproto.enums.inputs import MouseButtonMask
from spiceproto.messages.common import Ping, Pong
from spiceproto.messages.display import DrawCopy, StreamData, StreamDataHeader
from spiceproto.messages.geometry import Rect
from spiceproto.messages.image import BinaryData, Image, ImageDescriptor
from spiceproto.messages.inputs import KeyDown, MouseMotion

RECORDINGS: Final = Path(__file__).parents[1] / "spiceproto" / "tests" / "captures"
SMALL: Final = 64 << 10
"""Bytes of a recording that is copied."""


def _draw(rng: random.Random) -> DrawCopy:
    left, top = rng.randrange(1600), rng.randrange(900)
    image = Image(
        descriptor=ImageDescriptor(
            id=rng.getrandbits(63), type=ImageType.QUIC, flags=ImageFlags.CACHE_ME, width=SIZE[0], height=SIZE[1]
        ),
        quic=BinaryData(HEADER + rng.randbytes(rng.randrange(100, 3000))),
    )
    return copied(image, Rect(top=top, left=left, bottom=top + SIZE[1], right=left + SIZE[0]))


def _of_display(rng: random.Random) -> tuple[str, object]:
    kind, number = rng.randrange(8), rng.getrandbits(32)
    if kind < 4:
        return "server", _draw(rng)
    if kind < 6:
        return "server", StreamData(StreamDataHeader(rng.randrange(8), number), rng.randbytes(rng.randrange(200, 2000)))
    sent = rng.getrandbits(48)
    return ("server", Ping(number, sent, b"")) if kind == 6 else ("client", Pong(number, sent))


def _of_inputs(rng: random.Random) -> tuple[str, object]:
    if rng.randrange(4):
        return "client", MouseMotion(
            dx=rng.randrange(-99, 100), dy=rng.randrange(-99, 100), buttons_state=MouseButtonMask(rng.randrange(8))
        )
    return "client", KeyDown(rng.randrange(1, 88))


def made(path: Path, seed: int) -> None:
    """One capture; the same for the same seed."""
    rng = random.Random(seed)
    channel, number, of = ("display", 2, _of_display) if rng.randrange(2) else ("inputs", 3, _of_inputs)
    with path.open("wb") as out:
        writer = Writer(out)
        writer.time = seed * 60_000_000 + rng.randrange(1_000_000)
        writer.link(number)
        for _ in range(rng.randrange(20, 201)):
            writer.time += rng.randrange(200_000)
            sender, value = of(rng)
            writer.message(sender, channel, value)


def copy(path: Path, number: int) -> None:
    """One of the recordings."""
    files = sorted(item for item in RECORDINGS.iterdir() if ".pcap" in item.name and item.stat().st_size < SMALL)
    source = files[number % len(files)]
    shutil.copy(source, path.with_name(f"{path.name}-{source.name}"))


def _size(folder: Path) -> int:
    return sum(item.stat().st_size for item in folder.rglob("*") if item.is_file())


def run(captures: Path, out: Path, options: list[str]) -> tuple[float, float, int]:
    """Seconds of processor time, by the clock, and MiB of the largest process of a run of the command."""
    command = [sys.executable, "-c", "import sys; from spiceproto.command import main; sys.exit(main())", "archive"]
    began = time.perf_counter()
    child = subprocess.Popen([*command, str(captures), "-o", str(out), *options], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - began, usage.ru_maxrss >> 10


def rows(out: Path) -> int:
    """Rows of messages of an archive."""
    import pyarrow.parquet as parquet

    return sum(parquet.read_metadata(path).num_rows for path in (out / "messages").glob("*.parquet"))


def measure(name: str, make: Any, folder: Path, count: int, options: list[str]) -> None:
    captures, out = folder / f"{name}-captures", folder / f"{name}-{count}"
    captures.mkdir(exist_ok=True)
    for number in range(sum(1 for _ in captures.iterdir()), count):
        make(captures / f"{number:05}", number)
    busy, wall, memory = run(captures, out, options)
    found, size, given = rows(out), _size(out), _size(captures)
    print(
        f"{name:6} {count:6} captures, {found:8} rows: {busy:7.1f} s of processor time, {wall:7.1f} s, {memory:4} MiB; "
        f"{given / 1e6:7.1f} MB of captures, {size / 1e6:6.2f} MB of archive; "
        f"{1e6 * busy / found:5.0f} us, {size / found:5.1f} bytes a row, {size / given:5.1%} of the captures",
        flush=True,
    )
    again = run(captures, out, options)
    make(captures / "new", count)
    one = run(captures, out, options)
    for path in captures.glob("new*"):
        path.unlink()
    print(f"       again {again[0]:.2f} s, with one more {one[0]:.2f} s of processor time", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", default="100,1000,10000")
    parser.add_argument("--kinds", default="made,copies")
    parser.add_argument("--no-rules", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--folder", help="for captures and archives, kept; else one that is removed")
    options = parser.parse_args()
    given = ["-j", str(options.jobs), *["--no-rules"] * options.no_rules]
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {' '.join(given)}")
    with tempfile.TemporaryDirectory() as made_folder:
        folder = Path(options.folder or made_folder)
        folder.mkdir(parents=True, exist_ok=True)
        for kind in options.kinds.split(","):
            for count in map(int, options.captures.split(",")):
                measure(kind, made if kind == "made" else copy, folder, count, given)


if __name__ == "__main__":
    main()
