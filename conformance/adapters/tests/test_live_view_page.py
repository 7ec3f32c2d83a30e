"""The page of the live view: for whom cannot see, for whom has no mouse, in light and in dark; its size; its files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from conformance.adapters.tests.live_view import LiveView, live_view
from conformance.adapters.tests.reference_pair import Reference
from spiceproto import png
from spiceproto.tests.axe import axe
from spiceproto.tests.peers import end, until

_AXE = "axe.run(document).then((found) => [found.passes.length, found.violations.map((rule) => rule.id + ': ' + rule.help)])"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("view")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Reference]:
    found = Reference(folder / "server", "--disable-ticketing", "--guest", "agent", "--displays", "2")
    yield found
    end(found.process)


@pytest.fixture(scope="module")
def view(folder: Path, server: Reference) -> Iterator[LiveView]:
    with live_view(folder, f"spice://127.0.0.1:{server.place['port']}") as found:
        found.until("document.getElementById('display-1')?.width > 0")
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(view: LiveView, scheme: str) -> None:
    view.browser.command("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    view.js(axe() + "; true")
    passed, found = view.js(_AXE)
    assert found == [] and passed > 10


def test_the_colours_are_those_of_the_reader(view: LiveView) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        view.browser.command("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        grounds.append(view.js("getComputedStyle(document.body).backgroundColor"))
    assert grounds[0] != grounds[1]


def test_the_keyboard_has_a_way_out_of_a_display(view: LiveView, server: Reference) -> None:
    view.js("document.getElementById('display-0').focus()")
    view.key("Tab", True)
    view.key("Tab", False)
    server.got(input="key", code="0f", down=True)
    assert view.js("document.activeElement.id") == "display-0"
    view.key("ShiftLeft", True, modifiers=8)
    view.key("F12", True, modifiers=8)
    view.until("document.activeElement.id === 'size'")
    server.got(input="key", code="2a", down=False)
    assert not [line for line in server.lines("input") if line.get("code") == "58"]
    assert "Shift+F12" in view.js(
        "document.getElementById(document.getElementById('display-0').getAttribute('aria-describedby')).textContent"
    )


def test_displays_fit_the_window_side_by_side(view: LiveView) -> None:
    boxes = "[...document.querySelectorAll('canvas')].map((one) => one.getBoundingClientRect())"
    for width, height in ((1400, 700), (600, 900)):
        view.resize(width, height)
        view.until(f"innerWidth === {width} && {boxes}.every((box) => box.left >= 0 && box.right <= {width})")
        view.until(f"document.documentElement.scrollWidth <= {width} && {boxes}.every((box) => box.bottom <= {height})")
        assert view.js(f"{boxes}[0].right <= {boxes}[1].left")
    view.js("document.getElementById('size').value = 'actual'; document.getElementById('size').onchange({target: size})")
    view.until(f"{boxes}[0].width === 640")
    view.js("document.getElementById('size').value = 'fit'; document.getElementById('size').onchange({target: size})")
    view.until(f"{boxes}[0].width < 640")


def test_the_guest_follows_the_window(view: LiveView) -> None:
    view.resize(1300, 600)
    view.js("document.getElementById('size').value = 'guest'; document.getElementById('size').onchange({target: size})")
    root = "document.getElementById('displays')"
    view.until(
        f"document.getElementById('display-0').height === {root}.clientHeight"
        f" && document.getElementById('display-1').width === Math.floor(({root}.clientWidth - 8) / 2)"
    )
    view.js("document.getElementById('size').value = 'fit'; document.getElementById('size').onchange({target: size})")


def test_full_screen(view: LiveView) -> None:
    values = {"expression": "document.getElementById('full-screen').click()", "userGesture": True}
    view.browser.command("Runtime.evaluate", values)
    view.until("document.fullscreenElement?.id === 'displays'")
    view.js("document.exitFullscreen()")
    view.until("!document.fullscreenElement")


def test_a_screenshot_is_a_file_of_each_display(view: LiveView, server: Reference, folder: Path) -> None:
    def guests(number: int) -> np.ndarray:
        server.ask("picture", path=str(folder / "guest.png"), display=number)
        return png.decode((folder / "guest.png").read_bytes())

    until(lambda: all(view.shows(guests(number), number) for number in range(2)), what="the page shows the guest")
    view.browser.command("Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    view.js("document.getElementById('screenshot').click()")
    for number in range(2):
        file = folder / f"display-{number}.png"
        until(file.exists, what=f"the browser has saved {file.name}")
        assert np.array_equal(png.decode(file.read_bytes()), guests(number))


def test_the_token_is_not_in_the_address_and_a_new_tab_has_none(view: LiveView) -> None:
    token = view.address.partition("#")[2]
    assert token and token not in view.js("location.href")
    view.load()
    view.js("sessionStorage.clear(); location.hash = ''; location.reload()")
    view.until("/does not let this page in/.test(document.getElementById('status')?.textContent)")
    assert view.js("document.querySelector('canvas') === null")
    view.load()
    until(lambda: view.picture() is not None, what="the page is there again")
