"""What reports say of the multimedia clock: how far the times of main and sound are from what INIT said."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from spiceproto import dispatch
from spiceproto.capture.conversation import Conversation
from spiceproto.enums.audio import AudioFmt
from spiceproto.messages import main, playback
from spiceproto.report.times import Span, Times

CLOCK = 2**32 - 1000
MS = 1_000_000


def init(clock: int) -> main.Init:
    return main.Init(
        session_id=1,
        display_channels_hint=1,
        supported_mouse_modes=1,
        current_mouse_mode=1,
        agent_connected=0,
        agent_tokens=0,
        multi_media_time=clock,
        ram_hint=0,
    )


class Told:
    """Lanes of one session, and what was handed on."""

    def __init__(self) -> None:
        self.times = Times()
        self.handed: list[int] = []

    def say(self, table: str, value: Any, after: int, *, body: bytes | None = None, sender: str = "server") -> None:
        """A message, so many ms behind the beginning."""
        conversation = cast(Conversation, SimpleNamespace(table=table, session=SimpleNamespace(number=7), copy_of=None))
        emit = self.times.beside(conversation, sender, lambda number, *rest: self.handed.append(number))
        number, built = dispatch.build(table, sender, value)
        emit(number, built if body is None else body, 1, after * MS, (1,))

    @property
    def said(self) -> list[str]:
        return [str(span) for span in self.times]


def test_times_are_compared_with_init_and_the_time_since() -> None:
    told = Told()
    told.say("main", init(CLOCK), 500)
    start = playback.Start(channels=2, format=AudioFmt.S16, frequency=48000, time=CLOCK + 900 & 0xFFFFFFFF)
    told.say("playback", start, 1000)
    for after, off in ((1500, 400), (2500, 395), (3500, 402)):
        told.say("playback", playback.Data(CLOCK + after - 500 + off & 0xFFFFFFFF, b"1234"), after)
    told.say("main", main.MultiMediaTime(CLOCK + 3500 - 3 & 0xFFFFFFFF), 4000)
    assert list(told.times)[1] == Span(7, "playback DATA", 3, 395, 402)
    clock = "against the multimedia clock of INIT"
    assert told.said == [
        f"session 7: time of 1 playback START {clock}: 400 ms ahead",
        f"session 7: time of 3 playback DATA {clock}: 395 ms ahead to 402 ms ahead",
        f"session 7: time of 1 main MULTI_MEDIA_TIME {clock}: 3 ms behind",
    ]
    assert len(told.handed) == 6


def test_nothing_is_said_without_init_or_of_what_can_not_be_read() -> None:
    told = Told()
    told.say("main", main.MultiMediaTime(5), 0)
    told.say("main", init(CLOCK), 0)
    told.say("main", main.MultiMediaTime(5), 0, body=b"\1")
    assert told.said == [] and len(told.handed) == 3


def test_the_lanes_of_others_are_left_alone() -> None:
    times = Times()

    def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
        raise AssertionError("nobody speaks")

    for table, sender in (("display", "server"), ("playback", "client"), ("inputs", "server")):
        assert times.beside(cast(Conversation, SimpleNamespace(table=table)), sender, emit) is emit
