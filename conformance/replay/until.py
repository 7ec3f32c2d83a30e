"""How far a recording is played: up to a message by its number, a time, or the first message of a name."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from conformance.replay.recording import Event, Recording, Said
from spiceproto.errors import LocalError
from spiceproto.suggestion import expected

__all__ = ["cut"]

_TIME: Final = re.compile(r"(\d+(?:\.\d+)?)s")


def _reaches(recording: Recording, until: str) -> int:
    """How many events are played."""
    if until.isascii() and until.isdigit():
        return _count(recording.events, int(until))
    time = _TIME.fullmatch(until)
    if time is not None:
        return sum(event.at <= float(time[1]) for event in recording.events)
    for place, event in enumerate(recording.events, 1):
        if isinstance(event, Said) and until in (event.name, f"{event.channel[0]}.{event.name}", f"{event.place}.{event.name}"):
            return place
    names = dict.fromkeys([message.name for message in recording.messages])
    near = expected(until, names, listing="a number of a message, a time as in 2.5s, or a message as in main.INIT")
    raise LocalError("nothing of the recording up to which it could be played", expected=near, actual=until)


def _count(events: tuple[Event, ...], number: int) -> int:
    for place, event in enumerate(events):
        if isinstance(event, Said) and event.number > number:
            return place
    return len(events)


def cut(recording: Recording, until: str) -> Recording:
    """What is played: messages 1 to N for ``N``, those of the first seconds for ``2.5s``, or up to the first ``main.NAME``.

    Raises LocalError for what the recording does not have.
    """
    if not until:
        return recording
    return msgspec.structs.replace(recording, events=recording.events[: _reaches(recording, until)])
