"""The clipboard of a page and that of the guest: each says what it has, and hands it out when it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from reference_client.tests.memory_page import MemoryPage, MemorySession
from reference_client.tests.scripted_agent import ScriptedAgent, agreed
from reference_client.view import transfer
from reference_client.view.clipboard import Clipboard
from reference_client.view.transfer import KIND, LARGEST, PIECE, Collector, TooLarge, pieces
from spiceproto.enums.agent import ClipboardType
from spiceproto.errors import LocalError
from spiceproto.messages import agent

TEXT, PNG = int(ClipboardType.UTF8_TEXT), int(ClipboardType.IMAGE_PNG)
NOTHING = bytes(3)


class Pair:
    """A guest with an agent, and a page."""

    def __init__(self) -> None:
        self.guest: ScriptedAgent = agreed()
        self.guest.take()
        self.shown = MemorySession(self.guest.server)
        self.part = Clipboard(self.shown)
        self.shown.parts.append(self.part)
        self.page = MemoryPage()
        self.part.opened(self.page)
        self.shown.pump()

    def says(self, verb: str, **values: Any) -> list[Any]:
        """The page says something; what the guest's agent hears."""
        self.part.told(self.page, verb, values)
        return self.heard()

    def sends(self, number: int, content: bytes) -> list[Any]:
        for piece in pieces(number, content):
            self.part.received(self.page, KIND, memoryview(piece))
        return self.heard()

    def heard(self) -> list[Any]:
        self.shown.pump()
        return self.guest.take()

    def guest_says(self, *values: Any) -> None:
        self.guest.say(*values)
        self.shown.pump()


def in_loop(body: Callable[[Pair], None]) -> Callable[[], None]:
    """A test in a loop, for what is done a moment later."""

    def run() -> None:
        async def whole() -> None:
            body(Pair())
            await asyncio.sleep(0)

        asyncio.run(whole())

    run.__name__ = body.__name__
    return run


def content(type: int, data: bytes) -> agent.ClipboardSelected:
    return agent.ClipboardSelected(selection=0, reserved=NOTHING, type=type, data=data)


def grab(serial: int, *types: int) -> agent.ClipboardGrabSelectedSerial:
    return agent.ClipboardGrabSelectedSerial(selection=0, reserved=NOTHING, serial=serial, types=types)


def request(type: int) -> agent.ClipboardRequestSelected:
    return agent.ClipboardRequestSelected(0, NOTHING, type)


@in_loop
def test_what_is_copied_in_the_page_is_handed_out_when_the_guest_asks(pair: Pair) -> None:
    assert pair.page.told("clipboard")[-1] == {"event": "clipboard", "agent": True, "formats": ()}
    assert pair.says("clipboard-grab", formats=["png", "text"]) == [grab(0, TEXT, PNG)]
    assert not pair.page.bytes and not pair.page.told("clipboard-wanted")
    pair.guest_says(request(TEXT), request(PNG))
    wanted = pair.page.told("clipboard-wanted")
    assert [message["format"] for message in wanted] == ["text", "png"]
    picture = bytes(range(256)) * 3000
    assert pair.sends(wanted[1]["number"], picture) == [content(PNG, picture)]
    assert pair.sends(wanted[0]["number"], "grüße".encode()) == [content(TEXT, "grüße".encode())]
    assert pair.sends(wanted[0]["number"], b"again") == []


@in_loop
def test_what_the_page_has_not_is_answered_with_nothing(pair: Pair) -> None:
    pair.says("clipboard-grab", formats=["text"])
    pair.guest_says(request(TEXT))
    (wanted,) = pair.page.told("clipboard-wanted")
    assert pair.says("clipboard-none", number=wanted["number"]) == [content(0, b"")]
    assert pair.says("clipboard-none", number=wanted["number"]) == []


@in_loop
def test_what_is_copied_in_the_guest_comes_when_the_page_asks(pair: Pair) -> None:
    pair.guest_says(grab(0, TEXT, PNG, int(ClipboardType.IMAGE_BMP)))
    assert pair.page.told("clipboard")[-1]["formats"] == ("text", "png")
    assert pair.says("clipboard-fetch", number=5, format="png") == [request(PNG)]
    picture = bytes(range(256)) * 3000
    pair.guest_says(content(PNG, picture))
    assert [piece[:8] for piece in pair.page.bytes] == [b"\2\0\0\0\5\0\0\0"] * 2 + [b"\2\1\0\0\5\0\0\0"]
    assert b"".join([piece[8:] for piece in pair.page.bytes]) == picture
    pair.guest_says(agent.ClipboardReleaseSelected(0, NOTHING))
    assert pair.page.told("clipboard")[-1]["formats"] == ()
    assert pair.says("clipboard-fetch", number=6, format="text") == []
    (none,) = pair.page.told("clipboard-none")
    assert none["number"] == 6 and "nothing to be pasted" in none["text"]


@pytest.mark.parametrize("act", ["clipboard-grab", "clipboard-release", "leave"])
def test_who_still_waits_gets_nothing_when_something_else_is_copied_or_the_page_goes(act: str) -> None:
    async def body() -> None:
        pair = Pair()
        pair.says("clipboard-grab", formats=["text"])
        pair.guest_says(request(TEXT))
        (wanted,) = pair.page.told("clipboard-wanted")
        if act == "leave":
            pair.part.closed(pair.page)
        else:
            pair.part.told(pair.page, act, {"formats": ["png"]})
        await asyncio.sleep(0)
        heard = pair.heard()
        assert heard.count(content(0, b"")) == 1
        assert (heard[0] == grab(1, PNG)) is (act == "clipboard-grab")
        assert (agent.ClipboardReleaseSelected(0, NOTHING) in heard) is (act != "clipboard-grab")
        assert pair.sends(wanted["number"], b"late") == []

    asyncio.run(body())


@in_loop
def test_more_than_can_be_under_way_is_answered_with_nothing(pair: Pair) -> None:
    pair.says("clipboard-grab", formats=["text"])
    pair.guest_says(*[request(TEXT)] * 20)
    assert len(pair.page.told("clipboard-wanted")) == 16
    pair.guest_says(grab(1, TEXT))
    for number in range(20):
        pair.says("clipboard-fetch", number=number, format="text")
    assert [message["number"] for message in pair.page.told("clipboard-none")] == [16, 17, 18, 19]


@in_loop
def test_a_page_that_only_looks_has_no_part_in_it(pair: Pair) -> None:
    pair.page.controls = False
    for verb in ("clipboard-grab", "clipboard-fetch", "clipboard-release"):
        with pytest.raises(LocalError, match="only looks"):
            pair.says(verb, formats=["text"], number=1, format="text")


@in_loop
def test_what_is_no_message_of_a_page_is_refused(pair: Pair) -> None:
    for formats in (None, [], ["bmp"], "text", [7]):
        with pytest.raises(LocalError, match="formats"):
            pair.says("clipboard-grab", formats=formats)
    for number in (-1, 1 << 32, True, "1", None):
        with pytest.raises(LocalError, match="number"):
            pair.says("clipboard-fetch", number=number, format="text")
    with pytest.raises(LocalError, match="at least 8 bytes"):
        pair.part.received(pair.page, KIND, memoryview(b"\2"))
    with pytest.raises(LocalError, match="format"):
        pair.says("clipboard-fetch", number=1, format="bmp")
    pair.says("clipboard-grab", formats=["text"])
    with pytest.raises(LocalError, match="at least 8 bytes"):
        pair.part.received(pair.page, KIND, memoryview(b"\2"))


@in_loop
def test_the_agent_comes_and_goes(pair: Pair) -> None:
    pair.guest.disconnect()
    pair.shown.pump()
    assert pair.page.told("clipboard")[-1] == {"event": "clipboard", "agent": False, "formats": ()}
    pair.says("clipboard-grab", formats=["text"])
    pair.guest.connect()
    pair.guest.take()
    pair.guest.announce()
    assert pair.heard()[-1] == grab(0, TEXT)
    assert pair.page.told("clipboard")[-1]["agent"] is True


def test_pieces_are_put_together_and_too_many_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (0, 1, PIECE, PIECE + 1, 3 * PIECE):
        collector = Collector()
        collector.want(9)
        whole = bytes(size)
        found = [collector.receive(memoryview(piece)) for piece in pieces(9, whole)]
        assert found == [None] * (len(found) - 1) + [(9, whole)] and collector.wanted == ()
    assert collector.receive(memoryview(pieces(9, b"late")[0])) is None
    monkeypatch.setattr(transfer, "LARGEST", 100)
    collector.want(3)
    with pytest.raises(TooLarge, match="too large") as caught:
        collector.receive(memoryview(pieces(3, bytes(101))[0]))
    assert caught.value.number == 3 and LARGEST >= 1 << 20
