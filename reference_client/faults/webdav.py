"""Faults of a client that shares a folder (spec/15-byte-channels.md, 15.3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reference_client.channels.webdav import WebdavChannel
from reference_client.faults.fault import fault
from spiceproto.messages.webdav import MuxChunk
from spiceproto.mux import Demultiplexer

_STRANGE = 424_242
"""A number that no guest uses."""


@fault("chunk-for-nobody", "SPICE-VMC-026")
class ChunkForNobody(WebdavChannel):
    """Sends a chunk with a number that the guest has not used."""

    def chunk(self, chunk: MuxChunk) -> None:
        super().chunk(chunk)
        self.answer(_STRANGE, b"for nobody")


@fault("bytes-behind-the-end", "SPICE-VMC-027", "SPICE-VMC-032")
class BytesBehindTheEnd(WebdavChannel):
    """Sends bytes of a connection that it has ended."""

    def answer(self, number: int, data: bytes) -> None:
        super().answer(number, data)
        if not data:
            super().answer(number, b"more")


@fault("chunks-in-one-message", "SPICE-VMC-028", "SPICE-VMC-035")
class ChunksInOneMessage(WebdavChannel):
    """Drops DATA in which chunks do not begin and end."""

    def take(self, data: bytes) -> None:
        parts = Demultiplexer()
        parts.receive(data)
        if not parts.pending:
            super().take(data)


@fault("one-connection-for-all", "SPICE-VMC-029", "SPICE-VMC-030", "SPICE-VMC-028", "SPICE-VMC-034")
class OneConnectionForAll(WebdavChannel):
    """Takes the bytes of every connection for those of the first that is open."""

    def chunk(self, chunk: MuxChunk) -> None:
        first = next(iter(self.visits), chunk.client)
        super().chunk(MuxChunk(first if chunk.data else chunk.client, chunk.data))


@fault("one-end-ends-all", "SPICE-VMC-030")
class OneEndEndsAll(WebdavChannel):
    """Takes a chunk without bytes for the end of every connection."""

    def chunk(self, chunk: MuxChunk) -> None:
        super().chunk(chunk)
        if not chunk.data:
            self.forget()


@fault("half-a-request-kept", "SPICE-VMC-031")
class HalfARequestKept(WebdavChannel):
    """Keeps what came of a connection when the guest ends it."""

    def chunk(self, chunk: MuxChunk) -> None:
        if chunk.data:
            super().chunk(chunk)


@fault("nothing-shared-closes", "SPICE-VMC-032")
class NothingSharedCloses(WebdavChannel):
    """Closes the channel when it is asked for a folder that it does not share."""

    def chunk(self, chunk: MuxChunk) -> None:
        if self.host.options.share is None:
            self.line.drop("nothing is shared")
        else:
            super().chunk(chunk)


class _LeadsOut(WebdavChannel):
    """Hands out what lies somewhere else."""

    def leads_out(self, path: Path) -> bool:
        """Whether a path is one of those."""
        raise NotImplementedError

    def chunk(self, chunk: MuxChunk) -> None:
        super().chunk(chunk)
        name = bytes(chunk.data).partition(b" /")[2].partition(b" ")[0].decode("latin-1")
        folder: Any = getattr(self.host.options.share, "__self__", None)
        if folder is None or not name or not self.leads_out(folder.root / name) or not (folder.root / name).is_file():
            return
        content = (folder.root / name).read_bytes()
        self.visits.pop(chunk.client).close()
        self.answer(chunk.client, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content)


@fault("links-lead-out", "SPICE-VMC-041")
class LinksLeadOut(_LeadsOut):
    """Hands out what symbolic links lead to."""

    def leads_out(self, path: Path) -> bool:
        return path.is_symlink()


@fault("dots-lead-out", "SPICE-VMC-033")
class DotsLeadOut(_LeadsOut):
    """Hands out what lies beside the folder for a path with dots."""

    def leads_out(self, path: Path) -> bool:
        return ".." in path.parts


@fault("no-http-closes", "SPICE-VMC-034")
class NoHttpCloses(WebdavChannel):
    """Closes the channel for a connection that does not begin like HTTP."""

    def chunk(self, chunk: MuxChunk) -> None:
        if chunk.data and chunk.client not in self.visits and not bytes(chunk.data[:1]).isupper():
            self.line.drop("this is not HTTP")
        else:
            super().chunk(chunk)


@fault("half-a-chunk-kept", "SPICE-VMC-035")
class HalfAChunkKept(WebdavChannel):
    """Keeps the beginning of a chunk when the guest closes the port."""

    def moved(self) -> None:
        pass


@fault("large-files-cut", "SPICE-VMC-036")
class LargeFilesCut(WebdavChannel):
    """Sends nothing more of a connection behind 100000 bytes."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._sent: dict[int, int] = {}

    def answer(self, number: int, data: bytes) -> None:
        self._sent[number] = self._sent.get(number, 0) + len(data)
        if self._sent[number] < 100_000:
            super().answer(number, data)


@fault("small-numbers-only", "SPICE-VMC-037")
class SmallNumbersOnly(WebdavChannel):
    """Refuses connections whose numbers are not counts."""

    def chunk(self, chunk: MuxChunk) -> None:
        if not 0 < chunk.client < 1 << 32:
            self.answer(chunk.client, b"")
        else:
            super().chunk(chunk)
