"""Agent messages as values: parsed and built under the terms that hold when they come or go."""

from __future__ import annotations

from typing import Any

from spiceproto import dispatch
from spiceproto.agent.terms import Terms

__all__ = ["build", "parse"]


def _sides(terms: Terms) -> tuple[str, str]:
    """This end and its peer, as the tables have them: the agent speaks for the server."""
    return ("client", "server") if terms.client else ("server", "client")


def parse(terms: Terms, type: int, body: bytes) -> Any:
    """The value of a message of the peer; None for a type that means nothing, which is to be ignored. Raises RemoteError."""
    peer = _sides(terms)[1]
    if dispatch.row(terms.table, peer, type) is None:
        return None
    return dispatch.parse(terms.table, peer, type, body)


def build(terms: Terms, value: Any) -> tuple[int, bytes]:
    """Type and body of a message of this end. Raises LocalError if its layout is not that of the terms."""
    return dispatch.build(terms.table, _sides(terms)[0], value)
