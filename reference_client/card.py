"""A smart card that is a script: a file that says what the card is, and what it answers to which command.

    reader = "Reference reader"
    atr = "3b 05 53 50 49 43 45"
    otherwise = "6d 00"

    [[answer]]
    command = "00 a4 04 00 *"
    response = "90 00"

A command is a row of bytes in hexadecimal; ``??`` stands for any byte, and ``*`` at the end for any more bytes, or none. The
first that fits counts. A response that is a list is given in turn, the last again and again. The file is TOML, or JSON if its
name says so.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from spiceproto.errors import LocalError

__all__ = ["Answer", "Card", "ScriptedCard", "read_card", "usual_card"]

_ATR: Final = 33
"""Bytes of the longest answer to reset (ISO/IEC 7816-3)."""

_RESPONSE: Final = 65538
"""Bytes of the longest response: 65536, and the status word."""

_PARTS: Final = ("reader", "atr", "otherwise", "answer")

_FILE: Final = 1 << 24
"""Bytes of a script."""


class Card(Protocol):
    """A card and the reader that it is in.

    ``reader``  what the reader is called
    ``atr``     the card's answer to reset
    """

    reader: str
    atr: bytes

    def answer(self, command: bytes) -> bytes | None:
        """What the card says to a command, status word included; None if it says nothing."""


class Answer(msgspec.Struct, frozen=True):
    """``pattern`` is the command, None for any byte; ``open`` whether more may follow; ``responses`` are given in turn."""

    pattern: tuple[int | None, ...]
    open: bool
    responses: tuple[bytes, ...]

    def fits(self, command: bytes) -> bool:
        """Whether this is the command."""
        if len(command) < len(self.pattern) or (len(command) > len(self.pattern) and not self.open):
            return False
        return all(wanted in (None, found) for wanted, found in zip(self.pattern, command, strict=False))


class ScriptedCard:
    """A card that answers as ``answers`` say, and ``otherwise`` to what is not there."""

    def __init__(self, reader: str, atr: bytes, answers: tuple[Answer, ...] = (), otherwise: bytes = b"\x6d\x00") -> None:
        self.reader = reader
        self.atr = atr
        self._answers = answers
        self._otherwise = otherwise
        self._given = [0] * len(answers)

    def answer(self, command: bytes) -> bytes | None:
        """See :class:`Card`."""
        for place, item in enumerate(self._answers):
            if item.fits(command):
                number = min(self._given[place], len(item.responses) - 1)
                self._given[place] += 1
                return item.responses[number]
        return self._otherwise


def usual_card() -> ScriptedCard:
    """A card with nothing on it: it can be selected, has eight bytes of chance, and knows no other command."""
    answers = (_answer("00 a4 *", "90 00", "answer"), _answer("00 84 00 00 08", "00 01 02 03 04 05 06 07 90 00", "answer"))
    return ScriptedCard("Reference reader", bytes.fromhex("3b055350494345"), answers)


def read_card(path: str | Path) -> ScriptedCard:
    """The card of a script. Raises OSError, and LocalError for what is no script."""
    file = Path(path)
    if file.stat().st_size > _FILE:
        raise LocalError(f"{file}: too long for a card", expected=f"at most {_FILE} bytes")
    data = file.read_bytes()
    try:
        found = json.loads(data) if file.suffix == ".json" else tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise LocalError(f"{file}: not a card: {error}") from None
    try:
        return _card(found)
    except LocalError as error:
        raise LocalError(f"{file}: {error}") from None


def _card(found: Any) -> ScriptedCard:
    if not isinstance(found, dict):
        raise LocalError("not a card", expected=", ".join(_PARTS))
    unknown = set(found) - set(_PARTS)
    if unknown:
        raise LocalError("a card has no such thing", expected=", ".join(_PARTS), actual=", ".join(sorted(unknown)))
    reader = found.get("reader", "Reference reader")
    if not isinstance(reader, str) or not reader or "\0" in reader:
        raise LocalError("a reader has a name", actual=repr(reader)[:80])
    atr = _bytes(found.get("atr"), "atr", 2, _ATR)
    rows = found.get("answer", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) and set(row) == {"command", "response"} for row in rows):
        raise LocalError("an answer has a command and a response")
    answers = [_answer(row["command"], row["response"], f"answer {number}") for number, row in enumerate(rows, 1)]
    return ScriptedCard(reader, atr, tuple(answers), _bytes(found.get("otherwise", "6d 00"), "otherwise", 2, _RESPONSE))


def _answer(command: Any, response: Any, where: str) -> Answer:
    words = command.split() if isinstance(command, str) else []
    opened = bool(words) and words[-1] == "*"
    digits = "".join(words[:-1] if opened else words)
    pairs = [digits[place : place + 2] for place in range(0, len(digits), 2)]
    try:
        pattern = tuple([None if pair == "??" else bytes.fromhex(pair)[0] for pair in pairs])
    except (ValueError, IndexError):
        pattern = ()
    if not pattern and not opened:
        raise LocalError(f"{where}: not a command", expected="bytes in hexadecimal, ?? and *", actual=repr(command)[:80])
    given = response if isinstance(response, list) else [response]
    if not given:
        raise LocalError(f"{where}: no response")
    return Answer(pattern, opened, tuple([_bytes(item, f"{where}: response", 2, _RESPONSE) for item in given]))


def _bytes(found: Any, where: str, least: int, most: int) -> bytes:
    try:
        data = bytes.fromhex(found)
    except (TypeError, ValueError):
        data = b""
    if not least <= len(data) <= most:
        expected = f"{least} to {most} bytes in hexadecimal"
        raise LocalError(f"{where} is not what it should be", expected=expected, actual=repr(found)[:80])
    return data
