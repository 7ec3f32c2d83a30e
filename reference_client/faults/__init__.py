"""A catalogue of what clients get wrong: at least one fault for every sentence with MUST that a client can break.

Some are the public reports of real clients: ``position-in-server-mode``, ``ignores-motion-ack``, ``unknown-type-fatal``,
``unknown-channel-fatal``, ``double-connect``, ``waits-for-mouse-mode``. A suite that tells each of them from the clean client
has shown that it can fail.
"""

from __future__ import annotations

from typing import Final

from reference_client.faults import framing, link, login, main, mouse
from reference_client.faults.fault import Fault
from spiceproto.errors import LocalError

__all__ = ["FAULTS", "UNBREAKABLE", "Fault", "find_fault"]

FAULTS: Final[dict[str, Fault]] = {fault.name: fault for part in (link, login, framing, main, mouse) for fault in part.FAULTS}

UNBREAKABLE: Final = {
    "SPICE-FRAME-018": "A mini header has no place for a sub-list, and no message of a client but MIGRATE_DATA could hold one.",
}
"""Sentences with MUST that this client's side has no way to break, and why."""


def find_fault(name: str) -> Fault:
    """The fault of this name. Raises LocalError."""
    found = FAULTS.get(name)
    if found is None:
        raise LocalError("no such fault of the client", expected=", ".join(sorted(FAULTS)), actual=name)
    return found
