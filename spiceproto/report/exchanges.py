"""What the ends of a channel say about the way between them: answers to pings, acknowledgements, tokens of the agent.

What is behind a hole is not concluded from what was before it: pings wait for no answer then, and how many tokens are left is
not known.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

__all__ = ["EXCHANGED", "Acknowledged", "Exchange", "RoundTrips", "Tokens"]

_WAITING: Final = 1 << 10
"""Pings of a channel without an answer that are remembered; the oldest is forgotten first."""

_WINDOWS: Final = 16
"""Windows of a channel that are told one by one."""

EXCHANGED: Final = frozenset(
    {
        "ACK",
        "AGENT_CONNECTED",
        "AGENT_CONNECTED_TOKENS",
        "AGENT_DATA",
        "AGENT_START",
        "AGENT_TOKEN",
        "INIT",
        "PING",
        "PONG",
        "SET_ACK",
    }
)
"""Messages that are looked at: INIT on main alone."""


class RoundTrips(msgspec.Struct):
    """Answers to pings: how many, and seconds from the PING to its PONG, where the capture was made."""

    connection: int
    channel: str
    pings: int = 0
    answered: int = 0
    least: float | None = None
    most: float | None = None
    total: float = 0.0

    @property
    def mean(self) -> float | None:
        """None without an answer."""
        return self.total / self.answered if self.answered else None


class Acknowledged(msgspec.Struct):
    """``windows`` that SET_ACK has set, each once; ACK of the client, and messages of the server behind the first SET_ACK."""

    connection: int
    channel: str
    windows: list[int]
    acks: int = 0
    messages: int = 0


class Tokens(msgspec.Struct):
    """AGENT_DATA of one ``sender``: tokens that it was given, messages, and how few were left; None where nobody can know."""

    connection: int
    sender: str
    given: int = 0
    messages: int = 0
    least: int | None = None
    left: int | None = None


class Exchange:
    """One connection."""

    def __init__(self, connection: int, channel: str) -> None:
        self.trips = RoundTrips(connection, channel)
        self.acknowledged = Acknowledged(connection, channel, [])
        self.tokens = {sender: Tokens(connection, sender) for sender in ("client", "server")}
        self._waiting: dict[tuple[int, int], int] = {}

    def forget(self) -> None:
        """Bytes of the connection are missing."""
        self._waiting.clear()
        for tokens in self.tokens.values():
            tokens.left = None

    def message(self, sender: str, name: str, value: Any, time_ns: int) -> None:
        """One of :data:`EXCHANGED`."""
        match name:
            case "PING":
                self._ping((value.id, value.timestamp), time_ns)
            case "PONG":
                self._pong((value.id, value.timestamp), time_ns)
            case "SET_ACK":
                windows = self.acknowledged.windows
                if value.window not in windows and len(windows) < _WINDOWS:
                    windows.append(value.window)
            case "ACK":
                self.acknowledged.acks += 1
            case "INIT" if value.agent_connected:
                self._begin("client", value.agent_tokens)
            case "AGENT_CONNECTED_TOKENS":
                self._begin("client", value.num_tokens)
            case "AGENT_CONNECTED":
                self.tokens["client"].left = None
            case "AGENT_START":
                self._begin("server", value.num_tokens)
            case "AGENT_TOKEN":
                self._give("client" if sender == "server" else "server", value.num_tokens)
            case "AGENT_DATA":
                self._use(sender)

    def _ping(self, id: tuple[int, int], time_ns: int) -> None:
        self.trips.pings += 1
        self._waiting.pop(id, None)
        if len(self._waiting) >= _WAITING:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[id] = time_ns

    def _pong(self, id: tuple[int, int], time_ns: int) -> None:
        began = self._waiting.pop(id, None)
        if began is None:
            return
        trips, seconds = self.trips, max(time_ns - began, 0) / 1e9
        trips.answered += 1
        trips.total += seconds
        trips.least = seconds if trips.least is None else min(trips.least, seconds)
        trips.most = seconds if trips.most is None else max(trips.most, seconds)

    def _begin(self, sender: str, count: int) -> None:
        tokens = self.tokens[sender]
        tokens.given += count
        tokens.left = count
        tokens.least = count if tokens.least is None else min(tokens.least, count)

    def _give(self, sender: str, count: int) -> None:
        tokens = self.tokens[sender]
        tokens.given += count
        if tokens.left is not None:
            tokens.left += count

    def _use(self, sender: str) -> None:
        tokens = self.tokens[sender]
        tokens.messages += 1
        if tokens.left is not None:
            tokens.left -= 1
            tokens.least = tokens.left if tokens.least is None else min(tokens.least, tokens.left)
