"""``spiceproto view --live``: what is kept, what a page is sent, and who gets it; the page itself is tested in a browser."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from spiceproto.capture.decode import Decoder
from spiceproto.command import main
from spiceproto.page_access import Place, place_of
from spiceproto.report.pictures import Pictures
from spiceproto.tests.peers import PATIENCE
from spiceproto.view.feed import Cursor, Feed
from spiceproto.view.latest import LatestBodies, LatestRows
from spiceproto.view.latest_displays import LatestDisplays
from spiceproto.view.live_recorder import LiveRecorder
from spiceproto.view.page_server import PAGES, PageServer
from spiceproto.view.recorder import Recorder
from spiceproto.view.rows import COLUMNS, HAS_BYTES

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "seabios.pcapng"


class Piece:
    """A piece as a page reads it."""

    def __init__(self, data: bytes) -> None:
        size = int.from_bytes(data[:4], "little")
        self.head: dict[str, Any] = json.loads(data[4 : 4 + size])
        place = _up(4 + size)
        self.columns: dict[str, list[Any]] = {}
        count = self.head.get("count", 0)
        if count:
            for name, code in COLUMNS:
                column = array(code)
                column.frombytes(data[place : place + count * column.itemsize])
                place = _up(place + count * column.itemsize)
                self.columns[name] = column.tolist()
        self.bodies: dict[int, bytes] = {}
        for row in range(count):
            if self.columns["flags"][row] & HAS_BYTES:
                self.bodies[self.head["row"] + row] = data[place : place + self.columns["size"][row]]
                place += self.columns["size"][row]
        self.pictures: dict[int, bytes] = {}
        for number, length in self.head.get("pictures", ()):
            self.pictures[number] = data[place : place + length]
            place += length
        assert place == len(data)


def _up(place: int) -> int:
    return -(-place // 8) * 8


def pieces(feed: Feed, cursor: Cursor) -> list[Piece]:
    """All that there is now."""
    return [Piece(data) for data in iter(lambda: feed.next(cursor), None)]


def recorded(recorder: Any) -> Any:
    """The example, read by a recorder."""
    decoder = Decoder(EXAMPLE, recorder)
    recorder.begin(decoder, "")
    for _ in decoder.steps():
        if isinstance(recorder, LiveRecorder):
            recorder.settle()
    return recorder


def no_sentences(wanted: set[str]) -> dict[str, dict[str, str]]:
    return {}


def test_a_page_has_what_the_page_of_the_whole_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spiceproto.view.feed._ROWS", 7)
    whole = recorded(Recorder())
    live = recorded(LiveRecorder())
    found = pieces(Feed(live, no_sentences), Cursor())
    assert len(found) == -(-len(whole.rows) // 7)
    for name, _ in COLUMNS:
        assert [value for piece in found for value in piece.columns[name]] == whole.rows.columns[name].tolist()
    assert [text for piece in found for text in piece.head["summaries"]] == whole.rows.summaries
    assert [tuple(kind) for piece in found for kind in piece.head.get("kinds", ())] == [
        (layer, name, list(structures)) for layer, name, structures in whole.rows.kinds
    ]
    bodies = {row: body for piece in found for row, body in piece.bodies.items()}
    assert len(bodies) == sum(bool(flags & HAS_BYTES) for flags in whole.rows.columns["flags"])
    assert [item for piece in found for item in piece.head.get("connections", ())] == whole.connections


def test_the_latest_rows_are_kept() -> None:
    made = LatestRows(16)
    for number in range(100):
        made.add(0.0, number, 1, 1, 0, 0, 1, 0, str(number))
    assert len(made) == 100 and 14 <= len(made.summaries) <= 16
    assert made.summaries == [str(number) for number in range(made.first, 100)]
    assert made.columns["number"].tolist() == list(range(made.first, 100))


def test_the_latest_bodies_are_kept() -> None:
    made = LatestBodies(100)
    assert not made.add(0, bytes(101)) and made.left == 1
    for row in range(1, 50):
        assert made.add(row, bytes([row]) * 10)
    assert made.first == 40 and made.body(39) is None and made.body(40) == bytes([40]) * 10
    made.forget(45)
    assert made.first == 45 and made.body(44) is None and made.body(45) is not None


def test_who_is_slow_or_late_is_told_what_was_left_out() -> None:
    live = LiveRecorder(rows=LatestRows(20), bodies=LatestBodies(300))
    feed = Feed(live, no_sentences)
    early = Cursor()
    decoder = Decoder(EXAMPLE, live)
    live.begin(decoder, "")
    assert all("row" not in piece.head for piece in pieces(feed, early))
    decoder.run()
    live.settle()
    for cursor in (early, Cursor()):
        found = pieces(feed, cursor)
        assert found[0].head["row"] == found[0].head["left"]["rows"] == live.rows.first > 50
        assert found[-1].head["left"]["bodies"] > 0
        assert sum(len(body) for piece in found for body in piece.bodies.values()) <= 300
        assert found[-1].head["firsts"][0] == live.rows.first
        assert cursor.row == len(live.rows)


@pytest.mark.parametrize("most", [1 << 20, 3000])
def test_displays_end_where_they_should_and_the_oldest_pictures_go(most: int) -> None:
    live = LiveRecorder()
    live.displays = displays = LatestDisplays(lambda: len(live.rows) - 1, iter(range(10**9)).__next__, kept=most)
    recorded(live)
    displays.settle()
    found = pieces(Feed(live, no_sentences), Cursor())
    moments = [moment for piece in found for item in piece.head.get("displays", ()) for moment in item["moments"]]
    pictures = {place for piece in found for place in piece.pictures}
    assert moments and moments[0]["whole"] and {moment["png"] for moment in moments} <= pictures
    assert all(place >= displays.first for place in pictures)
    assert (displays.first > 0) == (most == 3000)
    drawn = Pictures()
    decoder = Decoder(EXAMPLE, drawn)
    drawn.begin(decoder)
    decoder.run()
    assert (
        next(iter(displays.screens.values())).picture(cursor=True) == next(iter(drawn.screens.values())).picture(cursor=True)
    ).all()


# -- who gets it


class Serving:
    """A server with this page, in the loop of a test."""

    def __init__(self, next: Any = lambda cursor: None) -> None:
        self.server = PageServer(Place("127.0.0.1", 0), b"the page", '{"about": 1}', next)

    async def __aenter__(self) -> Serving:
        self.address = await self.server.listen()
        self.base, self.token = self.address.split("#")
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.server.stop()

    def open(self, token: str = "", origin: str = "", **more: Any) -> Any:
        protocols: Any = [f"t.{token or self.token}"]
        address = f"{self.base.replace('http', 'ws')}socket"
        return connect(address, subprotocols=protocols, origin=origin or self.base.rstrip("/"), **more)  # type: ignore[arg-type]

    async def get(self, path: str, host: str = "") -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.access.port)  # type: ignore[union-attr]
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host or self.base[7:-1]}\r\n\r\n".encode())
        found = await reader.read()
        writer.close()
        return found


def test_the_page_is_for_those_who_have_its_address() -> None:
    async def body() -> None:
        async with Serving() as found:
            page = await found.get("/")
            assert page.startswith(b"HTTP/1.1 200") and page.endswith(b"the page") and found.token.encode() not in page
            assert (await found.get("/other")).startswith(b"HTTP/1.1 404")
            assert (await found.get("/", "elsewhere.example:80")).startswith(b"HTTP/1.1 421")
            for values in ({"token": "guessed"}, {"origin": "http://elsewhere.example"}):
                with pytest.raises(InvalidStatus) as refused:
                    async with found.open(**values):
                        pass
                assert refused.value.response.status_code == 403
            async with found.open() as page_socket:
                assert await page_socket.recv() == '{"about": 1}'

    asyncio.run(body())


def test_so_many_pages_and_no_more() -> None:
    async def body() -> None:
        async with Serving() as found:
            opened = [await found.open() for _ in range(PAGES)]
            for one in opened:
                await one.recv()
            with pytest.raises(InvalidStatus) as refused:
                await found.open()
            assert refused.value.response.status_code == 503
            for one in opened:
                await one.close()

    asyncio.run(body())


def test_a_page_that_does_not_answer_is_sent_nothing_more() -> None:
    asked: list[Cursor] = []

    def next(cursor: Cursor) -> bytes:
        asked.append(cursor)
        return b"piece"

    async def body() -> None:
        async with Serving(next) as found, found.open() as page:
            await page.recv()
            for count in range(1, 4):
                assert await page.recv() == b"piece"
                assert len(asked) == count
                if count < 3:
                    await page.send("ok")
            await page.send("no")
            await asyncio.wait_for(page.wait_closed(), PATIENCE)
            assert page.close_code == 1002

    asyncio.run(body())


# -- the command


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_what_can_not_be_served_is_one_line(taken: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    no_capture = tmp_path / "text.pcap"
    no_capture.write_text("no capture at all, and long enough to be sure of it")
    for arguments, words in (
        ([str(EXAMPLE), "--live", "--listen", str(taken)], "Address already in use"),
        ([str(no_capture), "--live"], "text.pcap"),
        ([str(tmp_path / "none.pcap"), "--live"], "No such file"),
        ([str(tmp_path), "--live"], "directory"),
        ([str(EXAMPLE), "--live", "--listen", "127.0.0.1:99999"], "--listen has no such place"),
        ([str(EXAMPLE), "--live", "--filter", "widht > 3"], "no such name"),
        ([str(EXAMPLE), "--live", "-o", "page.html"], "-o writes"),
        ([str(EXAMPLE), "--listen", "0"], "--listen is for"),
    ):
        assert main(["view", *arguments, "--no-rules"]) == 2, arguments
        said = capsys.readouterr().err
        assert words in said and said.count("\n") == 1 and said.startswith("spiceproto: "), said


def test_it_ends_with_the_capture_where_it_shall(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "spiceproto", "view", "-", "--live", "--until-end", "--no-rules", "--no-pictures"]
    found = subprocess.run(command, input=EXAMPLE.read_bytes(), capture_output=True, timeout=PATIENCE, check=False)
    assert found.returncode == 0 and b"standard input: http://127.0.0.1:" in found.stdout and not found.stderr


def test_it_waits_for_a_file_that_is_empty_yet(tmp_path: Path) -> None:
    path = tmp_path / "empty.pcapng"
    path.touch()
    command = [sys.executable, "-m", "spiceproto", "view", str(path), "--live", "--no-rules"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "http://127.0.0.1:" in process.stdout.readline()
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 2 and said.count("\n") == 1 and "Traceback" not in said


def test_places() -> None:
    assert place_of("localhost:80", "--page") == Place("127.0.0.1", 80)
    assert place_of("[::1]:0", "--page").loopback and not place_of("10.0.0.1:80", "--page").loopback
