"""The bytes of port and usbredir channels, a file for each side, as programs at both ends wrote them.

COMPRESSED_DATA are unpacked. The index has a ``part`` for each message, with its place in the file; of a port its name, and
when it was opened and closed (``event``); of usbredir each packet (``packet``).
"""

from __future__ import annotations

from typing import Any, ClassVar

from spiceproto import byte_channel
from spiceproto.capture.consumer import Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.errors import MissingExtraError, RemoteError
from spiceproto.report import carried
from spiceproto.report.extraction.extraction import Extraction
from spiceproto.report.extraction.folder import Folder, Output
from spiceproto.usbredir import Packet

__all__ = ["Ports", "Usb"]


class _ByteStreams(Extraction):
    """A file for each channel and side."""

    ending: ClassVar[str] = "bin"

    def __init__(self, folder: Folder) -> None:
        super().__init__(folder)
        self._files: dict[tuple[int, str], Output] = {}

    def message(self, conversation: Conversation, at: At, name: str, value: Any) -> None:
        if name == "COMPRESSED_DATA":
            try:
                self._write(conversation, at, byte_channel.unpack(value))
            except MissingExtraError as error:
                self.lose(conversation, str(error))
                self._file(conversation, at).whole = False
            except RemoteError as error:
                self.problem(Diagnostic.malformed(name, error, conversation, at, number=self.decoder.number))
        elif name == "DATA":
            self._write(conversation, at, bytes(value.data))
        elif name in ("INIT", "EVENT"):
            self._told(conversation, at, name, value)

    def _told(self, conversation: Conversation, at: At, name: str, value: Any) -> None:
        """What a port says of itself."""
        if name == "INIT":
            said = {"name": value.name.rstrip(b"\0").decode("utf-8", "backslashreplace"), "opened": bool(value.opened)}
        else:
            said = {"event": getattr(value.event, "name", int(value.event))}
        self.folder.write({"record": "port", "message": self.decoder.number, **self.origin(conversation, at), **said})

    def _file(self, conversation: Conversation, at: At) -> Output:
        key = conversation.connection.number, at.sender
        found = self._files.get(key)
        if found is None:
            stem = f"{self.stem(conversation)}-{at.sender}"
            found = self._files[key] = self.begin_file(conversation, at, stem, self.ending)
        return found

    def _write(self, conversation: Conversation, at: At, data: bytes) -> None:
        self._file(conversation, at).write(data, self.decoder.number, time=at.time_ns / 1_000_000_000)


class Ports(_ByteStreams):
    """``ports``."""

    kind = "ports"
    noun = "ports"
    tables = ("port", "webdav")


class Usb(_ByteStreams):
    """``usb``."""

    kind = "usb"
    noun = "usbredir"
    tables = ("usbredir",)
    ending = "usbredir"

    def inner(self, conversation: Conversation, at: At, item: Inner) -> None:
        if isinstance(item, Packet):
            said = {"record": "packet", "message": self.decoder.number, "name": item.name, "size": item.size}
            self.folder.write(said | self.origin(conversation, at) | carried.as_dict(item))
