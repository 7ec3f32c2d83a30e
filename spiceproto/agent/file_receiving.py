"""Files that come from a client.

    offered    START came, and whoever has the folder decides: :meth:`FileReceiver.accept` or :meth:`FileReceiver.end`
    receiving  the client was told CAN_SEND_DATA
    complete   all bytes are there; :meth:`FileReceiver.end` with SUCCESS once they are stored

What comes for another id is ignored: it is of a transfer that is over. Bytes before CAN_SEND_DATA, or more than were announced,
end the transfer with ERROR.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from spiceproto import limits
from spiceproto.agent import file_start
from spiceproto.agent.file_status import error_detail, space_detail, status
from spiceproto.agent.terms import Terms
from spiceproto.enums.agent import AgentCapability, FileXferStatus
from spiceproto.errors import RemoteError
from spiceproto.messages.agent import FileXferData, FileXferStart, FileXferStatusMessage

__all__ = ["Bytes", "Complete", "Event", "FileReceiver", "Offered", "Refused", "Stopped"]

_TOO_MANY_OPEN_FILES = 31
_INVALID_ARGUMENT = 13


class Event(msgspec.Struct, frozen=True):
    """What comes of the transfer ``id``."""

    id: int


class Offered(Event, frozen=True):
    """A file is offered. ``name`` is no path, and may be taken in the folder; ``size`` in bytes."""

    name: str
    size: int


class Bytes(Event, frozen=True):
    """The next bytes of the file; perhaps none."""

    data: bytes


class Complete(Event, frozen=True):
    """The last bytes of the file; perhaps none."""

    data: bytes


class Refused(Event, frozen=True):
    """A transfer that does not begin; ``answer`` is to be sent."""

    answer: FileXferStatusMessage


class Stopped(Event, frozen=True):
    """The transfer is over, and what came of the file is good for nothing; ``answer`` is to be sent if there is one."""

    answer: FileXferStatusMessage | None = None


class _Transfer:
    __slots__ = ("left", "size", "state")

    def __init__(self, size: int) -> None:
        self.state = "offered"
        self.size = self.left = size


class FileReceiver:
    """All transfers of one client."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._transfers: dict[int, _Transfer] = {}

    @property
    def active(self) -> tuple[int, ...]:
        """Ids of the transfers under way."""
        return tuple(self._transfers)

    def left(self, id: int) -> int:
        """Bytes that have not come."""
        return self._transfers[id].left

    # -- one that goes on where another was

    def pack(self) -> dict[int, tuple[str, int, int]]:
        """State, size, and bytes that have not come, of each transfer by its id."""
        return {id: (transfer.state, transfer.size, transfer.left) for id, transfer in self._transfers.items()}

    def unpack(self, transfers: Mapping[int, tuple[str, int, int]]) -> None:
        """Have the same under way."""
        for id, (state, size, left) in list(transfers.items())[: limits.FILE_TRANSFERS]:
            found = self._transfers[id] = _Transfer(size)
            found.state, found.left = state, left

    # -- what the client says

    def receive(self, value: Any) -> Event | None:
        """A FILE_XFER_START, FILE_XFER_DATA or FILE_XFER_STATUS of the client. None for what changes nothing."""
        if isinstance(value, FileXferStart):
            return self._start(value)
        transfer = self._transfers.get(value.id)
        if transfer is None:
            return None
        if isinstance(value, FileXferData):
            return self._data(value.id, transfer, value.data)
        if value.result == FileXferStatus.CAN_SEND_DATA or value.result not in FileXferStatus._value2member_map_:
            return None
        del self._transfers[value.id]
        return Stopped(value.id)

    def _start(self, value: FileXferStart) -> Event:
        if self.terms.mine >> AgentCapability.FILE_XFER_DISABLED & 1:
            return Refused(value.id, status(self.terms, value.id, FileXferStatus.DISABLED))
        if value.id in self._transfers:
            # Both transfers would be one: the first is over, too.
            del self._transfers[value.id]
            return Stopped(value.id, status(self.terms, value.id, FileXferStatus.ERROR))
        if len(self._transfers) >= limits.FILE_TRANSFERS:
            detail = error_detail(_TOO_MANY_OPEN_FILES)
            return Refused(value.id, status(self.terms, value.id, FileXferStatus.ERROR, detail))
        try:
            start = file_start.parse(value.data)
        except RemoteError:
            detail = error_detail(_INVALID_ARGUMENT)
            return Refused(value.id, status(self.terms, value.id, FileXferStatus.ERROR, detail))
        self._transfers[value.id] = _Transfer(start.size)
        return Offered(value.id, file_start.file_name(start.name), start.size)

    def _data(self, id: int, transfer: _Transfer, data: bytes) -> Event | None:
        if transfer.state == "complete" and not data:
            return None
        if transfer.state != "receiving" or len(data) > transfer.left:
            del self._transfers[id]
            return Stopped(id, status(self.terms, id, FileXferStatus.ERROR, error_detail(_INVALID_ARGUMENT)))
        transfer.left -= len(data)
        if transfer.left:
            return Bytes(id, data)
        transfer.state = "complete"
        return Complete(id, data)

    # -- what this end says

    def accept(self, id: int, free: int | None = None) -> FileXferStatusMessage:
        """The client may send the file, if it fits into ``free`` bytes; else the transfer is over. The message to be sent."""
        transfer = self._transfers[id]
        if free is not None and transfer.size > free:
            return self.end(id, FileXferStatus.NOT_ENOUGH_SPACE, space_detail(free))
        transfer.state = "receiving"
        return status(self.terms, id, FileXferStatus.CAN_SEND_DATA)

    def end(self, id: int, result: int, detail: bytes = b"") -> FileXferStatusMessage:
        """The transfer is over: it is stored (SUCCESS), refused, given up, or failed. The message to be sent."""
        del self._transfers[id]
        return status(self.terms, id, result, detail)

    def end_all(self) -> list[Stopped]:
        """The client is gone; nothing is sent."""
        ended = [Stopped(id) for id in self._transfers]
        self._transfers.clear()
        return ended
