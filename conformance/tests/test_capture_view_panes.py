"""The panes beside the list of the page of ``spiceproto view``, in Chromium: sound plays, films step, all of it by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.adapters.chromium import Chromium
from conformance.tests.browser import started
from conformance.tests.test_capture_view import Page
from spiceproto.command import main
from spiceproto.tests.axe import axe
from spiceproto.tests.peers import PATIENCE
from spiceproto.tests.recorded import recording
from spiceproto.tests.shown_capture import COLOURS, OPTIONS, SIDE, capture


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with started(tmp_path_factory.mktemp("browser")) as made:
        yield made


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shown")
    assert main(["view", str(capture(folder)), *OPTIONS, "-o", str(folder / "page.html")]) in (0, 1)
    return folder / "page.html"


@pytest.fixture
def page(browser: Chromium, tmp_path: Path) -> Page:
    return Page(browser, tmp_path)


def test_sound_plays_and_leads_to_its_messages(page: Page, file: Path) -> None:
    page.load(file, "tab=sound")
    page.click("document.querySelector('#panel-sound button')")
    page.until("view.pane('sound').tracks[0].at > 0.2")
    page.click("document.querySelector('#panel-sound button')")
    page.until("document.querySelector('#panel-sound button').textContent === 'Play'")
    assert page.js("Math.abs(view.pane('sound').tracks[0].audio.duration - 2) < 0.1")
    page.click("document.querySelectorAll('#panel-sound .links button')[0]")
    page.until("document.getElementById('title').textContent.startsWith('DATA: ')")
    assert page.js("view.row === view.capture.about.panes.sound[0].marks[0][3]")
    words = page.js("[...document.querySelectorAll('#panel-sound .links button')].map((one) => one.textContent)")
    assert words == ["1.00 s: stopped, 2.000 s", "1.50 s: time passed without sound, 0.300 s"]
    assert page.js("document.querySelectorAll('#panel-sound .wave line').length") == 2


def test_sound_by_keyboard(page: Page, file: Path) -> None:
    page.load(file, "tab=sound")
    page.js("document.querySelector('#panel-sound .wave').focus()")
    page.keys("PageUp", "ArrowRight", "ArrowRight", "ArrowLeft")
    assert page.js("document.querySelector('#panel-sound .wave').getAttribute('aria-valuenow')") == "1.100"
    page.keys(" ")
    page.until("view.pane('sound').tracks[0].audio?.ended")
    page.keys("Home")
    assert page.js("view.pane('sound').tracks[0].at") == 0


def test_a_shape_is_the_current_one(page: Page, file: Path) -> None:
    page.load(file, "tab=shapes")
    uses = page.js("view.capture.about.panes.shapes.uses")
    for row, _, place, _ in uses:
        page.js(f"view.choose({row})")
        page.until(f"document.body.dataset.row === '{row}'")
        now = page.js("[...document.querySelectorAll('#panel-shapes .figures li')].map((one) => one.ariaCurrent === 'true')")
        assert now == [number == place for number in range(2)]
    pixels = page.js(
        "(() => { const [image] = document.querySelectorAll('#panel-shapes img'); return image.decode().then(() => {"
        "const canvas = document.createElement('canvas'); canvas.getContext('2d').drawImage(image, 0, 0);"
        "return [...canvas.getContext('2d').getImageData(0, 0, 1, 1).data]; }); })()"
    )
    assert pixels == [255, 0, 0, 255]
    page.click("document.querySelectorAll('#panel-shapes .figures button')[1]")
    page.until(f"document.body.dataset.row === '{uses[1][0]}'")


_MIDDLE = """
(() => {{
  const canvas = document.querySelector("#panel-films > .pane > canvas");
  return [canvas.width, canvas.height, ...canvas.getContext("2d").getImageData({0}, {0}, 1, 1).data];
}})()
"""


def test_a_film_steps_through_its_frames(page: Page, file: Path) -> None:
    page.load(file, "tab=films")
    for place, colour in enumerate(COLOURS):
        page.js(f"view.pane('films').pick(0, {place})")
        page.until(f"document.querySelector('#panel-films .pane').dataset.shown === '{place}'")
        width, height, *pixel, _ = page.js(_MIDDLE.format(SIDE // 2))
        assert (width, height) == (SIDE, SIDE)
        assert all(abs(value - (colour >> shift & 0xFF)) < 12 for value, shift in zip(pixel, (16, 8, 0), strict=True))
    said = page.js("document.querySelector('#panel-films [role=status]').textContent")
    assert said.startswith("frame 4 of 4, 1080 ms after the first, 1000 ms after the one before")
    assert said.endswith("frames around it were dropped")
    assert page.js("document.querySelectorAll('#panel-films .strip .odd').length") == 2


def test_a_film_plays_by_the_times_of_its_frames(page: Page, file: Path) -> None:
    page.load(file, "tab=films")
    page.until("document.querySelector('#panel-films .pane').dataset.shown === '0'")
    page.js(
        "globalThis.waits = []; const real = setTimeout; globalThis.setTimeout = (act, ms) => (waits.push(ms), real(act, 0));0"
    )
    page.click("[...document.querySelectorAll('#panel-films button')].find((one) => one.textContent === 'Play')")
    page.until("!view.pane('films').playing && view.pane('films').place === 3")
    assert page.js("waits.slice(0, 3)") == [40, 40, 1000]
    page.click("[...document.querySelectorAll('#panel-films button')].find((one) => one.textContent === 'Show the message')")
    page.until("document.getElementById('title').textContent.startsWith('STREAM_DATA: ')")


def test_frames_that_were_decoded_are_pictures(page: Page) -> None:
    page.open(recording("xspice-stream-vp8"), "tab=films")
    page.until("document.querySelector('#panel-films .pane').dataset.shown === '0'")
    page.js("view.pane('films').pick(0, 80)")
    page.until("document.querySelector('#panel-films .pane').dataset.shown === '80'")
    width, height, *pixel = page.js(_MIDDLE.format(40))
    assert (width, height) == (256, 192) and pixel[3] == 255 and len(set(pixel[:3])) > 1


def test_transfers_lead_to_their_messages(page: Page, file: Path) -> None:
    page.load(file, "tab=transfers")
    lines = page.js("[...document.querySelectorAll('#panel-transfers tbody tr')].map((one) => one.textContent)")
    assert len(lines) == 3 and "file letter.txt" in lines[0] and "7 of 7 in 2 parts" in lines[0] and "SUCCESS" in lines[0]
    assert "<img src=x" in lines[2] and page.js("document.querySelectorAll('#panel-transfers img').length") == 0
    page.click("document.querySelectorAll('#panel-transfers tbody tr')[1].querySelectorAll('button')[2]")
    page.until("document.getElementById('title').textContent.startsWith('agent CLIPBOARD: ')")


def test_plots_have_what_the_rows_say(page: Page, file: Path) -> None:
    page.load(file, "tab=plots")
    page.until("document.querySelectorAll('#panel-plots figure').length === 4")
    titles = page.js("[...document.querySelectorAll('#panel-plots figcaption')].map((one) => one.textContent)")
    assert [title.split(",")[0].split(" ")[0] for title in titles] == ["Bits", "Video", "Round", "Messages"]
    legend = page.js("[...document.querySelectorAll('#panel-plots figure:nth-child(4) li')].map((one) => one.textContent)")
    assert len(legend) == 1 and "window 20" in legend[0]
    page.click("document.querySelector('#panel-plots summary')")
    page.until("document.querySelectorAll('#panel-plots details table tbody tr').length > 10")
    shares = page.js("[...document.querySelectorAll('.caches tbody tr')].map((one) => one.children[2].textContent)")
    assert shares == ["not used", "not used", "50.0 %"]


def test_tabs_have_numbers(page: Page, file: Path) -> None:
    page.load(file)
    page.js("document.getElementById('panel-messages').firstChild.focus()")
    for place, name in enumerate(("messages", "broken", "problems", "sound", "shapes", "films", "transfers", "plots"), 1):
        page.keys(str(place))
        assert page.js("document.querySelector('#tabs [aria-selected=true]').id") == f"tab-{name}"
        assert page.js(f"document.getElementById('panel-{name}').contains(document.activeElement)")


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["wide", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(dark: bool, size: tuple[int, int], page: Page, file: Path) -> None:
    source = axe()
    values = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
    page.command("Emulation.setDeviceMetricsOverride", values)
    page.load(file)
    if dark:
        page.js("document.documentElement.dataset.scheme === 'dark' || document.getElementById('scheme').click()")
    page.js(source + ";0")
    look = "axe.run(document).then((found) => found.violations.map((rule) => [rule.id, rule.nodes.map((node) => node.html)]))"
    for tab in ("sound", "shapes", "films", "transfers", "plots"):
        page.js(f"document.getElementById('tab-{tab}').click()")
        page.lit()
        assert page.js(look, PATIENCE) == [], tab
        assert page.js("document.documentElement.scrollWidth <= innerWidth"), tab
    page.command("Emulation.clearDeviceMetricsOverride")
