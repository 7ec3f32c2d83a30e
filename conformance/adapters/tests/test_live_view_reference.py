"""The live view with the reference server's guests: pictures, pointers, several displays, several pages."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from conformance.adapters.chromium import Chromium
from conformance.adapters.tests.live_view import LiveView, live_view
from conformance.adapters.tests.reference_pair import Reference, ReferencePair
from spiceproto import png
from spiceproto.tests.peers import end, until

_INVERTING = """
import sys
import numpy as np
from reference_server import command
from reference_server.guest import Shape
from spiceproto.enums.cursor import CursorType

def inverts(guest, displays):
    guest.screens[0].draw(0, 0, np.full((480, 640, 4), (60, 200, 10, 0), np.uint8))
    ones = b"\\xff" * 32
    guest.cursors[0].set(Shape(type=CursorType.MONO, width=16, height=16, hot_spot=(0, 0), data=ones + ones, unique=0))
    guest.cursors[0].move(100, 80)

command.GUESTS = {"chart": inverts}
sys.exit(command.main(sys.argv[1:]))
"""
"""A reference server with another guest."""


OFFERED = ("mouse-mode", "keys", "follow", "Microphone", "Copy to guest", "Copy from guest", "share")
"""What only a page that controls a session can do: ids of elements, or their words."""


def disabled(view: LiveView) -> set[str]:
    """What can not be used now."""
    return set(view.js("[...document.querySelectorAll(':disabled')].map((one) => one.id || one.textContent)"))


@contextmanager
def shown(folder: Path, *options: str) -> Iterator[tuple[Reference, LiveView]]:
    """A reference server and its guest in a page."""
    server = Reference(folder / "server", "--disable-ticketing", *options)
    try:
        with live_view(folder, f"spice://127.0.0.1:{server.place['port']}") as view:
            yield server, view
    finally:
        end(server.process)


def picture_of(server: Reference, folder: Path, display: int = 0) -> np.ndarray:
    server.ask("picture", path=str(folder / "guest.png"), display=display)
    return png.decode((folder / "guest.png").read_bytes())


@pytest.mark.parametrize("guest", ["chart", "gallery", "two-displays"])
def test_the_picture_is_the_guests(tmp_path: Path, guest: str) -> None:
    options = ("--displays", "2") if guest == "two-displays" else ()
    with shown(tmp_path, "--guest", guest, *options) as (server, view):
        for display in range(len(options) or 1):

            def same(number: int = display) -> bool:
                return view.shows(picture_of(server, tmp_path, number), number)

            until(same, what=f"display {display} is the guest's")
        assert view.js("document.querySelectorAll('canvas').length") == (len(options) or 1)


def test_what_is_typed_and_painted_is_seen(tmp_path: Path) -> None:
    with shown(tmp_path, "--guest", "desktop", "--pointer", "absolute") as (server, view):
        view.until("document.body.dataset.mouse === 'client'")
        before = picture_of(server, tmp_path)
        view.click(40, 300)
        server.got(input="position", x=40, y=300)
        server.got(input="button", button=1, down=True)
        server.got(input="button", button=1, down=False)
        view.key("KeyH", True)
        view.key("KeyH", False)
        server.got(input="key", code="23", down=True)
        until(lambda: view.shows(picture_of(server, tmp_path)), what="the page shows what came of it")
        assert not np.array_equal(picture_of(server, tmp_path), before)
        assert "url(" in view.js("document.getElementById('display-0').style.cursor")


def test_a_click_is_on_its_display(tmp_path: Path) -> None:
    with shown(tmp_path, "--guest", "agent", "--displays", "2") as (server, view):
        view.until("document.body.dataset.mouse === 'client' && document.getElementById('display-1')?.width > 0")
        view.click(7, 9, display=1)
        server.got(input="position", x=7, y=9, display=1)
        server.got(input="button", button=1, down=True)


@contextmanager
def inverting(folder: Path) -> Iterator[LiveView]:
    """A page with a pointer that inverts its whole square, 16 pixels wide, its left upper corner at 100, 80."""
    log = folder / "server.log"
    command = [sys.executable, "-c", _INVERTING, "--port", "0", "--disable-ticketing"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    try:
        place = until(lambda: log.read_text().partition("\n")[0], what="a server listens")
        with live_view(folder, f"spice://127.0.0.1:{json.loads(place)['port']}") as view:
            yield view
    finally:
        end(process)


def test_a_pointer_that_inverts_shows_the_inverse_of_the_display(tmp_path: Path) -> None:
    with inverting(tmp_path) as view:
        view.js("document.getElementById('size').value = 'actual'; document.getElementById('size').onchange({target: size})")
        view.until("document.querySelector('.inverts')?.naturalWidth === 16 && !document.querySelector('.inverts').hidden")

        def seen() -> list[list[int]]:
            left, top = view.js(
                "(({ left, top }) => [left, top])(document.getElementById('display-0').getBoundingClientRect())"
            )
            picture = png.decode(view.screenshot())
            return [picture[round(top) + y, round(left) + x].tolist() for x, y in ((99, 80), (100, 80), (115, 95), (116, 95))]

        ground, inverse = [10, 200, 60], [245, 55, 195]
        until(lambda: seen() == [ground, inverse, inverse, ground], what="the square under the pointer is inverse")


def test_keys_go_up_when_the_page_is_closed(tmp_path: Path) -> None:
    with shown(tmp_path, "--guest", "desktop") as (server, view):
        view.js("document.getElementById('display-0').focus()")
        view.key("KeyA", True)
        server.got(input="key", code="1e", down=True)
        view.browser.load("about:blank")
        server.got(input="key", code="1e", down=False)
        view.load()
        until(lambda: view.shows(picture_of(server, tmp_path)), what="the whole picture is there again")


def test_a_second_page_looks_until_it_takes_control(tmp_path: Path) -> None:
    with shown(tmp_path, "--guest", "desktop", "--pointer", "absolute") as (server, view):
        without_agent = {"Copy to guest", "Copy from guest"}
        (tmp_path / "second").mkdir()
        second = Chromium(tmp_path / "second", tmp_path / "second.log")
        try:
            other = LiveView(second, view.address, view.process, view.log)
            other.load()
            until(lambda: other.shows(picture_of(server, tmp_path)), what="the second page shows the guest, too")
            other.until("!document.getElementById('take-control').hidden")
            other.until("document.body.dataset.mouse === 'client'")
            assert set(OFFERED) <= disabled(other) and disabled(view) <= without_agent
            other.click(5, 5)
            view.click(6, 6)
            server.got(input="position", x=6, y=6)
            assert not [line for line in server.lines("input") if line.get("x") == 5]
            other.js("document.getElementById('take-control').click()")
            view.until("!document.getElementById('take-control').hidden")
            assert set(OFFERED) <= disabled(view) and disabled(other) <= without_agent
            other.click(8, 8)
            server.got(input="position", x=8, y=8)
        finally:
            second.stop()
        view.until("document.getElementById('take-control').hidden")


@pytest.mark.parametrize("kind", ["seamless", "switch-host"])
def test_a_guest_that_moves_to_another_server(tmp_path: Path, kind: str) -> None:
    pair = ReferencePair(tmp_path, "--disable-ticketing", "--guest", "desktop", "--pointer", "absolute")
    with pair, live_view(tmp_path, f"spice://127.0.0.1:{pair.address.port}") as view:
        view.until("document.body.dataset.mouse === 'client'")
        view.click(40, 300)
        pair.guest.got(input="button", button=1, down=False)
        assert pair.migrate(kind) == [kind]
        view.until("document.body.dataset.mouse === 'client'")

        def arrived() -> bool:
            view.click(90, 310)
            return any(line.get("x") == 90 for line in pair.guest.lines("input"))

        until(arrived, what="the guest gets what the page says there")
        until(lambda: view.shows(pair.picture()), what="the page shows the guest there")
        assert "url(" in view.js("document.getElementById('display-0').style.cursor")


def test_a_film_beside_a_view_takes_nothing_from_it(tmp_path: Path) -> None:
    """Both ask for the damage of the display."""
    server = Reference(tmp_path / "server", "--disable-ticketing", "--guest", "desktop", "--pointer", "absolute")
    film = tmp_path / "film.mp4"
    try:
        uri = f"spice://127.0.0.1:{server.place['port']}"
        with live_view(tmp_path, uri, "--record-video", str(film)) as view:
            view.until("document.body.dataset.mouse === 'client'")
            for number in range(5):
                view.click(40 + 60 * number, 300)
                server.got(input="button", button=1, down=False)
                until(lambda: view.shows(picture_of(server, tmp_path)), what="the page shows each click")
    finally:
        end(server.process)
    assert film.stat().st_size > 0


def test_the_end_of_the_session_is_told(tmp_path: Path) -> None:
    with shown(tmp_path, "--guest", "chart") as (server, view):
        end(server.process)
        view.until("document.getElementById('status').textContent === 'The server ended the session.'")
        assert {*OFFERED, "Sound"} <= disabled(view) and "size" not in disabled(view)
        assert view.js("document.getElementById('connect').hidden && document.getElementById('take-control').hidden")
        until(lambda: view.process.poll() is not None, what="the client ends with its session")


def test_the_list_of_mouse_modes_is_the_mode_that_is_on(tmp_path: Path) -> None:
    """The list asks, and shows what came of it; what the server changes by itself is asked back, for the user has chosen."""
    with shown(tmp_path, "--guest", "desktop", "--pointer", "absolute") as (server, view):
        list = "document.getElementById('mouse-mode')"
        chosen = f"{list}.value"
        choose = f"{list}.value = 'MODE'; {list}.dispatchEvent(new Event('change'))"
        view.until(f"{chosen} === 'client'")
        view.js(choose.replace("MODE", "server"))
        view.until(f"{chosen} === 'server' && document.body.dataset.mouse === 'server'")
        view.click(5, 5)  # takes the mouse: it is none of the guest's
        assert server.ask("state")["mouse_mode"] == "server"
        server.ask("mouse-mode", mode="client")
        until(lambda: server.ask("state")["mouse_mode"] == "server", what="it is asked back")
        view.js(choose.replace("MODE", "client"))
        view.until(f"{chosen} === 'client' && document.body.dataset.mouse === 'client'")
        view.click(40, 300)
        server.got(input="position", x=40, y=300)


def test_notices_of_the_server_are_shown(tmp_path: Path) -> None:
    with shown(tmp_path, "--guest", "chart") as (server, view):
        shown_now = "[...document.querySelectorAll('#notices .notice')].map((one) => one.innerText.split(/\\s*\\n\\s*/))"
        view.until("document.querySelectorAll('#notices .warning').length === 1")  # there is no TLS
        view.js("document.querySelector('#notices button').click()")
        assert view.js(shown_now) == []
        server.ask("notify", text="lunch is at noon")
        server.ask("notify", text="<b>hurry</b>\n\x07now", severity="error")
        until(lambda: len(view.js(shown_now)) == 2, what="both are shown")
        assert view.js(shown_now) == [
            ["Information", "lunch is at noon", "Dismiss"],
            ["Error", "<b>hurry</b> now", "Dismiss"],
        ]
        assert view.js("document.getElementById('notices').getAttribute('role')") == "log"
        for number in range(5):
            server.ask("notify", text=f"number {number} {'long' * 500}")
        until(lambda: "number 4" in str(view.js(shown_now)), what="the last is shown")
        found = view.js(shown_now)
        assert len(found) == 3 and max(len(words[1]) for words in found) < 600
        view.load()
        until(lambda: len(view.js(shown_now)) == 3, what="a page that comes later is told of the newest")
