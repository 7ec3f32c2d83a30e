"""Faults of the pointer and its shapes (spec/09-cursor.md)."""

from __future__ import annotations

from typing import Any

import msgspec

from reference_client.channels import CursorChannel
from reference_client.faults.fault import fault
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.messages import cursor
from spiceproto.messages.geometry import Point16

replace = msgspec.structs.replace


class Misunderstands(CursorChannel):
    """Takes a message for another one."""

    def misread(self, value: Any) -> Any:
        """What it takes it for; None for nothing."""
        return value

    def handle(self, value: Any, now: float) -> None:
        found = self.misread(value)
        if found is not None:
            super().handle(found, now)


def _with_shape(value: Any, **fields: Any) -> Any:
    return replace(value, cursor=replace(value.cursor, **fields))


def _shaped(value: Any) -> bool:
    return isinstance(value, cursor.Set | cursor.Init) and value.cursor.header is not None


class Remembers(CursorChannel):
    """Keeps shapes that it should drop."""

    def forgets(self, value: Any) -> bool:
        """Whether a message would make it drop them, and does not."""
        raise NotImplementedError

    def handle(self, value: Any, now: float) -> None:
        kept = self.pointer.cache if self.pointer is not None and self.forgets(value) else None
        if kept is None or self.pointer is None:
            super().handle(value, now)
            return
        shapes = {key: kept.get(key) for key in (7, 1 << 40) if kept.get(key) is not None}
        if isinstance(value, cursor.Init):
            # Those that are there stay: its own shape may be one of them.
            super().handle(cursor.Set(value.position, 1, value.cursor), now)
            return
        super().handle(value, now)
        for key, shape in shapes.items():
            if shape is not None:
                kept.put(key, shape)


@fault("shapes-kept-over-init", "SPICE-CURSOR-002")
class ShapesKeptOverInit(Remembers):
    """Keeps its shapes when INIT comes."""

    begun = False

    def forgets(self, value: Any) -> bool:
        again = self.begun and isinstance(value, cursor.Init)
        self.begun = True
        return again


@fault("shapes-kept-over-reset", "SPICE-CURSOR-003")
class ShapesKeptOverReset(Remembers):
    """Keeps its shapes when RESET comes."""

    def forgets(self, value: Any) -> bool:
        return isinstance(value, cursor.Reset)


@fault("pointer-gone-with-the-cache", "SPICE-CURSOR-004")
class PointerGoneWithTheCache(Misunderstands):
    """Takes INVAL_ALL for RESET, and shows no pointer any more."""

    def misread(self, value: Any) -> Any:
        return cursor.Reset() if isinstance(value, cursor.InvalAll) else value


@fault("keeps-every-shape", "SPICE-CURSOR-005")
class KeepsEveryShape(Misunderstands):
    """Keeps each shape, whatever its flags are."""

    def misread(self, value: Any) -> Any:
        if not _shaped(value) or value.cursor.flags & CursorFlags.FROM_CACHE:
            return value
        return _with_shape(value, flags=CursorFlags(value.cursor.flags | CursorFlags.CACHE_ME))


@fault("place-of-set-ignored", "SPICE-CURSOR-010")
class PlaceOfSetIgnored(Misunderstands):
    """Leaves the pointer where it was when SET comes."""

    def misread(self, value: Any) -> Any:
        if not isinstance(value, cursor.Set) or self.pointer is None:
            return value
        return replace(value, position=Point16(self.pointer.x, self.pointer.y))


@fault("cursor-init-ignored", "SPICE-CURSOR-011")
class CursorInitIgnored(Misunderstands):
    """Shows no pointer before SET has come: INIT is ignored."""

    begun = False

    def misread(self, value: Any) -> Any:
        first = isinstance(value, cursor.Init) and not self.begun
        self.begun = True
        return None if first else value


@fault("move-does-not-show", "SPICE-CURSOR-012")
class MoveDoesNotShow(CursorChannel):
    """Leaves a pointer hidden that is moved."""

    def handle(self, value: Any, now: float) -> None:
        hidden = self.pointer is not None and self.pointer.shape is not None and not self.pointer.visible
        super().handle(value, now)
        if hidden and self.pointer is not None and isinstance(value, cursor.Move):
            self.pointer.visible = False


@fault("hide-ignored", "SPICE-CURSOR-013")
class HideIgnored(Misunderstands):
    """Shows the pointer although HIDE has come."""

    def misread(self, value: Any) -> Any:
        return None if isinstance(value, cursor.Hide) else value


@fault("header-of-a-kept-shape-counts", "SPICE-CURSOR-016")
class HeaderOfAKeptShapeCounts(Misunderstands):
    """Wants the type of a kept shape in the header that names it, and shows nothing for another."""

    def misread(self, value: Any) -> Any:
        if _shaped(value) and value.cursor.flags & CursorFlags.FROM_CACHE and value.cursor.header.type != CursorType.ALPHA:
            return _with_shape(value, flags=CursorFlags.NONE)
        return value


@fault("mask-before-the-colours", "SPICE-CURSOR-019")
class MaskBeforeTheColours(Misunderstands):
    """Looks for the mask of a shape of half bytes directly behind its pixels, where its colours are."""

    def misread(self, value: Any) -> Any:
        if not _shaped(value) or value.cursor.header.type != CursorType.COLOR4:
            return value
        head, data = value.cursor.header, value.cursor.data
        pixels, size = (head.width + 1) // 2 * head.height, (head.width + 7) // 8 * head.height
        return _with_shape(value, data=data[:-size] + data[pixels : pixels + size])


@fault("masked-white-is-opaque", "SPICE-CURSOR-020")
class MaskedWhiteIsOpaque(Misunderstands):
    """Draws every pixel of a shape with a mask, where the mask is 1 as well."""

    def misread(self, value: Any) -> Any:
        if not _shaped(value) or value.cursor.header.type != CursorType.COLOR32:
            return value
        size = 4 * value.cursor.header.width * value.cursor.header.height
        return _with_shape(value, data=value.cursor.data[:size] + bytes(len(value.cursor.data) - size))


@fault("and-and-xor-exchanged", "SPICE-CURSOR-021")
class AndAndXorExchanged(Misunderstands):
    """Takes the first plane of a shape of bits for XOR, and the second for AND."""

    def misread(self, value: Any) -> Any:
        if not _shaped(value) or value.cursor.header.type != CursorType.MONO:
            return value
        half = len(value.cursor.data) // 2
        return _with_shape(value, data=value.cursor.data[half:] + value.cursor.data[:half])


@fault("shapes-multiplied-again", "SPICE-CURSOR-022")
class ShapesMultipliedAgain(Misunderstands):
    """Multiplies colours of a shape by their alpha, although that was done."""

    def misread(self, value: Any) -> Any:
        if not _shaped(value) or value.cursor.header.type != CursorType.ALPHA:
            return value
        data = bytearray(value.cursor.data)
        for place in range(0, len(data) - 3, 4):
            data[place : place + 3] = bytes([colour * data[place + 3] // 255 for colour in data[place : place + 3]])
        return _with_shape(value, data=bytes(data))


@fault("sizes-of-shapes-wrap", "SPICE-CURSOR-023")
class SizesOfShapesWrap(CursorChannel):
    """Computes the size of a shape in 32 bits, and gives up with what it reads then."""

    def handle(self, value: Any, now: float) -> None:
        if _shaped(value):
            size = 4 * value.cursor.header.width * value.cursor.header.height
            if size >= 1 << 32:
                self.host.end("memory that is not its own", orderly=False)
                return
        super().handle(value, now)
