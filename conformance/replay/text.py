"""A replay for people: the diff of two conversations, a channel at a time.

= what both have, in one line
~ what both have with other fields, which follow: recorded -> found
- what was recorded and did not come
+ what came and was not recorded
! a channel that is not there, or was closed
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from conformance.naming import counted
from conformance.replay.difference import Compared, Row
from conformance.replay.player import Played
from conformance.replay.recording import Recording
from conformance.report.console import plain

__all__ = ["text"]

_SIGNS: Final = {"same": "=", "differs": "~", "moved": ">", "missing": "-", "more": "+", "absent": "!", "closed": "!"}

_NAMES: Final = 8
"""Messages of a run that are named."""

_FIELDS: Final = 20
"""Fields of a message that are printed."""


def text(recording: Recording, played: Played, compared: Compared, *, target: str, side: str) -> Iterator[str]:
    """A line each."""
    of = f"session {recording.number} of {recording.sessions}"
    total = played.said + len(played.unsaid)
    yield f"{recording.path}, {of}: the {side}'s side, said to {target}"
    yield f"{counted(total, 'message')}, {played.said} of them said again in {played.seconds:.2f} s"
    for remark in (*recording.remarks, *played.remarks):
        yield plain(remark)
    for channel, rows in groupby(compared.rows, key=lambda row: row.channel):
        yield channel
        yield from _channel(list(rows))
    yield from _left(compared)
    yield from _unsaid(played)
    yield ", ".join([f"{number} {kind}" for kind, number in compared.counts.items()])


def _channel(rows: list[Row]) -> Iterator[str]:
    for kind, run in groupby(rows, key=lambda row: row.kind):
        found = list(run)
        if kind == "same":
            names = _runs([row.name for row in found])
            more = f", and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
            yield f"  = {', '.join(names[:_NAMES])}{more}"
            continue
        for row in found:
            number = f" (message {row.number})" if row.number else ""
            yield plain(f"  {_SIGNS[kind]} {row.name}{number}{f': {row.why}' if row.why else ''}")
            for field in row.fields[:_FIELDS]:
                yield plain(f"      {field.path}: {field.recorded} -> {field.found}")
            if len(row.fields) > _FIELDS:
                yield f"      and {len(row.fields) - _FIELDS} more"


def _runs(names: list[str]) -> list[str]:
    """Names in a row, those that follow themselves with their number."""
    return [
        name if len(same) == 1 else f"{len(same)} {name}" for name, same in ((key, list(run)) for key, run in groupby(names))
    ]


def _left(compared: Compared) -> Iterator[str]:
    if not compared.left:
        return
    yield "not compared (recorded / found):"
    for why in dict.fromkeys([item.why for item in compared.left]):
        yield f"  {why}:"
        for channel, items in groupby([item for item in compared.left if item.why == why], key=lambda item: item.channel):
            yield f"    {channel}: " + ", ".join([f"{item.name} {item.recorded} / {item.found}" for item in items])


def _unsaid(played: Played) -> Iterator[str]:
    if not played.unsaid:
        return
    yield "not said again:"
    for why in dict.fromkeys([item.why for item in played.unsaid]):
        names = Counter([f"{item.said.place} {item.said.name}" for item in played.unsaid if item.why == why])
        yield plain(f"  {why}: " + ", ".join([name if count == 1 else f"{count} {name}" for name, count in names.items()]))
