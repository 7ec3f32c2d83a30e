"""How much sound a packet of Opus holds, from its first two bytes; nothing is decoded, and no library is needed.

Source: RFC 6716 section 3.
"""

from __future__ import annotations

from typing import Final

from spiceproto.errors import RemoteError

__all__ = ["RATE", "samples"]

RATE: Final = 48000
"""Samples a second, of each sound channel, by which packets are counted, whatever rate their sender had."""

_DURATIONS: Final = (480, 960, 1920, 2880) * 3 + (480, 960) * 2 + (120, 240, 480, 960) * 4
"""Samples of one frame, by the five configuration bits of the first byte (RFC 6716, table 2)."""


def samples(packet: bytes | bytearray | memoryview) -> int:
    """Samples a channel at 48 kHz that the packet holds, from its first two bytes.

    :raises RemoteError: empty, or a count of frames that is missing or zero.
    """
    if not len(packet):
        raise RemoteError("an empty Opus packet", expected="at least one byte")
    code = packet[0] & 3
    if code == 3:
        if len(packet) < 2 or not packet[1] & 63:
            raise RemoteError("an Opus packet without a count of frames", offset=1)
        frames = packet[1] & 63
    else:
        frames = 1 if code == 0 else 2
    return _DURATIONS[packet[0] >> 3] * frames
