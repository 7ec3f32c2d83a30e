"""Pictures that a program writes: which files, and for how long it waits for them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from reference_client import Client, Options, screenshot
from reference_client.screenshot import Screenshot
from reference_client.tests.scripted import CHANNELS, COMMON, ScriptedServer, session
from reference_client.tests.test_channels_cursor import RED, dot, init
from spiceproto.enums.link import ChannelType
from spiceproto.messages import display


def showing(*displays: int, empty: tuple[int, ...] = ()) -> ScriptedServer:
    """A server with so many displays, of other widths; ``empty`` ones show nothing."""
    names = {(ChannelType.DISPLAY, number): COMMON for number in (*displays, *empty)}
    server = session(Client(Options(canvas=True)), channels={**CHANNELS, **names})
    server.listing(*names)
    for number in displays:
        made = display.SurfaceCreate(surface_id=0, width=4 + number, height=3, format=32, flags=1)
        server.line(ChannelType.DISPLAY, number).send(made, display.Mark())
    return server


def take(server: ScriptedServer, shot: Screenshot, patience: float | None = None) -> str:
    shell: Any = SimpleNamespace(client=server.client, failure=None)
    return asyncio.run(shot.take(shell, patience))


def sizes(folder: Path) -> dict[str, tuple[int, int]]:
    found = {}
    for path in sorted(folder.iterdir()):
        with Image.open(path) as image:
            found[path.name] = image.size
    return found


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screenshot, "_MOVES", 0.3)
    monkeypatch.setattr(screenshot, "_STANDS_STILL", 0.02)


@pytest.mark.parametrize("patience", [0.4, None])
def test_a_picture_that_moves_is_written_when_its_time_is_over(tmp_path: Path, patience: float | None) -> None:
    server = showing(0)

    async def move() -> None:
        while True:
            server.client.displays[0].handled += 1
            await asyncio.sleep(0.001)

    async def body() -> str:
        shell: Any = SimpleNamespace(client=server.client, failure=None)
        moving = asyncio.create_task(move())
        told = await Screenshot(str(tmp_path / "x.png")).take(shell, patience)
        moving.cancel()
        return told

    assert asyncio.run(body()) == ""
    assert sizes(tmp_path) == {"x.png": (4, 3)}


def test_each_display_has_a_file_and_one_that_shows_nothing_is_waited_for_a_while(tmp_path: Path) -> None:
    server = showing(0, 1, empty=(2,))
    assert take(server, Screenshot(str(tmp_path / "x-{display}.png"))) == ""
    assert sizes(tmp_path) == {"x-0.png": (4, 3), "x-1.png": (5, 3)}


def test_each_head_has_a_file(tmp_path: Path) -> None:
    server = showing(0, 1)
    heads = [display.Head(monitor_id=n, surface_id=0, width=2, height=1 + n, x=2 * n, y=0, flags=0) for n in (0, 1)]
    server.line(ChannelType.DISPLAY).send(display.MonitorsConfig(2, tuple(heads)))
    assert take(server, Screenshot(str(tmp_path / "{display}-{head}.png"))) == ""
    assert sizes(tmp_path) == {"0-0.png": (2, 1), "0-1.png": (2, 2), "1-0.png": (5, 3)}


def test_the_pointer_is_drawn_where_it_is_wanted(tmp_path: Path) -> None:
    server = showing(0)
    server.line(ChannelType.CURSOR).send(init(dot(RED)))
    for cursor, colour in ((False, (0, 0, 0)), (True, (255, 0, 0))):
        path = tmp_path / f"{cursor}.png"
        assert take(server, Screenshot(str(path), cursor=cursor)) == ""
        with Image.open(path) as image:
            assert image.getpixel((1, 2)) == colour


def test_nothing_to_see_is_said_when_time_is_over(tmp_path: Path) -> None:
    assert take(showing(empty=(0,)), Screenshot(str(tmp_path / "x.png")), 0.05) == "there was no picture in time"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "No such file" in take(showing(0), Screenshot(str(tmp_path / "no" / "x.png")))
