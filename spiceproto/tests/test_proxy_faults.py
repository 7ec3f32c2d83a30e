"""What each fault does to the bytes of a direction, and where it begins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from spiceproto.proxy.faults import FAULTS, Stage, make_stage, parse_fault

DATA = bytes(range(100))


class Way:
    """A direction that keeps what is done to it."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.held: set[object] = set()

    def put(self, data: bytes) -> None:
        self.done.append(data)

    def hold(self, reason: object) -> None:
        self.held.add(reason)

    def release(self, reason: object) -> None:
        self.held.discard(reason)

    def finish(self) -> None:
        self.done.append("finish")

    def cut(self) -> None:
        self.done.append("cut")

    def reset(self) -> None:
        self.done.append("reset")

    def fault(self, text: str) -> None:
        self.done.append(text)


def play(text: str, body: Callable[[Stage], None], passed: int = 0) -> Way:
    """What comes of a stage, until nothing waits in it."""
    way = Way()

    async def whole() -> None:
        stage = make_stage(parse_fault(text), way, lambda data: way.put(data) if data else None, passed)
        body(stage)
        while not stage.idle:
            await asyncio.sleep(0.001)

    asyncio.run(whole())
    return way


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_happens_before_its_place(name: str) -> None:
    assert play(f"{name}:at=100", lambda stage: stage.feed(DATA[:99])).done == [DATA[:99]]


@pytest.mark.parametrize("name", FAULTS)
def test_bytes_that_passed_before_count(name: str) -> None:
    seconds = ",seconds=0.01" if name == "stall" else ""
    assert play(f"{name}:at=50{seconds}", lambda stage: stage.feed(DATA), passed=40).done[:2] == [DATA[:10], name]


def test_slices_are_pieces() -> None:
    assert play("slice:at=10,size=30", lambda stage: stage.feed(DATA)).done == [
        *(DATA[:10], "slice"),
        *(DATA[10:40], DATA[40:70], DATA[70:]),
    ]
    assert play("slice:length=3", lambda stage: stage.feed(DATA)).done == ["slice", b"\0", b"\1", b"\2", DATA[3:]]


def test_sliced_bytes_and_those_behind_keep_their_order() -> None:
    def body(stage: Stage) -> None:
        stage.feed(DATA[:10])
        stage.feed(DATA[10:])

    assert b"".join(play("slice:length=5", body).done[1:]) == DATA


def test_coalesced_bytes_are_one_piece() -> None:
    def body(stage: Stage) -> None:
        for at in range(100):
            stage.feed(DATA[at : at + 1])

    assert play("coalesce:seconds=0.02", body).done == ["coalesce", DATA]
    assert play("coalesce:size=60,seconds=0.02", body).done == ["coalesce", DATA[:60], DATA[60:]]


def test_delayed_bytes_come_later_in_their_order() -> None:
    def body(stage: Stage) -> None:
        stage.feed(DATA[:50])
        stage.feed(DATA[50:])
        assert not stage.idle

    assert play("delay:seconds=0.05", body).done == ["delay", DATA[:50], DATA[50:]]


def test_too_much_that_is_delayed_holds_the_sender() -> None:
    way = Way()

    async def whole() -> None:
        stage = make_stage(parse_fault("delay:seconds=0.1"), way, way.put, 0)
        for _ in range(17):
            stage.feed(bytes(1 << 20))
        assert way.held
        while not stage.idle:
            await asyncio.sleep(0.01)
        assert not way.held

    asyncio.run(whole())


@pytest.mark.parametrize(("name", "done"), [("half-close", "finish"), ("truncate", "cut"), ("reset", "reset")])
def test_ends(name: str, done: str) -> None:
    def body(stage: Stage) -> None:
        stage.feed(DATA)
        stage.feed(DATA)

    assert play(f"{name}:at=30", body).done == [DATA[:30], name, done]
    assert play(f"{name}:at=100", lambda stage: stage.feed(DATA)).done == [DATA, name, done]


def test_a_stall_holds_the_sender_and_ends() -> None:
    def body(stage: Stage) -> None:
        stage.feed(DATA)
        assert isinstance(stage.way, Way) and stage.way.held
        stage.feed(DATA)

    way = play("stall:at=30,seconds=0.02", body)
    assert way.done == [DATA[:30], "stall", DATA[30:] + DATA] and not way.held
