"""What a display shows: its surface, the pointer over it, one monitor of it, and PNG files.

The pointer is the guest's shape. In mouse mode SERVER it is where the server says (SPICE-CURSOR-010); in mode CLIENT where the
user has it, and where the server had it as long as the user has not moved it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from reference_client.pointing import Pointing
from spiceproto.errors import LocalError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from spiceproto.canvas.cursor import Pointer
    from spiceproto.canvas.surface import Surface
    from spiceproto.messages.display import Head

__all__ = ["Pointers", "cropped", "place_of", "with_pointer", "write_png"]


class Pointers:
    """What the cursor channels of a session say, by their ids, which are those of the displays.

    ``followers`` are called with the id when one has said something.
    """

    def __init__(self) -> None:
        self.followers: list[Callable[[int], None]] = []
        self._found: dict[int, Pointer] = {}

    def pointer(self, number: int) -> Pointer:
        """That of one display."""
        # Imported where it is used: most sessions show nothing.
        from spiceproto.canvas.cursor import Pointer

        if number not in self._found:
            self._found[number] = Pointer()
        return self._found[number]


def place_of(pointer: Pointer, pointing: Pointing, display: int) -> tuple[int, int] | None:
    """Where the hot spot is on a display; None where no pointer is to be seen."""
    if pointer.shape is None or not pointer.visible:
        return None
    if not pointing.in_client_mode or not pointing.placed:
        return pointer.x, pointer.y
    x, y, where = pointing.at
    return (x, y) if where == display else None


def with_pointer(surface: Surface, pointer: Pointer, x: int, y: int) -> NDArray[np.uint8]:
    """A surface with the pointer's hot spot at ``x, y``: ``uint8 (h, w, 3)``, red first."""
    from spiceproto.canvas import cursor
    from spiceproto.canvas import surface as surfaces

    assert pointer.shape is not None
    pixels = surfaces.argb(surface.format, surface.pixels).copy()
    cursor.draw(pixels, pointer.shape, x, y, invert=True)
    return surfaces.rgb(surfaces.Surface(surface.format, surfaces.stored(surface.format, pixels)))


def cropped(picture: NDArray[np.uint8], head: Head) -> NDArray[np.uint8]:
    """What one monitor shows of its surface; 0 x 0 where it lies outside."""
    return picture[head.y : head.y + head.height, head.x : head.x + head.width]


def write_png(path: str, picture: NDArray[np.uint8]) -> None:
    """Write ``uint8 (h, w, 3)``, red first. Raises LocalError for a picture without pixels, OSError if it cannot be written."""
    if not picture.size:
        raise LocalError("there is no picture yet")
    from spiceproto import png

    Path(path).write_bytes(png.encode(picture))
