"""Questions as people type them."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from spiceproto.controls import Role, programs
from spiceproto.controls.words import explained, listed, question, split
from spiceproto.errors import LocalError


@pytest.mark.parametrize(
    ("role", "words", "expected"),
    (
        ("server", "mouse-mode client", {"mode": "client"}),
        ("server", "resolution 800 600", {"width": 800, "height": 600}),
        ("server", "resolution height=600 800 display=1", {"width": 800, "height": 600, "display": 1}),
        ("server", "ticket password=null seconds=1.5", {"seconds": 1.5}),
        ("server", "notify 'a=b, c' severity=warn", {"text": "a=b, c", "severity": "warn"}),
        ("server", "fault init-twice off", {"name": "init-twice", "on": False}),
        ("server", "port-write 00ff", {"data": "00ff"}),
        ("client", "key code=0x1E down=no", {"code": 30, "down": False}),
        ("client", "connect uri=spice://127.0.0.1:5900", {"uri": "spice://127.0.0.1:5900"}),
        ("client", "motion -3 1", {"dx": -3, "dy": 1}),
    ),
)
def test_a_question(role: Role, words: str, expected: dict[str, Any]) -> None:
    verb, *_ = words.split()
    assert question(split(words), programs.table(role)) == {"do": verb} | expected


@pytest.mark.parametrize(
    ("words", "text"),
    (
        ("mouse-mod client", "there is no verb mouse-mod; expected mouse-mode"),
        ("mouse-mode", "a value is missing: mode"),
        ("mouse-mode sideways", "expected server or client; found 'sideways'"),
        ("mouse-mode client client", "more values than mouse-mode has"),
        ("mouse-mode mode=client mode=server", "mode is said twice"),
        ("resolution wide 600", "width is not what it should be; expected integer from 1 to 8192"),
        ("sound maybe", "on is not what it should be; expected boolean"),
        ("shutdown now", "more values than shutdown has; expected none"),
        ("notify 'open", "not words"),
    ),
)
def test_a_question_that_is_none(words: str, text: str) -> None:
    with pytest.raises(LocalError) as caught:
        question(split(words), programs.table("server"))
    assert text in str(caught.value)


@pytest.mark.parametrize("role", get_args(Role))
def test_every_verb_is_listed_and_explained(role: Role) -> None:
    table = programs.table(role)
    assert [line.split()[0] for line in listed(table).splitlines()] == list(table)
    for row in table.values():
        text = explained(row)
        assert text.startswith(f"usage: {row.verb}") and all(f"  {value.name}: " in text for value in row.values)
