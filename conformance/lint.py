"""A recording held against the rules: which sentences its peers broke, kept, or gave no occasion for.

Nothing is sent; both directions are read with ``spiceproto.capture`` and told to a :class:`conformance.judge.Judge`. A
verdict is for each sentence that a recording can decide, and for each role: broken, tolerated, kept, or not seen when
nothing in the recording came near it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, cast

import msgspec

from conformance.judge import Judge, Judged
from conformance.requirements import by_rules, requirements
from spiceproto.capture.consumer import Emit
from spiceproto.capture.consumer import Problem as CaptureProblem
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.link import Problem
from spiceproto.link.records import Severity
from spiceproto.machine import Coverage
from spiceproto.rules import MACHINES, link
from spiceproto.session import Finding

__all__ = ["Lint", "Ruling", "Verdict", "lint"]

Verdict = Literal["broken", "tolerated", "kept", "not seen"]

_LINK_CODES: Final = {code if code.startswith("link-") else f"link-{code}": code for code in link.OBSERVED}
"""What a conversation calls the problems of a link stage."""


class Ruling(msgspec.Struct, frozen=True):
    """What a recording says of one sentence. ``findings`` are those that led to it."""

    requirement: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()


class Lint:
    """A consumer of captures. ``findings`` and ``coverage`` grow while it is fed."""

    def __init__(self) -> None:
        self.coverage = {name: Coverage(machine) for name, machine in MACHINES.items()}
        self.judge = Judge(self.coverage)
        self.connections = 0
        self.opaque = 0
        self._judged: dict[Conversation, Judged] = {}

    @property
    def findings(self) -> list[Finding]:
        """Everything that was found, in the order of the recording."""
        return self.judge.findings

    @property
    def messages(self) -> int:
        """How many messages were judged."""
        return self.judge.messages

    def rulings(self) -> tuple[Ruling, ...]:
        """A verdict for each sentence that the rules can decide."""
        used = {rule.requirement for coverage in self.coverage.values() for rule in coverage.used}
        found = []
        for id in sorted(by_rules()):
            mine = tuple([item for item in self.findings if item.requirement == id])
            verdict: Verdict = "not seen"
            if any(not item.tolerated for item in mine):
                verdict = "broken"
            elif mine:
                verdict = "tolerated"
            elif id in used or (self.judge.sessions and self._always(id)):
                verdict = "kept"
            found.append(Ruling(id, verdict, mine))
        return tuple(found)

    def _always(self, id: str) -> bool:
        """Whether any session at all is an occasion to break a sentence: prohibitions, and what the session judges."""
        return id not in {rule.requirement for machine in MACHINES.values() for rule in machine.rules} and id in requirements()

    # -- the consumer

    def _of(self, conversation: Conversation, now: float) -> Judged:
        found = self._judged.get(conversation)
        if found is None:
            found = self._judged[conversation] = self.judge.connection(conversation.connection.server, now)
        return found

    def connection(self, conversation: Conversation) -> None:
        """One more connection."""
        self.connections += 1

    def link(self, conversation: Conversation, item: Any, time_ns: int, frame: int) -> None:
        """A step of the link stage."""
        now = time_ns / 1e9
        self._of(conversation, now).link(item, now)

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The function that takes the messages of one sender."""
        judged = self._judged.get(conversation)
        if judged is None or judged.member is None:
            # Its link stage is not in the recording: nobody knows what was announced.
            self.opaque += 1
            return lambda number, body, serial, time_ns, frames: None
        raw = judged.raw
        return lambda number, body, serial, time_ns, frames: raw(sender, number, body, time_ns / 1e9)

    def agent(
        self, conversation: Conversation, sender: str, table: str, type: int, body: bytes, time_ns: int, frame: int
    ) -> None:
        """Agent messages have no rules yet."""

    def problem(self, problem: CaptureProblem) -> None:
        """Problems of a link stage are sentences, too."""
        conversation = problem.conversation
        if problem.code in _LINK_CODES and conversation is not None:
            code, severity = _LINK_CODES[problem.code], cast(Severity, problem.severity)
            now = problem.time_ns / 1e9
            item = Problem(severity, code, problem.sender, 0, problem.expected, problem.actual)
            self._of(conversation, now).link(item, now)

    def closed(self, conversation: Conversation, time_ns: int, frame: int) -> None:
        """A recording does not say who closed first in a way that could be relied on."""
        judged = self._judged.get(conversation)
        if judged is not None:
            judged.closed("", time_ns / 1e9)


def lint(
    path: str | Path,
    *,
    keylog: str | os.PathLike[str] | None = None,
    decode_as: Mapping[tuple[str | None, int], str] | None = None,
) -> Lint:
    """A whole capture file. Raises LocalError or RemoteError for one that cannot be read."""
    found = Lint()
    Decoder(path, found, keylog=keylog, decode_as=decode_as).run()
    return found
