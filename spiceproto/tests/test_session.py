"""A session: what its channels share, and no false alarm over recordings of real programs."""

from __future__ import annotations

from collections import Counter as Tally
from typing import Any

import pytest

from spiceproto import dispatch
from spiceproto.capabilities import Capabilities
from spiceproto.capture.conversation import Conversation, Emit
from spiceproto.capture.conversation import Problem as CaptureProblem
from spiceproto.capture.decode import Decoder
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.errors import LocalError, RemoteError
from spiceproto.link import Established, Failed, Opaque, Problem
from spiceproto.machine import Coverage
from spiceproto.messages import common, inputs, main
from spiceproto.rules import MACHINES
from spiceproto.session import Finding, LinkStage, Member, Session
from spiceproto.tests.recorded import names, recording

_INTERESTING = {"main", "inputs"}

CODES = {code if code.startswith("link-") else f"link-{code}": code for code in __import__("spiceproto.rules.link", fromlist=["x"]).OBSERVED}  # noqa: E501


class Observer:
    """Holds everything in a capture against the machines."""

    def __init__(self) -> None:
        self.coverage = {name: Coverage(machine) for name, machine in MACHINES.items()}
        self.findings: list[Finding] = []
        self.links: dict[Conversation, LinkStage] = {}
        self.sessions: dict[tuple[Any, int], Session] = {}
        self.members: dict[Conversation, tuple[Session, Member]] = {}
        self.messages = 0

    def link(self, conversation: Conversation, item: Any, time_ns: int, frame: int) -> None:
        now = time_ns / 1e9
        stage = self.links.setdefault(conversation, LinkStage(now=now, coverage=self.coverage))
        if isinstance(item, (Established, Opaque, Failed)):
            if isinstance(item, Established):
                self._established(conversation, item, now)
            return
        self.findings += stage.feed(item, now)

    def _established(self, conversation: Conversation, item: Established, now: float) -> None:
        server, number = conversation.connection.server, item.message.connection_id
        session = self.sessions.get((server, number)) if number else None
        if session is None:
            destination = number != 0
            session = Session(destination=destination, id=number or None, coverage=self.coverage)
            if number:
                self.sessions[server, number] = session
        message = item.message
        member = session.link(message.channel_type, message.channel_id, number, item.client, item.server, now)
        self.findings += session.take_findings()
        self.members[conversation] = (session, member)

    def connection(self, conversation: Conversation) -> None: ...

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        session, member = self.members[conversation]
        rows = dispatch.rows(conversation.table, sender)
        server = conversation.connection.server

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            self.messages += 1
            row = rows.get(number)
            now = time_ns / 1e9
            if row is None:
                session.unknown(member, sender, number, now)
            else:
                value = None
                if conversation.table in _INTERESTING or number < 100:
                    try:
                        value = row.parse(body)
                    except RemoteError:
                        value = None
                session.message(member, sender, row.name, value, now, size=len(body))
                if isinstance(value, main.Init):
                    self.sessions[server, value.session_id] = session
            self.findings += session.take_findings()

        return emit

    def agent(self, conversation: Conversation, sender: str, table: str, type: int, body: bytes, time_ns: int,
              frame: int) -> None: ...  # fmt: skip

    def problem(self, problem: CaptureProblem) -> None:
        conversation = problem.conversation
        if problem.code in CODES and conversation is not None:
            stage = self.links.setdefault(conversation, LinkStage(coverage=self.coverage))
            item = Problem(problem.severity, CODES[problem.code], problem.sender, 0, problem.expected, problem.actual)  # type: ignore[arg-type]
            self.findings += stage.feed(item)

    def closed(self, conversation: Conversation, time_ns: int, frame: int) -> None:
        found = self.members.get(conversation)
        if found is not None:
            found[0].closed(found[1], time_ns / 1e9)


def observe(name: str) -> Observer:
    observer = Observer()
    Decoder(recording(name), observer).run()
    return observer


if __name__ == "__main__":
    total = Tally()
    for name in names():
        o = observe(name)
        t = Tally((str(f.requirement), f.tolerated) for f in o.findings)
        if t:
            print(name, o.messages, dict(t))
            seen = set()
            for f in o.findings:
                if f.requirement not in seen:
                    seen.add(f.requirement)
                    print("    ", f)
