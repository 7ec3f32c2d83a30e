"""Rectangles on a surface: what two have in common, and what is left of some without another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from spiceproto.enums.display import ClipType
from spiceproto.messages.draw import Clip, ClipRects
from spiceproto.messages.geometry import Rect

__all__ = ["around", "clip_of", "common", "size_of", "without"]


def size_of(box: Rect) -> tuple[int, int]:
    """Width and height."""
    return box.right - box.left, box.bottom - box.top


def common(one: Rect, other: Rect) -> Rect | None:
    """What is in both; None for nothing."""
    found = Rect(
        top=max(one.top, other.top),
        left=max(one.left, other.left),
        bottom=min(one.bottom, other.bottom),
        right=min(one.right, other.right),
    )
    return found if found.top < found.bottom and found.left < found.right else None


def around(one: Rect, other: Rect) -> Rect:
    """The least rectangle in which both are."""
    return Rect(
        top=min(one.top, other.top),
        left=min(one.left, other.left),
        bottom=max(one.bottom, other.bottom),
        right=max(one.right, other.right),
    )


def without(boxes: Iterable[Rect], gone: Rect) -> tuple[Rect, ...]:
    """What is left of ``boxes``, which do not overlap: rows above and below what is gone, then what is beside it."""
    left: list[Rect] = []
    for box in boxes:
        hole = common(box, gone)
        if hole is None:
            left.append(box)
            continue
        parts = (
            Rect(top=box.top, left=box.left, bottom=hole.top, right=box.right),
            Rect(top=hole.bottom, left=box.left, bottom=box.bottom, right=box.right),
            Rect(top=hole.top, left=box.left, bottom=hole.bottom, right=hole.left),
            Rect(top=hole.top, left=hole.right, bottom=hole.bottom, right=box.right),
        )
        left += [part for part in parts if part.top < part.bottom and part.left < part.right]
    return tuple(left)


def clip_of(boxes: Sequence[Rect] | None) -> Clip:
    """A clip to these rectangles; None for no clip."""
    return Clip(ClipType.NONE) if boxes is None else Clip(ClipType.RECTS, ClipRects(tuple(boxes)))
