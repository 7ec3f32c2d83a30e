"""The headers of image streams where they stand in a message, and what in them does not fit the image's descriptor.

    found = read(body, offset)      the image that begins there
    found.streams                   its streams: codec, place, size, header
    found.faults                    what a header says and the descriptor does not

Pixels are not decoded and numpy is not needed. A GLZ stream inside zlib has no place of its own: as much of it is inflated as
its header takes. A receiver has rules of its own for what it does with a header; what is found here is the sender's.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from spiceproto.codecs.stream_kinds import CODECS, GLZ, JPEG, KINDS, LZ, LZ4, PLAIN, QUIC
from spiceproto.enums.image import BitmapFlags, ImageType, JpegAlphaFlags, LzImageType
from spiceproto.errors import RemoteError
from spiceproto.generated import images as generated
from spiceproto.generated import parse_codec
from spiceproto.messages.codec import GlzHeader, Lz4Header, LzHeader, QuicHeader

if TYPE_CHECKING:
    from spiceproto.codecs import jpeg_stream

__all__ = ["PARSE", "SIZES", "VERSIONS", "Fault", "Found", "Header", "Stream", "direction", "kind", "read", "size"]

Header: TypeAlias = "QuicHeader | LzHeader | GlzHeader | Lz4Header | jpeg_stream.Header"

SIZES: Final = {
    QUIC: generated.QUIC_HEADER.size,
    LZ: generated.LZ_HEADER.size,
    GLZ: generated.GLZ_HEADER.size,
    LZ4: generated.LZ4_HEADER.size,
}
_MAGIC: Final = {QUIC: generated.QUIC_MAGIC, LZ: generated.LZ_MAGIC, GLZ: generated.GLZ_MAGIC}
VERSIONS: Final = {QUIC: generated.QUIC_VERSION, LZ: generated.LZ_VERSION, GLZ: generated.GLZ_VERSION}

PARSE: Final[Mapping[str, Callable[[bytes], Any]]] = MappingProxyType(
    {
        QUIC: parse_codec.parse_QuicHeader,
        LZ: parse_codec.parse_LzHeader,
        GLZ: parse_codec.parse_GlzHeader,
        LZ4: parse_codec.parse_Lz4Header,
    }
)
_descriptor = generated.DESCRIPTOR.unpack_from


class Stream(NamedTuple):
    """One stream of an image.

    * ``codec``: QUIC, LZ, GLZ, LZ4 or JPEG
    * ``place``: of its first byte in the message, None if it was inflated
    * ``size``: bytes
    * ``header``: what it begins with; ``raw`` are the bytes of it
    """

    codec: str
    place: int | None
    size: int
    header: Header
    raw: bytes


class Fault(NamedTuple):
    """Something that does not fit: a ``code`` for programs, what was ``expected`` and what was there (``actual``)."""

    code: str
    expected: str
    actual: str


class Found(NamedTuple):
    """What is known of one image: its ``type``, ``streams`` and ``faults``."""

    type: int
    streams: tuple[Stream, ...]
    faults: tuple[Fault, ...]


def kind(header: Header) -> int:
    """The kind of pixels, a number of the codec's own enumeration; of a JPEG frame header its number."""
    if isinstance(header, GlzHeader):
        return _glz_type(header)
    if isinstance(header, LzHeader | QuicHeader):
        return header.type
    return header.format if isinstance(header, Lz4Header) else header.sof


def direction(header: Header) -> bool | None:
    """Whether the top row comes first; None where it always does."""
    if isinstance(header, GlzHeader):
        return header.type_and_direction >> 4 != 0
    return bool(header.top_down) if isinstance(header, LzHeader | Lz4Header) else None


def size(header: Header) -> tuple[int, int] | None:
    """Width and height; None for LZ4, which has none."""
    return None if isinstance(header, Lz4Header) else (header.width, header.height)


def read(body: bytes, offset: int) -> Found:
    """The image that begins at ``offset`` of a message that is well formed.

    Raises struct.error or IndexError for a body that ends inside of the fields before a stream.
    """
    _, type, _, width, height = _descriptor(body, offset)
    if type in PLAIN:
        return Found(type, (), ())
    if type not in CODECS:
        name = "RESERVED, which is never sent" if type == ImageType.RESERVED else "unknown"
        return Found(type, (), (Fault("unknown-image-type", "a type of image", f"{type} ({name})"),))
    read = _Reading(body, offset, type, (width, height))
    try:
        _STEPS.get(type, _only)(read)
    except RemoteError as error:
        read.faults.append(Fault("image-header", error.expected or "a header", error.actual or error.what))
    return Found(type, tuple(read.streams), tuple(read.faults))


class _Reading:
    """One image while it is read: the numbers ``behind`` its descriptor, and ``at``, the place behind these."""

    def __init__(self, body: bytes, offset: int, type: int, wanted: tuple[int, int]) -> None:
        self.body = body
        self.type = type
        self.wanted = wanted
        self.streams: list[Stream] = []
        self.faults: list[Fault] = []
        self.at = offset + generated.DESCRIPTOR.size
        numbers = generated.BEHIND[generated.VARIANTS[type]]
        self.behind: tuple[int, ...] = numbers.unpack_from(body, self.at)
        self.at += numbers.size

    def expect(self, what: str, expected: object, actual: object) -> None:
        """Note a fault unless both are the same."""
        if expected != actual:
            self.faults.append(Fault("image-header", f"{what} {expected}", str(actual)))

    def stream(self, codec: str, place: int, length: int) -> Header:
        """Read the header of one stream. Raises RemoteError if there is none."""
        raw = bytes(self.body[place : place + min(length, SIZES[codec])])
        return self.header(codec, place, length, raw)

    def header(self, codec: str, place: int | None, length: int, raw: bytes) -> Header:
        """The same for one whose first bytes are known."""
        if len(raw) < SIZES[codec]:
            raise RemoteError("too short", expected=f"a {codec} header of {SIZES[codec]} bytes", actual=f"{len(raw)} bytes")
        header: Header = PARSE[codec](raw)
        self.streams.append(Stream(codec, place, length, header, raw))
        if codec in _MAGIC:
            found = _magic(codec, raw[:4]), getattr(header, "version", 0)
            if found[0] != _magic(codec, b""):
                self.expect(f"{codec} magic", _magic(codec, b""), found[0])
                return header
            self.expect(f"{codec} version", f"{VERSIONS[codec]:#x}", f"{found[1]:#x}")
        types = KINDS[self.type]
        if kind(header) not in types:
            names = ", ".join(item.name.removeprefix("_") for item in sorted(types))
            self.expect(f"{codec} type", names, _type_name(header))
        if (found_size := size(header)) is not None:
            self.expect(f"{codec} of", _times(self.wanted), _times(found_size))
        return header

    def jpeg(self, place: int, length: int) -> None:
        """Read the frame header of a JPEG stream."""
        from spiceproto.codecs import jpeg_stream

        data = self.body[place : place + length]
        header = jpeg_stream.header(data)
        frames = [item for item in jpeg_stream.segments(data) if item.marker in jpeg_stream.FRAMES]
        start, end = frames[0].start, frames[0].end
        self.streams.append(Stream(JPEG, place, length, header, bytes(data[start:end])))
        self.expect(f"{JPEG} of", _times(self.wanted), _times((header.width, header.height)))


def _magic(codec: str, raw: bytes) -> str:
    text = raw or _MAGIC[codec].to_bytes(4, "little" if codec == QUIC else "big")
    return ascii(text.decode("latin-1"))


def _times(pair: tuple[int, int]) -> str:
    return f"{pair[0]}x{pair[1]}"


def _glz_type(header: GlzHeader) -> int:
    number = header.type_and_direction & 15
    return _LZ_TYPES.get(number, number)


_LZ_TYPES: Final[dict[int, LzImageType]] = {item.value: item for item in LzImageType}


def _type_name(header: Header) -> str:
    found = kind(header)
    return getattr(found, "name", str(found)).removeprefix("_")


# -- what the types of image have behind the descriptor


def _only(read: _Reading) -> None:
    """One stream, behind its size."""
    ((length,), (codec,)) = read.behind, CODECS[read.type]
    read.stream(codec, read.at, length)


def _jpeg(read: _Reading) -> None:
    (length,) = read.behind
    read.jpeg(read.at, length)


def _lz_plt(read: _Reading) -> None:
    flags, length = read.behind
    read.stream(LZ, read.at + (8 if flags & BitmapFlags.PAL_FROM_CACHE else 4), length)


def _zlib_glz(read: _Reading) -> None:
    inflated, length = read.behind
    try:
        raw = zlib.decompressobj().decompress(read.body[read.at : read.at + length], SIZES[GLZ])
    except zlib.error as error:
        raise RemoteError("no zlib stream", expected="a zlib stream", actual=str(error)) from error
    read.header(GLZ, None, inflated, raw[:inflated])


def _jpeg_alpha(read: _Reading) -> None:
    flags, jpeg, length = read.behind
    read.jpeg(read.at, min(jpeg, length))
    header = read.stream(LZ, read.at + jpeg, length - min(jpeg, length))
    rows = {True: "top row first", False: "bottom row first"}
    read.expect("alpha with its", rows[bool(flags & JpegAlphaFlags.TOP_DOWN)], rows[bool(direction(header))])


_STEPS: Final[Mapping[int, Callable[[_Reading], None]]] = MappingProxyType(
    {
        ImageType.LZ_PLT: _lz_plt,
        ImageType.ZLIB_GLZ_RGB: _zlib_glz,
        ImageType.JPEG: _jpeg,
        ImageType.JPEG_ALPHA: _jpeg_alpha,
    }
)
"""Images of which more has to be known."""
