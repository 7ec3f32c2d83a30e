"""A catalogue of what clients get wrong: at least one fault for every sentence with MUST that a client can break.

Some are the public reports of real clients: ``position-in-server-mode``, ``ignores-motion-ack``, ``unknown-type-fatal``,
``unknown-channel-fatal``, ``double-connect``, ``waits-for-mouse-mode``. A suite that tells each of them from the clean client
has shown that it can fail. Every file here belongs to it: one a section of the specification.
"""

from __future__ import annotations

import sys
from typing import Final

from reference_client.faults.fault import fault
from spiceproto.discovery import modules
from spiceproto.fault import Catalogue, Fault

__all__ = ["FAULTS", "UNBREAKABLE", "Fault"]

modules(sys.modules[__name__])

FAULTS: Final[Catalogue] = fault
"""The faults by name."""

UNBREAKABLE: Final = {
    "SPICE-FRAME-018": "A mini header has no place for a sub-list, and no message of a client but MIGRATE_DATA could hold one.",
    "SPICE-FRAME-045": "The one such value of a client is the mode in MODE of a record channel, which this client has not.",
}
"""Sentences with MUST that this client's side has no way to break, and why."""
