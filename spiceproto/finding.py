"""What a sentence of the specification has to say to something that happened."""

from __future__ import annotations

import msgspec

from spiceproto.channels import channel_name

__all__ = ["Finding"]


class Finding(msgspec.Struct, frozen=True):
    """A sentence that was broken, or kept in a way that is only tolerated.

    * ``sender``: who did it
    * ``channel``: type and id
    * ``tolerated``: nobody minds, but it is not how it should be done
    * ``machine``: the table that says so, "session" for what joins connections; "" where the message alone says it
    """

    requirement: str
    sender: str
    channel: tuple[int, int]
    text: str
    expected: str = ""
    actual: str = ""
    now: float = 0.0
    tolerated: bool = False
    machine: str = ""

    def __str__(self) -> str:
        kind, number = self.channel
        text = f"{self.requirement}: {self.sender} on {channel_name(kind)}:{number}: {self.text}"
        if self.expected:
            text += f"; expected {self.expected}"
        return f"{text}; found {self.actual}" if self.actual else text
