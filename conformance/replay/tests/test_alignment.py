"""Two conversations side by side, and the fields in which their messages differ."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from conformance.replay.alignment import align
from conformance.replay.compared import FLOW, GUEST, USER, why_not
from conformance.replay.fields import bound, compared, differing, fields
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import main


class Item(msgspec.Struct, frozen=True):
    name: str
    value: int = 0

    @property
    def key(self) -> Any:
        return self.name, self.value


_ITEMS = st.lists(st.builds(Item, st.sampled_from("ABC"), st.integers(0, 2)), max_size=12)


@given(_ITEMS, _ITEMS)
def test_nothing_is_lost_and_nothing_made_up(recorded: list[Item], found: list[Item]) -> None:
    pairs = align(recorded, found)
    assert [left for left, _ in pairs if left is not None] == recorded
    assert [right for _, right in pairs if right is not None] == found
    assert all(left.name == right.name for left, right in pairs if left is not None and right is not None)


@given(_ITEMS)
def test_the_same_is_the_same(items: list[Item]) -> None:
    assert align(items, list(items)) == [(item, item) for item in items]


def test_what_is_whole_goes_before_what_has_a_name_alone() -> None:
    one, two, three = Item("A", 1), Item("A", 2), Item("A", 3)
    assert align([one, two], [two]) == [(one, None), (two, two)]
    assert align([one], [three, two]) == [(one, three), (None, two)]
    assert align([one, Item("B")], [three, Item("B")]) == [(one, three), (Item("B"), Item("B"))]


_INIT = main.Init(
    session_id=7,
    display_channels_hint=1,
    supported_mouse_modes=MouseMode.SERVER,
    current_mouse_mode=MouseMode.SERVER,
    agent_connected=0,
    agent_tokens=10,
    multi_media_time=1234,
    ram_hint=5,
)


def test_fields() -> None:
    assert fields(_INIT)["session_id"] == 7
    assert "session_id" not in compared("server", "main", "INIT", _INIT)
    listed = main.ChannelsList((main.ChannelId(ChannelType.DISPLAY, 1), main.ChannelId(99, 0)))
    assert fields(listed) == {"display:1": "listed", "channel-99:0": "listed"}
    assert bound("server", "cursor", "INIT", "cursor.header.unique") == "of the guest"
    assert bound("server", "cursor", "INIT", "cursors") == ""


def test_differences_of_fields_are_in_words() -> None:
    other = msgspec.structs.replace(_INIT, session_id=9, multi_media_time=1, current_mouse_mode=MouseMode.CLIENT)
    old, new = [compared("server", "main", "INIT", value) for value in (_INIT, other)]
    assert differing(old, new) == [("current_mouse_mode", "SERVER (1)", "CLIENT (2)")]
    assert differing({"text": b"one\0"}, {"text": b"\xff"}) == [("text", '"one"', "1 bytes: ff")]
    assert differing({"a": 1}, {"b": 2}) == [("a", "1", "-"), ("b", "-", "2")]


def test_what_is_not_compared_has_a_reason() -> None:
    assert why_not("server", "display", "DRAW_COPY") == GUEST
    assert why_not("server", "display", "DRAW_COPY", all=True) == ""
    assert why_not("client", "inputs", "KEY_DOWN") == USER
    assert why_not("server", "main", "PING", all=True) == FLOW
    assert why_not("server", "main", "INIT") == ""
    assert (why_not("server", "cursor", "INIT"), why_not("server", "cursor", "INIT", 1)) == ("", GUEST)
