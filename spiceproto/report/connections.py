"""What reports say of a connection and of its link stage: addresses, channel, capabilities by name."""

from __future__ import annotations

from typing import Any

from spiceproto.capture.conversation import Conversation

__all__ = ["as_dict", "link_text", "text"]


def address(end: tuple[str, int]) -> str:
    """``127.0.0.1:5900``, ``[::1]:5900``."""
    host, port = end
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def capability_names(conversation: Conversation) -> dict[str, dict[str, list[str]]]:
    """Side -> set -> names; empty before both are known."""
    found: dict[str, dict[str, list[str]]] = {}
    for side, capabilities in (
        ("client", conversation.client_capabilities),
        ("server", conversation.server_capabilities),
    ):
        if capabilities is not None:
            found[side] = {"common": list(capabilities.common_names()), "channel": list(capabilities.channel_names())}
    return found


def as_dict(conversation: Conversation) -> dict[str, Any]:
    """The connection as plain data."""
    connection = conversation.connection
    session = conversation.session
    return {
        "connection": connection.number,
        "client": address(connection.client),
        "server": address(connection.server),
        "transport": list(connection.layers),
        "channel": conversation.channel,
        "channel_id": conversation.channel_id,
        "connection_id": conversation.connection_id,
        "session": session.number if session is not None else None,
        "mini_header": conversation.mini_header,
        "capabilities": capability_names(conversation),
        "tcp_stream": connection.tcp_stream,
        "frame": connection.frame,
    }


def text(conversation: Conversation) -> str:
    """The connection in one line."""
    connection = conversation.connection
    ends = f"{address(connection.client)} > {address(connection.server)} over {'/'.join(connection.layers)}"
    session = f", session {conversation.session.number}" if conversation.session is not None else ""
    header = "mini" if conversation.mini_header else "full"
    caps = "; ".join(
        f"{side} can {' '.join(names['common'] + names['channel']) or 'nothing'}"
        for side, names in capability_names(conversation).items()
    )
    return f"{ends}, {conversation.channel}:{conversation.channel_id}{session}, {header} headers; {caps}"


def link_text(item: Any) -> str:
    """One step of the link stage."""
    return str(item)
