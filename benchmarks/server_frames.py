"""What both servers of ``bench_server.py`` show: frames of commands, and the pixels of their images, in two files.

``commands`` has a record for each command (:data:`COMMAND`), ``pixels`` the rows of all images, 0x00RRGGBB little-endian
without padding, top row first. A server is told on its standard input, a line a frame, which commands
come next: ``FIRST COUNT``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from pictures import Picture, desktop, photo, text

__all__ = ["COMMAND", "COPY", "COPY_BITS", "HEIGHT", "WIDTH", "Frames", "write"]

WIDTH, HEIGHT = 1920, 1080
COUNT: Final = 12
"""Frames of each kind: three times as many pixels as the GLZ dictionary holds, so that none is known when it comes again."""

COPY, COPY_BITS = 1, 2

COMMAND: Final = np.dtype(
    [
        ("kind", "<u4"),
        ("left", "<i4"),
        ("top", "<i4"),
        ("width", "<i4"),
        ("height", "<i4"),
        ("from_left", "<i4"),
        ("from_top", "<i4"),
        ("unused", "<i4"),
        ("offset", "<u8"),
    ]
)
"""An image (COPY), whose pixels begin at the byte ``offset``, or a part of the screen (COPY_BITS) that is put somewhere."""


class Frames(NamedTuple):
    """The frames of one kind: where the commands of each begin, and how many they are."""

    name: str
    frames: list[tuple[int, int]]


Step = tuple[int, int, Picture] | tuple[int, int, int, int, int, int]
"""An image with its place; or a place, a size, and where the pixels are."""

_ORDERS: Final = ((0, 1, 2), (1, 2, 0), (2, 0, 1), (0, 2, 1), (2, 1, 0), (1, 0, 2))


def _variants(picture: Picture) -> Iterator[Picture]:
    """The picture with its colours in another order, and turned over: as soft as it was, and never the same."""
    channels = picture.view(np.uint8).reshape(*picture.shape, 4)
    for step in range(COUNT):
        made = np.zeros_like(channels)
        for to, source in enumerate(_ORDERS[step % len(_ORDERS)]):
            made[..., to] = channels[..., source]
        words = made.view(np.uint32)[..., 0]
        yield words if step < len(_ORDERS) else words[:, ::-1]


def _whole(picture: Picture) -> Iterator[list[Step]]:
    for variant in _variants(picture):
        yield [(0, 0, variant)]


def _small(count: int, side: int) -> Iterator[list[Step]]:
    """Squares all over the screen, of a desktop in which a quarter is a photograph."""
    dice = np.random.default_rng(7)
    picture = desktop(WIDTH, HEIGHT)
    picture[: HEIGHT // 2, : WIDTH // 2] = photo(WIDTH // 2, HEIGHT // 2)
    across, down = WIDTH // side, HEIGHT // side
    for variant in _variants(picture):
        places = dice.permutation(across * down)[:count]
        yield [
            (
                int(place % across) * side,
                int(place // across) * side,
                variant[place // across * side :, place % across * side :][:side, :side],
            )
            for place in places
        ]


def _scrolled(strip: int) -> Iterator[list[Step]]:
    """The guest moves the screen up, and draws what comes from below."""
    document = text(WIDTH, strip * COUNT)
    for step in range(COUNT):
        part = document[strip * step : strip * (step + 1)]
        yield [(0, 0, WIDTH, HEIGHT - strip, 0, strip), (0, HEIGHT - strip, part)]


def _scrolled_images(strip: int) -> Iterator[list[Step]]:
    """The guest draws the whole screen, which has moved up."""
    document = text(WIDTH, HEIGHT + strip * COUNT)
    for step in range(COUNT):
        yield [(0, 0, document[strip * step :][:HEIGHT])]


def write(folder: Path) -> list[Frames]:
    """Write both files into a folder."""
    kinds: dict[str, Iterator[list[Step]]] = {
        "photo": _whole(photo(WIDTH, HEIGHT)),
        "desktop": _whole(desktop(WIDTH, HEIGHT)),
        "squares": _small(300, 64),
        "scroll": _scrolled(48),
        "scroll-images": _scrolled_images(48),
    }
    records: list[tuple[int, ...]] = []
    found = []
    with open(folder / "pixels", "wb") as pixels:
        for name, frames in kinds.items():
            spans = []
            for frame in frames:
                spans.append((len(records), len(frame)))
                for step in frame:
                    if len(step) == 3:
                        left, top, part = step
                        records.append((COPY, left, top, part.shape[1], part.shape[0], 0, 0, 0, pixels.tell()))
                        pixels.write(np.ascontiguousarray(part).astype("<u4").tobytes())
                    else:
                        records.append((COPY_BITS, *step, 0, 0))
            found.append(Frames(name, spans))
    np.array(records, COMMAND).tofile(folder / "commands")
    return found
