"""The schema of controls is up to date, and takes what the table takes."""

from __future__ import annotations

from typing import Any, get_args

import jsonschema
import pytest

from spiceproto.controls import REQUIRED, Control, Role, Value, programs, schema
from spiceproto.errors import LocalError

ROLES = get_args(Role)
ROWS = [(role, row) for role in ROLES for row in programs.table(role).values()]


@pytest.mark.skipif(not schema.FOLDER.exists(), reason="the documents are in a checkout only")
@pytest.mark.parametrize("role", ROLES)
def test_it_is_up_to_date(role: Role) -> None:
    text = (schema.FOLDER / schema.file_name(role)).read_text(encoding="utf-8")
    assert text == schema.text(role), "run python -m spiceproto.controls.schema"
    jsonschema.Draft202012Validator.check_schema(schema.schema(role))


def good(value: Value) -> list[Any]:
    """Some that are right, at the ends of what is."""
    found: dict[str, list[Any]] = {
        "integer": [value.least or 0, value.most or 1],
        "number": [value.least or 0, 1.5],
        "boolean": [True, False],
        "text": ["", "a text"],
        "hexadecimal": ["", "00 fF"],
        "choice": list(value.choices),
    }
    return [*found[value.kind], *([None] if value.default is None else [])]


def bad(value: Value) -> list[Any]:
    """Some that are wrong."""
    found: dict[str, list[Any]] = {
        "integer": [(value.least or 0) - 1 if value.least is not None else "1", "1", True],
        "number": ["1", True, *([value.least - 1] if value.least is not None else [])],
        "boolean": [1, "on"],
        "text": [1],
        "hexadecimal": ["0", "xy", 1],
        "choice": ["neither", 1],
    }
    return [*found[value.kind], [], *([] if value.default is None else [None])]


def taken(row: Control, values: dict[str, Any]) -> bool:
    try:
        row.read(values)
    except LocalError:
        return False
    return True


@pytest.mark.parametrize(("role", "row"), ROWS, ids=[f"{role} {row.verb}" for role, row in ROWS])
def test_questions_are_right_here_and_there(role: Role, row: Control) -> None:
    asked = schema.schema(role)
    validator = jsonschema.Draft202012Validator({"$ref": "#/$defs/question", "$defs": asked["$defs"]})
    usual = {value.name: good(value)[0] for value in row.values if value.default is REQUIRED}
    tried = [usual, usual | {"colour": "red"}]
    tried += [usual | {value.name: each} for value in row.values for each in (*good(value), *bad(value))]
    tried += [{name: each for name, each in usual.items() if name != left} for left in usual]
    found = [(values, taken(row, values)) for values in tried]
    assert found[0][1] and not found[1][1]
    for values, right in found:
        assert validator.is_valid({"do": row.verb} | values) == right, values


@pytest.mark.parametrize("role", ROLES)
def test_answers_and_events(role: Role) -> None:
    asked = schema.schema(role)
    validator = jsonschema.Draft202012Validator(asked)
    event = {"event": "answer"} if role == "server" else {}
    for right in ({"answer": "ok"} | event, {"answer": "error", "text": "why"} | event, {"event": "connected", "tls": False}):
        assert validator.is_valid(right), right
    wrongs: tuple[Any, ...] = ({"answer": "error"} | event, {"answer": "perhaps"} | event, {"do": "fly"}, {}, [], {"event": 1})
    for wrong in wrongs:
        assert not validator.is_valid(wrong), wrong
