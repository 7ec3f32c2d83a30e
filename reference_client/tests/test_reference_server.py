"""Both references, each as a program, over loopback."""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import json
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from reference_client import events
from reference_client.channels import CursorChannel, DisplayChannel
from reference_client.channels.main import MouseModeChanged
from reference_client.plan import Wish
from reference_client.tests.test_shell import Session, all_linked, copy, refusal, run
from spiceproto.enums.link import AuthMechanism, LinkErr
from spiceproto.tests.peers import PATIENCE
from spiceproto.trust import check_subject


@contextmanager
def reference_server(*arguments: str, port: str = "port") -> Iterator[tuple[int, subprocess.Popen[str]]]:
    if importlib.util.find_spec("reference_server.__main__") is None:
        pytest.fail("the reference server is not installed")
    command = [sys.executable, "-m", "reference_server", "--port", "0", "--log", "--duration", "600", *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    try:
        yield json.loads(process.stdout.readline())[port], process
    finally:
        process.terminate()
        process.stdin.close()
        process.stdout.close()
        process.wait(PATIENCE)


def said(process: subprocess.Popen[str], **wanted: Any) -> dict[str, Any]:
    """The server's next line that has these values."""
    assert process.stdout
    while True:
        found: dict[str, Any] = json.loads(process.stdout.readline())
        if wanted.items() <= found.items():
            return found


def test_a_pointer_moves_in_either_mode_and_keys_arrive() -> None:
    with reference_server("--password", "sesame", "--pointer", "absolute") as (port, process):

        async def body(session: Session) -> None:
            await all_linked(session)
            await session.until(lambda: session.client.pointing.in_client_mode)
            session.act("position", 5, 6)
            session.client.main.request_mouse_mode("server")
            session.shell.pump()
            await session.until(lambda: not session.client.pointing.in_client_mode)

        session = run(Wish(target=f"spice://127.0.0.1:{port}", password="sesame"), body)
        assert [event.mode for event in session.told(MouseModeChanged)][-1] == 1
        found = said(process, event="input", input="position")
        assert (found["x"], found["y"], found["display"]) == (5, 6, 0)
        assert refusal(Wish(target=f"spice://127.0.0.1:{port}", password="wrong")).error == LinkErr.PERMISSION_DENIED


def test_a_broker_s_file_goes_through_its_proxy_as_it_stands(tmp_path: Path) -> None:
    """As Proxmox has them: the host is a token for the proxy, with colons, and the certificate names another one."""
    token = "pvespiceproxy:00000000:100:node1::0123456789abcdef0123456789abcdef01234567"
    asked: list[bytes] = []

    async def body(port: int, wish: Callable[[int], Wish]) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            back, forth = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await asyncio.gather(copy(reader, forth), copy(back, writer))

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as proxy:
            session = Session(wish(proxy.sockets[0].getsockname()[1]))
            session.shell.start()
            await all_linked(session)
            await session.shell.stop()

    arguments = ("--disable-ticketing", "--tls-port", "0", "--make-certificates", str(tmp_path))
    with reference_server(*arguments, port="tls_port") as (port, _):
        shown = ssl.PEM_cert_to_DER_cert((tmp_path / "server-cert.pem").read_text())
        subject = check_subject(shown, "CN=nobody").partition("subject: ")[2]

        def wish(proxy: int) -> Wish:
            path = tmp_path / "broker.vv"
            keys = f"host={token}\ntls-port=61000\nproxy=http://127.0.0.1:{proxy}\nhost-subject={subject}\n"
            path.write_text(f"[virt-viewer]\ntype=spice\n{keys}")
            return Wish(target=str(path), ca_file=str(tmp_path / "ca-cert.pem"))

        asyncio.run(body(port, wish))
    assert len(asked) == 6, "main, and the five that are listed"
    assert all(request.startswith(f"CONNECT {token}:61000 HTTP/1.1\r\n".encode()) for request in asked)


def test_sasl_and_websocket() -> None:
    with reference_server("--sasl", "--username", "suite", "--password", "sesame") as (port, _):
        session = run(Wish(target=f"ws://127.0.0.1:{port}/", username="suite", password="sesame"), all_linked)
        assert {event.mechanism for event in session.told(events.ChannelLinked)} == {AuthMechanism.SASL}


def screenshot(port: int, path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reference_client", f"spice://127.0.0.1:{port}", "--screenshot", str(path), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_a_picture_that_never_stands_still_is_written_in_time(tmp_path: Path) -> None:
    path = tmp_path / "seen.png"
    with reference_server("--disable-ticketing", "--animate", "20", "--size", "64x48") as (port, _):
        done = screenshot(port, path, "--log")
    assert done.returncode == 0, done.stderr
    assert path.exists()


def test_who_is_refused_is_told_that_and_not_that_a_picture_is_missing(tmp_path: Path) -> None:
    with reference_server("--password", "sesame") as (port, _):
        done = screenshot(port, tmp_path / "seen.png", "--password", "wrong")
    assert done.returncode == 1 and "PERMISSION_DENIED" in done.stderr and "picture" not in done.stderr


def test_without_anything_to_show_it_says_so(tmp_path: Path) -> None:
    path = tmp_path / "seen.png"
    with reference_server("--disable-ticketing") as (port, _):
        done = screenshot(port, path, "--disable-channels", "display", "--duration", "1")
    assert done.returncode == 1 and "no picture in time" in done.stderr
    assert not path.exists()


@pytest.mark.parametrize("compression", ["off", "lz", "quic", "glz", "lz4", "auto_glz"])
def test_what_the_client_draws_is_what_the_server_has_drawn(compression: str) -> None:
    """The gallery comes as a picture of it first, and behind a key as all the commands that it is made of."""
    shapes: set[bytes] = set()

    async def body(session: Session) -> None:
        await all_linked(session)
        shown = session.client.displays[0]
        await still(session)
        wanted = shown.picture()
        commands = shown.handled
        session.act("key", 0x1E, True)
        await session.until(lambda: shown.handled > commands + 100)
        await session.until(lambda: np.array_equal(shown.picture(), wanted))
        session.act("position", 100, 100)
        pointer = session.client.channel(CursorChannel).line
        for _ in range(9):
            shapes.add(shown.picture(cursor=True).tobytes())
            before = pointer.serial
            session.act("press", 1)
            session.act("release", 1)
            await session.until(functools.partial(lambda before: pointer.serial > before, before))
        assert session.told(events.NotDrawn) == []

    with reference_server(
        "--disable-ticketing", "--guest", "gallery", "--pointer", "absolute", "--image-compression", compression
    ) as (port, _):
        run(Wish(target=f"spice://127.0.0.1:{port}", canvas=True), body)
    assert len(shapes) >= 7  # one of each type, and none


async def still(session: Session) -> None:
    """Until nothing has come for a while, and all of it is drawn."""
    lines = session.client.lines.values()
    seen: list[int] = []
    while seen != (now := [line.serial for line in lines]) or session.client.displays[0].unfinished:
        seen = now
        await asyncio.sleep(0.4)


@pytest.mark.parametrize("log", [False, True])
def test_a_picture_with_holes_is_said(tmp_path: Path, log: bool) -> None:
    gallery = ("--disable-ticketing", "--guest", "gallery", "--image-compression", "lz", "--fault", "from-cache-never-sent")
    with reference_server(*gallery) as (port, _):
        command = [
            sys.executable,
            "-m",
            "reference_client",
            f"spice://127.0.0.1:{port}",
            "--screenshot",
            str(tmp_path / "x.png"),
        ]
        done = subprocess.run(
            [*command, *(["--log"] if log else [])], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    assert done.returncode == 0 and (tmp_path / "x.png").exists(), done.stderr
    assert ("messages that could not be drawn: " in done.stderr) != log
    assert ('"event": "not-drawn"' in done.stdout) == log


@pytest.mark.parametrize("codecs", ["mjpeg", "vp8"])
def test_a_film_is_shown_and_the_picture_at_which_it_stops(codecs: str) -> None:
    """A client that has seen frames, and the stream's end, shows what one shows that comes later and gets a picture."""
    if codecs == "vp8":
        pytest.importorskip("av")
    seen: list[Any] = []

    async def watch(session: Session) -> None:
        await all_linked(session)
        display = session.client.channel(DisplayChannel)
        await session.until(lambda: any(stream.asked for stream in display.reports.streams.values()))
        playing = session.client.displays[0].picture()
        await session.until(lambda: not np.array_equal(session.client.displays[0].picture(), playing))
        session.act("key", 0x39, True)
        await session.until(lambda: not display.reports.streams)
        await still(session)
        seen.append(session.client.displays[0].picture())
        assert session.told(events.NotDrawn) == []

    async def look(session: Session) -> None:
        await all_linked(session)
        await still(session)
        seen.append(session.client.displays[0].picture())

    with reference_server("--disable-ticketing", "--guest", "video", "--streaming-video", "filter") as (port, _):
        run(Wish(target=f"spice://127.0.0.1:{port}", canvas=True, preferred_codecs=codecs), watch)
        run(Wish(target=f"spice://127.0.0.1:{port}", canvas=True), look)
    assert np.array_equal(*seen)


def _ask(process: subprocess.Popen[str], **question: Any) -> dict[str, Any]:
    """The answer to a question, for which a server with ``--control`` waits on standard input."""
    assert process.stdin
    process.stdin.write(json.dumps(question) + "\n")
    process.stdin.flush()
    return said(process, event="answer")


@pytest.mark.parametrize("kind", ["switch-host", "semi-seamless", "seamless"])
def test_a_session_goes_with_its_guest(kind: str, tmp_path: Path) -> None:
    guest, shown = str(tmp_path / "guest"), tmp_path / "shown.png"
    with (
        reference_server("--control", "--password", "sesame", "--incoming", guest) as (there, second),
        reference_server("--control", "--password", "sesame", "--guest", "desktop") as (here, first),
    ):

        async def body(session: Session) -> None:
            await all_linked(session)
            session.act("key", 0x1E)
            display = session.client.displays[0]
            question = {"host": "127.0.0.1", "port": there, "guest": guest, "kind": kind}
            answer = await asyncio.to_thread(functools.partial(_ask, first, do="migrate", **question))
            assert answer["answer"] == "ok" and [item["kind"] for item in answer["value"]["sessions"]] == [kind]
            await session.until(lambda: bool(session.told(events.Migrated)))
            assert session.told(events.Migrated) == [events.Migrated(kind=kind, host="127.0.0.1", port=there, tls_port=0)]
            await all_linked(session)
            assert (session.client.displays[0] is display) is (kind == "seamless")
            session.act("key", 0x1E, False)
            session.act("key", 0x30)
            await asyncio.to_thread(functools.partial(said, second, event="input", input="key", code="30"))

            def same() -> bool:
                _ask(second, do="picture", path=str(shown), display=0)
                with Image.open(shown) as image:
                    return np.array_equal(np.asarray(image.convert("RGB")), session.client.displays[0].picture())

            async with asyncio.timeout(PATIENCE):
                while not await asyncio.to_thread(same):
                    await asyncio.sleep(0.05)

        session = run(Wish(target=f"spice://127.0.0.1:{here}", password="sesame", canvas=True), body)
        assert session.told(events.NotDrawn) == [] and session.told(events.MigrationFailed) == []
        assert session.told(events.Ended) == [events.Ended(True, "the user left")]
