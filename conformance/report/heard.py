"""What the target was heard to say in the tour, and what not: what stands behind every "nothing found" of the rules.

Only the messages of a channel itself count as not heard; those that every channel has are listed when they came.
"""

from __future__ import annotations

import msgspec

from conformance.report.jsonl import Run
from spiceproto import dispatch
from spiceproto.size_limits import CHANNELS

__all__ = ["Heard", "details", "heard", "line", "silent", "unheard"]


class Heard(msgspec.Struct, frozen=True):
    """One channel.

    * ``channel``: as in "display:0"
    * ``messages``: name to how often it came; empty for a channel that was offered and said nothing, or was not linked
    * ``missing``: messages of the channel that did not come
    * ``kinds``: how many of its own messages the channel has
    """

    channel: str
    messages: dict[str, int]
    missing: tuple[str, ...]
    kinds: int


def heard(run: Run) -> tuple[Heard, ...]:
    """The channels of the tour; none if the run had no tour."""
    found = next((case.heard for case in run.cases if case.heard), {})
    channels = []
    for channel, messages in sorted(found.items()):
        table = channel.partition(":")[0]
        rows = dispatch.rows(table, run.header.role).values() if table in CHANNELS else ()
        own = [row.name for row in rows if row.module != "common"]
        missing = tuple([name for name in own if name not in messages])
        channels.append(Heard(channel, messages, missing, len(own)))
    return tuple(channels)


def silent(channels: tuple[Heard, ...]) -> tuple[str, ...]:
    """Channel types of which nothing was heard."""
    spoke = {item.channel.partition(":")[0] for item in channels if item.messages}
    return tuple(sorted(CHANNELS - spoke - {"tunnel"}))  # nobody has tunnels any more


def line(run: Run) -> str:
    """All of it in one line; "" if the run had no tour."""
    channels = heard(run)
    if not channels:
        return ""
    parts = [f"{item.channel} {item.kinds - len(item.missing)} of {item.kinds}" for item in channels if item.messages]
    return f"the rules looked at these kinds of messages: {', '.join(parts) or 'none'}{unheard(run)}"


def unheard(run: Run) -> str:
    """That some channels said nothing, and what that means, as the end of a sentence; "" if all did."""
    names = silent(heard(run))
    if not names:
        return ""
    others = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    return f"; in the tour no message of the {run.header.role} came on {others}: nothing is known of what it would say there"


def details(run: Run) -> list[str]:
    """A line for each channel: what came how often, and what did not come."""
    found = []
    for item in heard(run):
        came = ", ".join([f"{name} {count}" for name, count in item.messages.items()]) or "nothing"
        not_seen = f"; not seen: {', '.join(item.missing)}" if item.missing else ""
        found.append(f"the tour saw {item.channel}: {came}{not_seen}")
    return found
