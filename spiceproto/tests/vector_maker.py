"""The golden images as they are collected: entries of the index, and files. All of them go through one :class:`Maker`.

Equal pictures share a file. A stream that is there already may stay where another version of a library would make other bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.codecs import glz, jpeg, palette
from spiceproto.errors import RemoteError
from spiceproto.tests import vectors
from spiceproto.tests.vector_pictures import MASKS, digest, from_file, png, raw
from spiceproto.tests.vectors import PALETTE_TYPES, Entry, format_number, pixel_format

Pixels = NDArray[Any]

PNG_ABOVE: Final = 1 << 10
"""Bytes of pixels above which a PNG is written, where a PNG can say the same."""

PALETTES: Final[dict[str, list[int]]] = {
    "two": [0x202080, 0xFFFF00],
    "sixteen": [(n * 0x1F2E3D + 0x102030) & 0xFFFFFF for n in range(16)],
    "ten": [(n * 0x2B4C6D + 0x405060) & 0xFFFFFF for n in range(10)],
    "all": [(n >> 5) * 0x240000 + (n >> 2 & 7) * 0x2400 + (n & 3) * 0x55 for n in range(256)],
    "hundred": [(n * 0x3D5B97 + 0x0A0B0C) & 0xFFFFFF for n in range(100)],
    # The top byte of an entry means nothing; these have one.
    "two, top bytes set": [0xFF202080, 0x80FFFF00],
}


def psnr_asked(stream: bytes) -> float:
    """What to ask of another decoder: 3 dB less than the crudest of libjpeg's own ways, at most 45 dB."""
    crudest = vectors.psnr(jpeg.decode(stream), jpeg.decode(stream, fast=True))
    return min(45.0, float(int(crudest - 3)))


class Maker:
    """Collects entries and files.

    * ``present``: reads what is there already, for streams that may stay
    * ``files``: what the folder shall hold, by name
    * ``images``, ``sequences``: entries of the index
    * ``palettes``: palettes by name, as the index lists them
    """

    def __init__(self, present: Callable[[str], bytes | None]) -> None:
        self.present = present
        self.files: dict[str, bytes] = {}
        self.images: list[Entry] = []
        self.sequences: list[Entry] = []
        self.palettes = dict(PALETTES)
        self._pictures: dict[tuple[str, str], str] = {}

    def expected(self, name: str, pixels: Pixels, format: str) -> tuple[str, str]:
        """File and SHA-256 of a picture; equal pictures share a file, named after the first that has it."""
        data = raw(pixels, format)
        key = digest(data), format
        if key not in self._pictures:
            if len(data) > PNG_ABOVE and format != "X1R5G5B5":
                file = f"pixels/{name}.png"
                here = self.present(file)
                meant = pixels & pixels.dtype.type(MASKS[format])
                if here is None or not np.array_equal(from_file(here, True, format, *pixels.shape[::-1]), meant):
                    here = png(meant, format)
                data = here
            else:
                file = f"pixels/{name}.pixels"
            self.files[file] = data
            self._pictures[key] = file
        return self._pictures[key], key[0]

    def entry(self, name: str, codec: str, type: str, pixels: Pixels, stream: bytes, origin: str, **more: Any) -> Entry:
        """The fields that every image has; ``pixels`` are the expected ones, indices for a palette type."""
        flat = name.replace("/", "-")
        found: Entry = {"name": name, "codec": codec, "type": type}
        format = pixel_format(type)
        indices: Entry = {}
        if type in PALETTE_TYPES:
            file, sha256 = self.expected(f"{flat}.index", pixels, "INDEX8")
            indices = {"palette": more.pop("palette"), "indices": file, "indices_sha256": sha256}
            pixels = palette.apply(pixels, self.palettes[indices["palette"]])
        if codec == "BITMAP":
            found["type_number"] = format_number(type)
        found |= {"width": pixels.shape[1], "height": pixels.shape[0], "top_down": True, **more, **indices}
        file, sha256 = self.expected(flat, pixels, format)
        return found | {
            "size": len(stream),
            "stream_sha256": digest(stream),
            "pixels": file,
            "pixel_format": format,
            "pixels_sha256": sha256,
            "origin": origin,
        }

    def image(self, *arguments: Any, **more: Any) -> None:
        """Add an image with a file of its own."""
        found = self.entry(*arguments, **more)
        file = f"{found['name']}.stream"
        if file in self.files:
            raise ValueError(f"two of {file}")
        self.images.append(found)
        self.files[file] = arguments[4]

    def kept(self, name: str, right: Callable[[bytes], bool], make: Callable[[], bytes]) -> bytes:
        """The stream that is there, if it is right, else a new one."""
        here = self.present(f"{name}.stream")
        try:
            if here is not None and right(here):
                return here
        except RemoteError:
            pass
        return make()

    def sequence(self, name: str, steps: list[Entry], data: bytes, window: int, first_id: int, about: str) -> None:
        """Add images that refer to each other, in the order of their arrival, with a file for all of them."""
        arrived = glz.Window(window, next_id=first_id)
        waiting: list[Entry] = []
        for step in steps:
            waiting.append(step)
            number = 0
            while number < len(waiting):
                candidate = waiting[number]
                start = candidate["offset"]
                try:
                    vectors.decode(candidate, data[start : start + candidate["size"]], None, arrived)
                except glz.MissingImage as missing:
                    if candidate is step:
                        step.setdefault("waits_for", missing.image_id)
                    number += 1
                    continue
                del waiting[number]
                number = 0
        self.files[f"{name}.stream"] = data
        self.sequences.append(
            {
                "name": name,
                "about": about,
                "window_pixels": window,
                "first_id": first_id,
                "held_at_end": sorted(arrived.image_ids),
                "steps": steps,
            }
        )
