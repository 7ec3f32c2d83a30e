"""Where pictures that a message only names came from: the message that put an image, a palette or a shape of the pointer into
the cache, the GLZ images that a stream refers to.

Display channels of one session share caches and dictionaries by the numbers in their INIT; at the destination of a migration
these go on until there is another INIT. Channels overtake each other, so what is not there may come later on another one; a
capture that begins midway does not have it at all.
"""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Iterator
from typing import Any, Final, NamedTuple

from spiceproto.capture.conversation import Conversation
from spiceproto.capture.sessions import Gathered
from spiceproto.codecs.glz_references import references
from spiceproto.codecs.stream_headers import Found
from spiceproto.enums.cursor import CursorFlags
from spiceproto.enums.display import ResourceType
from spiceproto.enums.image import BitmapFlags, ImageFlags, ImageType
from spiceproto.image_places import PATHS, placed
from spiceproto.messages.codec import GlzHeader
from spiceproto.messages.image import BitmapData, Image, LZPLTData
from spiceproto.report.streams import Seen

__all__ = ["READ", "Origin", "Origins", "glz_stream"]

_DROPS: Final = ("INVAL_LIST", "INVAL_ALL_PIXMAPS", "INVAL_PALETTE", "INVAL_ALL_PALETTES", "RESET")

READ: Final = {
    "display": frozenset({"INIT", "MIGRATE_DATA", *_DROPS, *PATHS}),
    "cursor": frozenset({"INIT", "RESET", "SET", "INVAL_ONE", "INVAL_ALL"}),
}
"""Messages that have to be told, by channel."""

_ITEMS: Final = 1 << 16
"""Images of one cache or dictionary that are remembered; the oldest are forgotten first."""

_SHOWN: Final = 8
"""References of one stream that are printed one by one."""

_INFLATED: Final = 1 << 26
"""Bytes of a GLZ stream inside zlib that are looked at."""

_CACHED: Final = (ImageType.FROM_CACHE, ImageType.FROM_CACHE_LOSSLESS)
_KEEP: Final = int(ImageFlags.CACHE_ME | ImageFlags.CACHE_REPLACE_ME)


class Origin(NamedTuple):
    """The ``message``, with its ``frame`` and ``connection``, that brought a picture; and what that was."""

    message: int
    frame: int
    connection: int
    title: str

    def __str__(self) -> str:
        return f"message {self.message} (frame {self.frame}, connection {self.connection}): {self.title}"


class Origins:
    """Told every message whose name is in :data:`READ`; says what is to be said of it."""

    def __init__(self) -> None:
        self._caches: dict[Hashable, dict[int, Origin]] = {}
        self._dictionaries: dict[Hashable, dict[int, Origin]] = {}
        self._named: dict[Conversation, tuple[Hashable, Hashable]] = {}
        self._own: dict[Conversation, dict[int, Origin]] = {}
        self._latest: dict[tuple[Gathered | None, str], Conversation] = {}

    def message(
        self, conversation: Conversation, name: str, value: Any, number: int, frame: int, seen: list[Seen]
    ) -> Iterator[str]:
        """A message that is well formed; ``seen`` are the streams of its images."""
        own = self._own.get(conversation)
        if own is None:
            own = self._own[conversation] = self._came_with(conversation)
        if conversation.table == "cursor":
            yield from _shape(own, name, value, number, frame, conversation.connection.number)
            return
        if name == "INIT":
            owner: Hashable = (conversation.session or conversation, conversation.connection.server)
            self._named[conversation] = (owner, value.pixmap_cache_id), (owner, value.glz_dictionary_id)
            own.clear()
            return
        if name == "MIGRATE_DATA":
            return
        shared = self._named.get(conversation, (conversation, conversation))
        cache = self._caches.setdefault(shared[0], {})
        if name == "INVAL_ALL_PIXMAPS":
            cache.clear()
        elif name == "INVAL_LIST":
            for item in value.resources:
                if item.type == ResourceType.PIXMAP:
                    cache.pop(item.id, None)
        elif name == "INVAL_PALETTE":
            own.pop(value.id, None)
        elif name in _DROPS:
            own.clear()
        else:
            dictionary = self._dictionaries.setdefault(shared[1], {})
            streams = {item.path: item.found for item in seen}
            for path, image in placed(value):
                head = image.descriptor
                kind = getattr(head.type, "name", f"type {head.type}")
                origin = Origin(number, frame, conversation.connection.number, f"{kind} {head.width}x{head.height}")
                yield from _cached(cache, path, image, origin)
                yield from _palette(own, path, image.bitmap or image.lz_plt, origin)
                yield from _referred(dictionary, path, image, streams.get(path), origin)

    def _came_with(self, conversation: Conversation) -> dict[int, Origin]:
        """What a channel of a session has when it is met first: at another server all that it had, until it says INIT."""
        key = conversation.session, conversation.place
        before = self._latest.get(key) if conversation.session is not None else None
        self._latest[key] = conversation
        if before is None:
            return {}
        if before in self._named:
            self._named[conversation] = self._named[before]
        return dict(self._own[before])


def _cached(cache: dict[int, Origin], path: str, image: Image, origin: Origin) -> Iterator[str]:
    head = image.descriptor
    if head.type in _CACHED:
        yield f"{path}: image {head.id:#x} of the cache, {_kept(cache, head.id)}"
    elif int(head.flags) & _KEEP:
        _put(cache, head.id, origin)


def _kept(cache: dict[int, Origin], key: int) -> str:
    found = cache.get(key)
    return f"kept by {found}" if found is not None else "which was not seen so far"


def _palette(own: dict[int, Origin], path: str, pixels: BitmapData | LZPLTData | None, origin: Origin) -> Iterator[str]:
    if pixels is None:
        return
    if pixels.palette_id is not None:
        yield f"{path}: palette {pixels.palette_id:#x} of the cache, {_kept(own, pixels.palette_id)}"
    elif pixels.palette is not None and int(pixels.flags) & BitmapFlags.PAL_CACHE_ME:
        title = f"{len(pixels.palette.ents)} colours of {origin.title}"
        _put(own, pixels.palette.unique, origin._replace(title=title))


def _shape(own: dict[int, Origin], name: str, value: Any, number: int, frame: int, connection: int) -> Iterator[str]:
    """Of a cursor channel, whose INIT empties the cache before it brings a shape."""
    if name == "INVAL_ONE":
        own.pop(value.id, None)
    elif name != "SET":
        own.clear()
    cursor = getattr(value, "cursor", None)
    if cursor is None or cursor.header is None:
        return
    flags, head = int(cursor.flags), cursor.header
    if flags & CursorFlags.FROM_CACHE:
        yield f"cursor: shape {head.unique:#x} of the cache, {_kept(own, head.unique)}"
    elif flags & CursorFlags.CACHE_ME:
        kind = getattr(head.type, "name", f"type {head.type}")
        _put(own, head.unique, Origin(number, frame, connection, f"{kind} {head.width}x{head.height}"))


def _referred(dictionary: dict[int, Origin], path: str, image: Image, found: Found | None, origin: Origin) -> Iterator[str]:
    for stream in found.streams if found is not None else ():
        header: Any = stream.header
        if not isinstance(header, GlzHeader):
            continue
        used = references(glz_stream(image), header)
        for number in list(used)[:_SHOWN]:
            said = dictionary.get(number, "which was not seen so far")
            yield f"{path}: refers to GLZ image {number} for {used[number]} pixels, {said}"
        if len(used) > _SHOWN:
            yield f"{path}: and to {len(used) - _SHOWN} more"
        _put(dictionary, header.image_id, origin)


def glz_stream(image: Image) -> bytes:
    """The GLZ stream of an image; of one inside zlib as much as can be read."""
    if image.zlib_glz is None:
        return image.lz_rgb.data if image.lz_rgb is not None else b""
    try:
        return zlib.decompressobj().decompress(image.zlib_glz.data, min(image.zlib_glz.glz_data_size, _INFLATED) or 1)
    except zlib.error:
        return b""


def _put(where: dict[int, Origin], key: int, origin: Origin) -> None:
    where.pop(key, None)
    if len(where) >= _ITEMS:
        del where[next(iter(where))]
    where[key] = origin
