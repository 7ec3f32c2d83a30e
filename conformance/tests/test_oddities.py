"""What an end may do although few do it: no case fails, and nothing is blocked."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from conformance.case import Case
from conformance.cases import all_cases
from conformance.network import Network
from conformance.reference_target import MemoryClient, MemoryServer
from conformance.runner import Runner
from spiceproto import vsc
from spiceproto.capabilities import NONE
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import ChannelType
from spiceproto.messages.smartcard import VscApdu, VscAtr, VscError, VscReaderAdd

SmartcardChannel: Any = import_module("reference_client.channels.smartcard").SmartcardChannel
CLIENTS, SERVERS = ([case for case in all_cases() if case.role == role] for role in ("client", "server"))
CURSOR = (int(ChannelType.CURSOR), 0)


class WithoutSelection(MemoryClient):
    """Does not announce PROTOCOL_AUTH_SELECTION."""

    def _make(self, **more: Any) -> Any:
        client = super()._make(**more)
        usual = client.announced
        client.announced = lambda kind: usual(kind).without(CommonCapability.PROTOCOL_AUTH_SELECTION)
        return client


class Silent(MemoryClient):
    """Announces no capability at all."""

    def _make(self, **more: Any) -> Any:
        client = super()._make(**more)
        client.announced = lambda kind: NONE
        return client


class LeavesCursor(MemoryClient):
    """Closes cursor as soon as it is linked."""

    def _make(self, **more: Any) -> Any:
        client = super()._make(**more)
        usual = client._proceed

        def proceed(now: float) -> None:
            usual(now)
            line = client.lines.get(CURSOR)
            if line is not None and line.state == "linked" and line.begun:
                line.close()

        client._proceed = proceed
        return client


class AsksAgain(MemoryClient):
    """Asks once more for a reader that was refused: there may be room now."""

    def _make(self, **more: Any) -> Any:
        client = super()._make(**more)
        client.channels = {**client.channels, int(ChannelType.SMARTCARD): _AsksAgain}
        return client


class _AsksAgain(SmartcardChannel):  # type: ignore[misc]
    again = False

    def answered(self, reader_id: int, found: VscError) -> None:
        refused = bool(found.code) and self.reader is None and not self.again
        super().answered(reader_id, found)
        if refused:
            self.again = True
            self.wish(VscReaderAdd)


class SaysNothing(MemoryServer):
    """Announces no capability at all."""

    def open(self, case: Case) -> Network:
        network = super().open(case)
        channels = self.server.listing.channels
        channels.update(dict.fromkeys(channels, NONE))
        return network


def test_a_server_that_announces_nothing_has_the_ticket_alone() -> None:
    """However it is set up: that it takes SASL only is not for anybody to see."""
    runner = Runner(SaysNothing("ref:server"), SERVERS)
    about = [case for case in SERVERS if case.requirement in ("SPICE-LINK-038", "SPICE-LINK-039", "SPICE-LINK-042")]
    results = [runner.run(case) for case in about]
    assert [result.id for result in results if _is_wrong(result)] == []
    found = {result.id: result.reason for result in results if result.requirement == "SPICE-LINK-042"}
    assert found and all("without AUTH_SASL" in reason for reason in found.values())


@pytest.mark.parametrize("kind", [WithoutSelection, Silent, LeavesCursor])
def test_an_odd_client_is_accused_of_nothing(kind: type[MemoryClient]) -> None:
    runner = Runner(kind("ref:client"), CLIENTS)
    results = [runner.run(case) for case in CLIENTS]
    wrong = [f"{result.id}: {result.expected} / {result.actual} / {result.reason}" for result in results if _is_wrong(result)]
    assert wrong == []
    assert sum(result.outcome == "pass" for result in results) > 300


def test_a_card_that_is_said_twice_is_no_second_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """As spice-gtk may do: the second ATR comes when the first was confirmed, and so between a command and its answer."""
    usual, said = SmartcardChannel.command, set[Any]()

    def command(channel: Any, reader_id: int, found: VscApdu) -> None:
        if channel.card is not None and channel.inserted and channel not in said:
            said.add(channel)
            channel.send(vsc.message(VscAtr(channel.card.atr), reader_id))
        usual(channel, reader_id, found)

    monkeypatch.setattr(SmartcardChannel, "command", command)
    runner = Runner(MemoryClient("ref:client"), CLIENTS)
    results = [runner.run(case) for case in CLIENTS if case.requirement.startswith("SPICE-CARD")]
    assert [result.id for result in results if _is_wrong(result)] == []
    assert len(said) > 10


def test_a_reader_that_was_refused_may_be_asked_for_again() -> None:
    runner = Runner(AsksAgain("ref:client"), CLIENTS)
    about = [case for case in CLIENTS if case.requirement == "SPICE-CARD-014"]
    assert {case.id: runner.run(case).outcome for case in about} == {case.id: "pass" for case in about}
    assert about


def _is_wrong(result: Any) -> bool:
    return result.outcome not in ("pass", "not-applicable")
