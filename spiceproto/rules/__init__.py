"""The protocol as tables: who may say what, and when.

    link       the link stage, part by part
    framing    what every channel has: leaving, acknowledgement windows, pings
    main       the life of the main channel
    inputs     how an inputs channel begins
    channels   the lives of the other channels of a session
    mouse      mouse mode, and acknowledgement of movements

A module here holds tables and nothing else: ``MACHINES``, and ``SCENARIOS`` for people. Each row names a sentence of the
chapters in ``spec/``, and a test says that the sentence exists. The same rows serve endpoints, observers, diagrams and
tests; see :mod:`spiceproto.machine`. A new file is found without being listed anywhere.
"""

from __future__ import annotations

import sys

from spiceproto.discovery import modules
from spiceproto.machine import Machines, Scenario

__all__ = ["MACHINES", "SCENARIOS"]

_MODULES = modules(sys.modules[__name__])

MACHINES = Machines([machine for module in _MODULES for machine in module.MACHINES])
"""Every machine by name."""

SCENARIOS: dict[str, Scenario] = {item.name: item for module in _MODULES for item in module.SCENARIOS}
"""Every example by name; names are unique."""
