"""One command as the messages that say it to one client.

An image that the client keeps is named; another one is compressed as the client, or else the server, wants it, and kept if
the guest says that it stays the same. Room for it is made before: WAIT_FOR_CHANNELS, INVAL_LIST, INVAL_PALETTE, the command.
Nothing that a command needs is dropped for another part of it, and what it brings is not named by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from reference_server.channels.display.caches import GlzDictionary, Kept, Palettes, PixmapCache, Place
from reference_server.channels.display.images import LOSSY, Source, codec, compressed, drawable
from reference_server.channels.display.pipe import Drawing
from reference_server.compression import Compression
from reference_server.guest.command import changed
from spiceproto.enums.display import ImageCompression, ResourceType, Ropd
from spiceproto.enums.image import BitmapFlags, ImageFlags, ImageType
from spiceproto.messages import common, display
from spiceproto.messages.draw import Copy
from spiceproto.messages.image import BitmapData, Image, LZPLTData

if TYPE_CHECKING:
    from spiceproto.codecs.choice import Conditions

__all__ = ["Encoder"]

_MOST_WAITS: Final = 255
"""Channels of one WAIT_FOR_CHANNELS: their count is a byte."""

_LARGE: Final = 64 * 64
"""Pixels above which Python alone takes too long."""

_CHOICES: Final = 256
"""Sizes and formats of which the type is remembered."""

_BY_PIXELS: Final = frozenset({ImageCompression.AUTO_GLZ, ImageCompression.AUTO_LZ})
"""What chooses by the pixels, too."""

_PUT: Final = int(Ropd.OP_PUT)
_COLOURLESS: Final = int(Ropd.INVERS_SRC | Ropd.INVERS_DEST | Ropd.INVERS_RES)
_CACHE_ME: Final = int(ImageFlags.CACHE_ME)
"""As plain numbers: with names, each question takes microseconds."""


def _may_lose(drawing: Drawing) -> bool:
    """Whether it is no harm if colours are a little off: nothing is computed with them."""
    command = drawing.command
    if drawing.whole:
        return False
    if isinstance(command, display.DrawCopy):
        rop = +command.data.rop_descriptor
        return bool(rop & _PUT) and not rop & _COLOURLESS
    return isinstance(command, display.DrawAlphaBlend)


class Encoder:
    """What is said on one display channel.

    * ``pixmaps``, ``words``: what the channel has in common with others of the client
    * ``palettes``: what the client keeps for this channel
    * ``compression``: what the server wants
    * ``preferred``: what is in force here: the server's, or what the client asked for later
    * ``lz4``: whether the client reads LZ4
    """

    def __init__(
        self, place: Place, pixmaps: PixmapCache, words: GlzDictionary, compression: Compression, *, lz4: bool
    ) -> None:
        self.pixmaps = pixmaps
        self.words = words
        self.palettes = Palettes()
        self.compression = compression
        self.lz4 = lz4
        self.prefer(compression.kind)
        self._place = place
        self._known: object = None
        self._chosen_by: Conditions
        self._choices: dict[tuple[int, int, int, int, bool], ImageType] = {}
        self._waited: dict[Place, int] = {}
        self._begin(False, False)

    def _begin(self, lossy: bool, whole: bool) -> None:
        self._lossy = lossy
        self._whole = whole
        self._used: set[int] = set()
        self._fresh: set[int] = set()
        self._dropped: dict[int, Kept] = {}
        self._palettes_used: set[int] = set()
        self._palettes_fresh: set[int] = set()
        self._palettes_dropped: list[int] = []

    def prefer(self, kind: ImageCompression) -> None:
        """Compress so from now on."""
        self.preferred = kind
        self.compression.use(kind)

    def encode(self, drawing: Drawing) -> list[Any]:
        """The messages that say it, the last of which is the command. :meth:`sent` is to follow."""
        if drawing.body is not None and not +drawing.command.data.src_bitmap.descriptor.flags & _CACHE_ME:
            return [self._put(drawing.command, drawing.body)]
        self._begin(_may_lose(drawing), drawing.whole)
        command = changed(drawing.command, self._image)
        if not (self._fresh or self._dropped or self._palettes_dropped):
            return [command]
        found: list[Any] = []
        waits = self._waits()
        if waits:
            found.append(common.WaitForChannels(waits))
        if self._dropped:
            found.append(display.InvalList(tuple([display.ResourceID(ResourceType.PIXMAP, id) for id in self._dropped])))
        found += [display.InvalPalette(unique) for unique in self._palettes_dropped]
        return [*found, command]

    def _put(self, command: display.DrawCopy, body: BitmapData) -> display.DrawCopy:
        """What is said most: a bitmap that nobody keeps, put somewhere as it is."""
        if self._used or self._fresh or self._dropped or self._palettes_dropped or not self._lossy or self._whole:
            self._begin(True, False)
        copy = command.data
        image: Any = copy.src_bitmap
        made = self._compressed(image, body, bare=True)
        if made is image:
            return command
        data = Copy(
            src_bitmap=made,
            src_area=copy.src_area,
            rop_descriptor=copy.rop_descriptor,
            scale_mode=copy.scale_mode,
            mask=copy.mask,
        )
        return display.DrawCopy(command.base, data)

    def sent(self, serial: int) -> None:
        """The command has this number, or will have."""
        if self._used or self._fresh or self._dropped:
            self.pixmaps.said[self._place] = serial
        if self._used or self._fresh:
            self.pixmaps.note(self._used | self._fresh, self._place, serial)
        if self._dropped:
            self.pixmaps.drops[self._place] = serial

    def begin_anew(self, size: int, serial: int) -> display.InvalAllPixmaps:
        """What empties the client's pixmap cache, as the message with this number (SPICE-MIG-046); it has so many pixels."""
        pixmaps = self.pixmaps
        waits = [
            display.WaitForChannel(channel_type=kind, channel_id=number, message_serial=last)
            for (kind, number), last in pixmaps.said.items()
            if (kind, number) != self._place
        ]
        pixmaps.empty(size)
        pixmaps.drops[self._place] = pixmaps.said[self._place] = serial
        return display.InvalAllPixmaps(tuple(waits[:_MOST_WAITS]))

    def _waits(self) -> tuple[common.ChannelWait, ...]:
        """The messages of other channels that have to be handled before: they name what goes, or made room for what comes."""
        named = [item for kept in self._dropped.values() for item in kept.used.items()]
        if self._fresh:
            named += self.pixmaps.drops.items()
        last: dict[Place, int] = {}
        for place, serial in named:
            if place != self._place and place in self.pixmaps.users and serial > self._waited.get(place, 0):
                last[place] = self._waited[place] = serial
        waits = [
            common.ChannelWait(channel_type=kind, channel_id=number, message_serial=serial)
            for (kind, number), serial in last.items()
        ]
        return tuple(waits[:_MOST_WAITS])

    # -- images

    def _image(self, image: Image) -> Image:
        if image.bitmap is None:
            return image
        id, keeps = image.descriptor.id, +image.descriptor.flags & _CACHE_ME
        kept = self.pixmaps.get(id) if keeps and id not in self._fresh else None
        if kept is not None:
            self._used.add(id)
            if self._lossy or not kept.lossy:
                kind = ImageType.FROM_CACHE if self._lossy or not self.compression.jpeg else ImageType.FROM_CACHE_LOSSLESS
                return Image(descriptor=msgspec.structs.replace(image.descriptor, type=kind, flags=ImageFlags(0)))
        image = drawable(image)
        assert image.bitmap is not None
        made = self._with_palette(self._compressed(image, image.bitmap))
        return self._keeping(made, kept) if keeps else made

    def _keeping(self, image: Image, kept: Kept | None) -> Image:
        """The image with the flags that say what the client is to keep."""
        descriptor = image.descriptor
        flags = ImageFlags(descriptor.flags & ~ImageFlags.CACHE_ME)
        if kept is not None:
            kept.lossy = False
            flags |= ImageFlags.CACHE_REPLACE_ME
        elif descriptor.id not in self._fresh:
            pixels = descriptor.width * descriptor.height
            room = self.pixmaps.make_room(pixels, self._used | self._fresh)
            if room is not None:
                self._dropped |= room
                self._fresh.add(descriptor.id)
                self.pixmaps.put(descriptor.id, pixels, lossy=descriptor.type in LOSSY)
                flags |= ImageFlags.CACHE_ME
        return msgspec.structs.replace(image, descriptor=msgspec.structs.replace(descriptor, flags=flags))

    def _compressed(self, image: Image, body: BitmapData, *, bare: bool = False) -> Image:
        """``bare`` says that no byte of the bitmap but those of colours means anything to the client."""
        if self.preferred == ImageCompression.OFF:
            return image
        if body.x * body.y > _LARGE and not self.compression.ready():
            return image
        kind = self._chosen(body)
        return image if kind is None else compressed(image, kind, Source(body, bare=bare), self.words)

    def _chosen(self, body: BitmapData) -> ImageType | None:
        """The type that a bitmap gets; None for the one it has. What depends on its pixels is found out each time."""
        conditions = self._conditions()
        looks = (body.format, body.x, body.y, body.stride, body.palette is not None)
        known = self._choices.get(looks)
        if known is not None:
            return None if known == ImageType.BITMAP else known
        choice = codec("choice")
        source = Source(body)
        kind: ImageType = choice.choose(
            body.format,
            body.x,
            body.y,
            body.stride,
            conditions,
            lambda: choice.graduality(source.words, top_down=source.top_down),
            palette=body.palette is not None,
        )
        if self.preferred not in _BY_PIXELS:
            if len(self._choices) >= _CHOICES:
                self._choices.clear()
            self._choices[looks] = kind
        return None if kind == ImageType.BITMAP else kind

    def _conditions(self) -> Conditions:
        """What the choice of an image type depends on besides the image; made anew only where something is different."""
        now = (self.preferred, self._lossy, self._whole, self.compression.jpeg, self.compression.zlib_glz)
        if now != self._known:
            self._known = now
            self._choices.clear()
            self._chosen_by = codec("choice").Conditions(
                preferred=self.preferred,
                lossy=self._lossy,
                jpeg=self.compression.jpeg,
                lz4=self.lz4,
                drawable=not self._whole,
                dictionary=self.words.pixels,
                zlib_glz=self.compression.zlib_glz,
            )
        return self._chosen_by

    # -- palettes

    def _with_palette(self, image: Image) -> Image:
        name = "bitmap" if image.bitmap is not None else "lz_plt"
        body: BitmapData | LZPLTData | None = getattr(image, name)
        if body is None or body.palette is None or not body.palette.unique:
            return image
        unique = body.palette.unique
        if unique in self._palettes_fresh:
            return image
        if self.palettes.has(unique):
            self._palettes_used.add(unique)
            flags = BitmapFlags(body.flags | BitmapFlags.PAL_FROM_CACHE)
            body = msgspec.structs.replace(body, flags=flags, palette_id=unique, palette=None)
        else:
            room = self.palettes.make_room(self._palettes_used | self._palettes_fresh)
            if room is None:
                return image
            self._palettes_dropped += room
            self._palettes_fresh.add(unique)
            self.palettes.put(unique)
            body = msgspec.structs.replace(body, flags=BitmapFlags(body.flags | BitmapFlags.PAL_CACHE_ME))
        return msgspec.structs.replace(image, **{name: body})
