"""The cases, a folder a chapter: ``<chapter>/client_<section>.py`` and ``server_<section>.py``.

Whatever file lies here belongs to the suite; nothing lists them. They are loaded when somebody first asks for the cases.
``from_rules`` has those that read a sentence off the conversations of all others.
"""

from __future__ import annotations

import sys
from functools import cache

from conformance.case import SANITY, Case, declared, ordered
from conformance.requirements import requirements
from spiceproto.discovery import modules

__all__ = ["all_cases"]


@cache
def all_cases() -> tuple[Case, ...]:
    """Every case, in the order in which they are run: that of the sentences, those that others require first."""
    modules(sys.modules[__name__])
    place = {id: number for number, id in enumerate(requirements())}

    def key(case: Case) -> tuple[bool, bool, int, str]:
        return case.from_rules, case.id not in SANITY.values(), place.get(case.requirement, len(place)), case.id

    return tuple(ordered(sorted(declared(), key=key)))
