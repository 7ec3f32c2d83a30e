"""One line a message, whether messages are printed alone or in runs."""

from __future__ import annotations

import io
from time import tzset
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto import dispatch
from spiceproto.enums.inputs import MouseButtonMask
from spiceproto.messages.common import Ping
from spiceproto.messages.inputs import KeyDown, MouseMotion
from spiceproto.report import text
from spiceproto.report.framed import FramedReport

MOTION = dispatch.build("inputs", "client", MouseMotion(dx=-3, dy=70000, buttons_state=MouseButtonMask.LEFT))
NO_BUTTON = dispatch.build("inputs", "client", MouseMotion(dx=1, dy=2, buttons_state=MouseButtonMask(0)))
KEY = dispatch.build("inputs", "client", KeyDown(code=30))
SHORT = (MOTION[0], MOTION[1][:-1])
LONG = (MOTION[0], MOTION[1] + b"more")
UNKNOWN = (9999, b"?")
PING = dispatch.build("inputs", "server", Ping(id=1, timestamp=2, data=b""))

FROM_CLIENT = st.tuples(st.just("client"), st.sampled_from([MOTION] * 5 + [NO_BUTTON, KEY, SHORT, LONG, UNKNOWN]))
FROM_SERVER = st.tuples(st.just("server"), st.just(PING))
STEPS = st.sampled_from([0, 999, 1_000, 40_000_000, 999_999_999, 3_000_000_000, -5_000])
MESSAGES = st.lists(st.tuples(st.one_of(FROM_CLIENT, FROM_CLIENT, FROM_SERVER), STEPS), max_size=40)


def printed(messages: list[Any], *, apart: bool, time: str = "relative", frames: bool = False) -> str:
    """The report of messages on two connections; ``apart`` writes every line before the next message is seen."""
    out = io.StringIO()
    report = (FramedReport if frames else text.TextReport)(out, time=time, frames=frames)
    report.decoder = SimpleNamespace(number=0, undecoded=0, trailing=0)  # type: ignore[assignment]
    lanes = {}
    for number, sender in enumerate(("client", "server"), 1):
        connection = SimpleNamespace(number=number, time_ns=1_000_000_000_000)
        conversation: Any = SimpleNamespace(
            connection=connection, table="inputs", channel="inputs", channel_id=0, place="inputs:0"
        )
        lanes[sender] = report.lane(conversation, sender)
    time_ns = 1_000_000_000_000
    for (sender, (number, body)), step in messages:
        time_ns += step
        lanes[sender](number, body, 1, time_ns, (6, 7))
        if apart:
            report.flush()
    report.flush()
    return out.getvalue()


@given(MESSAGES)
def test_runs_print_what_messages_alone_print(messages: list[Any]) -> None:
    assert printed(messages, apart=False) == printed(messages, apart=True)


@given(MESSAGES, st.sampled_from(["absolute", "utc", "epoch"]))
def test_runs_print_what_messages_alone_print_in_other_times(messages: list[Any], time: str) -> None:
    assert printed(messages, apart=False, time=time) == printed(messages, apart=True, time=time)


@given(MESSAGES, st.sampled_from(["relative", "utc"]))
def test_lines_with_frames_are_the_lines_without(messages: list[Any], time: str) -> None:
    framed = printed(messages, apart=False, time=time, frames=True).splitlines()
    assert {line[6:14] for line in framed} <= {"       7"}
    assert [line[:6] + line[14:] for line in framed] == printed(messages, apart=False, time=time).splitlines()


@pytest.mark.parametrize(
    ("way", "zone", "said"),
    [
        ("relative", "UTC", "   3.600001"),
        ("utc", "XYZ-3", "1970-01-01 00:16:43.600001"),
        ("absolute", "XYZ-3", "1970-01-01 03:16:43.600001"),
        ("epoch", "XYZ-3", "      1003.600001"),
    ],
)
def test_times(way: str, zone: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    tzset()
    try:
        line = printed([(("client", MOTION), 0), (("client", MOTION), 3_600_001_999)], apart=False, time=way).splitlines()[1]
    finally:
        monkeypatch.undo()
        tzset()
    assert line.startswith(f"     2 {said} ")


@pytest.mark.parametrize("count", [1, 2, text._RUN, text._RUN + 1, text._RUN + 2, 6 * text._RUN + 5])
def test_long_runs_are_written_in_pieces(count: int) -> None:
    messages = [(("client", MOTION), 1_000)] * count
    found = printed(messages, apart=False)
    assert found == printed(messages, apart=True)
    assert found.count("\n") == count
    assert found.splitlines()[-1].split() == [
        *(str(count), f"0.{count:06d}", "1", "inputs:0", "client", "MOUSE_MOTION", "10"),
        *("dx=-3", "dy=70000", "buttons_state=LEFT"),
    ]


def test_lines_of_others_end_a_run() -> None:
    """Each keeps its place."""
    messages = [(("client", MOTION), 0)] * 3 + [(("server", PING), 0)] + [(("client", MOTION), 0)] * 3
    names = [line.split()[5] for line in printed(messages, apart=False).splitlines()]
    assert names == ["MOUSE_MOTION"] * 3 + ["PING"] + ["MOUSE_MOTION"] * 3
