"""Recordings in which bytes have two versions: nobody is blamed by the one that did not arrive, and it is said."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from conformance.lint import Lint
from conformance.tests.test_lint_incomplete import decoded, deserved, judged, parts
from spiceproto.capture import order
from spiceproto.capture.decode import Decoder
from spiceproto.tests import disordered
from spiceproto.tests.incomplete import Block, joined
from spiceproto.tests.versions import damaged, filled, inserted, offloaded, places

NAMES = ("html5-debian", "qemu-agent-mouse", "qemu-tls13")
LATE = 20
"""Packets later, where fewer wait for each other."""


@cache
def summed(name: str) -> list[Block]:
    return [filled(part) for part in parts(name)]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few packets wait for each other that the second version is too late."""
    monkeypatch.setattr(order, "ORDER_PACKETS", LATE // 4)


def verdicts(found: Lint) -> dict[str, str]:
    return {item.requirement: item.verdict for item in found.rulings()}


def blamed(found: Lint, name: str) -> set[tuple[str, str]]:
    return {("lint", item.requirement) for item in found.findings} - deserved(name)


def sentences(found: Lint) -> list[str]:
    return [said for said in (*found.said, *map(str, found.unseen)) if "two versions" in said]


def alone(found: Lint) -> list[str]:
    """What is said besides."""
    return [said for said in found.said if "two versions" not in said]


@pytest.mark.parametrize(("which", "later"), [("first", 1), ("second", 1), ("second", 40)])
@pytest.mark.parametrize("name", NAMES)
def test_the_one_with_the_right_checksum_counts(name: str, which: str, later: int) -> None:
    """Everything is as in the recording without the other."""
    whole = summed(name)
    single = judged(joined(whole))
    for number in places(whole, 12):
        bad = damaged(whole[number])
        pair = (bad, whole[number]) if which == "first" else (whole[number], bad)
        data = joined(inserted(whole, number, *pair, later))
        found = judged(data)
        assert verdicts(found) == verdicts(single) and found.messages == single.messages, number
        assert list(map(str, found.unseen)) == list(map(str, single.unseen)) and alone(found) == single.said
        (said,) = sentences(found)
        assert re.search(r"connection \d+: bytes of the (client|server) have two versions, in frames \d+ and \d+: ", said)


def test_what_is_said_names_both_frames() -> None:
    whole = summed("qemu-agent-mouse")
    (number,) = places(whole, 1, first=30)
    frame = sum(part.key is not None for part in whole[: number + 1])
    for pair, dropped, counts in (
        ((damaged(whole[number]), whole[number]), frame, frame + 1),
        ((whole[number], damaged(whole[number])), frame + 1, frame),
    ):
        (said,) = sentences(judged(joined(inserted(whole, number, *pair))))
        assert (
            f"in frames {dropped} and {counts}: the TCP checksum of frame {dropped} is wrong, so that frame {counts} counts"
            in said
        )


def ways() -> dict[str, Callable[[Block], tuple[Block, Block]]]:
    return {
        "both right": lambda part: (filled(damaged(part)), part),
        "both wrong": lambda part: (damaged(part), damaged(part, 0x40)),
        "first not filled in": lambda part: (offloaded(damaged(part)), part),
        "second not filled in": lambda part: (damaged(part), offloaded(part)),
    }


@pytest.mark.parametrize("later", [1, LATE])
@pytest.mark.parametrize("way", ways())
@pytest.mark.parametrize("name", NAMES)
def test_where_nothing_tells_nobody_is_blamed(name: str, way: str, later: int) -> None:
    """What the first version says is not held against anybody, and what rests on it is not judged."""
    whole = summed(name)
    single = verdicts(judged(joined(whole)))
    for number in places(whole, 12, later=later):
        found = judged(joined(inserted(whole, number, *ways()[way](whole[number]), later)))
        assert blamed(found, name) == set(), number
        if any("unknown protocol" in said for said in found.said):
            continue  # the first one begins nothing that is known
        (said,) = sentences(found)
        assert "two versions" in said and "nothing tells which one arrived" in said
        assert alone(found) == judged(joined(whole)).said
        changed = {id: verdict for id, verdict in verdicts(found).items() if verdict != single[id]}
        assert set(changed.values()) <= {"not judged", "not seen", "kept"}, changed


@pytest.mark.parametrize("way", ["the right one", *ways()])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("impatient")
def test_the_second_comes_too_late(name: str, way: str) -> None:
    """The first has been judged by then: that is taken back."""
    whole = summed(name)
    for number in places(whole, 12, later=LATE):
        pair = (damaged(whole[number]), whole[number]) if way == "the right one" else ways()[way](whole[number])
        found = judged(joined(inserted(whole, number, *pair, LATE)))
        assert blamed(found, name) == set(), number
        if not any("unknown protocol" in said for said in found.said):
            (said,) = sentences(found)
            assert ("which was decoded before the other came, is wrong" in said) == (way == "the right one")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("impatient")
def test_the_wrong_one_comes_late(name: str) -> None:
    """Nothing is changed by it."""
    whole = summed(name)
    single = judged(joined(whole))
    for number in places(whole, 12, later=LATE):
        found = judged(joined(inserted(whole, number, whole[number], damaged(whole[number]), LATE)))
        assert blamed(found, name) == set(), number
        if not any("not in the order" in said for said in found.said):  # few wait: the order of several connections is lost
            assert verdicts(found) == verdicts(single) and alone(found) == single.said, number
        (said,) = sentences(found)
        assert "checksum of frame" in said and "counts" in said


def test_a_damaged_message_alone_is_a_finding() -> None:
    """That the tests above would see something."""
    name = "qemu-agent-mouse"
    whole = summed(name)
    found = [
        blamed(judged(joined([*whole[:number], filled(damaged(whole[number])), *whole[number + 1 :]])), name)
        for number in places(whole, 12)
    ]
    assert sum(map(bool, found)) > 4


@pytest.mark.parametrize("change", [offloaded, lambda part: part], ids=["not filled in", "as recorded"])
@pytest.mark.parametrize("name", NAMES)
def test_checksums_of_the_sender_decide_nothing(name: str, change: Callable[[Block], Block]) -> None:
    """Where the card fills them in, all are wrong; with the same contents again nothing is said, and everything is judged."""
    whole = [change(part) for part in parts(name)]
    single, again = judged(joined(parts(name))), judged(joined(disordered.sent_again(whole, 5, 20)))
    assert verdicts(again) == verdicts(single) and again.messages == single.messages
    assert sentences(again) == []
    for number in places(whole, 8):
        found = judged(joined(inserted(whole, number, damaged(whole[number]), whole[number])))
        assert blamed(found, name) == set()
        assert len(sentences(found)) + any("unknown protocol" in said for said in found.said) == 1


def test_all_of_a_direction_are_wrong() -> None:
    """As of segments that were put together on their way in: a right one among them proves nothing."""
    whole = [
        part if part.key is None else damaged(filled(damaged(part))) if part.payload else part for part in parts("html5-debian")
    ]
    (number,) = places(whole, 1, first=60)
    found = judged(joined(inserted(whole, number, whole[number], filled(damaged(whole[number])))))
    assert blamed(found, "html5-debian") == set()
    assert "nothing tells which one arrived" in sentences(found)[0]


@pytest.mark.parametrize("later", [0, 40])
@pytest.mark.parametrize("name", NAMES)
def test_twice_with_equal_contents(name: str, later: int) -> None:
    """As at a mirror port; the second may have a checksum of another kind."""
    whole = summed(name)
    found = judged(joined(disordered.twice(whole, later)))
    assert sentences(found) == []
    assert any(said.startswith("packets were seen twice") for said in found.said)


@pytest.mark.parametrize("which", ["first", "second"])
def test_a_decode_shows_the_right_one(which: str) -> None:
    """At the beginning of a file, where it is looked for before the file is read."""
    whole = summed("qemu-agent-mouse")
    single = [item for item in decoded(joined(whole)) if item["record"] == "message"]
    for number in places(whole, 10):
        pair = (damaged(whole[number]), whole[number]) if which == "first" else (whole[number], damaged(whole[number]))
        found = decoded(joined(inserted(whole, number, *pair)))
        shown = [item for item in found if item["record"] == "message"]
        assert [item["fields"] for item in shown] == [item["fields"] for item in single]
        said = [item for item in found if item["record"] == "problem" and "two versions" in str(item["text"])]
        assert [(item["code"], item["severity"]) for item in said] == [("versions-settled", "note")]


def both_again(name: str, way: str) -> tuple[bytes, int, int]:
    """A file with two versions far behind the packets that are looked at beforehand, and their frames."""
    whole = summed(name)
    number = places(whole, 2)[1]
    frame = sum(part.key is not None for part in whole[: number + 1])
    first, second = {"first": (damaged(whole[number]), whole[number]), "second": (whole[number], damaged(whole[number]))}.get(
        way
    ) or ways()[way](whole[number])
    return joined(inserted(whole, number, first, second)), frame, frame + 1


@pytest.mark.parametrize("stream", [False, True], ids=["file", "pipe"])
@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("first", "the TCP checksum of frame {0}, which was decoded before the other came, is wrong"),
        ("second", "the TCP checksum of frame {1} is wrong, so that frame {0} counts"),
        ("both right", "nothing tells which one arrived, and frame {0} is the one that was decoded"),
    ],
)
def test_a_decode_that_has_said_it_already_says_so(way: str, words: str, stream: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is looked at once more for it, a pipe compares as it goes."""
    data, first, second = both_again("qemu-agent-mouse", way)
    found = Lint()
    source = io.BytesIO(data)
    if stream:
        monkeypatch.setattr(source, "seekable", lambda: False)
    decoder = Decoder(source, found, in_order=False)
    decoder.run()
    said = [warning.text for warning in decoder.capture.warnings if "two versions" in warning.text]
    said += [text for text in sentences(found) if text not in said]
    assert len(said) == 1
    assert words.format(first, second) in said[0]


def test_the_command_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    from conformance.command.lint import configure, run

    data, first, second = both_again("qemu-agent-mouse", "both right")
    path = tmp_path / "two.pcapng"
    path.write_bytes(data)
    parser = argparse.ArgumentParser()
    configure(parser)
    run(parser.parse_args([str(path)]))
    said = capsys.readouterr().out
    assert f"have two versions, in frames {first} and {second}: nothing tells which one arrived" in said
