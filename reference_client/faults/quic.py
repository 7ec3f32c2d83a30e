"""Faults of QUIC: a decoder with one step wrong (spec/06-codecs.md, 6.1)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from reference_client.faults.fault import fault
from reference_client.faults.misdecoded import Misdecodes
from spiceproto.codecs.plain_quic import Pass, Pixel, Plane, Quic
from spiceproto.enums.image import QuicImageType
from spiceproto.messages.image import Image


class DecodesQuic(Misdecodes):
    """Decodes QUIC with :attr:`decoder`."""

    decoder: ClassVar[type[Quic]] = Quic

    def pixels(self, image: Image) -> Any:
        from spiceproto.codecs import quic

        if image.quic is None:
            return None
        right = quic.decode(bytes(image.quic.data))
        if right.shape != (image.descriptor.height, image.descriptor.width) or right.dtype == np.uint8:
            return None
        return self.decoder().decode(bytes(image.quic.data))

    def alpha(self, image: Image) -> bool:
        return image.quic is not None and image.quic.data[8] == QuicImageType.RGBA


# -- bits and channels


@fault("quic-alpha-before-colours", "SPICE-CODEC-002")
class QuicAlphaBeforeColours(DecodesQuic):
    """Takes the alpha of a row of QUIC for what comes before its colours."""

    class decoder(Quic):
        def rows(self, passes: list[Pass]) -> list[Pixel]:
            parts = [self.row(one) for one in passes[::-1]][::-1]
            return [sum(channels, ()) for channels in zip(*parts, strict=True)]


@fault("quic-blue-first", "SPICE-CODEC-003")
class QuicBlueFirst(DecodesQuic):
    """Takes the first colour of a pixel of QUIC for blue."""

    class decoder(Quic):
        order = (2, 1, 0)


@fault("quic-compares-bit-15", "SPICE-CODEC-004")
class QuicComparesBit15(DecodesQuic):
    """Keeps in bit 15 of pixels of QUIC what memory held, and compares it."""

    class decoder(Quic):
        def equal(self, one: Pixel, other: Pixel, columns: tuple[int, int]) -> bool:
            return one == other and (self.kind != QuicImageType.RGB16 or columns[0] % 4 > 0)


@fault("quic-big-endian-words", "SPICE-CODEC-005")
class QuicBigEndianWords(DecodesQuic):
    """Reads the words of QUIC as big-endian."""

    class decoder(Quic):
        def words(self, data: bytes) -> list[str]:
            return [f"{int.from_bytes(data[at : at + 4], 'big'):032b}" for at in range(0, len(data) - 3, 4)]


# -- prediction and symbols


@fault("quic-first-row-from-above", "SPICE-CODEC-008")
class QuicFirstRowFromAbove(DecodesQuic):
    """Predicts the first row of QUIC as if there was a row of zeros above it."""

    class decoder(Quic):
        def in_first_row(self, left: int) -> int:
            return left // 2


@fault("quic-first-column-from-0", "SPICE-CODEC-009")
class QuicFirstColumnFrom0(DecodesQuic):
    """Predicts the first column of QUIC as 0."""

    class decoder(Quic):
        def in_first_column(self, above: int | None) -> int:
            return 0


@fault("quic-rounds-up", "SPICE-CODEC-010")
class QuicRoundsUp(DecodesQuic):
    """Rounds half the sum of two neighbours up."""

    class decoder(Quic):
        def elsewhere(self, left: int, above: int) -> int:
            return (left + above + 1) // 2


@fault("quic-residues-of-the-other-sign", "SPICE-CODEC-011")
class QuicResiduesOfTheOtherSign(DecodesQuic):
    """Takes even symbols of QUIC for the residues below 0."""

    class decoder(Quic):
        def residue(self, symbol: int) -> int:
            return -super().residue(symbol)


@fault("quic-low-bits-lowest-first", "SPICE-CODEC-012")
class QuicLowBitsLowestFirst(DecodesQuic):
    """Reads the low bits of a symbol lowest first."""

    class decoder(Quic):
        def low(self, count: int) -> int:
            return int(f"{self.number(count):0{count}b}"[::-1], 2) if count else 0


@fault("quic-escapes-end-with-a-one", "SPICE-CODEC-013")
class QuicEscapesEndWithAOne(DecodesQuic):
    """Expects a one behind the zeros of an escape."""

    class decoder(Quic):
        def escaped(self, zeros: int, code: int, bits: int) -> int:
            self.number(1)
            return super().escaped(zeros, code, bits)


# -- which code


@fault("quic-context-from-above", "SPICE-CODEC-015")
class QuicContextFromAbove(DecodesQuic):
    """Takes the symbol of the same column in the row above for the context."""

    class decoder(Quic):
        def beside(self, plane: Plane, column: int) -> int:
            return plane.symbols[column]


@fault("quic-rows-begin-with-context-0", "SPICE-CODEC-016")
class QuicRowsBeginWithContext0(DecodesQuic):
    """Begins every row with context 0."""

    class decoder(Quic):
        def at_the_edge(self, plane: Plane) -> int:
            return 0


@fault("quic-runs-clear-symbols", "SPICE-CODEC-017")
class QuicRunsClearSymbols(DecodesQuic):
    """Gives the pixels of a run the symbol 0."""

    class decoder(Quic):
        def behind_run(self, one: Pass, column: int, length: int) -> None:
            super().behind_run(one, column, length)
            for plane in one.planes:
                plane.symbols[column : column + length] = [0] * length


@fault("quic-begins-with-code-0", "SPICE-CODEC-018")
class QuicBeginsWithCode0(DecodesQuic):
    """Takes code 0 for the best one before anything was learnt."""

    class decoder(Quic):
        def first_code(self, depth: int) -> int:
            return 0


@fault("quic-lowest-of-equal-codes", "SPICE-CODEC-019")
class QuicLowestOfEqualCodes(DecodesQuic):
    """Takes the lowest of codes with equal costs for the best."""

    class decoder(Quic):
        def best(self, costs: list[int]) -> int:
            return costs.index(min(costs))


@fault("quic-costs-never-halved", "SPICE-CODEC-020")
class QuicCostsNeverHalved(DecodesQuic):
    """Never halves the costs of codes."""

    class decoder(Quic):
        def halved(self, costs: list[int]) -> list[int]:
            return costs


@fault("quic-second-random-number-first", "SPICE-CODEC-021")
class QuicSecondRandomNumberFirst(DecodesQuic):
    """Begins with the second of the random numbers."""

    class decoder(Quic):
        def left_out(self, one: Pass, level: int) -> int:
            one.drawn += 1
            found = super().left_out(one, level)
            one.drawn -= 1
            return found


@fault("quic-runs-not-counted", "SPICE-CODEC-022")
class QuicRunsNotCounted(DecodesQuic):
    """Counts no pixels of runs when it finds the level of a pixel."""

    class decoder(Quic):
        def behind_run(self, one: Pass, column: int, length: int) -> None:
            pass


@fault("quic-alpha-goes-on-with-colours", "SPICE-CODEC-023")
class QuicAlphaGoesOnWithColours(DecodesQuic):
    """Goes on for alpha with the costs and symbols of red."""

    class decoder(Quic):
        def passes(self, passes: list[Pass]) -> list[Pass]:
            for one in passes[1:]:
                one.planes = passes[0].planes[:1]
            return passes


# -- runs


@fault("quic-runs-whatever-is-above", "SPICE-CODEC-024")
class QuicRunsWhateverIsAbove(DecodesQuic):
    """Expects a run behind two equal pixels, whatever is above."""

    class decoder(Quic):
        def run_begins(self, row: list[Pixel], above: list[Pixel], one: Pass) -> bool:
            return row[-1] == row[-2]


@fault("quic-no-run-behind-a-run", "SPICE-CODEC-025")
class QuicNoRunBehindARun(DecodesQuic):
    """Expects no run directly behind a longer one."""

    class decoder(Quic):
        def tried(self, column: int, length: int) -> int:
            return column + length


@fault("quic-runs-beyond-their-level", "SPICE-CODEC-026")
class QuicRunsBeyondTheirLevel(DecodesQuic):
    """Takes the rest of the row for part of a run that ends with its level."""

    class decoder(Quic):
        def stretch(self, one: Pass, column: int) -> int:
            length = super().stretch(one, column)
            return length if (one.pixels + length) % 2048 else one.width - column


@fault("quic-ones-are-single-pixels", "SPICE-CODEC-027")
class QuicOnesAreSinglePixels(DecodesQuic):
    """Takes each one in the length of a run for one pixel."""

    class decoder(Quic):
        def step(self, state: int) -> int:
            return 1


@fault("quic-states-stay", "SPICE-CODEC-028")
class QuicStatesStay(DecodesQuic):
    """Leaves the state of runs where it is behind a length."""

    class decoder(Quic):
        def state_behind(self, state: int) -> int:
            return state
