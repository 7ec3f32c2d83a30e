"""Files of rules: what makes no sense is said before anything passes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spiceproto.enums.display import ClipType
from spiceproto.enums.main import MouseMode
from spiceproto.errors import LocalError
from spiceproto.proxy.faults import Fault, parse_fault
from spiceproto.proxy.fields import fits, steps
from spiceproto.proxy.rules import When
from spiceproto.proxy.toml_rules import parse_rules, read_rules


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[[rule", "no TOML"),
        ("[rule]\nx = 1", r"expected \[\[rule\]\]"),
        ("[[rules]]", "unknown table"),
        ("[[rule]]\ndo = 'drop'", "when"),
        ("[[rule]]\nwhen = {}\ndo = 'dropp'", r"drop\?"),
        ("[[rule]]\nwhen = { channel = 'input' }\ndo = 'drop'", r"inputs\?"),
        (
            "[[rule]]\nwhen = { channel = 'inputs', message = 'MOUSE_MOTIO' }\ndo = 'drop'",
            "no such message on inputs.*MOUSE_MOTION",
        ),
        ("[[rule]]\nwhen = { sender = 'server', message = 'KEY_DOWN' }\ndo = 'drop'", "no such message from a server"),
        ("[[rule]]\nwhen = { message = 'MOUSE_MOTION', dz = 1 }\ndo = 'drop'", "no such field.*dx"),
        ("[[rule]]\nwhen = { message = 'MOUSE_MOTION', dx = 'left' }\ndo = 'drop'", "expected a number"),
        ("[[rule]]\nwhen = { message = 'DRAW_COPY', 'base.clip.type' = 'RECT' }\ndo = 'drop'", "RECTS"),
        ("[[rule]]\nwhen = { dx = 1 }\ndo = 'drop'", "fields are those of a message"),
        ("[[rule]]\nwhen = { id = 300 }\ndo = 'drop'", "0 to 255"),
        ("[[rule]]\nwhen = {}\ndo = 'drop'\nseconds = 1.0", "drop has no seconds"),
        ("[[rule]]\nwhen = {}\ndo = 'drop'\nsecond = 1.0", "second"),
        ("[[rule]]\nwhen = {}\ndo = 'delay'", "how long"),
        ("[[rule]]\nwhen = {}\ndo = 'delay'\nseconds = 1e9", "at most 600"),
        ("[[rule]]\nwhen = {}\ndo = 'duplicate'\ntimes = 10000000", "1 to 1000"),
        ("[[rule]]\nwhen = {}\ndo = 'hold'", "until when"),
        ("[[rule]]\nwhen = {}\ndo = 'hold'\nuntil = { message = 'NO' }", "no such message"),
        ("[[rule]]\nwhen = { message = 'MOUSE_MOTION' }\ndo = 'change'", "nothing to change"),
        ("[[rule]]\nwhen = { message = 'MOUSE_MOTION' }\ndo = 'change'\nset = { dz = 1 }", "no such field"),
        ("[[rule]]\nwhen = { channel = 'main' }\ndo = 'change'\nset = { dz = 1 }", "fields are those of a message"),
        ("[[rule]]\nwhen = { message = 'INIT' }\ndo = 'inject'\nmessage = 'NOTIFY'", "a channel in when"),
        (
            "[[rule]]\nwhen = { channel = 'main', sender = 'server' }\ndo = 'inject'\nmessage = 'KEY_DOWN'",
            "no such message on main",
        ),
        (
            "[[rule]]\nwhen = { channel = 'main', sender = 'server' }\ndo = 'inject'\nmessage = 'MOUSE_MODE'",
            "a field is missing",
        ),
        ("[[fault]]\nname = 'slize'", r"slice\?"),
        ("[[fault]]\nname = 'reset'\nsize = 3", "reset has no size"),
        ("[[fault]]\nname = 'slice'\nsize = 0", "more than 0"),
        ("[[fault]]\nname = 'slice'\nchannel = 'x'", "no such channel"),
        ("[[fault]]\nname = 'slice'\nsender = 'x'", "client or server"),
        ("[[fault]]\nname = 'slice'\nat = -1", "a number of bytes"),
        ("[[fault]]\nnam = 'slice'", "not a fault; expected a name; found nam"),
        ("[[fault]]\nname = 'slice'\nsiz = 1", r"no such option of a fault; .*size\?"),
        ("[[fault]]\nname = 'slice'\nsize = true", "not a value of size; expected a whole number; found True"),
        ("[[fault]]\nname = 'slice'\nsize = 1.5", "not a value of size; expected a whole number; found 1.5"),
        ("[[fault]]\nname = 'stall'\nseconds = nan", "not a number: seconds"),
    ],
)
def test_what_makes_no_sense(text: str, wrong: str) -> None:
    with pytest.raises(LocalError, match=wrong):
        parse_rules(text, "file")


def test_the_file_and_the_rule_are_named(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text("[[rule]]\nwhen = {}\ndo = 'drop'\n[[rule]]\nwhen = { channel = 'x' }\ndo = 'drop'\n")
    with pytest.raises(LocalError, match=r"rules\.toml, rule 2, when: no such channel"):
        read_rules(path)
    path.write_bytes(b"\xff")
    with pytest.raises(LocalError, match="UTF-8"):
        read_rules(path)


def test_a_fault_in_words() -> None:
    assert parse_fault("reset:at=1000,sender=server") == Fault(name="reset", at=1000, sender="server")
    for wrong in ("reset:at", "reset:at=x", "reset:to=1", "none", "stall:seconds=-1"):
        with pytest.raises(LocalError):
            parse_fault(wrong)


@pytest.mark.parametrize(
    ("value", "wanted", "found"),
    [
        (3, 3, True),
        (3, 4, False),
        (3, [1, 3], True),
        (3, {"min": 1, "max": 3}, True),
        (4, {"min": 1, "max": 3}, False),
        (4, {"min": 1}, True),
        (ClipType.RECTS, "RECTS", True),
        (ClipType.RECTS, ["NONE", "RECTS"], True),
        (ClipType.RECTS, 1, True),
        (MouseMode.CLIENT | MouseMode.SERVER, "CLIENT", True),
        (MouseMode.CLIENT | MouseMode.SERVER, ["CLIENT"], False),
        (MouseMode.CLIENT | MouseMode.SERVER, ["CLIENT", "SERVER"], True),
        (MouseMode.CLIENT | MouseMode.SERVER, 3, True),
        (b"guest\0", "guest", True),
        (b"\1\2", "0102", True),
        ((1, 2), [1, 2], True),
        ((1, 2), [1], False),
        (None, 1, False),
        (None, {"min": 1}, False),
    ],
)
def test_what_fits(value: Any, wanted: Any, found: bool) -> None:
    assert fits(value, wanted) is found


def test_paths() -> None:
    assert steps("base.box.top") == ("base", "box", "top")
    assert steps("channels[0].type") == ("channels", 0, "type")
    for wrong in ("", "a b", "[x]", "a-b"):
        with pytest.raises(LocalError):
            steps(wrong)


def test_which_messages_are_wanted() -> None:
    when = When({"channel": "inputs", "message": ["MOUSE_MOTION", "MOUSE_POSITION"]}, "")
    assert when.wants("inputs", 0, "client") == frozenset({111, 112})
    assert when.wants("inputs", 0, "server") == when.wants("main", 0, "client") == frozenset()
    assert When({"channel": "display", "id": 1}, "").wants("display", 1, "server") is None
    assert When({"channel": "display", "id": 1}, "").wants("display", 0, "server") == frozenset()
    assert When({"message": "PING"}, "").wants("cursor", 0, "server") == frozenset({4})
