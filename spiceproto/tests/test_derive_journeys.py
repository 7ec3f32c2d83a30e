"""Migrations for people: each is allowed by the tables of both servers, and one that is not is no example."""

from __future__ import annotations

import msgspec
import pytest

from spiceproto.derive.journey_diagram import journey_diagram
from spiceproto.derive.journeys import JOURNEYS, Journey, Step
from spiceproto.errors import SchemaError

BY_NAME = {journey.name: journey for journey in JOURNEYS}


def test_the_kinds_and_one_that_is_called_off() -> None:
    assert set(BY_NAME) == {"switch-host", "semi-seamless", "seamless", "cancelled"}


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.name)
def test_every_step_is_drawn_between_its_ends(journey: Journey) -> None:
    lines = journey_diagram(journey).splitlines()
    assert lines[0] == "sequenceDiagram" and len(lines) == 5 + len(journey.steps)
    for step, line in zip(journey.steps, lines[5:], strict=True):
        server = {"source": "S", "destination": "D"}[step.at]
        assert line.strip().startswith(f"C->>{server}:" if step.sender == "client" else f"{server}->>C:")
        assert not set(line) & {";", "#"}, "Mermaid takes them for its own"


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("semi-seamless", Step("source", "server", "main.MIGRATE", values={"flags": 3})),
        ("seamless", Step("source", "server", "display.PING")),
        ("seamless", Step("destination", "server", "main.INIT")),
        ("cancelled", Step("source", "server", "main.MIGRATE_END")),
    ],
)
def test_an_example_that_no_table_allows(name: str, step: Step) -> None:
    journey = BY_NAME[name]
    with pytest.raises(SchemaError, match="rules do not allow"):
        journey_diagram(msgspec.structs.replace(journey, steps=(*journey.steps, step)))
