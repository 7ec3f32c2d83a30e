"""The pointing device: a mouse that is moved, or a tablet that is pointed at."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from reference_server.watched import Watched
from spiceproto.enums.inputs import MouseButton

__all__ = ["Button", "Motion", "Pointer", "PointerChanged", "PointerKind", "Position", "Wheel"]

PointerKind = Literal["relative", "absolute"]


class PointerChanged(msgspec.Struct, frozen=True):
    """The guest listens to another kind of device."""

    kind: PointerKind


class Motion(msgspec.Struct, frozen=True, tag="motion", tag_field="input"):
    """The mouse was moved; ``buttons`` is a mask of those that are down."""

    dx: int
    dy: int
    buttons: int


class Position(msgspec.Struct, frozen=True, tag="position", tag_field="input"):
    """The pointer is somewhere else."""

    x: int
    y: int
    display: int
    buttons: int


class Button(msgspec.Struct, frozen=True, tag="button", tag_field="input"):
    """A button went down or up; "down" of one that is down already repeats it."""

    button: MouseButton | int
    down: bool


class Wheel(msgspec.Struct, frozen=True, tag="wheel", tag_field="input"):
    """The wheel was turned, towards the user if ``steps`` is positive."""

    steps: int


class Pointer(Watched):
    """``kind`` is what the guest listens to. Tells :class:`PointerChanged`, and what a client does with it."""

    def __init__(self, kind: PointerKind = "relative") -> None:
        super().__init__()
        self.kind: PointerKind = kind

    def motion(self, dx: int, dy: int, buttons: int) -> None:
        """Move it by so much."""
        if self.listeners(Motion):
            self.tell(Motion(dx, dy, buttons))

    def position(self, x: int, y: int, display: int, buttons: int) -> None:
        """Move it there."""
        if self.listeners(Position):
            self.tell(Position(x=x, y=y, display=display, buttons=buttons))

    def button(self, button: int, down: bool) -> None:
        """Press or release a button."""
        self.tell(Button(button, down))

    def wheel(self, steps: int) -> None:
        """Turn the wheel."""
        self.tell(Wheel(steps))

    def set_kind(self, kind: PointerKind) -> None:
        """Listen to another kind of device. Raises ValueError for one that is none."""
        if kind not in get_args(PointerKind):
            raise ValueError(f"a pointer is relative or absolute, not {kind!r}")
        if kind != self.kind:
            self.kind = kind
            self.tell(PointerChanged(kind))
