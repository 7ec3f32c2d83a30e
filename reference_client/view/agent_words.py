"""What an AGENT_DATA of the main channel says, as far as it can be seen in it alone: a message that begins there.

The rest of a message that needs several of them is bytes. Which layout the clipboard has is what both ends know of each other.
"""

from __future__ import annotations

from typing import Final

import msgspec

from spiceproto import dispatch
from spiceproto.agent import HEADER_SIZE, begins_message
from spiceproto.errors import RemoteError

__all__ = ["AgentMessage", "agent_message"]

_TYPE: Final = slice(4, 8)
_SIZE: Final = slice(16, 20)


class AgentMessage(msgspec.Struct, frozen=True):
    """A message with its row, None for one that means nothing; ``body`` is what has come of so many bytes."""

    row: dispatch.Row | None
    type: int
    body: bytes
    size: int

    @property
    def whole(self) -> bool:
        """Whether nothing of it is elsewhere."""
        return len(self.body) == self.size

    @property
    def words(self) -> str:
        """Its name, and its fields that matter."""
        if self.row is None:
            return f"agent message {self.type}, {self.size} bytes"
        if not self.whole:
            return f"{self.row.name}, {len(self.body)} of {self.size} bytes"
        try:
            return f"{self.row.name} {self.row.summary(self.body)}"
        except RemoteError as error:
            return f"{self.row.name}, malformed: {error}"


def agent_message(table: str, sender: str, data: bytes) -> AgentMessage | None:
    """The message that begins with these bytes of an AGENT_DATA; None where none does.

    ``table`` is the agent's, by what both ends have announced; ``sender`` is "client" or "server".
    """
    if len(data) < HEADER_SIZE or not begins_message(data):
        return None
    type, size = (int.from_bytes(data[part], "little") for part in (_TYPE, _SIZE))
    return AgentMessage(dispatch.row(table, sender, type), type, data[HEADER_SIZE:], size)
