"""Lines of questions: cut out of bytes in any pieces, and each with an answer, whatever it is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from spiceproto.controls import Control, programs
from spiceproto.controls.audience import Audience, Listener
from spiceproto.controls.questions import LINE, Lines, answer
from spiceproto.errors import UnsupportedError

TABLE = programs.table("server")


def cut(data: bytes, step: int) -> list[bytes | None]:
    lines = Lines()
    found = [line for at in range(0, len(data), step) for line in lines.receive(data[at : at + step])]
    return [*found, *lines.end()]


@pytest.mark.parametrize("step", (1, 3, 1 << 20))
def test_lines_come_out_of_any_pieces(step: int) -> None:
    assert cut(b'{"do": 1}\n\n  \r\nlast', step) == [b'{"do": 1}', b"last"]
    assert cut(b"", step) == []


@pytest.mark.parametrize("step", (1 << 16, 1 << 22))
def test_a_line_that_is_too_long_is_one_and_takes_no_room(step: int) -> None:
    long = b"x" * (3 * LINE)
    assert cut(long + b"\nnext\n" + long, step) == [None, b"next", None]
    assert cut(b"x" * LINE + b"\n", step) == [b"x" * LINE]
    lines = Lines()
    for _ in range(100):
        lines.receive(b"x" * (1 << 16))
    assert len(lines._rest) <= LINE


def come_to(line: bytes | None) -> dict[str, Any]:
    async def act(row: Control, values: dict[str, Any]) -> Mapping[str, Any]:
        if row.verb == "shutdown":
            raise OSError(2, "No such file", "x")
        if row.verb == "agent":
            raise UnsupportedError("there is no agent")
        return {"value": [row.verb, values]}

    return asyncio.run(answer(line, TABLE, act))


@pytest.mark.parametrize(
    ("line", "expected"),
    (
        (None, "error"),
        (b"{", "error"),
        (b"\xff\xfe", "error"),
        (b"[]", "error"),
        (b'{"do": 7}', "error"),
        (b'{"do": "fly"}', "unsupported"),
        (b'{"do": "' + b"fly" * 1000 + b'"}', "unsupported"),
        (b'{"do": "agent", "present": true}', "unsupported"),
        (b'{"do": "scene"}', "error"),
        (b'{"do": "scene", "number": 99}', "error"),
        (b'{"do": "scene", "number": true}', "error"),
        (b'{"do": "scene", "number": 1, "colour": 1}', "error"),
        (b'{"do": "shutdown"}', "error"),
        (b"[" * 100_000, "error"),
    ),
)
def test_what_is_no_question_has_an_answer_too(line: bytes | None, expected: str) -> None:
    found = come_to(line)
    assert found["answer"] == expected and 0 < len(found["text"]) < 400


@pytest.mark.parametrize(("line", "shown"), ((b"hello", "hello"), (b"\xff{}", "\\xff{}"), (b"7" * 5000, "7" * 60 + "...")))
def test_what_a_line_is_stands_in_the_answer(line: bytes, shown: str) -> None:
    text = come_to(line)["text"]
    assert text == f'a line is one JSON object in UTF-8; expected {{"do": VERB, ...}}; found {shown}'


def test_values_are_filled_in_and_null_is_what_is_not_given() -> None:
    assert come_to(b'{"do": "scene", "number": 2}')["value"] == ["scene", {"number": 2, "display": 0}]
    assert come_to(b'{"do": "ticket", "password": null}')["value"] == ["ticket", {"password": None, "seconds": None}]
    assert come_to(b'{"do": "scene", "number": null}')["answer"] == "error"


def test_events_are_for_those_who_asked_and_nobody_watches_before() -> None:
    begun: list[str] = []
    heard: dict[str, list[Any]] = {"one": [], "two": []}
    audience = Audience(lambda: begun.append("now"))
    one, two = (Listener(heard[name].append) for name in heard)
    audience.join(one)
    audience.join(two)
    audience.tell({"event": "lost"})
    assert not begun
    audience.listen(one, True)
    audience.listen(two, True)
    audience.tell({"event": "both"})
    audience.listen(one, False)
    audience.leave(two)
    audience.tell({"event": "lost"})
    assert begun == ["now"] and heard == {"one": [{"event": "both"}], "two": [{"event": "both"}]}


@pytest.mark.parametrize(
    ("question", "said"),
    (
        (rb'{"do": "notify", "text": "\ud800x"}', "found U+D800 at 0"),
        (rb'{"do": "copy", "path": "a\udcff"}', "path is not what it should be; expected text; found U+DCFF at 1"),
        (rb'{"do": "notify", "text": "a\u0000b"}', "without U+0000; found U+0000 at 1"),
        (b'{"do": "notify", "text": "' + "\u00e9".encode() * 33_000 + b'"}', "of at most 65511 bytes in UTF-8"),
        (b'{"do": "ticket", "password": "' + "\u00e9".encode() * 31 + b'"}', "of at most 60 bytes in UTF-8"),
        (rb'{"do": "ticket", "password": "a\u0000"}', "found U+0000 at 1"),
        (b'{"do": "ticket", "seconds": 1e400}', "expected number of 0 or more; found inf"),
        (b'{"do": "ticket", "seconds": NaN}', "found nan"),
        (b'{"do": "ticket", "seconds": 1' + b"0" * 400 + b"}", "expected number of 0 or more"),
        (b'{"do": "expire-password", "seconds": Infinity}', "found inf"),
        (b'{"do": "pointer", "kind": []}', "relative or absolute; found []"),
    ),
)
def test_values_that_no_message_has(question: bytes, said: str) -> None:
    found = come_to(question)
    assert found["answer"] == "error" and said in found["text"]


def test_texts_at_their_limits() -> None:
    assert come_to(b'{"do": "notify", "text": "' + b"x" * 65511 + b'"}')["answer"] == "ok"
    assert come_to(b'{"do": "ticket", "password": "' + b"x" * 60 + b'"}')["answer"] == "ok"
