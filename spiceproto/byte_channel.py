"""Bytes of usbredir, port, webdav and smart card channels as messages: DATA, and COMPRESSED_DATA where it was announced.

Both carry the same stream, so which of the two a piece travels in is the sender's choice for every message. LZ4 here is a
block without frame and without length in front of it; the size after inflating stands in the message. It is made as
spice-server and spice-gtk make it: out of more than 1000 bytes, and only if it comes out smaller.

``lz4``, of the extra ``pictures``, is imported on use. Who lacks it sends DATA and must not announce the capability
(:func:`announced`), so nobody sends it what it cannot read.

Sources: ``server/spicevmc.c`` of spice-server, ``src/channel-usbredir.c`` of spice-gtk.
"""

from __future__ import annotations

from typing import Final

from spiceproto import extras, limits
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import SpicevmcCapability
from spiceproto.enums.spicevmc import DataCompressionType
from spiceproto.errors import LimitError, RemoteError
from spiceproto.messages.spicevmc import CompressedData, Data

__all__ = ["EXPANSION", "PIECE", "THRESHOLD", "announced", "compressed", "pack", "pieces", "unpack"]

THRESHOLD: Final = 1000
"""Bytes up to which a piece is sent as it is."""

PIECE: Final = 1 << 16
"""Bytes of one message that :func:`pieces` makes: what spice-server reads of a device at once."""

EXPANSION: Final = 255
"""No LZ4 block yields more than this many bytes for each of its own."""

_MODULE: Final = "lz4.block"


def announced() -> Capabilities:
    """What a channel of this kind may announce of itself here: DATA_COMPRESS_LZ4 where LZ4 is installed."""
    return NONE.with_(SpicevmcCapability.DATA_COMPRESS_LZ4) if extras.present(_MODULE) else NONE


def pack(data: bytes, *, lz4: bool) -> Data | CompressedData:
    """One message with ``data``. ``lz4`` says that the receiver announced DATA_COMPRESS_LZ4."""
    if not lz4 or not THRESHOLD < len(data) <= limits.COMPRESSED_DATA or not extras.present(_MODULE):
        return Data(data)
    packed = compressed(data)
    return packed if len(packed.compressed_data) < len(data) else Data(data)


def compressed(data: bytes) -> CompressedData:
    """COMPRESSED_DATA with ``data``, whatever is gained by it; for peers that are to be tried.

    :raises MissingExtraError: ``lz4`` is not installed.
    """
    library = extras.load(_MODULE, "COMPRESSED_DATA")
    return CompressedData(DataCompressionType.LZ4, len(data), library.compress(data, store_size=False))


def pieces(data: bytes, *, lz4: bool, most: int = PIECE) -> list[Data | CompressedData]:
    """Messages with at most ``most`` bytes of ``data`` each, in order; none for no bytes."""
    if len(data) <= most:
        return [pack(data, lz4=lz4)] if data else []
    return [pack(data[at : at + most], lz4=lz4) for at in range(0, len(data), most)]


def unpack(value: Data | CompressedData, most: int = limits.COMPRESSED_DATA) -> bytes:
    """The bytes of the stream in a message. ``most`` bounds what is inflated; what comes plain came in full already.

    :raises LimitError: the size after inflating is larger than ``most``, or than any LZ4 block of this size yields.
    :raises RemoteError: a type without meaning, a size of 0, or a block that does not yield what the message says.
    :raises MissingExtraError: ``lz4`` is not installed.
    """
    if isinstance(value, Data):
        return bytes(value.data)
    block = bytes(value.compressed_data)
    if value.type == DataCompressionType.NONE:
        return block
    if value.type != DataCompressionType.LZ4:
        raise RemoteError("no such compression", path="type", offset=0, expected="NONE or LZ4", actual=str(int(value.type)))
    size = value.uncompressed_size or 0
    most = min(most, EXPANSION * len(block))
    if size > most:
        raise LimitError(
            "COMPRESSED_DATA is too large",
            path="uncompressed_size",
            offset=1,
            expected=f"at most {most} bytes",
            actual=f"{size} bytes",
        )
    if not size:
        raise RemoteError("COMPRESSED_DATA of nothing", path="uncompressed_size", offset=1, expected="a size", actual="0 bytes")
    library = extras.load(_MODULE, "COMPRESSED_DATA")
    try:
        data = bytes(library.decompress(block, uncompressed_size=size))
    except (library.LZ4BlockError, ValueError) as error:
        raise RemoteError(
            "broken LZ4 block", path="compressed_data", offset=5, expected=f"{size} bytes", actual=str(error)
        ) from error
    if len(data) != size:
        raise RemoteError(
            "the LZ4 block is shorter than it says",
            path="compressed_data",
            offset=5,
            expected=f"{size} bytes",
            actual=f"{len(data)} bytes",
        )
    return data
