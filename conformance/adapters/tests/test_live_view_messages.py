"""The panel of messages in the live view, and what axe-core says of the parts of the page."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from conformance.adapters.tests.live_view import LiveView, live_view
from conformance.adapters.tests.reference_pair import Reference
from spiceproto.tests.axe import axe
from spiceproto.tests.peers import end, until


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveView]:
    folder = tmp_path_factory.mktemp("view")
    server = Reference(folder / "server", "--disable-ticketing", "--guest", "agent", "--pointer", "absolute")
    try:
        with live_view(folder, f"spice://127.0.0.1:{server.place['port']}") as found:
            yield found
    finally:
        end(server.process)


@pytest.fixture
def panel(view: LiveView) -> Iterator[LiveView]:
    """A page whose panel is open, and shows everything."""
    view.press("#open-messages")
    yield view
    if view.js("document.querySelector('#messages button[aria-pressed=true]') !== null"):
        view.press("#messages button[aria-pressed]")
    choose(view, "")
    search(view, "")
    view.press("#open-messages")


def rows(view: LiveView) -> list[list[str]]:
    """What is seen of the list: time, channel, sender, name, size, summary of each line."""
    found: list[list[str]] = view.js(
        "[...document.querySelectorAll('#messages [role=option]')]"
        ".map((line) => [...line.children].map((cell) => cell.innerText))"
    )
    return found


def count(view: LiveView) -> str:
    return str(view.js("document.querySelector('#messages .count').textContent"))


def choose(view: LiveView, channel: str) -> None:
    view.js(
        f"{{const box = document.querySelector('#messages select'); box.value = {json.dumps(channel)};"
        "box.dispatchEvent(new Event('change'));}"
    )


def search(view: LiveView, text: str) -> None:
    view.js(
        f"{{const box = document.querySelector('#messages input'); box.value = {json.dumps(text)};"
        "box.dispatchEvent(new Event('input'));}"
    )


def move(view: LiveView) -> None:
    """The pointer goes from left to right."""
    for x in range(100, 140, 4):
        view.mouse("moved", x, 200)


def moved(view: LiveView) -> list[list[str]]:
    return [row for row in rows(view) if row[3] == "MOUSE_POSITION"]


def test_the_pointer_moves_and_the_fields_of_a_line_are_shown(panel: LiveView) -> None:
    move(panel)
    found = until(lambda: moved(panel), what="MOUSE_POSITION")
    assert found[0][1:3] == ["inputs:0", "client"] and found[0][5].startswith("x=")
    search(panel, "mouse_position")
    until(lambda: {row[3] for row in rows(panel)} == {"MOUSE_POSITION"}, what="nothing else is shown")
    panel.js("document.querySelector('#messages .list').focus()")
    panel.key("ArrowUp", True)
    fields = "document.querySelector('#messages .fields').innerText"
    until(lambda: "buttons_state" in panel.js(fields), what="the fields of the last line")
    assert panel.js("document.querySelectorAll('[aria-selected=true]').length") == 1
    title = str(panel.js("document.querySelector('#messages h2').innerText"))
    assert title.startswith("MOUSE_POSITION, serial ") and title.endswith("inputs:0 from client")
    first = str(panel.js(fields))
    panel.key("ArrowUp", True)
    until(lambda: "buttons_state" in panel.js(fields) and panel.js(fields) != first, what="the fields of the one above")


def test_one_channel_or_none_while_it_is_paused(panel: LiveView) -> None:
    until(lambda: panel.js("document.querySelectorAll('#messages option').length") > 0)
    move(panel)
    until(lambda: moved(panel), what="MOUSE_POSITION")
    choose(panel, "inputs:0")
    until(lambda: {row[1] for row in rows(panel)} == {"inputs:0"}, what="one channel")
    panel.press("#messages button[aria-pressed]")
    until(lambda: count(panel).endswith("paused"))
    before = count(panel)
    move(panel)
    panel.press("#messages button[aria-pressed]")
    move(panel)
    until(lambda: "paused" not in count(panel) and count(panel) != before.removesuffix("; paused"), what="it goes on")


def test_axe_finds_nothing(panel: LiveView) -> None:
    move(panel)
    until(lambda: moved(panel), what="MOUSE_POSITION")
    panel.js("document.querySelector('#messages [role=option]').click()")
    panel.js(f"{axe()}\n; 0")
    for scheme in ("light", "dark"):
        panel.browser.command("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        found = panel.js(
            "axe.run(document).then((found) => [found.passes.length, found.violations.map((rule) =>"
            " `${rule.id}: ${rule.nodes.map((node) => node.target.join(' ')).slice(0, 5)}`)])"
        )
        assert found[1] == [] and found[0] > 10
