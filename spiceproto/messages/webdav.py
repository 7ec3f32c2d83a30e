"""Values of webdav. Made from spiceproto/schema/webdav.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec


class MuxChunk(msgspec.Struct, frozen=True, gc=False):
    """The bytes of the channel are a row of these.

    * ``client`` int64: Which HTTP connection of the guest
    * ``data`` bytes: Bytes of the connection
    """

    client: int
    data: bytes

    @property
    def size(self) -> int:
        """Length of ``data``."""
        return len(self.data)
