"""The structures of the link stage, as wrong as a case wants them.

header, link_message, link_reply    bytes as they go over the wire
Freedom                             what may be wrong about a link message and a link reply
"""

from __future__ import annotations

from struct import pack
from typing import TypedDict, Unpack

from spiceproto import capabilities as caps
from spiceproto.sizes import CAPABILITIES_SIZE, PUBLIC_KEY_SIZE

__all__ = ["Freedom", "header", "link_message", "link_reply"]

Words = int | tuple[int, ...]
"""Capabilities: bits, or words as they are to stand there."""


class Freedom(TypedDict, total=False):
    """How wrong a link message or a link reply is to be.

    * ``common_caps``, ``channel_caps``: bits, or words as they are to stand there; none
    * ``counts``, ``offset``: what is said of the words, whatever is there; None: what is so
    * ``gap``, ``padding``: bytes before the words, and behind
    * ``size``, ``magic``, ``major``, ``minor``: what the header says
    """

    common_caps: Words
    channel_caps: Words
    counts: tuple[int, int] | None
    offset: int | None
    gap: bytes
    padding: bytes
    size: int | None
    magic: bytes
    major: int
    minor: int


def header(size: int, *, magic: bytes = b"REDQ", major: int = 2, minor: int = 2) -> bytes:
    """A link header."""
    return magic + pack("<LLL", major, minor, size)


def link_message(channel_type: int, channel_id: int = 0, connection_id: int = 0, **freedom: Unpack[Freedom]) -> bytes:
    """Link header and link message."""
    return _with_words(pack("<LBB", connection_id, channel_type, channel_id), **freedom)


def link_reply(public_key: bytes, *, error: int = 0, **freedom: Unpack[Freedom]) -> bytes:
    """Link header and link reply."""
    return _with_words(pack("<L", error) + public_key.ljust(PUBLIC_KEY_SIZE, b"\0"), **freedom)


def _words(bits: Words) -> tuple[int, ...]:
    return bits if isinstance(bits, tuple) else caps.words_of(bits)


def _with_words(
    start: bytes,
    *,
    common_caps: Words = 0,
    channel_caps: Words = 0,
    counts: tuple[int, int] | None = None,
    offset: int | None = None,
    gap: bytes = b"",
    padding: bytes = b"",
    size: int | None = None,
    magic: bytes = b"REDQ",
    major: int = 2,
    minor: int = 2,
) -> bytes:
    """Link header, ``start``, and the capabilities, which message and reply have at their end."""
    common_words, channel_words = _words(common_caps), _words(channel_caps)
    said = counts or (len(common_words), len(channel_words))
    begin = len(start) + CAPABILITIES_SIZE if offset is None else offset
    words = b"".join([pack("<L", word) for word in common_words + channel_words])
    body = start + pack("<LLL", *said, begin) + gap + words + padding
    return header(len(body) if size is None else size, magic=magic, major=major, minor=minor) + body
