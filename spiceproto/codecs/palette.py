"""Palettes: from pixel indices to colours.

A palette is a list of 32-bit entries, ``0x00RRGGBB`` as little-endian words on the wire. It travels with an image of
1, 4 or 8 bits a pixel (BITMAP, LZ_PLT) or is named by an id that the palette cache resolves; that cache is not here,
nor is the message that carries the entries.

What an index past the last entry means was never specified. In the reference client it is an accident of each path:

* raw 8-bit and 4-bit bitmaps copy the entries to a table on the stack and read whatever lies behind them there;
* raw 1-bit bitmaps read entries 0 and 1 without looking at the count;
* LZ_PLT with 4 bits takes the index modulo the count, with 8 bits and 1 bit it reads past the end.

Here it is an error of the peer unless the caller asks for the modulo, which is the only one of these with a meaning.

On a surface of 16 bits a pixel the entries of a raw bitmap are ``x1r5g5b5`` values in 32-bit words and are truncated,
not converted: hand in the entries as ``uint16`` and the picture comes out as ``uint16``.

Source: ``common/pixman_utils.c`` and ``common/lz_decompress_tmpl.c`` of spice-common.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.errors import LocalError, RemoteError

__all__ = ["ENTRIES", "apply", "entries"]

ENTRIES: Final = 256
"""Most entries a palette can use: indices have at most 8 bits. More may be sent; the reference client ignores them."""

COLOUR: Final = np.uint32(0x00FFFFFF)


def entries(values: Sequence[int]) -> NDArray[np.uint32]:
    """The first 256 of a message's palette entries as ``uint32``, the unused top byte cleared.

    :raises RemoteError: there is none.
    """
    if not len(values):
        raise RemoteError("the palette is empty", expected="1 to 256 entries", actual="0")
    return np.array(values[:ENTRIES], dtype=np.uint32) & COLOUR


def apply(indices: NDArray[np.uint8], palette: Sequence[int] | NDArray[Any], *, modulo: bool = False) -> NDArray[Any]:
    """Look every index up.

    ``indices`` is ``uint8 (h, w)``; ``palette`` is a sequence of integers or a ``uint32`` array, which give
    ``uint32 (h, w)`` ``0x00RRGGBB``, or a ``uint16`` array, which gives ``uint16 (h, w)``. ``modulo`` wraps indices
    past the last entry around, as the reference client does for 4-bit LZ_PLT.

    :raises RemoteError: an index has no entry, or the palette is empty.
    """
    if not isinstance(palette, np.ndarray):
        table: NDArray[Any] = entries(palette)
    elif palette.ndim == 1 and palette.dtype == np.uint16:
        table = palette
    elif palette.ndim == 1 and palette.dtype == np.uint32:
        table = palette & COLOUR
    else:
        raise LocalError("not a palette", expected="uint32 (n,) or uint16 (n,)", actual=f"{palette.dtype} {palette.shape}")
    if not table.size:
        raise RemoteError("the palette is empty", expected="1 to 256 entries", actual="0")
    if table.size < ENTRIES and indices.size:
        if modulo:
            indices = indices % np.uint8(table.size)
        elif (highest := int(indices.max())) >= table.size:
            raise RemoteError("a pixel has no palette entry", expected=f"an index below {table.size}", actual=str(highest))
    return table[indices]
