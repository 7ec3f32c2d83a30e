"""A client that asks for the channels only when something more has come: the suite learns it, and prompts at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from conformance.as_server import SuiteServer
from conformance.network import ClientNetwork
from conformance.target import Target
from conformance.transcript import Transcript

_QUIET = 0.4


class _Talk:
    """A channel on which ATTACH_CHANNELS comes of its own accord, or not."""

    def __init__(self, unprompted: bool) -> None:
        self.unprompted = unprompted
        self.waited: float | None = None
        self.prompted = False

    def wait_count(self, name: str, least: int = 1, *, within: float | None = None) -> bool:
        if name == "ATTACH_CHANNELS":
            self.waited = within
            return self.unprompted
        return True

    def count(self, name: str) -> int:
        return 0

    def send(self, *values: Any, text: str = "") -> None:
        self.prompted = True

    def expect(self, name: str) -> None: ...

    def drop(self, name: str) -> None: ...


def _waited(server: SuiteServer, *, unprompted: bool) -> float | None:
    talk = _Talk(unprompted)
    assert server.asked_for_channels(cast(Any, talk)) == unprompted
    assert talk.prompted != unprompted
    return talk.waited


def test_a_client_that_was_always_prompted_is_prompted_at_once() -> None:
    network = cast(ClientNetwork, SimpleNamespace(quiet=_QUIET, patience=5.0, transcript=Transcript("client"), streams=[]))
    target = cast(Target, SimpleNamespace(silent_starts=0, interactive=True))
    server = SuiteServer(network, target)
    assert [_waited(server, unprompted=False) for _ in range(6)] == [_QUIET] * 5 + [0.0]
    assert _waited(server, unprompted=True) == 0.0
    assert _waited(server, unprompted=False) == _QUIET, "once it has asked by itself, it has its time again"
