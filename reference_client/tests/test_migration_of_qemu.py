"""The client goes with a guest from one QEMU to another: picture, keys, pointer, sound and agent right afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from reference_client import events
from reference_client.agent.clipboard import ClipboardGrabbed
from reference_client.channels.display import Marked
from reference_client.events import Migrated, MigrationConnected, NotDrawn
from reference_client.plan import Wish
from reference_client.tests.moving_guests import Pair, pair, screen
from reference_client.tests.test_shell import Session, run
from spiceproto import certificates
from spiceproto.enums.agent import ClipboardType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import agent
from spiceproto.tests.peers import PATIENCE, until

_KINDS = ("switch-host", "semi-seamless", "seamless")


@pytest.fixture(scope="module")
def made() -> certificates.Certificates:
    return certificates.make()


async def typed(session: Session, text: str) -> None:
    session.client.inputs.type(text)
    session.shell.pump()
    await asyncio.sleep(0)


async def shows(session: Session, server: Any, path: Path) -> None:
    """Until the client shows what the server has on its screen, which stands still soon."""
    async with asyncio.timeout(PATIENCE):
        while True:
            before = await asyncio.to_thread(screen, server, path)
            picture = session.client.displays[0].picture()
            if np.array_equal(picture, before) and np.array_equal(await asyncio.to_thread(screen, server, path), before):
                return
            await asyncio.sleep(0.05)


async def says(session: Session, text: str, server: Any, path: Path) -> None:
    """A text that is typed changes the screen of this server, and the client shows that."""
    before = await asyncio.to_thread(screen, server, path)
    await typed(session, text)
    async with asyncio.timeout(PATIENCE):
        while np.array_equal(await asyncio.to_thread(screen, server, path), before):
            await asyncio.sleep(0.05)
    await shows(session, server, path)


async def ready(session: Session, both: Pair, path: Path) -> None:
    """The guest waits for keys, and the client shows its screen."""
    await session.until(lambda: bool(session.told(Marked)) and {"inputs", "cursor"} <= session.linked)
    await session.until(lambda: session.client.displays[0].size() == (720, 400))
    await asyncio.to_thread(until, lambda: screen(both.source, path).sum() < 30_000, what="the guest's empty screen")
    await says(session, "before ", both.source, path)


async def go(session: Session, both: Pair, kind: str, **announced: Any) -> None:
    """The guest moves, and the session with it."""
    count = len(session.told(Migrated))
    await asyncio.to_thread(both.announce, **announced)
    if kind != "switch-host":
        await session.until(lambda: bool(session.told(MigrationConnected)))
        assert session.told(MigrationConnected)[-1].seamless is (kind == "seamless")
    await asyncio.to_thread(both.move)
    await session.until(lambda: len(session.told(Migrated)) > count)
    assert session.told(Migrated)[-1].kind == kind
    await session.until(lambda: {"main", "display", "inputs", "cursor"} <= session.linked)


def wish(both: Pair, kind: str, **more: Any) -> Wish:
    migration = "switch-host" if kind == "switch-host" else "seamless"
    return Wish(target=f"spice://127.0.0.1:{both.source.port}", canvas=True, migration=migration, **more)


def moved(folder: Path, kind: str, body: Callable[[Session, Pair], Any], **machines: Any) -> Session:
    with pair(folder, seamless=kind == "seamless", **machines) as both:

        async def whole(session: Session) -> None:
            await ready(session, both, folder / "screen.ppm")
            await body(session, both)

        return run(wish(both, kind), whole)


@pytest.mark.parametrize("kind", _KINDS)
def test_the_picture_and_keys_afterwards(kind: str, tmp_path: Path) -> None:
    async def body(session: Session, both: Pair) -> None:
        path = tmp_path / "screen.ppm"
        display = session.client.displays[0]
        await go(session, both, kind)
        await shows(session, both.destination, path)
        await says(session, "after", both.destination, path)
        assert (session.client.displays[0] is display) is (kind == "seamless")
        assert session.client.displays[0].picture().any()

    session = moved(tmp_path, kind, body)
    assert session.told(NotDrawn) == [] and session.told(events.ChannelRefused) == []
    assert session.told(events.Ended) == [events.Ended(True, "the user left")]


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("mode", ["server", "client"])
def test_the_pointer_afterwards(kind: str, mode: str, tmp_path: Path) -> None:
    async def body(session: Session, both: Pair) -> None:
        client = session.client
        if mode == "client":
            await typed(session, "a")
            await session.until(lambda: client.pointing.mode == MouseMode.CLIENT)
        session.act("motion", 3, 0)
        await go(session, both, kind)
        await session.until(lambda: client.pointing.mode == MouseMode[mode.upper()])
        await shows(session, both.destination, tmp_path / "screen.ppm")
        for turn in range(20):  # more than the window of movements: each is acknowledged
            if mode == "client":
                session.act("position", 100 + turn, 200, 0)
            else:
                session.act("motion", 70 + turn, 0)
            await session.until(lambda: not client.pointing.moved)
        wanted = "value 0x1527" if mode == "client" else "value 89"
        await asyncio.to_thread(until, lambda: both.destination.traced(wanted), what=f"{wanted} arrives")
        assert not both.source.traced(wanted)

    moved(tmp_path, kind, body)


@pytest.mark.parametrize("kind", _KINDS)
def test_sound_afterwards(kind: str, tmp_path: Path) -> None:
    heard: list[np.ndarray] = []

    def play(time: int, frequency: int, samples: np.ndarray) -> None:
        heard.append(samples[:, 0])

    def hertz() -> float:
        """Of the last half second."""
        samples = np.concatenate(heard)[-24000:]
        return 0.0 if len(samples) < 24000 else float(np.count_nonzero(np.diff(np.signbit(samples)))) / 2 / 0.5

    with pair(tmp_path, seamless=kind == "seamless", sound=True) as both:

        async def body(session: Session) -> None:
            await ready(session, both, tmp_path / "screen.ppm")
            await typed(session, "s")
            await session.until(lambda: bool(heard) and abs(hertz() - 500) < 100)
            await go(session, both, kind)
            heard.clear()
            await typed(session, "s")  # QEMU's speaker does not go on by itself
            await session.until(lambda: bool(heard) and abs(hertz() - 500) < 100)
            await typed(session, "q")
            await shows(session, both.destination, tmp_path / "screen.ppm")

        run(msgspec.structs.replace(wish(both, kind), play=play), body)


@pytest.mark.parametrize("kind", _KINDS)
def test_the_agent_afterwards(kind: str, tmp_path: Path) -> None:
    async def body(session: Session, both: Pair) -> None:
        played, talk = await asyncio.to_thread(both.play), session.client.main.agent
        await session.until(lambda: session.client.main.agent.terms.heard)
        content = b"text " * 10_000
        await go(session, both, kind)
        await session.until(lambda: session.client.main.agent.terms.heard)
        assert (session.client.main.agent is talk) is (kind == "seamless")
        session.client.main.agent.clipboard.copy({int(ClipboardType.UTF8_TEXT): content})
        session.shell.pump()
        await session.until(lambda: any(isinstance(value, agent.ClipboardGrabSelected) for value in played.took))
        played.say(agent.ClipboardGrabSelected(0, bytes(3), (ClipboardType.UTF8_TEXT,)))
        await session.until(lambda: bool(session.told(ClipboardGrabbed)))

    moved(tmp_path, kind, body, agent=True)
