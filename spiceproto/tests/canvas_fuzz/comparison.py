"""One scene on both canvases: what they show after each message, and the first difference.

After each message ours takes over what the other shows, so that a difference is that of one command, and what is excused
(:mod:`spiceproto.tests.canvas_fuzz.exceptions`) makes no other difference two commands later.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto import dispatch
from spiceproto.canvas.display import Display
from spiceproto.enums.display import SurfaceFlags
from spiceproto.messages import display as messages
from spiceproto.tests.canvas_fuzz.commands import Scene, Start, Step
from spiceproto.tests.canvas_fuzz.exceptions import EXCEPTIONS, Pictures
from spiceproto.tests.canvas_fuzz.peer import Peer, PeerEnded

__all__ = ["Difference", "What", "compare", "created", "ours", "unexcused"]


class What(StrEnum):
    """In what two canvases differ."""

    PIXELS = "other pixels"
    MEMORY = "the peer shows memory that nobody wrote"
    PEER_ENDED = "peer process ended"
    PEER_REFUSED = "the peer refuses the message"
    NOT_DRAWN = "not drawn here"


class Difference(NamedTuple):
    """After which message of a scene they differ, and in what; of pixels, on which surface, what the peer shows, and where."""

    what: What
    number: int
    step: Step
    text: str = ""
    surface: Start | None = None
    ours: NDArray[Any] | None = None
    theirs: NDArray[Any] | None = None
    places: NDArray[np.bool_] | None = None

    @property
    def kind(self) -> tuple[str, ...]:
        """What two differences have in common that are likely to be one."""
        command = type(self.step.value).__name__
        if self.surface is None:
            return self.what, command, self.text
        return self.what, command, self.surface.format.name


def created(start: Start) -> messages.SurfaceCreate:
    """The message that makes a surface; the first one is shown."""
    flags = SurfaceFlags.PRIMARY if start.id == 0 else SurfaceFlags(0)
    return messages.SurfaceCreate(surface_id=start.id, width=start.width, height=start.height, format=start.format, flags=flags)


def ours(starts: tuple[Start, ...]) -> Display:
    """Our canvas with these surfaces."""
    display = Display()
    for start in starts:
        display.draw(created(start))
        display.surfaces[start.id].pixels[...] = start.pixels
    return display


def unexcused(value: Any, shown: Pictures, excused: Counter[str]) -> NDArray[np.bool_]:
    """Where two pictures differ after a command; the excuses that were needed are counted."""
    differ: NDArray[np.bool_] = shown.ours != shown.theirs
    for excuse in EXCEPTIONS:
        if isinstance(value, excuse.commands) and differ.any():
            places = excuse.places(value, shown) & differ
            if places.any():
                excused[excuse.name] += 1
                differ &= ~places
    return differ


def compare(scene: Scene, peer: Peer, excused: Counter[str] | None = None) -> Difference | None:
    """Draw a scene on both, up to the first difference. Excuses that were needed are counted in ``excused``."""
    excused = Counter() if excused is None else excused
    display = ours(scene.starts)
    number, step = -1, Step(None, 0, b"")
    try:
        peer.reset()
        for start in scene.starts:
            peer.message(*dispatch.build("display", "server", created(start)))
            peer.write(start.id, start.pixels, start.format)
        with closing(peer.drawn([step[1:] for step in scene.steps], [start[:4] for start in scene.starts])) as answers:
            for number, step in enumerate(scene.steps):
                before = display.problem_count
                status, pictures = next(answers)
                if status:
                    return Difference(What.PEER_REFUSED, number, step, f"status {status}")
                display.draw(dispatch.parse("display", "server", step.type, step.body))
                if display.problem_count > before:
                    return Difference(What.NOT_DRAWN, number, step, str(display.problems[-1]))
                for start, theirs in zip(scene.starts, pictures, strict=True):
                    shown = display.surfaces[start.id].pixels
                    if np.array_equal(shown, theirs):
                        continue
                    places = unexcused(step.value, Pictures(start.id, start.format, shown, theirs), excused)
                    if places.any():
                        return Difference(What.PIXELS, number, step, "", start, shown.copy(), theirs, places)
                    shown[...] = theirs
    except PeerEnded as ended:
        return Difference(What.PEER_ENDED, number, step, str(ended))
    return None
