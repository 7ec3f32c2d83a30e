"""The live view in headless Chromium: from numpy to the pixels of a page. Nothing here can fail.

    python benchmarks/bench_view.py [--size 1920x1080] [--seconds N] [--rounds N]

A canvas is changed in this process, and the view shows it. A frame counts when the page has said that it is drawn; a latency
has that way back in it, too. Frames of *desktop* differ in every pixel from the one before, and so do those of *noise*, which
no LZ4 makes smaller; the next one comes as soon as the view may send it. Processor time of the view is that of this process,
of Chromium that of all its processes. *small* is one change of 64x32 pixels at a time, 20 ms apart.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pictures import KINDS, Picture

from conformance.adapters.chromium import Chromium
from reference_client.channels.display import Damaged
from reference_client.view import displays
from reference_client.view.access import Place
from reference_client.view.feature import Page
from reference_client.view.view import View
from spiceproto.canvas.damage import Damage
from spiceproto.canvas.region import Box
from spiceproto.canvas.surface import Surface
from spiceproto.enums.display import SurfaceFmt

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_DIFFERENT: Final = 4
_SMALL: Final = (64, 32)


class Channel:
    """What the view sees of a display channel."""

    def __init__(self, width: int, height: int) -> None:
        self.id = 0
        self.primary = Surface(SurfaceFmt._32_xRGB, np.zeros((height, width), np.uint32))
        self.surfaces = {0: argparse.Namespace(primary=True)}
        self.canvas = self
        self.damage = Damage()

    def take_damage(self, surface: int) -> tuple[Box, ...]:
        return self.damage.take(surface)


class Screen:
    """A session with one display, whose canvas this program draws."""

    def __init__(self, width: int, height: int) -> None:
        self.client = argparse.Namespace(displays={0: Channel(width, height)})

    def pump(self) -> None:
        pass

    def draw(self, view: View, left: int, top: int, picture: Picture) -> None:
        channel = self.client.displays[0]
        height, width = picture.shape
        channel.primary.pixels[top : top + height, left : left + width] = picture
        channel.damage.add(0, (Box(left, top, left + width, top + height),))
        view.on_event(Damaged(0, 0))


class Counted(displays.Displays):
    """The displays, with the times of acknowledgements."""

    latest: Counted

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        Counted.latest = self
        self.drawn = 0
        self.most = 0
        self.moved = asyncio.Event()

    def received(self, page: Page, kind: int, data: memoryview) -> None:
        self.most = max(self.most, self.ahead)
        super().received(page, kind, data)
        self.drawn += 1
        self.moved.set()
        self.moved = asyncio.Event()

    @property
    def ahead(self) -> int:
        return max([len(watcher.under_way) for watcher in self._watchers.values()], default=0)


def processor_seconds(group: int) -> float:
    """Of all processes of a group, and of those that they have waited for."""
    found = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[2]) == group:
            found += sum(map(int, words[11:15]))
    return found / _TICKS


def frames(kind: str, width: int, height: int) -> Iterator[Picture]:
    """Pictures of which no two neighbours have an equal pixel."""
    ground = KINDS[kind](width, height) & np.uint32(0xF8F8F8)
    made = [np.roll(ground, 37 * number, axis=1) | np.uint32(0x010101 * (number + 1)) for number in range(_DIFFERENT)]
    while True:
        yield from made


async def measure(size: tuple[int, int], seconds: float, rounds: int) -> None:
    for kind in ("desktop", "noise"):
        screen, view = Screen(*size), View(Place("127.0.0.1", 0))
        view.show(screen)  # type: ignore[arg-type]
        address = await view.listen()
        with tempfile.TemporaryDirectory() as folder:
            browser = await asyncio.to_thread(Chromium, Path(folder), Path(folder) / "log")
            try:
                await asyncio.to_thread(browser.load, address)
                await asyncio.to_thread(browser.loaded)
                while Counted.latest.drawn == 0:
                    await asyncio.sleep(0.05)
                for _ in range(rounds):
                    await full(screen, view, kind, size, seconds, browser.process.popen.pid)
                for _ in range(rounds):
                    await small(screen, view, seconds)
                await check(screen, browser)
            finally:
                await asyncio.to_thread(browser.stop)
        await view.stop()


async def full(screen: Screen, view: View, kind: str, size: tuple[int, int], seconds: float, group: int) -> None:
    """All of the display, again and again."""
    counted, pictures = Counted.latest, frames(kind, *size)
    counted.most = 0
    begun, drawn = time.perf_counter(), counted.drawn
    own, other = time.process_time(), processor_seconds(group)
    while time.perf_counter() - begun < seconds:
        screen.draw(view, 0, 0, next(pictures))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        while counted.ahead >= displays.WINDOW:
            await counted.moved.wait()
    took, number = time.perf_counter() - begun, counted.drawn - drawn
    own, other = time.process_time() - own, processor_seconds(group) - other
    print(
        f"{kind:8} {size[0]}x{size[1]}  {number / took:5.1f} frames/s   view {own / number * 1000:5.1f} ms a frame"
        f"   Chromium {other / number * 1000:5.1f} ms   at most {counted.most} ahead   load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


async def small(screen: Screen, view: View, seconds: float) -> None:
    """One small change after another."""
    counted, dice = Counted.latest, np.random.default_rng(7)
    while counted.ahead:
        await counted.moved.wait()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        picture = dice.integers(0, 1 << 24, _SMALL[::-1], np.uint32)
        begun = time.perf_counter()
        screen.draw(view, int(dice.integers(0, 1000)), int(dice.integers(0, 600)), picture)
        await counted.moved.wait()
        times.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(0.02)
    ranked = statistics.quantiles(times, n=20)
    print(
        f"{'small':8} {_SMALL[0]}x{_SMALL[1]}      change to pixel and back {statistics.median(times):.1f} ms,"
        f" 95 % {ranked[-1]:.1f} ms   {len(times)} changes   load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


async def check(screen: Screen, browser: Chromium) -> None:
    """Whether the page shows what the canvas has."""
    script = """(() => { const canvas = document.getElementById("display-0");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return crypto.subtle.digest("SHA-256", data).then((sum) => Array.from(new Uint8Array(sum)).join()); })()"""
    wanted = expected(screen.client.displays[0].primary.pixels)
    print("exact" if await asyncio.to_thread(browser.evaluate, script) == wanted else "NOT EXACT", flush=True)


def expected(pixels: NDArray[np.uint32]) -> str:
    """SHA-256 of words 0x??RRGGBB as a page has them."""
    planes = [pixels >> np.uint32(shift) for shift in (16, 8, 0)]
    bytes_ = np.stack([*planes, np.full_like(pixels, 255)], axis=2).astype(np.uint8)
    return ",".join(map(str, hashlib.sha256(bytes_.tobytes()).digest()))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    View.parts = (Counted,)
    asyncio.run(measure((width, height), options.seconds, options.rounds))


if __name__ == "__main__":
    main()
