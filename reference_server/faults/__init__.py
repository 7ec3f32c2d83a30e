"""Servers that break the specification, one sentence each: what a conformance suite has to notice.

Each fault is a few lines in the file of its chapter, and breaks as little else as it can. Some repeat mistakes that
programs in use had.
"""

from __future__ import annotations

from reference_server.faults import framing, link, main, mouse
from reference_server.faults.fault import DECLARED, Fault

__all__ = ["FAULTS", "Fault", "framing", "link", "main", "mouse"]

FAULTS: dict[str, Fault] = DECLARED
"""All faults by name."""
