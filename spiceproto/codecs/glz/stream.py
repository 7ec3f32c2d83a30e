"""A GLZ stream: the header, what it may say, and how many passes over the picture the tokens behind it make."""

from __future__ import annotations

from typing import Final, NamedTuple

from spiceproto.codecs.lz import LzImageType, Stream, check_size
from spiceproto.errors import LimitError, RemoteError
from spiceproto.generated.images import GLZ_HEADER, GLZ_MAGIC, GLZ_VERSION

HEADER_SIZE: Final[int] = GLZ_HEADER.size

MAX_IMAGE_ID: Final = (1 << 62) - 1
"""Numbers count up from 0; a larger one is no count."""

TYPES: Final = (LzImageType.RGB16, LzImageType.RGB24, LzImageType.RGB32, LzImageType.RGBA)
"""The types in use, in the order of their numbers, which begin with 6."""


class GlzHeader(NamedTuple):
    """The header of a GLZ stream. ``stride`` is bytes a line; ``top_down`` tells which line is coded first."""

    type: LzImageType
    top_down: bool
    width: int
    height: int
    stride: int
    image_id: int
    window_head_distance: int


def header(stream: Stream) -> GlzHeader:
    """Parse and check the 33 header bytes; raises :class:`RemoteError`. The size limit is :func:`decode`'s business."""
    size = memoryview(stream).nbytes
    if size < HEADER_SIZE:
        raise RemoteError("GLZ stream ends inside its header", offset=size, expected=f"{HEADER_SIZE} bytes", actual=f"{size}")
    magic, version, kind, width, height, stride, image_id, distance = GLZ_HEADER.unpack_from(stream)
    if magic != GLZ_MAGIC:
        raise RemoteError("not a GLZ stream", path="magic", offset=0, expected=f"{GLZ_MAGIC:#x}", actual=f"{magic:#x}")
    if version != GLZ_VERSION:
        raise RemoteError("unknown GLZ version", path="version", offset=4, expected=f"{GLZ_VERSION:#x}", actual=f"{version:#x}")
    if not 6 <= kind & 15 <= 9:
        raise RemoteError(
            "GLZ image type not in use", path="type", offset=8, expected="6..9 (RGB16 to RGBA)", actual=str(kind & 15)
        )
    type = TYPES[(kind & 15) - 6]
    check_size(type, width, height, stride, 9)
    if image_id > MAX_IMAGE_ID:
        raise LimitError(
            "image number is no count",
            path="image_id",
            offset=21,
            expected=f"at most {MAX_IMAGE_ID:#x}",
            actual=f"{image_id:#x}",
        )
    if distance > image_id:
        raise RemoteError(
            "window reaches back before the first image",
            path="window_head_distance",
            offset=29,
            expected=f"at most {image_id}",
            actual=str(distance),
        )
    # As the reference decoder reads it: any of the four high bits means top down.
    return GlzHeader(type, kind >> 4 != 0, width, height, stride, image_id, distance)


def units(type: LzImageType) -> tuple[int, ...]:
    """Stream bytes of a pixel in each pass over the picture."""
    return (3, 1) if type is LzImageType.RGBA else (2,) if type is LzImageType.RGB16 else (3,)
