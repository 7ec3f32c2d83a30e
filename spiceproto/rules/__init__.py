"""The protocol as tables: who may say what, and when.

    link       the link stage, part by part
    framing    what every channel has: leaving, acknowledgement windows, pings
    main       the life of the main channel
    mouse      mouse mode, and acknowledgement of movements

A module here holds tables and nothing else. Each row names a sentence of the chapters in ``spec/``, and a test says
that the sentence exists. The same rows serve endpoints, observers, diagrams and tests; see :mod:`spiceproto.machine`.
"""

from __future__ import annotations

from spiceproto.machine import Machine, Scenario
from spiceproto.rules import framing, link, main, mouse

__all__ = ["MACHINES", "SCENARIOS"]

MACHINES: dict[str, Machine] = {
    machine.name: machine
    for machine in (
        link.LINK,
        framing.COMMON,
        framing.ACKNOWLEDGEMENT,
        framing.PING,
        main.MAIN,
        mouse.MOUSE,
        mouse.MOTION,
    )
}
"""Every machine by name."""

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario for module in (link, framing, main, mouse) for scenario in module.SCENARIOS
}
"""Every example by name; names are unique."""
