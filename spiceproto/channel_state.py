"""What is in a MIGRATE_DATA: the state of a channel, which a server sends itself through the client.

    State    one of them, read
    read     reads one
    FORMS    which state belongs to which channel

To a client it is opaque. spice-server begins each with four letters that say which state it is; the tables of ``migration``
have the layouts. What another server sends may be anything, and is no mistake.

The state of the main channel has what is under way to the guest's agent, as the agent's device takes it: chunks of the client's
messages and of the server's own (:mod:`spiceproto.agent.device`). Half of the first may be gone already; then nobody can tell
where the next begins.
"""

from __future__ import annotations

from struct import Struct
from typing import Any, Final

import msgspec

from spiceproto import dispatch
from spiceproto.agent.device import DeviceReader
from spiceproto.errors import RemoteError

__all__ = ["FORMS", "State", "Surface", "Waiting", "read"]

FORMS: Final = {
    "main": "MAIN",
    "display": "DISPLAY",
    "inputs": "INPUTS",
    "usbredir": "SPICEVMC",
    "port": "SPICEVMC",
    "webdav": "SPICEVMC",
    "smartcard": "SMARTCARD",
}
"""Message table of a channel to the name of its state."""

TABLE: Final = "migration"
_SENDER: Final = "client"
_MAGIC: Final = 4

_id = Struct("<L")
_lossy = Struct("<Lllll")


class Surface(msgspec.Struct, frozen=True):
    """A surface that the client has; ``lossy`` is what came with loss: left, top, right, bottom; None if nobody says."""

    id: int
    lossy: tuple[int, int, int, int] | None = None


class Waiting(msgspec.Struct, frozen=True):
    """A whole message on its way to the agent: ``port`` 1 is the client's, 2 the server's own."""

    port: int
    type: int
    body: bytes


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a channel.

    * ``name``: MAIN, DISPLAY, INPUTS, SPICEVMC or SMARTCARD; "" if the letters it begins with mean nothing
    * ``magic``: these letters as a number, -1 where there are not so many bytes
    * ``body``: all of it
    * ``value``: of :mod:`spiceproto.messages.migration`; None if it cannot be read
    * ``error``: why it cannot
    * ``fits``: it is that of such a channel
    * ``waiting``: whole messages on their way to the agent
    * ``agent_table``: the message table of these, which depends on what client and agent have announced
    * ``rest``: bytes on their way to the agent, or to the device of another channel, that are in none of these
    * ``surfaces``: those that the client has
    """

    name: str
    magic: int
    body: bytes
    value: Any = None
    error: RemoteError | None = None
    fits: bool = True
    waiting: tuple[Waiting, ...] = ()
    agent_table: str = "agent"
    rest: int = 0
    surfaces: tuple[Surface, ...] = ()

    @property
    def row(self) -> dispatch.Row | None:
        """That of its table."""
        return dispatch.row(TABLE, _SENDER, self.magic)


def read(table: str, body: bytes, agent_table: str = "agent") -> State:
    """The state in the body of a MIGRATE_DATA of a channel with this message table. Never raises.

    ``agent_table`` is that of the messages that client and agent exchange.
    """
    body = bytes(body)
    magic = _id.unpack_from(body)[0] if len(body) >= _MAGIC else -1
    row = dispatch.row(TABLE, _SENDER, magic)
    if row is None:
        return State(name="", magic=magic, body=body)
    fits = FORMS.get(table) == row.name
    try:
        value = row.parse(body)
    except RemoteError as error:
        return State(name=row.name, magic=magic, body=body, error=error, fits=fits)
    waiting, rest = _waiting(row.name, value)
    surfaces = _surfaces(value) if row.name == "DISPLAY" else ()
    return State(
        name=row.name,
        magic=magic,
        body=body,
        value=value,
        fits=fits,
        waiting=waiting,
        agent_table=agent_table,
        rest=rest,
        surfaces=surfaces,
    )


def _waiting(name: str, value: Any) -> tuple[tuple[Waiting, ...], int]:
    """What waits for the agent, or for another device."""
    device = getattr(value, "agent_base", None) or getattr(value, "base", None)
    data = bytes((device.write_data_ptr if device is not None else None) or b"")
    if name != "MAIN" or not data:
        return (), len(data)
    reader, found = DeviceReader(), []
    try:
        for port, type, _, body in reader.receive(data):
            found.append(Waiting(port, type, body))
    except RemoteError:
        return (), len(data)
    return tuple(found), reader.pending


def _surfaces(value: Any) -> tuple[Surface, ...]:
    """The list says of each surface either its number, or also which part of it came with loss."""
    listed = value.surfaces_at_client_ptr
    if listed is None:
        return ()
    count, data = listed.num_surfaces, bytes(listed.surfaces)
    if len(data) == count * _id.size:
        return tuple([Surface(id) for (id,) in _id.iter_unpack(data)])
    if len(data) == count * _lossy.size:
        return tuple([Surface(id, (left, top, right, low)) for id, left, top, right, low in _lossy.iter_unpack(data)])
    return ()
