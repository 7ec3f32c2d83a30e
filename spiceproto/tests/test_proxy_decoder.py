"""What passes is decoded in turns; what waits is bounded, and a consumer that fails costs one connection."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from spiceproto.proxy import decoder as module
from spiceproto.proxy.decoder import Decoder
from spiceproto.proxy.observers import Checker
from spiceproto.proxy.traffic import Passage
from spiceproto.tests.proxied import linked

MOTION = bytes((111, 0, 10, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0, 0))
COUNT = 20_000


def opened(decoder: Decoder, number: int = 1) -> Any:
    """A connection behind its link stage."""
    watcher = decoder.opened(Passage(number, ("127.0.0.1", 40000 + number), ("127.0.0.1", 5900), ("tcp",)), 1)
    for who, data in linked()[0]:
        watcher.said(who == "client", data, 2)
    return watcher


def test_much_is_told_in_several_turns() -> None:
    async def body() -> None:
        checker = Checker(lambda text: None)
        shown: list[int] = []
        decoder = Decoder(checker, lambda: shown.append(checker.messages))
        opened(decoder).said(True, MOTION * COUNT, 3)
        assert checker.messages == 0
        while checker.messages < COUNT:
            await asyncio.sleep(0)
        assert len(set(shown)) > 3 and not checker.problems

    asyncio.run(body())


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAITING", 100_000)

    async def body() -> None:
        checker = Checker(lambda text: None)
        decoder = Decoder(checker)
        watcher = opened(decoder)
        for _ in range(50):
            watcher.said(True, MOTION * 1000, 3)
        assert checker.messages >= 50_000 - 100_000 // len(MOTION) - 1000
        watcher.ended(True, 4)
        watcher.closed(5)
        decoder.settle()
        assert checker.messages == 50_000 and decoder.passing.capture.last_time_ns == 3

    asyncio.run(body())


def test_a_consumer_that_fails_hears_of_other_connections() -> None:
    class Failing(Checker):
        def lane(self, conversation: Any, sender: str) -> Any:
            if conversation.connection.number == 1:
                raise ValueError("no")
            return super().lane(conversation, sender)

    async def body() -> None:
        told: list[str] = []
        checker = Failing(told.append)
        decoder = Decoder(checker, tell=told.append)
        for number in (1, 2):
            opened(decoder, number).said(True, MOTION, 3)
        decoder.settle()
        assert checker.messages == 1
        assert told == ["what looks on has failed, and sees no more of this connection: ValueError('no')"]

    asyncio.run(body())


def test_messages_in_pieces() -> None:
    """A message that lies in two pieces is one message."""

    async def body() -> None:
        checker = Checker(lambda text: None)
        decoder = Decoder(checker)
        watcher = opened(decoder)
        for at in range(0, len(MOTION) * 3, 5):
            watcher.said(True, (MOTION * 3)[at : at + 5], 3)
        decoder.settle()
        assert checker.messages == 3 and not checker.problems

    asyncio.run(body())
