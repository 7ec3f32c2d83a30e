"""Files that clients send, onto the disk of the guest."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable
from typing import Any, Final

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
