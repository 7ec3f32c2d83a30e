"""Files that clients send, onto the disk of the guest."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable
from typing import Any, Final

import msgspec

from reference_server.guest.disk import Disk, File
from spiceproto.agent.file_receiving import Bytes, Complete, FileReceiver, Offered, Refused, Stopped
from spiceproto.agent.file_status import error_detail
from spiceproto.agent.terms import Terms
from spiceproto.enums.agent import FileXferStatus

__all__ = ["Files"]

_FAILED: Final = 0
_NO_SPACE: Final = 12
_NO_PERMISSION: Final = 14
"""Codes of GLib's I/O errors."""


class ComingFile(msgspec.Struct, frozen=True):
    """A file of which ``data`` have come, of ``size`` bytes."""

    name: str
    size: int
    data: bytes


class MovedFiles(msgspec.Struct, frozen=True):
    """Transfers on their way to another server: what :class:`FileReceiver` knows of each, and what of each has come."""

    transfers: dict[int, tuple[str, int, int]]
    coming: dict[int, ComingFile]


class Files:
    """Transfers of one client; ``say`` sends what is to be answered, ``open`` are files by the id of the transfer."""

    def __init__(self, terms: Terms, disk: Disk, say: Callable[[Any], None]) -> None:
        self.receiver = FileReceiver(terms)
        self.disk = disk
        self.say = say
        self.open: dict[int, File] = {}

    def receive(self, value: Any) -> None:
        """A message of the client."""
        event = self.receiver.receive(value)
        if isinstance(event, Offered):
            self._offered(event)
        elif isinstance(event, Bytes | Complete):
            self._write(event)
        elif isinstance(event, Stopped):
            self._close(event.id, whole=False)
            if event.answer is not None:
                self.say(event.answer)
        elif isinstance(event, Refused):
            self.say(event.answer)

    def pack(self) -> MovedFiles:
        """What is under way. Raises OSError."""
        coming = {id: ComingFile(name=file.name, size=file.size, data=file.so_far()) for id, file in self.open.items()}
        return MovedFiles(self.receiver.pack(), coming)

    def unpack(self, moved: MovedFiles) -> None:
        """Go on where the agent was on another server; a file that can not be written here is over, and the client is told."""
        self.receiver.unpack(moved.transfers)
        for id in self.receiver.active:
            found = moved.coming.get(id)
            try:
                if found is None:
                    raise OSError(errno.EIO, "the beginning of the file is not here")
                file = self.open[id] = self.disk.create(found.name, found.size)
                file.write(found.data)
            except (OSError, ValueError) as error:
                self._fail(id, error)

    def stop(self) -> None:
        """The client is gone; files that are not whole are removed."""
        for event in self.receiver.end_all():
            self._close(event.id, whole=False)

    def _offered(self, event: Offered) -> None:
        try:
            free = self.disk.free
            if event.size <= free:
                self.open[event.id] = self.disk.create(event.name, event.size)
        except (OSError, ValueError) as error:
            self._fail(event.id, error)
        else:
            self.say(self.receiver.accept(event.id, free))

    def _write(self, event: Bytes | Complete) -> None:
        file = self.open[event.id]
        try:
            if event.data:
                file.write(event.data)
        except OSError as error:
            self._fail(event.id, error)
            return
        if isinstance(event, Complete):
            self._store(event.id)

    def _store(self, id: int) -> None:
        try:
            self.open.pop(id).end(whole=True)
        except OSError as error:
            self._fail(id, error)
        else:
            self.say(self.receiver.end(id, FileXferStatus.SUCCESS))

    def _close(self, id: int, *, whole: bool) -> None:
        file = self.open.pop(id, None)
        if file is not None:
            with contextlib.suppress(OSError):  # nobody waits for it
                file.end(whole)

    def _fail(self, id: int, error: Exception) -> None:
        """It cannot be stored; the client is told why."""
        self._close(id, whole=False)
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        code = _NO_SPACE if full else _NO_PERMISSION if isinstance(error, PermissionError) else _FAILED
        self.say(self.receiver.end(id, FileXferStatus.ERROR, error_detail(code)))
