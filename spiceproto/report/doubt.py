"""Whether an image could have something that does not fit, by a look at a few bytes of a message that is well formed.

What has no stream, or one of the usual kinds that fits its descriptor, is beyond doubt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from spiceproto.codecs.stream_kinds import KINDS, PLAIN
from spiceproto.enums.image import ImageType
from spiceproto.generated import images as generated
from spiceproto.image_places import PICTURES, offsets
from spiceproto.report.heads import BARE_END, HEAD_END, TYPE
from spiceproto.report.tally import Tally

__all__ = ["doubt"]

_PLAIN: Final = frozenset(map(int, PLAIN))
"""Types of image without a stream."""

_BARE: Final = _PLAIN - {ImageType.BITMAP}
"""Those of which the descriptor says all there is to be counted."""

_USUAL: Final = {
    int(type): (header.unpack_from, header.size, (magic, version), mask, frozenset(map(int, KINDS[type])))
    for type, header, magic, version, mask in (
        (ImageType.QUIC, generated.QUIC_HEADER, generated.QUIC_MAGIC, generated.QUIC_VERSION, 0xFFFFFFFF),
        (ImageType.LZ_RGB, generated.LZ_HEADER, generated.LZ_MAGIC, generated.LZ_VERSION, 0xFFFFFFFF),
        (ImageType.GLZ_RGB, generated.GLZ_HEADER, generated.GLZ_MAGIC, generated.GLZ_VERSION, 0x0F),
    )
}
"""What reads the header of a stream, its size, magic and version, the bits of the type, its values."""

_DESCRIPTOR: Final = generated.DESCRIPTOR.size

_SIZE: Final = generated.BEHIND["quic"].size
_size_of: Final = generated.BEHIND["quic"].unpack_from
_descriptor: Final = generated.DESCRIPTOR.unpack_from


def doubt(name: str, tally: Tally) -> Callable[[bytes], bool]:
    """The look at the bodies of a message, which puts each of its images into the tally."""
    heads, places = tally.heads, offsets(name)

    def look(body: bytes, offset: int) -> bool:
        type = body[offset + TYPE]
        if type in _BARE:
            heads[body[offset + TYPE : offset + BARE_END]] += 1
            return False
        heads[body[offset + TYPE : offset + HEAD_END]] += 1
        return type not in _PLAIN and not _fits(body, offset)

    def several(body: bytes) -> bool:
        return True in [look(body, offset) for offset in places(body) if offset]

    def only(body: bytes) -> bool:  # nothing but `look` of one image, without a call: most messages have one
        (offset,) = places(body)
        if not offset:
            return False
        type = body[offset + TYPE]
        if type in _BARE:
            heads[body[offset + TYPE : offset + BARE_END]] += 1
            return False
        heads[body[offset + TYPE : offset + HEAD_END]] += 1
        return type not in _PLAIN and not _fits(body, offset)

    return only if len(PICTURES[name]) == 1 else several


def _fits(body: bytes, offset: int) -> bool:
    """Whether an image that has a stream has one of the usual kinds that fits."""
    _, type, _, width, height = _descriptor(body, offset)
    usual = _USUAL.get(type)
    if usual is None:
        return False
    unpack, least, begin, mask, kinds = usual
    offset += _DESCRIPTOR
    if _size_of(body, offset)[0] < least:
        return False
    found = unpack(body, offset + _SIZE)
    return found[:2] == begin and found[2] & mask in kinds and found[3:5] == (width, height)
