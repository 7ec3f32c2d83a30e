"""Files that go to the guest.

A file is offered as soon as there is an agent that takes it. Its bytes are read when the agent asks for them and as tokens
allow, by turns where there are several. When the agent goes, its transfers are over: the next agent is offered the files
again, from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from reference_client.agent.part import Handlers, Part, Talk
from reference_client.events import Event
from spiceproto.agent import file_sending, file_status
from spiceproto.agent.file_sending import FileSender, FileSendings
from spiceproto.enums.agent import FileXferStatus
from spiceproto.errors import LocalError
from spiceproto.messages import agent

__all__ = ["AgentFiles", "FileBegun", "FileEnded", "FileProgress", "Outgoing"]

_TELL: Final = 0.2
"""Seconds between two events about the progress of one file."""

Read = Callable[[int, int], bytes]
"""Gives bytes of a file: from which byte on, and how many. Raises OSError."""

_MEANINGS: Final = {
    FileXferStatus.CANCELLED: "the guest has cancelled it",
    FileXferStatus.ERROR: "the guest could not write it",
    FileXferStatus.NOT_ENOUGH_SPACE: "the guest has not enough space",
    FileXferStatus.SESSION_LOCKED: "the guest's session is locked",
    FileXferStatus.VDAGENT_NOT_CONNECTED: "nobody is logged in at the guest",
    FileXferStatus.DISABLED: "the guest takes no files",
}


class FileBegun(Event, frozen=True, tag="file-begun"):
    """The guest takes a file."""

    file: int
    name: str
    size: int


class FileProgress(Event, frozen=True, tag="file-progress"):
    """So many bytes of a file have left."""

    file: int
    name: str
    sent: int
    size: int


class FileEnded(Event, frozen=True, tag="file-ended"):
    """A file is in the guest, or will not be.

    * ``result``: "success", or what went wrong: "cancelled", "error", "not-enough-space", "session-locked",
      "vdagent-not-connected", "disabled", or "unreadable" for a file that can not be read here
    * ``text``: the same for people, "" for success
    """

    file: int
    name: str
    result: str
    text: str


class Outgoing:
    """One file: ``number`` is its own, ``sender`` its transfer to the agent that there is, None without one."""

    def __init__(self, number: int, name: str, size: int, read: Read) -> None:
        self.number = number
        self.name = name
        self.size = size
        self.read = read
        self.sender: FileSender | None = None
        self.told = float("-inf")


class AgentFiles(Part):
    """``waiting`` have not been offered to the agent there is, ``under_way`` are, by the ids of their transfers."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(talk)
        self.sendings = FileSendings(talk.terms)
        self.waiting: list[Outgoing] = []
        self.under_way: dict[int, Outgoing] = {}
        self._number = 0

    # -- what the user does

    def send(self, name: str, size: int, read: Read) -> int:
        """Have the guest get a file; its number, which events have. ``read`` gives its bytes.

        Raises LocalError for an agent that takes no files.
        """
        if self.terms.heard and not self.sendings.terms.files:
            raise LocalError("the guest takes no files", expected="an agent without FILE_XFER_DISABLED")
        self._number += 1
        self.waiting.append(Outgoing(self._number, self.name(name), size, read))
        self.offer()
        return self._number

    def name(self, name: str) -> str:
        """What a file is called in the guest: never a path (SPICE-AGENT-051)."""
        return name.replace("\\", "/").rpartition("/")[2] or "file"

    def cancel(self, number: int) -> None:
        """Have it no more. Raises LocalError for a number that is none, and for a file that is over."""
        for file in list(self.waiting):
            if file.number == number:
                self.waiting.remove(file)
                self._ended(file, FileXferStatus.CANCELLED, "it was cancelled here")
                return
        for id, file in list(self.under_way.items()):
            if file.number == number:
                self._give_up(id, FileXferStatus.CANCELLED)
                self._ended(file, FileXferStatus.CANCELLED, "it was cancelled here")
                self.offer()
                self.talk.flush()
                return
        numbers = [file.number for file in (*self.waiting, *self.under_way.values())]
        if not numbers:
            raise LocalError("no file is under way")
        raise LocalError("no such file is under way", expected=", ".join(map(str, numbers)), actual=str(number))

    @property
    def busy(self) -> bool:
        """Whether any file is not over."""
        return bool(self.waiting or self.under_way)

    # -- what the agent does

    def agreed(self, now: float) -> None:
        self.offer()

    def offer(self) -> None:
        """Offer what waits to the agent there is, as many as may be under way."""
        while self.waiting and self.terms.heard:
            file = self.waiting[0]
            try:
                sender, start = self.sendings.offer(file.name, file.size)
            except LocalError as error:
                if self.terms.files and self.under_way:
                    return  # too many at once: it is offered when one of them is over
                self.waiting.pop(0)
                self._ended(file, FileXferStatus.DISABLED, str(error))
                continue
            self.waiting.pop(0)
            file.sender = sender
            self.under_way[sender.id] = file
            self.talk.say(self.start(start))

    def start(self, message: agent.FileXferStart) -> agent.FileXferStart:
        """The message that offers a file."""
        return message

    def data(self, sender: FileSender, content: bytes) -> agent.FileXferData | None:
        """The message with the next bytes of a file; one without any for an empty one (SPICE-AGENT-049)."""
        return sender.data(content)

    def on_status(self, value: agent.FileXferStatusMessage, now: float) -> None:
        """The agent takes a file, has it, or will not have it."""
        event = self.sendings.receive(value)
        if isinstance(event, file_sending.Begun):
            file = self.under_way[event.id]
            self.talk.host.tell(FileBegun(file.number, file.name, file.size))
            self.talk.flush()
        elif isinstance(event, file_sending.Ended):
            file = self.under_way.pop(event.id)
            self._ended(file, event.result, "" if event.result == FileXferStatus.SUCCESS else _meaning(event))
            self.offer()

    def lost(self, now: float) -> None:
        """Transfers end with their agent; the files wait for another one."""
        self.sendings.end_all()
        for file in self.under_way.values():
            file.sender = None
        self.waiting = [*self.under_way.values(), *self.waiting]
        self.under_way = {}

    def inherit(self, before: AgentFiles) -> None:
        """Files that an agent has not had whole, and that another one is to get."""
        self.waiting, before.waiting = [*before.waiting, *self.waiting], []
        self._number = before._number

    def fill(self, now: float) -> None:
        """The next bytes of each file that the agent waits for."""
        for sender in self.sendings.ready():
            file = self.under_way[sender.id]
            try:
                value = self.data(sender, file.read(sender.sent, sender.wanted))
            except (OSError, LocalError) as error:
                self._give_up(sender.id, FileXferStatus.ERROR)
                self._tell_end(file, "unreadable", f"it can not be read: {error}")
                continue
            self.talk.queue(value)
            if now - file.told >= _TELL or sender.sent == file.size:
                file.told = now
                self.talk.host.tell(FileProgress(file.number, file.name, sender.sent, file.size))

    def _give_up(self, id: int, result: FileXferStatus) -> None:
        self.under_way.pop(id, None)
        self.talk.queue(self.sendings.cancel(id, result))

    def _ended(self, file: Outgoing, result: int, text: str) -> None:
        name = FileXferStatus(result).name
        self._tell_end(file, name.lower().replace("_", "-"), text)

    def _tell_end(self, file: Outgoing, result: str, text: str) -> None:
        self.talk.host.tell(FileEnded(file.number, file.name, result, text))

    handlers: ClassVar[Handlers] = {agent.FileXferStatusMessage: on_status}


def _meaning(event: file_sending.Ended) -> str:
    text = _MEANINGS.get(FileXferStatus(event.result), "the guest has ended it")
    if event.status is not None:
        free, code = file_status.free_space(event.status), file_status.error_code(event.status)
        if free is not None:
            text += f": {free} bytes are free"
        if code is not None:
            text += f": error {code} of GLib"
    return text
