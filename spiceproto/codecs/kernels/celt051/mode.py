"""The numbers of CELT 0.5.1 in the one mode of SPICE: 44100 Hz, two channels, 256 samples a packet.

They are plain Python, for kernels and for everything else. ``BIT_ROWS`` and ``PITCH_GAINS`` were chosen by CELT's authors and
are taken from their source (libcelt/modes.c and pgain_table.h of CELT 0.5.1, under the 3-clause BSD licence: copyright 2007 to
2009 Jean-Marc Valin, Xiph.Org Foundation, CSIRO). The other numbers are facts of the format.
"""

from __future__ import annotations

from typing import Final

RATE: Final = 44100
CHANNELS: Final = 2

FRAME: Final = 256
"""Samples of a packet, a channel."""

OVERLAP: Final = 128
"""Samples that the windows of two transforms share."""

SUPPORT: Final = FRAME + OVERLAP
"""Samples that a packet adds to the sound, a channel."""

BLOCK: Final = 128
"""Samples of a short block, of which a packet has two."""

HISTORY: Final = 1024
"""Finished samples that a decoder keeps, a channel: what pitch prediction takes from."""

LAGS: Final = HISTORY - SUPPORT
"""Places in the history where what is taken may begin."""

# -- bands ------------------------------------------------------------------------------------------------------------

BANDS: Final = 20

EDGES: Final = (0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 31, 37, 43, 51, 62, 74, 90, 110, 140, 180, 233)
"""First bin of each band, and where the last one ends; bins behind it are zero."""

WIDEST: Final = 2 * (EDGES[BANDS] - EDGES[BANDS - 1])
"""Numbers of the widest band, both channels."""

PITCH_EDGES: Final = (0, 3, 9, 12, 15, 24, 37, 62, 74)
"""The same for bands of pitch prediction."""

PITCH_BANDS: Final = 8
PITCH_END: Final = PITCH_EDGES[PITCH_BANDS]
"""Bins from here on are not predicted."""

# -- loudness ---------------------------------------------------------------------------------------------------------

MEANS: Final = (
    45.0, -8.0, -12.0, -2.5, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
)  # fmt: skip
"""What a band has without further knowledge, in dB."""

LEAST_ENERGY: Final = -12.0
"""dB that no band is below."""

COARSE_STEP: Final = 6.0
"""dB of one step."""

DECAY: Final = tuple(6000 - 200 * band for band in range(BANDS))
"""How fast larger steps become less probable, of 16384."""

LAPLACE_TOTAL: Final = 32767
LAPLACE_START: Final = tuple(LAPLACE_TOTAL * (16384 - decay) // (16384 + decay) for decay in DECAY)
"""How probable the step 0 is, of ``LAPLACE_TOTAL``: what makes the sum over all steps 1."""

# -- bits -------------------------------------------------------------------------------------------------------------

QUALITIES: Final = 12

BIT_ROWS: Final = (
    (8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    (9, 7, 6, 3, 3, 3, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    (10, 8, 8, 7, 3, 5, 5, 8, 8, 14, 15, 13, 10, 8, 0, 0, 0, 0, 0, 0),
    (10, 12, 8, 7, 6, 7, 7, 9, 10, 16, 17, 15, 12, 10, 8, 0, 0, 0, 0, 0),
    (12, 12, 10, 9, 8, 9, 10, 11, 11, 18, 19, 17, 14, 12, 10, 10, 10, 0, 0, 0),
    (14, 12, 12, 10, 11, 10, 11, 14, 14, 19, 22, 19, 18, 12, 10, 10, 10, 10, 2, 0),
    (17, 15, 12, 12, 11, 15, 14, 14, 14, 21, 22, 19, 18, 18, 16, 22, 20, 20, 2, 2),
    (22, 21, 17, 18, 16, 17, 17, 17, 17, 23, 24, 21, 34, 25, 29, 31, 39, 36, 20, 2),
    (30, 29, 25, 25, 23, 23, 22, 22, 23, 30, 45, 39, 52, 60, 73, 77, 74, 81, 69, 2),
    (28, 29, 28, 27, 29, 29, 30, 30, 30, 44, 64, 54, 66, 76, 71, 87, 97, 120, 107, 62),
    (33, 32, 30, 33, 42, 44, 43, 41, 38, 55, 84, 77, 91, 108, 111, 125, 118, 126, 123, 124),
    (52, 49, 46, 56, 69, 68, 65, 63, 63, 91, 130, 114, 128, 167, 161, 184, 174, 186, 182, 184),
)
"""Bits for the pulses of each band, both channels together, at twelve qualities."""

FINE_ROWS: Final = (
    (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    (1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0),
    (1, 2, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0),
    (2, 2, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0),
    (2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0),
    (2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
    (4, 4, 3, 3, 3, 3, 2, 3, 3, 2, 2, 1, 2, 1, 1, 1, 1, 1, 1, 1),
    (6, 5, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 2, 3, 2, 1, 1, 1, 1),
    (6, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 5, 4, 3, 3, 2, 2, 2, 1, 1),
    (6, 6, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 5, 4, 4, 3, 2, 1, 1),
    (7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 4, 3, 2, 1),
)
"""Bits for the fine energy of each band, each channel."""

MOST_PULSES: Final = 127

# -- pitch ------------------------------------------------------------------------------------------------------------

GAIN_BITS: Final = 7

PITCH_GAINS: Final = bytes.fromhex(
    "0000000000000000140d09085b110f078380760808070705607806050706050483784118520f0d064c06310507060704"
    "0f4c06060b0b0b06837d45380c0909067c050425060506048c87837f7064293a8c87827a715f10084a05040405040704"
    "832204030504050419680b68130e0b05710d3d08350808047c4644460d0a07058a817647203f0f098155063707060504"
    "8b847e7a460d0b070a270705060708097d0625040505060489803c74684f170c7c323406060606042905050405050606"
    "151e1a6e57130e0761280505060506048c8886857a6f67157b084b0505070504827766120e13470b6804040304050604"
    "82410404040505047908064a060806044c72450a0a0808044909080735070704857c48710f0c09067e6e0f60510f0a06"
    "8278231a425055147e2823705944150a7a2f06310806070489817b7714605b148680050405050604206d645b5c1a0e07"
    "877d7614676362268d888482795d3b0c4c0a06310707070484813c05080807050a0b09080b370f088c86817c483f110a"
    "494e090a41090803730e0909590b0a047f306b731e4645188a817b4b62150a077f770a6a090808057a600d0a0a0d4107"
    "83773166191f4e0e0f09360708090a0889837b236452150d46393e07090907040e06073106080908480a650809080704"
    "1c137165190f090681701c6a1c4d190d7a0f070809320a047c4008063107060478093636080708048c85817f74230e0a"
    "440f09670a09080584427574664f190d171655114c0e0b054b5c0a41090807047c6d0c080a3a0905773f0a6a09080704"
    "897f775348363b0e720f4e700c0c0705843072766b5c5c1c7740700a080807048c868280495d4b0d8361030405050404"
    "0c080708090b350b867d751d6623480e3a33060607070704887748796f645e222467625e0c0c0a068b84807d6d3c5638"
    "8303030304050604887d497356130c08847c6b0c11430f087c0805062b0606047b090872090807046f110a5044090904"
    "7f5c2805060605040e533f0a0b0b0a050d770a0a0a0d0a057e1d636b591512080c0b08062d090a088a867e790f110906"
    "7f7608093f0807040b0c07690a0c0f08867614756050521b400f423c0b0708047423671256110b0510620f114d0c0b05"
    "89837e751a1e4510815a52060b080705888079251958541a13400b3d0b0b0a050e0e6a0b090b0b07824e716c18110a06"
    "867e7911490e09078a847f4e6f6657182966696b565c4c145e4e0505050705048b847f7b6b22490b771916635856591a"
    "38690706080807047b0972060808070489817b791753160d771b541c2d4c42158d8785837b756d491b676f0a120c0b04"
    "8a827e7a3667604488827a42120a0907460c08070a2f090580711c1b5f4a130b160d0a3f3e0c0905750f6f440c0b0805"
    "827c0733080607040e0f42590c0b0b05"
)
"""128 sets of gains, one for each pitch band: ``g`` stands for the gain sqrt(1 - (1 - g / 256)^2)."""
