"""Who waits for whom: WAIT_FOR_CHANNELS between the lines of a session (spec/02-framing.md).

A line that waits handles nothing until other channels have handled certain messages, by their numbers (SPICE-FRAME-034). It
does not wait for a channel that is not there (SPICE-FRAME-035), nor for itself. Display channels wait for images of each other,
too: that is :mod:`reference_client.channels.drawing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from reference_client.line import Line

__all__ = ["Waiting"]


class Waiting:
    """Lets lines that wait go on. ``lines`` are those of the session, by type and id of their channels."""

    def __init__(self, lines: Mapping[tuple[int, int], Line]) -> None:
        self.lines = lines

    def proceed(self, now: float) -> None:
        """Lines that wait go on, until nothing moves any more."""
        moved = True
        while moved:
            moved = False
            for line in [line for line in self.lines.values() if line.paused]:
                moved = line.proceed(partial(self.handled, line), now) or moved

    def handled(self, waiting: Line, channel_type: int, channel_id: int) -> int | None:
        """Serial of the last message that a channel handled, 0 before the first; None for a channel that is not there."""
        line = self.lines.get((int(channel_type), channel_id))
        if line is None or line is waiting or line.state == "closed":
            return None
        return line.handled_serial
