"""The catalogue of faults: what each says of itself, what shows it, and that there is one for every MUST of a client."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest

import spec
from reference_client import FAULTS, Options, make_client
from reference_client.events import ChannelRefused, Ended
from reference_client.faults import UNBREAKABLE
from reference_client.tests import scenarios
from reference_client.tests.conversations import Make, maker
from reference_client.tests.scripted import ScriptedServer
from spiceproto import schema
from spiceproto.derive import domains, sentences
from spiceproto.errors import LocalError
from spiceproto.walk import walk

PARTS = [import_module(f"{scenarios.__name__}.{item.name}").SCENARIOS for item in iter_modules(scenarios.__path__)]
SCENARIOS: dict[str, Callable[[Make], bool]] = {name: scenario for part in PARTS for name, scenario in part.items()}


def test_every_scenario_has_its_fault() -> None:
    assert sorted(name for part in PARTS for name in part) == sorted(FAULTS)


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_the_clean_client_passes(name: str) -> None:
    assert SCENARIOS[name](maker(None))


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_the_fault_is_seen(name: str) -> None:
    assert not SCENARIOS[name](maker(name))


_SENTENCES = sentences.read(Path(spec.__file__).parent)


def _must_of_clients() -> set[str]:
    return {id for id, item in _SENTENCES.items() if item.level == "MUST" and item.role in ("client", "both")}


def test_every_must_of_a_client_has_a_fault() -> None:
    broken = {fault.requirement for fault in FAULTS.values()}
    unbound = sentences.parse_reasons((Path(spec.__file__).parent / "unbound.md").read_text())
    assert _must_of_clients() - broken - set(unbound) == set(UNBREAKABLE)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_a_fault_says_what_it_breaks(fault: Any) -> None:
    assert fault.breaks[0] == fault.requirement
    assert set(fault.breaks) <= set(_SENTENCES)
    assert fault.title.endswith(".") and "\n" not in fault.title


def test_what_needs_a_capability_of_the_server_is_on_the_record_channel() -> None:
    """Why no fault of this client breaks SPICE-FRAME-045."""
    tables = [name for name, table in schema.channels().items() if table.type is not None]
    bodies = [(name, row) for name in tables for row in schema.rows(name, "client").values()]
    found = [(name, row.name, need.path) for name, row in bodies for need in domains.needs(walk(row.body))]
    assert found == [("record", "MODE", "mode")]


def test_an_unknown_fault_is_an_error() -> None:
    with pytest.raises(LocalError):
        make_client(Options(), fault="no-such-fault")


def test_a_session_of_a_fault_ends_as_any_other() -> None:
    for name in FAULTS:
        server = ScriptedServer(make_client(Options(), fault=name))
        for connection in list(server.open):
            server.close(connection)
        assert server.told(Ended) or server.told(ChannelRefused) or name == "outlives-main", name
