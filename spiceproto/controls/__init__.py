"""What a server or a client can be told from outside: one table of verbs.

A conformance suite has to move a client's mouse, give a guest another pointer, or change a password. Each row here is one
such verb: who can be told, with which values, and what it means. Everything else derives from the rows: what a case may
need, the JSON lines that drive the references, the check of values, ``spice-reference-ctl``, the schema, and the documents.

    servers, clients   verbs that cases of the suite may need
    programs           those that the reference programs have besides
    questions          lines of JSON, and what they come to
    results            what answers of a server have
    audience           who is told what happens
    schema             the JSON Schema of all of it
    words              a question as it is typed

In JSON a question is ``{"do": VERB, NAME: VALUE, ...}``; see :mod:`spiceproto.controls.questions` for the answers.
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
