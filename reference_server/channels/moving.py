"""The bodies of MIGRATE_DATA: what a channel of the source says for the same channel at the destination.

They pass through the client, so at the destination they are whatever a client likes to say: :func:`read` takes what has the
right magic number and versions, and the channel nothing for true that has to be.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

from spiceproto import dispatch
from spiceproto.errors import RemoteError
from spiceproto.messages import migration
from spiceproto.messages.common import MigrateData

__all__ = ["MAGIC", "data", "device", "header", "read"]

VERSION: Final = 1
"""Of every body, and of the state of a device in it."""

_TABLE: Final = "migration"

MAGIC: Final[dict[type, int]] = {row.value_class: number for number, row in dispatch.rows(_TABLE, "server").items()}
"""Class of a body to the number that it begins with."""

Body = TypeVar("Body")


def header(kind: type) -> migration.MigrateDataHeader:
    """What a body of this class begins with (SPICE-MIG-048)."""
    return migration.MigrateDataHeader(magic=MAGIC[kind], version=VERSION)


def device(*, connected: bool, given: int = 0, tokens: int = 0, unread: bytes = b"", held: int = 0) -> migration.CharDevice:
    """State of a device: tokens that the client has, tokens that the server has, bytes that the device has not read, and how
    many of the client's tokens those hold.
    """
    return migration.CharDevice(
        version=VERSION,
        connected=int(connected),
        num_client_tokens=given,
        num_send_tokens=tokens,
        write_num_client_tokens=held,
        write_data_ptr=unread or None,
    )


def data(body: Any) -> MigrateData:
    """The message that carries it."""
    return MigrateData(dispatch.build(_TABLE, "server", body)[1])


def read(kind: type[Body], message: MigrateData) -> Body:
    """What the client has brought. Raises RemoteError for what is not of this class and version (SPICE-MIG-048)."""
    found = bytes(message.data)
    magic = int.from_bytes(found[:4], "little")
    if magic != MAGIC[kind]:
        raise RemoteError(
            "these are not the data of this channel", path="header.magic", expected=f"{MAGIC[kind]:#x}", actual=f"{magic:#x}"
        )
    value: Any = dispatch.parse(_TABLE, "client", magic, found)
    for path, state in (("header", value.header), ("base", getattr(value, "base", getattr(value, "agent_base", None)))):
        if state is not None and state.version != VERSION:
            raise RemoteError(
                "data of another version", path=f"{path}.version", expected=str(VERSION), actual=str(state.version)
            )
    return value  # type: ignore[no-any-return]
