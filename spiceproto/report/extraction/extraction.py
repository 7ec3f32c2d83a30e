"""What all kinds of ``spiceproto extract`` share: who they are told by, what is said of holes, the ends of the index."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar, Final

import msgspec

from spiceproto import dispatch
from spiceproto.capture import incomplete
from spiceproto.capture.consumer import Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decoding import Decoding
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.channel_state import State
from spiceproto.errors import RemoteError
from spiceproto.framing import Spans
from spiceproto.report.extraction.folder import Folder, Output
from spiceproto.report.said import Said
from spiceproto.shown import file_name
from spiceproto.version import __version__

__all__ = ["HOLES", "Extraction"]

HOLES: Final = frozenset(
    {
        "gap",
        "versions",
        "link-stage-lost",
        "message-lost",
        "resynchronised",
        "not-resynchronised",
        "message-incomplete",
        "message-not-seen",
        "malformed-message",
        "agent-message-begun",
        "agent-message-lost",
        "agent-message-incomplete",
        "agent-message-not-seen",
        "carried-unknown",
        "carried-midway",
        "carried-incomplete",
        "carried-not-seen",
    }
)
"""Problems behind which something that would be in a file may be missing."""


class Extraction:
    """A consumer that writes files.

    * ``kind``, ``noun``: as it is asked for, and as people read it: "3 files of sound"
    * ``folder``: where files go
    * ``problems``: how many, by severity
    * ``channels``: those that could carry any
    """

    kind: ClassVar[str]
    noun: ClassVar[str]
    tables: ClassVar[tuple[str, ...]] = ()
    """Channels whose messages are taken."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.problems: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.channels: set[int] = set()
        self.decoder: Decoding
        self._said = Said()
        self._unseen: list[incomplete.Unseen] = []
        self._outputs: dict[int, list[tuple[str, Output]]] = {}

    # -- what the kinds say

    def message(self, conversation: Conversation, at: At, name: str, value: Any) -> None:
        """A message of one of ``tables``; its number is that of the decoder."""

    def whole_agent(self, conversation: Conversation, at: At, name: str, value: Any) -> None:
        """An agent message; the message that completed it comes next."""

    def inner(self, conversation: Conversation, at: At, item: Inner) -> None:
        """What a byte channel carries, behind the message that completed it."""

    def conclude(self) -> None:
        """Everything was read."""

    def takes(self, conversation: Conversation) -> bool:
        """Whether a channel could carry what is looked for."""
        return conversation.table in self.tables

    # -- what they use

    def stem(self, conversation: Conversation) -> str:
        """How names of files begin: ``session1-display0``."""
        session = conversation.session.number if conversation.session is not None else 0
        return f"session{session}-{conversation.channel or 'unknown'}{conversation.channel_id}"

    def origin(self, conversation: Conversation, at: At) -> dict[str, Any]:
        """Where something is from, for a record."""
        return {
            "kind": self.kind,
            "connection": conversation.connection.number,
            "channel": conversation.place,
            "direction": at.sender,
            "time": at.time_ns / 1_000_000_000,
            "frame": at.frame,
        }

    def begin_file(self, conversation: Conversation, at: At, stem: str, ending: str, **said: Any) -> Output:
        """A file that lives with its connection: what that lacks of this sender, the file lacks."""
        output = self.folder.open(stem, ending, **self.origin(conversation, at), **said)
        output.whole = not (conversation.connection.midstream or self._lacks(conversation, at.sender))
        self._outputs.setdefault(conversation.connection.number, []).append((at.sender, output))
        return output

    @staticmethod
    def _lacks(conversation: Conversation, sender: str) -> bool:
        return sender in conversation.connection.missing

    def lose(self, conversation: Conversation, why: str) -> None:
        """Something could not be written."""
        self.lost[f"{self.stem(conversation)}: {why}"] += 1

    # -- from the beginning to the end

    def begin(self, decoder: Decoding, path: str) -> None:
        """Before anything is read."""
        self.decoder = decoder
        self.folder.write(
            {"record": "header", "program": f"spiceproto {__version__}", "capture": file_name(path), "kind": self.kind}
        )

    def finish(self, failure: Exception | None = None) -> None:
        """The files are whole, or as much as could be read."""
        try:
            self.conclude()
            for outputs in self._outputs.values():
                for _, output in outputs:
                    output.close()
            for item in self._unseen:
                self.folder.write({"record": "incomplete", **msgspec.to_builtins(item)})
            for why, count in self.lost.items():
                self.folder.write({"record": "lost", "text": why, "count": count})
            self.folder.write(
                {
                    "record": "footer",
                    "files": len(self.folder.files),
                    "messages": self.decoder.number,
                    "problems": {name: self.problems[name] for name in ("error", "warning", "note")},
                    "truncated_frames": self.decoder.capture.totals.truncated_frames,
                    "failure": str(failure) if failure is not None else None,
                }
            )
        finally:
            self.folder.close()

    @property
    def said(self) -> list[str]:
        """What people should know, a line each."""
        lines = self._said.lines() + [f"{why}: {count} not written" for why, count in self.lost.items()]
        missing = [item for item in self._unseen if item.what != "end"]
        return lines + incomplete.lines(missing, cut_frames=self.decoder.capture.totals.truncated_frames)

    @property
    def summary(self) -> str:
        """All of it in a line."""
        files = len(self.folder.files)
        return f"{files} file{'s'[: files != 1]} of {self.noun}, of {len(self.channels)} channels that could carry any"

    # -- what the capture holds

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        if conversation.copy_of is not None or not self.takes(conversation):
            return self._skip
        self.channels.add(conversation.connection.number)
        rows = dispatch.rows(conversation.table, sender)

        def emit(type: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            self.decoder.number += 1
            row = rows.get(type)
            if row is None:
                return
            at = At(sender, time_ns, frames[-1] if frames else 0)
            try:
                value = row.parse(body)
            except RemoteError as error:
                self.problem(Diagnostic.malformed(row.name, error, conversation, at, number=self.decoder.number))
                return
            self.message(conversation, at, row.name, value)

        return emit

    def _skip(self, type: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
        self.decoder.number += 1

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """A whole agent message."""
        row = dispatch.row(table, at.sender, type)
        if row is None or conversation.copy_of is not None:
            return
        try:
            value = row.parse(body)
        except RemoteError as error:
            number = self.decoder.number + 1
            self.problem(Diagnostic.malformed(f"agent {row.name}", error, conversation, at, number=number))
            return
        self.whole_agent(conversation, at, row.name, value)

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """A whole packet of what a byte channel carries."""
        if conversation.copy_of is None:
            self.inner(conversation, at, item)

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """States of channels are of no kind."""

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be; what is missing is said in the index as well."""
        self.problems[problem.severity] += 1
        if problem.severity != "note":
            self._said.problem(problem)
        conversation = problem.conversation
        if problem.code not in HOLES or conversation is None:
            return
        number = conversation.connection.number
        touched = [output for sender, output in self._outputs.get(number, ()) if sender == problem.at.sender]
        for output in touched:
            output.whole = False
        hole = {
            "record": "hole",
            "code": problem.code,
            "text": problem.text,
            "actual": problem.actual,
            "message": problem.number or self.decoder.number,
            "files": [output.name for output in touched if not output.over],
        }
        self.folder.write(hole | self.origin(conversation, problem.at))

    def listed(self, conversation: Conversation, at: At, spans: Spans) -> None:
        """Messages inside of others come by themselves."""

    def unlisted(self, conversation: Conversation, at: At, type: int, size: int, error: RemoteError) -> None:
        """There was a problem, too."""

    def unfinished(self, conversation: Conversation, at: At, type: int, size: int, have: int) -> None:
        """There was a problem, too."""

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended, or the capture did: its files do."""
        self._unseen += incomplete.unseen(conversation.connection)
        ended = at_end(conversation)
        for sender, output in self._outputs.pop(conversation.connection.number, ()):
            output.close(whole=not self._lacks(conversation, sender), **({} if ended else {"end": "not captured"}))


def at_end(conversation: Conversation) -> bool:
    """Whether an end of the connection was seen."""
    return bool(conversation.connection.ends)
