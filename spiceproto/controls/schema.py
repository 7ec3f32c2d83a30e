"""The JSON Schema (2020-12) of the control protocol of a role, made from its table of verbs.

``python -m spiceproto.controls.schema`` writes ``docs/control-server.schema.json`` and ``docs/control-client.schema.json``, and
``--check`` says whether they are up to date. A line that a controller writes is ``$defs/question``, one that it reads
``$defs/answer`` or ``$defs/event``; what an answer of a server to a verb has is ``$defs/value-VERB``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final, get_args

import msgspec

from spiceproto.controls import programs
from spiceproto.controls.results import RESULTS
from spiceproto.controls.verb import REQUIRED, Control, Role, Value

__all__ = ["FOLDER", "file_name", "schema", "text"]

FOLDER: Final = Path(__file__).parents[2] / "docs"
"""Where they are in a checkout."""


def _value(value: Value) -> dict[str, Any]:
    found: dict[str, Any] = {"description": value.meaning}
    if value.choices:
        found["enum"] = list(value.choices)
    elif value.kind == "hexadecimal":
        found |= {"type": "string", "pattern": "^\\s*([0-9A-Fa-f]{2}\\s*)*$"}
    else:
        found["type"] = {"text": "string"}.get(value.kind, value.kind)
        if not value.zero:
            found["pattern"] = r"^[^\u0000]*$"
    if value.default is None:
        found["type"] = [found["type"], "null"]
    if value.least is not None:
        found["minimum"] = value.least
    if value.most is not None:  # a text that has too many characters has too many bytes as well
        found["maxLength" if value.kind == "text" else "maximum"] = value.most
    if value.default is not REQUIRED and value.default is not None:
        found["default"] = value.default
    return found


def _values(role: Role) -> dict[str, Any]:
    """What answers of a server have, ``value-VERB``, and the structures that these have inside."""
    if role == "client":
        return {}
    found, inside = msgspec.json.schema_components(RESULTS.values(), ref_template="#/$defs/{name}")
    return {f"value-{verb}": each for verb, each in zip(RESULTS, found, strict=True)} | inside


def _question(row: Control) -> dict[str, Any]:
    required = ["do", *[value.name for value in row.values if value.default is REQUIRED]]
    value = {"$comment": f"the value of its answer: #/$defs/value-{row.verb}"}
    return {
        "title": row.verb,
        "description": row.meaning,
        **(value if row.role == "server" and row.verb in RESULTS else {}),
        "type": "object",
        "properties": {"do": {"const": row.verb}} | {value.name: _value(value) for value in row.values},
        "required": required,
        "additionalProperties": False,
    }


def _answers(role: Role) -> dict[str, Any]:
    """A server's answers are events among others, and their value stands in one field; a client's stand in the answer."""
    text = {"type": "string", "description": "why, for people"}
    event: dict[str, Any] = {"event": {"const": "answer"}} if role == "server" else {}
    ok: dict[str, Any] = {"properties": {"answer": {"const": "ok"}} | event, "required": ["answer", *event]}
    if role == "server":
        ok["properties"] |= {"value": {"description": "what was asked for, if anything was: value-VERB"}}
        ok["additionalProperties"] = False
    wrong = {
        "properties": {"answer": {"enum": ["error", "unsupported"]}, "text": text} | event,
        "required": ["answer", "text", *event],
        "additionalProperties": False,
    }
    return {"description": "one for each question, in their order", "type": "object", "oneOf": [ok, wrong]}


def schema(role: Role) -> dict[str, Any]:
    """Of all lines on a control connection to the reference program of this role."""
    table = programs.table(role)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Control protocol of spice-reference-{role}: a line of JSON on standard input, or on its control socket",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in ("question", "answer", "event")],
        "$defs": {
            "question": {
                "description": "asks for something; what a verb does not have is an error",
                "oneOf": [{"$ref": f"#/$defs/verb-{verb}"} for verb in table],
            },
            "answer": _answers(role),
            "event": {
                "description": "something has happened; told to those who have asked for it by events",
                "type": "object",
                "properties": {"event": {"type": "string", "not": {"const": "answer"}}},
                "required": ["event"],
            },
        }
        | {f"verb-{verb}": _question(row) for verb, row in table.items()}
        | _values(role),
    }


def text(role: Role) -> str:
    """As it is committed."""
    return json.dumps(schema(role), indent=1, ensure_ascii=False) + "\n"


def file_name(role: Role) -> str:
    """What the file is called."""
    return f"control-{role}.schema.json"


def main(arguments: list[str] | None = None) -> int:
    """Exit status 1 if something is out of date."""
    parser = argparse.ArgumentParser(prog="python -m spiceproto.controls.schema", description="Write the schemas of controls.")
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    stale = 0
    for role in get_args(Role):
        path = FOLDER / file_name(role)
        if not path.exists() or path.read_text(encoding="utf-8") != text(role):
            stale += 1
            print(f"{'out of date' if options.check else 'wrote'}: {path.name}")
            if not options.check:
                path.write_text(text(role), encoding="utf-8")
    return int(options.check and stale > 0)


if __name__ == "__main__":
    raise SystemExit(main())
