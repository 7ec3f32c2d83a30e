"""What a guest has drawn, as the library's own messages, and what of it has to be known to send it.

A guest pushes what a display channel would say to a client that keeps nothing and decodes nothing: ``Draw...`` and
``CopyBits``, ``SurfaceCreate`` and ``SurfaceDestroy`` of surfaces other than 0. Its images are bitmaps
(:func:`reference_server.guest.image.image`) or surfaces. ``CACHE_ME`` says that an image is always the same under its
number, and a palette's ``unique``, unless it is 0, says so of the palette: each client's channel decides what becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, get_args

import msgspec

from spiceproto import image_places
from spiceproto.enums.display import BrushType, ClipType, Ropd
from spiceproto.enums.image import ImageFlags, ImageType
from spiceproto.messages import display
from spiceproto.messages.draw import Brush, QMask
from spiceproto.messages.geometry import Rect
from spiceproto.messages.image import BitmapData, Image

__all__ = ["DRAWN", "Command", "changed", "covered", "is_inside", "plain", "sources"]

Command = Any
"""One of :data:`DRAWN`, or a surface's beginning or end."""

DRAWN: Final = tuple([getattr(display, name) for name in image_places.DRAWN.values()])
"""Messages that draw."""

Change = Callable[[Image], Image]


def _image(part: Image, change: Change) -> Image:
    return change(part)


def _mask(part: QMask, change: Change) -> QMask:
    return part if part.bitmap is None else msgspec.structs.replace(part, bitmap=change(part.bitmap))


def _brush(part: Brush, change: Change) -> Brush:
    if part.pattern is None:
        return part
    return msgspec.structs.replace(part, pattern=msgspec.structs.replace(part.pattern, pat=change(part.pattern.pat)))


_NONE: Final[frozenset[int]] = frozenset()

_PUT: Final = int(Ropd.OP_PUT)
_HIGH_BITS: Final = int(ImageFlags.HIGH_BITS_SET)
_BITMAP: Final = int(ImageType.BITMAP)
_NO_CLIP: Final = int(ClipType.NONE)
"""As plain numbers: with names, each question takes microseconds."""

_HOLDERS: Final[dict[type, Callable[[Any, Change], Any]]] = {Image: _image, QMask: _mask, Brush: _brush}
"""Parts of a command that are, or have, an image."""


_known: dict[type, tuple[str, ...]] = {}


def _places(kind: type) -> tuple[str, ...]:
    """The fields of a command's data that may be, or have, an image; found out once."""
    found = _known.get(kind)
    if found is None:
        fields = msgspec.structs.fields(kind)
        found = tuple(item.name for item in fields if any(part in _HOLDERS for part in (item.type, *get_args(item.type))))
        _known[kind] = found
    return found


def changed(command: Command, change: Change) -> Command:
    """The command with ``change(image)`` in place of each of its images, in the order in which they stand in it."""
    data = getattr(command, "data", None)
    if data is None:
        return command
    parts: dict[str, Any] = {}
    for name in _places(type(data)):
        part = getattr(data, name)
        holder = _HOLDERS.get(type(part))
        if holder is not None:
            made = holder(part, change)
            if made is not part:
                parts[name] = made
    return msgspec.structs.replace(command, data=msgspec.structs.replace(data, **parts)) if parts else command


def sources(command: Command, images: Sequence[Image] | None = None) -> frozenset[int]:
    """The surfaces that have to be there as they are now: those it takes pixels from, or begins or ends.

    ``images`` are its own, for who has them.
    """
    kind = type(command)
    if kind is display.SurfaceCreate or kind is display.SurfaceDestroy:
        return frozenset((command.surface_id,))
    if kind is display.CopyBits:
        return frozenset((command.base.surface_id,))
    found = image_places.images(command) if images is None else images
    taken = [image.surface.surface_id for image in found if image.surface is not None]
    return frozenset(taken) if taken else _NONE


def _put(command: display.DrawCopy) -> bool:
    copy = command.data
    image = copy.src_bitmap
    if image is None or image.surface is not None or copy.mask.bitmap is not None:
        return False
    whole = Rect(top=0, left=0, bottom=image.descriptor.height, right=image.descriptor.width)
    return bool(+copy.rop_descriptor & _PUT) and is_inside(copy.src_area, whole)


def plain(command: Command) -> BitmapData | None:
    """The bitmap of a command that puts all of it somewhere, and does nothing else: it neither clips, masks nor scales."""
    if type(command) is not display.DrawCopy:
        return None
    copy, box = command.data, command.base.box
    image, area = copy.src_bitmap, copy.src_area
    if image is None or image.bitmap is None or image.descriptor.type != _BITMAP or +image.descriptor.flags & _HIGH_BITS:
        return None
    body = image.bitmap
    if copy.mask.bitmap is not None or command.base.clip.type != _NO_CLIP or +copy.rop_descriptor != _PUT:
        return None
    size = body.x, body.y
    same = (
        size == (image.descriptor.width, image.descriptor.height)
        and size == (area.right, area.bottom)
        and size == (box.right - box.left, box.bottom - box.top)
    )
    return body if same and area.left == area.top == 0 and body.x > 0 and body.y > 0 else None


def _filled(command: display.DrawFill) -> bool:
    fill = command.data
    return fill.brush.type == BrushType.SOLID and fill.mask.bitmap is None and bool(+fill.rop_descriptor & _PUT)


def _unmasked(command: display.DrawBlackness | display.DrawWhiteness) -> bool:
    return command.data.mask.bitmap is None


_COVERING: Final[dict[type, Callable[[Any], bool]]] = {
    display.DrawCopy: _put,
    display.DrawFill: _filled,
    display.DrawBlackness: _unmasked,
    display.DrawWhiteness: _unmasked,
}


def covered(command: Command) -> Rect | None:
    """The box of which nothing is left that was drawn before; None if something shines through."""
    covers = _COVERING.get(type(command))
    if covers is None or command.base.clip.type != ClipType.NONE or not covers(command):
        return None
    box: Rect = command.base.box
    return box


def is_inside(inner: Rect, outer: Rect) -> bool:
    """Whether no pixel of ``inner`` is outside of ``outer``."""
    across = outer.left <= inner.left and inner.right <= outer.right
    return across and outer.top <= inner.top and inner.bottom <= outer.bottom
