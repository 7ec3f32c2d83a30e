"""Rows and tables: which number means which message, who sends it, and when.

A :class:`Table` is the table of one channel type; messages that every channel has are added by the schema. The same shape
serves layers inside a channel, such as the guest agent's messages and the smartcard's, whose ``type`` is None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from spiceproto.enums.base import WireEnum
from spiceproto.enums.link import ChannelType
from spiceproto.errors import SchemaError
from spiceproto.wire import Record

__all__ = ["Message", "Sender", "Status", "Table", "channel", "message"]

Sender = Literal["server", "client"]
Status = Literal["current", "obsolete", "reserved", "rare", "sentinel", "unsent-by-reference", "history"]


class Message:
    """One row: a number, its name and its body.

    ``name``        the wire constant without its prefix
    ``capability``  what the receiver must have announced; ``absent`` what it must not have announced
    ``instead``     what is sent where the capability is missing
    ``status``      whether programs of today use it
    ``requires``    ids of the sentences of the specification that speak of it
    ``prefix``      what stands in the wire constant instead of the channel's prefix
    ``sent_by``     of a layer inside a channel whose tables are the same for both: who sends it; everybody if empty
    ``summary``     dotted names of the fields that matter in one line of a report; all scalars if empty
    """

    __slots__ = (
        "absent",
        "body",
        "capability",
        "doc",
        "instead",
        "name",
        "number",
        "prefix",
        "requires",
        "sent_by",
        "status",
        "summary",
    )

    def __init__(
        self,
        number: int,
        name: str,
        body: Record,
        *,
        capability: WireEnum | None = None,
        absent: WireEnum | None = None,
        instead: str = "",
        status: Status = "current",
        requires: tuple[str, ...] = (),
        summary: tuple[str, ...] = (),
        prefix: str = "",
        sent_by: tuple[str, ...] = (),
    ) -> None:
        self.number = number
        self.name = name
        self.body = body
        self.doc = body.doc
        self.capability = capability
        self.absent = absent
        self.instead = instead
        self.status = status
        self.requires = requires
        self.summary = summary
        self.prefix = prefix
        self.sent_by = sent_by

    def __repr__(self) -> str:
        return f"message({self.number}, {self.name!r}, {self.body.name})"


message = Message


class Table:
    """The messages of one channel type.

    ``prefix``  what stands between ``SPICE_MSG_`` (server) or ``SPICE_MSGC_`` (client) and the name in the wire constants
    ``common``  True if the messages of every channel belong to it as well
    """

    __slots__ = ("client", "common", "doc", "name", "prefix", "server", "type")

    def __init__(
        self,
        name: str,
        type: ChannelType | None,
        *,
        prefix: str,
        server: tuple[Message, ...],
        client: tuple[Message, ...],
        common: bool = True,
        doc: str = "",
    ) -> None:
        self.name = name
        self.type = type
        self.prefix = prefix
        self.server = self._unique(name, server)
        self.client = self._unique(name, client)
        self.common = common
        self.doc = doc

    @staticmethod
    def _unique(channel_name: str, rows: tuple[Message, ...]) -> Mapping[int, Message]:
        table: dict[int, Message] = {}
        for row in rows:
            if row.number in table:
                raise SchemaError(f"number {row.number} is given twice", path=channel_name)
            table[row.number] = row
        return table

    def rows(self, sender: Sender) -> Mapping[int, Message]:
        """Number to message for one sender."""
        return self.server if sender == "server" else self.client

    def __iter__(self) -> Iterator[tuple[Sender, Message]]:
        for row in self.server.values():
            yield "server", row
        for row in self.client.values():
            yield "client", row

    def __repr__(self) -> str:
        return f"<channel {self.name}: {len(self.server)} server, {len(self.client)} client messages>"


channel = Table
