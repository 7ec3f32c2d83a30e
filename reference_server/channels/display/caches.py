"""What a client keeps: images in pixmap caches, what GLZ refers to, and palettes.

The client names a pixmap cache and a GLZ dictionary in the INIT of each display channel, by numbers of its own; channels
that give the same number have it in common, and the size is what the first of them says. So these two belong to the session
(:class:`Caches`). Palettes belong to one channel.

The server alone knows what is kept, and says what to drop. An image that goes may still be named by a message of another
channel that the client has not handled yet: whoever drops it has to wait for that message (``used``). And one that
comes must not come before a message of another channel that made room for it, or dropped the same image (``drops``).

When the session goes on at another server, nothing of a pixmap cache goes along: the channel that was the first to say its data
at the source (it has *frozen* the cache) empties the client's when it arrives, and until then nobody puts anything there. A GLZ
dictionary begins with the number that the next image would have had, and refers to none of those before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spiceproto.codecs.glz import Dictionary

__all__ = ["Caches", "GlzDictionary", "Kept", "Palettes", "PixmapCache", "Place"]

Place = tuple[int, int]
"""Type and id of a channel."""

_IMAGES: Final = 1 << 14
"""Images in one pixmap cache: a client looks through them."""

_WINDOW: Final = 1 << 24
"""Pixels of a GLZ dictionary: that much memory (64 MiB) a client can have us take, as with spice-gtk at its most."""

_PALETTES: Final = 128
"""Palettes that a client keeps, as with libspice-server."""


class Kept:
    """An image that the client has: ``pixels``, ``lossy``, and ``used``: the last message of each channel that names it."""

    __slots__ = ("lossy", "pixels", "used")

    def __init__(self, pixels: int, lossy: bool) -> None:
        self.pixels = pixels
        self.lossy = lossy
        self.used: dict[Place, int] = {}


class PixmapCache:
    """One pixmap cache of a client, of ``size`` pixels. What was not used for the longest time goes first.

    ``users`` are the channels that name it; ``drops`` has of each the last message that dropped something, ``said`` the last
    that had to do with it; ``frozen`` says whether a channel has said that it empties the cache elsewhere.
    """

    def __init__(self, size: int) -> None:
        self.size = max(size, 0)
        self.pixels = 0
        self.users: set[Place] = set()
        self.drops: dict[Place, int] = {}
        self.said: dict[Place, int] = {}
        self.frozen = False
        self._kept: OrderedDict[int, Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, id: int) -> Kept | None:
        """The image under this number, which is used now."""
        found = self._kept.get(id)
        if found is not None:
            self._kept.move_to_end(id)
        return found

    def make_room(self, pixels: int, needed: Collection[int]) -> dict[int, Kept] | None:
        """Drop images until so many pixels fit, but none of ``needed``; None, and nothing is dropped, if they can not."""
        if pixels > self.size:
            return None
        free, count = self.size - self.pixels, len(self._kept)
        dropped: dict[int, Kept] = {}
        for id, kept in self._kept.items():
            if free >= pixels and count < _IMAGES:
                break
            if id not in needed:
                dropped[id] = kept
                free += kept.pixels
                count -= 1
        if free < pixels or count >= _IMAGES:
            return None
        for id in dropped:
            del self._kept[id]
        self.pixels = self.size - free
        return dropped

    def put(self, id: int, pixels: int, *, lossy: bool) -> None:
        """Keep an image for which there is room."""
        self._kept[id] = Kept(pixels, lossy)
        self.pixels += pixels

    def note(self, ids: Collection[int], place: Place, serial: int) -> None:
        """A message of a channel has these images."""
        for id in ids:
            kept = self._kept.get(id)
            if kept is not None:
                kept.used[place] = serial

    def freeze(self) -> bool:
        """The session goes on at another server; whether this is the first channel to say so."""
        first, self.frozen = not self.frozen, True
        return first

    def empty(self, size: int) -> None:
        """Have no image, and room for so many pixels."""
        self.size, self.pixels = max(size, 0), 0
        self._kept.clear()


class GlzDictionary:
    """One GLZ dictionary of a client, of ``pixels``; 0 if it can have no image. Memory is taken with the first one, whose
    number is ``first``.
    """

    def __init__(self, pixels: int, first: int = 0) -> None:
        self.first = first
        self.pixels = min(max(pixels, 0), _WINDOW)
        self.users: set[Place] = set()
        self._dictionary: Dictionary | None = None

    @property
    def dictionary(self) -> Dictionary:
        """The dictionary that the encoder wants."""
        if self._dictionary is None:
            from spiceproto.codecs.glz import Dictionary

            self._dictionary = Dictionary(self.pixels, next_id=self.first)
        return self._dictionary

    @property
    def next_id(self) -> int:
        """The number of the next image."""
        return self.first if self._dictionary is None else self._dictionary.next_id


class Caches:
    """All pixmap caches and GLZ dictionaries of a client, by number. What no channel names any more is gone."""

    def __init__(self) -> None:
        self.pixmaps: dict[int, PixmapCache] = {}
        self.dictionaries: dict[int, GlzDictionary] = {}

    def join(self, place: Place, cache: tuple[int, int], dictionary: tuple[int, int]) -> tuple[PixmapCache, GlzDictionary]:
        """A channel names both: number and size of each."""
        pixmaps = self.pixmaps.setdefault(cache[0], PixmapCache(cache[1]))
        words = self.dictionaries.setdefault(dictionary[0], GlzDictionary(dictionary[1]))
        pixmaps.users.add(place)
        words.users.add(place)
        return pixmaps, words

    def arrive(self, place: Place, cache: int, dictionary: tuple[int, int, int]) -> tuple[PixmapCache, GlzDictionary]:
        """A channel comes from another server, where it had both: the number of the cache, which is nobody's to use until it
        was emptied, and number, pixels and first image of the dictionary.
        """
        pixmaps = self.pixmaps.setdefault(cache, PixmapCache(0))
        words = self.dictionaries.setdefault(dictionary[0], GlzDictionary(*dictionary[1:]))
        pixmaps.users.add(place)
        words.users.add(place)
        return pixmaps, words

    def names(self, place: Place) -> tuple[int, int]:
        """The numbers of the cache and of the dictionary that a channel has."""
        return (
            next(number for number, shared in self.pixmaps.items() if place in shared.users),
            next(number for number, shared in self.dictionaries.items() if place in shared.users),
        )

    def leave(self, place: Place) -> None:
        """A channel is closed."""
        for cache in self.pixmaps.values():
            cache.users.discard(place)
            cache.drops.pop(place, None)
        for words in self.dictionaries.values():
            words.users.discard(place)
        self.pixmaps = {number: shared for number, shared in self.pixmaps.items() if shared.users}
        self.dictionaries = {number: shared for number, shared in self.dictionaries.items() if shared.users}


class Palettes:
    """The palettes that a client keeps for one channel."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def has(self, unique: int) -> bool:
        """Whether the client has it; it is used now."""
        if unique not in self._kept:
            return False
        self._kept.move_to_end(unique)
        return True

    def make_room(self, needed: Collection[int]) -> list[int] | None:
        """Drop palettes until one more fits, but none of ``needed``; None if it can not."""
        if len(self._kept) < _PALETTES:
            return []
        oldest = next((unique for unique in self._kept if unique not in needed), None)
        if oldest is None:
            return None
        del self._kept[oldest]
        return [oldest]

    def put(self, unique: int) -> None:
        """Keep one for which there is room."""
        self._kept[unique] = None
