"""Faults with messages inside messages (spec/02-framing.md, 2.4)."""

from __future__ import annotations

from typing import Any

from reference_client.faults.fault import fault
from spiceproto import framing
from spiceproto.channel import Channel


class OtherLists(Channel):
    """Handles the messages of one frame as :meth:`arrange` has it."""

    def enqueue(self, sender: str, type: int, body: bytes, serial: int, offset: int, sub_list: int) -> None:
        before = len(self.queue)
        super().enqueue(sender, type, body, serial, offset, sub_list)
        new = [self.queue.pop() for _ in range(len(self.queue) - before)][::-1]
        self.queue.extend(self.arrange(new))

    def arrange(self, parts: list[Any]) -> list[Any]:
        """The messages of one frame in the order in which they are handled."""
        return parts


@fault("list-backwards", "SPICE-FRAME-015")
class ListBackwards(OtherLists):
    """Handles the messages of a list from the last to the first."""

    def arrange(self, parts: list[Any]) -> list[Any]:
        for number, part in enumerate(parts := parts[-2::-1] + parts[-1:]):
            part.counts = number == 0
        return parts


@fault("ignores-lists", "SPICE-FRAME-015")
class IgnoresLists(OtherLists):
    """Ignores the messages inside others."""

    def arrange(self, parts: list[Any]) -> list[Any]:
        parts[-1].counts = True
        return parts[-1:]


@fault("broken-lists-accepted", "SPICE-FRAME-016")
class BrokenListsAccepted(Channel):
    """Takes of a list that does not lie inside its message whatever can be had."""

    def enqueue(self, sender: str, type: int, body: bytes, serial: int, offset: int, sub_list: int) -> None:
        if type == framing.LIST:
            count = int.from_bytes(body[:2], "little")
            inside = []
            for at in range(2, min(2 + 4 * count, len(body) - 3), 4):
                place = int.from_bytes(body[at : at + 4], "little")
                if place + framing.MINI_HEADER_SIZE <= len(body):
                    size = int.from_bytes(body[place + 2 : place + 6], "little")
                    inside.append((int.from_bytes(body[place : place + 2], "little"), body[place + 6 : place + 6 + size]))
            body = framing.list_body(inside)
        super().enqueue(sender, type, body, serial, offset, sub_list)


@fault("counts-inside-messages", "SPICE-FRAME-017", "SPICE-FRAME-021")
class CountsInsideMessages(OtherLists):
    """Counts the messages inside others for acknowledgement."""

    def arrange(self, parts: list[Any]) -> list[Any]:
        for part in parts:
            part.counts = True
        return parts
