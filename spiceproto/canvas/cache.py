"""Three caches: pixmaps, palettes, cursors.

The server decides what is in them, counts along, and says what to drop; a client only keeps and looks up. So there is
no eviction here, and a bound is a defence: it is above what a server can have been told, and crossing it is the
peer's error.

========  ========================================  =========================  ========================================
cache     shared by                                 key                        emptied by
========  ========================================  =========================  ========================================
pixmaps   the display channels that name one cache  image descriptor's ``id``  INVAL_LIST, INVAL_ALL_PIXMAPS
palettes  nobody                                    palette's ``unique``       INVAL_PALETTE, INVAL_ALL_PALETTES, RESET
cursors   nobody                                    header's ``unique``        INVAL_ONE, INVAL_ALL, INIT, RESET
========  ========================================  =========================  ========================================

A pixmap is lossy or lossless. FROM_CACHE takes either, FROM_CACHE_LOSSLESS the latter only; CACHE_REPLACE_ME puts a
lossless copy in the place of a lossy one. What is missing may still come over another channel: the reference client
waits for it. Nothing here waits: messages must be handed over in an order in which they can be drawn (BEHAVIOUR of
wait_for_channels), and what is missing then is an error.

Source: ``src/channel-display.c``, ``src/spice-channel-cache.h``, ``src/channel-cursor.c`` of spice-gtk.
"""

from __future__ import annotations

from typing import Final, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas.problem import MissingPixmap
from spiceproto.canvas.surface import Surface
from spiceproto.errors import LimitError

__all__ = ["CURSORS", "CURSOR_PIXELS", "PALETTES", "PIXMAPS", "PIXMAP_PIXELS", "Cache", "PaletteCache", "PixmapCache"]

PIXMAP_PIXELS: Final = 1 << 26
"""Pixels in the pixmap cache: three times what spice-gtk announces (20971520)."""

PIXMAPS: Final = 1 << 16
"""Images in the pixmap cache. The reference server hashes them into 1024 buckets and expects few in each."""

PALETTES: Final = 1024
"""Palettes in the palette cache; the reference server keeps 128."""

CURSORS: Final = 1024
"""Shapes in the cursor cache; the reference server keeps 256."""

CURSOR_PIXELS: Final = 1 << 25
"""Pixels in the cursor cache: 512 shapes of 256 x 256."""

Item = TypeVar("Item")


class Cache(Generic[Item]):
    """Things by key, at most ``limit`` of them."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._items: dict[int, Item] = {}

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def get(self, key: int) -> Item | None:
        """What is under the key, or None."""
        return self._items.get(key)

    def put(self, key: int, item: Item) -> None:
        """Keep a thing, in the place of what was under its key.

        :raises LimitError: the cache is full.
        """
        if len(self._items) >= self.limit and key not in self._items:
            raise LimitError("cache is full", expected=f"at most {self.limit} entries", actual=f"{self.limit + 1}")
        self._items[key] = item

    def remove(self, key: int) -> None:
        """Drop what is under the key, if anything is."""
        self._items.pop(key, None)

    def clear(self) -> None:
        """Drop everything."""
        self._items.clear()


class PaletteCache(Cache[NDArray[np.uint32]]):
    """Palettes by ``unique``: entries ``uint32 (n,)`` as they came."""

    def __init__(self) -> None:
        super().__init__(PALETTES)


class Pixmap(NamedTuple):
    """An entry of the pixmap cache."""

    surface: Surface
    lossy: bool


class PixmapCache:
    """Decoded images by the id of their descriptor. ``pixels`` is the capacity."""

    def __init__(self, pixels: int = PIXMAP_PIXELS) -> None:
        self.pixels = pixels
        self.used = 0
        self._entries: dict[int, Pixmap] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, id: object) -> bool:
        return id in self._entries

    def put(self, id: int, surface: Surface, *, lossy: bool = False) -> None:
        """Keep an image, in the place of what was under its id.

        :raises LimitError: the cache would hold more than it may.
        """
        self.remove(id)
        used = self.used + surface.pixels.size
        if used > self.pixels or len(self._entries) >= PIXMAPS:
            raise LimitError(
                "pixmap cache is full",
                expected=f"at most {self.pixels} pixels in {PIXMAPS} images",
                actual=f"{used} in {len(self._entries) + 1}",
            )
        self._entries[id] = Pixmap(surface, lossy)
        self.used = used

    def get(self, id: int) -> Surface:
        """The image, lossy or not.

        :raises MissingPixmap: it is not there.
        """
        entry = self._entries.get(id)
        if entry is None:
            raise MissingPixmap(id, lossless=False, actual=f"{id:#x}")
        return entry.surface

    def get_lossless(self, id: int) -> Surface:
        """The image, if it is there without loss.

        :raises MissingPixmap: it is not there, or with loss.
        """
        entry = self._entries.get(id)
        if entry is None or entry.lossy:
            raise MissingPixmap(id, lossless=True, actual=f"{id:#x}: {'none' if entry is None else 'a lossy one'}")
        return entry.surface

    def has(self, id: int, *, lossless: bool) -> bool:
        """Whether the image is there, without loss if that is asked for."""
        entry = self._entries.get(id)
        return entry is not None and not (lossless and entry.lossy)

    def remove(self, id: int) -> None:
        """Drop the image, if it is there."""
        entry = self._entries.pop(id, None)
        if entry is not None:
            self.used -= entry.surface.pixels.size

    def clear(self) -> None:
        """Drop everything."""
        self._entries.clear()
        self.used = 0
