"""Clients in a browser: they connect to QEMU, do their verbs, and leave nothing behind."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest

from conformance.adapters.browser_client import BrowserClient
from conformance.adapters.browser_keys import browser_key
from conformance.adapters.chromium import PROGRAM, Chromium, PageError, PageHangs
from conformance.adapters.guest import KeyByte, Motion, Position
from conformance.adapters.page_server import PageServer
from conformance.adapters.programs.npm_spice_client import NpmSpiceClient
from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.programs.spice_html5 import SpiceHtml5
from conformance.adapters.tests.looks import check_gone, left_by_clients, need_adapters
from spiceproto.enums.inputs import MouseButtonMask
from spiceproto.tests.peers import PATIENCE, need, until


@pytest.mark.parametrize("kind", [SpiceHtml5, NpmSpiceClient])
def test_what_it_can_be_told(tmp_path: Path, kind: type[BrowserClient]) -> None:
    need_adapters(Qemu, kind)
    qemu, client = left_by_clients({"guest": "pointer", "ticket": "sesame"}), kind()
    with qemu, client:
        assert client.version.startswith(f"{kind.scheme} ") and "Chrom" in client.version
        assert client.do("motion", dx=1, dy=1).kind == "error"

        def ready() -> bool:
            state = client.do("state").values
            return state["picture"] and set(state["channels"].values()) == {"ready"}

        for _ in range(2):
            client.connect(qemu.address)
            until(ready)
            assert client.do("disconnect").kind == "ok"
            assert not client.do("state").values["connected"]
            client.disconnect()
            assert client.do("state").kind == "error"
        client.connect(qemu.address)
        until(ready)
        qemu.do_input_events()

        for code, down in ((0x1E, True), (0x1E, False), (0xE04B, True), (0x14B, False)):
            assert client.do("key", code=code, down=down).kind == "ok"
        found = [event for event in qemu.do_input_events(6, PATIENCE) if isinstance(event, KeyByte)]
        assert [event.byte for event in found] == [0x1E, 0x9E, 0xE0, 0x4B, 0xE0, 0xCB]
        client.do("motion", dx=5, dy=-6)
        client.do("press", button=3)
        assert qemu.do_input_events(2, PATIENCE) == [Motion(5, -6), Motion(0, 0, 0, MouseButtonMask.RIGHT)]
        client.do("release", button=3)
        client.do("wheel", steps=-1)
        assert [event.wheel for event in qemu.do_input_events(3, PATIENCE) if isinstance(event, Motion)][1] == -1
        assert client.do("picture", path=str(tmp_path / "x.png")).kind == "ok"
        assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")

        qemu.do_pointer("absolute")
        until(lambda: client.do("state").values["mouse_mode"] == "client")
        assert client.do("position", x=719, y=399).kind == "ok"
        places = [event.pixel(720, 400) for event in qemu.do_input_events(2, PATIENCE) if isinstance(event, Position)]
        assert places == [(719, 399)]

        assert client.do("position", x=1, y=1, display=1).kind == "unsupported"
        assert client.do("picture", path=str(tmp_path / "second.png"), display=1).kind == "unsupported"
        assert client.do("press", button=4).kind == "error"
        assert client.do("key", code=0x7F).kind == "error"
        process = client.process
    check_gone(process)


def test_a_page_that_hangs_is_replaced(tmp_path: Path) -> None:
    need(PROGRAM)
    pages = PageServer("<script>window.loops = () => { for (;;); }; window.word = first;</script>", tmp_path)
    browser = Chromium(tmp_path, tmp_path / "log", first="window.first = 'suite'; console.log('hello', 7);")
    try:
        browser.load(pages.address)
        browser.loaded()
        until(lambda: browser.evaluate("document.readyState") == "complete")
        assert browser.evaluate("Promise.resolve(word)") == "suite"
        with pytest.raises(PageError, match="no_such_thing"):
            browser.evaluate("no_such_thing")
        with pytest.raises(PageHangs):
            browser.evaluate("loops()", 0.2)
        browser.replace()
        browser.load(pages.address + "?again")
        browser.loaded()
        until(lambda: browser.evaluate("document.readyState") == "complete")
        assert browser.evaluate("location.search + word") == "?againsuite"
        assert "log: hello 7" in (tmp_path / "log").read_text()
    finally:
        browser.stop()
        pages.stop()
    check_gone(browser.process)


def test_a_page_and_the_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "main.js").write_text("1;")
    (tmp_path.parent / "outside").write_text("no")
    pages = PageServer("<p>é", tmp_path)
    try:
        for address in (pages.address, f"{pages.address}?2"):
            with urllib.request.urlopen(address) as found:
                assert found.read() == "<p>é".encode()
        with urllib.request.urlopen(f"{pages.address}main.js?3") as found:
            assert (found.read(), found.headers["Content-Type"]) == (b"1;", "text/javascript")
        with pytest.raises(HTTPError):
            urllib.request.urlopen(f"{pages.address}../outside")
    finally:
        pages.stop()


def test_keys() -> None:
    assert browser_key(0x1E) == ("KeyA", 65)
    assert browser_key(0x0B) == ("Digit0", 48)
    assert browser_key(0x44) == ("F10", 121)
    assert browser_key(0x11D) == browser_key(0xE01D) == ("ControlRight", 17)
    assert [browser_key(code) for code in (0, 0x54, 0x7F, 0xE000, 0x2A1D)] == [None] * 5


def test_where_npm_puts_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "node_modules" / "spice-client"
    (package / "dist" / "esm").mkdir(parents=True)
    (package / NpmSpiceClient.module).touch()
    (package / "package.json").write_text('{"version": "9.9"}')
    (tmp_path / "below").mkdir()
    monkeypatch.setenv("NODE_PATH", str(tmp_path / "node_modules"))
    assert NpmSpiceClient.installed() == package and NpmSpiceClient().release_name() == "9.9"
    monkeypatch.setenv("NODE_PATH", "")
    monkeypatch.chdir(tmp_path / "below")
    assert NpmSpiceClient.installed() == package
