"""What a server or a client can be told from outside: one table of verbs.

A conformance suite has to move a client's mouse, give a guest another pointer, or change a password. Each row here is one
such verb: who can be told, with which values, and what it means. Everything else derives from the rows: what a case may
need, the JSON lines that drive a client (:mod:`reference_client.control`), the check of values, and the documents.

Those of servers are in :mod:`spiceproto.controls.servers`, those of clients in :mod:`spiceproto.controls.clients`.

In JSON a question is ``{"do": VERB, NAME: VALUE, ...}``; see :mod:`reference_client.control` for the answers.
"""

from __future__ import annotations

from typing import Final

from spiceproto.controls import clients, servers
from spiceproto.controls.verb import REQUIRED, Control, Role, Value
from spiceproto.errors import LocalError

__all__ = ["CONTROLS", "REQUIRED", "Control", "Role", "Value", "control"]

CONTROLS: Final[tuple[Control, ...]] = (*servers.CONTROLS, *clients.CONTROLS)
"""Every verb, those of servers first."""

_BY_VERB: Final = {(item.role, item.verb): item for item in CONTROLS}


def control(role: Role, verb: str) -> Control:
    """The row of a verb. Raises LocalError for one that is none."""
    found = _BY_VERB.get((role, verb))
    if found is None:
        verbs = ", ".join(item.verb for item in CONTROLS if item.role == role)
        raise LocalError(f"a {role} can not be told this", expected=verbs, actual=verb)
    return found
