"""A client that is a program, as a target: what becomes of its answers."""

from __future__ import annotations

import time
from typing import Any

import pytest

from conformance.adapters.server_address import ServerAddress
from conformance.as_server import SuiteServer
from conformance.case import Case
from conformance.outcome import Failure, NotApplicable, Refusal, TargetUnusable
from conformance.program_target import AdapterClient

CASE = Case("SPICE-LINK-047/x", "client", lambda server: None, "x")


class Adapter:
    """A client that takes no password of more than 60 bytes."""

    verbs = frozenset({"motion", "key"})
    start_time = 5.0
    version = "adapter 1"
    knows_sasl = False
    ended: int | None = None

    def __init__(self) -> None:
        self.addresses: list[ServerAddress] = []

    def connect(self, address: ServerAddress) -> None:
        self.addresses.append(address)
        if len(address.password) > 60:
            raise Refusal("that is too long")

    def do(self, verb: str, **values: Any) -> Any:
        raise AssertionError(verb)

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def disconnect(self) -> None: ...


def opened(password: str = "sesame") -> tuple[AdapterClient, Adapter, SuiteServer]:
    adapter = Adapter()
    target = AdapterClient("client:x", adapter, password=password, quiet=0.1)
    target.start()
    network = target.open(CASE)
    return target, adapter, SuiteServer(network, target)  # type: ignore[arg-type]


def test_a_client_that_refuses_a_password_does_not_connect_and_is_not_waited_for() -> None:
    target, adapter, server = opened()
    server.act("password", text="x" * 61)
    began = time.monotonic()
    server.invite()
    assert server.another(3600) is None and time.monotonic() - began < 60
    assert adapter.addresses[0].password == "x" * 61 and "that is too long" in target.last_words()
    target.close(server.network)


def test_the_refusal_is_over_with_the_next_connection() -> None:
    target, adapter, server = opened()
    server.act("password", text="x" * 61)
    server.invite()
    server.act("password", text="short")
    server.invite_again()
    assert adapter.addresses[1].password == "short" and target.last_words() == ""
    target.close(server.network)


def test_a_client_that_refuses_what_the_target_file_says_cannot_be_tested() -> None:
    target, _, server = opened("x" * 61)
    with pytest.raises(TargetUnusable, match="that is too long"):
        server.invite()
    target.close(server.network)


def test_a_case_gets_the_password_of_the_target_again() -> None:
    target, adapter, server = opened()
    server.act("password", text="other")
    target.close(server.network)
    network = target.open(CASE)
    target.invite(network)
    assert adapter.addresses[0].password == "sesame"
    target.close(network)


def test_what_a_client_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    from conformance.adapters.client import Answer

    target, adapter, server = opened()
    with pytest.raises(NotApplicable, match="nobody can ask the target for this: wheel"):
        server.act("wheel", steps=1)
    for answer, outcome in ((Answer("unsupported", "no mouse"), NotApplicable), (Answer("error", "no mouse"), Failure)):
        monkeypatch.setattr(adapter, "do", lambda verb, answer=answer, **values: answer)
        with pytest.raises(outcome, match="no mouse"):
            server.act("motion", dx=1, dy=1)
    target.close(server.network)
