"""What was copied: the content of each CLIPBOARD message of the agent, in both directions."""

from __future__ import annotations

from typing import Any, Final

from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At
from spiceproto.enums.agent import ClipboardType
from spiceproto.report.extraction.extraction import Extraction

__all__ = ["Clipboards"]

_ENDINGS: Final = {
    ClipboardType.UTF8_TEXT: "txt",
    ClipboardType.IMAGE_PNG: "png",
    ClipboardType.IMAGE_BMP: "bmp",
    ClipboardType.IMAGE_TIFF: "tiff",
    ClipboardType.IMAGE_JPG: "jpg",
}


class Clipboards(Extraction):
    """``clipboard``; an empty answer, which says that there is nothing, is a file of no bytes."""

    kind = "clipboard"
    noun = "clipboard"
    tables = ("main",)

    def whole_agent(self, conversation: Conversation, at: At, name: str, value: Any) -> None:
        if name != "CLIPBOARD":
            return
        number = self.decoder.number + 1
        session = conversation.session.number if conversation.session is not None else 0
        selection = getattr(value, "selection", None)
        self.folder.put(
            f"session{session}-message{number}-{at.sender}",
            _ENDINGS.get(value.type, "bin"),
            bytes(value.data),
            message=number,
            type=getattr(value.type, "name", int(value.type)),
            **({} if selection is None else {"selection": getattr(selection, "name", int(selection))}),
            **self.origin(conversation, at),
        )
