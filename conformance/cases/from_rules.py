"""Sentences that the rules read off any conversation: one case each, and a tour through an ordinary session for all of them.

The tour is made once a run. What the rules find in the conversations of other cases is added when the run is over
(:func:`conformance.runner.finish`), so that such a sentence is as good as all conversations together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from conformance import judge
from conformance.case import SANITY, Case, declare
from conformance.cases.tour.client import client_tour
from conformance.cases.tour.server import server_tour
from conformance.requirements import by_rules, requirements

__all__ = ["TOURS"]

_TITLE: Final = "What the rules see in every conversation of the run"

TOURS: Final[Mapping[str, Callable[[Any], None]]] = {"server": server_tour, "client": client_tour}
"""Role of a target to the tour that it is taken on."""


def _declare(id: str, bound: str) -> None:
    """A case for each role that a sentence binds."""
    for role, tour in TOURS.items():
        if bound in (role, "both"):
            slug = f"observed-{role}" if bound == "both" else "observed"
            declare(Case(f"{id}/{slug}", role, tour, _TITLE, requires=(SANITY[role],), from_rules=True))


for _id in sorted(by_rules().union(judge.REQUIREMENTS)):
    _declare(_id, requirements()[_id].role)
