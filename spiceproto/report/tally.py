"""How many images there were of each type, and what they took; masks, which are bitmaps of one bit, are not counted.

While a capture is read only the first bytes of each image are kept (:attr:`Tally.heads`); they are added up in between, for
many images are alike. A *ratio* says how many times as many bytes the pixels take at 32 bits each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec

__all__ = ["Sums", "Tally"]


class Sums(msgspec.Struct):
    """``count`` images or streams, of so many ``pixels``, in so many ``bytes``."""

    count: int = 0
    pixels: int = 0
    bytes: int = 0

    def add(self, count: int, pixels: int, bytes: int) -> None:
        """So many that are alike."""
        self.count += count
        self.pixels += count * pixels
        self.bytes += count * bytes

    @property
    def ratio(self) -> float | None:
        """None where there are no bytes."""
        return round(4 * self.pixels / self.bytes, 2) if self.bytes else None

    def as_dict(self) -> dict[str, Any]:
        """For JSON lines."""
        return {"count": self.count, "pixels": self.pixels, "bytes": self.bytes, "ratio": self.ratio}

    def __str__(self) -> str:
        ratio = "" if self.ratio is None else f" in {self.bytes} bytes, {self.ratio:g} to 1"
        return f"{self.count} of {self.pixels} pixels{ratio}"


class Tally:
    """Images of a capture.

    * ``heads``: of those that are not added up yet, how often there was which, see
      :mod:`spiceproto.report.heads`
    * ``types``, ``codecs``: number of a type, name of a codec, to what there was of it
    * ``kept``: images that were put into the pixmap cache
    * ``palettes``: ``whole`` ones, those of them that are ``kept``, and those that are taken ``from_cache``
    """

    def __init__(self) -> None:
        self.heads: defaultdict[bytes, int] = defaultdict(int)
        self.types: dict[int, Sums] = {}
        self.codecs: dict[str, Sums] = {}
        self.kept = Sums()
        self.palettes: Counter[str] = Counter()

    def fold(self) -> None:
        """Add up what waits."""
        if not self.heads:
            return
        from spiceproto.report.heads import read

        for bytes, count in self.heads.items():
            head = read(bytes)
            self.types.setdefault(head.type, Sums()).add(count, head.pixels, head.size)
            for codec, size in head.streams:
                self.codecs.setdefault(codec, Sums()).add(count, head.pixels, size)
            if head.kept:
                self.kept.add(count, head.pixels, head.size)
            if head.palette:
                self.palettes["from_cache" if head.palette == "from_cache" else "whole"] += count
                self.palettes["kept"] += count * (head.palette == "kept")
        self.heads.clear()

    def lines(self) -> Iterator[str]:
        """For people: a line for each type of image, and for each codec that is not just the streams of one type."""
        self.fold()
        for type in sorted(self.types):
            yield f"images {_name(type)}: {self.types[type]}"
        for codec in sorted(self.codecs):
            if self.codecs[codec] not in self.types.values():
                yield f"streams {codec}: {self.codecs[codec]}"
        if self.kept.count:
            yield f"images for the cache: {self.kept.count} of {self.kept.pixels} pixels"
        if found := self.palettes:
            yield f"palettes: {found['whole']} whole, {found['kept']} of them to be kept, {found['from_cache']} from the cache"

    def as_dict(self) -> dict[str, Any]:
        """For JSON lines."""
        self.fold()
        return {
            "types": {_name(type): self.types[type].as_dict() for type in sorted(self.types)},
            "codecs": {codec: self.codecs[codec].as_dict() for codec in sorted(self.codecs)},
            "cached": {"count": self.kept.count, "pixels": self.kept.pixels},
            "palettes": {name: self.palettes[name] for name in ("whole", "kept", "from_cache")},
        }


def _name(type: int) -> str:
    from spiceproto.enums.image import ImageType

    found = ImageType._value2member_map_.get(type)
    return f"type {type}" if found is None else str(found.name)
