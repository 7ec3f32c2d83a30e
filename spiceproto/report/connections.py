"""What reports say of a connection: addresses, channel, capabilities by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spiceproto.capture.conversation import Conversation
from spiceproto.enums.link import ChannelType

__all__ = ["as_dict", "end_dicts", "end_text", "text"]


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
            kind = ChannelType.__members__.get(conversation.channel.upper(), 0)
            common, channel = capabilities.names(int(kind))
            found[side] = {"common": list(common), "channel": list(channel)}
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
        "target": connection.target,
        "origin": address(connection.origin) if connection.origin is not None else "",
        "channel": conversation.channel,
        "channel_id": conversation.channel_id,
        "connection_id": conversation.connection_id,
        "session": session.number if session is not None else None,
        "mini_header": conversation.mini_header,
        "capabilities": capability_names(conversation),
        "tcp_stream": connection.tcp_stream,
        "frame": connection.frame,
        "recognised": connection.recognised is not None,
    }


def text(conversation: Conversation) -> str:
    """The connection in one line."""
    connection = conversation.connection
    ends = f"{address(connection.client)} > {address(connection.server)} over {'/'.join(connection.layers)}"
    if connection.target:
        ends += f" to {connection.target}"
    if connection.origin is not None:
        ends += f" for {address(connection.origin)}"
    if conversation.session is None:
        return f"{ends}, {conversation.place if conversation.channel else 'no channel'}, no session"
    channel = conversation.place if conversation.channel else "SPICE, channel unknown"
    if connection.recognised is not None:
        channel += " (begun before the capture, recognised by its messages)"
    header = "mini" if conversation.mini_header else "full"
    caps = "; ".join(
        f"{side} can {' '.join(names['common'] + names['channel']) or 'nothing'}"
        for side, names in capability_names(conversation).items()
    )
    return f"{ends}, {channel}, session {conversation.session.number}, {header} headers; {caps or 'capabilities unknown'}"


def end_text(conversation: Conversation, clock: Callable[[int], str]) -> str:
    """Who ended the connection, how and when; "" where the capture does not say. ``clock`` prints a time."""
    ends = conversation.connection.ends
    said = [f"{end.kind} of the {side} at {clock(end.time_ns)} (frame {end.frame})" for side, end in ends.items()]
    if [end.kind for end in ends.values()] == ["FIN"]:
        said.append(f"no end of the {'client' if 'server' in ends else 'server'} was captured")
    return ", ".join(said)


def end_dicts(conversation: Conversation) -> list[dict[str, Any]]:
    """The same as plain data."""
    ends = conversation.connection.ends
    return [
        {"side": side, "kind": end.kind, "time": end.time_ns / 1_000_000_000, "frame": end.frame} for side, end in ends.items()
    ]
