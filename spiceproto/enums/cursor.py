"""Numbers of the cursor channel."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum, WireFlags


class CursorType(WireEnum):
    """Pixel format of a cursor shape (SPICE_CURSOR_TYPE_*)."""

    ALPHA = 0
    MONO = 1
    COLOR4 = 2
    COLOR8 = 3
    COLOR16 = 4
    COLOR24 = 5
    COLOR32 = 6


class CursorFlags(WireFlags):
    """Where a cursor shape comes from (SPICE_CURSOR_FLAGS_*)."""

    NONE = 1
    CACHE_ME = 2
    FROM_CACHE = 4
