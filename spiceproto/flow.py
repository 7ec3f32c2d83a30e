"""Who may send how much before the other says that it came: acknowledgement windows, pings, and waiting for channels.

**Acknowledgements.** The server says SET_ACK(generation, window); the client answers ACK_SYNC(generation) and from
then on sends one ACK for every ``window`` messages it received. The server stops when more than two windows are open,
and does not count ACKs before the ACK_SYNC of its newest generation: they were sent under an older window. Sub-messages
do not count. Only spice-server's display and cursor channels use it.

**Pings.** A PONG repeats id and time stamp of its PING and nothing of its padding.

**Waiting.** WAIT_FOR_CHANNELS names messages of other channels that must have been handled before the next message of
this one is. A channel that is not there is not waited for.

All of it counts and compares; what to send and when is :mod:`spiceproto.channel`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from spiceproto.messages.common import ChannelWait, Ping, Pong, SetAck

__all__ = ["AckReceiver", "AckSender", "Barrier", "Pings", "pong"]

_PINGS = 64
"""Unanswered pings that are remembered; spice-server has at most three under way."""


class AckReceiver:
    """The client's side: counts messages received.

    ``window`` messages earn one ACK; 0 for none. ``generation`` is that of the last SET_ACK, None before.
    """

    __slots__ = ("_left", "generation", "window")

    def __init__(self) -> None:
        self.generation: int | None = None
        self.window = 0
        self._left = 0

    def received(self) -> bool:
        """A message came in; True if an ACK is to be sent now, before the message is handled.

        A SET_ACK counts as well, under the window that it ends (observed of spice-gtk 0.42).
        """
        if not self._left:
            return False
        self._left -= 1
        if self._left:
            return False
        self._left = self.window
        return True

    def set_ack(self, generation: int, window: int) -> None:
        """A new window, from the next message on. ACK_SYNC(generation) is due."""
        self.generation = generation
        self.window = self._left = window


class AckSender:
    """The server's side: counts messages sent.

    ``window`` is that of the newest SET_ACK, 0 while there is none; ``open`` is the number of messages sent since that
    and not acknowledged; ``generation`` counts the SET_ACKs; ``synced`` says whether ACK_SYNC has come for the newest.
    """

    __slots__ = ("generation", "open", "synced", "window")

    def __init__(self) -> None:
        self.generation = 0
        self.window = 0
        self.open = 0
        self.synced = False

    @property
    def blocked(self) -> bool:
        """Whether nothing more may be sent before an ACK."""
        return self.window > 0 and self.open > 2 * self.window

    def set_ack(self, window: int) -> SetAck:
        """A new window: the message that says so. It counts neither under the old nor under the new one."""
        self.generation = self.generation + 1 & 0xFFFFFFFF
        self.window = window
        self.open = 0
        self.synced = False
        return SetAck(self.generation, window)

    def sent(self) -> None:
        """A message went out."""
        self.open += 1

    def ack_sync(self, generation: int) -> bool:
        """ACK_SYNC came; whether it is that of the newest generation. Another one changes nothing."""
        if generation != self.generation or not self.generation:
            return False
        self.synced = True
        return True

    def ack(self) -> bool:
        """ACK came; whether it counts. One before ACK_SYNC, or before any SET_ACK, is harmless."""
        if not self.synced:
            return False
        self.open = max(self.open - self.window, 0)
        return True


class Pings:
    """Pings under way: id and time stamp to the time they were sent at. ``now`` is any clock, in seconds."""

    __slots__ = ("_next", "_sent")

    def __init__(self) -> None:
        self._next = 1
        self._sent: dict[tuple[int, int], float] = {}

    def __len__(self) -> int:
        return len(self._sent)

    def __contains__(self, answer: Pong) -> bool:
        """Whether a PING waits for this answer."""
        return (answer.id, answer.timestamp) in self._sent

    def ping(self, now: float, padding: int = 0) -> Ping:
        """The next PING, with ``padding`` zero bytes. Its time stamp counts microseconds of the caller's clock."""
        number = self._next
        self._next = number + 1 & 0xFFFFFFFF
        found = Ping(number, int(now * 1_000_000) & 0xFFFFFFFFFFFFFFFF, bytes(padding))
        if len(self._sent) >= _PINGS:
            del self._sent[next(iter(self._sent))]
        self._sent[number, found.timestamp] = now
        return found

    def pong(self, answer: Pong, now: float) -> float | None:
        """Seconds since the PING; None for a PONG nobody waits for, which is no error."""
        sent = self._sent.pop((answer.id, answer.timestamp), None)
        return None if sent is None else now - sent


def pong(ping: Ping) -> Pong:
    """The answer to a PING."""
    return Pong(ping.id, ping.timestamp)


class Barrier:
    """Holds a channel back until other channels have handled what WAIT_FOR_CHANNELS named."""

    __slots__ = ("waiting",)

    def __init__(self) -> None:
        self.waiting: tuple[ChannelWait, ...] = ()

    def wait(self, wait_list: Iterable[ChannelWait]) -> None:
        """These must be handled too."""
        self.waiting += tuple(wait_list)

    def check(self, handled: Callable[[int, int], int | None]) -> bool:
        """Whether the channel may go on.

        ``handled(channel_type, channel_id)`` is the serial of the last message that this channel handled; None if there
        is no such channel.
        """
        left = []
        for item in self.waiting:
            serial = handled(item.channel_type, item.channel_id)
            if serial is not None and serial < item.message_serial:
                left.append(item)
        self.waiting = tuple(left)
        return not left
