"""The reference client while pictures come: frames a second, and how long its event loop does one thing. Nothing here can fail.

    python benchmarks/bench_client.py [--compression NAMES] [--frames NAMES] [--server libspice] [--rounds N]

The reference client draws what a server in a process of its own shows (the frames of ``bench_server.py``), a frame as soon as
the one before is drawn. Printed are frames drawn a second, the most processor time that a step of the event loop took, and the
longest time by the clock for which the loop ran nothing of others, steps and threads together; the same of a process that does
nothing but look at the clock says how much of that is the machine's. The first line of a compression is the start of a session,
with kernels that are not there yet.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from bench_server import COMPRESSIONS, HERE
from server_frames import Frames, write

from reference_client import Client, Options
from reference_client.channels.display import DisplayChannel
from reference_client.shell import Shell
from spiceproto.address import Address
from spiceproto.enums.link import ChannelType
from spiceproto.way import Way

steps: list[float] = []
"""Processor time of the steps of the loop, in seconds."""

gaps: list[float] = []
"""Seconds by the clock between two moments at which something else could run."""

_IDLE: Final = """
import time
last, longest = time.perf_counter(), 0.0
end = last + 2.0
while last < end:
    time.sleep(0.001)
    now = time.perf_counter()
    longest, last = max(longest, now - last), now
print(longest)
"""


def _watch() -> None:
    """Measure each step of all event loops from now on."""
    run = asyncio.Handle._run

    def measured(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        steps.append(time.thread_time() - began)

    asyncio.Handle._run = measured  # type: ignore[method-assign, assignment]


async def _look_at_the_clock() -> None:
    last = time.perf_counter()
    while True:
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        gaps.append(now - last)
        last = now


def _say(what: str, frames: int, seconds: float) -> None:
    step, gap = 1000 * max(steps), 1000 * max(gaps)
    print(f"{what:26}{frames / seconds:8.1f} /s   longest step {step:6.1f} ms   longest gap {gap:6.1f} ms", flush=True)
    steps.clear()
    gaps.clear()


class _Session:
    """A server, and the client that shows it."""

    def __init__(self, name: str, compression: str, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        arguments = [str(self.port), compression, str(folder / "commands"), str(folder / "pixels")]
        self.server = subprocess.Popen(
            [sys.executable, str(HERE / f"server_{name}.py"), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.server.stdout is not None
        self.server.stdout.readline()
        channels = (int(ChannelType.DISPLAY), int(ChannelType.INPUTS))
        self.client = Client(Options(canvas=True, glz_window_size=1 << 23, channels=channels))

    @property
    def display(self) -> Any:
        line = self.client.lines.get((int(ChannelType.DISPLAY), 0))
        return None if line is None else line.channel

    async def _until(self, there: Any) -> None:
        while not there():
            await asyncio.sleep(0.002)

    def _drawn(self, count: int) -> bool:
        display = self.display
        return display.handled >= count and not display.drawing.kept

    async def show(self, frames: Frames, rounds: int) -> tuple[int, float]:
        """Have all frames of a kind shown so many times: how many, and the seconds it took."""
        began, done = time.perf_counter(), 0
        assert self.server.stdin is not None
        for first, count in frames.frames * rounds:
            wanted = self.display.handled + count
            self.server.stdin.write(b"%d %d\n" % (first, count))
            self.server.stdin.flush()
            await self._until(lambda wanted=wanted: self._drawn(wanted))
            done += 1
        return done, time.perf_counter() - began

    async def run(self, kinds: list[Frames], rounds: int, compression: str) -> None:
        shell = Shell(self.client, Way(address=Address(host="127.0.0.1", port=str(self.port))))
        began = time.perf_counter()
        shell.start()  # imports, before anybody waits for an answer
        await asyncio.sleep(0)
        steps.clear()
        looking = asyncio.create_task(_look_at_the_clock())
        await self._until(lambda: isinstance(self.display, DisplayChannel) and self.display.shown and self._drawn(1))
        _say(f"{compression} start", 1, time.perf_counter() - began)
        for frames in kinds:
            done, seconds = await self.show(frames, rounds)
            _say(f"{compression} {frames.name}", done, seconds)
        looking.cancel()
        await shell.stop()

    def close(self) -> None:
        assert self.server.stdin is not None
        self.server.stdin.close()
        try:
            self.server.wait(10)
        except subprocess.TimeoutExpired:
            self.server.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compression", default=",".join(COMPRESSIONS), help="names with commas between")
    parser.add_argument("--frames", default="", help="photo, desktop, squares, scroll, scroll-images; default: all")
    parser.add_argument("--rounds", type=int, default=2, help="of all frames of a kind (default 2)")
    parser.add_argument("--server", choices=("reference", "libspice"), default="reference")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    _watch()
    with tempfile.TemporaryDirectory() as folder:
        kinds = write(Path(folder))
        if options.frames:
            kinds = [frames for frames in kinds if frames.name in options.frames.split(",")]
        for compression in options.compression.split(","):
            idle = subprocess.run([sys.executable, "-c", _IDLE], capture_output=True, text=True, check=True).stdout
            print(f"{'an idle process':37}   {'':25}longest gap {1000 * float(idle):6.1f} ms", flush=True)
            session = _Session(options.server, compression, Path(folder))
            try:
                asyncio.run(session.run(kinds, options.rounds, compression))
            finally:
                session.close()


if __name__ == "__main__":
    main()
