"""The golden images of ``spec/vectors/images``, read and decoded as its README says, with this project's codecs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto.codecs import bitmap, glz, jpeg, jpeg_alpha, lz, lz4, palette, quic, zlib_glz
from spiceproto.enums.image import BitmapFmt
from spiceproto.tests import vector_pictures

__all__ = ["FOLDER", "Decoded", "Vectors", "decode", "format_number", "pixel_format", "psnr"]

Entry = dict[str, Any]

FOLDER: Final = Path(__file__).parents[2] / "spec" / "vectors" / "images"

PALETTE_TYPES: Final = frozenset(
    {"PLT1_LE", "PLT1_BE", "PLT4_LE", "PLT4_BE", "PLT8", "1BIT_LE", "1BIT_BE", "4BIT_LE", "4BIT_BE", "8BIT"}
)
_FORMATS: Final = {
    "GRAY": "GRAY8",
    "RGB16": "X1R5G5B5",
    "RGB24": "X8R8G8B8",
    "RGB32": "X8R8G8B8",
    "RGBA": "A8R8G8B8",
    "XXXA": "A8",
    "A8": "A8",
    "8BIT_A": "A8",
    "16BIT": "X1R5G5B5",
    "24BIT": "X8R8G8B8",
    "32BIT": "X8R8G8B8",
    "COLOUR": "X8R8G8B8",
}


def pixel_format(type: str) -> str:
    """The format of the expected pixels for the type of a stream."""
    return "X8R8G8B8" if type in PALETTE_TYPES else _FORMATS[type]


def format_number(type: str) -> int:
    """Number of a bitmap format by its name in the index, which is the protocol's without a prefix."""
    return int(BitmapFmt["RGBA" if type == "RGBA" else f"_{type}"])


class Decoded(NamedTuple):
    """``indices`` are those of a palette type, otherwise None."""

    pixels: NDArray[Any]
    indices: NDArray[Any] | None = None


def decode(entry: Entry, stream: bytes, colours: list[int] | None = None, window: glz.Window | None = None) -> Decoded:
    """Decode one stream; what it needs besides its bytes is in the entry."""
    width, height = entry.get("width", 0), entry.get("height", 0)
    match entry["codec"]:
        case "QUIC":
            return Decoded(quic.decode(stream))
        case "LZ":
            found = lz.decode(stream)
            if lz.header(stream).type > lz.LzImageType.PLT8:
                return Decoded(found)
            return Decoded(palette.apply(found, colours or []), found)
        case "GLZ":
            return Decoded(glz.decode(stream, glz.Window() if window is None else window))
        case "ZLIB_GLZ":
            return Decoded(zlib_glz.decode(stream, entry["glz_data_size"], glz.Window() if window is None else window))
        case "LZ4":
            return Decoded(lz4.decode(stream, width, height))
        case "JPEG":
            return Decoded(jpeg.decode(stream, width, height))
        case "JPEG_ALPHA":
            return Decoded(jpeg_alpha.decode(stream, entry["jpeg_size"], width, height, top_down=entry["top_down"]))
        case "BITMAP":
            kind, stride, top_down = entry["type_number"], entry["stride"], entry["top_down"]
            pixels = bitmap.decode(stream, kind, width, height, stride, top_down=top_down, palette=colours)
            if not bitmap.LAYOUTS[kind].indexed:
                return Decoded(pixels)
            return Decoded(pixels, bitmap.indices(stream, kind, width, height, stride, top_down=top_down))
        case codec:
            raise AssertionError(codec)


def psnr(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Peak signal-to-noise ratio in dB over the three colours of X8R8G8B8 or A8R8G8B8 pixels."""
    planes = [
        np.stack([pixels >> np.uint32(shift) & np.uint32(255) for shift in (16, 8, 0)]).astype(np.float64)
        for pixels in (one, other)
    ]
    error = float(np.mean((planes[0] - planes[1]) ** 2))
    return float("inf") if not error else 10 * float(np.log10(255**2 / error))


class Vectors:
    """The index, and the files it names."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self.index: dict[str, Any] = json.loads((folder / "index.json").read_text("utf-8"))
        self.images: list[Entry] = self.index["images"]
        self.sequences: list[Entry] = self.index["sequences"]
        self.invalid: list[Entry] = self.index["invalid"]
        self.palettes: dict[str, list[int]] = self.index["palettes"]
        self._files = {step["name"]: sequence["name"] for sequence in self.sequences for step in sequence["steps"]}

    def stream(self, entry: Entry) -> bytes:
        """The bytes of an image, of a step of a sequence or of an invalid stream."""
        file, start = self._files.get(entry["name"], entry["name"]), entry.get("offset", 0)
        return (self.folder / f"{file}.stream").read_bytes()[start : start + entry["size"]]

    def expected(self, entry: Entry, what: str = "pixels") -> NDArray[Any]:
        """The pixels of an entry, or its ``indices``."""
        file = entry[what]
        format = "INDEX8" if what == "indices" else entry["pixel_format"]
        return vector_pictures.from_file(
            (self.folder / file).read_bytes(), file.endswith(".png"), format, entry["width"], entry["height"]
        )

    def colours(self, entry: Entry) -> list[int] | None:
        return self.palettes[entry["palette"]] if entry.get("palette") else None

    def play(self, sequence: Entry, steps: int | None = None) -> tuple[glz.Window, Iterator[tuple[Entry, Decoded]]]:
        """A new window, and each step's picture in the order in which they can be decoded."""
        window = glz.Window(sequence["window_pixels"], next_id=sequence["first_id"])
        return window, self._play(window, sequence["steps"][:steps])

    def _play(self, window: glz.Window, steps: list[Entry]) -> Iterator[tuple[Entry, Decoded]]:
        waiting: list[Entry] = []
        for step in steps:
            missing = None
            try:
                found = decode(step, self.stream(step), None, window)
            except glz.MissingImage as error:
                missing = error.image_id
            assert missing == step.get("waits_for"), f"{step['name']} waits for {missing}"
            if missing is not None:
                waiting.append(step)
                continue
            yield step, found
            again = True
            while again:
                again = False
                for early in waiting:
                    try:
                        found = decode(early, self.stream(early), None, window)
                    except glz.MissingImage:
                        continue
                    waiting.remove(early)
                    yield early, found
                    again = True
                    break
        assert not waiting, [early["name"] for early in waiting]
