"""Accounts of AGENT_DATA: one token is one message. Each direction has its own.

The client's tokens come with ``agent_tokens`` of INIT and with AGENT_CONNECTED_TOKENS, which begin anew, and with AGENT_TOKEN,
which adds; AGENT_CONNECTED leaves them as they were. The server's come with AGENT_START and with AGENT_TOKEN of the client.
"""

from __future__ import annotations

__all__ = ["GivenTokens", "Tokens"]

_MOST = (1 << 32) - 1


class Tokens:
    """What a sender may still send: ``left`` messages."""

    __slots__ = ("left",)

    def __init__(self, left: int = 0) -> None:
        self.left = left

    def set(self, count: int) -> None:
        """Tokens begin anew."""
        self.left = count

    def add(self, count: int) -> None:
        """AGENT_TOKEN came. There are never more than 2^32 - 1."""
        self.left = min(self.left + count, _MOST)

    def take(self) -> bool:
        """One for a message that is about to be sent; False if there is none."""
        if not self.left:
            return False
        self.left -= 1
        return True


class GivenTokens:
    """What a receiver has given: ``left`` that the sender still has, and ``taken``, messages that are done and owed back.

    ``batch`` tokens are given back at once: one AGENT_TOKEN for several messages (libspice-server 0.15.1: 5 of 10).
    """

    __slots__ = ("batch", "left", "taken")

    def __init__(self, count: int = 0, batch: int = 1) -> None:
        self.left = count
        self.batch = batch
        self.taken = 0

    def set(self, count: int) -> None:
        """The sender begins with ``count`` tokens; nothing is owed."""
        self.left = count
        self.taken = 0

    def resume(self, left: int, owed: int) -> None:
        """Go on where another was: the sender has ``left`` tokens, and ``owed`` are to be given back with the next ones."""
        self.left, self.taken = left, owed

    def received(self) -> bool:
        """One message came; False if the sender had no token for it."""
        if not self.left:
            return False
        self.left -= 1
        return True

    def done(self) -> int:
        """One message has been dealt with; how many tokens are to be given back now: 0, or ``num_tokens`` of an AGENT_TOKEN."""
        self.taken += 1
        if self.taken < self.batch:
            return 0
        count, self.taken = self.taken, 0
        self.left = min(self.left + count, _MOST)
        return count
