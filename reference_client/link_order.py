"""In which order the channels are linked that a list names. Servers have to live with each.

parallel     all at once, in the order of the list
reversed     all at once, the last of the list first
sequential   one behind the other: the next when the last is linked and its server has said something there, or when it is
             refused or closed, or has said nothing for as long as a link may take
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reference_client.line import Line
from spiceproto.enums.link import ChannelType

__all__ = ["LINK_ORDERS", "LinkOrder"]

LINK_ORDERS: Final = ("parallel", "reversed", "sequential")


class LinkOrder:
    """``waiting`` are the channels that are to be linked and are not yet, by type and id.

    ``lines`` are those of the session.
    """

    def __init__(self, name: str, lines: Mapping[tuple[int, int], Line]) -> None:
        self.waiting: list[tuple[int, int]] = []
        self._name = name
        self._lines = lines

    @property
    def deadline(self) -> float | None:
        """When the next channel is linked at the latest; None for whenever something else happens."""
        times = [line.until for line in self._lines.values() if line.state == "linked" and not line.begun]
        return min(times, default=None) if self.waiting else None

    def take(self, now: float) -> list[tuple[int, int]]:
        """The channels that are to be linked now, in this order."""
        found = self.waiting
        if self._name == "sequential":
            found = [] if self._busy(now) else found[:1]
        elif self._name == "reversed":
            found = found[::-1]
        self.waiting = [channel for channel in self.waiting if channel not in found]
        return found

    def _busy(self, now: float) -> bool:
        """Whether a link is under way, or its server has not spoken yet."""
        for line in self._lines.values():
            if line.type == ChannelType.MAIN or line.state == "closed":
                continue
            if line.state != "linked" or (not line.begun and now < line.until):
                return True
        return False
