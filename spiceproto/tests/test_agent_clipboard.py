"""Who owns the clipboard: two ends in the order of speech."""

from __future__ import annotations

from typing import Any

import pytest

from spiceproto import limits
from spiceproto.agent.clipboard import HERE, NOBODY, PEER, Clipboards, Content, Denied, Grabbed, Released, Wanted
from spiceproto.agent.terms import mask
from spiceproto.enums.agent import AgentCapability as Cap
from spiceproto.enums.agent import ClipboardSelection, ClipboardType
from spiceproto.messages import agent
from spiceproto.tests.test_agent_terms import acquainted

PLAIN = mask((Cap.CLIPBOARD_BY_DEMAND,))
SELECTED = PLAIN | mask((Cap.CLIPBOARD_SELECTION,))
SERIAL = SELECTED | mask((Cap.CLIPBOARD_GRAB_SERIAL,))

TEXT, PNG = ClipboardType.UTF8_TEXT, ClipboardType.IMAGE_PNG


def ends(word: int) -> tuple[Clipboards, Clipboards]:
    client, guest = acquainted(word, word)
    return Clipboards(client), Clipboards(guest)


@pytest.mark.parametrize("word", [PLAIN, SELECTED, SERIAL, PLAIN | mask((Cap.CLIPBOARD_GRAB_SERIAL,))])
def test_copied_here_and_pasted_there(word: int) -> None:
    client, guest = ends(word)
    assert guest.receive(client.grab(0, (TEXT, PNG))) == Grabbed(0, (TEXT, PNG))
    assert (client.owner(0), guest.owner(0)) == (HERE, PEER)
    assert client.receive(guest.request(0, PNG)) == Wanted(0, PNG)
    assert client.receive(guest.request(0, TEXT)) == Wanted(0, TEXT)
    assert guest.receive(client.supply(0, TEXT, b"text")) == Content(0, TEXT, TEXT, b"text")
    assert guest.receive(client.supply(0)) == Content(0, PNG, ClipboardType.NONE, b"")
    assert guest.receive(client.release(0)) == Released(0)
    assert (client.owner(0), guest.owner(0)) == (NOBODY, NOBODY)


def test_selections_are_apart() -> None:
    client, guest = ends(SELECTED)
    guest.receive(client.grab(ClipboardSelection.PRIMARY, (TEXT,)))
    client.receive(guest.grab(ClipboardSelection.CLIPBOARD, (TEXT,)))
    assert [client.owner(number) for number in range(3)] == [PEER, HERE, NOBODY]
    assert client.types(0) == (TEXT,)


def test_without_selections_there_is_one() -> None:
    client, _ = ends(PLAIN)
    assert client.grab(ClipboardSelection.PRIMARY, (TEXT,)) is None
    assert client.owner(ClipboardSelection.PRIMARY) == HERE
    assert client.release(ClipboardSelection.PRIMARY) is None


def test_without_a_clipboard_nothing_is_said() -> None:
    client, guest = ends(0)
    assert client.grab(0, (TEXT,)) is None
    assert guest.receive(agent.ClipboardGrab((TEXT,))) is None
    assert guest.owner(0) == NOBODY


def test_grabs_at_the_same_time_with_serials() -> None:
    """The client wins, at both ends."""
    client, guest = ends(SERIAL)
    ours, theirs = client.grab(0, (TEXT,)), guest.grab(0, (PNG,))
    assert client.receive(theirs) is None
    assert guest.receive(ours) == Grabbed(0, (TEXT,))
    assert (client.owner(0), guest.owner(0)) == (HERE, PEER)
    assert client.serial(0) == guest.serial(0) == 1
    assert client.receive(guest.grab(0, (PNG,))) == Grabbed(0, (PNG,))


def test_grabs_at_the_same_time_without_serials() -> None:
    client, guest = ends(SELECTED)
    ours, theirs = client.grab(0, (TEXT,)), guest.grab(0, (PNG,))
    assert client.receive(theirs) == Grabbed(0, (PNG,))
    assert guest.receive(ours) == Grabbed(0, (TEXT,))
    assert (client.owner(0), guest.owner(0)) == (PEER, PEER)


@pytest.mark.parametrize("serial", [5, 0xFFFFFFFE])
def test_a_late_grab(serial: int) -> None:
    client, guest = ends(SERIAL)
    for end in (client, guest):
        assert (
            end.receive(agent.ClipboardGrabSelectedSerial(selection=0, reserved=bytes(3), serial=serial, types=(TEXT,))) is None
        )
        assert (end.owner(0), end.serial(0)) == (NOBODY, 0)


def test_a_second_grab_needs_no_release() -> None:
    client, guest = ends(SERIAL)
    guest.receive(client.grab(0, (TEXT,)))
    assert guest.receive(client.grab(0, (PNG,))) == Grabbed(0, (PNG,))


def test_a_release_of_what_is_owned_here() -> None:
    client, guest = ends(SELECTED)
    late = client.grab(0, (TEXT,)), client.release(0)
    guest.receive(late[0])
    client.receive(guest.grab(0, (PNG,)))
    assert guest.receive(late[1]) is None
    assert guest.owner(0) == HERE
    assert client.release(0) is None


@pytest.mark.parametrize("type", [PNG, 77])
def test_what_is_not_here_is_denied(type: int) -> None:
    client, _ = ends(SELECTED)
    none = agent.ClipboardSelected(selection=0, reserved=bytes(3), type=ClipboardType.NONE, data=b"")
    request = agent.ClipboardRequestSelected(0, bytes(3), type)
    assert client.receive(request) == Denied(0, type, none)
    client.grab(0, (TEXT,))
    assert client.receive(request) == Denied(0, type, none)


def test_too_many_who_wait() -> None:
    client, guest = ends(SELECTED)
    guest.receive(client.grab(0, (TEXT,)))
    requests = [guest.request(0, TEXT) for _ in range(limits.CLIPBOARD_REQUESTS + 1)]
    assert requests.count(None) == 1
    for request in requests[:-1]:
        assert isinstance(client.receive(request), Wanted)
    assert isinstance(client.receive(requests[0]), Denied)


def test_content_that_nobody_asked_for() -> None:
    client, guest = ends(SELECTED)
    client.grab(0, (TEXT,))
    assert client.supply(0, TEXT, b"x") is None
    assert guest.receive(agent.ClipboardSelected(selection=0, reserved=bytes(3), type=TEXT, data=b"x")) is None
    assert guest.receive(agent.ClipboardSelected(selection=0, reserved=bytes(3), type=ClipboardType.NONE, data=b"")) is None


def test_what_the_owner_does_not_have_is_not_asked_for() -> None:
    client, guest = ends(SELECTED)
    assert client.request(0, TEXT) is None
    client.receive(guest.grab(0, (PNG,)))
    assert client.request(0, TEXT) is None


def test_content_above_the_limit() -> None:
    client, guest = ends(SELECTED)
    guest.terms.max_clipboard = 3
    client.receive(guest.grab(0, (TEXT,)))
    guest.receive(client.request(0, TEXT))
    assert client.receive(guest.supply(0, TEXT, b"four")) == Content(0, TEXT, ClipboardType.NONE, b"")


@pytest.mark.parametrize("selection", [3, 255])
def test_an_unknown_selection(selection: int) -> None:
    client, _ = ends(SELECTED)
    values: tuple[Any, ...] = (
        agent.ClipboardGrabSelected(selection, bytes(3), (TEXT,)),
        agent.ClipboardRequestSelected(selection, bytes(3), TEXT),
        agent.ClipboardReleaseSelected(selection, bytes(3)),
    )
    assert [client.receive(value) for value in values] == [None, None, None]


def test_the_peer_goes() -> None:
    client, guest = ends(SERIAL)
    client.receive(guest.grab(0, (TEXT,)))
    guest.receive(client.grab(1, (TEXT,)))
    client.receive(guest.request(1, TEXT))
    assert client.request(0, TEXT) is not None
    assert client.reset() == [Released(0)]
    assert (client.owner(0), client.owner(1), client.serial(0)) == (NOBODY, HERE, 0)
    assert client.supply(1, TEXT, b"late") is None
    assert client.grab(1, client.types(1)).serial == 0
