"""The suite's end of a case: what it rests on."""

from __future__ import annotations

import pytest

from conformance.outcome import Blocked, Failure, NotApplicable
from conformance.tests.player import Player, wired


def test_what_is_relied_on_is_kept_once() -> None:
    peer = wired(Player()).peer
    peer.relies_on("a", "b")
    peer.relies_on("b")
    assert peer.relied_on == ["a", "b"]


def test_what_is_known_to_be_broken_blocks_at_once() -> None:
    peer = wired(Player()).peer
    peer.known_broken = {"b"}.__contains__
    peer.relies_on("a")
    with pytest.raises(Blocked, match="b") as caught:
        peer.relies_on("a", "b")
    assert caught.value.by == ("b",)


def test_what_rests_on_what_is_expected_to_fail_does_not_wait_long(monkeypatch: pytest.MonkeyPatch) -> None:
    peer, hurried = wired(Player()).peer, []
    monkeypatch.setattr(peer.network, "hurry", lambda: hurried.append(True))
    peer.expected_to_fail = {"b"}.__contains__
    peer.relies_on("a")
    assert not hurried
    peer.relies_on("b")
    assert hurried, "a failure would be blocked by it, and accuse nobody"


def test_a_failure_of_preparation_decides_nothing() -> None:
    peer = wired(Player()).peer
    with pytest.raises(Blocked, match="a session: expected INIT; found nothing") as caught, peer.preparing("a session"):
        raise Failure("INIT", "nothing")
    assert caught.value.by == ()
    with pytest.raises(NotApplicable), peer.preparing("a session"):
        raise NotApplicable("it is another kind of server")
