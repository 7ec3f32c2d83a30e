"""Messages of a display, drawn: what cannot be drawn becomes a problem, and nothing is raised."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from fuzz_targets.parts import joined, parts
from fuzz_targets.target import Target, holds
from spiceproto import dispatch
from spiceproto.canvas.display import Display
from spiceproto.enums.display import SurfaceFlags
from spiceproto.errors import RemoteError
from spiceproto.messages.display import SurfaceCreate
from spiceproto.tests.canvas_fuzz.choices import Choices
from spiceproto.tests.canvas_fuzz.commands import scene

__all__ = ["TARGETS"]

_MOST: Final = 1 << 16
"""Pixels of surfaces that are made."""

_MESSAGES: Final = 32
"""That are drawn of one input."""

_SCENES: Final = 60


def once(data: bytes) -> None:
    """Parts are messages, each behind its number in two bytes."""
    display = Display()
    for _, part in zip(range(_MESSAGES), parts(data), strict=False):
        row = dispatch.row("display", "server", int.from_bytes(part[:2], "little"))
        if row is None:
            continue
        try:
            value = row.parse(part[2:])
        except RemoteError:
            continue
        if isinstance(value, SurfaceCreate) and value.width * value.height > _MOST:
            continue
        display.draw(value)
    picture = display.picture()
    holds("another form of picture", picture.ndim == 3 and picture.shape[2] == 3, picture.shape)


def _part(value: Any) -> bytes:
    number, body = dispatch.build("display", "server", value)
    return number.to_bytes(2, "little") + body


def seeds() -> Iterator[bytes]:
    """Small scenes: surfaces, and every kind of draw command."""
    for seed in range(_SCENES):
        made = scene(Choices(Random(seed)))
        flags = [SurfaceFlags.PRIMARY, *[SurfaceFlags(0)] * len(made.starts)]
        starts = [
            SurfaceCreate(start.id, start.width, start.height, start.format, flag)
            for start, flag in zip(made.starts, flags, strict=False)
        ]
        yield joined([_part(value) for value in [*starts, *[step.value for step in made.steps]]])


TARGETS: Final = [Target("drawing", "nothing is raised; what cannot be drawn is a problem", once, seeds)]
