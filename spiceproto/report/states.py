"""States of channels that go to another server, in the words of reports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from spiceproto import dispatch
from spiceproto.channel_state import State, Waiting
from spiceproto.derive.json_form import to_json
from spiceproto.errors import RemoteError
from spiceproto.messages.migration import CharDevice, GlzDictionary

__all__ = ["PORTS", "as_dict", "messages", "name", "row_of", "text"]

PORTS = {1: "client", 2: "server"}
"""Whose messages those of a port of the agent's device are."""


def name(state: State) -> str:
    """As lines call it."""
    return state.name or "UNKNOWN"


def row_of(state: State, waiting: Waiting) -> dispatch.Row | None:
    """That of a message on its way to the agent."""
    return dispatch.row(state.agent_table, "client", waiting.type)


def messages(state: State) -> list[str]:
    """Names of the messages on their way to the agent."""
    rows = [(row_of(state, item), item) for item in state.waiting]
    return [row.name if row is not None else f"UNKNOWN_{item.type}" for row, item in rows]


def text(state: State) -> str:
    """What it says, in a line."""
    row = state.row
    if row is None:
        return ""
    if state.error is not None:
        return "(malformed)"
    said = list(_fields(state.value))
    if state.surfaces:
        said.append(f"surfaces={','.join(str(item.id) for item in state.surfaces)}")
    if state.waiting:
        said.append(f"to_agent={','.join(messages(state))}")
    if state.rest:
        said.append(f"rest={state.rest} bytes")
    return " ".join(said)


def _fields(value: Any) -> Iterator[str]:
    """Numbers of a state and of the device in it; what is 0 is left out."""
    for name in value.__struct_fields__:
        field = getattr(value, name)
        if isinstance(field, int) and field:
            yield f"{name}={field}"
        elif isinstance(field, (CharDevice, GlzDictionary)):
            yield from _fields(field)


def as_dict(state: State, limit: int | None) -> dict[str, Any]:
    """The same for JSON lines, with all fields; data above ``limit`` bytes are shortened."""
    if state.value is None:
        return {"fields": None, "data": state.body.hex()}
    said: dict[str, Any] = {"fields": to_json(state.value, limit=limit)}
    if state.surfaces:
        said["surfaces"] = [{"id": item.id, "lossy": item.lossy} for item in state.surfaces]
    if state.waiting:
        said["to_agent"] = [_waiting(state, item, called, limit) for item, called in _named(state)]
    if state.rest:
        said["rest"] = state.rest
    return said


def _named(state: State) -> Iterator[tuple[Waiting, str]]:
    return zip(state.waiting, messages(state), strict=True)


def _waiting(state: State, item: Waiting, called: str, limit: int | None) -> dict[str, Any]:
    row = row_of(state, item)
    try:
        fields = to_json(row.parse(item.body), limit=limit) if row is not None else None
    except RemoteError:
        fields = None
    said = {"of": PORTS[item.port], "type": item.type, "name": called, "size": len(item.body), "fields": fields}
    return said if fields is not None else said | {"data": item.body.hex()}
