"""A replay as JSON lines: a header, a line for each row, for what is not compared and what was not said again, a footer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from conformance.replay.difference import Compared
from conformance.replay.player import Played
from conformance.replay.recording import Recording

__all__ = ["lines"]


def _line(type: str, **facts: Any) -> str:
    return json.dumps({"type": type, **facts})


def lines(recording: Recording, played: Played, compared: Compared, *, target: str, side: str) -> Iterator[str]:
    """A line each, without line ends."""
    yield _line(
        "header",
        capture=recording.path,
        session=recording.number,
        sessions=recording.sessions,
        target=target,
        side=side,
        messages=len(recording.messages),
    )
    for row in compared.rows:
        yield _line("row", **msgspec.to_builtins(row))
    for item in compared.left:
        yield _line("not-compared", **msgspec.to_builtins(item))
    for unsaid in played.unsaid:
        said = unsaid.said
        yield _line("not-said", channel=said.place, sender=said.sender, name=said.name, number=said.number, why=unsaid.why)
    for remark in (*recording.remarks, *played.remarks):
        yield _line("remark", text=remark)
    yield _line("footer", said=played.said, not_said=len(played.unsaid), seconds=round(played.seconds, 3), **compared.counts)
