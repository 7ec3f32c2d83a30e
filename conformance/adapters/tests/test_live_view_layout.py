"""Where the parts of the page lie: the tools in few rows, nothing cut, the panel beside the displays or below them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from conformance.adapters.tests.live_view import LiveView, live_view
from conformance.adapters.tests.reference_pair import Reference
from spiceproto.tests.axe import axe
from spiceproto.tests.peers import end, until

_BOX = "((selector) => (({ left, top, right, bottom, width, height }) => ({ left, top, right, bottom, width, height }))\
(document.querySelector(selector).getBoundingClientRect()))"

_SCROLLS = "[...document.querySelectorAll('#panel, #panel *')].filter((one) => {\
  const { overflowX, overflowY } = getComputedStyle(one);\
  const across = one.scrollWidth > one.clientWidth && ['auto', 'scroll'].includes(overflowX);\
  const down = one.scrollHeight > one.clientHeight && ['auto', 'scroll'].includes(overflowY);\
  return across || down;\
}).map((one) => [one.className, one.scrollWidth > one.clientWidth])"
"""Classes of what in the panel has scrollbars now, and whether one of them is for what lies beside."""

_FIELDS = "[...document.querySelectorAll('#messages .fields > div')].map((line) => [...line.children].map((part) => {\
  const range = document.createRange();\
  range.selectNodeContents(part);\
  return [...range.getClientRects()].map(({ left, right, top }) => [left, right, top]);\
}))"
"""Boxes of the words of each line of fields, and of its bytes."""


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveView]:
    folder = tmp_path_factory.mktemp("view")
    server = Reference(folder / "server", "--disable-ticketing", "--guest", "desktop", "--pointer", "absolute")
    try:
        with live_view(folder, f"spice://127.0.0.1:{server.place['port']}") as found:
            found.until("document.body.dataset.mouse === 'client'")
            yield found
    finally:
        end(server.process)


@pytest.fixture
def panel(view: LiveView) -> Iterator[LiveView]:
    """A window of 1200 x 713 pixels whose panel is open, and has the fields of a message that draws."""
    resize(view, 1200, 713)
    view.press("#open-messages")
    for place in range(30):
        view.click(20 + 10 * place, 300)
    view.until("document.querySelectorAll('#messages [role=option]').length > 8")
    choose_drawing(view)
    yield view
    resize(view, 1200, 713)
    view.press("#open-messages")


def choose_drawing(view: LiveView) -> None:
    """The fields of a DRAW_FILL are shown."""

    def chosen() -> bool:
        view.js(
            "[...document.querySelectorAll('#messages [role=option]')].find((one) => /DRAW_FILL/.test(one.innerText))?.click()"
        )
        return "rop_descriptor" in view.js("document.querySelector('#messages .fields').innerText")

    until(chosen, what="fields of a DRAW_FILL")


def resize(view: LiveView, width: int, height: int) -> None:
    view.resize(width, height)
    view.until(f"innerWidth === {width} && innerHeight === {height}")
    view.js("new Promise((act) => requestAnimationFrame(() => requestAnimationFrame(() => act(0))))")


def box(view: LiveView, selector: str) -> dict[str, Any]:
    found: dict[str, Any] = view.js(f"{_BOX}({selector!r})")
    return found


def test_the_tools_are_two_rows_at_most(view: LiveView) -> None:
    resize(view, 1200, 713)
    assert box(view, "header")["height"] < 3 * box(view, "#open-messages")["height"]
    assert box(view, "footer")["height"] < 2 * box(view, "#open-messages")["height"]


def test_words_of_lists_are_whole(view: LiveView) -> None:
    cut = view.js(
        "[...document.querySelectorAll('#size, #mouse-mode')].flatMap((list) => {"
        "  const context = document.createElement('canvas').getContext('2d');"
        "  context.font = getComputedStyle(list).font;"
        "  const room = list.clientWidth - 8;"
        "  return [...list.options].map((one) => one.text).filter((text) => context.measureText(text).width > room);"
        "})"
    )
    assert cut == []


def test_the_panel_scrolls_down_in_two_places_and_nowhere_to_the_side(panel: LiveView) -> None:
    assert {tuple(found) for found in panel.js(_SCROLLS)} <= {("list", False), ("fields", False)}
    assert box(panel, "#messages .list")["height"] > 250
    summary = box(panel, "#messages [role=option] span:last-child")
    assert summary["width"] > 0.7 * box(panel, "#messages .list")["width"]


def test_the_picture_keeps_its_size_when_lines_come(panel: LiveView) -> None:
    def places() -> list[dict[str, Any]]:
        return [box(panel, selector) for selector in ("#display-0", "#messages button", "#messages .list", "#messages .fields")]

    full = places()
    panel.js("[...document.querySelectorAll('#messages button')].find((one) => one.textContent === 'Clear').click()")
    panel.until("document.querySelectorAll('#messages [role=option]').length === 0")
    assert places() == full


@pytest.mark.parametrize("width", [1200, 480, 320])
def test_fields_do_not_run_into_their_bytes(panel: LiveView, width: int) -> None:
    resize(panel, width, 713)
    pairs = [parts for parts in panel.js(_FIELDS) if len(parts) == 2]
    assert len(pairs) > 5
    for words, octets in pairs:
        assert max(right for _, right, _ in words) <= min(left for left, _, _ in octets)
    if width == 320:
        assert any(len({top for _, _, top in words}) > 1 for words, _ in pairs), "none is long"


def test_a_narrow_window_has_the_panel_below(panel: LiveView) -> None:
    assert box(panel, "#displays")["right"] <= box(panel, "#panel")["left"]
    resize(panel, 480, 713)
    panel.until("document.documentElement.scrollWidth <= 480")
    assert box(panel, "#displays")["width"] == box(panel, "#panel")["width"] == 480
    assert box(panel, "#displays")["bottom"] <= box(panel, "#panel")["top"]
    assert box(panel, "#displays")["height"] > 100
    panel.js(f"{axe()}\n; 0")
    assert panel.js("axe.run(document).then((found) => found.violations.map((rule) => rule.id))") == []


def test_a_pressed_button_does_not_look_like_one_with_the_focus(view: LiveView) -> None:
    looks = (
        "((one) => (({ backgroundColor, outlineStyle }) => [backgroundColor, outlineStyle])(getComputedStyle(one)))"
        "([...document.querySelectorAll('#sound button')].find((one) => one.textContent === 'NAME'))"
    )
    pressed, other = [view.js(looks.replace("NAME", name)) for name in ("Sound", "Microphone")]
    assert pressed[0] != other[0] and pressed[1] == other[1] == "none"
