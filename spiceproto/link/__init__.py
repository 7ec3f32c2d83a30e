"""The link stage: everything on a connection before the first message, seen from the client, the server, and outside.

    client  header, link message, capability words
    server  header, link reply with its key, capability words
    client  mechanism                                    if both announced AUTH_SELECTION
    client  ticket                or    both  SASL       by mechanism
    server  link result
    both    messages

Each view is a state machine without I/O: bytes come in with ``receive``, values come out, and any cutting of the bytes
gives the same values.

    structures      parsers of the parts; structures_built has the builders
    inbox           bytes that wait
    exchange        the bytes of header, link message and link reply; expecting so many bytes and then acting
    events          what the ends are told
    sasl            frames of SASL, and what a mechanism must be able to do
    client          ClientLink
    policy          what a server decides
    server          ServerLink
    records         what an observer is told
    watch           the bytes of both directions, and whose turn it is
    sasl_observer   SASL as an observer sees it
    observer        LinkObserver

Each part is imported when it is first asked for: who reads captures needs neither client nor server.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spiceproto.link.client import ClientLink
    from spiceproto.link.events import Established, Event, KeyReceived, LinkMessageReceived, LinkReplyReceived, Refused
    from spiceproto.link.observer import LinkObserver
    from spiceproto.link.policy import LinkPolicy
    from spiceproto.link.records import Failed, Item, Opaque, Problem, Step
    from spiceproto.link.sasl import SaslClient, SaslServer, SaslStep
    from spiceproto.link.server import ServerLink

__all__ = [
    "ClientLink",
    "Established",
    "Event",
    "Failed",
    "Item",
    "KeyReceived",
    "LinkMessageReceived",
    "LinkObserver",
    "LinkPolicy",
    "LinkReplyReceived",
    "Opaque",
    "Problem",
    "Refused",
    "SaslClient",
    "SaslServer",
    "SaslStep",
    "ServerLink",
    "Step",
]

_PARTS = {
    "client": ("ClientLink",),
    "events": ("Established", "Event", "KeyReceived", "LinkMessageReceived", "LinkReplyReceived", "Refused"),
    "observer": ("LinkObserver",),
    "policy": ("LinkPolicy",),
    "records": ("Failed", "Item", "Opaque", "Problem", "Step"),
    "sasl": ("SaslClient", "SaslServer", "SaslStep"),
    "server": ("ServerLink",),
}
_PART_OF = {name: part for part, names in _PARTS.items() for name in names}


def __getattr__(name: str) -> Any:
    part = _PART_OF.get(name)
    if part is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{part}"), name)
    globals()[name] = value
    return value
