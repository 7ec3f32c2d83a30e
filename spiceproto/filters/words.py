"""The text of a filter as a row of tokens."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from spiceproto.errors import LocalError

__all__ = ["LONGEST", "Token", "tokens", "wrong"]

LONGEST: Final = 10_000
"""Characters of a filter: what people write is far below, and what is below is read at once."""

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>-?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?)(?!\w))
    |(?P<word>\.?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|\d+[A-Za-z_]\w*)
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<sign>==|!=|<=|>=|&&|\|\||\.\.|[<>!(){},])""",
    re.ASCII | re.VERBOSE | re.DOTALL,
)

_ESCAPE: Final = re.compile(rb"\\(x[0-9a-fA-F]{2}|.)", re.DOTALL)

_PLAIN: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"0": b"\0"}

_SIGNS: Final = {"&&": "and", "||": "or", "!": "not"}


class Token(NamedTuple):
    """``kind`` is number, word, text, sign or end."""

    kind: str
    text: str
    column: int

    @property
    def shown(self) -> str:
        """For people."""
        return repr(self.text) if self.text else "the end"

    @property
    def content(self) -> bytes:
        """Of a text: what the quotes enclose. A backslash and xNN is a byte."""
        return _ESCAPE.sub(_escaped, self.text[1:-1].encode())


def _escaped(found: re.Match[bytes]) -> bytes:
    said = found[1]
    return bytes([int(said[1:], 16)]) if len(said) == 3 and said[:1] == b"x" else _PLAIN.get(said, said)


def wrong(what: str, column: int, *, expected: str = "", actual: str = "") -> LocalError:
    """What is wrong with a filter, and where."""
    return LocalError(what, where=f"filter, column {column}", expected=expected, actual=actual)


def tokens(text: str) -> list[Token]:
    """All of them, and the end. Raises LocalError."""
    if len(text) > LONGEST:
        raise wrong("too long", LONGEST + 1, expected=f"at most {LONGEST} characters", actual=f"{len(text)} characters")
    found: list[Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise _unreadable(text, place)
        said = match[0]
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup, _SIGNS.get(said, said), place + 1))
        place = match.end()
    return [*found, Token("end", "", len(text) + 1)]


def _unreadable(text: str, place: int) -> LocalError:
    said = text[place]
    if said in "\"'":
        return wrong("a text that does not end", place + 1, expected=f"another {said}")
    if said == "=":
        return wrong("no such operator", place + 1, expected="==", actual="'='")
    if said == "-" and text[place - 1 : place].isalnum():
        return wrong(
            "no name goes on like this", place + 1, expected='a word with - in it in quotes: "link-header"', actual="'-'"
        )
    return wrong("nothing begins like this", place + 1, expected="a name, a number, a text in quotes", actual=repr(said))
