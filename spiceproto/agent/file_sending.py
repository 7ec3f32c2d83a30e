"""Files that go to the guest.

    asked     START is sent, and nothing else before the agent says CAN_SEND_DATA
    sending   it may have the bytes, in order, as fast as tokens allow
    sent      it has them all, and will say SUCCESS
    over      by SUCCESS, by another result of the agent, or because this end gave up

An empty file is one DATA of 0 bytes (spice-vdagent 0.22.1 says SUCCESS to data, and to nothing else). Each end may send
CANCELLED, or another result, at any time; that ends the transfer, and what is under way then is ignored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from spiceproto import limits
from spiceproto.agent import file_start
from spiceproto.agent.file_start import FileStart
from spiceproto.agent.terms import Terms
from spiceproto.enums.agent import FileXferStatus
from spiceproto.errors import LocalError
from spiceproto.messages.agent import FileXferData, FileXferStart, FileXferStatusMessage

__all__ = ["PIECE", "Begun", "Ended", "Event", "FileSender", "FileSendings"]

PIECE: Final = 64 << 10
"""Bytes of one FILE_XFER_DATA, as spice-gtk has them."""

_IDS: Final = 1 << 32


class Event(msgspec.Struct, frozen=True):
    """What became of the transfer ``id``."""

    id: int


class Begun(Event, frozen=True):
    """The agent takes the file."""


class Ended(Event, frozen=True):
    """It is over. ``result`` is SUCCESS where the guest has the file; ``status`` is the agent's message, if there was one."""

    result: int
    status: FileXferStatusMessage | None = None


class FileSender:
    """One file. ``state`` is one of those above; ``sent`` counts bytes, of ``start.size``."""

    __slots__ = ("empty_due", "id", "sent", "start", "state")

    def __init__(self, id: int, start: FileStart) -> None:
        self.id = id
        self.start = start
        self.state = "asked"
        self.sent = 0
        self.empty_due = not start.size

    @property
    def ready(self) -> bool:
        """Whether :meth:`data` may be called."""
        return self.state == "sending"

    @property
    def wanted(self) -> int:
        """Bytes that the next :meth:`data` should have; 0 as well for the one of an empty file."""
        return min(self.start.size - self.sent, PIECE) if self.state == "sending" else 0

    def data(self, data: bytes) -> FileXferData:
        """The next bytes of the file. Raises LocalError before CAN_SEND_DATA, and for none or for more than there are."""
        if self.state != "sending":
            raise LocalError("the agent does not wait for this file", expected="CAN_SEND_DATA", actual=self.state)
        left = self.start.size - self.sent
        if len(data) > left or (not data and not self.empty_due):
            raise LocalError("not what is left of the file", expected=f"1 to {left} bytes", actual=str(len(data)))
        self.sent += len(data)
        self.empty_due = False
        if self.sent == self.start.size:
            self.state = "sent"
        return FileXferData(self.id, data)


class FileSendings:
    """All files under way to one agent. ``active`` has them by their ids, in the order of their beginning."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.active: dict[int, FileSender] = {}
        self._next = 1

    def offer(self, name: str, size: int) -> tuple[FileSender, FileXferStart]:
        """A file that is to be sent: its transfer, and the message.

        Raises LocalError where the guest takes no files, for too many at once, and for what :func:`file_start.build` refuses.
        """
        if not self.terms.files:
            raise LocalError("the guest takes no files", expected="an agent without FILE_XFER_DISABLED")
        if len(self.active) >= limits.FILE_TRANSFERS:
            raise LocalError("too many files at once", expected=f"at most {limits.FILE_TRANSFERS}")
        start = FileStart(name, size)
        data = file_start.build(start)
        sender = FileSender(self._free_id(), start)
        self.active[sender.id] = sender
        return sender, FileXferStart(sender.id, data)

    def _free_id(self) -> int:
        while self._next in self.active:
            self._next = (self._next + 1) % _IDS
        found, self._next = self._next, (self._next + 1) % _IDS
        return found

    def ready(self) -> Iterator[FileSender]:
        """Those whose bytes the agent waits for."""
        return (sender for sender in list(self.active.values()) if sender.ready)

    def receive(self, value: FileXferStatusMessage) -> Event | None:
        """How a transfer goes. None for one that is unknown or over, for a second CAN_SEND_DATA, and for an unknown result."""
        sender = self.active.get(value.id)
        if sender is None:
            return None
        if value.result == FileXferStatus.CAN_SEND_DATA:
            if sender.state != "asked":
                return None
            sender.state = "sending"
            return Begun(sender.id)
        if value.result not in FileXferStatus._value2member_map_:
            return None
        self._over(sender)
        return Ended(sender.id, value.result, value)

    def cancel(self, id: int, result: int = FileXferStatus.CANCELLED) -> FileXferStatusMessage | None:
        """This end gives up: the user does, or (``result`` ERROR) the file can not be read. None if it is over already."""
        sender = self.active.get(id)
        if sender is None:
            return None
        self._over(sender)
        return FileXferStatusMessage(id, result, b"")

    def end_all(self, result: int = FileXferStatus.CANCELLED) -> list[Ended]:
        """The agent is gone, and all transfers with it; nothing is sent."""
        ended = list(self.active.values())
        for sender in ended:
            self._over(sender)
        return [Ended(sender.id, result) for sender in ended]

    def _over(self, sender: FileSender) -> None:
        sender.state = "over"
        del self.active[sender.id]
