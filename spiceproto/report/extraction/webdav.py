"""The HTTP of shared folders: a file for each connection of the guest and each side of it, as it was said.

The guest asks, so its words are those of the server of SPICE (``guest``); the client of SPICE answers (``client``). A ``part``
in the index has the first lines of the heads that end in it.
"""

from __future__ import annotations

from collections import Counter

from spiceproto.capture.consumer import Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At
from spiceproto.report.extraction.extraction import Extraction
from spiceproto.report.extraction.folder import Folder, Output
from spiceproto.webdav import Chunk

__all__ = ["WebdavTalk"]

_SAID = {"server": "guest", "client": "client"}


class WebdavTalk(Extraction):
    """``webdav``."""

    kind = "webdav"
    noun = "webdav"
    tables = ("webdav", "port")

    def __init__(self, folder: Folder) -> None:
        super().__init__(folder)
        self._talks: dict[tuple[int, int], tuple[int, dict[str, Output]]] = {}
        self._counts: Counter[int] = Counter()

    def inner(self, conversation: Conversation, at: At, item: Inner) -> None:
        if not isinstance(item, Chunk):
            return
        connection, client = conversation.connection.number, int(item.value.client)
        if (connection, client) not in self._talks:
            self._counts[connection] += 1
        number, sides = self._talks.setdefault((connection, client), (self._counts[connection], {}))
        if not item.value.data:
            for ended in sides.values():
                ended.close()
            del self._talks[connection, client]
            return
        output = sides.get(at.sender)
        if output is None:
            stem = f"{self.stem(conversation)}-http{number}-{_SAID[at.sender]}"
            output = sides[at.sender] = self.begin_file(conversation, at, stem, "http", client=client)
        time = at.time_ns / 1_000_000_000
        output.write(bytes(item.value.data), self.decoder.number, time=time, **({"http": item.lines} if item.lines else {}))
