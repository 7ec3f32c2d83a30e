"""Faults of an agent's files (14.7)."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from reference_server.faults.fault import fault
from reference_server.guest.disk import Disk, File
from reference_server.guests.agent import PlayedAgent
from reference_server.guests.agent.files import Files
from spiceproto.agent import file_start
from spiceproto.agent.file_receiving import Offered
from spiceproto.enums.agent import FileXferStatus
from spiceproto.errors import RemoteError
from spiceproto.messages.agent import FileXferData, FileXferStart, FileXferStatusMessage

_SPACE: Final = 8


@fault("agent-answers-no-file", "SPICE-AGENT-053")
class AgentAnswersNoFile(PlayedAgent):
    """Does not answer FILE_XFER_START."""

    def file(self, value: Any) -> None:
        if not isinstance(value, FileXferStart):
            super().file(value)


@fault("agent-answers-no-file-without-a-name", "SPICE-AGENT-053")
class AgentAnswersNoFileWithoutAName(PlayedAgent):
    """Does not answer FILE_XFER_START that names no file."""

    def file(self, value: Any) -> None:
        if isinstance(value, FileXferStart):
            try:
                file_start.parse(value.data)
            except RemoteError:
                return
        super().file(value)


@fault("agent-succeeds-too-early", "SPICE-AGENT-054")
class AgentSucceedsTooEarly(PlayedAgent):
    """Says SUCCESS with the first bytes of a file."""

    def say(self, value: Any) -> None:
        super().say(value)
        if isinstance(value, FileXferStatusMessage) and value.result == FileXferStatus.CAN_SEND_DATA:
            super().say(msgspec.structs.replace(value, result=FileXferStatus.SUCCESS))


@fault("agent-tells-more-than-error", "SPICE-AGENT-055")
class AgentTellsMoreThanError(PlayedAgent):
    """Says NOT_ENOUGH_SPACE in place of ERROR to every client."""

    def say(self, value: Any) -> None:
        if isinstance(value, FileXferStatusMessage) and value.result == FileXferStatus.ERROR and not value.data:
            value = FileXferStatusMessage(value.id, FileXferStatus.NOT_ENOUGH_SPACE, bytes(_SPACE))
        super().say(value)


@fault("agent-status-of-another-file", "SPICE-AGENT-056")
class AgentStatusOfAnotherFile(PlayedAgent):
    """Sends FILE_XFER_STATUS for a transfer that nobody has started, too."""

    def say(self, value: Any) -> None:
        super().say(value)
        if isinstance(value, FileXferStatusMessage) and value.result == FileXferStatus.CAN_SEND_DATA:
            super().say(FileXferStatusMessage(value.id ^ 0x5A5A, FileXferStatus.CANCELLED, b""))


class _PathFiles(Files):
    """Writes where the name says; on a disk in memory, which has no folders but what is in its names."""

    raw: str = ""

    def receive(self, value: Any) -> None:
        self.raw = ""
        if isinstance(value, FileXferStart):
            try:
                self.raw = file_start.parse(value.data).name
            except RemoteError:
                self.raw = ""
        super().receive(value)

    def _offered(self, event: Offered) -> None:
        if self.raw and self.raw != event.name and self.disk.folder is None and event.size <= self.disk.free:
            self.open[event.id] = _unchecked(self.disk, self.raw, event.size)
            self.say(self.receiver.accept(event.id))
        else:
            super()._offered(event)


def _unchecked(disk: Disk, name: str, size: int) -> File:
    return File(disk, name, size, None, None)


@fault("agent-follows-paths", "SPICE-AGENT-057")
class AgentFollowsPaths(PlayedAgent):
    """Takes the name of a file for a path."""

    files_class = _PathFiles


class _Patient(Files):
    """Takes more bytes than a file has."""

    def receive(self, value: Any) -> None:
        if isinstance(value, FileXferData) and value.id in self.open:
            value = msgspec.structs.replace(value, data=value.data[: self.receiver.left(value.id)])
        super().receive(value)


@fault("agent-takes-more-than-the-file", "SPICE-AGENT-058")
class AgentTakesMoreThanTheFile(PlayedAgent):
    """Stores a file of which more bytes have come than it has."""

    files_class = _Patient
