"""Films of a session: what was shown, in order, each picture at the time of its change."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference_client import Client, Options
from reference_client.recording import Recording
from reference_client.tests.scripted import ScriptedServer, session
from reference_client.tests.servers import qemu
from reference_client.tests.test_channels_cursor import init
from reference_client.tests.test_command import logged, run
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.enums.display import SurfaceFlags, SurfaceFmt
from spiceproto.enums.link import ChannelType
from spiceproto.messages import cursor, display
from spiceproto.messages.geometry import Point16
from spiceproto.tests import canvas_messages as make
from spiceproto.tests.peers import PATIENCE
from spiceproto.tests.test_mp4 import frames

pytest.importorskip("av")

SIDE = 64
COLOURS = (0x000000, 0x800000, 0x00FF00, 0x4040C0)
BOX = make.rect(0, 0, SIDE, SIDE)


def surface(number: int, *, primary: bool, side: int = SIDE) -> display.SurfaceCreate:
    flags = SurfaceFlags.PRIMARY if primary else SurfaceFlags(0)
    return display.SurfaceCreate(surface_id=number, width=side, height=side, format=SurfaceFmt._32_xRGB, flags=flags)


class Filmed:
    """A client whose display is recorded; ``taken`` counts the pictures."""

    def __init__(self, path: Path, *, cursor: bool = False) -> None:
        self.server: ScriptedServer = session(Client(Options(canvas=True, damage=True)))
        self.recording = Recording(str(path), cursor=cursor)
        self.taken = 0
        self.shell: Any = SimpleNamespace(client=self.server.client, failure=None, pump=self.pump)

    def pump(self) -> None:
        loop = asyncio.get_running_loop()
        self.shell.now = loop.time()
        self.server.run()
        told, self.server.events = self.server.events, []
        for event in told:
            self.recording.on_event(event)

    def watch(self) -> None:
        """Count from now on."""
        channel = self.server.client.displays[0]
        picture = channel.picture

        def counted(**options: Any) -> NDArray[np.uint8]:
            self.taken += 1
            return picture(**options)

        channel.picture = counted  # type: ignore[method-assign]

    async def begin(self) -> None:
        self.watch()
        self.pump()
        self.recording.begin(self.shell)
        await self.show(surface(0, primary=True), display.Mark())

    async def show(self, *values: Any, channel: ChannelType = ChannelType.DISPLAY) -> None:
        """Send, and wait until a picture of it was taken."""
        before = self.taken
        self.server.line(channel).send(*values)
        self.pump()
        async with asyncio.timeout(PATIENCE):
            while self.taken == before:
                await asyncio.sleep(0.005)
                self.pump()


def colour(picture: NDArray[np.uint8]) -> int:
    """The colour in the middle, of those that there are the nearest."""
    found = picture[SIDE // 2, SIDE // 2].astype(int)
    return min(COLOURS, key=lambda each: sum(abs(found[place] - (each >> 16 - 8 * place & 255)) for place in range(3)))


def test_each_change_is_a_picture_at_its_time(tmp_path: Path) -> None:
    filmed = Filmed(tmp_path / "x.mp4")
    sent, seen = [], []

    async def body() -> None:
        time = asyncio.get_running_loop().time
        sent.append(time())
        await filmed.begin()
        seen.append(time())
        for each in COLOURS[1:]:
            sent.append(time())
            await filmed.show(make.fill(BOX, make.solid(each)))
            seen.append(time())
        filmed.pump()
        assert filmed.recording.close() == ""

    asyncio.run(body())
    found = frames(tmp_path / "x.mp4")
    assert [colour(picture) for _, picture in found[: len(COLOURS)]] == list(COLOURS)
    stamps = [time for time, _ in found]
    assert stamps == sorted(set(stamps)) and stamps[0] == 0
    # Times count from the first picture, which was taken between being sent and being seen; so was each of the others.
    for place in range(1, len(COLOURS)):
        assert sent[place] - seen[0] - 0.002 <= stamps[place] <= seen[place] - sent[0] + 0.002


def test_what_is_not_shown_is_not_recorded(tmp_path: Path) -> None:
    filmed = Filmed(tmp_path / "x.mp4")

    async def body() -> None:
        await filmed.begin()
        filmed.server.line(ChannelType.DISPLAY).send(surface(5, primary=False), make.fill(BOX, make.solid(0xFF), surface_id=5))
        filmed.pump()
        await filmed.show(make.fill(BOX, make.solid(COLOURS[2])))
        filmed.recording.close()

    asyncio.run(body())
    assert filmed.taken == 2
    assert [colour(picture) for _, picture in frames(tmp_path / "x.mp4")[:2]] == [COLOURS[0], COLOURS[2]]


def test_a_pointer_that_moves_is_recorded(tmp_path: Path) -> None:
    filmed = Filmed(tmp_path / "x.mp4", cursor=True)
    places = (8, 24, 40)
    block = cursor.Cursor(
        CursorFlags(0),
        cursor.CursorHeader(unique=1, type=CursorType.ALPHA, width=8, height=8, hot_spot_x=0, hot_spot_y=0),
        b"\xff" * 4 * 8 * 8,
    )

    async def body() -> None:
        await filmed.begin()
        await filmed.show(init(block, places[0], places[0]), channel=ChannelType.CURSOR)
        for place in places[1:]:
            await filmed.show(cursor.Move(Point16(place, place)), channel=ChannelType.CURSOR)
        filmed.recording.close()

    asyncio.run(body())
    seen = []
    for _, picture in frames(tmp_path / "x.mp4"):
        bright = np.argwhere(picture.min(axis=2) > 128)
        if len(bright):
            seen.append(int(np.round(bright.min() / 8) * 8))
    assert tuple(dict.fromkeys(seen)) == places


def test_a_session_without_a_picture(tmp_path: Path) -> None:
    filmed = Filmed(tmp_path / "x.mp4")

    async def body() -> str:
        filmed.pump()
        filmed.recording.begin(filmed.shell)
        return filmed.recording.close()

    assert asyncio.run(body()) == "there was no picture to record"
    assert filmed.recording.close() == ""


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_the_program_is_told_to_end_and_the_file_is_whole(tmp_path: Path, signal_number: signal.Signals) -> None:
    with qemu(tmp_path) as server:
        options = ("--record-video", str(tmp_path / "x.mp4"))
        status, log = logged(
            f"spice://127.0.0.1:{server.port}",
            *options,
            enough=lambda log: any(line["event"] == "damaged" for line in log),
            signal_number=signal_number,
        )
    assert status == 0 and log[-1]["event"] == "ended"
    (_, first), *_ = frames(tmp_path / "x.mp4")
    assert first.shape == (400, 720, 3)


def test_words_for_what_can_not_be() -> None:
    done = run("spice://127.0.0.1:9", "--record-video", "/nowhere/x.mp4")
    assert done.returncode == 2 and "No such file" in done.stderr
    done = run("--control", "--record-video", "x.mp4")
    assert done.returncode == 2 and "--record-video records one session" in done.stderr
