"""A picture of a display as a PNG file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spiceproto.errors import LocalError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["write_png"]


def write_png(path: str, picture: NDArray[np.uint8]) -> None:
    """Write ``uint8 (h, w, 3)``, red first. Raises LocalError for a picture without pixels, OSError if it cannot be written."""
    if not picture.size:
        raise LocalError("there is no picture yet")
    # Imported where it is used: most sessions show nothing.
    from PIL import Image

    Image.fromarray(picture).save(path, format="PNG")
