"""Numbers of the cursor channel."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum, WireFlags


class CursorType(WireEnum):
    """Pixel format of a cursor shape (SPICE_CURSOR_TYPE_*)."""

    ALPHA = 0
    """Bytes b, g, r, a; colours are multiplied by alpha."""
    MONO = 1
    """An AND plane, then an XOR plane, one bit a pixel."""
    COLOR4 = 2
    """Palette indices of four bits, the palette, a mask."""
    COLOR8 = 3
    """Palette indices of one byte, the palette, a mask."""
    COLOR16 = 4
    """x1r5g5b5, then a mask."""
    COLOR24 = 5
    """Bytes b, g, r, then a mask."""
    COLOR32 = 6
    """Bytes b, g, r and one without meaning, then a mask."""


class CursorFlags(WireFlags):
    """Where a cursor shape comes from (SPICE_CURSOR_FLAGS_*)."""

    NONE = 1
    """No shape, and no header."""
    CACHE_ME = 2
    """Keep the shape in the cursor cache."""
    FROM_CACHE = 4
    """Take the shape from the cursor cache."""
