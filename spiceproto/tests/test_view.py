"""``spiceproto view``: what the page holds is what the capture has. How the page shows it is tested in a browser."""

from __future__ import annotations

import json
import re
import zlib
from array import array
from base64 import b64decode, b64encode
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spiceproto import png
from spiceproto.capture.decode import Decoder
from spiceproto.command import main
from spiceproto.report.pictures import Pictures
from spiceproto.tests.recorded import HERE
from spiceproto.view import blocks, broken, displays, recorder, rows
from spiceproto.view.blocks import Blocks
from spiceproto.view.rows import COLUMNS, HAS_BYTES, Rows

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "seabios.pcapng"
ODD = ROOT / "conformance" / "tests" / "data"


class Page:
    """What a page holds: ``about``, columns by name, ``summaries``, and the bodies of rows, None where it has none."""

    def __init__(self, path: Path) -> None:
        self.text = path.read_text(encoding="utf-8")
        held = dict(re.findall(r'<script type="text/plain" id="held-([a-z0-9-]+)">([^<]*)</script>', self.text))
        self.about: dict[str, Any] = json.loads(zlib.decompress(b64decode(held["about"])))
        packed = zlib.decompress(b64decode(held["rows"]))
        self.columns: dict[str, list[Any]] = {}
        for name, code in COLUMNS:
            column = array(code)
            size = column.itemsize * self.about["rows"]
            column.frombytes(packed[:size])
            packed = packed[size:]
            self.columns[name] = column.tolist()
        self.summaries = packed.decode().split("\n")
        self.pictures = {int(name[8:]): b64decode(text) for name, text in held.items() if name.startswith("picture-")}
        texts = [held[f"block-{number}"] for number in range(len(self.about["blocks"]))]
        opened = [zlib.decompress(b64decode(text[1:])) if text[0] == "d" else b64decode(text[1:]) for text in texts]
        left = b"".join(opened)
        self.bodies: list[bytes | None] = []
        for size, flags in zip(self.columns["size"], self.columns["flags"], strict=True):
            self.bodies.append(left[:size] if flags & HAS_BYTES else None)
            left = left[size:] if flags & HAS_BYTES else left
        assert not left

    def kind(self, row: int) -> tuple[str, str]:
        layer, name, _ = self.about["kinds"][self.columns["kind"][row]]
        return layer, name


def page(tmp_path: Path, *arguments: str, status: int = 0) -> Page:
    path = tmp_path / "page.html"
    assert main(["view", *arguments, "-o", str(path)]) == status
    return Page(path)


@pytest.mark.parametrize(
    "path", [EXAMPLE, HERE / "andris-synthetic.pcapng", ODD / "sound-odds.pcap"], ids=lambda path: path.stem
)
def test_its_messages_are_those_of_decode(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = page(tmp_path, str(path))
    capsys.readouterr()
    main(["decode", str(path), "--format", "jsonl", "--full-data"])
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    messages = {item["number"]: item for item in said if item["record"] == "message"}
    places = [row for row, number in enumerate(found.columns["number"]) if number]
    assert len(places) == len(messages) > 5
    for row in places:
        item = messages[found.columns["number"][row]]
        assert found.kind(row) == ("message", item["name"])
        assert found.columns["size"][row] == item["size"] == len(found.bodies[row] or b"")
        assert found.columns["connection"][row] == item["connection"] and found.columns["serial"][row] == item["serial"]
        assert found.columns["frame"][row] == item["frames"][-1]
        assert found.about["senders"][found.columns["flags"][row] & 3] == item["direction"]
    assert len(found.summaries) == found.about["rows"]
    links = [item for item in said if item["record"] == "link"]
    assert sum(layer == "link" for layer, _ in map(found.kind, range(found.about["rows"]))) == len(links)


def test_nothing_is_loaded_and_one_script_may_run(tmp_path: Path) -> None:
    found = page(tmp_path, str(EXAMPLE))
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', found.text)
    script = re.search(r'<script type="module">(.*?)</script>', found.text, re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", found.text, re.DOTALL)
    assert policy and script and style
    for text, kind in ((script[1], "script-src"), (style[1], "style-src")):
        assert f"{kind} 'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in policy[1]
    assert "default-src 'none'" in policy[1] and "unsafe" not in policy[1]
    assert not re.search(r"https?://|\bimport[ (]|<link rel=\"?stylesheet|\son[a-z]+=", found.text.replace("img-src", ""))


def test_a_name_is_text(tmp_path: Path) -> None:
    path = tmp_path / "<img src=x onerror=alert(1)> @data@ @script@.pcapng"
    path.write_bytes(EXAMPLE.read_bytes())
    found = page(tmp_path, str(path))
    assert "<img" not in found.text and "&lt;img src=x onerror=alert(1)&gt; @data@ @script@.pcapng" in found.text
    assert found.about["capture"] == path.name


def test_broken_sentences_are_those_of_lint_with_their_messages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = page(tmp_path, str(ODD / "surface-life.pcap"))
    assert capsys.readouterr().out.endswith("32 rows, 0 errors in reading it, 4 breaches of the specification\n")
    said = [
        (item["sentence"], found.kind(item["row"])[1], found.columns["number"][item["row"]]) for item in found.about["broken"]
    ]
    assert said == [
        ("SPICE-DISPLAY-004", "SURFACE_CREATE", 8),
        ("SPICE-DISPLAY-007", "DRAW_FILL", 11),
        ("SPICE-DISPLAY-009", "SURFACE_DESTROY", 12),
        ("SPICE-DISPLAY-007", "DRAW_FILL", 13),
    ]
    assert found.about["sentences"]["SPICE-DISPLAY-004"]["text"].startswith("A server MUST NOT send `SURFACE_CREATE`")
    assert set(found.about["sentences"]) == {id for id, _, _ in said}


def drawn(path: Path) -> Pictures:
    """What ``spiceproto render`` draws."""
    pictures = Pictures()
    decoder = Decoder(path, pictures)
    pictures.begin(decoder)
    decoder.run()
    return pictures


@pytest.mark.parametrize("each", [64, 2])
def test_moments_are_what_the_display_showed(each: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(displays, "_EACH", each)
    found = page(tmp_path, str(EXAMPLE))
    [display] = found.about["displays"]
    moments = display["moments"]
    canvas = np.zeros((0, 0, 3), np.uint8)
    seen = []
    for moment in moments:
        picture = png.decode(found.pictures[moment["png"]])[:, :, :3]
        if moment["whole"]:
            canvas = np.zeros((moment["height"], moment["width"], 3), np.uint8)
            assert picture.shape == canvas.shape
        height, width = picture.shape[:2]
        canvas[moment["y"] : moment["y"] + height, moment["x"] : moment["x"] + width] = picture
        seen.append(canvas.copy())
    rows = [moment["row"] for moment in moments]
    assert rows == sorted(set(rows)) and {found.columns["connection"][row] for row in rows} <= connections(found, "display")
    assert all((one != other).any() for one, other in pairwise(seen) if one.shape == other.shape)
    if each == 64:
        [screen] = drawn(EXAMPLE).screens.values()
        assert (seen[-1] == screen.picture(cursor=True)).all()
    else:
        assert len(moments) < 20


def connections(found: Page, channel: str) -> set[int]:
    return {item["connection"] for item in found.about["connections"] if item["channel"] == channel}


def test_images_are_pictures_of_their_messages(tmp_path: Path) -> None:
    found = page(tmp_path, str(EXAMPLE))
    assert found.about["images"]
    for row, places in found.about["images"].items():
        assert found.kind(int(row))[1].startswith("DRAW_")
        for place in places:
            assert png.decode(found.pictures[place]).size


def test_pictures_that_find_no_room_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(displays, "MOST", 500)
    found = page(tmp_path, str(EXAMPLE))
    assert any("pictures are not in this page" in line for line in found.about["said"])
    assert sum(map(len, found.pictures.values())) < 2 * 500 + 200_000


def test_a_large_capture_is_drawn_when_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spiceproto.command.view._DRAWN", 1000)
    assert not page(tmp_path, str(EXAMPLE)).about["displays"]
    assert page(tmp_path, str(EXAMPLE), "--pictures").about["displays"]


def test_without_pictures(tmp_path: Path) -> None:
    found = page(tmp_path, str(EXAMPLE), "--no-pictures")
    assert not found.about["displays"] and not found.pictures


def test_without_rules(tmp_path: Path) -> None:
    found = page(tmp_path, str(ODD / "surface-life.pcap"), "--no-rules")
    assert not found.about["judged"] and not found.about["broken"] and len(found.about["problems"]) == 4


def test_problems_have_their_rows(tmp_path: Path) -> None:
    found = page(tmp_path, str(ODD / "unknown-image-type.pcap"))
    problems = [item for item in found.about["problems"] if item["message"]]
    assert problems
    for item in problems:
        assert found.columns["number"][item["row"]] == item["message"]


def test_what_has_no_room_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST", 20)
    monkeypatch.setattr(blocks, "MOST", 500)
    found = page(tmp_path, str(EXAMPLE))
    assert found.about["rows"] == 20 and sum(len(body) for body in found.bodies if body) <= 500
    assert any("rows more are not in this page" in line for line in found.about["said"])
    assert any(line.startswith("the bytes of ") for line in found.about["said"]) and None in found.bodies


def test_problems_and_findings_without_room_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(HERE / "monitors-config-size.pcap")
    found = page(tmp_path, path, status=1).about
    problems, findings = len(found["problems"]), len(found["broken"])
    assert problems and findings
    monkeypatch.setattr(recorder, "_PROBLEMS", 0)
    monkeypatch.setattr(broken, "_MOST", 0)
    found = page(tmp_path, path, status=1).about
    assert not found["problems"] and not found["broken"]
    said = [f"{problems} problems more are not in this page", f"{findings} findings more are not in this page"]
    assert [line for line in found["said"] if line in said] == said


def test_blocks_are_as_small_as_they_can_be() -> None:
    made = Blocks()
    noise = b"".join(sha256(bytes([number])).digest() for number in range(256)) * 40
    for row, body in enumerate([bytes(300_000), b"", noise[:270_000], b"end"]):
        assert made.add(row, body)
    made.close()
    assert [first for first, _ in made.texts] == [0, 1, 3]
    assert len(made.texts[0][1]) < 2000


def test_a_summary_is_one_line() -> None:
    made = Rows()
    made.add(0.0, 1, 1, 1, 0, 0, 1, 0, "one\ntwo" + "x" * 1000)
    assert len(made.summaries[0]) < 300 and "\n" not in made.summaries[0]


@pytest.mark.parametrize("content", [None, b"", b"no capture at all"])
def test_a_file_that_cannot_be_read(content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "some.pcap"
    if content is not None:
        path.write_bytes(content)
    assert main(["view", str(path), "-o", str(tmp_path / "page.html")]) == 2
    assert capsys.readouterr().err.startswith("spiceproto: ") and not (tmp_path / "page.html").exists()


def test_a_capture_that_is_cut_is_shown_as_far_as_it_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cut.pcapng"
    data = bytearray(EXAMPLE.read_bytes())
    path.write_bytes(data[: len(data) * 2 // 3])
    status = main(["view", str(path), "-o", str(tmp_path / "page.html")])
    found = Page(tmp_path / "page.html")
    assert found.about["rows"] > 10 and status in (0, 1, 2)
    if status == 2:
        assert found.about["said"][0].startswith("the file can not be read to its end")


def test_a_page_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["view", str(EXAMPLE), "-o", str(tmp_path / "none" / "page.html")]) == 2
    assert "No such file" in capsys.readouterr().err
