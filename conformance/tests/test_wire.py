"""A connection in its link stage, against an end that plays a part."""

from __future__ import annotations

import pytest

from conformance.outcome import Failure
from conformance.tests.player import Player, wired


def test_bytes_are_taken_in_order() -> None:
    wire = wired(Player(lambda data: data))
    wire.send(b"abcdef")
    assert (wire.take(2), wire.take(3)) == (b"ab", b"cde")
    assert wire.take(2) is None and "1 bytes unread" in wire.state()
    with pytest.raises(Failure, match=r"a thing; found nothing for 5 s, 1 bytes unread"):
        wire.need(2, "a thing")


def test_a_byte_at_a_time() -> None:
    end = Player()
    wired(end).send_apart(b"abc", "three letters")
    assert end.got == [b"a", b"b", b"c"]


def test_expect_closed() -> None:
    wire = wired(Player(lambda data: None))
    wire.send(b"x")
    wire.expect_closed()
    with pytest.raises(Failure, match="nothing for 5 s"):
        wired(Player()).expect_closed()
    end = Player(lambda data: b"bye" if data == b"a" else None)
    wire = wired(end)
    wire.send(b"a")
    wire.send(b"b")
    with pytest.raises(Failure, match="without another byte; found 3 bytes: 627965"):
        wire.expect_closed()
    wire.expect_closed(rest=True)


def test_expect_silence() -> None:
    wired(Player()).expect_silence("why")
    wire = wired(Player(deadline=0.5))
    with pytest.raises(Failure, match=r"no byte \(why\)"):
        wire.expect_silence("why")
    assert not wire.silent()


def test_silence_on_a_connection_that_stays() -> None:
    wire = wired(Player(lambda data: None))
    wire.send(b"x")
    wire.expect_silence("it may close")
    with pytest.raises(Failure, match=r"stays open \(why\)"):
        wire.expect_silence("why", open=True)
