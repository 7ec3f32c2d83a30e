"""Steps as lines of text, and values with changes in them."""

from __future__ import annotations

import pytest

from conformance.fuzz.chance import Chance
from conformance.fuzz.steps import MOST_LINE, WORDS, Step, parse, parse_all, text
from conformance.fuzz.value_text import change_of, encoded, fields_of, row_named, value_of
from spiceproto import schema, wire
from spiceproto.derive.legal import legal_value
from spiceproto.derive.mutators import Mutator
from spiceproto.errors import LocalError

LINES = """\
inputs: MOUSE_MOTION {"dx": 1, "dy": 0, "buttons_state": []}
main: MOUSE_MODE_REQUEST {"mode": ["CLIENT"]} ! set mode 9
display:1: type 999 00ff
inputs: type 7
inputs: bytes 6700
inputs: pieces 1
main: ATTACH_CHANNELS
main: ATTACH_CHANNELS ! extend body 00
inputs: close
inputs: link {"minor": 9}
main: do motion {"dx": 1, "dy": 1}
"""


def test_lines_are_read_as_they_are_written() -> None:
    steps = parse_all(f"# a comment\n\n{LINES}")
    assert text(steps) == LINES
    assert steps[1] == Step("main", "MOUSE_MODE_REQUEST", '{"mode": ["CLIENT"]}', "set mode 9")
    assert steps[2].place == (2, 1) and steps[2].table == "display" and not steps[2].is_message
    assert steps[7].change == "extend body 00" and not steps[7].value


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("inputs", "no step"),
        ("nothing: MARK", "no channel"),
        ("inputs:300: close", "no channel"),
        ("inputs:x: close", "no channel"),
        ("inputs: fly 3", "no word"),
        ("inputs: pieces 1 2", "too many values"),
        ("inputs: close now", "too many values"),
        ("x" * (MOST_LINE + 1), "too long"),
    ],
)
def test_what_is_no_step_is_said_with_its_line(line: str, said: str) -> None:
    with pytest.raises(LocalError, match=said) as error:
        parse_all(f"main: close\n{line}\n", "here")
    assert error.value.where == "here, line 2"


def test_every_message_of_every_channel_comes_back_from_its_text() -> None:
    chance = Chance(1)
    for table in schema.CHANNELS:
        for sender in ("client", "server"):
            for row in schema.rows(table, sender).values():
                value = legal_value(row.body, chance.values)
                fields = fields_of(value)
                assert value_of(table, sender, row.name, fields) == value
                step = parse(f"{table}: {row.name} {fields}".rstrip())
                assert encoded(table, sender, step.word, step.value) == (row.number, wire.build(row.body, value))


@pytest.mark.parametrize(
    ("table", "name"), [("inputs", "MOUSE_MOTION"), ("display", "PREFERRED_VIDEO_CODEC_TYPE"), ("record", "DATA")]
)
def test_a_change_has_the_same_bytes_as_the_mutation_it_was_made_of(table: str, name: str) -> None:
    chance, row = Chance(2), row_named(table, "client", name)
    for _ in range(5):
        value = legal_value(row.body, chance.values)
        mutator = Mutator(row.body, wire.build(row.body, value))
        for mutation in mutator.systematic():
            assert encoded(table, "client", name, fields_of(value), change_of(mutation))[1] == mutator.apply(mutation)


def test_bytes_are_poked_inside_of_the_body_and_nowhere_else() -> None:
    fields = '{"dx": 0, "dy": 0, "buttons_state": []}'
    assert encoded("inputs", "client", "MOUSE_MOTION", fields, "poke 1 ff")[1][:4] == b"\0\xff\0\0"
    size = len(encoded("inputs", "client", "MOUSE_MOTION", fields)[1])
    assert len(encoded("inputs", "client", "MOUSE_MOTION", fields, f"poke {size - 1} ffffff")[1]) == size
    for change in (f"poke {size} ff", "poke x ff", "poke 0 zz", "set dx", "set dx many", "set", "fly dx 3"):
        with pytest.raises(LocalError):
            encoded("inputs", "client", "MOUSE_MOTION", fields, change)


@pytest.mark.parametrize("fields", ["{", "[]", '{"dx": 1}', '{"dx": 1, "dy": 0, "buttons_state": [], "dz": 1}', "[" * 100_000])
def test_fields_without_sense(fields: str) -> None:
    with pytest.raises(LocalError):
        encoded("inputs", "client", "MOUSE_MOTION", fields)


def test_no_word_is_a_message() -> None:
    names = {
        row.name for table in schema.CHANNELS for sender in ("client", "server") for row in schema.rows(table, sender).values()
    }
    assert not names & set(WORDS) and all(name.isupper() for name in names)
