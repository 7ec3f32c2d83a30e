"""What reports say of a connection and of its link stage: addresses, channel, capabilities by name."""

from __future__ import annotations

from typing import Any

from spiceproto.capture.conversation import Conversation
from spiceproto.enums.link import ChannelType
from spiceproto.link import Established, Failed, Opaque, Record
from spiceproto.summary import show

__all__ = ["as_dict", "link_dict", "link_text", "text"]


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
    channel = f"{conversation.channel}:{conversation.channel_id}" if conversation.channel else "no channel"
    if conversation.session is None:
        return f"{ends}, {channel}, no session"
    header = "mini" if conversation.mini_header else "full"
    caps = "; ".join(
        f"{side} can {' '.join(names['common'] + names['channel']) or 'nothing'}"
        for side, names in capability_names(conversation).items()
    )
    return f"{ends}, {channel}, session {conversation.session.number}, {header} headers; {caps or 'capabilities unknown'}"


def link_text(item: Any) -> str:
    """One step of the link stage."""
    if isinstance(item, Record):
        fields = [f"{name}={show(getattr(item.value, name))}" for name in item.value.__struct_fields__]
        return f"{item.sender:6} {item.kind:28} {item.end - item.start:8}  {' '.join(fields)}"
    if isinstance(item, Failed):
        return f"{'':6} {'failed':28} {'':8}  {item.text}" + (f" ({show(item.error)})" if item.error is not None else "")
    if isinstance(item, Opaque):
        return f"{'':6} {'established':28} {'':8}  SASL {item.sasl_mechanism} encrypts what follows"
    return f"{'':6} {'established':28} {'':8}  {'mini' if item.mini_header else 'full'} headers"


def link_dict(item: Any) -> dict[str, Any]:
    """One step of the link stage as plain data."""
    if isinstance(item, Record):
        from spiceproto.derive.json_form import to_json

        return {
            "step": item.kind,
            "direction": item.sender,
            "start": item.start,
            "end": item.end,
            "fields": to_json(item.value),
        }
    if isinstance(item, Failed):
        return {
            "step": "failed",
            "stage": item.stage,
            "error": None if item.error is None else show(item.error),
            "text": item.text,
        }
    if isinstance(item, Opaque):
        return {
            "step": "established",
            "encrypted": True,
            "mechanism": show(item.mechanism),
            "sasl_mechanism": item.sasl_mechanism,
        }
    assert isinstance(item, Established)
    return {"step": "established", "encrypted": False, "mechanism": show(item.mechanism), "mini_header": item.mini_header}
