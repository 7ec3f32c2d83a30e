"""Long messages in two parts: what stands before the stream of their picture, and the stream, of which no copy is made.

A picture of a whole screen is megabytes, and each step that puts something before it would copy it. So DRAW_COPY, which is
what long messages are, is built without its stream, whose length is put in then. The stream is the last thing of such a
message, unless there is a mask, or a palette, which stand behind it: those are built as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from spiceproto.messages.image import Image

__all__ = ["LONG", "apart"]

_MESSAGE: Final = "DrawCopy"
"""Name of the class of what is taken apart: values are imported with the first channel that has them."""

LONG: Final = 1 << 16
"""Bytes of a stream from which on it is worth the while."""

_PIXELS: Final = LONG // 4
"""Pixels of a picture that may have such a stream: most have four bytes at most."""

_STREAMS: Final = ("lz4", "lz_rgb", "quic", "jpeg")
"""Parts of an image that are a length and a stream."""

_LENGTH_AT: Final = -4
"""Where the length of these stands in a message without stream, from its end."""

_ROWS_AT: Final = -12
"""Where the rows of a bitmap are counted: before its stride, and the place of its palette."""


def apart(value: Any, build: Callable[[Any], tuple[int, bytes]]) -> tuple[int, bytes, bytes] | None:
    """Type of a message, the bytes of its body before the stream, and the stream; None for any that is not so.

    ``build`` gives type and body of a message.
    """
    if type(value).__name__ != _MESSAGE:
        return None
    data = value.data
    image: Image | None = data.src_bitmap
    if image is None or image.descriptor.width * image.descriptor.height < _PIXELS or data.mask.bitmap is not None:
        return None
    bitmap = image.bitmap
    if bitmap is not None:
        stream, number, at = bitmap.data, bitmap.y, _ROWS_AT
        if len(stream) < LONG or len(stream) != bitmap.stride * bitmap.y or bitmap.palette is not None or bitmap.palette_id:
            return None
        hollow = msgspec.structs.replace(image, bitmap=msgspec.structs.replace(bitmap, y=0, data=b""))
    else:
        name = next((name for name in _STREAMS if getattr(image, name) is not None), None)
        if name is None:
            return None
        stream = getattr(image, name).data
        if len(stream) < LONG:
            return None
        number, at = len(stream), _LENGTH_AT
        hollow = msgspec.structs.replace(image, **{name: msgspec.structs.replace(getattr(image, name), data=b"")})
    kind, head = build(msgspec.structs.replace(value, data=msgspec.structs.replace(data, src_bitmap=hollow)))
    end = len(head) + at
    return kind, head[:end] + number.to_bytes(4, "little") + head[end + 4 :], stream
