"""Faults of the clipboard that guest and client share (spec/14-agent.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_client.tests.conversations import Make, alive
from reference_client.tests.scenarios.agent import TEXT, copied, greeted, strict
from reference_client.tests.scripted_agent import ScriptedAgent
from spiceproto.enums.agent import AgentCapability, ClipboardType
from spiceproto.errors import LocalError
from spiceproto.messages import agent

PNG = int(ClipboardType.IMAGE_PNG)
_SELECTED = (AgentCapability.CLIPBOARD_BY_DEMAND, AgentCapability.CLIPBOARD_SELECTION)


def _grab(serial: int, *types: int) -> agent.ClipboardGrabSelectedSerial:
    return agent.ClipboardGrabSelectedSerial(selection=0, reserved=bytes(3), serial=serial, types=types)


def _request(kind: int = TEXT) -> agent.ClipboardRequestSelected:
    return agent.ClipboardRequestSelected(0, bytes(3), kind)


def _content(kind: int, data: bytes) -> agent.ClipboardSelected:
    return agent.ClipboardSelected(selection=0, reserved=bytes(3), type=kind, data=data)


def pasted(guest: ScriptedAgent) -> tuple[list[bytes], list[Any]]:
    """Where the content comes, and what is asked for."""
    found: list[bytes] = []
    guest.server.client.main.agent.clipboard.paste(lambda kind, data: found.append(data))
    guest.server.run()
    return found, guest.take()


@strict
def _copies(make: Make) -> bool:
    """Two things are copied, and each is told with the count, and nothing else; the second is gone once."""
    guest = greeted(make)
    for serial in range(2):
        if copied(guest, b"x") != [_grab(serial, TEXT)]:
            return False
    guest.server.client.main.agent.clipboard.release()
    guest.server.run()
    return guest.take() == [agent.ClipboardReleaseSelected(0, bytes(3))]


@strict
def _wins(make: Make) -> bool:
    """A grab that has crossed the client's is discarded."""
    guest = greeted(make)
    copied(guest, b"x")
    guest.say(_grab(0, TEXT), _request())
    return guest.take() == [_content(TEXT, b"x")]


@strict
def _pastes(make: Make) -> bool:
    """What is asked for is what was named last."""
    guest = greeted(make)
    guest.say(_grab(0, PNG), _grab(1, TEXT))
    try:
        _, asked = pasted(guest)
    except LocalError:
        return False
    return asked == [_request()]


@strict
def _answers(make: Make) -> bool:
    guest = greeted(make)
    guest.say(_request())
    copied_nothing = guest.take() == [_content(0, b"")]
    copied(guest, b"x")
    guest.say(_request(PNG))
    return copied_nothing and guest.take() == [_content(0, b"")]


@strict
def _line_ends(make: Make) -> bool:
    """To a guest with CR LF, and from it."""
    guest = greeted(make, *_SELECTED, AgentCapability.GUEST_LINEEND_CRLF)
    copied(guest, b"a\nb")
    guest.say(_request())
    right = guest.take() == [_content(TEXT, b"a\r\nb")]
    guest.say(agent.ClipboardGrabSelected(0, bytes(3), (TEXT,)))
    found, _ = pasted(guest)
    guest.say(_content(TEXT, b"a\r\nb"))
    return right and found == [b"a\nb"]


@strict
def _unasked(make: Make) -> bool:
    guest = greeted(make)
    guest.say(_content(TEXT, b"x"))
    return alive(guest.server)


SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "no-selections": _copies,
    "no-grab-serials": _copies,
    "serials-of-its-own": _copies,
    "takes-late-grabs": _wins,
    "asks-for-its-own": _copies,
    "asks-for-pictures": _pastes,
    "content-unasked": _copies,
    "leaves-requests-unanswered": _answers,
    "releases-twice": _copies,
    "one-grab-of-an-owner": _pastes,
    "line-ends-of-its-own": _line_ends,
    "line-ends-of-the-guest": _line_ends,
    "no-unasked-content": _unasked,
}
