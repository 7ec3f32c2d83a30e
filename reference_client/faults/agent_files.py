"""Faults of files that go to the guest (spec/14-agent.md)."""

from __future__ import annotations

import msgspec

from reference_client.agent import AgentFiles
from reference_client.agent.part import Talk
from reference_client.faults.agent_part import agent_fault
from spiceproto.agent.file_sending import FileSender, FileSendings
from spiceproto.agent.terms import Terms
from spiceproto.enums.agent import FileXferStatus
from spiceproto.messages import agent


@agent_fault("sends-files-unasked", "SPICE-AGENT-045", "SPICE-AGENT-061")
class SendsFilesUnasked(AgentFiles):
    """Sends the bytes of a file behind its name, and does not wait until they are asked for."""

    def offer(self) -> None:
        super().offer()
        for sender in self.sendings.active.values():
            if sender.state == "asked":
                sender.state = "sending"
        self.talk.flush()


@agent_fault("sends-more-than-the-file", "SPICE-AGENT-046")
class SendsMoreThanTheFile(AgentFiles):
    """Sends a byte more than the size of the file."""

    def data(self, sender: FileSender, content: bytes) -> agent.FileXferData | None:
        found = super().data(sender, content)
        assert found is not None
        return msgspec.structs.replace(found, data=found.data + b"!") if sender.state == "sent" else found


class _OneNumber(FileSendings):
    def _free_id(self) -> int:
        return 1


@agent_fault("one-id-for-all-files", "SPICE-AGENT-047")
class OneIdForAllFiles(AgentFiles):
    """Gives all files the same id."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(talk)
        self.sendings = _OneNumber(self.terms)


class _Willing(Terms):
    @property
    def files(self) -> bool:
        return True


@agent_fault("files-for-anybody", "SPICE-AGENT-048")
class FilesForAnybody(AgentFiles):
    """Offers files to an agent that takes none."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(talk)
        self.sendings = FileSendings(_Willing(self.terms.mine, client=True))


@agent_fault("no-bytes-of-empty-files", "SPICE-AGENT-049")
class NoBytesOfEmptyFiles(AgentFiles):
    """Sends nothing for a file that is empty."""

    def data(self, sender: FileSender, content: bytes) -> agent.FileXferData | None:
        found = super().data(sender, content)
        return found if content else None


@agent_fault("no-size-of-files", "SPICE-AGENT-050")
class NoSizeOfFiles(AgentFiles):
    """Does not say how large a file is."""

    def start(self, message: agent.FileXferStart) -> agent.FileXferStart:
        return msgspec.structs.replace(message, data=message.data.replace(b"\nsize=", b"\nlength="))


@agent_fault("paths-of-files", "SPICE-AGENT-051")
class PathsOfFiles(AgentFiles):
    """Says in which folder a file was, too."""

    def name(self, name: str) -> str:
        return f"/home/user/{name}"


@agent_fault("no-unknown-transfers", "SPICE-AGENT-052")
class NoUnknownTransfers(AgentFiles):
    """Ends the session for the status of a file that nobody sends."""

    def on_status(self, value: agent.FileXferStatusMessage, now: float) -> None:
        if value.id not in self.under_way:
            self.talk.host.end("nobody sends this file", orderly=False)
        super().on_status(value, now)


@agent_fault("unknown-result-ends-file", "SPICE-AGENT-052")
class UnknownResultEndsFile(AgentFiles):
    """Takes a result that nobody knows for an error."""

    def on_status(self, value: agent.FileXferStatusMessage, now: float) -> None:
        known = value.result in FileXferStatus._value2member_map_
        super().on_status(value if known else msgspec.structs.replace(value, result=FileXferStatus.ERROR), now)


@agent_fault("files-outlive-their-agent", "SPICE-AGENT-061", "SPICE-AGENT-045")
class FilesOutliveTheirAgent(AgentFiles):
    """Goes on with the second half of a file when another agent has come."""

    def lost(self, now: float) -> None:
        for sender in self.sendings.active.values():
            if sender.state != "asked":
                sender.state, sender.sent = "sending", sender.start.size // 2

    def agreed(self, now: float) -> None:
        super().agreed(now)
        self.talk.flush()

    def fill(self, now: float) -> None:
        if self.terms.heard:
            super().fill(now)
