"""``spiceproto diff``: what two captures have differently, and what nobody can say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spiceproto.command import main
from spiceproto.messages import port
from spiceproto.messages.spicevmc import Data
from spiceproto.report.alignment import HOLE, WINDOW, Item, Pair, align
from spiceproto.tests.incomplete import blocks
from spiceproto.tests.recorded import HERE, recording
from spiceproto.tests.test_extraction import EXAMPLE, made

WORDS = (b"one", b"two", b"three", b"four", b"five")


def items(text: str) -> list[Item]:
    """A message for each word: its name, behind a colon its content."""
    return [Item(word.partition(":")[0], word.encode()) for word in text.split()]


def said(one: str, other: str) -> list[str]:
    found = []
    for left, right, _ in align(items(one), items(other)):
        found.append("/".join(item.content.decode() if item is not None else "" for item in (left, right)))
    return found


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("a b c", "a b c", "a/a b/b c/c"),
        ("a x b c", "a b c", "a/a x/ b/b c/c"),
        ("a b c", "a b c d e", "a/a b/b c/c /d /e"),
        ("a p:1 b c", "a p:2 b c", "a/a p:1/p:2 b/b c/c"),
        ("a p:1 q:1 b c", "a q:2 b c", "a/a p:1/ q:1/q:2 b/b c/c"),
        ("p:1 p:2 p:3", "p:2 p:3", "p:1/ p:2/p:2 p:3/p:3"),
        ("", "a", "/a"),
    ],
)
def test_alignment(one: str, other: str, wanted: str) -> None:
    assert said(one, other) == wanted.split()
    turned = ["/".join(reversed(pair.split("/"))) for pair in wanted.split()]
    assert said(other, one) == turned


def test_nothing_is_lost_and_the_order_stays() -> None:
    """Rows that are alike nowhere, and longer than what is looked at ahead."""
    one = [Item("p", bytes([number % 7, 1]), number) for number in range(5 * WINDOW)]
    other = [Item("p" if number % 3 else "q", bytes([number % 5, 2]), number) for number in range(4 * WINDOW)]
    pairs = list(align(one, other))
    assert [pair.one for pair in pairs if pair.one is not None] == one
    assert [pair.other for pair in pairs if pair.other is not None] == other


def test_beside_a_hole_nothing_is_concluded() -> None:
    one, other = items("a b c"), items("a")
    hole = Item(HOLE, b"")
    assert [pair for pair in align(one, [*other, hole]) if not pair.judged] == [Pair(item, None, False) for item in one[1:]]
    assert all(pair.judged for pair in align(one, other))


def diff(capsys: pytest.CaptureFixture[str], one: Path, other: Path, *options: str) -> tuple[int, list[dict[str, Any]]]:
    status = main(["diff", str(one), str(other), "--format", "jsonl", "--decode-as", ":5902=port", *options])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def ports(folder: Path, words: tuple[bytes, ...], *, without: int = -1) -> Path:
    folder.mkdir()
    values = [port.Init(b"x\0", 1), *map(Data, words)]
    return made(folder, port=[("server", value) for value in values], without=without)


def test_a_recording_and_itself(capsys: pytest.CaptureFixture[str]) -> None:
    status, (*rest, footer) = diff(capsys, EXAMPLE, EXAMPLE)
    assert status == 0 and footer["alike"] >= 50
    assert not [item for item in rest if item["record"] == "difference"]


def test_what_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = ports(tmp_path / "a", WORDS)
    other = ports(tmp_path / "b", (b"one", b"TWO", *WORDS[2:], b"six"))
    status, found = diff(capsys, one, other)
    told = [item for item in found if item["record"] == "difference"]
    assert status == 1
    assert [(item["kind"], item["name"], item["A"], item["B"]) for item in told] == [
        ("changed", "DATA", 3, 3),
        ("only B", "DATA", None, 7),
    ]
    assert told[0]["fields"] == [{"path": "data", "A": b"two".hex(), "B": b"TWO".hex()}]
    status, (*_, footer) = diff(capsys, one, other, "--ignore", "DATA.data")
    assert (status, footer["changed"], footer["only B"]) == (1, 0, 1)


def test_what_was_not_captured_is_no_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A message is not in the second capture, for its packet is not."""
    one, other = ports(tmp_path / "a", WORDS), ports(tmp_path / "b", WORDS, without=6)
    status, found = diff(capsys, one, other)
    kinds = {item["kind"] for item in found if item["record"] == "difference"}
    assert (status, kinds) == (0, {"not judged"})
    lacks = [item for item in found if item["record"] == "incomplete" and "bytes of the server" in item["text"]]
    assert [item["in"] for item in lacks] == ["B"]


def test_two_recordings_of_one_thing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", str(recording("qemu-draw-lz")), str(recording("qemu-draw-lz4"))]) == 1
    out = capsys.readouterr().out
    assert "session 1 display:0 server" in out and "multi_media_time" in out


def test_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", str(EXAMPLE), str(tmp_path / "none.pcap")]) == 2
    assert "none.pcap" in capsys.readouterr().err


def test_what_is_encrypted_or_cut_off_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = [part.raw for part in blocks(HERE / "andris-tls.pcapng") if not part.raw.startswith((10).to_bytes(4, "little"))]
    sealed, cut = tmp_path / "sealed.pcapng", tmp_path / "cut.pcapng"
    sealed.write_bytes(b"".join(kept))
    cut.write_bytes(EXAMPLE.read_bytes()[:-100])
    for path, words in ((sealed, "encrypted, and the secrets are missing"), (cut, "the file ends inside the block")):
        _, found = diff(capsys, path, path)
        told = [item["in"] for item in found if item["record"] == "incomplete" and words in item["text"]]
        assert told == ["A", "B"]
