"""The option --log in front of and behind what else a command has, and lines for people."""

from __future__ import annotations

import re

import pytest

from spiceproto.log_lines import LogParser, in_text


def parser() -> LogParser:
    found = LogParser(exit_on_error=False)
    found.add_argument("address", nargs="?", default="")
    found.add_argument("--duration", type=float)
    found.add_log()
    return found


@pytest.mark.parametrize(
    ("words", "log", "address"),
    [
        ("", "", ""),
        ("--log", "jsonl", ""),
        ("--log jsonl", "jsonl", ""),
        ("--log=jsonl", "jsonl", ""),
        ("--log text", "text", ""),
        ("--log spice://h:1", "jsonl", "spice://h:1"),
        ("spice://h:1 --log", "jsonl", "spice://h:1"),
        ("--log jsonl spice://h:1", "jsonl", "spice://h:1"),
        ("spice://h:1 --log text", "text", "spice://h:1"),
        ("--log text spice://h:1 --duration 1", "text", "spice://h:1"),
        ("--log --duration 1 spice://h:1", "jsonl", "spice://h:1"),
        ("--log -- text", "jsonl", "text"),
        ("-- --log", "", "--log"),
    ],
)
def test_a_format_or_none(words: str, log: str, address: str) -> None:
    found = parser().parse_args(words.split())
    assert (found.log, found.address) == (log, address)


def test_a_format_that_is_none_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Exception, match="invalid choice: 'xml'"):
        parser().parse_args(["--log=xml"])


def test_a_line_for_people() -> None:
    line = in_text(
        {"event": "linked", "id": 0, "text": "two words", "name": "main", "none": None, "odd": "a=b", "list": [[1, 2]]}
    )
    clock, _, rest = line.partition(" ")
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3}", clock)
    assert rest == 'linked id=0 text="two words" name=main none=null odd="a=b" list=[[1,2]]'


def test_nothing_that_a_peer_says_makes_a_second_line() -> None:
    assert "\n" not in in_text({"event": "name", "name": "a\nb\x1b[2J"}) and "\x1b" not in in_text({"event": "x", "y": "\x1b"})
