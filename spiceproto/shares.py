"""What the display channels of a session share: pixmap caches and GLZ dictionaries, and how much of them is used.

The client names both in the INIT of each display channel, by numbers of its own. Which images are kept, and whether one
is taken from the cache that never was there, a table says (:data:`spiceproto.rules.caches.IMAGES`); here is what has to
be counted. Channels of one session overtake each other, so the order that an observer sees is only that of each of them:
what depends on the order of several is not judged where there are several.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from spiceproto import descriptors
from spiceproto.enums.display import ResourceType
from spiceproto.enums.image import ImageFlags, ImageType
from spiceproto.finding import Finding
from spiceproto.image_places import PATHS, images
from spiceproto.messages.codec import GlzHeader

__all__ = ["REQUIREMENTS", "Shares"]

_PIXELS, _ONE_SIZE = "SPICE-CACHE-003", "SPICE-CACHE-020"
_NEVER: Final = "SPICE-CACHE-001"
_NUMBERS, _HEAD, _WINDOW = "SPICE-CACHE-015", "SPICE-CACHE-016", "SPICE-CACHE-017"

REQUIREMENTS: Final = {
    _NEVER: "is about what never came, where several channels share a cache; a table has the rest",
    _PIXELS: "adds up the sizes of what is kept",
    _ONE_SIZE: "compares a field of one connection with a field of another",
    _NUMBERS: "compares what stands in one stream with what stood in others",
    _HEAD: "compares what stands in one stream with what stood in others",
    _WINDOW: "adds up the sizes of what can be referred to",
}
"""Sentences that are judged here, and why no machine can."""

_ITEMS: Final = 1 << 16
"""Images of one cache or window that are counted; who has more is judged no further."""

_PATIENCE: Final = 10.0
"""Seconds in which what one channel takes from a cache has to come on another; the client waits for it."""

_CACHED: Final = (ImageType.FROM_CACHE, ImageType.FROM_CACHE_LOSSLESS)
_KEEP: Final = ImageFlags.CACHE_ME | ImageFlags.CACHE_REPLACE_ME

_READ: Final = frozenset({"INIT", "INVAL_ALL_PIXMAPS", "INVAL_LIST", *PATHS})
"""Messages that change what is shared, or name something in it."""

Place = tuple[int, int]
"""Type and id of a channel."""


class _Cache:
    """One pixmap cache: ``size`` and ``used`` in pixels, what is ``kept``, and the channels that name it.

    * ``known``: False while something may be in it that nobody saw
    * ``ever``: what was kept at any time
    * ``wanted``: what was taken from it and never kept so far, and since when that is missed
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.channels = set[Place]()
        self.ever = set[int]()
        self.wanted: dict[int, float] = {}
        self.clear()

    def clear(self) -> None:
        self.kept: dict[int, int] = {}
        self.used = 0
        self.known = True

    def drop(self, id: int) -> None:
        self.used -= self.kept.pop(id, 0)

    def keep(self, id: int, pixels: int) -> bool:
        """Whether there is too much in it now."""
        self.drop(id)
        if len(self.kept) >= _ITEMS:
            self.known = False
        self.kept[id] = pixels
        self.wanted.pop(id, None)
        if len(self.ever) < _ITEMS:
            self.ever.add(id)
        self.used += pixels
        return self.known and len(self.channels) == 1 and self.used > self.size

    def want(self, id: int, now: float) -> None:
        """Something is taken from it. Of a cache that one channel has alone a table says whether it is there."""
        if self.known and len(self.channels) > 1 and id not in self.ever and len(self.ever) < _ITEMS:
            self.wanted.setdefault(id, now)

    def missed(self, now: float) -> list[int]:
        """What was wanted for too long, each once."""
        if not self.wanted:
            return []
        found = [id for id, since in self.wanted.items() if now > since + _PATIENCE]
        for id in found:
            del self.wanted[id]
            self.ever.add(id)
        return found


class _Dictionary:
    """One GLZ dictionary: ``size`` of the window in pixels, the images that can be referred to, and its channels.

    * ``last``: number of the last image, -1 before the first, None while it is not known; ``lasts`` that of each channel
    * ``oldest``: of those that can be referred to, the first
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.channels = set[Place]()
        self.lasts: dict[Place, int] = {}
        self.forget(last=-1)

    def forget(self, *, last: int | None = None) -> None:
        self.last = last
        self.oldest = 0
        self.sizes: dict[int, int] = {}
        self.used = 0
        self.lasts.clear()

    def release(self, oldest: int) -> None:
        for number in range(self.oldest, min(oldest, self.oldest + _ITEMS)):
            self.used -= self.sizes.pop(number, 0)
        self.oldest = max(oldest, self.oldest)


class Shares:
    """Pixmap caches and GLZ dictionaries of one session, by the numbers that the client gives them."""

    def __init__(self) -> None:
        self._caches: dict[int, _Cache] = {}
        self._dictionaries: dict[int, _Dictionary] = {}
        self._of: dict[Place, tuple[_Cache, _Dictionary]] = {}

    def shared(self, channel: Place) -> frozenset[Place]:
        """The channels that name the same pixmap cache as this one, if there are several."""
        found = self._of.get(channel)
        return frozenset(found[0].channels) if found is not None and len(found[0].channels) > 1 else frozenset()

    def forget(self, channel: Place) -> None:
        """Something that the server said there was missed."""
        found = self._of.get(channel)
        if found is not None:
            cache, dictionary = found
            cache.clear()
            cache.known = False
            cache.wanted.clear()
            dictionary.forget()

    def closed(self, channel: Place) -> None:
        """The channel is closed. What nobody names any more is gone."""
        cache, dictionary = self._of.pop(channel, (None, None))
        if cache is not None and dictionary is not None:
            cache.channels.discard(channel)
            dictionary.channels.discard(channel)
            if not cache.channels:
                self._caches = {number: item for number, item in self._caches.items() if item is not cache}
            if not dictionary.channels:
                self._dictionaries = {number: item for number, item in self._dictionaries.items() if item is not dictionary}

    def judge(self, channel: Place, sender: str, name: str, value: Any, now: float) -> Iterable[Finding]:
        """A message of a display channel."""
        found = self._of.get(channel)
        if name not in _READ and value is not None and (found is None or not found[0].wanted):
            return ()
        return self._judge(channel, sender, name, value, now)

    def _judge(self, channel: Place, sender: str, name: str, value: Any, now: float) -> Iterator[Finding]:
        if value is None:
            if sender == "server":
                self.forget(channel)
            return
        if (sender, name) == ("client", "INIT"):
            yield from self._begin(channel, value, now)
            return
        found = self._of.get(channel)
        if sender != "server" or found is None:
            return
        cache, dictionary = found
        for id in cache.missed(now):
            text = f"{name} long after an image was taken from the cache that has not come on any channel"
            yield Finding(_NEVER, "server", channel, text, "an image that is kept", f"{id:#x}", now)
        if name == "INVAL_ALL_PIXMAPS":
            cache.clear()
        elif name == "INVAL_LIST":
            for item in value.resources:
                if item.type == ResourceType.PIXMAP:
                    cache.drop(item.id)
        else:
            for image in images(value):
                yield from self._image(channel, cache, dictionary, name, image, now)

    def _begin(self, channel: Place, value: Any, now: float) -> Iterator[Finding]:
        self.closed(channel)
        cache = self._caches.setdefault(value.pixmap_cache_id, _Cache(value.pixmap_cache_size))
        dictionary = self._dictionaries.setdefault(value.glz_dictionary_id, _Dictionary(value.glz_dictionary_window_size))
        for there, wanted, found in (
            (bool(cache.channels), cache.size, value.pixmap_cache_size),
            (bool(dictionary.channels), dictionary.size, value.glz_dictionary_window_size),
        ):
            if there and wanted != found:
                text = "INIT with another size than that of an earlier channel which shares it"
                yield Finding(_ONE_SIZE, "client", channel, text, str(wanted), str(found), now)
        cache.channels.add(channel)
        dictionary.channels.add(channel)
        self._of[channel] = (cache, dictionary)

    def _image(
        self, channel: Place, cache: _Cache, dictionary: _Dictionary, name: str, image: Any, now: float
    ) -> Iterator[Finding]:
        descriptor = image.descriptor
        keep = descriptor.flags & _KEEP and descriptor.type not in _CACHED
        if keep and cache.keep(descriptor.id, descriptor.width * descriptor.height):
            text, expected = f"{name} has an image too many for the pixmap cache", f"at most {cache.size} pixels"
            yield Finding(_PIXELS, "server", channel, text, expected, str(cache.used), now)
        if descriptor.type in _CACHED:
            cache.want(descriptor.id, now)
        head = descriptors.glz_header(image)
        if head is not None:
            yield from self._glz(channel, dictionary, f"{name} has a GLZ image", head, now)

    def _glz(self, channel: Place, window: _Dictionary, text: str, head: GlzHeader, now: float) -> Iterator[Finding]:
        alone = len(window.channels) == 1
        last = window.last if alone else window.lasts.get(channel)
        window.lasts[channel] = head.image_id
        if last is not None and (head.image_id != last + 1 if alone else head.image_id <= last):
            expected = str(last + 1) if alone else f"above {last}"
            yield Finding(_NUMBERS, "server", channel, f"{text} that is out of its turn", expected, str(head.image_id), now)
        window.last = head.image_id
        oldest = head.image_id - head.window_head_distance
        if not alone:
            return
        if oldest < window.oldest:
            back = f"{text} whose window begins before that of the one before"
            yield Finding(_HEAD, "server", channel, back, f"at least {window.oldest}", str(oldest), now)
        window.release(oldest)
        if len(window.sizes) < _ITEMS:
            window.sizes[head.image_id] = head.width * head.height
            window.used += head.width * head.height
        if window.used > window.size:
            many = f"{text} that can refer to too many pixels"
            yield Finding(_WINDOW, "server", channel, many, f"at most {window.size} pixels", str(window.used), now)
