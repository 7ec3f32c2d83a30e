"""Diagrams as values, read from Mermaid text: as much of the language as the chapters and the learned models use.

A line that is not known is an error, so that nothing is left out of a drawing.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from spiceproto.errors import SchemaError

__all__ = ["END", "START", "Arrow", "Message", "Note", "Sequence", "States", "parse"]

START: Final = "[*] start"
END: Final = "[*] end"
"""Names of the two points that Mermaid calls ``[*]``."""

_NAMED: Final = re.compile(r'state "([^"]+)" as (\w+)')
_ARROW: Final = re.compile(r"(\[\*\]|\w+) --> (\[\*\]|\w+)(?: : (.+))?")
_PARTICIPANT: Final = re.compile(r"participant (\w+) as (.+)")
_MESSAGE: Final = re.compile(r"(\w+)->>(\w+): (.+)")
_NOTE: Final = re.compile(r"Note over (\w+),(\w+): (.+)")


class Arrow(msgspec.Struct, frozen=True):
    """From a state to another; ``label`` may be empty."""

    here: str
    there: str
    label: str = ""


class States(msgspec.Struct, frozen=True):
    """A state diagram: ids of states to their names, and arrows between ids."""

    names: dict[str, str]
    arrows: tuple[Arrow, ...]


class Message(msgspec.Struct, frozen=True):
    """From a participant to another, by their ids."""

    sender: str
    receiver: str
    text: str


class Note(msgspec.Struct, frozen=True):
    """A text over the lines of two participants."""

    left: str
    right: str
    text: str


class Sequence(msgspec.Struct, frozen=True):
    """A sequence diagram: ids of participants to their names, from left to right, and what happens."""

    title: str
    participants: dict[str, str]
    steps: tuple[Message | Note, ...]


def parse(text: str) -> States | Sequence:
    """A diagram. Raises SchemaError for a kind or a line that is not known."""
    head, *lines = [line.strip() for line in text.strip().splitlines()]
    if head == "stateDiagram-v2":
        return _states(lines)
    if head == "sequenceDiagram":
        return _sequence(lines)
    raise SchemaError("an unknown kind of diagram", expected="stateDiagram-v2 or sequenceDiagram", actual=head)


def _states(lines: list[str]) -> States:
    names: dict[str, str] = {}
    arrows = []
    for line in lines:
        if named := _NAMED.fullmatch(line):
            names[named[2]] = named[1]
        elif arrow := _ARROW.fullmatch(line):
            here = START if arrow[1] == "[*]" else arrow[1]
            there = END if arrow[2] == "[*]" else arrow[2]
            for id in (here, there):
                names.setdefault(id, id)
            arrows.append(Arrow(here, there, arrow[3] or ""))
        else:
            raise SchemaError("an unknown line of a state diagram", actual=line)
    return States(names, tuple(arrows))


def _sequence(lines: list[str]) -> Sequence:
    title = ""
    participants: dict[str, str] = {}
    steps: list[Message | Note] = []
    for line in lines:
        if line.startswith("title "):
            title = line.removeprefix("title ")
        elif participant := _PARTICIPANT.fullmatch(line):
            participants[participant[1]] = participant[2]
        elif found := _MESSAGE.fullmatch(line):
            steps.append(Message(found[1], found[2], found[3]))
        elif found := _NOTE.fullmatch(line):
            steps.append(Note(found[1], found[2], found[3]))
        else:
            raise SchemaError("an unknown line of a sequence diagram", actual=line)
    ends = {end for step in steps for end in msgspec.structs.astuple(step)[:2]}
    if not ends <= participants.keys():
        raise SchemaError("a sequence diagram names nobody as", actual=", ".join(sorted(ends - participants.keys())))
    return Sequence(title, participants, tuple(steps))
