"""How the steps of a codec are looked at one after the other, so that a client is told the first one that it does wrong.

Each case draws the smallest pictures that need its step and, as far as there are such, only steps of cases before it: a decoder
with one step wrong fails the first case that shows it, and what rests on that one is blocked. Golden images of all sizes, in
:mod:`conformance.cases.display.client_images`, rest on all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from conformance.cases.display.drawing import base, box, copy
from conformance.cases.display.screen import RESTS, scene
from spiceproto.enums.display import AlphaFlags
from spiceproto.messages import display
from spiceproto.messages.draw import AlphaBlend
from spiceproto.messages.image import Image

__all__ = ["BLEND", "Steps", "beside", "blended"]

BLEND: Final = "SPICE-DISPLAY-053/pixels-with-alpha"
"""On what pictures rest whose alpha is looked at."""

_Function = TypeVar("_Function", bound=Callable[..., Any])


class Steps:
    """The cases about one codec, in their order; they rest on those of others that are given first.

    ``ids``  of all so far
    """

    def __init__(self, before: Iterable[str] = ()) -> None:
        self._before = tuple(before)
        self._own: list[str] = []

    @property
    def ids(self) -> tuple[str, ...]:
        return (*self._before, *self._own)

    def add(self, id: str) -> None:
        """A case that was declared in another way is the next."""
        self._own.append(id)

    def __call__(self, id: str, *rests: str, **options: Any) -> Callable[[_Function], _Function]:
        """A scene that rests on all steps before it."""
        found = scene(id, rests=(*RESTS, *rests, *self.ids), **options)
        self.add(id)
        return found


def beside(*images: Image, top: int = 3) -> list[Any]:
    """Small images side by side."""
    found, left = [], 2
    for image in images:
        width, height = image.descriptor.width, image.descriptor.height
        found.append(copy(image, (left, top, left + width, top + height)))
        left += width + 1
    return found


def blended(image: Image, x: int = 5, y: int = 32) -> Any:
    """An image blended over what is there."""
    width, height = image.descriptor.width, image.descriptor.height
    data = AlphaBlend(alpha_flags=AlphaFlags(0), alpha=255, src_bitmap=image, src_area=box(0, 0, width, height))
    return display.DrawAlphaBlend(base((x, y, x + width, y + height)), data)
