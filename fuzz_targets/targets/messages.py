"""Messages of every channel: generated parsers and builders, plain construct, summaries, JSON and spans agree."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from typing import Final

from fuzz_targets.target import Target, holds
from spiceproto import dispatch, schema, wire
from spiceproto.derive.json_form import to_json
from spiceproto.derive.legal import RandomChooser, legal_value
from spiceproto.derive.spans import dissect
from spiceproto.errors import RemoteError
from spiceproto.message import Message, Sender
from spiceproto.tests.agreement import compare

__all__ = ["TARGETS"]

_SENDERS: Final[tuple[Sender, ...]] = ("server", "client")
_EACH: Final = 3
"""Legal bodies of each message that are seeds."""


def _rows(table: str) -> list[tuple[Message, dispatch.Row]]:
    """The messages of a table, of both senders, in an order that does not change."""
    return [
        (row, dispatch.rows(table, sender)[number]) for sender in _SENDERS for number, row in schema.rows(table, sender).items()
    ]


def once(table: str, data: bytes) -> None:
    """The first byte chooses the message, the rest is its body."""
    rows = _rows(table)
    if not data:
        return
    row, generated = rows[data[0] % len(rows)]
    body = data[1:]
    difference = compare(row, generated, body)
    holds(f"{table} {row.name}", not difference, difference)
    try:
        value = generated.parse(body)
    except RemoteError:
        return
    generated.summary(body)
    str(generated.outside(value))
    to_json(value)
    dissect(row.body, body)


def seeds(table: str) -> Iterator[bytes]:
    """Legal bodies."""
    chooser = RandomChooser(random.Random(1))
    for number, (row, _) in enumerate(_rows(table)):
        for _ in range(_EACH):
            yield bytes([number]) + wire.build(row.body, legal_value(row.body, chooser))


TARGETS: Final = [
    Target(f"messages-{table}", "a value or RemoteError, and the oracle's", partial(once, table), partial(seeds, table))
    for table in schema.channels()
    if _rows(table)
]
