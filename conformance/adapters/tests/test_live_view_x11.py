"""The live view of a guest that is an X display: the page shows what the display shows, and what is done in it arrives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from conformance.adapters.tests.live_view import LiveView, live_view
from conformance.adapters.tests.reference_pair import Reference
from spiceproto.tests.peers import end, until
from spiceproto.tests.x_display import EXAMPLE, XProgram, x_display, x_program

if not EXAMPLE.is_dir():
    pytest.skip("the example is in a checkout only", allow_module_level=True)


@contextmanager
def shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[XProgram, LiveView]]:
    """A program on an X display, which a page shows."""
    with x_display(folder, (640, 480)) as display, x_program(display.name) as window:
        monkeypatch.setenv("DISPLAY", display.name)
        server = Reference(folder / "server", "--disable-ticketing", "--guest", str(EXAMPLE))
        try:
            with live_view(folder, f"spice://127.0.0.1:{server.place['port']}") as view:
                yield window, view
        finally:
            end(server.process)


def test_the_page_shows_an_x_display_and_drives_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with shown(tmp_path, monkeypatch) as (window, view):
        for seed in (1, 2):
            window.noise(seed)
            until(lambda: view.shows(np.ascontiguousarray(window.picture())), what="the page shows the X display")
        window.fill(0xC0FFEE, (10, 20, 30, 40))
        until(lambda: view.shows(np.ascontiguousarray(window.picture())), what="the page shows what has changed")
        view.until("document.body.dataset.mouse === 'client'")
        for number, button, place in ((1, "left", (123, 45)), (3, "right", (7, 470))):
            view.click(*place, button)
            window.until(("button", number, True, *place), ("button", number, False, *place))
        for code, number in (("KeyA", 38), ("ArrowUp", 111), ("NumpadEnter", 104), ("F5", 71)):
            view.key(code, True)
            window.until(("key", number, True))
            view.key(code, False)
            window.until(("key", number, False))
        view.mouse("moved", 50, 60)
        view.mouse("wheel", 50, 60, deltaX=0, deltaY=120)
        window.until(("button", 5, True, 50, 60), ("button", 5, False, 50, 60))
        before = view.js("document.getElementById('display-0').style.cursor")
        window.has_cursor(34)
        view.until(f"document.getElementById('display-0').style.cursor !== {json.dumps(before)}")
        window.resize(500, 350)
        window.noise(3)
        until(lambda: view.shows(np.ascontiguousarray(window.picture())), what="the page has the size of the X display")
