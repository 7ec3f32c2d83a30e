"""Servers that break the specification, one sentence each: what a conformance suite has to notice.

Each fault is a few lines in the file of its chapter or section, and breaks as little else as it can. Some repeat mistakes
that programs in use had. A file here belongs to the catalogue as soon as it exists.
"""

from __future__ import annotations

import sys
from typing import Final

from reference_server.faults.fault import fault
from spiceproto.discovery import modules
from spiceproto.fault import Catalogue

__all__ = ["FAULTS"]

modules(sys.modules[__name__])

FAULTS: Final[Catalogue] = fault
"""All faults by name."""
