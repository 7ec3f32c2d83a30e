"""The client goes with a guest from one QEMU to another: picture, keys, pointer, sound and agent right afterwards."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from reference_client import events
from reference_client.agent.clipboard import ClipboardGrabbed
from reference_client.channels.display import Marked
from reference_client.events import Migrated, MigrationCancelled, MigrationConnected, MigrationFailed, NotDrawn
from reference_client.plan import Wish
from reference_client.tests.moving_guests import Pair, pair, screen
from reference_client.tests.servers import qemu
from reference_client.tests.test_shell import Session, run
from spiceproto import certificates
from spiceproto.address import Address
from spiceproto.enums.agent import ClipboardType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import agent
from spiceproto.tests.peers import PATIENCE, free_port, until

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
    count, before = len(session.told(Migrated)), len(session.told(MigrationConnected))
    await asyncio.to_thread(both.announce, **announced)
    if kind != "switch-host":
        await session.until(lambda: len(session.told(MigrationConnected)) > before)
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


async def does_not_go(session: Session, both: Pair, text: str, **announced: Any) -> None:
    """The destination can not be linked, for this reason, and the session at the source goes on."""
    await asyncio.to_thread(both.announce, **announced)
    await session.until(lambda: bool(session.told(MigrationFailed)))
    assert text in session.told(MigrationFailed)[0].text
    assert not session.told(MigrationConnected)


@pytest.mark.parametrize("kind", _KINDS)
def test_a_ticket_is_said_there_too(kind: str, tmp_path: Path) -> None:
    with pair(tmp_path, seamless=kind == "seamless", spice="password=sesame") as both:

        async def body(session: Session) -> None:
            await ready(session, both, tmp_path / "screen.ppm")
            await go(session, both, kind)
            await says(session, "after", both.destination, tmp_path / "screen.ppm")

        run(msgspec.structs.replace(wish(both, kind), password="sesame"), body)


def test_another_ticket_there_is_no_way(tmp_path: Path) -> None:
    with pair(tmp_path, spice="password=sesame") as both:
        both.destination.qmp("set_password", protocol="spice", password="other")

        async def body(session: Session) -> None:
            await ready(session, both, tmp_path / "screen.ppm")
            await does_not_go(session, both, "PERMISSION_DENIED")
            await says(session, "here", both.source, tmp_path / "screen.ppm")

        run(msgspec.structs.replace(wish(both, "seamless"), password="sesame"), body)


def _tls(both: Pair, made: certificates.Certificates, kind: str = "seamless", **more: Any) -> Wish:
    target = f"spice+tls://127.0.0.1:{both.source.tls_port}"
    return msgspec.structs.replace(wish(both, kind), target=target, ca_pem=made.ca_pem, host_subject=made.subject, **more)


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("subject", [True, False])
def test_tls_goes_along(kind: str, subject: bool, made: certificates.Certificates, tmp_path: Path) -> None:
    """With the subject of the certificate, or with a host that it names."""
    with pair(tmp_path, seamless=kind == "seamless", here=made, there=made) as both:

        async def body(session: Session) -> None:
            await ready(session, both, tmp_path / "screen.ppm")
            await go(session, both, kind, subject=made.subject if subject else "")
            assert all(line.connection.secure for line in session.client.linked())
            await says(session, "after", both.destination, tmp_path / "screen.ppm")

        run(_tls(both, made, kind), body)


def test_one_channel_with_tls_goes_with_tls(made: certificates.Certificates, tmp_path: Path) -> None:
    with pair(tmp_path, here=made, there=made) as both:

        async def body(session: Session) -> None:
            await ready(session, both, tmp_path / "screen.ppm")
            await go(session, both, "seamless", subject=made.subject)
            assert [line.name for line in session.client.linked() if line.connection.secure] == ["inputs"]
            await says(session, "after", both.destination, tmp_path / "screen.ppm")

        target = f"spice://127.0.0.1?port={both.source.port}&tls-port={both.source.tls_port}"
        run(msgspec.structs.replace(_tls(both, made), target=target, secure_channels="inputs"), body)


def test_a_destination_whose_certificate_is_another_is_not_linked(made: certificates.Certificates, tmp_path: Path) -> None:
    """The wrong subject; a host that the certificate does not name, with and without its right subject; nobody of ours."""
    local = certificates.make(("localhost",))
    with pair(tmp_path, here=local, there=local) as both:

        async def body(session: Session) -> None:
            path = tmp_path / "screen.ppm"
            await ready(session, both, path)
            await does_not_go(session, both, "another subject", subject="O=somebody,CN=else")
            session.events.clear()
            await does_not_go(session, both, "IP address mismatch")
            await says(session, "still", both.source, path)
            await go(session, both, "seamless", subject=local.subject)
            await says(session, "after", both.destination, path)

        run(_tls(both, local), body)


def test_a_destination_of_another_authority_is_not_linked(made: certificates.Certificates, tmp_path: Path) -> None:
    with pair(tmp_path, here=made, there=certificates.make()) as both:

        async def body(session: Session) -> None:
            await ready(session, both, tmp_path / "screen.ppm")
            await does_not_go(session, both, "not trusted", subject=made.subject)
            await says(session, "here", both.source, tmp_path / "screen.ppm")

        run(_tls(both, made), body)


def test_a_destination_that_nobody_listens_at(tmp_path: Path) -> None:
    with pair(tmp_path) as both:

        async def body(session: Session) -> None:
            await ready(session, both, tmp_path / "screen.ppm")
            both.destination.port = free_port()
            await does_not_go(session, both, "Connection refused")
            await says(session, "here", both.source, tmp_path / "screen.ppm")

        run(wish(both, "seamless"), body)


@pytest.mark.parametrize("kind", _KINDS)
def test_a_websocket_goes_to_a_websocket(kind: str, tmp_path: Path) -> None:
    with pair(tmp_path, seamless=kind == "seamless") as both:

        async def body(session: Session) -> None:
            await ready(session, both, tmp_path / "screen.ppm")
            await go(session, both, kind)
            await says(session, "after", both.destination, tmp_path / "screen.ppm")

        run(msgspec.structs.replace(wish(both, kind), target=f"ws://127.0.0.1:{both.source.port}/"), body)


def test_there_and_further(tmp_path: Path) -> None:
    """A guest that has moved moves once more, and its session with it."""
    with pair(tmp_path, stations=3) as both:

        async def body(session: Session) -> None:
            path = tmp_path / "screen.ppm"
            await ready(session, both, path)
            for text in ("there", "further"):
                await go(session, both, "seamless")
                await says(session, text, both.destination, path)
                both.next()

        session = run(wish(both, "seamless"), body)
        assert len(session.told(Migrated)) == 2


def test_a_session_over_a_unix_socket_stays(tmp_path: Path) -> None:
    with qemu(tmp_path, unix=True) as server:

        async def body(session: Session) -> None:
            await session.until(lambda: bool(session.told(Marked)) and {"inputs", "cursor"} <= session.linked)
            await asyncio.to_thread(server.qmp, "client_migrate_info", protocol="spice", hostname="127.0.0.1", port=free_port())
            await session.until(lambda: bool(session.told(MigrationFailed)))
            assert "Unix socket" in session.told(MigrationFailed)[0].text
            assert {"main", "display", "inputs", "cursor"} <= session.linked

        run(Wish(address=Address(unix_path=str(tmp_path / "spice"))), body)


@pytest.mark.parametrize("seamless", [True, False])
def test_a_migration_that_is_cancelled_and_begun_once_more(seamless: bool, tmp_path: Path) -> None:
    kind = "seamless" if seamless else "semi-seamless"

    async def body(session: Session, both: Pair) -> None:
        path = tmp_path / "screen.ppm"
        await asyncio.to_thread(both.announce)
        await session.until(lambda: bool(session.told(MigrationConnected)))
        await asyncio.to_thread(both.call_off)
        await session.until(lambda: bool(session.told(MigrationCancelled)))
        assert session.client.migration.phase == ""
        await says(session, "still", both.source, path)
        await go(session, both, kind)
        await says(session, "after", both.destination, path)

    moved(tmp_path, kind, body)


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: list[str]) -> None:
    """An HTTP proxy for one connection."""
    place = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
    asked.append(place)
    host, _, port = place.rpartition(":")
    back, forth = await asyncio.open_connection(host, int(port))
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")

    async def pipe(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(1 << 16):
                to.write(data)
                await to.drain()
        to.close()

    await asyncio.gather(pipe(reader, forth), pipe(back, writer))


def test_a_proxy_brings_the_client_there_too(tmp_path: Path) -> None:
    port, asked = free_port(), list[str]()
    with pair(tmp_path) as both:

        async def body(session: Session) -> None:
            await ready(session, both, tmp_path / "screen.ppm")
            await go(session, both, "seamless")
            await says(session, "after", both.destination, tmp_path / "screen.ppm")

        async def whole() -> None:
            async with await asyncio.start_server(lambda back, forth: _relay(back, forth, asked), "127.0.0.1", port):
                session = Session(wish(both, "seamless", proxy=f"127.0.0.1:{port}"))
                session.shell.start()
                try:
                    await body(session)
                finally:
                    await session.shell.stop()

        asyncio.run(whole())
        assert asked == [f"127.0.0.1:{both.source.port}"] * 4 + [f"127.0.0.1:{both.destination.port}"] * 4
