"""What the rules saw in the conversation of a case, like findings as one.

A mistake that a peer makes with each message is one mistake: what differs is only what was found, and when.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from conformance.results import Seen

__all__ = ["Finding", "findings", "folded"]


class Finding(msgspec.Struct, frozen=True):
    """Findings of one sentence on one channel in the same words: the first, the last, and how many there are."""

    first: Seen
    last: Seen
    count: int

    def times(self) -> str:
        """How often, behind what was found first; "" for once."""
        if self.count == 1:
            return ""
        last = f", in the end {self.last.actual}" if self.last.actual != self.first.actual else ""
        return f"{self.count} times{last}"


def findings(seen: Iterable[Seen]) -> list[Finding]:
    """Those of a case, in the order in which the first of each came."""
    groups: dict[tuple[str, ...], list[Seen]] = {}
    for item in seen:
        key = (item.requirement, item.channel, item.text, item.expected, str(item.tolerated))
        groups.setdefault(key, []).append(item)
    return [Finding(same[0], same[-1], len(same)) for same in groups.values()]


def folded(text: str) -> str:
    """A list of nothing but the same, said once with its number."""
    items = text.split(", ")
    return f"{items[0]}, {len(items)} times" if len(items) > 2 and len(set(items)) == 1 else text
