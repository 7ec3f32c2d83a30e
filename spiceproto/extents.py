"""How large the things of one display channel are, and whether what lies inside others does.

Lives of surfaces are a table (:mod:`spiceproto.rules.display`); here are the numbers that no table compares: the number
of a surface with its flag, and the heads of a screen with the surfaces that they show. What is not known, because a
channel is joined midway or something was missed, is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from spiceproto.enums.display import SurfaceFlags
from spiceproto.finding import Finding

__all__ = ["REQUIREMENTS", "Extents"]

_NUMBER: Final = "SPICE-DISPLAY-006"
_PLACE: Final = "SPICE-STREAM-029"
_EMPTY, _OFF, _INSIDE, _TWICE = "SPICE-MONITOR-003", "SPICE-MONITOR-004", "SPICE-MONITOR-005", "SPICE-MONITOR-006"

REQUIREMENTS: Final = {
    _NUMBER: "compares two fields of one message",
    _PLACE: "compares the fields of one message with those of another",
    _EMPTY: "is about a list without items",
    _OFF: "compares fields with each other",
    _INSIDE: "compares the fields of one message with those of another",
    _TWICE: "compares the items of a list",
}
"""Sentences that are judged here, and why no machine can."""

_SURFACES: Final = 1 << 14
"""Sizes that are remembered; the reference server has 10000 surfaces."""


class Extents:
    """``sizes`` of the surfaces that are known, by number: width and height."""

    __slots__ = ("channel", "sizes")

    def __init__(self, channel: tuple[int, int]) -> None:
        self.channel = channel
        self.sizes: dict[int, tuple[int, int]] = {}

    def judge(self, sender: str, name: str, value: Any, now: float) -> Iterable[Finding]:
        """A message of the channel."""
        look = _LOOKS.get((sender, name))
        return () if look is None or value is None else look(self, name, value, now)

    def forget(self, sender: str) -> None:
        """Something was missed; the client says nothing of sizes."""
        if sender == "server":
            self.sizes.clear()

    def _created(self, name: str, value: Any, now: float) -> Iterator[Finding]:
        self.sizes.pop(value.surface_id, None)
        if value.width and value.height and len(self.sizes) < _SURFACES:
            self.sizes[value.surface_id] = (value.width, value.height)
        primary = bool(int(value.flags) & SurfaceFlags.PRIMARY)
        if primary != (value.surface_id == 0):
            text = f"{name} of a surface {'with' if primary else 'without'} the flag PRIMARY"
            yield self._finding(_NUMBER, text, "surface 0" if primary else "another surface", str(value.surface_id), now)

    def _ended(self, name: str, value: Any, now: float) -> Iterator[Finding]:
        self.sizes.pop(value.surface_id, None)
        yield from ()

    def _mode(self, name: str, value: Any, now: float) -> Iterator[Finding]:
        self.sizes[0] = (value.x_res, value.y_res)
        yield from ()

    def _heads(self, name: str, value: Any, now: float) -> Iterator[Finding]:
        if not value.heads:
            yield self._finding(_EMPTY, f"{name} without heads", "at least one", "0", now, tolerated=True)
        seen = set[int]()
        for place, head in enumerate(value.heads):
            path = f"{name} has heads[{place}]"
            if head.monitor_id in seen:
                yield self._finding(_TWICE, f"{path} with the number of an earlier one", "", str(head.monitor_id), now)
            seen.add(head.monitor_id)
            size = f"{head.width} x {head.height}"
            if not head.width or not head.height:
                yield self._finding(_OFF, f"{path} without pixels", "a width and a height", size, now, tolerated=True)
            elif head.surface_id in self.sizes:
                width, height = self.sizes[head.surface_id]
                if head.x + head.width > width or head.y + head.height > height:
                    text, found = f"{path} that is not inside surface {head.surface_id}", f"{size} at {head.x}, {head.y}"
                    yield self._finding(_INSIDE, text, f"inside {width} x {height}", found, now)

    def _stream(self, name: str, value: Any, now: float) -> Iterator[Finding]:
        size, dest = self.sizes.get(value.surface_id), value.dest
        if size is None:
            return
        inside = 0 <= dest.left < dest.right <= size[0] and 0 <= dest.top < dest.bottom <= size[1]
        if not inside:
            text, found = (
                f"{name} with a place that is not on its surface",
                f"{dest.left}, {dest.top} to {dest.right}, {dest.bottom}",
            )
            yield self._finding(_PLACE, text, f"pixels of {size[0]} x {size[1]}", found, now)

    def _finding(
        self, requirement: str, text: str, expected: str, actual: str, now: float, *, tolerated: bool = False
    ) -> Finding:
        return Finding(requirement, "server", self.channel, text, expected, actual, now, tolerated)


_LOOKS: Final[Mapping[tuple[str, str], Callable[[Extents, str, Any, float], Iterator[Finding]]]] = {
    ("server", "SURFACE_CREATE"): Extents._created,
    ("server", "SURFACE_DESTROY"): Extents._ended,
    ("server", "MODE"): Extents._mode,
    ("server", "MONITORS_CONFIG"): Extents._heads,
    ("server", "STREAM_CREATE"): Extents._stream,
}
