"""Files that were sent to the guest by its agent: FILE_XFER_START, DATA and STATUS.

A file is called after its transfer. What its sender called it, its size, and what the guest said of it are in the index; it is
whole where as many bytes came as were announced.
"""

from __future__ import annotations

from typing import Any

from spiceproto.agent import file_start
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At
from spiceproto.errors import RemoteError
from spiceproto.report.extraction.extraction import Extraction
from spiceproto.report.extraction.folder import Folder, Output

__all__ = ["Transfers"]

_GOES_ON = "CAN_SEND_DATA"

Key = tuple[int, int]
"""Session, number of the transfer."""


class Transfers(Extraction):
    """``files``. A transfer goes on where its session is, whatever connection that is on."""

    kind = "files"
    noun = "transfers"
    tables = ("main",)

    def __init__(self, folder: Folder) -> None:
        super().__init__(folder)
        self._files: dict[Key, tuple[Output, int | None]] = {}

    def whole_agent(self, conversation: Conversation, at: At, name: str, value: Any) -> None:
        session = conversation.session.number if conversation.session is not None else 0
        if name == "FILE_XFER_START":
            self._start((session, value.id), conversation, at, bytes(value.data))
        elif name == "FILE_XFER_DATA":
            found = self._files.get((session, value.id))
            if found is None:
                self.lose(conversation, f"FILE_XFER_DATA of transfer {value.id}, whose START was not seen before it")
            else:
                found[0].write(bytes(value.data), self.decoder.number + 1, time=at.time_ns / 1_000_000_000)
        elif name == "FILE_XFER_STATUS":
            self._status((session, value.id), at, value)

    def _start(self, key: Key, conversation: Conversation, at: At, data: bytes) -> None:
        self._end(key)
        said: dict[str, Any] = {"transfer": key[1], "begun": self.decoder.number + 1}
        size = None
        try:
            start = file_start.parse(data)
            size = start.size
            said |= {
                "name": start.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"),
                "announced": size,
            }
        except RemoteError as error:
            said["unreadable"] = str(error)
        stem = f"session{key[0]}-transfer{key[1]}"
        output = self.folder.open(stem, "bin", **self.origin(conversation, at), **said)
        self._files[key] = output, size

    def _status(self, key: Key, at: At, value: Any) -> None:
        found = self._files.get(key)
        result = getattr(value.result, "name", int(value.result))
        said = {"record": "status", "message": self.decoder.number + 1, "direction": at.sender, "transfer": key[1]}
        self.folder.write(said | {"result": result, "file": found[0].name if found is not None else None})
        if found is not None and result != _GOES_ON:
            self._end(key, status=result)

    def _end(self, key: Key, **said: Any) -> None:
        found = self._files.pop(key, None)
        if found is not None:
            output, size = found
            output.close(whole=output.size == size, **said)

    def conclude(self) -> None:
        for key in list(self._files):
            self._end(key, end="not captured")
