"""The count of a channel whose server is acknowledged, and whose client gets other messages than it has sent."""

from __future__ import annotations

from typing import Final

__all__ = ["ACK", "SET_ACK", "Acks"]

SET_ACK: Final = 3
"""Type of the server's message that begins a count."""

ACK: Final = 2
"""Type of the client's answer to every so many."""


class Acks:
    """Messages that the client of a channel got more, or fewer, than its server has sent, since the last SET_ACK."""

    def __init__(self) -> None:
        self.window = 0
        self.more = 0

    def set(self, body: bytes) -> None:
        """The server begins anew."""
        self.window = int.from_bytes(body[4:8], "little") if len(body) >= 8 else 0
        self.more = 0

    def lacks(self) -> bool:
        """Whether an ACK is due that the client will not send."""
        if not self.window or self.more > -self.window:
            return False
        self.more += self.window
        return True

    def spares(self) -> bool:
        """Whether the client has sent one for what the server knows nothing of."""
        if not self.window or self.more < self.window:
            return False
        self.more -= self.window
        return True
