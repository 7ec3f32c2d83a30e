"""Work space that is used again: by pictures of other sizes and types, by calls inside calls, by a table never cleared."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiceproto.codecs import lz, quic, tier
from spiceproto.codecs.kernels import lz as lz_loops
from spiceproto.codecs.lz import LzImageType
from spiceproto.codecs.quic import QuicImageType
from spiceproto.codecs.work import KEPT_BLOCKS, KEPT_BYTES, WorkSpaces

QUIC_TYPES = {
    QuicImageType.GRAY: "uint8",
    QuicImageType.RGB16: "uint16",
    QuicImageType.RGB32: "uint32",
    QuicImageType.RGBA: "uint32",
}


def speckled(height: int, width: int, dtype: str, seed: int) -> NDArray[Any]:
    """Runs, and pixels that repeat earlier ones."""
    dice = np.random.default_rng(seed)
    some = dice.integers(0, 1 << 31, 5)
    return np.repeat(some[dice.integers(0, 5, height * width)], 3)[: height * width].astype(dtype).reshape(height, width)


def test_a_block_belongs_to_one_call() -> None:
    spaces = WorkSpaces(cleared=8)
    first = spaces.take(10)
    assert not first[:8].any()
    first[:8] = 7
    second = spaces.take(10)  # as in a signal handler
    assert second is not first and not second[:8].any()
    spaces.give(second)
    spaces.give(first)
    assert spaces.take(10) is first, "as the last call left it"
    assert spaces.take(KEPT_BYTES + 1) is not second, "a larger one takes the place of the smaller"


def test_no_more_is_kept_than_a_few_blocks() -> None:
    spaces = WorkSpaces()
    blocks = [spaces.take(1) for _ in range(KEPT_BLOCKS + 3)]
    for block in blocks:
        spaces.give(block)
    spaces.give(np.empty(KEPT_BYTES + 1, np.uint8))
    kept = [spaces.take(1) for _ in range(KEPT_BLOCKS)]
    assert all(any(block is each for each in blocks) for block in kept)
    assert not any(spaces.take(1) is each for each in blocks)


def test_quic_in_a_used_block() -> None:
    """Of a picture of another width and type, what was the column before the first one has become something else."""
    dice = np.random.default_rng(3)
    for number in range(60):
        kind, dtype = list(QUIC_TYPES.items())[int(dice.integers(4))]
        pixels = speckled(int(dice.integers(1, 30)), int(dice.integers(1, 70)), dtype, number)
        with tier.forced("interpreted"):
            stream = quic.encode(pixels, kind)
            decoded = quic.decode(stream)
        with tier.forced("compiled"):
            assert quic.encode(pixels, kind) == stream
            assert np.array_equal(quic.decode(stream), decoded)


def test_lz_table_keeps_no_picture() -> None:
    """Pictures of other types, each with what the one before it has left in the table, and beyond its greatest index."""
    types = {LzImageType.RGB32: "uint32", LzImageType.RGB16: "uint16", LzImageType.A8: "uint8", LzImageType.PLT4_BE: "uint8"}
    dice = np.random.default_rng(4)
    work = lz._encoders.take(1 << 17)
    work[:8].view(np.int64)[0] = (1 << 31) - 3000  # and 2000 pixels of what went before are at the last indices
    work[8 : lz_loops.HASHES].view(np.int32)[:] = (1 << 31) - 3001
    lz._encoders.give(work)
    bases = []
    for number in range(60):
        type, dtype = list(types.items())[int(dice.integers(4))]
        pixels = speckled(int(dice.integers(1, 20)), int(dice.integers(1, 40)), dtype, number % 7)
        with tier.forced("interpreted"):
            stream = lz.encode(pixels, type)
        with tier.forced("compiled"):
            assert lz.encode(pixels, type) == stream
        work = lz._encoders.take(1)
        bases.append(int(work[:8].view(np.int64)[0]))
        lz._encoders.give(work)
    assert bases[-1] < bases[0] < 1 << 31, "the table was cleared on the way"
