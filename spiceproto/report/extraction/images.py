"""Every image of the wire, decoded, and every shape of the pointer, as PNG.

Images that a cache or a surface has are no files, and neither are masks. One that nobody drew, for it was outside of
everything, or that could not be decoded, is an ``undecoded`` in the index; why, is said as a problem where there was one.
Images with alpha, and shapes, have it in their files.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto import png
from spiceproto.canvas import cursor as shapes
from spiceproto.canvas import surface as surfaces
from spiceproto.canvas.surface import Surface
from spiceproto.capture.consumer import Emit
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decoding import Decoding
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.enums.cursor import CursorType
from spiceproto.enums.display import SurfaceFmt
from spiceproto.enums.image import ImageType
from spiceproto.errors import SpiceError
from spiceproto.image_places import placed
from spiceproto.messages.image import Image
from spiceproto.report.extraction.extraction import Extraction
from spiceproto.report.extraction.folder import Folder
from spiceproto.report.pictures import Pictures, Screen

__all__ = ["ImageFiles"]

_ELSEWHERE: Final = frozenset({ImageType.FROM_CACHE, ImageType.FROM_CACHE_LOSSLESS, ImageType.SURFACE})


class _Watched(Pictures):
    """Pictures that tell which images of a message were decoded."""

    def __init__(self, files: ImageFiles) -> None:
        super().__init__(image=files.decoded)
        self._files = files

    def _draw(self, conversation: Conversation, value: Any, time_ns: int) -> None:
        self._files.before(conversation, value, time_ns, self._frame)
        super()._draw(conversation, value, time_ns)
        self._files.behind(conversation)


class ImageFiles(Extraction):
    """``images``."""

    kind = "images"
    noun = "images"
    tables = ("display", "cursor")

    def __init__(self, folder: Folder) -> None:
        super().__init__(folder)
        self._pictures = _Watched(self)
        self._waiting: dict[int, tuple[str, Image]] = {}
        self._at = At("server", 0, 0)
        self._conversation: Conversation | None = None

    def begin(self, decoder: Decoding, path: str) -> None:
        super().begin(decoder, path)
        self._pictures.begin(decoder)  # type: ignore[arg-type]

    def connection(self, conversation: Conversation) -> None:
        self._pictures.connection(conversation)

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        if conversation.table == "display" and conversation.copy_of is None:
            self.channels.add(conversation.connection.number)
        if conversation.table == "cursor" and sender == "server":
            return super().lane(conversation, sender)
        return self._pictures.lane(conversation, sender)

    def message(self, conversation: Conversation, at: At, name: str, value: Any) -> None:
        """Of a cursor channel."""
        cursor = getattr(value, "cursor", None)
        if cursor is None or cursor.header is None or not cursor.data:
            return
        try:
            shape = shapes.decode(cursor)
        except SpiceError as error:
            self.problem(Diagnostic.malformed(f"{name} cursor", error, conversation, at, number=self.decoder.number))
            return
        kind = CursorType._value2member_map_.get(int(shape.type))
        name_of = f"type{int(shape.type)}" if kind is None else str(kind.name)
        said = {"type": name_of, "hot_spot": [shape.hot_spot_x, shape.hot_spot_y]}
        if shape.pixels.size:
            self._save(conversation, at, f"shape-{name_of}", _rgba(shape.pixels), "cursor", name, said)

    def before(self, conversation: Conversation, value: Any, time_ns: int, frame: int) -> None:
        """A message is going to be drawn."""
        self._conversation, self._at = conversation, At("server", time_ns, frame)
        self._waiting = {
            id(image): (path, image) for path, image in placed(value, masks=False) if image.descriptor.type not in _ELSEWHERE
        }

    def behind(self, conversation: Conversation) -> None:
        """It was drawn; what of it was not decoded is said."""
        for path, image in self._waiting.values():
            said = {"record": "undecoded", "message": self.decoder.number, "path": path, **_described(image)}
            self.folder.write(said | self.origin(conversation, self._at))
        self._waiting = {}

    def decoded(self, screen: Screen, number: int, image: Image, found: Surface) -> None:
        """An image was decoded."""
        path, _ = self._waiting.pop(id(image), ("", image))
        if self._conversation is None or not found.pixels.size:
            return
        alpha = found.format == SurfaceFmt._32_ARGB
        pixels = _rgba(surfaces.argb(found.format, found.pixels)) if alpha else surfaces.rgb(found)
        kind = str(_described(image)["type"])
        self._save(self._conversation, self._at, kind, pixels, path, "", _described(image))

    def _save(
        self,
        conversation: Conversation,
        at: At,
        kind: str,
        pixels: NDArray[np.uint8],
        path: str,
        name: str,
        said: dict[str, Any],
    ) -> None:
        stem = f"{self.stem(conversation)}-message{self.decoder.number}-{kind}"
        where = {"message": self.decoder.number, "path": path, **said, **self.origin(conversation, at)}
        self.folder.put(stem, "png", png.encode(np.ascontiguousarray(pixels)), **where)

    def problem(self, problem: Diagnostic) -> None:
        super().problem(problem)
        self._pictures.problem(problem)

    def conclude(self) -> None:
        self._pictures.finish()

    @property
    def said(self) -> list[str]:
        drawn = [line for line in self._pictures.said if line not in self._said.lines()]
        return super().said + drawn


def _described(image: Image) -> dict[str, Any]:
    head = image.descriptor
    kind = getattr(head.type, "name", f"type{int(head.type)}").lstrip("_")
    return {"type": kind, "id": f"{head.id:#x}", "width": head.width, "height": head.height}


def _rgba(pixels: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """``uint8 (h, w, 4)`` of ``uint32 (h, w)`` 0xAARRGGBB."""
    return np.stack([(pixels >> shift & 0xFF).astype(np.uint8) for shift in (16, 8, 0, 24)], axis=2)
