"""A recording held against the rules: which sentences its peers broke, kept, or gave no occasion for.

Nothing is sent; both directions are read with ``spiceproto.capture`` and told to a :class:`conformance.judge.Judge`. A
verdict is for each sentence that a recording can decide, and for each role: broken, tolerated, kept, not judged when it
depends on something that the recording does not have, or not seen when nothing in it came near.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, cast

import msgspec

from conformance.about import About
from conformance.cases import all_cases
from conformance.judge import Judge, Judged
from conformance.pictures import Pictures
from conformance.requirements import by_rules
from conformance.waivers import PACKAGED, Waivers
from spiceproto import dispatch, migration
from spiceproto.capture import incomplete
from spiceproto.capture.consumer import Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.capture.migrations import Moved
from spiceproto.capture.places import Named
from spiceproto.channel_state import State
from spiceproto.compared import PICTURES
from spiceproto.errors import RemoteError
from spiceproto.filters import Selection
from spiceproto.finding import Finding
from spiceproto.framing import FULL_HEADER_SIZE, MINI_HEADER_SIZE, Spans
from spiceproto.link import Problem
from spiceproto.link.records import Severity
from spiceproto.machine import Coverage, Machine
from spiceproto.rules import MACHINES, link
from spiceproto.rules.display import SURFACES
from spiceproto.session import Session

__all__ = ["Lint", "Ruling", "Verdict", "known_of", "lint"]

Verdict = Literal["broken", "tolerated", "kept", "not judged", "not seen"]

_JITTER: Final = 0.005
"""Seconds by which the packets of two connections may have changed places on their way into a capture."""

_TICK_NS: Final = 5000
"""Nanoseconds for each packet: a capture that is over sooner has times that nobody measured. Programs that make captures from
other things count a microsecond a packet, or have one time for all; of recorded sessions the fastest has 60 times as much.
"""

_LINK_CODES: Final = {code if code.startswith("link-") else f"link-{code}": code for code in link.OBSERVED}
"""What a conversation calls the problems of a link stage."""


_SAID: Final = ("tls-alert", "tls-no-secrets", "proxy-refused", "proxy-unanswered", "channels-refused", "refused", "key-log")
"""Codes of problems behind which there is nothing to judge."""

_STAYS: Final = ("cancelled", "refused", "unfinished")
"""What becomes of a migration at the end of which the session is where it was."""

_COUNTED: Final = ("snapshot-length",)
"""Codes of problems of the file that are said with what is missing of connections."""

_TRANSPORT: Final = ("tcp-", "tls-", "websocket-", "http-")
"""Beginnings of the codes of problems below SPICE, of which some mean that bytes are missing."""


class Ruling(msgspec.Struct, frozen=True):
    """What a recording says of one sentence. ``findings`` are those that led to it."""

    requirement: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()


class Lint:
    """A consumer of captures. ``findings`` and ``coverage`` grow while it is fed, and so does ``unseen``: what is missing.

    ``said`` is what there was besides messages: refusals, alerts, migrations, takeovers, channels that nobody linked, what is
    wrong with the file, and what is in it besides SPICE.
    ``about`` are the findings that are wanted, None: all.
    With ``images`` every image is decoded, which judges some sentences more; with ``frames`` it is known of each finding
    at a message which frame of a capture completed that.
    """

    def __init__(self, *, images: bool = False, frames: bool = False) -> None:
        self.coverage = {name: Coverage(machine) for name, machine in MACHINES.items()}
        self.judge = Judge(self.coverage, jitter=_JITTER)
        self.connections = 0
        self.opaque: list[Conversation] = []
        self.cut_frames = 0
        self.unseen: list[incomplete.Unseen] = []
        self.said: list[str] = []
        self.about: list[Finding] | None = None
        self._frames: dict[int, tuple[Finding, int]] | None = {} if frames else None
        self._placed = 0
        self._begun = (sys.maxsize, 0)
        self._unread = False
        self._judged: dict[Conversation, Judged] = {}
        self._silent: set[Conversation] = set()
        self._pictures: dict[Session, Pictures] | None = {} if images else None

    @property
    def findings(self) -> list[Finding]:
        """Everything that was found, in the order of the recording."""
        return self.judge.findings

    def shown(self, findings: Sequence[Finding]) -> list[Finding]:
        """Those of them that are wanted."""
        if self.about is None:
            return list(findings)
        wanted = {id(finding) for finding in self.about}
        return [finding for finding in findings if id(finding) in wanted]

    def frame(self, finding: Finding) -> int:
        """The frame that completed the message of a finding, 0 if it is not known."""
        return (self._frames or {}).get(id(finding), (finding, 0))[1]

    def _place(self, frame: int) -> None:
        """What was found since the last time is about a message of this frame."""
        findings = self.judge.findings
        if self._frames is not None:
            for item in findings[min(self._placed, len(findings)) :]:
                self._frames.setdefault(id(item), (item, frame))
        self._placed = len(findings)

    def _framed(self, emit: Emit) -> Emit:
        """The same, and findings get their frames."""
        if self._frames is None:
            return emit

        def heard(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            emit(number, body, serial, time_ns, frames)
            if len(self.judge.findings) != self._placed:
                self._place(frames[-1] if frames else 0)

        return heard

    @property
    def messages(self) -> int:
        """How many messages were judged."""
        return self.judge.messages

    def rulings(self) -> tuple[Ruling, ...]:
        """A verdict for each sentence that the rules can decide."""
        of_rules = {rule.requirement for machine in MACHINES.values() for rule in machine.rules}
        used = {rule.requirement for coverage in self.coverage.values() for rule in coverage.used}
        unjudged = self.judge.unjudged | {name for name, machine in MACHINES.items() if self._not_told(machine)}
        blind = {id for name in unjudged for id in MACHINES[name].requirements()}
        blind |= self.judge.undecided
        if SURFACES.name in unjudged:
            blind |= set(PICTURES)
        decoded = {id for item in (self._pictures or {}).values() for id in item.judged}
        found = []
        for id in sorted({*by_rules(), *decoded}):
            mine = tuple([item for item in self.findings if item.requirement == id])
            verdict: Verdict = "not seen"
            if any(not item.tolerated for item in mine):
                verdict = "broken"
            elif mine:
                verdict = "tolerated"
            elif id in blind:
                verdict = "not judged"
            elif id in used or (id not in of_rules and self.judge.sessions):
                # What no row rests on is a prohibition, and any session at all an occasion to break it.
                verdict = "kept"
            found.append(Ruling(id, verdict, mine))
        return tuple(found)

    def _not_told(self, machine: Machine) -> bool:
        """Whether a machine is about messages of a connection whose link stage is not in the recording."""
        tables = {conversation.table for conversation in self.opaque}
        for table in tables | ({"agent"} if "main" in tables else set()):
            if machine.scope == "connection" and machine.covers(table):
                return True
            if machine.scope == "session" and any(machine.listens(sender, table) for sender in ("server", "client")):
                return True
        return False

    # -- the consumer

    def _of(self, conversation: Conversation, now: float) -> Judged:
        found = self._judged.get(conversation)
        if found is None:
            found = self._judged[conversation] = self.judge.connection(conversation.connection.server, now)
        return found

    def _look_at(self, judged: Judged) -> None:
        """Decode the images of a display channel."""
        session, member = judged.session, judged.member
        if self._pictures is None or session is None or member is None or judged.table != "display":
            return
        seen, channel = self._pictures.setdefault(session, Pictures()), member.channel
        judged.on_message = lambda sender, value, now: seen.message(channel, sender, value, now)
        judged.on_hole = lambda: seen.forget(channel)

    def connection(self, conversation: Conversation) -> None:
        """One more connection."""
        self.connections += 1
        self._begun = min(self._begun, (conversation.connection.frame, conversation.connection.time_ns))
        self._unread = self._unread or not conversation.channel

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""
        if any(found.holes for found in conversation.connection.versions.values()):
            self._of(conversation, at.time_ns / 1e9).let_go()
            self._let_go(conversation)
        if conversation.copy_of is not None or conversation in self._silent:
            return
        now = at.time_ns / 1e9
        self._of(conversation, now).link(item, now)
        self._place(at.frame)

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The function that takes the messages of one sender."""
        judged = self._judged.get(conversation)
        if conversation.copy_of is not None:
            return lambda number, body, serial, time_ns, frames: None
        if judged is None or judged.member is None:
            # Its link stage is not in the recording: nobody knows what was announced.
            if conversation not in self.opaque:
                self.opaque.append(conversation)
            return lambda number, body, serial, time_ns, frames: None
        self._look_at(judged)
        raw, doubted = judged.raw, judged.doubted
        if conversation.mini_header:
            return self._framed(lambda number, body, serial, time_ns, frames: raw(sender, number, body, time_ns / 1e9))
        last = 0
        moved = judged.session is None or not judged.session.destination

        def goes_on(serial: int) -> bool:
            """At the destination of a migration numbers may be those of the source from some message on."""
            nonlocal moved
            found, moved = serial > last and not moved, True
            return found

        def counted(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            """Full headers that do not count may be none at all (SPICE-FRAME-001); sub-messages have that of their LIST."""
            nonlocal last
            if serial not in (last, last + 1) and not goes_on(serial):
                doubted.add(sender)
            last = serial
            raw(sender, number, body, time_ns / 1e9)

        return self._framed(counted)

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """The session reads agent messages itself; of one with an unknown type, which receivers ignore, it is said."""
        judged = self._judged.get(conversation)
        if dispatch.row(table, at.sender, type) is not None or judged is None or at.sender in judged.doubted:
            return
        if conversation.copy_of is None:
            where = f"connection {conversation.connection.number}"
            self.said.append(f"{where}: an agent message of an unknown type {type} (frame {at.frame})")

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """What byte channels carry has no rules."""

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """States are compared as they are."""

    def problem(self, problem: Diagnostic) -> None:
        """Problems of a link stage are sentences, too; behind those of the transport, bytes prove little."""
        conversation = problem.conversation
        if problem.code == "disorder":
            self.judge.distrust()
        if problem.code == "copy" and conversation is not None:
            self._of(conversation, problem.at.time_ns / 1e9).let_go()
            text = f"seen twice, under other addresses as {problem.actual}; what was said on it is judged once"
            self.said.append(f"connection {conversation.connection.number}: {text}")
        if problem.code in _SAID or (conversation is None and problem.code not in _COUNTED):
            where = f"connection {conversation.connection.number}: " if conversation is not None else ""
            tail = ": what depends on that is not judged" if problem.code == "disorder" else ""
            self.said.append(where + problem.text + tail)
        if conversation is not None and (problem.code == "gap" or problem.code.startswith(_TRANSPORT)):
            now = problem.at.time_ns / 1e9
            judged = self._of(conversation, now)
            if problem.code == "gap":
                judged.missed(problem.at.sender, now)
            else:
                judged.doubted.add(problem.at.sender)
        if conversation is not None and problem.code == "versions":
            self._contested(conversation, problem.at)
        if conversation is not None and problem.code == "message-lost":
            self._of(conversation, problem.at.time_ns / 1e9).found_again(problem.at.sender)
        if problem.code in _LINK_CODES and conversation is not None and conversation not in self._silent:
            code, severity = _LINK_CODES[problem.code], cast(Severity, problem.severity)
            now = problem.at.time_ns / 1e9
            item = Problem(severity, code, problem.at.sender, 0, problem.expected, problem.actual)
            self._of(conversation, now).link(item, now)
        self._place(problem.at.frame)

    def _contested(self, conversation: Conversation, at: At) -> None:
        """Bytes of a side may be others than those that were heard."""
        since = conversation.connection.versions[at.sender].since_ns / 1e9
        if not self._of(conversation, at.time_ns / 1e9).contested(at.sender, since, at.time_ns / 1e9):
            self._let_go(conversation)

    def _let_go(self, conversation: Conversation) -> None:
        """Nobody knows what its link stage said."""
        self._silent.add(conversation)
        if conversation not in self.opaque:
            self.opaque.append(conversation)

    def listed(self, conversation: Conversation, at: At, spans: Spans) -> None:
        """A list of messages inside the next one."""
        judged = self._judged.get(conversation)
        if judged is not None:
            judged.spans[at.sender] = spans

    def unlisted(self, conversation: Conversation, at: At, type: int, size: int, error: RemoteError) -> None:
        """A list of messages that is not inside the one that holds it."""
        judged = self._judged.get(conversation)
        if judged is not None:
            judged.unlisted(at.sender, type, error, at.time_ns / 1e9)
            self._place(at.frame)

    def unfinished(self, conversation: Conversation, at: At, type: int, size: int, have: int) -> None:
        """A header that says too much, or a message that its sender itself has cut off."""
        judged, sender, now = self._judged.get(conversation), at.sender, at.time_ns / 1e9
        if judged is None:
            return
        if type >= 0:
            judged.announced(sender, type, size, now)
        if conversation.connection.left == sender:
            header = MINI_HEADER_SIZE if conversation.mini_header else FULL_HEADER_SIZE
            judged.cut(sender, have, header + max(size, 0), now)
        self._place(at.frame)

    def closed(self, conversation: Conversation, at: At) -> None:
        """A recording does not say who closed first in a way that could be relied on."""
        self.unseen += incomplete.unseen(conversation.connection)
        for side, versions in conversation.connection.versions.items():
            if versions.settled:
                self.said.append(f"connection {conversation.connection.number}: {versions.settled_words(side)}")
        judged = self._judged.get(conversation)
        if judged is not None:
            judged.closed("", at.time_ns / 1e9, seen=bool(conversation.connection.ends))
        self._place(0)

    def went(self, moved: Sequence[Moved]) -> None:
        """Sessions that went to another server: what rests on both is judged where all of both could be read."""
        self.said += map(str, moved)
        if any(item.lossy for item in moved) or (moved and (self.opaque or self._unread)):
            self.judge.one_sided(migration.REQUIREMENTS)
        elif not all(item.source and (item.destination or item.outcome in _STAYS) for item in moved):
            self.judge.one_sided(migration.RESTS_ON_BOTH)

    def ended(self, frames: int, last_ns: int) -> None:
        """The capture has so many frames, and the last one has this time: whether such times can be real."""
        if not self.judge.sessions:
            return
        first, first_ns = self._begun
        packets, span_ns = frames - first + 1, last_ns - first_ns
        if 0 <= span_ns <= _TICK_NS * packets:
            found = f"{packets} packets in {span_ns // 1000} microseconds, from frame {first} on"
            tail = "what depends on how much time has passed is not judged"
            self.said.append(f"times are not those of a capture ({found}): {tail}")
            self.judge.untimed()


def lint(
    path: str | Path,
    *,
    keylog: str | os.PathLike[str] | None = None,
    decode_as: Named | None = None,
    images: bool = False,
    selection: Selection | None = None,
) -> Lint:
    """A whole capture file. Raises LocalError or RemoteError for one that cannot be read.

    With a ``selection`` all is judged, and what is found at its messages is ``about`` them.
    """
    found = Lint(images=images, frames=True)
    about = None if selection is None else About(found, selection, lambda: found.findings)
    decoder = Decoder(path, about or found, keylog=keylog, decode_as=decode_as, in_order=True)
    decoder.run()
    if about is not None:
        found.about = about.found
    found.ended(decoder.capture.totals.frames, decoder.capture.last_time_ns)
    found.went(decoder.moved)
    found.said += map(str, (*decoder.takeovers, *decoder.unlinked))
    found.cut_frames = decoder.capture.totals.truncated_frames
    return found


@cache
def known_of(requirement: str) -> tuple[str, ...]:
    """Programs of which a manner against a sentence is known, as their addresses begin."""
    found = []
    for path in sorted(PACKAGED.glob("*.toml")):
        selections = [fits for entry, fits in Waivers.read(path, address=f"{path.stem}:").entries if entry.tolerated]
        if any(fits(case) for fits in selections for case in all_cases() if case.requirement == requirement):
            found.append(path.stem)
    return tuple(found)
