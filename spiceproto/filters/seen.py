"""What a filter looks at: a message as it came, read when something is asked that its header does not say."""

from __future__ import annotations

from struct import error as StructError
from typing import Any, Final

from spiceproto.dispatch import Row
from spiceproto.errors import RemoteError
from spiceproto.generated.images import DESCRIPTOR
from spiceproto.image_places import offsets

__all__ = ["Seen"]

_SECOND: Final = 1_000_000_000


class Seen:
    """One message. ``size`` is without the header of spice; ``start_ns`` is when the first thing was seen.

    ``row`` is what it means; None where ``given`` are the values, and for a message of an unknown number.
    """

    __slots__ = ("_body", "_given", "_images", "_row", "_start_ns", "frames", "number", "serial", "size", "time_ns")

    def __init__(
        self,
        size: int,
        time_ns: int,
        start_ns: int,
        frames: tuple[int, ...],
        number: int | None = None,
        serial: int | None = None,
        *,
        row: Row | None = None,
        body: bytes = b"",
        given: tuple[Any, ...] | None = None,
    ) -> None:
        self.size = size
        self.time_ns = time_ns
        self.frames = frames
        self.number = number
        self.serial = serial
        self._start_ns = start_ns
        self._row = row
        self._body = body
        self._given = given
        self._images: list[tuple[Any, ...]] | None = None

    def header(self, name: str) -> tuple[int | float, ...]:
        """What one of the names has that are no fields."""
        if name == "time":
            return ((self.time_ns - self._start_ns) / _SECOND,)
        if name == "epoch":
            return (self.time_ns / _SECOND,)
        if name == "frame":
            return self.frames
        found = getattr(self, name)
        return () if found is None else (found,)

    @property
    def values(self) -> tuple[Any, ...]:
        """What it says. Raises RemoteError if that can not be read."""
        found = self._given
        if found is None:
            found = self._given = () if self._row is None else (self._row.parse(self._body),)
        return found

    @property
    def images(self) -> list[tuple[Any, ...]]:
        """The descriptors of its images: id, type, flags, width, height. Raises RemoteError if they can not be found."""
        found = self._images
        if found is None:
            assert self._row is not None
            try:
                places = offsets(self._row.name)(self._body)
                found = [DESCRIPTOR.unpack_from(self._body, place) for place in places if place]
            except (StructError, IndexError):
                raise RemoteError("images that are not whole", where=self._row.name) from None
            self._images = found
        return found
