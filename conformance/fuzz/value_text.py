"""Values of messages, and what is changed of them, as a line has them.

{"mode": "CLIENT"}            the fields, in the JSON form of the library
set mode 9                    a change of :mod:`spiceproto.derive.mutators`: kind, path (``body`` for none), new value
count rects 4 repaired        ... with the rest of the message made to agree
poke 12 ffff                  bytes of the body, from an offset on, are these
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

from spiceproto import schema, wire
from spiceproto.derive.json_form import from_json, to_json
from spiceproto.derive.mutators import Mutation, Mutator
from spiceproto.errors import LocalError
from spiceproto.message import Message, Sender

__all__ = ["change_of", "changed", "compact", "encoded", "fields_of", "is_said", "row_named", "value_of"]

_MOVED: Final = ("null", "self", "edge", "outside", "overlapping", "shared", "swap")
_KINDS: Final = frozenset(
    {"set", "unnamed", "bit", "count", "duplicate", "remove", "resize", "stray", "zero", "truncate", "extend", *_MOVED}
)
"""As in :mod:`spiceproto.derive.mutators`."""

_REPAIRED: Final = "repaired"
_TEXTS: Final = ("swap", "extend")
_NO_PATH: Final = "body"
_BARE: Final = ("duplicate", "remove")
_KEPT: Final = 1 << 14


@lru_cache
def _rows(table: str, sender: Sender) -> dict[str, Message]:
    return {row.name: row for row in schema.rows(table, sender).values()}


def is_said(table: str, sender: Sender, name: str) -> bool:
    """Whether there is a message of this name."""
    return name in _rows(table, sender)


def row_named(table: str, sender: Sender, name: str) -> Message:
    """The row of a message. Raises LocalError where the sender has none of that name."""
    found = _rows(table, sender).get(name)
    if found is None:
        raise LocalError(f"no message of a {sender} on {table}", actual=name[:80])
    return found


def compact(data: Any) -> str:
    """JSON on a line, as people write it."""
    return json.dumps(data, ensure_ascii=True)


def fields_of(value: Any) -> str:
    """The text of a value; "" for a message without fields."""
    found = to_json(value)
    return compact(found) if found else ""


def value_of(table: str, sender: Sender, name: str, fields: str) -> Any:
    """The value that a text says. Raises LocalError."""
    row = row_named(table, sender, name)
    try:
        data = json.loads(fields or "{}")
    except (ValueError, RecursionError) as error:
        raise LocalError("fields that are no JSON", path=f"{table}.{name}", actual=str(error)[:80]) from None
    return from_json(row.body, data)


@lru_cache(_KEPT)
def encoded(table: str, sender: Sender, name: str, fields: str = "", change: str = "") -> tuple[int, bytes]:
    """Number and body of a message. Raises LocalError for a text without sense."""
    row = row_named(table, sender, name)
    body = wire.build(row.body, value_of(table, sender, name, fields))
    return row.number, changed(row.body, body, change) if change else body


def changed(record: wire.Record, body: bytes, change: str) -> bytes:
    """A body with a change. Raises LocalError for one that does not fit."""
    kind, _, rest = change.partition(" ")
    if kind == "poke":
        return _poked(body, rest, change)
    return Mutator(record, body).apply(_mutation(change))


def _poked(body: bytes, rest: str, change: str) -> bytes:
    at, _, digits = rest.partition(" ")
    try:
        data = bytes.fromhex(digits)
        start = int(at)
    except ValueError:
        raise LocalError("a change without sense", expected="poke OFFSET DIGITS", actual=change[:80]) from None
    if not 0 <= start < len(body):
        raise LocalError("a change outside of the body", expected=f"0 to {len(body) - 1}", actual=str(start))
    return (body[:start] + data + body[start + len(data) :])[: len(body)]


def change_of(mutation: Mutation) -> str:
    """The text of a change."""
    parts = [mutation.kind, mutation.path or _NO_PATH]
    if mutation.new is not None and mutation.kind not in _BARE:
        parts.append(str(mutation.new))
    return " ".join(parts + ([_REPAIRED] if mutation.repair else []))


def _mutation(change: str) -> Mutation:
    kind, *rest = change.split()
    repair = bool(rest) and rest[-1] == _REPAIRED
    rest = rest[:-1] if repair else rest
    if kind not in _KINDS or not rest or len(rest) > 2:
        raise LocalError("a change without sense", expected="KIND PATH [NEW] [repaired]", actual=change[:80])
    path = "" if rest[0] == _NO_PATH else rest[0]
    new: int | str | None = rest[1] if len(rest) == 2 else None
    if isinstance(new, str) and kind not in _TEXTS:
        try:
            new = int(new)
        except ValueError:
            raise LocalError("a change without sense", expected="a number", actual=change[:80]) from None
    return Mutation(kind, path, None, new, repair)
