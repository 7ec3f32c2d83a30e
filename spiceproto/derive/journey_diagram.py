"""Migrations as Mermaid text: a client and two servers.

A journey is run through the tables of both servers while it is drawn; one that they do not allow is an error.
"""

from __future__ import annotations

from typing import Final

from spiceproto.derive.journeys import Journey, Step
from spiceproto.errors import SchemaError
from spiceproto.machine import CLOSE, LINK, Held, Situation, begin
from spiceproto.rules import MACHINES

__all__ = ["journey_diagram"]

_HEAD: Final = ("participant S as source", "participant C as client", "participant D as destination")
_ENDS: Final = {"source": "S", "destination": "D"}
_WORDS: Final = {LINK: "link {channel}", CLOSE: "close"}


class _Server:
    """What one server hears, held against every table."""

    def __init__(self, situation: Situation) -> None:
        self.situation: Situation = situation
        self._of_session = self._begin("session")
        self._of_channels: dict[str, dict[str, Held]] = {}

    def _begin(self, scope: str, channel: str = "") -> dict[str, Held]:
        machines = MACHINES.covering("session" if scope == "session" else "connection", channel)
        found = {machine.name: begin(machine, self.situation) for machine in machines}
        return {name: held for name, held in found.items() if held is not None}

    def hear(self, step: Step) -> list[str]:
        """The sentences that a step breaks."""
        channel, _, name = step.message.rpartition(".")
        if name in _WORDS:
            return []
        if channel not in self._of_channels:
            self._of_channels[channel] = self._begin("connection", channel)
        held = self._of_channels[channel] | self._of_session
        return [
            breach.requirement
            for machine, known in MACHINES.concerned(channel, step.sender, name)
            if machine in held
            for verdict in held[machine].judge(step.sender, known, step.values)
            for breach in verdict.breaches
        ]


def _line(step: Step) -> str:
    channel, _, name = step.message.rpartition(".")
    ends = ("C", _ENDS[step.at]) if step.sender == "client" else (_ENDS[step.at], "C")
    words = _WORDS.get(name, "{message}").format(channel=channel, message=step.message)
    text = f"{words} ({step.remark})" if step.remark else words
    return f"{ends[0]}->>{ends[1]}: {text}"


def journey_diagram(journey: Journey) -> str:
    """``sequenceDiagram`` of a migration. Raises SchemaError if the tables of a server do not allow it."""
    servers = {"source": _Server("whole"), "destination": _Server("whole" if journey.anew else "destination")}
    lines = [f"title {journey.title}", *_HEAD]
    for step in (*journey.before, *journey.steps):
        broken = servers[step.at].hear(step)
        if broken:
            raise SchemaError("an example that the rules do not allow", path=journey.name, actual=f"{step.message}: {broken}")
    lines += map(_line, journey.steps)
    return "sequenceDiagram\n" + "".join([f"    {line}\n" for line in lines])
