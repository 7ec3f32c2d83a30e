"""``decode --conversation``: the messages of one session, and no others, each on the side of who sent it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from spiceproto.command import main
from spiceproto.tests.recorded import HERE

EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "seabios.pcapng"

LINE: Final = re.compile(r"^ *(\d*) +(\d+\.\d{6}) (\S+) +(>|<|-) (\S+)(?: (\S+))?")

INNER: Final = ("agent", "usbredir", "webdav", "vsc", "state")


def said(capsys: pytest.CaptureFixture[str], *arguments: object, status: tuple[int, ...] = (0, 1)) -> list[str]:
    assert main(["decode", *map(str, arguments)]) in status
    return capsys.readouterr().out.splitlines()


def records(capsys: pytest.CaptureFixture[str], path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said(capsys, path, "--format", "jsonl")]


@pytest.mark.parametrize(
    ("name", "session"),
    [
        ("takeover-fight.pcap", 1),
        ("takeover-fight.pcap", 2),
        ("qemu-migration-seamless-agent.pcapng.gz", 1),
        ("clipboard-longer-than-announced.pcap", 1),
        ("monitors-config-size.pcap", 1),
    ],
)
def test_it_has_the_messages_of_its_session(name: str, session: int, capsys: pytest.CaptureFixture[str]) -> None:
    path = HERE / name
    found, wanted, places = [], [], {}
    for item in records(capsys, path):
        if item["record"] == "connection" and item["session"] == session:
            places[item["connection"]] = f"{item['channel']}:{item['channel_id']}"
        elif item["record"] in ("message", *INNER) and item["connection"] in places:
            number = str(item["number"]) if item["record"] == "message" else ""
            mark, inner = ">" if item["direction"] == "client" else "<", item["record"] if item["record"] in INNER else ""
            wanted.append((number, places[item["connection"]], mark, inner, item["name"]))
    for line in said(capsys, path, "--conversation", session):
        match = LINE.match(line)
        if match is not None and match[5] != "link":
            inner = match[5] if match[5] in INNER else ""
            found.append((match[1], match[3], match[4], inner, match[6] if inner else match[5]))
    assert found == wanted and len({mark for _, _, mark, _, _ in found}) == 2


def test_summaries_times_and_frames_are_those_of_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    report = said(capsys, EXAMPLE, "--frames", "--session", 1)
    talk = said(capsys, EXAMPLE, "--frames", "--conversation", 1)
    wanted = [line.split() for line in report if re.match(r"^ *\d+ +\d+ ", line)]
    found = [line.split() for line in talk if re.match(r"^ *\d+ +\d+ ", line)]
    # number frame time connection channel from name size summary; number frame time channel mark name summary
    assert [[*words[:3], words[4], words[6], *words[8:]] for words in wanted] == [
        [*words[:4], words[5], *words[6:]] for words in found
    ]
    assert len(found) == 50


def test_sides_stand_apart(capsys: pytest.CaptureFixture[str]) -> None:
    columns: dict[str, set[int]] = {">": set(), "<": set()}
    for line in said(capsys, EXAMPLE, "--conversation", 1):
        match = LINE.match(line)
        if match is not None and match[4] in columns:
            columns[match[4]].add(match.start(4))
    (client,), (server,) = columns[">"], columns["<"]
    assert server == client + 8


def test_problems_and_filters_are_as_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    path = HERE / "clipboard-longer-than-announced.pcap"
    problems = [line for line in said(capsys, path) if line.startswith("!!")]
    assert problems == [line for line in said(capsys, path, "--conversation", 1) if line.startswith("!!")] and problems
    lines = said(capsys, EXAMPLE, "--conversation", 1, "--filter", "name == PING")
    assert {match[5] for line in lines if (match := LINE.match(line))} == {"PING"}


def test_a_session_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, EXAMPLE, "--conversation", 7)
    assert "-- there is no session 7: the capture has 1" in lines
    assert not any(LINE.match(line) for line in lines)


@pytest.mark.parametrize("options", [["--format", "jsonl"], ["--verbose"], ["--session", "1"]])
def test_it_is_text_of_one_session(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", str(EXAMPLE), "--conversation", "1", *options]) == 2
    assert "--conversation is text of one session" in capsys.readouterr().err
