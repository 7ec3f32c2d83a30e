"""permessage-deflate (RFC 7692): each message of a WebSocket is a piece of one deflate stream, without its last four bytes.

A side that takes its context over refers to its earlier messages; one that does not begins anew with each.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from spiceproto.capture.limits import READ_CHUNK

__all__ = ["Inflater", "agreed"]

_TAIL = b"\0\0\xff\xff"


def agreed(extensions: str) -> dict[bool, Inflater] | None:
    """What reads the client's and the server's messages, by the field of the server's answer; None without this extension."""
    for extension in extensions.split(","):
        name, *parameters = [word.strip() for word in extension.split(";")]
        if name == "permessage-deflate":
            return {
                True: Inflater(takeover="client_no_context_takeover" not in parameters),
                False: Inflater(takeover="server_no_context_takeover" not in parameters),
            }
    return None


class Inflater:
    """The messages of one side, in pieces of bounded size.

    * ``takeover``: messages refer to earlier ones
    """

    __slots__ = ("_stream", "takeover")

    def __init__(self, *, takeover: bool) -> None:
        self.takeover = takeover
        self._stream = zlib.decompressobj(-15)

    def receive(self, data: bytes, *, last: bool) -> Iterator[bytes]:
        """What these bytes of a message say; ``last``: the message ends with them. Raises :class:`zlib.error`."""
        if last:
            data += _TAIL
        while True:
            piece = self._stream.decompress(data, READ_CHUNK)
            if piece:
                yield piece
            if self._stream.eof:  # a block may say that it is the last of all: another stream begins
                data = self._stream.unused_data
                self._stream = zlib.decompressobj(-15)
            else:
                data = self._stream.unconsumed_tail
            if not data and len(piece) < READ_CHUNK:
                break
        if last and not self.takeover:
            self._stream = zlib.decompressobj(-15)
