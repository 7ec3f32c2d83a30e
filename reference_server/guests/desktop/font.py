"""Letters of five by seven dots."""

from __future__ import annotations

from typing import Final

import numpy as np

from spiceproto.messages.draw import RasterGlyphA1
from spiceproto.messages.geometry import Point

__all__ = ["HEIGHT", "WIDTH", "glyph"]

WIDTH: Final = 6
HEIGHT: Final = 9
"""Pixels from one letter to the next, and from one line to the next."""

_LETTERS: Final = """
A 7e1111117e B 7f49494936 C 3e41414122 D 7f4141413e E 7f49494941 F 7f09090901 G 3e41495939 H 7f0808087f I 00417f4100
J 2040413f01 K 7f08142241 L 7f40404040 M 7f020c027f N 7f0408107f O 3e4141413e P 7f09090906 Q 3e4151215e R 7f09192946
S 2649494932 T 01017f0101 U 3f4040403f V 1f2040201f W 3f4038403f X 6314081463 Y 0708700807 Z 6151494543 0 3e5149453e
1 00427f4000 2 4261514946 3 2141454b31 4 1814127f10 5 2745454539 6 3c4a494930 7 0171090503 8 3649494936 9 064949291e
. 0060600000 , 0050300000 - 0808080808 = 1414141414 / 2010080402 \\ 0204081020 ; 0056360000 ' 0005030000 ` 0001020400
[ 007f414100 ] 0041417f00 * 14083e0814 + 08083e0808
"""
"""Each letter, and behind it its five columns, the top dot in the lowest bit."""

_WORDS: Final = _LETTERS.split()
_COLUMNS: Final = dict(zip(_WORDS[0::2], _WORDS[1::2], strict=True))
_EMPTY: Final = "0000000000"


def glyph(letter: str, x: int, y: int) -> RasterGlyphA1:
    """A letter whose top left corner is at a place; an empty one for what has no letter here."""
    columns = np.frombuffer(bytes.fromhex(_COLUMNS.get(letter, _EMPTY)), np.uint8)
    dots = np.unpackbits(columns[:, None], axis=1, bitorder="little")[:, :7].T
    rows = np.packbits(dots[::-1], axis=1)
    return RasterGlyphA1(render_pos=Point(x, y), glyph_origin=Point(0, 0), width=5, height=7, data=rows.tobytes())
