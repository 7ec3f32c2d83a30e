"""``spiceproto view --live`` and ``spice-proxy --page`` in Chromium: what comes is shown as the page of the whole shows it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.adapters.chromium import Chromium
from conformance.tests.browser import started
from conformance.tests.live_pages import LIST, Page, served
from spiceproto.command import main
from spiceproto.tests.peers import PATIENCE, end, free_port, need, program, qemu, running
from spiceproto.tests.proxy_program import proxy

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "seabios.pcapng"
BROKEN = Path(__file__).parent / "data" / "surface-life.pcap"

_ALL_ENDED = "[...view.capture.connections.values()].every((one) => one.ended)"

_SHOWN_AT = re.compile(r"what passes is shown at (http://\S+)")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with started(tmp_path_factory.mktemp("browser")) as made:
        yield made


@pytest.fixture
def page(browser: Chromium) -> Page:
    return Page(browser)


def whole(page: Page, capture: Path, folder: Path) -> tuple[list[list[Any]], Any]:
    """What the page of the whole capture lists, and shows at its end."""
    path = folder / "whole.html"
    assert main(["view", str(capture), "-o", str(path)]) in (0, 1)
    page.open(path.as_uri())
    return page.js(LIST), page.pixels() if page.js("view.capture.about.displays.length") else None


def test_a_file_that_grows_is_shown_as_it_is_whole(page: Page, tmp_path: Path) -> None:
    rows, pixels = whole(page, EXAMPLE, tmp_path)
    data = EXAMPLE.read_bytes()
    path = tmp_path / "growing.pcapng"
    path.write_bytes(data[:30_001])
    with served(tmp_path / "served", str(path)) as found, path.open("ab", buffering=0) as out:
        page.open(found.address)
        page.until("view.length > 10")
        before = page.js("view.length")
        assert page.state == "live" and before < len(rows)
        page.js("view.choose(3)")
        for start in range(30_001, len(data), 9_973):
            out.write(data[start : start + 9_973])
        page.until(f"view.length === {len(rows)}")
        assert page.js(LIST) == rows and page.js("view.row") == 3
        assert page.pixels() == pixels
        assert page.js("view.find('name == DRAW_COPY'), view.rows.length") == sum(row[1] == "DRAW_COPY" for row in rows)
        assert page.js("view.capture.connections.size") == 4
        page.until("document.querySelectorAll('#lanes canvas').length === 4")
        page.open(found.address)
        page.until(f"view.length === {len(rows)}")
        assert page.js(LIST) == rows and page.pixels() == pixels
        assert found.finish() == 0
        page.until("document.getElementById('live').textContent.includes('Nobody serves this page any more')")
        assert page.js(LIST) == rows and "the capture has ended" in page.state


_FEW = """
import sys
from spiceproto.command import main
from spiceproto.view.latest import LatestRows
LatestRows.__init__.__defaults__ = (40,)
sys.exit(main(sys.argv[1:]))
"""
"""The command, which keeps 40 rows."""


def test_rows_that_are_not_kept_go_from_the_page(page: Page, tmp_path: Path) -> None:
    rows, pixels = whole(page, EXAMPLE, tmp_path)
    data = EXAMPLE.read_bytes()
    path = tmp_path / "growing.pcapng"
    path.write_bytes(data[:30_001])
    with served(tmp_path / "served", str(path), program=("-c", _FEW)) as found, path.open("ab", buffering=0) as out:
        page.open(found.address)
        page.until("view.length > 10")
        assert page.js("view.capture.first") == 0
        page.js("view.choose(3)")
        for start in range(30_001, len(data), 9_973):
            out.write(data[start : start + 9_973])
        for late in (False, True):
            if late:
                page.open(found.address)
            page.until(f"view.capture.first + view.length === {len(rows)}")
            first = page.js("view.capture.first")
            assert first >= len(rows) - 40 and page.js(LIST) == rows[first:]
            assert f"the first {first} rows are not kept any more" in page.state
            title = page.js("document.getElementById('title').textContent")
            assert ("is not kept any more" in title) == (not late)
            assert page.pixels() == pixels
            assert page.js(f"location.hash.includes('row={len(rows) - 1}')")


def test_what_is_broken_comes_with_its_sentences(page: Page, tmp_path: Path) -> None:
    rows, _ = whole(page, BROKEN, tmp_path)
    broken = page.js("[view.capture.broken, view.capture.problems, view.capture.about.sentences]")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = subprocess.Popen(["sh", "-c", f"cat {BROKEN} > {pipe}"])
    try:
        with served(tmp_path / "served", str(pipe), "--title", "a <b> pipe") as found:
            page.open(found.address)
            page.until("document.getElementById('live').textContent === 'the capture has ended'")
            assert page.js("document.querySelector('h1').textContent") == "a <b> pipe"
            assert page.js(LIST) == rows
            assert page.js("[view.capture.broken, view.capture.problems, view.capture.about.sentences]") == broken
            assert "Broken sentences (4)" in page.js("document.getElementById('tabs').textContent")
            assert "its page is served until interrupted" in found.told
            assert found.finish() == 0
    finally:
        end(writer)


def test_a_filter_is_of_the_rows_and_not_of_what_is_judged(page: Page, tmp_path: Path) -> None:
    with served(tmp_path / "served", str(BROKEN), "--filter", "name == DRAW_FILL") as found:
        page.open(found.address)
        page.until("view.capture.broken.length === 4 && view.length === 4")
        assert page.js("view.capture.broken.map((item) => item.row)") == [-1, 1, -1, 2]
        assert {row[1] for row in page.js(LIST)} == {"DRAW_FILL"}


def test_what_becomes_of_the_file_is_said(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "some.pcapng"
    path.write_bytes(EXAMPLE.read_bytes())
    with served(tmp_path / "served", str(path)) as found:
        page.open(found.address)
        page.until("view.length > 40")
        path.rename(tmp_path / "elsewhere.pcapng")
        page.until("document.getElementById('live').textContent.includes('was moved or removed')")
        with (tmp_path / "elsewhere.pcapng").open("r+b") as out:
            out.truncate(1000)
        page.until("document.getElementById('live').textContent.includes('was cut short')")
        assert page.js("view.length") > 40


def proxied_page(told: str) -> str:
    found = _SHOWN_AT.search(told)
    assert found, told
    return found[1]


def test_the_references_through_the_proxy(page: Page, tmp_path: Path) -> None:
    port = free_port()
    server = [sys.executable, "-m", "reference_server", "--port", str(port), "--disable-ticketing", "--guest", "gallery"]
    with (
        running(*server, log=tmp_path / "server.log", port=port),
        proxy(tmp_path / "proxy", f"spice://127.0.0.1:{port}", "--page", "--filter", "not name in (PING, PONG)") as found,
    ):
        page.open(proxied_page(found.told))
        assert page.js("view.length") == 0 and page.state == "live"
        shot = tmp_path / "screen.png"
        client = [sys.executable, "-m", "reference_client", found.uri, "--screenshot", str(shot)]
        subprocess.run(client, check=True, timeout=4 * PATIENCE, stdin=subprocess.DEVNULL, capture_output=True)
        page.until(f"view.capture.connections.size >= 4 && {_ALL_ENDED}")
        page.until("view.capture.about.displays.length === 1")
        names = {row[1] for row in page.js(LIST)}
        assert {"link-header", "INIT", "SURFACE_CREATE", "ATTACH_CHANNELS"} <= names and "PING" not in names
        assert page.js("view.capture.broken") == []
        shown = page.pixels()
        assert shown[0] > 100 and shown[1] > 100
        found.finish()
        page.until("document.getElementById('live').textContent.includes('Nobody serves this page any more')")
    assert " PING " not in found.shown and " ATTACH_CHANNELS" in found.shown and "messages fit not name in" in found.shown
    assert found.status == 0, found.told


def test_qemu_and_spicy_screenshot_through_the_proxy(page: Page, tmp_path: Path) -> None:
    need("qemu-system-x86_64", "spicy-screenshot")
    port = free_port()
    with (
        running(*qemu(f"port={port},addr=127.0.0.1,disable-ticketing=on"), log=tmp_path / "qemu.log", port=port),
        proxy(tmp_path / "proxy", f"spice://127.0.0.1:{port}", "--page") as found,
    ):
        page.open(proxied_page(found.told))
        shot = tmp_path / "screen.ppm"
        command = [program("spicy-screenshot"), "--uri", found.uri, "-o", str(shot)]
        subprocess.run(command, check=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, capture_output=True)
        page.until("view.capture.about.displays.length === 1")
        page.until(f"view.capture.connections.size && {_ALL_ENDED}")
        assert {row[7] for row in page.js(LIST)} >= {"main:0", "display:0"}
        size = shot.read_bytes().split(None, 3)[1:3]
        assert page.pixels()[:2] == [int(size[0]), int(size[1])]
