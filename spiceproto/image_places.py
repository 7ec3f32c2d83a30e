"""Where messages have images: paths in their values, places in their bytes, the images themselves. What is here follows from
the schemas, by way of :mod:`spiceproto.generated.images`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from spiceproto.generated import images as generated

if TYPE_CHECKING:
    from spiceproto.messages.image import Image

__all__ = ["DRAWN", "PALETTED", "PATHS", "PICTURES", "images", "offsets", "placed"]

DRAWN: Final[dict[str, str]] = generated.DRAWN
"""Name of a message that draws on a surface at once, to its value class."""

PATHS: Final[dict[str, tuple[str, ...]]] = {
    name: tuple([path for path, _ in found]) for name, found in generated.IMAGES.items()
}
"""Name of a message to where in it images stand, in the order in which a client comes to them."""

PICTURES: Final[dict[str, tuple[str, ...]]] = {
    name: paths
    for name, found in generated.IMAGES.items()
    if (paths := tuple([path for path, role in found if role != "mask"]))
}
"""The same without masks, which are bitmaps of one bit: images that may have streams."""

PALETTED: Final[tuple[str, ...]] = generated.PALETTED
"""Fields of an image that may have a palette."""


@cache
def offsets(name: str) -> Callable[[bytes], tuple[int, ...]]:
    """What finds the offsets of a message's :data:`PICTURES` in its body, 0 for one that is not there.

    It raises struct.error or IndexError if the body ends before the last of them.
    """
    found: Callable[[bytes], tuple[int, ...]] = getattr(generated, f"offsets_{DRAWN[name]}")
    return found


def _ways(paths: dict[str, tuple[str, ...]]) -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    return {DRAWN[name]: tuple([(path, tuple(path.split("."))) for path in found]) for name, found in paths.items()}


_all: Final = _ways(PATHS)
_pictures: Final = _ways(PICTURES)


def placed(value: Any, *, masks: bool = True) -> list[tuple[str, Image]]:
    """Path and image of each that a message has, in the order of its paths; none of what is no message that draws."""
    found = []
    for path, names in (_all if masks else _pictures).get(type(value).__name__, ()):
        part = value
        for name in names:
            part = getattr(part, name)
            if part is None:
                break
        else:
            found.append((path, part))
    return found


def images(value: Any, *, masks: bool = True) -> list[Image]:
    """The images alone."""
    return [image for _, image in placed(value, masks=masks)]
