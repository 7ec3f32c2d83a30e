"""Accounts of AGENT_DATA, and messages that wait for tokens."""

from __future__ import annotations

import pytest

from spiceproto import limits
from spiceproto.agent.outbox import Outbox
from spiceproto.agent.pieces import AgentReader
from spiceproto.agent.tokens import GivenTokens, Tokens
from spiceproto.errors import LocalError


def test_tokens_are_taken_set_and_added() -> None:
    tokens = Tokens()
    assert not tokens.take()
    tokens.set(2)
    tokens.add(1)
    assert [tokens.take() for _ in range(4)] == [True, True, True, False]
    tokens.set(0xFFFFFFFF)
    tokens.add(5)
    assert tokens.left == 0xFFFFFFFF


def test_given_tokens_come_back_in_batches() -> None:
    given = GivenTokens(batch=5)
    given.set(10)
    assert all(given.received() for _ in range(10))
    assert not given.received()
    assert [given.done() for _ in range(6)] == [0, 0, 0, 0, 5, 0]
    assert given.left == 5
    given.set(3)
    assert given.left == 3
    assert [given.done() for _ in range(5)] == [0, 0, 0, 0, 5]


def test_messages_wait_for_tokens() -> None:
    tokens = Tokens(2)
    outbox = Outbox(tokens)
    outbox.put(4, bytes(5000))
    outbox.put(9, b"")
    assert outbox.waiting == 5040
    first = list(outbox.take())
    assert [len(piece) for piece in first] == [2048, 2048]
    assert list(outbox.take()) == []
    tokens.add(9)
    rest = list(outbox.take())
    assert [len(piece) for piece in rest] == [924, 20]
    assert (outbox.waiting, tokens.left) == (0, 7)
    reader = AgentReader()
    assert [kind for piece in first + rest for kind, _, _ in reader.receive(piece)] == [4, 9]


def test_as_many_as_are_asked_for() -> None:
    outbox = Outbox()
    outbox.put(4, bytes(5000))
    assert len(list(outbox.take(1))) == 1
    assert list(outbox.take(0)) == []
    assert len(list(outbox.take())) == 2


def test_what_waits_is_dropped_with_the_agent() -> None:
    outbox = Outbox()
    outbox.put(4, bytes(5000))
    outbox.put(9, b"")
    outbox.drop()
    assert (outbox.waiting, list(outbox.take())) == (0, [])


def test_a_message_that_was_begun_is_finished() -> None:
    outbox = Outbox(Tokens(1))
    outbox.put(4, bytes(5000))
    outbox.put(9, b"")
    begun = list(outbox.take())
    outbox.drop()
    assert outbox.waiting == 5020 - 2048
    outbox.put(6, bytes(4))
    outbox.tokens = None
    reader = AgentReader()
    assert [kind for piece in [*begun, *outbox.take()] for kind, _, _ in reader.receive(piece)] == [4, 6]


def test_a_message_too_long() -> None:
    with pytest.raises(LocalError, match="too long"):
        Outbox().put(4, bytes(limits.AGENT_MESSAGE + 1))


def test_a_reader_with_a_bound() -> None:
    reader = AgentReader(100)
    head = b"\1\0\0\0\4\0\0\0" + bytes(8) + (101).to_bytes(4, "little")
    with pytest.raises(Exception, match="at most 100 bytes"):
        list(reader.receive(head))
