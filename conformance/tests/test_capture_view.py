"""The page of ``spiceproto view`` in Chromium: what is chosen, found and lit, by mouse and by keyboard."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from conformance.adapters.chromium import Chromium, PageError
from conformance.adapters.tests.live_view import digest
from conformance.requirements import requirements
from conformance.tests.browser import started
from spiceproto.capture.decode import Decoder
from spiceproto.command import main
from spiceproto.derive.span import Span
from spiceproto.derive.spans import dissect
from spiceproto.report.pictures import Pictures
from spiceproto.tests.axe import axe
from spiceproto.tests.peers import PATIENCE
from spiceproto.tests.recorded import HERE, recording
from spiceproto.view.rows import Rows
from spiceproto.walk import Structure, walk

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "seabios.pcapng"
DATA = Path(__file__).parent / "data"

_SPANS = """
(async () => {
  const said = [];
  for (let row = 0; row < view.length; row += 1) {
    const { body, structures, found, gaps } = await view.dissected(row);
    if (!body || structures.length !== 1) continue;
    const spans = [];
    const visit = (items) => items.forEach((item) => {
      spans.push([item.path, item.start, item.end]);
      visit(item.children);
    });
    visit(found.children);
    const hex = Array.from(body, (byte) => byte.toString(16).padStart(2, "0")).join("");
    said.push([structures[0], hex, spans, found.error !== "", gaps]);
  }
  return said;
})()
"""


class Page:
    """The page of a capture. ``js`` is what a script in it says; ``keys`` are pressed one after the other."""

    def __init__(self, browser: Chromium, folder: Path) -> None:
        self._browser = browser
        self._folder = folder
        self.js = browser.evaluate
        self.command = browser.command

    def open(self, capture: Path, fragment: str = "") -> None:
        path = self._folder / "page.html"
        assert main(["view", str(capture), "-o", str(path)]) in (0, 1)
        self.load(path, fragment)

    def load(self, path: Path, fragment: str = "") -> None:
        self._browser.load("about:blank")
        self._browser.loaded()
        self._browser.load(path.as_uri() + (f"#{fragment}" if fragment else ""))
        self._browser.loaded()
        self.until("document.body?.dataset.row !== undefined")

    def until(self, script: str) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(PageError):
                if self.js(script):
                    return
            assert time.monotonic() < end, script
            time.sleep(0.02)

    def click(self, script: str) -> None:
        """Where the middle of an element is."""
        self.until(f"Boolean({script})")
        self.js("new Promise((found) => requestAnimationFrame(() => requestAnimationFrame(found)))")  # it is where it stays
        x, y = self.js(
            f"(() => {{ const box = {script}.getBoundingClientRect(); return [box.x + box.width / 2, box.y + 8]; }})()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.command("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1})

    def keys(self, *names: str) -> None:
        for name in names:
            values = {"key": name, "text": name} if len(name) == 1 else {"key": name}
            self.command("Input.dispatchKeyEvent", {"type": "keyDown", **values})
            self.command("Input.dispatchKeyEvent", {"type": "keyUp", "key": name})

    def lit(self, name: str = "lit") -> list[int]:
        """The places of the bytes that are lit."""
        self.js("new Promise((found) => requestAnimationFrame(() => requestAnimationFrame(found)))")
        found: list[int] = self.js(
            f"[...document.querySelectorAll('#bytes .{name}')].filter((one) => one.textContent.length === 2)"
            ".map((one) => Number(one.dataset.place))"
        )
        return found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with started(tmp_path_factory.mktemp("browser")) as made:
        yield made


@pytest.fixture
def page(browser: Chromium, tmp_path: Path) -> Page:
    return Page(browser, tmp_path)


def _flat(items: list[Span]) -> list[list[Any]]:
    found: list[list[Any]] = []
    for item in items:
        found += [[item.path, item.start, item.end], *_flat(item.children)]
    return found


def _structure(name: str) -> Structure:
    module, _, record = name.partition(".")
    return walk(getattr(import_module(f"spiceproto.schema.{module}"), record))


CAPTURES = ["seabios", "andris-synthetic", "html5-debian-start", "unknown-image-type", "sound-odds", "heads-odds"]
if os.environ.get("SPICEPROTO_CAPTURES"):
    CAPTURES += ["drawall-off", "spicy-usbredir", "xspice-cursor"]


def _capture(name: str) -> Path:
    known = (EXAMPLE, HERE / f"{name}.pcapng", HERE / f"{name}.pcap", DATA / f"{name}.pcap")
    return next((path for path in known if path.stem == name and path.exists()), None) or recording(name)


@pytest.mark.parametrize("name", CAPTURES)
def test_its_fields_are_those_of_the_library(name: str, page: Page) -> None:
    page.open(_capture(name))
    found = page.js(_SPANS, PATIENCE)
    assert len(found) > 5
    for structure, body, spans, failed, _ in found:
        expected = dissect(_structure(structure), bytes.fromhex(body))
        assert spans == _flat(expected.root.children), structure
        assert failed == (expected.error is not None), structure


def test_a_field_lights_its_bytes_and_a_byte_its_field(page: Page) -> None:
    page.open(EXAMPLE)
    row = page.js("view.find('name == DRAW_COPY'), view.rows[0]")
    page.js(f"view.choose({row}, 'data.src_bitmap')")
    page.until(f"document.body.dataset.row === '{row}'")
    place = page.js(f"view.dissected({row}).then(({{ found }}) => found.children[1].children[0].number)")
    assert page.lit() == [21, 22, 23, 24]
    behind = page.lit("behind")
    assert behind and min(behind) == place and place > 24
    page.js("document.getElementById('bytes').scrollTop = 0")
    page.lit()
    page.click("document.querySelector('#bytes [data-place=\"5\"]')")
    assert page.js("document.querySelector('#fields [aria-selected=true] .name').textContent") == "top"
    assert page.lit() == [4, 5, 6, 7]
    assert "byte 5:" in page.js("document.getElementById('byte-words').textContent")


def test_three_clicks_from_the_page_to_the_rule_and_the_message(page: Page) -> None:
    page.open(DATA / "surface-life.pcap")
    page.click("document.getElementById('tab-broken')")
    page.click("document.querySelector('#panel-broken [role=option]:nth-child(2)')")
    page.until("document.getElementById('title').textContent.startsWith('DRAW_FILL: message 11,')")
    said = page.js("document.getElementById('notes').textContent")
    assert requirements()["SPICE-DISPLAY-007"].text in said and "spec/07-display.md" in said
    assert said.count("DRAW_FILL of surface 5 in state absent") == 1
    page.click("document.querySelector('#notes button')")
    assert page.js("document.getElementById('count').textContent") == "2 of 32 rows"


_PIXELS = """
(async () => {
  const canvas = document.querySelector("#display canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return [canvas.width, canvas.height, Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("")];
})()
"""


def test_the_display_is_what_was_drawn_wherever_one_goes(page: Page) -> None:
    page.open(EXAMPLE)
    pictures = Pictures()
    decoder = Decoder(EXAMPLE, pictures)
    pictures.begin(decoder)
    decoder.run()
    [screen] = pictures.screens.values()
    last = page.js("view.length - 1")
    seen = []
    middle = page.js("view.capture.about.displays[0].moments[0].row")
    for row in (last, middle, last, last - 3, last):
        page.js(f"view.choose({row})")
        page.until(f"document.getElementById('display').dataset.row === '{row}'")
        seen.append(page.js(_PIXELS))
    assert seen[0] == seen[2] == seen[4] == digest(screen.picture(cursor=True))
    assert seen[1] != seen[0]


def test_which_message_drew_this(page: Page) -> None:
    """A click into the picture chooses the last message that drew there, and its part is framed."""
    page.open(EXAMPLE)
    last = page.js("view.length - 1")
    page.js(f"view.choose({last})")
    page.until(f"document.getElementById('display').dataset.row === '{last}'")
    page.js("document.querySelector('#display canvas').scrollIntoView({ block: 'nearest' })")
    page.click("document.querySelector('#display canvas')")
    page.until("!document.querySelector('#display .frame').hidden")
    page.until("document.getElementById('display').dataset.row === document.body.dataset.row")
    row = page.js("view.row")
    x, y = page.js(
        "(({ width }, box) => [width / 2, 8 * width / box.width])(document.querySelector('#display canvas'), "
        "document.querySelector('#display canvas').getBoundingClientRect())"
    )
    boxes = page.js(_BOXES)
    mine = [at for at, (top, left, bottom, right) in boxes if left <= x < right and top <= y < bottom]
    assert row == max(mine) and len(boxes) > len(mine) > 0


_BOXES = """
(async () => {
  const found = [];
  for (let row = 0; row < view.length; row += 1) {
    const { found: { children } } = await view.dissected(row);
    const base = children[0];
    if (base?.text !== "DisplayBase" || base.children[0].number !== 0) continue;
    found.push([row, base.children[1].children.map((item) => item.number)]);
  }
  return found;
})()
"""


def test_the_address_says_what_is_shown(page: Page, tmp_path: Path) -> None:
    page.open(EXAMPLE)
    page.js("view.find('channel == display and not name contains DRAW'), view.choose(view.rows[3])")
    page.until("document.body.dataset.row === String(view.rows[3])")
    page.js("document.querySelector('#fields [role=treeitem]').click()")
    before = page.js("[location.hash, document.getElementById('title').textContent]")
    page.load(tmp_path / "page.html", before[0][1:])
    page.until("document.querySelector('#fields [aria-selected=true]') !== null")
    assert page.js("[location.hash, document.getElementById('title').textContent]") == before
    page.load(tmp_path / "page.html", "message=12")
    assert "message 12," in page.js("document.getElementById('title').textContent")


@pytest.mark.parametrize(
    ("query", "script"),
    [
        ("channel == display", "channel(row) === 'display:0'"),
        ("direction == client", "sender(row) === 'client'"),
        ("name == DRAW_COPY && size > 1000", "kind(row).name === 'DRAW_COPY' && columns.size[row] > 1000"),
        ("protocol != spice", "kind(row).layer !== 'message'"),
        ("not (broken or tolerated)", "marks[row] === 0"),
        ("display draw_copy", "channel(row) === 'display:0' && view.capture.kind(row).name === 'DRAW_COPY'"),
        ('"surface_id=0 box" and number in (1..45)', "summaries[row].includes('surface_id=0 box') && columns.number[row] < 46"),
        ('"surface_id=0 box"', "summaries[row].includes('surface_id=0 box')"),
    ],
)
def test_what_is_found(query: str, script: str, page: Page) -> None:
    page.open(EXAMPLE)
    found = page.js(f"view.find({query!r}), Array.from(view.rows)")
    wanted = page.js(
        f"Array.from({{ length: view.length }}, (_, row) => row).filter((row) => view.capture.{script})".replace(
            "&& columns", "&& view.capture.columns"
        )
    )
    assert found == wanted


@pytest.mark.parametrize(
    "query",
    [
        "channel in (main, cursor) and not name in (PING, PONG)",
        "direction == server and (size >= 0x20 or serial < 3)",
        'name matches "^(SET|ACK)" and channel_id == 0',
        "not number == 12 and time < 0.15 and channel != main",
        'name contains "DRAW" and frame > 100 or session == 2',
        "session != 1 or type_of_nothing == 3",
    ],
)
def test_a_filter_means_what_it_means_to_decode(query: str, page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    page.open(EXAMPLE)
    capsys.readouterr()
    status = main(["decode", str(EXAMPLE), "--format", "jsonl", "--filter", f"({query}) and protocol == spice"])
    said = capsys.readouterr()
    wanted = [item["number"] for item in map(json.loads, said.out.splitlines()) if item["record"] == "message"]
    found = page.js(
        f"view.find({f'({query}) and protocol == spice'!r}), Array.from(view.rows, (row) => view.capture.columns.number[row])"
    )
    if status == 2:
        assert "no such name" in said.err and "no such name here" in page.js("document.getElementById('count').textContent")
    else:
        assert found == wanted and 0 < len(wanted) < 50


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("size > many", "column 8: size can not be compared like this: a number is expected"),
        ("size > 'many'", "column 8: size can not be compared like this: a number is expected"),
        ("name == DRAW_COPI", "column 9: no such message: DRAW_COPI; perhaps DRAW_COPY"),
        ("width > 3", "column 1: no such name here: width"),
        ("chanel == main", "perhaps channel"),
        ("channel = main", "column 9: no such operator: =; == is expected"),
        ("(channel == main", "a parenthesis is open"),
        ("channel == main size > 3", "size is left over"),
        ("name matches '('", "no regular expression"),
        ("size in (9..1)", "a range goes up"),
        ("name == 'DRAW", "a text that does not end"),
        ("not", "no name: the end"),
    ],
)
def test_a_query_that_means_nothing_is_said(query: str, said: str, page: Page) -> None:
    page.open(EXAMPLE)
    page.js(f"view.find({query!r})")
    assert said in page.js("document.getElementById('count').textContent")
    assert page.js("document.getElementById('query').getAttribute('aria-invalid')") == "true"


def test_by_keyboard(page: Page) -> None:
    page.open(DATA / "surface-life.pcap")
    page.keys("n")
    page.until("document.getElementById('title').textContent.includes('message 8,')")
    page.keys("j", "j", "j")
    page.until("document.getElementById('title').textContent.includes('message 11,')")
    page.until("document.body.dataset.row === String(view.row)")
    page.keys("f", "ArrowDown", "ArrowRight")
    assert page.js("document.activeElement.id") == "fields"
    assert page.js("document.querySelector('#fields [aria-selected=true] .name').textContent") == "surface_id"
    assert page.lit() == [0, 1, 2, 3]
    page.keys("x", "ArrowDown", "ArrowDown")
    assert "byte 16:" in page.js("document.getElementById('byte-words').textContent")
    page.keys("/", *"broken")
    assert page.js("document.getElementById('count').textContent") == "4 of 32 rows"
    page.keys("Escape", "m", "End")
    page.until("view.row === 31")
    assert page.js("document.activeElement.getAttribute('aria-activedescendant')") == "messages-31"


def test_keys_move_in_the_list_where_nothing_has_the_focus(page: Page) -> None:
    page.open(DATA / "surface-life.pcap")
    page.keys("End")
    page.until("view.row === 31")
    page.keys("ArrowUp", "ArrowUp", "Home", "ArrowDown")
    page.until("view.row === 1")
    assert page.js("document.activeElement === document.body")


def test_a_tab_that_is_not_there_is_that_of_messages(page: Page) -> None:
    page.open(DATA / "surface-life.pcap", "tab=sound")
    assert page.js("[...document.querySelectorAll('.panel')].filter((one) => !one.hidden).map((one) => one.id)") == [
        "panel-messages"
    ]


def test_lanes_take_the_other_colours(page: Page) -> None:
    page.open(DATA / "surface-life.pcap")
    drawn = "document.querySelector('#lanes canvas').toDataURL()"
    before = page.js(drawn)
    page.click("document.getElementById('scheme')")
    assert page.js(drawn) != before


def test_long_bytes_do_not_make_a_narrow_page_long(page: Page) -> None:
    page.command("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True})
    try:
        page.open(EXAMPLE)
        page.js("view.choose(view.capture.columns.size.indexOf(Math.max(...view.capture.columns.size)))")
        page.until("document.body.dataset.row === String(view.row)")
        assert page.js("view.capture.columns.size[view.row]") > 100_000
        assert page.js("document.documentElement.scrollHeight < 4 * innerHeight")
        assert page.js("document.documentElement.scrollWidth <= innerWidth")
    finally:
        page.command("Emulation.clearDeviceMetricsOverride")


def test_a_hundred_thousand_rows_have_few_elements(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add: Any = Rows.add

    def again(self: Rows, *values: Any) -> None:
        for _ in range(1300):
            add(self, *values[:7], values[7] & 3, values[8])

    monkeypatch.setattr(Rows, "add", again)
    monkeypatch.setattr("spiceproto.view.blocks.Blocks.add", lambda self, row, body: False)
    page.open(EXAMPLE)
    count = page.js("view.length")
    assert count >= 100_000
    page.js(f"view.choose({count - 1})")
    page.until(f"document.body.dataset.row === '{count - 1}'")
    page.lit()
    assert page.js("document.querySelectorAll('#panel-messages [role=option]').length") < 200
    shown = page.js("document.querySelector('#panel-messages [aria-selected=true]').getAttribute('aria-posinset')")
    assert int(shown) == count
    assert 0 < page.js("view.find('direction == client'), view.rows.length") < count


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(dark: bool, page: Page) -> None:
    source = axe()
    page.open(EXAMPLE, "message=80")
    page.until("document.getElementById('display').dataset.row === document.body.dataset.row")
    if dark:
        page.js("document.getElementById('scheme').click()")
    page.js("document.querySelector('#fields [role=treeitem]').click()")
    page.js(source + ";0")
    look = "axe.run(document).then((found) => found.violations.map((rule) => [rule.id, rule.nodes.map((node) => node.html)]))"
    for tab in ("messages", "broken", "problems", "about"):
        page.js(f"document.getElementById('tab-{tab}').click()")
        page.lit()
        assert page.js(look, PATIENCE) == [], tab
