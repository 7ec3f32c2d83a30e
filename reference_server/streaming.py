"""Which pictures are sent as video: what the server wants, until it wants something else.

One of QEMU's names: ``off``; ``filter``, for those with smooth colours, as films have them; ``all``, for everything that
changes fast.
"""

from __future__ import annotations

from typing import Final

import msgspec

from reference_server.watched import Watched
from spiceproto.messages.display import StreamCreate
from spiceproto.transport import Connection

__all__ = ["STREAMING", "StreamBegan", "StreamEnded", "Streaming", "StreamingChanged"]

STREAMING: Final = ("off", "filter", "all")
"""The modes by name."""


class StreamingChanged(msgspec.Struct, frozen=True):
    """The server wants another mode."""


class StreamBegan(msgspec.Struct, frozen=True):
    """A client is told of a stream, on the connection of a display."""

    connection: Connection
    created: StreamCreate


class StreamEnded(msgspec.Struct, frozen=True):
    """A client is told that a stream is over."""

    connection: Connection
    stream: int


class Streaming(Watched):
    """Tells :class:`StreamingChanged`, :class:`StreamBegan` and :class:`StreamEnded`.

    ``mode`` is one of :data:`STREAMING`. Raises ValueError for a name that is none.
    """

    def __init__(self, mode: str = "off") -> None:
        super().__init__()
        self.mode = self.find(mode)

    @staticmethod
    def find(mode: str) -> str:
        """The mode of this name."""
        if mode not in STREAMING:
            raise ValueError(f"video is streamed {', '.join(STREAMING)}, not {mode!r}")
        return mode

    def set(self, mode: str) -> None:
        """Want another one from now on, on all displays of all clients."""
        self.mode = self.find(mode)
        self.tell(StreamingChanged())
