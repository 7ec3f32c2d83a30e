"""Smart cards that are scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_client.card import read_card, usual_card
from spiceproto.errors import LocalError

SCRIPT = """
reader = "A reader"
atr = "3b 05 53 50 49 43 45"
otherwise = "6e 00"
[[answer]]
command = "00 a4 ?? 0c *"
response = "90 00"
[[answer]]
command = "00 84 00 00 08"
response = ["01 90 00", "02 90 00"]
"""


def written(folder: Path, text: str, name: str = "card.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_script(tmp_path: Path) -> None:
    card = read_card(written(tmp_path, SCRIPT))
    assert (card.reader, card.atr.hex()) == ("A reader", "3b055350494345")
    select, challenge = bytes.fromhex("00a4000c"), bytes.fromhex("0084000008")
    assert [card.answer(item) for item in (select, select + b"more")] == [b"\x90\x00"] * 2
    assert [card.answer(challenge) for _ in range(3)] == [b"\x01\x90\x00", b"\x02\x90\x00", b"\x02\x90\x00"]
    assert [card.answer(item) for item in (b"", select[:-1], challenge + b"\0", b"\0\xa4\0\0")] == [b"\x6e\x00"] * 4


def test_a_script_in_json(tmp_path: Path) -> None:
    text = '{"atr": "3b00", "answer": [{"command": "*", "response": "9000"}]}'
    card = read_card(written(tmp_path, text, "card.json"))
    assert card.answer(b"anything") == b"\x90\x00"


def test_the_usual_card() -> None:
    card = usual_card()
    assert card.answer(bytes.fromhex("00a40400")) == b"\x90\x00"
    assert card.answer(b"\0\xff\0\0") == b"\x6d\x00"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("atr = ", "not a card"),
        ("reader = 5\natr = '3b00'", "name"),
        ("", "atr"),
        ("atr = '3b'", "2 to 33"),
        ("atr = '3b00'\ncolour = 'red'", "colour"),
        ("atr = '3b00'\nanswer = 5", "a command and a response"),
        ("atr = '3b00'\n[[answer]]\ncommand = '0'\nresponse = '9000'", "answer 1: not a command"),
        ("atr = '3b00'\n[[answer]]\ncommand = ''\nresponse = '9000'", "answer 1: not a command"),
        ("atr = '3b00'\n[[answer]]\ncommand = '00'\nresponse = []", "no response"),
        ("atr = '3b00'\n[[answer]]\ncommand = '00'\nresponse = '90'", "answer 1: response"),
    ],
)
def test_what_is_no_script(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(LocalError, match=words):
        read_card(written(tmp_path, text))
