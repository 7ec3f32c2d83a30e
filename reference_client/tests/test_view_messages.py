"""The panel of messages: lines of what passes, so many a second, and fields of what is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest

from reference_client import Client
from reference_client.tests.memory_page import MemoryPage, MemorySession
from reference_client.tests.scripted import session
from reference_client.tests.scripted_agent import agreed
from reference_client.view import messages
from reference_client.view.files import page_files
from reference_client.view.messages import KEPT, MOST, OF_ONE, Messages, fields
from spiceproto import dispatch
from spiceproto.enums.link import ChannelType
from spiceproto.errors import LocalError
from spiceproto.messages import agent, common, display
from spiceproto.tests.peers import PATIENCE

Body = Callable[[Messages, MemorySession], Coroutine[Any, Any, None]]


def run(body: Body) -> None:
    async def whole() -> None:
        shown = MemorySession(session(Client()))
        panel = Messages(shown)
        shown.parts.append(panel)
        await body(panel, shown)

    asyncio.run(whole())


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


def open_panel(panel: Messages, channels: list[str] | None = None) -> MemoryPage:
    page = MemoryPage()
    panel.opened(page)
    panel.told(page, "messages-open", {"channels": channels})
    return page


def lines(page: MemoryPage) -> list[list[Any]]:
    return [row for message in page.said if message["event"] == "messages" for row in message["rows"]]


def has_lines(page: MemoryPage, count: int) -> bool:
    return len(lines(page)) >= count


def left(page: MemoryPage) -> dict[str, int]:
    found: dict[str, int] = {}
    for message in page.said:
        for name, count in message.get("left", {}).items():
            found[name] = found.get(name, 0) + count
    return found


def test_messages_of_both_sides_have_a_line_with_their_summary() -> None:
    async def body(panel: Messages, shown: MemorySession) -> None:
        page = open_panel(panel)
        shown.server.inputs.send(common.Ping(7, 9, b""))
        shown.client.inputs.key(0x1E, True)
        shown.pump()
        shown.server.inputs.send_raw(250, b"?")
        shown.server.inputs.send_raw(4, b"short")
        await until(lambda: len(lines(page)) >= 5)
        found = [row[2:5] + row[6:] for row in lines(page)]
        assert found[0] == ["inputs:0", "server", "PING", 12, "id=7 timestamp=9"]
        assert found[1][:3] == ["inputs:0", "client", "PONG"]
        assert found[2] == ["inputs:0", "client", "KEY_DOWN", 4, dispatch.row("inputs", "client", 101).summary(b"\x1e\0\0\0")]  # type: ignore[union-attr]
        assert found[3] == ["inputs:0", "server", "type 250", 1, "an unknown message"]
        assert found[4][4].startswith("malformed: ")
        assert [row[0] for row in lines(page)] == [1, 2, 3, 4, 5]

    run(body)


def test_nothing_is_watched_while_no_panel_is_open() -> None:
    async def body(panel: Messages, shown: MemorySession) -> None:
        assert all(line.messages.watch is None for line in shown.client.linked() if line.messages)
        page, other = open_panel(panel), open_panel(panel)
        assert all(line.messages.watch is not None for line in shown.client.linked() if line.messages)
        panel.told(page, "messages-close", {})
        shown.server.inputs.send(common.Ping(7, 9, b""))
        await until(lambda: lines(other))
        assert not lines(page)
        panel.closed(other)
        assert all(line.messages.watch is None for line in shown.client.linked() if line.messages)

    run(body)


def test_what_comes_too_fast_is_counted_and_leaves_room_for_other_channels() -> None:
    async def body(panel: Messages, shown: MemorySession) -> None:
        page = open_panel(panel)
        line = shown.server.line(ChannelType.DISPLAY)
        for _ in range(2 * OF_ONE):
            line.send(display.Mark())
        shown.server.inputs.send(common.SetAck(1, 1000))
        await until(lambda: lines(page))
        count = len([row for row in lines(page) if row[2] == "display:0"])
        assert count == OF_ONE and left(page) == {"display:0": OF_ONE}
        assert [row[4] for row in lines(page) if row[2] == "inputs:0"] == ["SET_ACK", "ACK_SYNC"]
        await until(lambda: not panel._taken["display:0"])
        line.send(display.Mark())
        await until(lambda: len([row for row in lines(page) if row[2] == "display:0"]) > OF_ONE)

    run(body)


def test_much_that_waits_has_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "KEPT_BYTES", 100)

    async def body(panel: Messages, shown: MemorySession) -> None:
        page = open_panel(panel, ["main:0"])
        for number in range(3):
            shown.server.main.send(common.Ping(number, 9, bytes(50)))
        await until(lambda: lines(page))
        assert [row[4] for row in lines(page)] == ["PING", "PONG", "PONG", "PONG"] and left(page) == {"main:0": 2}

    run(body)


def test_channels_that_are_not_wanted_cost_no_line() -> None:
    async def body(panel: Messages, shown: MemorySession) -> None:
        page = open_panel(panel, ["inputs:0"])
        line = shown.server.line(ChannelType.DISPLAY)
        for _ in range(2 * MOST):
            line.send(display.Mark())
        shown.server.inputs.send(common.Ping(7, 9, b""))
        await until(lambda: lines(page))
        assert {row[2] for row in lines(page)} == {"inputs:0"} and not left(page)
        assert page.said[0]["channels"] == ["display:0", "inputs:0"]
        panel.told(page, "messages-open", {"channels": []})
        page.said.clear()
        shown.server.inputs.send(common.Ping(7, 9, b""))
        panel.told(page, "messages-open", {"channels": ["inputs:0"]})
        shown.server.inputs.send(common.Ping(8, 9, b""))
        await until(lambda: lines(page))
        assert lines(page)[0][7] == "id=8 timestamp=9"

    run(body)


def test_fields_are_those_of_the_message_that_is_asked_for() -> None:
    async def body(panel: Messages, shown: MemorySession) -> None:
        page = open_panel(panel)
        shown.server.inputs.send(common.Ping(7, 9, b"x" * 40))
        shown.server.inputs.send_raw(250, b"?!")
        await until(lambda: len(lines(page)) >= 3)
        for number, expected in ((1, "    [0:4]      id: 7"), (3, "3f 21")):
            panel.told(page, "message-fields", {"number": number})
            await until(lambda: [message for message in page.said if message["event"] == "message-fields"])
            (found,) = page.told("message-fields")
            assert found["number"] == number and str(found["text"]).startswith(expected)
        for wrong in (0, 3):
            with pytest.raises(LocalError, match="number is wrong"):
                panel.told(page, "message-fields", {"number": 10 + wrong})
        with pytest.raises(LocalError, match="channels"):
            panel.told(page, "messages-open", {"channels": [3]})

    run(body)


def test_agent_messages_are_named_and_have_their_fields() -> None:
    async def whole() -> None:
        guest = agreed()
        shown = MemorySession(guest.server)
        panel = Messages(shown)
        page = open_panel(panel)
        guest.say(agent.ClipboardGrabSelectedSerial(selection=0, reserved=bytes(3), serial=0, types=(1,)))
        shown.client.main.agent.clipboard.paste(lambda kind, data: None)
        shown.pump()
        guest.say(agent.ClipboardSelected(selection=0, reserved=bytes(3), type=1, data=bytes(3000)))
        guest.say_raw(999, b"")
        await until(lambda: len(lines(page)) >= 5)
        found = [row[7] for row in lines(page) if row[4] == "AGENT_DATA"]
        assert found[0].startswith("CLIPBOARD_GRAB ") and found[1].startswith("CLIPBOARD_REQUEST ")
        assert found[2] == "CLIPBOARD, 2028 of 3008 bytes" and found[3:] == ["data=980 bytes", "data=20 bytes"]
        panel.told(page, "message-fields", {"number": lines(page)[0][0]})
        await until(lambda: [message for message in page.said if message["event"] == "message-fields"])
        text = str(page.told("message-fields")[0]["text"])
        assert "CLIPBOARD_GRAB, 12 bytes, of the agent's protocol:\n    [0:1]      selection: CLIPBOARD" in text

    asyncio.run(whole())


def test_of_what_has_passed_only_so_much_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "KEPT_BYTES", 100)

    async def body(panel: Messages, shown: MemorySession) -> None:
        page = open_panel(panel)
        for number in range(3):
            shown.server.inputs.send(common.Ping(number, 9, bytes(60)))
            await until(partial(has_lines, page, 2 * number + 2))
        panel.told(page, "message-fields", {"number": 1})
        await until(lambda: [message for message in page.said if message["event"] == "message-fields"])
        assert page.told("message-fields")[0]["text"] == "its bytes are not kept any more"
        panel.told(page, "message-fields", {"number": 5})
        await until(lambda: [message for message in page.said if message["event"] == "message-fields"])
        assert "id: 2" in str(page.told("message-fields")[0]["text"])

    run(body)
    assert KEPT >= 1000


def test_fields_of_a_message_that_is_cut_short_stand_before_the_error() -> None:
    row = dispatch.row("main", "server", 103)
    assert row is not None
    assert fields(row, bytes([1, 0, 0, 0])).startswith("    [0:4]      session_id: 1")


@pytest.mark.parametrize(
    "sink", ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "Function("]
)
def test_what_a_guest_says_is_put_into_the_page_as_text(sink: str) -> None:
    files = page_files()
    assert len([path for path in files if path.endswith(".js")]) > 5
    assert [path for path, file in files.items() if sink.encode() in file.data] == []
