"""What reports say of the lives of surfaces: what the table says, where they know what there is, and else nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto import dispatch
from spiceproto.capabilities import NONE
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import KINDS
from spiceproto.capture.layers import Connection
from spiceproto.capture.sessions import Gathered
from spiceproto.capture.streams import Capture
from spiceproto.enums.display import SurfaceFlags
from spiceproto.machine import Lives as Machine
from spiceproto.messages import display
from spiceproto.messages.draw import Clip, DisplayBase
from spiceproto.messages.geometry import Point, Rect
from spiceproto.report.lives import UNSURE, Lives
from spiceproto.rules.display import SURFACES

SESSION = Gathered(7)


def create(number: int, *, primary: bool = False) -> display.SurfaceCreate:
    flags = SurfaceFlags.PRIMARY if primary else SurfaceFlags(0)
    return display.SurfaceCreate(surface_id=number, width=4, height=4, format=32, flags=flags)


def draw(number: int) -> display.CopyBits:
    base = DisplayBase(surface_id=number, box=Rect(top=0, left=0, bottom=1, right=1), clip=Clip(type=0, rects=None))
    return display.CopyBits(base=base, src_pos=Point(x=0, y=0))


class Told:
    """The display channel of a session whose main channel was seen, and what is said of it."""

    def __init__(self, *, main_seen: bool = True, capabilities: Any = NONE, copy_of: Any = None) -> None:
        self.said: list[str] = []
        self.handed: list[int] = []
        self.lives = Lives(lambda conversation, at, text, expected, actual: self.said.append(text))
        if main_seen:
            self._lane("main", 0, NONE, None)
        self.conversation, self._emit = self._lane("display", 1, capabilities, copy_of)

    def _lane(self, table: str, connection_id: int, capabilities: Any, copy_of: Any) -> Any:
        conversation = Conversation(Connection(Capture("-"), 0, 0, 1))
        conversation.table, conversation.session, conversation.connection_id = table, SESSION, connection_id
        conversation.client_capabilities = conversation.server_capabilities = capabilities
        conversation.copy_of = copy_of
        emit = self.lives.beside(conversation, "server", lambda number, *rest: self.handed.append(number))
        return conversation, emit

    def say(self, *values: Any) -> list[str]:
        """What is told of these."""
        self.said.clear()
        for value in values:
            number, body = dispatch.build("display", "server", value)
            self._emit(number, body, 1, 0, (1,))
        return list(self.said)


def test_a_life_as_it_should_be() -> None:
    told = Told()
    assert told.say(create(0, primary=True), create(5), draw(5), display.SurfaceDestroy(5), create(5), draw(0)) == []
    assert told.say(display.Mode(x_res=9, y_res=9, bits=32), draw(0), display.SurfaceDestroy(0)) == []
    assert len(told.handed) == 9


def test_each_use_is_told_once_until_the_surface_begins() -> None:
    told = Told()
    assert [text[:17] for text in told.say(draw(5), draw(5), draw(6))] == ["SPICE-DISPLAY-007"] * 2
    assert [text[:17] for text in told.say(create(5), draw(5), display.SurfaceDestroy(5), draw(5), draw(6))] == [
        "SPICE-DISPLAY-007"
    ]


@pytest.mark.parametrize("how", [{"main_seen": False}, {"capabilities": None}, {"copy_of": object()}])
def test_who_did_not_see_the_beginning_says_nothing(how: dict[str, Any]) -> None:
    assert Told(**how).say(draw(5), display.SurfaceDestroy(5), create(0), create(0)) == []


def test_nothing_is_said_behind_what_was_not_read() -> None:
    told = Told()
    told.say(create(0, primary=True))
    told.lives.forget(told.conversation)
    assert told.say(draw(5), create(0), display.SurfaceDestroy(3)) == []
    assert UNSURE - {"versions"} < set(KINDS)


def test_a_channel_with_too_many_surfaces_is_left_alone() -> None:
    told = Told()
    assert told.say(*[create(number) for number in range(1, 1 << 16)], draw(1)) == []
    assert told.say(create(1 << 16), create(1 << 17), draw(1 << 17), draw(1 << 18)) == []


MESSAGES = st.one_of(
    st.builds(create, st.integers(0, 2), primary=st.booleans()),
    st.builds(display.SurfaceDestroy, st.integers(0, 2)),
    st.builds(draw, st.integers(0, 2)),
    st.just(display.Mode(x_res=9, y_res=9, bits=32)),
)


@given(st.lists(MESSAGES, max_size=12))
def test_the_table_says_the_same(values: list[Any]) -> None:
    machine, told = Machine(SURFACES), Told()
    expected: list[str] = []
    once = set[int]()
    for value in values:
        name = dispatch.row_of("display", "server", value).name
        found = [
            f"{item.requirement}: {item.text}" for verdict in machine.judge("server", name, value) for item in verdict.breaches
        ]
        if isinstance(value, display.CopyBits):
            number = value.base.surface_id
            expected += [] if number in once else found
            once |= {number} if found else set()
        else:
            expected += found
            once = {number for number in once if machine.state((number,)) == "absent"}
    assert [text for value in values for text in told.say(value)] == expected
