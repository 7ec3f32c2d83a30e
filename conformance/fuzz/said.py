"""What a campaign has said, in one line: of the messages that there are on a channel, how many."""

from __future__ import annotations

from collections.abc import Iterable

from spiceproto import dispatch
from spiceproto.message import Sender

__all__ = ["said"]


def said(pairs: Iterable[str], own: Sender) -> str:
    """Of the pairs of a campaign as ``own``: "display 3 of 9, main 12 of 20"; steps that are no message are left out."""
    words: dict[str, set[str]] = {}
    for pair in pairs:
        table, *_, word = pair.split(" ")
        words.setdefault(table, set()).add(word.rstrip("!"))
    found = []
    for table, used in sorted(words.items()):
        names = {row.name for row in dispatch.rows(table, own).values()}
        found.append(f"{table} {len(names & used)} of {len(names)}")
    return ", ".join(found)
