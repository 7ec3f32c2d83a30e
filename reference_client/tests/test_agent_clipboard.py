"""The clipboard of the user and that of the guest."""

from __future__ import annotations

from typing import Any

import pytest

from reference_client import Client, Options
from reference_client.agent.clipboard import (
    ClipboardGrabbed,
    ClipboardPasted,
    ClipboardReleased,
    ClipboardWanted,
    format_of,
)
from reference_client.agent.talk import AgentSkipped
from reference_client.tests.scripted_agent import ALL, MANY, ScriptedAgent, agreed
from spiceproto.enums.agent import AgentCapability, ClipboardSelection, ClipboardType
from spiceproto.errors import LocalError
from spiceproto.messages import agent, main

TEXT, PNG, NONE = int(ClipboardType.UTF8_TEXT), int(ClipboardType.IMAGE_PNG), int(ClipboardType.NONE)
ONE, MARKED = int(ClipboardSelection.CLIPBOARD), int(ClipboardSelection.PRIMARY)
BARE = (AgentCapability.CLIPBOARD_BY_DEMAND,)
SELECTED = (*BARE, AgentCapability.CLIPBOARD_SELECTION)


def ready(*capabilities: int, **options: Any) -> ScriptedAgent:
    guest = agreed(Client(Options(**options)), *capabilities)
    guest.take()
    return guest


def copy(guest: ScriptedAgent, content: dict[int, bytes | None], selection: int = ONE) -> list[Any]:
    guest.server.client.main.agent.clipboard.copy(content, selection)
    guest.server.run()
    return guest.take()


def paste(guest: ScriptedAgent, *values: Any) -> list[tuple[int, bytes]]:
    """What is pasted from now on is put here."""
    found: list[tuple[int, bytes]] = []
    guest.server.client.main.agent.clipboard.paste(lambda kind, data: found.append((kind, data)), *values)
    guest.server.run()
    return found


@pytest.mark.parametrize(
    ("capabilities", "grab", "asked", "content", "release"),
    [
        (
            BARE,
            agent.ClipboardGrab((TEXT,)),
            agent.ClipboardRequest(TEXT),
            agent.Clipboard(TEXT, b"hello"),
            agent.ClipboardRelease(),
        ),
        (
            SELECTED,
            agent.ClipboardGrabSelected(ONE, bytes(3), (TEXT,)),
            agent.ClipboardRequestSelected(ONE, bytes(3), TEXT),
            agent.ClipboardSelected(selection=ONE, reserved=bytes(3), type=TEXT, data=b"hello"),
            agent.ClipboardReleaseSelected(ONE, bytes(3)),
        ),
        (
            (*BARE, AgentCapability.CLIPBOARD_GRAB_SERIAL),
            agent.ClipboardGrabSerial(0, (TEXT,)),
            agent.ClipboardRequest(TEXT),
            agent.Clipboard(TEXT, b"hello"),
            agent.ClipboardRelease(),
        ),
        (
            ALL,
            agent.ClipboardGrabSelectedSerial(selection=ONE, reserved=bytes(3), serial=0, types=(TEXT,)),
            agent.ClipboardRequestSelected(ONE, bytes(3), TEXT),
            agent.ClipboardSelected(selection=ONE, reserved=bytes(3), type=TEXT, data=b"hello"),
            agent.ClipboardReleaseSelected(ONE, bytes(3)),
        ),
    ],
    ids=["bare", "selections", "serials", "both"],
)
def test_layouts_are_what_both_announced(capabilities: Any, grab: Any, asked: Any, content: Any, release: Any) -> None:
    guest = ready(*capabilities)
    assert copy(guest, {TEXT: b"hello"}) == [grab]
    guest.say(asked)
    assert guest.take() == [content]
    guest.server.client.main.agent.clipboard.release()
    guest.server.run()
    assert guest.take() == [release]
    # And the other way round: what one may send, the other takes. The client has counted one grab.
    guest.say(
        agent.ClipboardGrabSelectedSerial(selection=ONE, reserved=bytes(3), serial=1, types=(TEXT,))
        if capabilities == ALL
        else agent.ClipboardGrabSerial(1, (TEXT,))
        if isinstance(grab, agent.ClipboardGrabSerial)
        else grab
    )
    found = paste(guest)
    assert guest.take() == [asked]
    guest.say(content)
    assert found == [(TEXT, b"hello")]
    guest.say(release)
    assert guest.server.told(ClipboardReleased) == [ClipboardReleased("clipboard")]


def test_an_agent_without_a_clipboard_is_told_nothing() -> None:
    guest = ready(AgentCapability.REPLY)
    assert copy(guest, {TEXT: b"hello"}) == []
    guest.say_raw(7, TEXT.to_bytes(4, "little"))
    assert not guest.server.told(ClipboardGrabbed)


def test_other_selections_are_for_agents_that_have_them() -> None:
    guest = ready(*ALL)
    assert copy(guest, {TEXT: b"marked"}, MARKED) == [
        agent.ClipboardGrabSelectedSerial(selection=MARKED, reserved=bytes(3), serial=0, types=(TEXT,))
    ]
    assert copy(ready(*BARE), {TEXT: b"marked"}, MARKED) == []


def test_each_selection_has_its_own_owner_and_count() -> None:
    guest = ready(*ALL)
    copy(guest, {TEXT: b"1"})
    [second] = copy(guest, {TEXT: b"2"})
    [marked] = copy(guest, {TEXT: b"3"}, MARKED)
    assert (second.serial, marked.serial) == (1, 0)
    guest.say(agent.ClipboardGrabSelectedSerial(selection=ONE, reserved=bytes(3), serial=2, types=(TEXT, PNG)))
    assert guest.server.told(ClipboardGrabbed) == [ClipboardGrabbed("clipboard", ("text", "png"))]
    guest.say(agent.ClipboardRequestSelected(MARKED, bytes(3), TEXT))
    assert guest.take() == [agent.ClipboardSelected(selection=MARKED, reserved=bytes(3), type=TEXT, data=b"3")]


def test_of_two_grabs_at_once_the_clients_counts() -> None:
    guest = ready(*ALL)
    copy(guest, {TEXT: b"ours"})
    guest.say(agent.ClipboardGrabSelectedSerial(selection=ONE, reserved=bytes(3), serial=0, types=(TEXT,)))
    assert not guest.server.told(ClipboardGrabbed)
    guest.say(agent.ClipboardRequestSelected(ONE, bytes(3), TEXT))
    assert guest.take() == [agent.ClipboardSelected(selection=ONE, reserved=bytes(3), type=TEXT, data=b"ours")]


@pytest.mark.parametrize("kind", [TEXT, PNG])
def test_every_request_is_answered(kind: int) -> None:
    guest = ready(*ALL)
    request, nothing = (
        agent.ClipboardRequestSelected(ONE, bytes(3), kind),
        agent.ClipboardSelected(selection=ONE, reserved=bytes(3), type=NONE, data=b""),
    )
    guest.say(request)
    assert guest.take() == [nothing], "nobody has copied anything"
    copy(guest, {kind: None, 3: b""})
    guest.say(request, request)
    assert guest.take() == [] and [event.format for event in guest.server.told(ClipboardWanted)] == 2 * [
        {TEXT: "text", PNG: "png"}[kind]
    ]
    clipboard = guest.server.client.main.agent.clipboard
    clipboard.supply(ONE, kind, b"late")
    clipboard.supply(ONE, kind, None)
    clipboard.supply(ONE, kind, b"nobody waits")
    guest.server.run()
    assert guest.take() == [agent.ClipboardSelected(selection=ONE, reserved=bytes(3), type=kind, data=b"late"), nothing]


@pytest.mark.parametrize(
    ("line_end", "wire", "back"),
    [
        (AgentCapability.GUEST_LINEEND_LF, b"a\nb\nc\n", b"a\nb\nc\n"),
        (AgentCapability.GUEST_LINEEND_CRLF, b"a\r\nb\r\nc\r\n", b"a\nb\nc\n"),
    ],
)
def test_text_has_the_line_ends_of_the_guest(line_end: int, wire: bytes, back: bytes) -> None:
    guest = ready(*SELECTED, line_end)
    copy(guest, {TEXT: b"a\nb\r\nc\n", PNG: b"a\nb"})
    guest.say(agent.ClipboardRequestSelected(ONE, bytes(3), TEXT), agent.ClipboardRequestSelected(ONE, bytes(3), PNG))
    assert [value.data for value in guest.take()] == [wire, b"a\nb"]
    guest.say(agent.ClipboardGrabSelected(ONE, bytes(3), (TEXT,)))
    found = paste(guest)
    guest.say(agent.ClipboardSelected(selection=ONE, reserved=bytes(3), type=TEXT, data=wire))
    assert found == [(TEXT, back)]


def test_what_is_pasted_is_the_best_there_is_unless_it_is_named() -> None:
    guest = ready(*SELECTED)
    guest.say(agent.ClipboardGrabSelected(ONE, bytes(3), (3, PNG, TEXT)))
    for kind in (None, PNG):
        paste(guest, ONE, kind)
    assert [value.type for value in guest.take()] == [TEXT, PNG]
    guest.say(agent.ClipboardGrabSelected(ONE, bytes(3), (99,)))
    paste(guest)
    assert [value.type for value in guest.take()] == [99]
    for values in ((ONE, TEXT), (MARKED,)):
        with pytest.raises(LocalError, match="nothing to be pasted"):
            paste(guest, *values)


def test_answers_may_come_in_another_order_and_empty() -> None:
    guest = ready(*SELECTED)
    guest.say(agent.ClipboardGrabSelected(ONE, bytes(3), (PNG, TEXT)))
    text, picture = paste(guest, ONE, TEXT), paste(guest, ONE, PNG)
    guest.say(
        agent.ClipboardSelected(selection=ONE, reserved=bytes(3), type=PNG, data=b"picture"),
        agent.ClipboardSelected(selection=ONE, reserved=bytes(3), type=NONE, data=b""),
    )
    assert (text, picture) == ([(NONE, b"")], [(PNG, b"picture")])
    assert guest.server.told(ClipboardPasted) == [ClipboardPasted("clipboard", "png", 7), ClipboardPasted("clipboard", "", 0)]
    guest.say(agent.ClipboardSelected(selection=ONE, reserved=bytes(3), type=TEXT, data=b"nobody asked"))
    assert len(guest.server.told(ClipboardPasted)) == 2


def test_who_waits_for_an_agent_that_goes_gets_nothing() -> None:
    guest = ready(*SELECTED)
    guest.say(agent.ClipboardGrabSelected(ONE, bytes(3), (TEXT,)))
    found = paste(guest)
    guest.disconnect()
    assert found == [(NONE, b"")] and guest.server.told(ClipboardReleased) == [ClipboardReleased("clipboard")]


def test_a_limit_is_said_and_kept() -> None:
    guest = agreed(Client(Options(max_clipboard=10)))
    assert agent.MaxClipboard(10) in guest.take()
    copy(guest, {TEXT: b"x" * 11})
    request = agent.ClipboardRequestSelected(ONE, bytes(3), TEXT)
    guest.say(request)
    assert [value.type for value in guest.take()] == [NONE]
    copy(guest, {TEXT: b"x" * 10})
    guest.say(request)
    assert [value.data for value in guest.take()] == [b"x" * 10]
    guest.disconnect()
    guest.connect()
    guest.take()
    guest.announce()
    assert agent.MaxClipboard(10) in guest.take(), "the next agent is told too"
    older = agreed(Client(Options(max_clipboard=10)), *SELECTED)
    assert not [value for value in older.take() if isinstance(value, agent.MaxClipboard)]


def test_content_that_is_too_long_for_a_message_is_not_to_be_had() -> None:
    guest = ready(*SELECTED)
    copy(guest, {PNG: None})
    guest.say(agent.ClipboardRequestSelected(ONE, bytes(3), PNG))
    guest.server.client.main.agent.clipboard.supply(ONE, PNG, bytes(100 << 20))
    guest.server.run()
    assert [(value.type, value.data) for value in guest.take()] == [(NONE, b"")]


def test_what_is_copied_in_the_guest_is_not_offered_to_the_next_agent() -> None:
    guest = ready(*SELECTED)
    copy(guest, {TEXT: b"ours"})
    guest.say(agent.ClipboardGrabSelected(ONE, bytes(3), (TEXT,)))
    guest.disconnect()
    guest.connect()
    guest.take()
    guest.announce()
    assert guest.take() == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", TEXT),
        ("grüße".encode(), TEXT),
        (b"\x89PNG\r\n\x1a\n", PNG),
        (b"BM\0", 3),
        (b"II*\0", 4),
        (b"MM\0*", 4),
        (b"\xff\xd8\xff\xe0", 5),
    ],
)
def test_a_format_is_known_by_the_bytes(content: bytes, kind: int) -> None:
    assert format_of(content) == kind


def test_what_is_neither_text_nor_picture_can_not_be_copied() -> None:
    with pytest.raises(LocalError, match="not what a clipboard can have"):
        format_of(b"\xff\0")


def test_an_agent_that_asks_again_and_again_and_takes_nothing() -> None:
    guest = agreed(None, *SELECTED, tokens=10)
    guest.take()
    copy(guest, {TEXT: bytes(1 << 16)})
    outbox = guest.server.client.main.agent.outbox
    for _ in range(2000):
        guest.say(agent.ClipboardRequestSelected(ONE, bytes(3), TEXT))
    assert outbox.waiting < 1 << 18 and outbox.messages <= 1024
    assert any(isinstance(event, AgentSkipped) for event in guest.server.events)
    guest.server.main.send(main.AgentToken(MANY))
    answers = guest.take()
    for _ in range(100):
        guest.server.wait(0.001)
        answers += guest.take()
    assert sum(len(value.data) == 1 << 16 for value in answers) >= 64
