"""Decoders of sound: as many samples as packets have, whatever is in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from fuzz_targets.parts import joined, parts
from fuzz_targets.target import Target, holds
from spiceproto import extras
from spiceproto.codecs import celt051, opus, opus_packet
from spiceproto.errors import MissingExtraError, RemoteError
from spiceproto.tests import codec_samples

__all__ = ["TARGETS"]

_VECTORS: Final = Path(__file__).parents[2] / "spec" / "vectors" / "celt051"
_PACKETS: Final = 12
"""Of one input, and of a seed."""

_KINDS: Final = ("speech", "clicks", "sine-1k", "size-24", "size-120", "size-200")


def celt(data: bytes) -> None:
    """Packets one after the other; an empty part is a packet that was lost."""
    decoder = celt051.Decoder()
    for _, packet in zip(range(_PACKETS), parts(data), strict=False):
        try:
            sound = decoder.decode(packet or None)
        except RemoteError:
            continue
        holds("another form of sound", sound.shape == (celt051.FRAME, celt051.CHANNELS) and sound.dtype == np.int16)


def celt_seeds() -> Iterator[bytes]:
    """The golden packets, whose size is in their names."""
    for kind in _KINDS:
        size = int(kind.removeprefix("size-")) if kind.startswith("size-") else celt051.PACKET
        data = (_VECTORS / f"{kind}.celt").read_bytes()
        yield joined([data[at : at + size] for at in range(0, _PACKETS * size, size)])


def opus_packets(data: bytes) -> None:
    """Packets one after the other: never more samples than their first bytes say."""
    try:
        extras.load("av", "decoding Opus")
    except MissingExtraError:
        decoder = None
    else:
        decoder = opus.OpusDecoder()
    for _, packet in zip(range(_PACKETS), parts(data), strict=False):
        try:
            count = opus_packet.samples(packet)
            if decoder is not None:
                sound = decoder.decode(packet)
                holds("more samples than a packet says", len(sound) <= min(count, opus.FRAME), len(sound), count)
        except RemoteError:
            continue


def opus_seeds() -> Iterator[bytes]:
    """Recorded packets."""
    for sample in codec_samples.samples("opus"):
        packets = codec_samples.messages(sample["data"])
        yield joined(packets[:_PACKETS])


TARGETS: Final = [
    Target("sound-celt051", "256 samples of two channels for each packet, or RemoteError", celt, celt_seeds, 1024),
    Target("sound-opus", "no more samples than the packet says, or RemoteError", opus_packets, opus_seeds, 2048),
]
