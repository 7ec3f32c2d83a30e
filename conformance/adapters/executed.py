"""How many cases are executed at least of a target of a kind, unless a command line says otherwise.

What was counted last, rounded down; of the references without any extra. A run of all cases in which fewer were executed says
so, and not that the target conforms: with a target that suddenly has less, most of what was found to be right is not even
looked at. The tests of :mod:`conformance.tests.test_results` hold the numbers against real programs.
"""

from __future__ import annotations

from typing import Final

import msgspec

__all__ = ["KNOWN", "Known", "least_executed"]


class Known(msgspec.Struct, frozen=True):
    """A row: ``kind`` is the address up to its options, or the role of a stranger; ``options`` have to be in the address."""

    kind: str
    least: int
    options: frozenset[str] = frozenset()


KNOWN: Final[tuple[Known, ...]] = (
    Known("ref:server", 1020),
    Known("ref:server", 940, frozenset({"sasl=1"})),
    Known("ref:client", 1145),
    Known("qemu:", 600),
    Known("qemu:", 630, frozenset({"ticket=sesame"})),
    Known("qemu:", 620, frozenset({"ticket=sesame", "over=ws"})),
    Known("qemu:", 580, frozenset({"sasl=1"})),
    Known("andris:", 490),
    Known("xspice:", 490),
    Known("xspice:", 510, frozenset({"ticket=sesame"})),
    Known("libspice-server:", 555),
    Known("libspice-server:", 575, frozenset({"ticket=sesame"})),
    Known("spice-gtk:", 1030),
    Known("spicy-screenshot:", 615),
    Known("remote-viewer:", 915),
    Known("ryll:", 620),
    Known("spice-html5:", 600),
    Known("npm-spice-client:", 590),
    # Strangers: the smallest have main and inputs only.
    Known("server", 240),
    Known("client", 240),
)


def least_executed(address: str, role: str) -> int:
    """How many cases are known to be executed of what an address stands for. The row with the most options is taken."""
    kind, _, query = address.partition("?")
    options = frozenset(query.split("&"))
    rows = [row for row in KNOWN if row.kind == kind and row.options <= options]
    rows = rows or [row for row in KNOWN if row.kind == role]
    return max(rows, key=lambda row: len(row.options)).least
